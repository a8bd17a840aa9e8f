"""Parents, neutral forms and identities against what a chemist says of drugs and their salts."""

import csv
import itertools
import pickle
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import QED, Descriptors

from molgen.chem.changes import summary
from molgen.chem.molecules import Molecules
from molgen.chem.salt_formers import ACIDS, BASES, DRUGS, SOLVENTS
from molgen.chem.standardize import AS_GIVEN, STANDARD, Standardizer, canonical, identity
from molgen.errors import ConfigError
from tests.conftest import ASPIRIN, CAFFEINE

CASES = Path(__file__).parents[1] / "cases"
UNUSUAL = (Path(__file__).parents[1] / "unusual.smi").read_text().split()
PAMOIC = "OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O"
CITRIC = "OC(=O)CC(O)(CC(O)=O)C(O)=O"
DIPHENHYDRAMINE = "CN(C)CCOC(c1ccccc1)c1ccccc1"
OMEPRAZOLE = "COc1ccc2[nH]c([S@](=O)Cc3ncc(C)c(OC)c3C)nc2c1"


def form(smiles: str, standardizer: Standardizer = STANDARD) -> str | None:
    return Molecules([smiles], standardizer).canonical[0]


def changes(smiles: str, standardizer: Standardizer = STANDARD) -> tuple[str, ...]:
    return Molecules([smiles], standardizer).changes[0]


def same(smiles: str) -> str:
    return canonical(Chem.MolFromSmiles(smiles))


