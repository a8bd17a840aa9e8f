"""Molecules as rings, functional groups and alkyl groups, by what a medicinal chemist would call them."""

import pytest
from rdkit import Chem

from molgen.chem.decomposition import take_apart
from tests.conftest import ASPIRIN, CAFFEINE

IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"


def names(smiles: str) -> list[str]:
    cut = take_apart(Chem.MolFromSmiles(smiles))
    return [cut.smiles(i) for i in range(len(cut.parts))]


@pytest.mark.parametrize(
    ("smiles", "core", "others"),
    [
        (ASPIRIN, "*c1ccccc1*", ["*C(=O)O", "*OC(C)=O"]),
        (CAFFEINE, "*n1c(=O)c2c(ncn2*)n(*)c1=O", ["*C", "*C", "*C"]),  # carbonyls of a ring belong to it
        ("COc1ccc(C(F)(F)F)cc1", "*c1ccc(*)cc1", ["*C(F)(F)F", "*OC"]),
        ("CCN(CC)CCNC(=O)c1ccc(N)cc1", "*c1ccc(*)cc1", ["*CC*", "*N", "*N(CC)CC", "*NC(*)=O"]),
        ("NS(=O)(=O)c1ccc([N+](=O)[O-])cc1", "*c1ccc(*)cc1", ["*S(N)(=O)=O", "*[N+](=O)[O-]"]),
        ("CC(C)(C)OC(=O)N1CCC(O)CC1", "*C1CCN(*)CC1", ["*C(=O)OC(C)(C)C", "*O"]),
        ("C1CC12CCN(CC2)C#N", "*N1CCC2(CC1)CC2", ["*C#N"]),  # spiro rings are one system
        ("CCO", "*CC", ["*O"]),
        ("c1ccccc1", "c1ccccc1", []),
        ("C", "C", []),
        ("CCO.c1ccccc1", "c1ccccc1", ["*CC", "*O"]),
    ],
)
def test_the_parts_are_rings_functional_groups_and_alkyl_groups(smiles: str, core: str, others: list[str]) -> None:
    found = names(smiles)
    assert found[0] == core
    assert sorted(found[1:]) == others


def test_every_atom_is_in_one_part_and_parents_come_first(samples: list[str]) -> None:
    for smiles in [*samples[:100], IMATINIB]:
        mol = Chem.MolFromSmiles(smiles)
        cut = take_apart(mol)
        assert sorted(atom for part in cut.parts for atom in part) == list(range(mol.GetNumAtoms()))
        assert cut.parents[0] == -1
        assert all(0 <= parent < i for i, parent in enumerate(cut.parents) if i)
        assert cut.grown(range(len(cut.parts))) == Chem.MolToSmiles(mol)


def test_growth_puts_hydrogens_where_parts_are_missing() -> None:
    cut = take_apart(Chem.MolFromSmiles(ASPIRIN))
    phenyl, acetate, acid = 0, 1, 2
    assert cut.grown([phenyl]) == "c1ccccc1"
    assert cut.grown([phenyl, acid]) == "O=C(O)c1ccccc1"
    assert cut.grown([phenyl, acetate]) == "CC(=O)Oc1ccccc1"
    caffeine = take_apart(Chem.MolFromSmiles(CAFFEINE))
    assert caffeine.grown([0]) == Chem.CanonSmiles("O=c1[nH]c(=O)c2[nH]cnc2[nH]1")  # xanthine
    assert take_apart(Chem.MolFromSmiles("C[n+]1ccccc1")).grown([0]) == "c1ccncc1"  # not the pyridinium
    alanine = take_apart(Chem.MolFromSmiles("N[C@@H](Cc1ccccc1)C(=O)O"))
    without_acid = next(i for i in range(len(alanine.parts)) if alanine.smiles(i) == "*C(=O)O")
    assert alanine.grown([i for i in range(len(alanine.parts)) if i != without_acid]) == "NCCc1ccccc1"  # no stereocentre is left


def test_the_order_of_the_atoms_does_not_matter(samples: list[str]) -> None:
    for smiles in [IMATINIB, *samples[:40]]:
        mol = Chem.MolFromSmiles(smiles)
        turned = Chem.RenumberAtoms(mol, list(range(mol.GetNumAtoms()))[::-1])
        one, other = take_apart(mol), take_apart(turned)
        assert one.smiles(0) == other.smiles(0)
        assert sorted(map(one.smiles, range(len(one.parts)))) == sorted(map(other.smiles, range(len(other.parts))))


def test_seeds_make_the_core_with_what_lies_between_them() -> None:
    mol = Chem.MolFromSmiles("NCCc1ccccc1F")
    cut = take_apart(mol, [0, 3])
    assert set(cut.parts[0]) == set(range(9))
    assert cut.smiles(1) == "*F"
