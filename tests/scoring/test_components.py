"""What every component must do, and what each one measures."""

import dataclasses
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors

from molgen.chem.molecules import Molecules
from molgen.config import build
from molgen.errors import ConfigError, DataError
from molgen.grammar import spelled
from molgen.scoring.component import Component, find_components
from molgen.scoring.components.affinity import Affinity, Selectivity
from molgen.scoring.components.alerts import Alerts
from molgen.scoring.components.descriptor import DESCRIPTORS, Descriptor
from molgen.scoring.components.formula import Formula
from molgen.scoring.components.novelty import Novelty
from molgen.scoring.components.property import Property
from molgen.scoring.components.qed import QED
from molgen.scoring.components.sa_score import SAScore
from molgen.scoring.components.scaffold import Scaffold
from molgen.scoring.components.similarity import Similarity
from molgen.scoring.components.substructure import Substructure
from molgen.scoring.docking.receptor import read_receptor
from molgen.scoring.scorer import Scorer, Term
from molgen.scoring.transforms import Transform
from molgen.short_names import short_name
from tests.conftest import ASPIRIN, CAFFEINE

FOUND = find_components()
DIRECTIONS = {  # values of the examples that a chemist would call poor and good
    "Affinity": (6, 8),
    "Alerts": (3, 0),
    "BuildingBlocks": (0, 1),
    "Docking": (-6, -12),
    "Formula": (0, 1),
    "Liked": (0, 1),
    "Novelty": (0, 1),
    "Property": (0.9, 0.1),  # herg
    "QED": (0, 1),
    "RemoteScorer": (0, 1),
    "Route": (6, 0),
    "SAScore": (6, 2.5),
    "Scaffold": (0, 1),
    "Selectivity": (0, 2),
    "Shape": (0, 1),
    "Similarity": (0, 1),
    "Strain": (15, 2),
    "Substructure": (0, 1),
}
OSIMERTINIB = "COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc1nccc(n1)-c1cn(C)c2ccccc12"


@pytest.fixture(params=FOUND)
def component(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peptide: Path, address: str
) -> Component:
    monkeypatch.setenv("MOLGEN_TRUST", "command,endpoint")
    kind: Any = FOUND[request.param]
    monkeypatch.chdir(tmp_path)
    settings = dict(kind.example)
    if "url" in settings:
        settings["url"] = settings["url"].replace("http://127.0.0.1:8080", address).replace("http://127.0.0.1:8000", address)
    Path("receptor.pdbqt").write_text(read_receptor(str(peptide)).pdbqt)
    if value := settings.get("path"):
        Path(value).write_text("smiles\nCCO\n" if value.endswith(".csv") else "CCO\n")
    if value := settings.get("preferences"):
        Path(value).write_text("smiles,decision\nCCO,star\n")
    made: Component = build({"_target_": request.param} | settings)
    return made


class TestEveryComponent:
    def test_is_a_frozen_dataclass_that_is_explained(self, component: Component) -> None:
        name = dataclasses.fields(component)[0].name if dataclasses.fields(component) else "anything"
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(component, name, None)
        about = type(component).__doc__ or ""
        assert not about.startswith(f"{type(component).__name__}(")  # what Python writes where nobody did
        assert len(about.splitlines()[0]) > 10
        assert component.unit

    def test_gives_one_float_a_molecule_in_order_and_nan_for_invalid_ones(self, component: Component) -> None:
        smiles = [ASPIRIN, "not a molecule", CAFFEINE, "", OSIMERTINIB]
        values = component(Molecules(smiles))
        assert values.shape == (5,)
        assert values.dtype == np.float64
        np.testing.assert_array_equal(np.isnan(values), [False, True, False, True, False])
        np.testing.assert_allclose(component(Molecules(smiles[::-1])), values[::-1], rtol=1e-5)

    def test_takes_an_empty_batch(self, component: Component) -> None:
        assert component(Molecules([])).shape == (0,)

    def test_pickles(self, component: Component) -> None:
        molecules = Molecules([ASPIRIN, CAFFEINE])
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(component))(molecules), component(molecules))

    def test_has_a_desirability_or_an_example_of_a_transform(self, component: Component) -> None:
        """A term of it says what is wanted, one way or the other, and is refused where neither is known."""
        name = type(component).__name__
        if component.desirability() is None:
            assert component.transform is not None
            with pytest.raises(ConfigError, match=rf"scoring\.terms\.x: {short_name(name)} needs a transform: .*add transform"):
                Scorer({"x": Term(component)})
            Scorer({"x": Term(component, build(spelled(component.transform, "", Transform)))})
        else:
            assert component.transform is None
            poor, good = DIRECTIONS[name]
            scaled = Term(component)(np.linspace(poor, good, 5))
            assert (np.diff(scaled) > 0).all()
            assert scaled[0] < 0.1 < 0.9 < scaled[-1]

    def test_marks_atoms_of_the_molecule(self, component: Component) -> None:
        mol = Chem.MolFromSmiles(ASPIRIN)
        assert set(component.highlight(mol)) <= set(range(mol.GetNumAtoms()))


