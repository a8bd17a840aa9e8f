"""Likeness in three dimensions, strain, and what can be bought."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from molgen.chem.blocks import cores, fragments
from molgen.chem.conformers import embedded
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.scoring.components.building_blocks import BuildingBlocks
from molgen.scoring.components.docking import Docking
from molgen.scoring.components.shape import METHODS, Shape
from molgen.scoring.components.strain import Strain
from tests.conftest import ASPIRIN, CAFFEINE


@pytest.mark.parametrize("method", METHODS)
def test_a_molecule_is_like_itself_and_less_like_others(method: str) -> None:
    itself, close, far = Shape(ASPIRIN, method)(Molecules([ASPIRIN, "CCC(=O)Oc1ccccc1C(=O)O", "CCCCCCCCCCCC"]))
    assert itself == pytest.approx(1, abs=0.05)
    assert itself > close > far >= 0


def test_shape_sees_volumes_and_colour_sees_what_they_hold() -> None:
    benzene, cyclohexane = "c1ccccc1", "C1CCCCC1"
    assert Shape(benzene, "shape")(Molecules([cyclohexane]))[0] > 0.7
    plain, alike = Shape("NC(=O)c1ccccc1", "colour")(Molecules(["Cc1ccccc1C", "NC(=O)c1ccccc1C"]))
    assert plain < alike - 0.2


def test_a_bound_ligand_is_unlike_its_mirror_image(tmp_path: Path) -> None:
    left, right = "C[C@](F)(Cl)c1ccncc1", "C[C@@](F)(Cl)c1ccncc1"
    Chem.MolToMolFile(embedded(Chem.MolFromSmiles(left)), str(tmp_path / "bound.sdf"))
    same, mirrored = Shape(str(tmp_path / "bound.sdf"), "shape", conformers=5)(Molecules([left, right]))
    assert same == pytest.approx(1, abs=0.05)
    assert mirrored < same - 0.005


@pytest.mark.parametrize(
    ("settings", "error", "hint"),
    [
        ({"reference": ASPIRIN, "method": "size"}, ConfigError, "known: shape, colour"),
        ({"reference": "no such"}, ConfigError, "neither a .sdf"),
        ({"reference": "none.sdf"}, DataError, "no such file"),
        ({"reference": ASPIRIN, "conformers": 0}, ConfigError, "at least 1"),
    ],
)
def test_wrong_references(settings: dict[str, Any], error: type[Exception], hint: str) -> None:
    with pytest.raises(error, match=hint):
        Shape(**settings)


def test_strain_is_what_the_pose_costs(peptide: Path) -> None:
    docking = Docking(str(peptide), (0.0, 0.0, 0.0), (16.0, 16.0, 16.0), exhaustiveness=1, max_evals=50_000)
    stiff, flexible, invalid = Strain(docking)(Molecules(["c1ccccc1C#N", "OC(=O)CCCCCN", "no"]))
    assert 0 <= stiff < 1.5 < flexible < 60
    assert np.isnan(invalid)
    assert np.isnan(Strain(Docking(str(peptide), (0.0, 0.0, 0.0), cache=None, max_evals=1000))(Molecules(["CCO"]))[0])


def test_fragments_are_closed_with_hydrogens() -> None:
    benzanilide = Chem.MolFromSmiles("O=C(Nc1ccccc1)c1ccncc1")
    assert sorted(fragments(benzanilide)) == [("C=O", 2), ("N", 1), ("c1ccccc1", 6), ("c1ccncc1", 6)]
    assert sum(size for _, size in fragments(Chem.MolFromSmiles(CAFFEINE))) == 14


def test_blocks_stand_for_themselves_without_what_couplings_remove() -> None:
    blocks = [Chem.MolFromSmiles(text) for text in ("OB(O)c1ccncc1", "Brc1ccsc1", "OC(=O)C1CC1", "NCc1ccco1")]
    assert {"c1ccncc1", "c1ccsc1", "O=CC1CC1", "NCc1ccco1"} <= cores(blocks)


def test_cover_counts_heavy_atoms(tmp_path: Path) -> None:
    (tmp_path / "blocks.smi").write_text("OB(O)c1ccncc1\nnonsense\n")
    cover = BuildingBlocks(str(tmp_path / "blocks.smi"))
    biaryl, strange = cover(Molecules(["c1ccc(-c2ccncc2)cc1", "C1CC2CC1CC2"]))
    assert biaryl == pytest.approx(6 / 12)
    assert strange == 0
    (tmp_path / "none.smi").write_text("nonsense\n")
    with pytest.raises(DataError, match="no building block"):
        BuildingBlocks(str(tmp_path / "none.smi"))
