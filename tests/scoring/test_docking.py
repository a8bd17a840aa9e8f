"""Docking into a small peptide: the receptor, the box, the ligand, the pose, and what is kept."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem

from molgen.chem.conformers import embedded, isomers, protonated
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.scoring.components.docking import Docking
from molgen.scoring.docking.engine import _vina
from molgen.scoring.docking.receptor import ligand_box, receptor_file

PHENYLETHANOL = "CC(O)c1ccccc1"


def docking(peptide: Path, **settings: Any) -> Docking:
    fields = {
        "center": (0.0, 0.0, 0.0),
        "size": (16.0, 16.0, 16.0),
        "exhaustiveness": 1,
        "max_evals": 100_000,
        "cache": None,
    } | settings
    return Docking(str(peptide), **fields)


@pytest.mark.parametrize(
    ("smiles", "form"),
    [
        ("CC(=O)O", "CC(=O)[O-]"),
        ("CCN(CC)CC", "CC[NH+](CC)CC"),
        ("NC(=N)c1ccccc1", "NC(=[NH2+])c1ccccc1"),
        ("c1ccncc1", "c1ccncc1"),
    ],
)
def test_ligands_are_charged_as_in_water(smiles: str, form: str) -> None:
    assert Chem.CanonSmiles(protonated(smiles, 7.4)) == Chem.CanonSmiles(form)


def test_unspecified_centres_are_tried_and_specified_ones_left() -> None:
    assert {Chem.MolToSmiles(mol) for mol in isomers(Chem.MolFromSmiles("CC(F)Cl"), 4)} == {"C[C@H](F)Cl", "C[C@@H](F)Cl"}
    assert [Chem.MolToSmiles(mol) for mol in isomers(Chem.MolFromSmiles("C[C@H](F)Cl"), 4)] == ["C[C@H](F)Cl"]
    assert len(isomers(Chem.MolFromSmiles("CC(F)C(Cl)C(Br)C(O)F"), 3)) == 3


def test_a_bridgehead_gets_the_configuration_that_exists() -> None:
    [quinuclidine] = isomers(Chem.MolFromSmiles("c1ccc(C[C@@H]2C[NH+]3CCC2CC3)cc1"), 1)
    assert embedded(quinuclidine).GetNumConformers() == 1


def test_geometries_are_relaxed_and_repeatable() -> None:
    butane = embedded(Chem.MolFromSmiles("CCCC"), n=2, seed=3)
    again = embedded(Chem.MolFromSmiles("CCCC"), n=2, seed=3)
    np.testing.assert_array_equal(butane.GetConformer(1).GetPositions(), again.GetConformer(1).GetPositions())
    places = butane.GetConformer().GetPositions()
    assert np.linalg.norm(places[0] - places[1]) == pytest.approx(1.53, abs=0.02)


def test_strained_rings_are_embedded_without_what_is_known_of_others() -> None:
    strained = embedded(Chem.MolFromSmiles("C1=CC2=NC=C(C)[C@H]2C=C1n1cnnc1"), seed=1)
    assert strained.GetNumConformers() == 1
    assert Chem.MolToSmiles(Chem.RemoveHs(strained)) == Chem.CanonSmiles("C1=CC2=NC=C(C)[C@H]2C=C1n1cnnc1")


def test_a_pdb_file_gets_polar_hydrogens_and_atom_types(peptide: Path) -> None:
    atoms = [line.split() for line in receptor_file(str(peptide)).read_text().splitlines() if line.startswith("ATOM")]
    kinds = [atom[-1] for atom in atoms]
    assert set(kinds) <= {"C", "A", "N", "NA", "OA", "HD", "H"}
    assert kinds.count("HD") >= 14  # ten amides, an indole, a hydroxyl, three of lysine
    assert kinds.count("A") == 6 + 9 - 1  # carbons of phenylalanine's and tryptophan's rings


def test_a_box_holds_the_reference_ligand(tmp_path: Path) -> None:
    mol = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    AllChem.EmbedMolecule(mol, randomSeed=1)
    Chem.MolToMolFile(mol, str(tmp_path / "ligand.sdf"))
    center, size = ligand_box(str(tmp_path / "ligand.sdf"), 4.0)
    places = mol.GetConformer().GetPositions()
    np.testing.assert_allclose(center, (places.max(0) + places.min(0)) / 2, atol=1e-3)
    np.testing.assert_allclose(size, np.ptp(places, axis=0) + 8, atol=1e-3)


def test_a_score_depends_on_the_seed_and_on_nothing_else(peptide: Path) -> None:
    forwards = docking(peptide, processes=1)(Molecules(["CCO", PHENYLETHANOL, "c1ccccc1C(N)=O"]))
    backwards = docking(peptide, processes=2)(Molecules(["c1ccccc1C(N)=O", PHENYLETHANOL, "OCC"]))
    np.testing.assert_array_equal(forwards, backwards[::-1])
    assert np.all(forwards < 0)
    assert forwards[1] < forwards[0]
    other = docking(peptide, seed=2)(Molecules([PHENYLETHANOL]))
    assert other != forwards[1]
    assert other == pytest.approx(forwards[1], abs=1)


def test_the_best_stereoisomer_counts(peptide: Path) -> None:
    either, *both = docking(peptide)(Molecules([PHENYLETHANOL, "C[C@H](O)c1ccccc1", "C[C@@H](O)c1ccccc1"]))
    assert either == pytest.approx(min(both), abs=0.3)
    assert docking(peptide, isomers=1)(Molecules([PHENYLETHANOL]))[0] >= either


def test_the_pose_is_in_the_box_and_vina_scores_it_so(peptide: Path, tmp_path: Path) -> None:
    from meeko import MoleculePreparation, PDBQTWriterLegacy

    component = docking(peptide, cache=f"sqlite:///{tmp_path}/scores.sqlite", ph=None)
    score = component(Molecules([PHENYLETHANOL]))[0]
    [record] = component.records(Molecules([PHENYLETHANOL]).canonical).values()
    pose = next(iter(Chem.ForwardSDMolSupplier(BytesIO(record.encode()), removeHs=False)))
    assert Chem.MolToSmiles(Chem.RemoveHs(pose), isomericSmiles=False) == Molecules([PHENYLETHANOL]).canonical[0]
    assert np.abs(pose.GetConformer().GetPositions()).max() <= 9
    assert float(pose.GetProp("docking_score")) == pytest.approx(score, abs=1e-3)
    vina = _vina(component._engine())
    vina.set_ligand_from_string(PDBQTWriterLegacy.write_string(MoleculePreparation().prepare(pose)[0])[0])
    assert vina.score()[0] == pytest.approx(score, abs=0.02)


def test_what_was_docked_once_is_never_docked_again(peptide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = f"sqlite:///{tmp_path}/scores.sqlite"
    first = docking(peptide, cache=cache)(Molecules(["CCO", "CCN", "OCC"]))
    copy = tmp_path / "renamed.pdb"
    copy.write_bytes(peptide.read_bytes())
    monkeypatch.setattr("molgen.scoring.components.docking.isolated", lambda *_: pytest.fail("docked again"))
    again = docking(copy, cache=cache, processes=1, timeout=5.0)(Molecules(["CCN", "CCO"]))
    np.testing.assert_array_equal(again, first[[1, 0]])
    with pytest.raises(pytest.fail.Exception):
        docking(peptide, cache=cache, seed=2)(Molecules(["CCO"]))


def test_what_cannot_be_docked_is_nan_beside_the_others(peptide: Path) -> None:
    values = docking(peptide)(Molecules(["CCO", "no molecule", "CB(O)O", "CCN"]))
    np.testing.assert_array_equal(np.isnan(values), [False, True, True, False])  # Vina has no boron


def test_implausible_poses_can_be_refused(peptide: Path) -> None:
    assert docking(peptide, check=True)(Molecules(["CCO"]))[0] < 0
    outside = docking(peptide, check=True, center=(60.0, 0.0, 0.0))(Molecules(["CCO"]))
    assert np.isnan(outside[0])


@pytest.mark.parametrize(
    ("settings", "error", "hint"),
    [
        ({"center": None}, ConfigError, "center and size, or by ligand"),
        ({"ligand": "ligand.sdf"}, ConfigError, "center and size, or by ligand"),
        ({"center": None, "ligand": "nowhere.sdf"}, DataError, r"nowhere\.sdf: no such file"),
        ({"size": (10.0, 0.0, 10.0)}, ConfigError, "sizes above 0"),
        ({"center": (1.0, 2.0)}, ConfigError, "three numbers"),
        ({"exhaustiveness": 0}, ConfigError, "exhaustiveness: must be at least 1"),
        ({"seed": 0}, ConfigError, "seed: must be at least 1"),
    ],
)
def test_wrong_settings(peptide: Path, settings: dict[str, Any], error: type[Exception], hint: str) -> None:
    with pytest.raises(error, match=hint):
        docking(peptide, **settings)


def test_wrong_receptors(tmp_path: Path) -> None:
    (tmp_path / "empty.pdb").write_text("")
    for receptor, hint in ((tmp_path / "empty.pdb", "can't be prepared"), (tmp_path / "no.pdbqt", "no such file")):
        with pytest.raises(DataError, match=hint):
            docking(receptor)
    with pytest.raises(ConfigError, match="did you mean 'docking/parp1'"):
        receptor_file("docking/parp")


def test_missing_packages_are_named_at_once(peptide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("molgen.scoring.components.docking.find_spec", lambda name: None if name == "vina" else name)
    with pytest.raises(ConfigError, match=r"docking needs vina: pip install 'molgen\[docking\]'"):
        docking(peptide)