PARENTS = {
    # the parent is smaller than what it is a salt with
    f"CN1CCCN=C1/C=C/c1cccs1.{PAMOIC}": "CN1CCCN=C1/C=C/c1cccs1",
    f"CN(C)C(=N)NC(=N)N.CN(C)C(=N)NC(=N)N.{PAMOIC}": "CN(C)C(=N)NC(=N)N",
    "CC(N)Cc1ccccc1.CC(N)Cc1ccccc1.OS(O)(=O)=O": "CC(N)Cc1ccccc1",
    "CNC(C)CCC=C(C)C.OC(=O)C(O)C(O)C(O)C(O)C(=O)O": "CNC(C)CCC=C(C)C",
    "C1N2CN3CN1CN(C2)C3.O=C(O)CNC(=O)c1ccccc1": "C1N2CN3CN1CN(C2)C3",
    "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1.O=C(O)c1ccc2ccccc2c1O": "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1",
    "CN(C)CCc1c[nH]c2ccccc12.O=S(=O)(O)c1cccc2c(S(=O)(=O)O)cccc12": "CN(C)CCc1c[nH]c2ccccc12",
    "CNCC=C.CCCCCCCCCCCCCCCCCC(=O)O.O": "CNCC=C",
    # of salt formers only
    "[Na+].[O-]C(=O)c1ccccc1": "OC(=O)c1ccccc1",
    "[Na]OC(=O)c1ccccc1": "OC(=O)c1ccccc1",
    "O=C(O[Na])c1ccccc1.O": "OC(=O)c1ccccc1",
    "[Na].OC(=O)c1ccccc1": "OC(=O)c1ccccc1",
    "O=C(O[Ca]OC(=O)c1ccccc1)c1ccccc1": "OC(=O)c1ccccc1",
    "[Ca+2].[O-]C(=O)c1ccccc1.[O-]C(=O)c1ccccc1.O.O.O": "OC(=O)c1ccccc1",
    "[Na+].[Na+].[Na+].[O-]C(=O)CC(O)(CC([O-])=O)C([O-])=O": CITRIC,
    f"C1CNCCN1.{CITRIC}": "C1CNCCN1",
    "C[N+](C)(C)CCO.[O-]C(=O)c1ccccc1O": "OC(=O)c1ccccc1O",
    "C[N+](C)(C)CCO.O=C(O)C(O)C(O)C(=O)[O-]": "C[N+](C)(C)CCO",
    "NCCCC[C@H](N)C(=O)O.CC(=O)O": "NCCCC[C@H](N)C(=O)O",
    # bases and metals beside acids
    "CC(C(=O)[O-])c1ccc(CC(C)C)cc1.NC(CO)(CO)CO": "CC(C(=O)O)c1ccc(CC(C)C)cc1",
    "CC(=O)Oc1ccccc1C(=O)[O-].NCCCC[C@H]([NH3+])C(=O)O": "CC(=O)Oc1ccccc1C(=O)O",
    "OC(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl.OCCN1CCCC1": "OC(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl",
    "O=C([O-])Cc1ccccc1Nc1c(Cl)cccc1Cl.[K+]": "OC(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl",
    "CC[N-]S(=O)(=O)c1ccccc1.[K+]": "CCNS(=O)(=O)c1ccccc1",
    "[K]Oc1ccccc1C": "Oc1ccccc1C",
    "O=[N+]([O-])[O-].[Ag+].Nc1ccncn1": "Nc1ccncn1",
    # solvents
    "O=C1CCCN1c1ccccn1.CS(C)=O.CCO.O": "O=C1CCCN1c1ccccn1",
    "COc1ccccc1OCC(O)CO.OCC(C)O": "COc1ccccc1OCC(O)CO",
    "NC(=O)c1ccc(F)cc1.O=C(O)C(F)(F)F.ClCCl": "NC(=O)c1ccc(F)cc1",
    # sodium salts as PubChem draws them
    "O=C1N=C([O-])C(c2ccccc2)(c2ccccc2)N1.[Na+]": "O=C1NC(=O)C(c2ccccc2)(c2ccccc2)N1",  # phenytoin
    "CCCC(C)C1(CC)C(=O)NC([S-])=NC1=O.[Na+]": "CCCC(C)C1(CC)C(=O)NC(=S)NC1=O",  # thiopental
    "CC([O-])=NS(=O)(=O)c1ccc(N)cc1.[Na+].O": "CC(=O)NS(=O)(=O)c1ccc(N)cc1",  # sulfacetamide
    # enolates and nitronates
    "CCCCC1=C([O-])N(c2ccccc2)N(c2ccccc2)C1=O.[Na+]": "CCCCC1C(=O)N(c2ccccc2)N(c2ccccc2)C1=O",  # phenylbutazone
    "CCCC[C-]1C(=O)N(c2ccccc2)N(c2ccccc2)C1=O.[Na+]": "CCCCC1C(=O)N(c2ccccc2)N(c2ccccc2)C1=O",
    "O=C1C(c2ccccc2)=C([O-])c2ccccc21.[Na+]": "O=C1C(c2ccccc2)C(=O)c2ccccc21",  # phenindione
    "CC(=O)CC(c1ccccc1)c1c([O-])c2ccccc2oc1=O.[Na+]": "CC(=O)CC(c1ccccc1)c1c(O)c2ccccc2oc1=O",  # warfarin
    "CC(=O)[CH-]C(C)=O.[Na+]": "CC(=O)CC(C)=O",
    "C=[N+]([O-])[O-].[Na+]": "C[N+](=O)[O-]",
    "[CH2-][N+](=O)[O-].[Na+]": "C[N+](=O)[O-]",
    # ions of one atom stay together, without their water and acid; a salt of several atoms doesn't
    "[Mg+2].[Cl-].[Cl-].O.O.O.O.O.O": "[Mg+2].[Cl-].[Cl-]",
    "[Zn+2].[Cl-].[Cl-].Cl": "[Zn+2].[Cl-].[Cl-]",
    "O.Cl": "Cl",
    "[Na+].[Cl-]": "[Na+].[Cl-]",
    "[Na]Cl": "[Na+].[Cl-]",
    "[Na+].[Na+].[O-]S(=O)(=O)[O-]": "OS(O)(=O)=O",
}


@pytest.mark.parametrize("drawn", PARENTS)
def test_the_parent_is_what_a_chemist_means(drawn: str) -> None:
    assert form(drawn) == same(PARENTS[drawn])


ACIDS_ADDED = [
    "Cl",
    "[Cl-]",
    "Br",
    "OS(O)(=O)=O",
    "CS(=O)(=O)O",
    "Cc1ccc(S(=O)(=O)O)cc1",
    "OC(=O)/C=C/C(=O)O",
    "OC(=O)/C=C\\C(=O)O",
]
ACIDS_ADDED += [
    "O[C@H](C(=O)O)[C@@H](O)C(=O)O",
    CITRIC,
    PAMOIC,
    "O=S(=O)(O)c1ccccc1",
    "O=[N+]([O-])O",
    "OC(=O)C(F)(F)F",
    "OP(O)(O)=O",
]