def value(component: Component, smiles: str) -> float:
    return float(component(Molecules([smiles]))[0])


def test_the_components_that_are_promised_are_found() -> None:
    found = {name.rpartition(".")[2] for name in FOUND}
    assert found >= {"QED", "SAScore", "Descriptor", "Similarity", "Substructure", "Formula", "Alerts", "Scaffold", "Novelty"}


def test_qed_of_aspirin() -> None:
    assert value(QED(), ASPIRIN) == pytest.approx(0.550, abs=5e-4)


def test_easy_molecules_have_a_lower_sa_score_than_natural_products() -> None:
    morphine = "CN1CCC23C4C1CC5=C2C(=C(C=C5)O)OC3C(C=C4)O"
    assert 1 <= value(SAScore(), ASPIRIN) < 2 < 4 < value(SAScore(), morphine) <= 10


@pytest.mark.parametrize(
    ("name", "smiles", "expected"),
    [
        ("molecular_weight", ASPIRIN, 180.16),
        ("tpsa", ASPIRIN, 63.60),
        ("hb_donors", ASPIRIN, 1),
        ("hb_acceptors", ASPIRIN, 3),
        ("logp", CAFFEINE, -1.03),
        ("aromatic_rings", CAFFEINE, 2),
        ("heavy_atoms", CAFFEINE, 14),
        ("formal_charge", "C[NH3+]", 1),
        ("largest_ring", "C1CCCCCC1C1CC1", 7),
        ("stereocentres", "CC(F)(Cl)Br", 1),
        ("fraction_sp3", "CCc1ccccc1", 0.25),
        # 0.16 - 0.63 x 2.840 - 0.0062 x 128.17 - 0.74
        ("esol", "c1ccc2ccccc2c1", -3.164),
    ],
)
def test_descriptors_have_their_known_values(name: str, smiles: str, expected: float) -> None:
    assert value(Descriptor(name), smiles) == pytest.approx(expected, abs=0.02)


def test_all_of_rdkits_descriptors_can_be_named() -> None:
    assert {name for name, _ in Descriptors.descList} <= set(DESCRIPTORS)
    assert value(Descriptor("NumSpiroAtoms"), "C1CCC2(CC1)CCNCC2") == 1


def test_a_descriptor_can_be_relative_to_a_molecule() -> None:
    assert value(Descriptor("heavy_atoms", reference="CC"), "CCCCC") == 3


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("Cn1c(=O)c2nc[nH]c2n(C)c1=O", 1.0),  # theophylline C7H8N4O2, against itself
        # one carbon and two hydrogens more: errors 1, 2, 0, 0 and 3 / 2
        (CAFFEINE, float(np.exp(-0.5 * (1 + 4 + 0 + 0 + 2.25) / 5))),
    ],
)
def test_formula_is_guacamols_isomer_score(smiles: str, expected: float) -> None:
    assert value(Formula("C7H8N4O2"), smiles) == pytest.approx(expected)


def test_substructures_present_absent_counted_and_marked() -> None:
    acid = "[CX3](=O)[OX2H1]"
    assert value(Substructure(acid), ASPIRIN) == 1
    assert value(Substructure(acid, "absent"), ASPIRIN) == 0
    assert value(Substructure(acid, "count"), "OC(=O)CC(=O)O") == 2
    assert value(Substructure(["c1ccccc1", acid, "N"]), ASPIRIN) == pytest.approx(2 / 3)
    assert value(Substructure(["c1ccccc1", acid, "N"], "absent"), ASPIRIN) == pytest.approx(1 / 3)
    assert list(Substructure(acid).highlight(Chem.MolFromSmiles(ASPIRIN))) == [10, 11, 12]


