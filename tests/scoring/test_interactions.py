"""Interactions of poses: published complexes, and geometry worked out by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem
from rdkit.Geometry import Point3D

from molgen.errors import DataError
from molgen.scoring.docking.binding_site import BindingSite
from molgen.scoring.docking.interactions import COLUMNS, interactions
from molgen.scoring.docking.pose_roles import PoseRoles
from molgen.scoring.docking.prepare import prepare
from molgen.scoring.docking.receptor import as_pdb
from molgen.scoring.docking.structure import Selection

COMPLEXES = Path(__file__).parent.parent / "complexes"
Place = tuple[float, float, float]


def atom(
    name: str, residue: str, number: str, place: Place, element: str = "", chain: str = "A", alt: str = " ", occ: float = 1
) -> str:
    element = element or name.strip()[:1]
    where = f"{residue:>3}{chain:>2}{number:>4}" + ("" if number[-1:].isalpha() and len(number) > 4 else " " * (len(number) < 5))
    x, y, z = place
    return f"ATOM      1 {name:<4}{alt}{where}   {x:8.3f}{y:8.3f}{z:8.3f}{occ:6.2f}  0.00          {element:>2}"


def pose(smiles: str, *places: Place) -> Chem.Mol:
    """Its heavy atoms at `places`, and its hydrogens where these leave room."""
    mol = Chem.MolFromSmiles(smiles)
    conformer = Chem.Conformer(mol.GetNumAtoms())
    for i, place in enumerate(places):
        conformer.SetAtomPosition(i, Point3D(*place))
    mol.AddConformer(conformer)
    return Chem.AddHs(mol, addCoords=True)


def complex_of(name: str) -> tuple[Chem.Mol, str]:
    mol = Chem.MolFromMolFile(str(COMPLEXES / f"{name}_ligand.sdf"), removeHs=False)
    return mol, (COMPLEXES / f"{name}_site.pdb").read_text()


def of_kind(table: pd.DataFrame, kind: str) -> set[tuple[str, str, str]]:
    return {
        (f"{row.residue}{row.number}", row.receptor_atoms, row.ligand_atoms) for row in table[table["kind"] == kind].itertuples()
    }


def without_hydrogens(pdb: str) -> str:
    return "\n".join(line for line in pdb.splitlines() if line[76:78].strip() != "H")


IMATINIB = {
    ("THR315", "OG1", "N13"), ("MET318", "N", "N5"), ("GLU286", "OE2", "N20"), ("ASP381", "N", "O36"), ("ILE360", "O", "N32"),
}  # fmt: skip


@pytest.mark.parametrize("bare", [False, True])
def test_imatinib_has_the_hydrogen_bonds_that_were_published(bare: bool) -> None:
    """Nagar et al., Cancer Res. 62, 4236, 2002; ProLIF 2.2.3 finds the same five."""
    mol, pdb = complex_of("1iep")
    found = interactions(mol, without_hydrogens(pdb) if bare else pdb)
    assert of_kind(found, "hydrogen bond") == IMATINIB
    places = mol.GetConformer().GetPositions()
    lines = {(line[22:26].strip(), line[12:16].strip()): line for line in pdb.splitlines() if line.startswith("ATOM")}
    for row in found[found["kind"] == "hydrogen bond"].itertuples():
        there = [float(lines[row.number, row.receptor_atoms][i : i + 8]) for i in (30, 38, 46)]
        assert row.distance == pytest.approx(np.linalg.norm(places[int(row.ligand_atoms[1:]) - 1] - there), abs=0.006)
        assert row.donor == ("receptor" if row.receptor_atoms == "N" else "ligand")
    assert ("TYR253", "CG CD1 CE1 CZ CE2 CD2", "C7 C8 C9 N10 C11 N12") in of_kind(found, "pi stacking")
    assert "clash" not in set(found["kind"])


@pytest.mark.parametrize("bare", [False, True])
def test_an_inhibitor_is_held_by_the_zinc_of_farnesyltransferase(bare: bool) -> None:
    """Its imidazole's one lone pair is on the zinc: the histidine beside it doesn't give it a hydrogen bond."""
    mol, pdb = complex_of("1s63")
    found = interactions(mol, without_hydrogens(pdb) if bare else pdb)
    assert of_kind(found, "metal coordination") == {("ZN1001", "ZN", "N15")}
    assert found.loc[found["kind"] == "metal coordination", "distance"].item() == pytest.approx(2.0, abs=0.05)
    assert of_kind(found, "hydrogen bond") == {("ARG202", "NH1", "N29")}  # the nitrile, as in ProLIF
    assert {residue for residue, _, _ in of_kind(found, "pi stacking")} == {"TRP102", "TRP106", "TYR361"}


AMIDE = [
    atom(" N", "GLY", "2", (0, 0, 0)),
    atom(" H", "GLY", "2", (1.0, 0, 0)),
    atom(" CA", "GLY", "2", (-0.73, 1.26, 0)),
    atom(" C", "GLY", "1", (-0.67, -1.15, 0)),
]


def turned(length: float, degrees: float) -> Place:
    """A place `length` Å from the amide's nitrogen, `degrees` off its bond to hydrogen."""
    return (length * np.cos(np.radians(degrees)), length * np.sin(np.radians(degrees)), 0.0)