@pytest.mark.parametrize("acid", ACIDS_ADDED)
@pytest.mark.parametrize("drawn", [DIPHENHYDRAMINE, "C[NH+](C)CCOC(c1ccccc1)c1ccccc1"])
def test_a_base_its_ion_and_its_salts_are_one(drawn: str, acid: str) -> None:
    assert form(f"{drawn}.{acid}") == form(f"{acid}.O.{drawn}.{drawn}") == DIPHENHYDRAMINE


def test_all_drawings_of_diphenhydramine_are_one_drug() -> None:
    with (CASES / "files" / "salts.csv").open() as file:
        rows = {row["name"]: row["smiles"] for row in csv.DictReader(file)}
    names = ["diphenhydramine", "HCl", "ionised", "citrate", "named"]
    molecules = Molecules([rows[name] for name in names], STANDARD)
    assert set(molecules.canonical) == {DIPHENHYDRAMINE}
    assert [QED.qed(mol) for mol in molecules.mols] == pytest.approx([0.785] * 5, abs=5e-4)
    assert molecules.smiles == tuple(rows[name] for name in names)
    [refused] = Molecules([rows["dummy"]], STANDARD).problem
    assert refused is not None
    assert "dummies=cap" in refused
    assert form(rows["dummy"], Standardizer(dummies="cap")) == DIPHENHYDRAMINE
    assert form(rows["d3"]) == rows["d3"] != DIPHENHYDRAMINE
    assert form(rows["d3"], Standardizer(isotopes="drop")) == DIPHENHYDRAMINE


CHARGES = {
    "[NH3+]CC([O-])=O": "NCC(=O)O",
    "CC[NH+](CC)CCNC(=O)c1ccc(N)cc1": "CCN(CC)CCNC(=O)c1ccc(N)cc1",  # procainamide
    "NC(=[NH2+])c1ccccc1": "N=C(N)c1ccccc1",
    "c1ccc(-c2nn[n-]n2)cc1": "c1ccc(-c2nn[nH]n2)cc1",
    "O=C1[N-]S(=O)(=O)c2ccccc12": "O=C1NS(=O)(=O)c2ccccc12",
    "CC(C)[S-]": "CC(C)S",
    "C[N@@H+](CC)c1ccccc1": "CCN(C)c1ccccc1",
    "c1cc[nH+]cc1": "c1ccncc1",
    # charges that can't go
    "C[N+](C)(C)C": "C[N+](C)(C)C",
    "C[n+]1ccccc1/C=N/O": "C[n+]1ccccc1/C=N/O",
    "F[B-](F)(F)c1ccccc1": "F[B-](F)(F)c1ccccc1",
    # are balanced by an acid, however it was drawn
    "C[N+](C)(C)CC(=O)[O-]": "C[N+](C)(C)CC(=O)[O-]",
    "C[N+](C)(C)CC(=O)O.[Cl-]": "C[N+](C)(C)CC(=O)[O-]",
    "C[N+](C)(C)C[C@H](O)CC(=O)O": "C[N+](C)(C)C[C@H](O)CC(=O)[O-]",
    "[O-]C(=O)CC[N+](C)(C)CC(=O)O": "C[N+](C)(CCC(=O)[O-])CC(=O)O",
    "OC(=O)CC[N+](C)(C)CC(=O)[O-]": "C[N+](C)(CCC(=O)[O-])CC(=O)O",
    "C[N+](C)(C)CCOP(=O)(O)OCC(=O)[O-]": "C[N+](C)(C)CCOP(=O)([O-])OCC(=O)O",
    "O[n+]1ccccc1.[Cl-]": "[O-][n+]1ccccc1",
    "[O-]c1c[n+](-c2ccccc2)no1": "[O-]c1c[n+](-c2ccccc2)no1",  # a sydnone
    "[O-]c1ccc[n+](C)c1": "[O-]c1ccc[n+](C)c1",
    "C[n+]1ccccc1/C=N/[O-]": "C[n+]1ccccc1/C=N/O",  # pralidoxime
    "C[n+]1ccccc1CC[O-]": "C[n+]1ccccc1CCO",
    # a phenol is no such acid where the charge isn't conjugated with it
    "CC[N+](C)(C)c1cccc(O)c1": "CC[N+](C)(C)c1cccc(O)c1",  # edrophonium
    "CC[N+](C)(C)c1cccc([O-])c1": "CC[N+](C)(C)c1cccc(O)c1",
    # inorganic
    "[O-][N+](=O)[O-]": "O=[N+]([O-])O",
    "[N-]=[N+]=[N-].[Na+]": "[N-]=[N+]=N",
}


