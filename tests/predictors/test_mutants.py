"""Mutants from their wild type, and a few measured values: against formulas written out, and what is done with them."""

import copy
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.data.affinity import Pairs
from molgen.errors import ConfigError, DataError
from molgen.learn.trainer import Trainer
from molgen.predictors.affinity import AffinityPredictor
from molgen.predictors.affinity_models import SEEN_BITS
from molgen.predictors.few_measurements import conditioned
from molgen.predictors.mutant_process import ChangeWeights, MutantProcess, form_covariance
from molgen.predictors.protein_forms import ProteinForm, canonical_sequence, read_form
from tests.conftest import ASPIRIN
from tests.predictors.test_protein_forms import SRC

ABL1 = canonical_sequence("ABL1", "")


def form(protein: str, text: str) -> ProteinForm:
    read = read_form(f"X{text}")
    assert read is not None
    return ProteinForm(protein, read[1])


def test_changes_have_in_common_what_the_weights_say() -> None:
    """T315I of ABL1, and of Src: its counterpart T341I, the neighbouring region's M343T, and another mutant of ABL1."""
    weights = ChangeWeights(any=1, region=10, protein_region=100, place=1000, residues=0, protein=1e4, form=1e5)
    gatekeeper = form(ABL1, "(T315I)")
    others = [
        gatekeeper,
        form(SRC, "(T341I)"),
        form(SRC, "(M344T)"),
        form(ABL1, "(F317I)"),
        form(ABL1, "(T315I)p"),
        form(ABL1, "p"),
    ]
    found = form_covariance([gatekeeper], others, weights)[0]
    assert found.tolist() == [111111, 1011, 1, 10001, 11112, 10001]


def test_unlike_substitutions_have_less_in_common() -> None:
    weights = ChangeWeights(any=1, region=0, protein_region=0, place=0, residues=1, protein=0, form=0)
    asked = [form(ABL1, "(T315I)")]
    same, near, far, deletion = form_covariance(
        asked, [form(SRC, "(T341I)"), form(ABL1, "(T315V)"), form(ABL1, "(T315D)"), form(ABL1, "(T315del)")], weights
    )[0]
    assert same == 1 > near > 0.9 > far > 0
    assert deletion == 0


def test_differences_are_those_of_the_regression_written_out(samples: list[str]) -> None:
    rng = np.random.default_rng(0)
    bits = bit_matrix(Molecules(samples[:12]).mols, SEEN_BITS)
    likeness = tanimoto_matrix(bits, bits).astype(float)
    forms = [form(ABL1, "(T315I)"), form(ABL1, "(H396P)"), form(SRC, "(T341M)")]
    which, drug = np.repeat(np.arange(3), 10), np.tile(np.arange(10), 3)
    wild, difference = rng.uniform(4, 9, 30), rng.normal(0, 1, 30)
    process = MutantProcess()
    process.fit(forms, which, drug, wild, difference, likeness)
    asked, asked_wild = form(ABL1, "(T315I/H396P)"), rng.uniform(5, 9, 12)
    mean, covariance = process.predict(asked, asked_wild, likeness[:, :12], likeness)

    everything, rows = [*forms, asked], [*zip(which, drug, wild, strict=True), *((3, d, w) for d, w in enumerate(asked_wild))]
    alike = form_covariance(everything, everything, process.weights)
    prior = np.array(
        [[alike[f, g] * likeness[d, e] * (0.1 + 0.1 * max(v - 5, 0) * max(w - 5, 0)) for g, e, w in rows] for f, d, v in rows]
    )
    expected, left = conditioned(np.zeros(42), prior, np.arange(30), difference, process.noise)
    np.testing.assert_allclose(mean, expected[30:], atol=1e-9)
    np.testing.assert_allclose(covariance, left[30:, 30:], atol=1e-9)


def test_the_effects_of_two_mutations_add_up() -> None:
    weights, other = ChangeWeights(protein=0), [form(ABL1, "(E255K)")]
    both = form_covariance([form(ABL1, "(T315I/H396P)")], other, weights)
    parts = [form_covariance([form(ABL1, text)], other, weights) for text in ("(T315I)", "(H396P)")]
    assert both == pytest.approx(sum(parts))


def test_two_correlated_values_one_of_them_measured_are_as_in_the_textbook() -> None:
    """Of a standard normal pair with correlation 0.8: mean 0.8 x, variance 1 - 0.64."""
    covariance = np.array([[1, 0.8], [0.8, 1]])
    mean, left = conditioned(np.zeros(2), covariance, np.array([0]), np.array([1.5]), 0.0)
    assert mean == pytest.approx([1.5, 1.2])
    assert left[1, 1] == pytest.approx(0.36)
    sample = stats.multivariate_normal([0, 0], covariance).rvs(400_000, random_state=0)
    near = sample[np.abs(sample[:, 0] - 1.5) < 0.05, 1]
    assert near.mean() == pytest.approx(mean[1], abs=0.02)


@pytest.fixture(scope="module")
def predictor(pairs: Pairs) -> AffinityPredictor:
    """The process alone, which knows all but K0 of the first ten molecules; the last five are in no pair."""
    known = np.flatnonzero((pairs.drug < 35) & ((pairs.drug > 9) | (pairs.target > 0)))
    found = AffinityPredictor(Trainer(""), kernel_share=1.0, kernel_share_new=1.0)
    found.fit(pairs.take(known))
    return found