@pytest.mark.parametrize(
    ("length", "off", "angle"),
    [(2.9, 0, 180), (3.49, 0, 180), (3.51, 0, None), (2.9, 30, 136.3), (2.9, 45, None), (2.9, 90, None)],
)
def test_an_amide_gives_by_length_and_by_the_angle_at_its_hydrogen(length: float, off: float, angle: float | None) -> None:
    """The angle by the law of cosines: 2.9 Å and 30 degrees off leave 136.3 degrees at a hydrogen 1.0 Å away, 45 leave 117.1."""
    place = np.array(turned(length, off))
    way = place / np.linalg.norm(place)
    nitrile = pose("N#CC", tuple(place), tuple(place + 1.16 * way), tuple(place + 2.6 * way))
    found = interactions(nitrile, "\n".join(AMIDE))
    assert found.columns.tolist() == COLUMNS
    bonds = found[found["kind"] == "hydrogen bond"]
    assert len(bonds) == (angle is not None)
    if angle is not None:
        assert bonds["distance"].item() == pytest.approx(length, abs=0.005)
        assert bonds["angle"].item() == pytest.approx(angle, abs=0.6)
        assert bonds["donor"].item() == "receptor"


def test_an_acceptor_takes_on_the_side_of_its_lone_pair() -> None:
    """A ketone whose carbon lies between its oxygen and the donor shows it no lone pair: 80 degrees at the oxygen."""
    turn = np.radians(80)
    carbon = (2.9 - 1.22 * np.cos(turn), 1.22 * np.sin(turn), 0)
    ketone = pose("O=C(C)C", (2.9, 0, 0), carbon, (carbon[0] + 0.9, 2.4, 0), (carbon[0] - 0.9, 2.4, 0))
    assert of_kind(interactions(ketone, "\n".join(AMIDE)), "hydrogen bond") == set()


def test_who_gives_and_who_takes() -> None:
    carbonyl = [atom(" O", "GLY", "3", (0, 20, 0)), atom(" C", "GLY", "3", (0, 21.23, 0))]
    histidine = [
        atom(" ND1", "HIS", "4", (0, 40, 0)),
        atom(" CE1", "HIS", "4", (0.7, 41.2, 0)),
        atom(" CG", "HIS", "4", (-0.7, 41.2, 0)),
    ]
    site = "\n".join([*AMIDE, *carbonyl, *histidine])

    def bonds(smiles: str, *places: Place) -> int:
        return len(of_kind(interactions(pose(smiles, *places), site), "hydrogen bond"))

    assert bonds("OC", (0, 17.2, 0), (1.2, 16.4, 0)) == 1  # a hydroxyl group gives to a carbonyl
    assert bonds("OC", (2.8, 0, 0), (3.6, 1.2, 0)) == 1  # and takes from an amide
    assert bonds("N#CC", (0, 17.2, 0), (0, 16.04, 0), (0, 14.6, 0)) == 0  # a nitrile only takes
    assert bonds("OC", (0, 37.2, 0), (1.2, 36.4, 0)) == 1  # the bare nitrogen of a histidine takes
    assert bonds("CC", (2.8, 0, 0), (3.6, 1.2, 0)) == 0
    assert (
        bonds("COC(C)=O", (4.2, 0.9, 0), (2.8, 0, 0), (3.6, -1.2, 0), (5, -1.2, 0), (3, -2.3, 0)) == 0
    )  # an ester's inner oxygen