def test_similarity_of_a_molecule_to_itself_is_one() -> None:
    assert value(Similarity(ASPIRIN, "FCFP4"), ASPIRIN) == 1
    assert value(Similarity(ASPIRIN), CAFFEINE) < 0.3


def test_alerts_are_counted_over_catalogues() -> None:
    quinone = "CC1=CC(=O)C=CC1=O"
    assert value(Alerts(["PAINS"]), quinone) == 1
    assert value(Alerts(["PAINS", "BRENK"]), quinone) > 1
    assert value(Alerts(), ASPIRIN) == value(Alerts(["BRENK"]), ASPIRIN)


def test_scaffolds_match_exactly_or_as_graphs() -> None:
    assert value(Scaffold("c1ccncc1"), "Cc1ccncc1") == 1
    assert value(Scaffold("c1ccncc1"), "Cc1ccccc1") == 0
    assert value(Scaffold("c1ccncc1", generic=True), "Cc1ccccc1") == 1


def test_novelty_compares_molecules_and_not_spellings(tmp_path: Path) -> None:
    path = tmp_path / "known.smi"
    path.write_text("OCC\nbroken(\n")
    assert value(Novelty(str(path)), "CCO") == 0
    assert value(Novelty(str(path)), "CCN") == 1


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: Descriptor("lopg"), "did you mean 'logp'"),
        (lambda: Descriptor("logp", reference="x("), "reference"),
        (lambda: Similarity("x("), "not a molecule"),
        (lambda: Similarity("CC", "ECFP_4"), "did you mean 'ECFP4'"),
        (lambda: Substructure("[C"), "not a SMARTS"),
        (lambda: Substructure(["C", "[C"]), "not a SMARTS"),
        (lambda: Substructure([]), "not a SMARTS"),
        (lambda: Substructure("C", "presnt"), "did you mean 'present'"),
        (lambda: Formula("C9H8O4x"), "not a molecular formula"),
        (lambda: Formula("Xx2"), "not a molecular formula"),
        (lambda: Scaffold("CCC"), "with a ring"),
        (lambda: Alerts(["PAIN"]), "did you mean 'PAINS'"),
        (lambda: Novelty("nowhere.smi"), "no such file"),
    ],
)
def test_wrong_settings_are_refused_at_once(make: Any, hint: str) -> None:
    with pytest.raises((ConfigError, DataError), match=hint):
        make()


def test_a_property_is_read_as_asked_and_its_desirability_falls_with_risk() -> None:
    molecules = Molecules([ASPIRIN, CAFFEINE, "[Xe]"])
    mean, lower, upper = (Property("herg", statistic=name)(molecules) for name in ("mean", "lower", "upper"))
    np.testing.assert_allclose(mean - lower, upper - mean)
    assert (lower < mean).all()
    np.testing.assert_array_equal(np.isnan(Property("herg", outside="fail")(molecules)), [False, False, True])
    safe, risky = Property("herg").desirability()(np.array([0.1, 0.9]))
    assert safe > 0.9 > 0.1 > risky
    with pytest.raises(ConfigError, match="did you mean 'herg'"):
        Property("hrg")


def test_selectivity_is_the_distance_to_the_worst_off_target() -> None:
    molecules = Molecules([OSIMERTINIB, CAFFEINE])
    egfr, kit, src = (Affinity(name)(molecules) for name in ("EGFR", "KIT", "SRC"))
    np.testing.assert_allclose(Selectivity("EGFR", ["KIT", "SRC"])(molecules), egfr - np.maximum(kit, src))
    with pytest.raises(ConfigError, match="at least one"):
        Selectivity("EGFR", [])


def test_an_alert_is_bad_without_a_transform() -> None:
    clean, quinone = Scorer({"alerts": Term(Alerts(["PAINS"]))})(["CCO", "CC1=CC(=O)C=CC1=O"]).total
    assert (clean, quinone) == (1, pytest.approx(2 / 3))


def test_a_count_of_substructures_is_neither_good_nor_bad() -> None:
    with pytest.raises(ConfigError, match="substructure needs a transform"):
        Scorer({"x": Term(Substructure("C", "count"))})