@pytest.mark.parametrize("drawn", CHARGES)
def test_charges_go_where_protons_made_them(drawn: str) -> None:
    assert form(drawn) == same(CHARGES[drawn])


DRAWINGS = [
    ["C[N+](=O)[O-]", "CN(=O)=O", "C[N+]([O-])=O"],
    ["CN=[N+]=[N-]", "C[N-][N+]#N", "CN=N#N"],
    ["[O-][n+]1ccccc1", "O=n1ccccc1", "O[n+]1ccccc1"],
    ["CS(C)=O", "C[S+](C)[O-]"],
    ["CS(C)(=O)=O", "C[S+2](C)([O-])[O-]"],
    [OMEPRAZOLE, "COc1ccc2[nH]c([S@+]([O-])Cc3ncc(C)c(OC)c3C)nc2c1"],
    ["CP(C)(C)=O", "C[P+](C)(C)[O-]"],
    ["C=P(C)(C)C", "[CH2-][P+](C)(C)C"],
    ["O=c1ccccn1C", "C[n+]1ccccc1[O-]"],
    ["CNC(N)=S", "CNC([S-])=[NH2+]"],
    ["CC(=O)N(C)C", "CC([O-])=[N+](C)C"],
    ["CO", "[CH3:7][OH:1]", "[H]OC([H])([H])[H]"],
    ["C1=CC=CN1", "c1cc[nH]c1"],
    ["CC(=O)NC", "CC(O)=NC", "C/C([O-])=N/C", "CC(=O)[N-]C"],
    ["CC(=O)NO", "CC(O)=NO", "CC([O-])=NO"],
    ["N=C(N)NCCC", "NC(N)=NCCC", "NC(=[NH2+])NCCC", "NC(N)=[NH+]CCC"],
    ["CN(C)C(=N)NC(=N)N", "CN(C)C(=N)N=C(N)N", "CN(C)C(N)=NC(=N)N", "CN(C)C(=[NH2+])NC(=N)N"],  # metformin
    ["N=C(N)NC(=O)c1nc(Cl)c(N)nc1N", "NC(N)=NC(=O)c1nc(Cl)c(N)nc1N"],  # amiloride
    ["CC(=N)NC", "CC(N)=NC", "CC(N)=[NH+]C"],
    ["CC(C)=NO", "CC(C)N=O"],
    ["NC(=NO)c1ccccc1", "NC(N=O)c1ccccc1"],
]


@pytest.mark.parametrize("drawings", DRAWINGS, ids=lambda drawings: drawings[0])
def test_one_group_is_drawn_in_one_way(drawings: list[str]) -> None:
    assert {form(text) for text in drawings} == {same(drawings[0])}


def test_the_hand_of_a_sulfoxide_outlasts_its_drawing() -> None:
    other = OMEPRAZOLE.replace("[S@]", "[S@@]")
    assert len({form(OMEPRAZOLE), form(other), form(OMEPRAZOLE.replace("[S@]", "S"))}) == 3


WHOLE = ["N[Pt](N)(Cl)Cl", "N.N.[Cl-].[Cl-].[Pt+2]", "[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1", "C[Sn](C)(C)C", "C[Mg]Br", "[Li]c1ccccc1"]


@pytest.mark.parametrize("drawn", WHOLE)
def test_complexes_stay_whole_and_it_is_said(drawn: str) -> None:
    assert form(drawn) == same(drawn)
    [remark] = changes(drawn)
    assert remark.startswith("kept: a compound of ")
    assert form(f"{drawn}.O.CN(C)C=O") == same(drawn)


