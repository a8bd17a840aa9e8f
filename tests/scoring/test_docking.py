"""Docking into a small peptide: the ligand's form, the pose, and what is kept."""

from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from molgen.chem.conformers import embedded, isomers, ring_shapes
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.predictors import protonation
from molgen.scoring.components import docking as module
from molgen.scoring.components.docking import Docking
from molgen.scoring.docking.ligand import Ligands, as_pdbqt
from molgen.scoring.docking.receptor import read_receptor

PHENYLETHANOL = "CC(O)c1ccccc1"
CARBONS = ("[C@H]", "[C@@H]")


@pytest.fixture(autouse=True)
def caches_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let components name databases anywhere."""
    monkeypatch.setenv("MOLGEN_TRUST", "cache")


def docking(receptor: Path, **settings: Any) -> Docking:
    fields = {
        "center": (0.0, 0.0, 0.0),
        "size": (16.0, 16.0, 16.0),
        "exhaustiveness": 1,
        "max_evals": 100_000,
        "cache": None,
    } | settings
    return Docking(str(receptor), **fields)


def isomers_of(smiles: str, n: int = 100) -> set[str]:
    return {Chem.MolToSmiles(mol) for mol in islice(isomers(Chem.MolFromSmiles(smiles)), n)}


def tries(smiles: str, ph: float | None = 7.4, n: int = 4, conformers: int | None = None) -> list[str]:
    """What is docked, as SMILES."""
    texts = Ligands(ph, n, conformers, seed=1)(smiles)
    lines = [line.split() for text in texts for line in text.splitlines()]
    return [Chem.CanonSmiles(words[2]) for words in lines if words[:2] == ["REMARK", "SMILES"] and words[2] != "IDX"]


def rotors(smiles: str) -> int:
    return as_pdbqt(embedded(Chem.MolFromSmiles(smiles))).count("\nBRANCH")


def test_unspecified_centres_are_tried_and_specified_ones_left() -> None:
    assert isomers_of("CC(F)Cl") == {"C[C@H](F)Cl", "C[C@@H](F)Cl"}
    assert isomers_of("C[C@H](F)Cl") == {"C[C@H](F)Cl"}
    assert len(isomers_of("CC(F)C(Cl)C(Br)C(O)F", 3)) == 3


def test_an_ammonium_is_no_centre() -> None:
    four = {f"CCN(C){one}(C)c1ccc({other}(C)O)cc1" for one in CARBONS for other in CARBONS}
    assert isomers_of("CCN(C)C(C)c1ccc(C(C)O)cc1") == set(map(Chem.CanonSmiles, four))
    charged = {text.replace("N(C)", "[NH+](C)", 1) for text in four}
    assert isomers_of("CC[NH+](C)C(C)c1ccc(C(C)O)cc1") == set(map(Chem.CanonSmiles, charged))
    assert set(tries("CCN(C)C(C)c1ccc(C(C)O)cc1")) == set(map(Chem.CanonSmiles, charged))


def test_both_enantiomers_of_a_racemate_are_tried_and_centres_relative_to_each_other_turn_together() -> None:
    assert isomers_of("C[C@H](N)c1ccccc1 |&1:1|") == {"C[C@H](N)c1ccccc1", "C[C@@H](N)c1ccccc1"}
    assert isomers_of("C[C@H](O)[C@@H](N)c1ccccc1 |o1:1,3|") == set(
        map(Chem.CanonSmiles, ("C[C@H](O)[C@@H](N)c1ccccc1", "C[C@@H](O)[C@H](N)c1ccccc1"))
    )
    assert len(tries("C[C@H](N)c1ccccc1 |&1:1|")) == 2


def test_a_bridgehead_gets_the_configuration_that_exists() -> None:
    [quinuclidine] = islice(isomers(Chem.MolFromSmiles("c1ccc(C[C@@H]2C[NH+]3CCC2CC3)cc1")), 1)
    assert embedded(quinuclidine).GetNumConformers() == 1


def test_only_isomers_that_can_exist_are_tried() -> None:
    assert isomers_of("CC1(C)C2CCC1(C)C(=O)C2") == {"CC1(C)[C@@H]2CC[C@@]1(C)C(=O)C2", "CC1(C)[C@H]2CC[C@]1(C)C(=O)C2"}  # camphor


def test_isomers_that_were_not_tried_are_said(peptide: Path, caplog: pytest.LogCaptureFixture) -> None:
    docking(peptide, isomers=2, max_evals=1000)(Molecules(["CC(F)C(Cl)O", PHENYLETHANOL]))
    assert "of 1 molecules only 2 stereoisomers were tried (isomers=)" in caplog.text


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


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("OC1CCCCC1", 1),  # the hydroxyl, whatever the ring
        ("OC1CCCCCC1", 1),
        ("OC1CCCCCCC1", 1),
        ("O=C1CCCCCN1", 0),
        ("CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21", 1),  # diazepam: phenyl
    ],
)
def test_rings_up_to_eight_are_docked_closed(smiles: str, expected: int) -> None:
    assert rotors(smiles) == expected


def test_macrocycles_are_docked_open() -> None:
    assert rotors("O=C1CCCCCCCCCCCCCCO1") > 5


def test_rings_of_seven_are_docked_in_their_shapes_and_others_in_one() -> None:
    shapes = ring_shapes(Chem.MolFromSmiles("OC1CCCCCC1"), 4, (7, 8), seed=1)
    assert shapes.GetNumConformers() == 4
    torsion = Chem.rdMolTransforms.GetDihedralDeg
    rings = {tuple(round(torsion(conformer, *[(i + k) % 7 + 1 for k in range(4)]) / 20) for i in range(7)) for conformer in
             shapes.GetConformers()}  # fmt: skip
    assert len(rings) == 4
    assert len(tries("CCOc1ccccc1")) == 1
    assert len(tries("OC1CCCCCC1", conformers=2)) == 2
    diazepam = ring_shapes(Chem.MolFromSmiles("CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21"), 4, (7, 8), seed=1)
    assert diazepam.GetNumConformers() == 2  # a boat and its mirror image


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


def test_an_isomer_that_does_not_fit_is_no_reason_to_fail_and_one_that_was_not_tried_is() -> None:
    no_pose, late = ValueError("no pose"), TimeoutError("took longer than 1 s")
    assert module.best_isomer([(-5.0, "a"), no_pose, (-6.0, "b")]) == (-6.0, "b")
    assert module.best_isomer([no_pose, no_pose]) is no_pose
    assert module.best_isomer([(-5.0, "a"), no_pose, late]) is late


def test_rings_of_seven_score_as_those_of_six_do(peptide: Path) -> None:
    seven, six = docking(peptide)(Molecules(["O=C1CCCCCN1", "O=C1CCCCN1"]))
    assert seven == pytest.approx(six, abs=0.7)


@pytest.mark.parametrize("smiles", [PHENYLETHANOL, "OC1CCCCCCCC1"])
def test_the_pose_is_in_the_box_and_vina_scores_it_so(peptide: Path, tmp_path: Path, smiles: str) -> None:
    component = docking(peptide, cache=f"sqlite:///{tmp_path}/scores.sqlite", ph=None)
    score = component(Molecules([smiles]))[0]
    [record] = component.records(Molecules([smiles]).canonical).values()
    pose = next(iter(Chem.ForwardSDMolSupplier(BytesIO(record.encode()), removeHs=False)))
    assert Chem.MolToSmiles(Chem.RemoveHs(pose), isomericSmiles=False) == Molecules([smiles]).canonical[0]
    assert np.abs(pose.GetConformer().GetPositions()).max() <= 9
    assert float(pose.GetProp("docking_score")) == pytest.approx(score, abs=1e-3)
    assert component.engine().score(pose) == pytest.approx(score, abs=0.02)


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


@pytest.fixture
def pdbqt(peptide: Path, tmp_path: Path) -> Path:
    """The peptide prepared."""
    path = tmp_path / "receptor.pdbqt"
    path.write_text(read_receptor(str(peptide)).pdbqt)
    return path


def test_a_receptor_that_is_overwritten_is_docked_as_it_is_now(pdbqt: Path, tmp_path: Path) -> None:
    cache = f"sqlite:///{tmp_path}/scores.sqlite"
    component = docking(pdbqt, cache=cache, processes=1)
    before = component(Molecules(["CCO"]))[0]
    whole = pdbqt.read_text()
    half = "".join(line for line in whole.splitlines(keepends=True) if not line.startswith("ATOM") or int(line[22:26]) < 5)
    pdbqt.write_text(half)
    after = component(Molecules(["CCO"]))[0]
    (tmp_path / "half.pdbqt").write_text(half)
    assert after == docking(tmp_path / "half.pdbqt")(Molecules(["CCO"]))[0]
    assert after != before
    pdbqt.write_text(whole)
    assert component(Molecules(["CCO"]))[0] == before


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Versions that the program sees, to be changed."""
    changed: dict[str, str] = {}
    original = module.version
    monkeypatch.setattr(module, "version", lambda name: changed.get(name) or original(name))
    return changed


