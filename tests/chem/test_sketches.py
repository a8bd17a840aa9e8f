"""Molecules and substructures as drawings and back."""

import re

import pytest
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.chem.query_sketches import query_sketch_of, smarts_of_sketch
from molgen.chem.sketches import sketch_of, smiles_of_sketch
from molgen.chem.smarts import pattern
from molgen.chem.standardize import AS_GIVEN
from molgen.errors import DataError, MolgenError

ESCITALOPRAM = "CN(C)CCC[C@]1(c2ccc(F)cc2)OCc2cc(C#N)ccc21"
KEPT = [
    ESCITALOPRAM,
    "C/C=C(/C(=C/C)c1ccc(O)cc1)c1ccc(O)cc1",
    "C[N+](C)(C)C[C@H](O)CC(=O)[O-]",
    "[13CH3]C([2H])N",
    "C[CH2].[Na+].[Cl-]",
    "*CC[*:2]",
    "C[C@H](N)C(=O)O |&1:1|",
    "C[C@H](F)[C@@H](C)Cl |o1:1,3|",
    "O=c1cccc[nH]1",
    "CO[C@H]1O[C@@H]2O[C@@]3(C)CC[C@H]4[C@H](C)CC[C@@H]([C@H]1C)[C@@]24OO3",  # artemether: one layout hides a stereocentre
]


@pytest.mark.parametrize("smiles", KEPT)
def test_a_drawing_holds_all_of_a_molecule(smiles: str) -> None:
    assert smiles_of_sketch(sketch_of(smiles)) == Molecules([smiles], AS_GIVEN).canonical[0]


def test_what_is_no_molecule_is_refused() -> None:
    for text in ("C(", "", "CN(C)(C)(C)C"):
        with pytest.raises(DataError):
            sketch_of(text)
    with pytest.raises(DataError, match="can't be read"):
        smiles_of_sketch("not a molfile")
    five = sketch_of("CC").replace("M  V30 1 C ", "M  V30 1 F ").replace("M  V30 1 1 1 2", "M  V30 1 2 1 2")
    for read in (smiles_of_sketch, smarts_of_sketch):
        with pytest.raises(DataError, match=r"an atom \(F\) has more bonds than it can have"):
            read(five)
    with pytest.raises(DataError, match="one of several"):
        smiles_of_sketch(query_sketch_of("[F,Cl]c1ccccc1")[0])
    chain = Chem.MolFromSmiles("C" * 1000)
    chain.AddConformer(Chem.Conformer(1000))
    with pytest.raises(DataError, match="999 atoms"):
        smiles_of_sketch(Chem.MolToV3KMolBlock(chain))


def test_nothing_drawn_is_no_text() -> None:
    empty = Chem.MolToV3KMolBlock(Chem.Mol())
    assert smiles_of_sketch(empty) == smarts_of_sketch(empty) == ""


@pytest.mark.parametrize(
    ("smarts", "drawn"),
    [
        ("[#6](=[#8])-[#7]", "[#6](=[#8])-[#7]"),
        ("[F,Cl]-c1:c:c:c:c:c:1", "[#9,#17]-c1:c:c:c:c:c:1"),
        ("[#7+](=[#8])-[#8-]", "[#7&+](=[#8])-[#8&-]"),
        ("[!#6]~[!#1]", "[!#6]~[!#1]"),
        ("c1ccnc1", "c1:c:c:n:c:1"),
        ("[#6]-&!@[#6]-,=[Br]", "[#6]-&!@[#6]-,=Br"),
        ("[2H]-[13#6]", "[#1&2*]-[#6&13*]"),
    ],
)
def test_a_substructure_that_can_be_drawn_is_what_it_was(smarts: str, drawn: str) -> None:
    molfile, lost = query_sketch_of(smarts)
    assert lost == []
    assert smarts_of_sketch(molfile) == drawn
    assert smarts_of_sketch(query_sketch_of(drawn)[0]) == drawn


@pytest.mark.parametrize(
    ("smarts", "lost"),
    [
        ("[CX4][$(CC)]", ["[CX4]", "[$(CC)]"]),
        ("C(=O)[#7]", ["C", "O"]),
        ("[#9]/[#6]=[#6]/[#9]", ["/"]),
        ("[nH]1cccc1", ["[nH1]"]),
        ("[C@](F)(Cl)(Br)I", ["C", "the stereo of C"]),
        ("[#6;R]@[#6]", ["[#6R]"]),
        ("c-[#8]", ["c"]),
    ],
)
def test_what_a_drawing_cannot_say_is_named(smarts: str, lost: list[str]) -> None:
    assert query_sketch_of(smarts)[1] == lost


def test_what_is_no_smarts_is_not_drawn() -> None:
    for text in ("C(", "[C,", "(C.C)"):
        with pytest.raises(MolgenError):
            query_sketch_of(text)


def matched(molfile: str, *smiles: str) -> list[bool]:
    """Which molecules have what is drawn."""
    asked = pattern(smarts_of_sketch(molfile))
    return [asked(Chem.MolFromSmiles(each)) for each in smiles]


def test_what_is_drawn_may_have_more_neighbours_and_be_aromatic() -> None:
    assert matched(sketch_of("CC"), "Cc1ccccc1", "C", "CC(C)(C)C") == [True, False, True]
    assert matched(sketch_of("c1cc[nH]c1"), "Cn1cccc1", "C1CCNC1", "c1ccc2[nH]ccc2c1") == [True, False, True]
    assert matched(sketch_of("C[N+](=O)[O-]"), "O=[N+]([O-])c1ccccc1", "CN") == [True, False]


def test_a_wedge_counts_and_the_shape_of_a_double_bond_does_not() -> None:
    assert matched(sketch_of(ESCITALOPRAM), ESCITALOPRAM, ESCITALOPRAM.replace("@", "@@")) == [True, False]
    alanine = sketch_of("C[C@H](N)C(=O)O")
    assert matched(alanine, "C[C@H](NC)C(=O)OC", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O") == [True, False, False]
    assert matched(sketch_of("F/C=C/F"), "F/C=C/F", "F/C=C\\F") == [True, True]


def conditions(atom: str) -> str:
    """An ethane whose first atom has what the editor writes of conditions."""
    return re.sub(r"(M  V30 1 C .*)", rf"\1 {atom}", sketch_of("CC"))


def test_hydrogens_are_asked_for_and_other_conditions_are_refused() -> None:
    assert matched(conditions("HCOUNT=2"), "CC(C)(C)C", "CC", "C1CC1") == [True, True, True]
    assert matched(conditions("HCOUNT=2"), "Cc1ccccc1", "c1ccccc1") == [True, False]
    assert matched(conditions("HCOUNT=-1"), "CC", "CC(C)(C)C") == [False, True]
    for other in ("SUBST=-1", "RBCNT=2"):
        with pytest.raises(DataError, match="isn't understood"):
            smarts_of_sketch(conditions(other))