ACID_OF_MERCURY = "CC[Hg]Sc1ccccc1C(=O)O"
COMPLEXES = {
    "CC[Hg]Sc1ccccc1C(=O)[O-].[Na+]": ACID_OF_MERCURY,  # thiomersal
    "[Na+].[Na+].N#[C][Fe-2]([C]#N)([C]#N)([C]#N)([C]#N)[N]=O.O.O": "N#[C][Fe-2]([C]#N)([C]#N)([C]#N)([C]#N)[N]=O",
    "[Na+].[O]=[Tc](=[O])(=[O])[O-]": "[O]=[Tc](=[O])(=[O])[O-]",
}


@pytest.mark.parametrize("drawn", COMPLEXES)
def test_salts_of_a_complex_are_the_complex(drawn: str) -> None:
    assert form(drawn) == same(COMPLEXES[drawn])
    assert form(COMPLEXES[drawn]) == same(COMPLEXES[drawn])


def test_metals_are_cut_off_when_asked_for() -> None:
    cut = Standardizer(metals="cut")
    assert form("CCCC[Sn](CCCC)(CCCC)c1cnc(N)nc1", cut) == "Nc1ncccn1"
    assert form("CC[Hg]Sc1ccccc1C(=O)[O-].[Na+]", cut) == "O=C(O)c1ccccc1S"  # thiomersal
    assert changes("CC[Hg]Sc1ccccc1C(=O)[O-].[Na+]", cut)[0] == "metal cut off: Hg"


@pytest.mark.parametrize("point", ["*c1ccccc1", "[*:1]c1ccccc1", "[1*]c1ccccc1", "[*:0]c1ccccc1", "*c1ccccc1 |$_R1;;;;;;$|"])
def test_attachment_points_are_refused_capped_or_kept(point: str) -> None:
    assert form(point) is None
    assert form(point, Standardizer(dummies="cap")) == "c1ccccc1"
    assert changes(point, Standardizer(dummies="cap")) == ("attachment point capped with hydrogen",)
    assert "*" in str(form(point, Standardizer(dummies="keep")))


def test_polymers_are_refused() -> None:
    [problem] = Molecules(["CC(N)C |Sg:n:1:x:ht|"], STANDARD).problem
    assert problem is not None
    assert "polymer" in problem


def test_changes_say_what_was_done() -> None:
    assert changes("C[NH+](C)CCOC(c1ccccc1)c1ccccc1.[Cl-].O") == (
        "salt stripped: hydrogen chloride",
        "solvent stripped: water",
        "charge neutralised",
    )
    assert changes(f"C1CNCCN1.{CITRIC}") == (
        "salt stripped: citric acid (piperazine makes salts, too, and is taken for the parent)",
    )
    [mixture] = changes("Cc1cc(NS(=O)(=O)c2ccc(N)cc2)no1.COc1cc(Cc2cnc(N)nc2N)cc(OC)c1OC")
    assert mixture == "mixture reduced to its largest part: without Cc1cc(NS(=O)(=O)c2ccc(N)cc2)no1"
    assert changes("CC(C)(C)[N+]([O-])=Cc1ccccc1") == changes("CS(C)=O") == changes("O=[N+]([O-])c1ccccc1") == ()
    assert changes("CC1(C)CCCC(C)(C)N1[O]") == ("kept: a radical",)


def test_a_summary_counts_each_kind() -> None:
    drawn = ["CCN", "CCN.Cl", "CC[NH3+].[Cl-]", "CCN(=O)=O", "[Na+].[Cl-]", "C[N+](C)(C)C.[I-].O"]
    molecules = Molecules(drawn, STANDARD)
    text = "3 of 6 structures were changed: 3 salts stripped, 1 charge neutralised, 1 solvent stripped; 1 kept as drawn"
    assert summary(molecules.changes).startswith(text)
    assert summary(["; ".join(own) for own in molecules.changes]) == summary(molecules.changes)
    assert summary([(), ()]) == ""


