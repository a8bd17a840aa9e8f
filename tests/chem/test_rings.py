"""Ring systems, and how common they are."""

import pytest
from rdkit import Chem

from molgen.chem.rings import known_ring_systems, ring_systems

RARE = {
    "a fused cyclopropene": "c1ccc2c(c1)C1=C(C2)C1",
    "double bonds out of a ring": "CC=c1ncccc1=C",
    "an odd bridge": "C1CC2NC1C1CC2O1",
    "a large ring": "C1CNCCOCCS1",
}


@pytest.mark.parametrize(
    ("smiles", "systems"),
    [
        ("CC(C)Cc1ccc(C(C)C(=O)O)cc1", ["c1ccccc1"]),  # ibuprofen
        ("CCCCO", []),
        ("Cn1cnc2c1c(=O)n(C)c(=O)n2C", ["O=c1[nH]c(=O)c2[nH]cnc2[nH]1"]),  # caffeine is a xanthine
        ("CC1(C)CCN(c2ccc(Cl)cc2)C1", ["C1CCNC1", "c1ccccc1"]),
        ("C1CCC2(CC1)CCNC2", ["C1CCC2(CC1)CCNC2"]),  # spiro
        ("CN1C2CCC1CC(O)C2", ["C1CC2CCC(C1)N2"]),  # bridged: tropine
        ("O=S1(=O)CCCN1CC", ["O=S1(=O)CCCN1"]),
        ("CC=C1CCC(=NO)CC1", ["C=C1CCC(=N)CC1"]),  # what is bonded by a double bond belongs to it, without what it bears
        ("C1CCCCC1=C1CCCC1", ["C=C1CCCC1", "C=C1CCCCC1"]),
        ("c1ccccc1-c1ccccc1", ["c1ccccc1", "c1ccccc1"]),
        ("F[C@H]1CC[C@@H](Cl)CC1", ["C1CCCCC1"]),
    ],
)
def test_a_ring_system_has_lost_its_substituents(smiles: str, systems: list[str]) -> None:
    found = ring_systems(Chem.MolFromSmiles(smiles))
    assert sorted(found) == sorted(systems)
    assert all(Chem.CanonSmiles(text) == text for text in found)


def test_a_drawing_makes_no_difference() -> None:
    mol = Chem.MolFromSmiles("CC1(C)SC2C(NC(=O)Cc3ccccc3)C(=O)N2C1C(=O)O")
    written = {tuple(sorted(ring_systems(Chem.MolFromSmiles(Chem.MolToSmiles(mol, doRandom=True))))) for _ in range(20)}
    assert written == {tuple(sorted(ring_systems(mol)))}


def test_zinc_tells_common_ring_systems_from_rare_ones() -> None:
    known = known_ring_systems()
    assert known["c1ccccc1"] == max(known.values()) > 100_000  # two thirds of 249,455
    assert known["C1CCNCC1"] > 10_000
    for smiles in RARE.values():
        assert min(known.get(text, 0) for text in ring_systems(Chem.MolFromSmiles(smiles))) < 10
