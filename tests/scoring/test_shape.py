"""Likeness in three dimensions, strain, and what can be bought."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from molgen.chem.blocks import cores, fragments
from molgen.chem.conformers import embedded
from molgen.chem.molecules import Molecules
from molgen.chem.solid import read_solid
from molgen.errors import ConfigError, DataError
from molgen.scoring.components.building_blocks import BuildingBlocks
from molgen.scoring.components.docking import Docking
from molgen.scoring.components.shape import METHODS, Shape
from molgen.scoring.components.strain import Strain
from tests.conftest import ASPIRIN, CAFFEINE

FILES, REAL = (Path(__file__).parents[1] / "cases" / name for name in ("files", "real"))


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


@pytest.mark.parametrize("smiles", ["NCCc1c[nH]cn1", "CC(=O)O", "Oc1ccc2[nH]ccc2c1"])
def test_a_drawn_ion_is_like_its_neutral_form_and_so_is_the_reference(smiles: str, tmp_path: Path) -> None:
    neutral = Chem.MolFromSmiles(smiles)
    Chem.MolToMolFile(embedded(neutral, seed=1), str(tmp_path / "bound.sdf"))
    [itself] = Shape(str(tmp_path / "bound.sdf"), "colour", conformers=10)(Molecules([smiles]))
    assert itself == pytest.approx(1, abs=0.1)


MELATONIN = "COc1ccc2[nH]cc(CCNC(C)=O)c2c1"


@pytest.mark.parametrize("method", ["shape", "colour", "combo"])
def test_a_pdb_ligand_is_read_with_its_bond_orders(method: str) -> None:
    saturated = "COC1CCC2NCC(CCNC(C)=O)C2C1"
    sdf = Shape(str(FILES / "ref.sdf"), method, conformers=15)(Molecules([MELATONIN, saturated]))
    pdb = Shape(str(FILES / "ref.pdb"), method, template=MELATONIN, conformers=15)(Molecules([MELATONIN, saturated]))
    np.testing.assert_allclose(pdb, sdf, atol=0.02)
    assert pdb[0] > 0.75
    assert pdb[0] > pdb[1] + 0.05


def test_a_pdb_ligand_without_hydrogens_needs_its_smiles_and_with_them_does_not(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="template=SMILES"):
        Shape(str(FILES / "ref.pdb"))
    with pytest.raises(DataError, match=r"another molecule: 3 heavy atoms, .* has 17"):
        Shape(str(FILES / "ref.pdb"), template="CCO")
    for smiles in (MELATONIN, "C[NH+](C)Cc1ccccc1C(=O)[O-]", "CC(=O)[O-]", "C[N+](C)(C)CC#N"):
        solid = embedded(Chem.MolFromSmiles(smiles), seed=2)
        Chem.MolToPDBFile(solid, str(tmp_path / "ligand.pdb"), flavor=2)  # without CONECT
        assert Chem.MolToSmiles(Chem.RemoveHs(read_solid(str(tmp_path / "ligand.pdb")))) == Chem.CanonSmiles(smiles)


def test_query_features_of_a_record_are_no_part_of_the_ligand() -> None:
    plain, query = (str(REAL / f"query_fields_ligand{part}.sdf") for part in ("_plain", ""))
    assert Chem.MolToSmiles(Chem.RemoveHs(read_solid(query))) == Chem.MolToSmiles(Chem.RemoveHs(read_solid(plain)))
    smiles = Chem.MolToSmiles(Chem.RemoveHs(read_solid(plain)))
    saturated = Chem.MolFromSmiles(smiles.replace("c3ccccc3F", "C3CCCCC3F"))
    one, other = (Shape(path, "colour")(Molecules([smiles, Chem.MolToSmiles(saturated)])) for path in (plain, query))
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert one[0] > one[1]


def test_a_mol2_without_hydrogens_is_refused(tmp_path: Path) -> None:
    atoms = "1 C1 0.0 0.0 0.0 C.3 1 LIG 0.0\n2 C2 1.5 0.0 0.1 C.3 1 LIG 0.0\n3 O1 2.0 1.3 0.2 O.3 1 LIG 0.0\n"
    text = f"@<TRIPOS>MOLECULE\nLIG\n3 2 1\nSMALL\nNO_CHARGES\n\n@<TRIPOS>ATOM\n{atoms}@<TRIPOS>BOND\n1 1 2 1\n2 2 3 1\n"
    (tmp_path / "ligand.mol2").write_text(text)
    with pytest.raises(DataError, match="no hydrogens"):
        Shape(str(tmp_path / "ligand.mol2"))


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
    with pytest.raises(ConfigError, match="keeps no poses"):
        Strain(Docking(str(peptide), (0.0, 0.0, 0.0), cache=None))


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
    with pytest.raises(DataError, match="no valid SMILES"):
        BuildingBlocks(str(tmp_path / "none.smi"))