def test_nothing_is_done_when_nothing_is_asked_for() -> None:
    drawn = ["C[NH+](C)C.[Cl-]", "[CH3:1]O", "*CC", "C[S+](C)[O-]", "[Na]OC(C)=O"]
    for text in drawn:
        assert form(text, AS_GIVEN) == Molecules([text]).canonical[0]
    assert form("CC(=O)[O-].[Na+]", Standardizer(parent=False)) == "CC(=O)[O-].[Na+]"
    assert form("C[NH3+].[Cl-]", Standardizer(parent=False)) == "CN.Cl"
    assert form("C[NH3+].[Cl-]", Standardizer(neutral=False)) == "C[NH3+]"


def test_a_setting_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'cap'"):
        Standardizer(dummies="cpa")  # type: ignore[arg-type]


RACEMATES = [
    ["C[C@H](N)c1ccccc1 |&1:1|", "C[C@@H](N)c1ccccc1 |&1:1|", "N[C@@H](C)c1ccccc1 |&4:1|", "c1ccccc1[C@H](C)[NH3+].[Cl-] |&1:6|"],
    ["C[C@H](N)c1ccccc1 |o1:1|", "C[C@@H](N)c1ccccc1 |o2:1|"],
    ["C[C@H](N)c1ccccc1", "C[C@H](N)c1ccccc1 |a:1|", "N[C@@H](C)c1ccccc1 |a:1|"],
    ["C[C@@H](N)c1ccccc1"],
    ["CC(N)c1ccccc1", "CC(N)c1ccccc1 |&1:1|", "CC([NH3+])c1ccccc1"],
    ["C[C@H](O)[C@@H](N)C |&1:1,3|", "C[C@@H](O)[C@H](N)C |&1:1,3|"],
    ["C[C@H](O)[C@H](N)C |&1:1,3|", "C[C@@H](O)[C@@H](N)C |&7:1,3|"],
    ["C[C@H](O)[C@H](N)C |&1:1,&2:3|", "C[C@@H](O)[C@H](N)C |&2:1,&1:3|"],
    ["C[C@H](O)[C@H](N)C |&1:1,o1:3|", "O[C@@H](C)[C@@H](N)C |o2:3,&7:1|"],
]


def test_a_racemate_is_told_from_its_enantiomers_and_not_from_itself() -> None:
    texts = [{form(text) for text in group} for group in RACEMATES]
    identities = [{identity(Molecules([text], STANDARD).mols[0]) for text in group} for group in RACEMATES]
    for found in (texts, identities):
        assert all(len(each) == 1 for each in found)
        assert len(set.union(*found)) == len(RACEMATES)


def test_identity_is_the_inchikey_where_stereo_is_plain() -> None:
    assert identity(Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")) == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
    assert identity(Chem.MolFromSmiles("C[C@H](N)C(=O)O |a:1|")) == "QNAYBMKLOCPYGJ-REOHCLBHSA-N"
    assert identity(Chem.MolFromSmiles("C[C@H](N)C(=O)O |&1:1|")).startswith("QNAYBMKLOCPYGJ-")


def test_the_racemate_of_the_handed_file_stays_one() -> None:
    [text] = (CASES / "files" / "rac.smi").read_text().splitlines()
    molecules = Molecules([text], STANDARD)
    assert molecules.canonical == ("C[C@H](N)c1ccccc1 |&1:1|",)
    assert pickle.loads(pickle.dumps(molecules)).canonical == molecules.canonical


def test_salt_formers_are_known_by_one_name_each_and_neutral() -> None:
    plain = [Chem.CanonSmiles(smiles, useChiral=0) for table in (SOLVENTS, ACIDS, BASES, DRUGS) for smiles in table.values()]
    assert len(plain) == len(set(plain))
    for smiles in plain:
        assert form(smiles) == smiles
        assert form(f"{smiles}.Clc1ccc(Cl)c(C2CCNCC2)c1Cl") == "Clc1ccc(Cl)c(C2CCNCC2)c1Cl"


def test_standard_forms_stay_and_their_salts_come_back() -> None:
    for smiles in [*UNUSUAL, *itertools.chain(*DRAWINGS), *CHARGES, *PARENTS, *WHOLE]:
        first = form(smiles)
        assert first is None or (form(first), [c for c in changes(first) if not c.startswith("kept")]) == (first, [])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(UNUSUAL + list(CHARGES) + list(PARENTS)), st.integers(0, 2**20))
