"""What a pose touches, in surroundings whose distances are known."""

import pytest
from rdkit import Chem
from rdkit.Chem import AllChem
from rdkit.Geometry import Point3D

from molgen.reports.contacts import Surroundings


def atom(serial: int, name: str, residue: str, number: int, *place: float) -> str:
    x, y, z = place
    return f"ATOM  {serial:>5} {name:<4} {residue:>3} A{number:>4}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00"


def pose(smiles: str, *places: tuple[float, float, float]) -> Chem.Mol:
    """Its heavy atoms at `places`; hydrogens, if the SMILES has any, are where they may be."""
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    AllChem.EmbedMolecule(mol, randomSeed=1)
    for i, place in enumerate(places):
        mol.GetConformer().SetAtomPosition(i, Point3D(*place))
    return mol


GLYCINE = [atom(1, " N", "GLY", 1, 0, 0, 0), atom(2, " H", "GLY", 1, 1.01, 0, 0), atom(3, " CA", "GLY", 1, -0.7, 1.2, 0)]
OXYGEN = [atom(4, " O", "GLY", 1, 0, 10, 0)]
HISTIDINE = [atom(5, " ND1", "HIS", 2, 0, -8, 0), atom(6, " NE2", "HIS", 2, 0, 20, 0), atom(7, " HE2", "HIS", 2, 0, 21, 0)]


@pytest.mark.parametrize(("distance", "bonds"), [(2.9, 1), (3.49, 1), (3.51, 0)])
def test_a_carbonyl_takes_a_bond_from_an_amide_up_to_its_length(distance: float, bonds: int) -> None:
    ketone = pose("O=C(C)C", (distance, 0, 0), (distance + 1.2, 0, 0), (distance + 2, 1, 0), (distance + 2, -1, 0))
    found = Surroundings("\n".join(GLYCINE)).contacts(ketone).bonds
    assert len(found) == bonds
    for start, end, length in found:
        assert (start, end, length) == ([distance, 0, 0], [0, 0, 0], pytest.approx(distance))


def test_who_gives_and_who_takes() -> None:
    surroundings = Surroundings("\n".join([*GLYCINE, *OXYGEN, *HISTIDINE]))
    far = (50.0, 0.0, 0.0)

    def bonds(smiles: str, place: tuple[float, float, float]) -> int:
        return len(surroundings.contacts(pose(smiles, place, far)).bonds)

    assert bonds("OC", (0, 13, 0)) == 1  # a hydroxyl group gives to a carbonyl, and takes from an amide
    assert bonds("OC", (0, 0, 3)) == 1
    assert bonds("N#C", (0, 13, 0)) == 0  # a nitrile only takes
    assert bonds("N#C", (0, 0, 3)) == 1
    assert bonds("OC", (0, -5, 0)) == 1  # a histidine's nitrogen takes without a hydrogen
    assert bonds("N#C", (0, -5, 0)) == 0
    assert bonds("N#C", (0, 23, 0)) == 1  # and gives with one
    assert bonds("CC", (0, 0, 3)) == 0


def test_residues_within_reach_are_shown_whole_and_others_as_backbone() -> None:
    lines = [
        atom(11, " CA", "ALA", 7, 4.4, 0, 0),
        atom(12, " CB", "ALA", 7, 6.0, 0, 0),
        atom(13, " CA", "VAL", 8, 0, 4.6, 0),
        atom(14, " CB", "VAL", 8, 0, 6.0, 0),
        atom(15, "ZN  ", " ZN", 9, 0, 0, 30),
    ]
    surroundings = Surroundings("\n".join(lines))
    found = surroundings.contacts(Chem.MolFromMolBlock(Chem.MolToMolBlock(one_carbon()), removeHs=False))
    assert found.residues == {"ALA A7": [0, 1]}
    pdb, serials = surroundings.shown([found])
    assert [(line[6:11].strip(), line[12:16].strip(), line[76:78].strip()) for line in pdb.splitlines()[:-1]] == [
        ("1", "CA", "C"),
        ("2", "CB", "C"),
        ("3", "CA", "C"),
        ("4", "ZN", "ZN"),
    ]
    assert serials == {0: 1, 1: 2, 2: 3, 4: 4}


def one_carbon() -> Chem.Mol:
    mol = Chem.MolFromSmiles("C")
    mol.AddConformer(Chem.Conformer(1))
    return mol


def test_without_surroundings_nothing_is_touched() -> None:
    nothing = Surroundings("")
    found = nothing.contacts(one_carbon())
    assert (found.residues, found.bonds) == ({}, [])
    assert nothing.shown([found]) == ("END\n", {})