def test_the_key_holds_all_that_a_value_depends_on(
    pdbqt: Path, versions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(**settings: Any) -> str:
        component = docking(pdbqt, **settings)
        return component.cache_key(component.measurement().identity)

    known = [key()]
    for settings in ({"ph": 6.0}, {"isomers": 2}, {"conformers": 3}, {"exhaustiveness": 2}, {"center": (1.0, 0.0, 0.0)},
                     {"size": (16.0, 16.0, 17.0)}, {"max_evals": 5}, {"check": True}):  # fmt: skip
        known.append(key(**settings))
    for name in ("vina", "meeko", "rdkit"):
        versions[name] = "other"
        known.append(key())
        versions.clear()
    monkeypatch.setattr(protonation, "VERSION", "another")
    known.append(key())
    monkeypatch.setattr(module, "PROTOCOL", -1)
    known.append(key())
    pdbqt.write_text(pdbqt.read_text() + "REMARK\n")
    known.append(key())
    assert len(set(known)) == len(known)


def test_what_cannot_be_docked_is_nan_beside_the_others(peptide: Path, caplog: pytest.LogCaptureFixture) -> None:
    values, reasons = docking(peptide).explained(Molecules(["CCO", "no molecule", "CB(O)O", "CCN", "Cl.NCc1ccccc1"]))
    np.testing.assert_array_equal(np.isnan(values), [False, True, True, False, True])  # Vina has no boron
    assert [reason is None for reason in reasons] == [True, True, False, True, False]
    assert "2 parts" in (reasons[4] or "")
    assert reasons[2] == "Vina knows no B"
    assert "2 of 4 failed" in caplog.text
    with pytest.raises(ValueError, match="2 parts"):
        Ligands(7.4, 1, 1, 1)("Cl.NCc1ccccc1")


def test_what_does_not_fit_has_no_score(peptide: Path) -> None:
    [value] = docking(peptide, size=(8.0, 8.0, 8.0))(Molecules(["CCCCCCCCCCCCc1ccc2cc3ccccc3cc2c1"]))
    assert np.isnan(value)


def test_implausible_poses_can_be_refused(peptide: Path) -> None:
    assert docking(peptide, check=True)(Molecules(["CCO"]))[0] < 0


@pytest.mark.parametrize(
    ("settings", "error", "hint"),
    [
        ({"center": None}, ConfigError, "center and size, or by ligand"),
        ({"ligand": "ligand.sdf"}, ConfigError, "center and size, or by ligand"),
        ({"center": None, "ligand": "nowhere.sdf"}, DataError, r"nowhere\.sdf: no such file"),
        ({"center": None, "ligand": "STI"}, DataError, "no such residue in "),
        ({"size": (10.0, 0.0, 10.0)}, ConfigError, "sizes above 0"),
        ({"size": (10.0, 4.0, 10.0)}, ConfigError, "edge of 4 Å holds no ligand; edges are 8 Å or more"),
        ({"size": (400.0, 400.0, 400.0)}, ConfigError, "64,000,000 Å³ are too many .* at most 125,000"),
        ({"center": (500.0, 0.0, 0.0)}, ConfigError, r"4\d\d Å from the nearest atom .* which lies between \["),
        ({"center": (float("nan"), 0.0, 0.0)}, ConfigError, "three numbers"),
        ({"center": (1.0, 2.0)}, ConfigError, "three numbers"),
        ({"exhaustiveness": 0}, ConfigError, "exhaustiveness: must be at least 1"),
        ({"seed": 0}, ConfigError, "seed: must be at least 1"),
    ],
)
def test_wrong_settings(peptide: Path, settings: dict[str, Any], error: type[Exception], hint: str) -> None:
    with pytest.raises(error, match=hint):
        docking(peptide, **settings)


def test_missing_packages_are_named_at_once(peptide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("molgen.scoring.components.docking.find_spec", lambda name: None if name == "vina" else name)
    with pytest.raises(ConfigError, match=r"docking needs vina: pip install 'molgen-design\[docking\]'"):
        docking(peptide)