def test_every_prediction_says_what_was_seen(predictor: AffinityPredictor, pairs: Pairs) -> None:
    asked = [pairs.drugs[20], pairs.drugs[0], ASPIRIN, "no molecule"]
    assert predictor.predict(asked, "K0").seen[:, 0].tolist() == ["pair", "drug and target", "target", ""]
    assert predictor.predict(asked, "K0(F5Y)").seen[:2, 0].tolist() == ["pair with wild type", "drug and wild type"]
    new = "MKV" + pairs.sequences[0][10:]
    assert predictor.predict(asked, new).seen[:, 0].tolist() == ["drug", "drug", "neither", ""]
    table = predictor.predict(asked, "K0").to_pandas()
    assert table["pKd_seen"].tolist()[:3] == ["pair", "drug and target", "target"]


def test_a_drug_that_is_listed_without_any_pair_was_not_seen(predictor: AffinityPredictor, pairs: Pairs) -> None:
    assert predictor.predict([pairs.drugs[39]], "K0").seen[0, 0] == "target"


def test_a_mutant_is_its_measured_wild_type_and_what_its_mutants_differ_by(predictor: AffinityPredictor, pairs: Pairs) -> None:
    """K3(A5G) binds everything 0.3 more strongly than K3, and K3(A5S) hasn't been measured."""
    drug = pairs.drugs[20]
    wild = pairs.affinity[(pairs.drug == 20) & (pairs.target == 3)].item()
    found = predictor.predict([drug], "K3(A5S)")
    assert wild + 0.15 < found.mean[0, 0] < wild + 0.35
    assert found.low[0, 0] < found.mean[0, 0] < found.high[0, 0]
    assert predictor.measured("pKd", "K3(A5S)")[0] == []


def test_a_known_mutant_is_itself_however_it_is_written(predictor: AffinityPredictor, pairs: Pairs) -> None:
    expected = predictor.predict(pairs.drugs[:12], "K3(A5G)").mean
    for target in ("k3(a5g)", f"{pairs.sequences[3]}(A5G)"):
        assert np.array_equal(predictor.predict(pairs.drugs[:12], target).mean, expected)


def test_what_is_not_there_is_refused(predictor: AffinityPredictor) -> None:
    for target, problem in {
        "K3(C5G)": "K3 has A5, not C5",
        "K9(A5G)": "no such target",
        "kinase.fasta(A5G)": "write the sequence itself",
    }.items():
        with pytest.raises(ConfigError, match=problem):
            predictor.predict([ASPIRIN], target)


def test_measured_values_count_for_their_target_and_its_mutants_alone(predictor: AffinityPredictor, pairs: Pairs) -> None:
    first, other = pairs.drugs[20], pairs.drugs[21]
    before = predictor.predict([first, other, ASPIRIN], "K0(F5Y)")
    value = before.mean[0, 0] + 1
    knowing = predictor.with_measurements("K0(F5Y)", [first], [value])
    after = knowing.predict([first, other, ASPIRIN], "k0(f5y)")
    assert before.mean[0, 0] < after.mean[0, 0] < value
    assert after.std[0, 0] < before.std[0, 0]
    assert after.seen[0, 0] == "given"
    for target in ("K0", "K0(F5W)", "K3"):
        assert np.array_equal(knowing.predict([first], target).mean, predictor.predict([first], target).mean)
    assert np.array_equal(predictor.predict([first, other, ASPIRIN], "K0(F5Y)").mean, before.mean)


def test_a_wild_type_that_the_user_measured_is_what_its_mutant_differs_from(predictor: AffinityPredictor, pairs: Pairs) -> None:
    drug = pairs.drugs[20]
    before = predictor.predict([drug], "K3(A5S)").mean[0, 0]
    learnt = pairs.affinity[(pairs.drug == 20) & (pairs.target == 3)].item()
    knowing = predictor.with_measurements("K3", [drug], [learnt - 1])
    assert before - 1.3 < knowing.predict([drug], "K3(A5S)").mean[0, 0] < before - 0.7


def test_measured_values_that_make_no_sense_are_refused(predictor: AffinityPredictor) -> None:
    with pytest.raises(DataError, match="250 is no pKd"):
        predictor.with_measurements("K0", [ASPIRIN], [250.0])
    with pytest.raises(DataError, match="measured with K0: no molecule"):
        predictor.with_measurements("K0", ["no molecule"], [6.0])
    with pytest.raises(DataError, match="2 values are given"):
        predictor.with_measurements("K0", [ASPIRIN], [6.0, 7.0])
    bare = copy.copy(predictor)
    bare.intervals = None
    with pytest.raises(ConfigError, match="calibrate"):
        bare.with_measurements("K0", [ASPIRIN], [6.0])


def test_a_saved_predictor_knows_the_same_mutants(predictor: AffinityPredictor, pairs: Pairs, tmp_path: Path) -> None:
    predictor.save(tmp_path / "predictor.safetensors", {})
    again = AffinityPredictor.load(tmp_path / "predictor.safetensors")
    for target in ("K3(A5S)", "K0p"):
        np.testing.assert_allclose(
            again.predict(pairs.drugs[:12], target).mean, predictor.predict(pairs.drugs[:12], target).mean, atol=1e-4
        )


def test_an_explanation_of_a_mutant_adds_up(predictor: AffinityPredictor) -> None:
    [mol] = Molecules([ASPIRIN]).mols
    found = predictor.attribute(mol, "pKd", "K3(A5S)")
    assert found.base + sum(part.value for part in found.parts) == pytest.approx(found.value, abs=1e-6)
    assert found.value == pytest.approx(predictor.predict([ASPIRIN], "K3(A5S)").mean[0, 0], abs=1e-4)
    assert found.neighbours == []