@pytest.mark.parametrize(
    ("smiles", "gives", "takes", "charges"),
    [
        ("CC(=O)Nc1ccccc1", "N4", "O3", ""),
        ("CC(=O)[O-]", "", "O3 O4", "-O3 O4"),
        ("NC(=[NH2+])N", "N1 N3 N4", "", "+N1 N3 N4"),
        ("CN(C)c1ccccc1", "", "", ""),
        ("C[NH3+]", "N2", "", "+N2"),
        ("C[N+](=O)[O-]", "", "", ""),
        ("c1cocn1", "", "N5", ""),
        ("c1nnn[n-]1", "", "N2 N3 N4 N5", "-N2 N3 N4 N5"),
        ("CS(=O)(=O)N", "N5", "O3 O4", ""),
        ("O=c1cc[nH]cc1", "N5", "O1", ""),
        ("[O-][n+]1ccccc1", "", "O1", ""),
    ],
)
def test_roles_of_functional_groups(smiles: str, gives: str, takes: str, charges: str) -> None:
    roles = PoseRoles(Chem.AddHs(Chem.MolFromSmiles(smiles)))
    assert [roles.name(i) for i in roles.donors] == gives.split()
    assert [roles.name(i) for i in roles.acceptors] == takes.split()
    told = ["+-"[charge < 0] + " ".join(map(roles.name, group)) for charge, group in roles.charged]
    assert told == [charges] * bool(charges)


def test_a_protonated_acid_is_no_anion() -> None:
    acid = [
        atom(" CG", "ASP", "5", (0, 0, 0)), atom(" OD1", "ASP", "5", (1.25, 0, 0)), atom(" OD2", "ASP", "5", (-0.6, 1.1, 0)),
        atom(" H", "GLY", "9", (50, 0, 0)), atom(" N", "GLY", "9", (51, 0, 0)),
    ]  # fmt: skip
    amine = pose("[NH3+]C", (4.0, 0, 0), (5.5, 0, 0))
    assert of_kind(interactions(amine, "\n".join(acid)), "salt bridge") == {("ASP5", "OD1", "N1")}
    acid.append(atom(" HD2", "ASP", "5", (-1.5, 1.2, 0), "H"))
    assert of_kind(interactions(amine, "\n".join(acid)), "salt bridge") == set()
    far = pose("[NH3+]C", (5.3, 0, 0), (6.8, 0, 0))
    assert of_kind(interactions(far, "\n".join(acid[:-1])), "salt bridge") == set()


def ring(height: float, shift: float = 0.0, upright: bool = False) -> list[Place]:
    """Places of a benzene's carbons above the origin."""
    turns = np.radians(60 * np.arange(6))
    flat = [(1.39 * np.cos(turn), 1.39 * np.sin(turn), 0.0) for turn in turns]
    return [(x + shift, 0.0, y + height) if upright else (x + shift, y, height) for x, y, _ in flat]


@pytest.mark.parametrize(
    ("height", "shift", "upright", "angle"),
    [(3.6, 0, False, 0), (3.6, 1.5, False, 0), (3.6, 2.5, False, None), (5.6, 0, False, None), (5.0, 0, True, 90)],
)
def test_rings_stack_face_to_face_and_edge_to_face(height: float, shift: float, upright: bool, angle: float | None) -> None:
    names = ("CG", "CD1", "CE1", "CZ", "CE2", "CD2")
    phenylalanine = [atom(f" {name}", "PHE", "6", place) for name, place in zip(names, ring(0), strict=True)]
    found = interactions(pose("c1ccccc1", *ring(height, shift, upright)), "\n".join(phenylalanine))
    stacked = found[found["kind"] == "pi stacking"]
    assert stacked["angle"].tolist() == ([] if angle is None else [angle])
    if angle is not None:
        assert stacked["distance"].item() == pytest.approx(np.hypot(height, shift), abs=0.01)


def test_halogens_clashes_and_cations_over_rings() -> None:
    oxygen = [atom(" O", "GLY", "3", (0, 0, 0)), atom(" C", "GLY", "3", (-1.2, 0, 0))]
    straight, bent = pose("ClC", (3.1, 0, 0), (4.85, 0, 0)), pose("ClC", (3.1, 0, 0), (3.6, 1.7, 0))
    assert of_kind(interactions(straight, "\n".join(oxygen)), "halogen bond") == {("GLY3", "O", "Cl1")}
    assert of_kind(interactions(bent, "\n".join(oxygen)), "halogen bond") == set()
    methane = atom(" CB", "ALA", "7", (0, 0, 0))
    near, apart = (interactions(pose("C", (distance, 0, 0)), methane) for distance in (2.5, 2.6))  # 0.75 of 2 * 1.7 Å is 2.55
    assert (of_kind(near, "clash"), of_kind(apart, "clash")) == ({("ALA7", "CB", "C1")}, set())
    lysine = [atom(" NZ", "LYS", "8", (0, 0, 3.8)), atom(" CE", "LYS", "8", (0, 0, 5.3))]
    over = interactions(pose("c1ccccc1", *ring(0)), "\n".join(lysine))
    assert of_kind(over, "cation-pi") == {("LYS8", "NZ", "C1 C2 C3 C4 C5 C6")}