def test_the_order_of_atoms_does_not_matter(smiles: str, seed: int) -> None:
    mol = Chem.MolFromSmiles(smiles)
    shuffled = Chem.MolToRandomSmilesVect(mol, 1, seed + 1)[0]
    assert form(shuffled) == form(smiles)


def test_an_imine_nitrogen_that_is_written_first_is_seen() -> None:
    assert form("N(C)=CN") == form("CN=CN") == "CNC=N"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(UNUSUAL), st.sampled_from(["Cl", "[Na+].[Cl-]", "O", "OC(=O)C(F)(F)F"]))
def test_a_salt_has_the_form_of_its_parent(smiles: str, partner: str) -> None:
    assume(Chem.MolFromSmiles(smiles).HasSubstructMatch(Chem.MolFromSmarts("[#6].[#6].[#6].[#6]")))
    assume(not any("compound of" in change for change in changes(smiles)))
    assume(changes(f"{smiles}.Clc1ccc(Cl)c(C2CCNCC2)c1Cl")[0].startswith("mixture"))  # makes no salts itself
    assert form(f"{smiles}.{partner}") == form(smiles)


def test_a_form_is_as_if_its_smiles_had_been_read() -> None:
    for smiles in [*itertools.chain(*DRAWINGS), *CHARGES, *PARENTS, "C=CC([NH3+])CCC(=O)[O-]", "*C(F)Cl"]:
        [mol] = Molecules([smiles], Standardizer(dummies="cap")).mols
        again = Chem.MolFromSmiles(canonical(mol))
        [order] = again.GetSubstructMatches(mol, useChirality=True, maxMatches=1)
        read = Chem.RenumberAtoms(again, order)
        for own, other in zip(mol.GetAtoms(), read.GetAtoms(), strict=True):
            assert seen(own) == seen(other), smiles
        assert described(mol) == pytest.approx(described(read), nan_ok=True), smiles


def described(mol: Chem.Mol) -> dict[str, float]:
    """Descriptors but counts of rings, which depend on the order of atoms in cages."""
    found = Descriptors.CalcMolDescriptors(mol)
    return {name: value for name, value in found.items() if not any(part in name for part in ("Ring", "cycle", "fr_"))}


def seen(atom: Chem.Atom) -> tuple[object, ...]:
    about = atom.GetFormalCharge(), atom.GetTotalNumHs(), atom.GetIsAromatic(), atom.GetHybridization(), atom.GetChiralTag()
    return *about, atom.HasProp("_ChiralityPossible"), atom.GetPropsAsDict(True, False).get("_CIPCode")


def test_molecules_made_elsewhere_are_brought_to_the_form_once() -> None:
    loose = Molecules(["CCN.Cl", "*C", "C(C"])
    firm = loose.standardized(STANDARD)
    assert firm.canonical == ("CCN", None, None)
    assert firm.used == ("CCN", None, None)
    assert firm.smiles == loose.smiles
    assert firm.standardized(AS_GIVEN) is firm


UNSURE = """CN(=O)=O ON=O CN=N#N OC(C)=N NC1=NCCO1 CC(=O)O.Cl C[NH3+] c1ccn(=O)cc1 OCl(=O)(=O)=O C1=NCCC=1O C=1(O)CCCN=1
    [2H]C *C CP(=O)(O)O [CH2:1]C O=I(=O)c1ccccc1 C#N=O"""


@pytest.mark.parametrize("smiles", UNSURE.split())
def test_texts_with_something_to_look_at_are_not_left_unseen(smiles: str) -> None:
    assert not STANDARD.leaves(smiles)


@pytest.mark.parametrize(
    "smiles", [ASPIRIN, CAFFEINE, "C[C@H](N)C#N", "c1cc2c([nH]1)CC/C=C/2", "O=S(=O)(N)c1ccc(Br)cc1Cl", "C%12CC%12"]
)
def test_plain_texts_are_left_as_they_are(smiles: str) -> None:
    assert STANDARD.leaves(smiles)
    mol = Chem.MolFromSmiles(smiles)
    assert STANDARD(mol) == (mol, ())