def test_a_residue_is_called_as_in_its_file() -> None:
    """Insertion codes, no chain, other models, alternate locations, numbers beyond 9,999, ions and waters."""
    lines = [
        atom(" CB", "ALA", "52", (0, 0, 0)),
        atom(" CB", "SER", "52A", (4.5, 0, 0)),
        atom(" CB", "VAL", "60", (9, 0, 0), chain=" "),
        atom(" CB", "LEU", "A000", (13.5, 0, 0), chain="BC"),
        atom("CA  ", " CA", "301", (18, 0, 0), ""),
        atom(" O", "HOH", "401", (22.5, 0, 0)),
        atom(" CB", "THR", "70", (27, 0, 0), alt="A", occ=0.4),
        atom(" CB", "THR", "70", (90, 0, 0), alt="B", occ=0.6),
        "ENDMDL",
        atom(" CB", "TRP", "1", (0, 0, 0)),
    ]
    lines[4] = lines[4][:76]  # without an element: told by the name, which is that of the residue
    site = BindingSite("\n".join(lines))
    assert [one.label for one in site.atoms] == [
        "ALA A52", "SER A52A", "VAL 60", "LEU BC10000", "CA A301", "HOH A401", "THR A70",
    ]  # fmt: skip
    assert site.atoms[4].element == "CA"
    assert site.touched(np.array([[4.5, 0.0, 1.0]])) == ["SER A52A"]
    assert site.touched(np.array([[90.0, 0.0, 1.0]])) == ["THR A70"]
    assert site.touched(np.array([[27.0, 0.0, 1.0]])) == []


def test_waters_and_metals_that_are_kept_are_named() -> None:
    site = "\n".join([atom(" O", "HOH", "401", (2.8, 0, 0)), atom("ZN  ", " ZN", "301", (0, 2.1, 0), "ZN")])
    found = interactions(pose("OC", (0, 0, 0), (-1.0, -1.0, 0)), site)
    assert of_kind(found, "hydrogen bond") == {("HOH401", "O", "O1")}
    assert of_kind(found, "metal coordination") == {("ZN301", "ZN", "O1")}
    assert found.loc[found["kind"] == "hydrogen bond", "donor"].item() == "either"
    nitrile = interactions(pose("N#CC", (0, 0, 0), (-1.16, 0, 0), (-2.6, 0, 0)), site.splitlines()[0])
    assert np.isnan(nitrile.loc[nitrile["kind"] == "hydrogen bond", "angle"].item())  # where a water's hydrogens are isn't known


def test_a_prepared_receptor_keeps_long_chain_names_and_large_numbers() -> None:
    gemmi = pytest.importorskip("gemmi")
    chain = Chem.AddHs(Chem.MolFromSequence("GAS"), addResidueInfo=True)
    AllChem.EmbedMolecule(chain, randomSeed=1)
    structure = gemmi.read_pdb_string(Chem.MolToPDBBlock(Chem.RemoveHs(chain)))
    structure[0][0].name = "AB"
    for residue in structure[0][0]:
        residue.seqid.num += 12_344
    structure.setup_entities()
    prepared = prepare((structure.make_mmcif_document().as_string().encode(), "large.cif", Selection()))
    site = BindingSite(as_pdb(prepared.pdbqt, hydrogens=True))
    assert list(site.residues) == ["GLY AB12345", "ALA AB12346", "SER AB12347"]
    assert {one.element for one in site.atoms} == {"C", "N", "O", "H"}


def test_what_has_no_coordinates_is_refused() -> None:
    flat = Chem.MolFromSmiles("CCCCC")
    AllChem.Compute2DCoords(flat)
    with pytest.raises(DataError, match="three dimensions"):
        interactions(flat, "\n".join(AMIDE))
    with pytest.raises(DataError, match="no coordinates in columns 31 to 54"):
        interactions(pose("C", (0, 0, 0)), "ATOM      1  N   GLY A   2")
    assert interactions(pose("C", (0, 0, 0)), "").empty
