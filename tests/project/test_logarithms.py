"""Endpoints whose values are compared as ratios are learnt by their logarithms."""

from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.project.facts import Measurement
from molgen.project.goal_files import read_goals
from molgen.project.goals import MeasuredEndpoint
from molgen.project.models.base import Observations
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.project.models.logarithmic_process import LogarithmicProcess
from molgen.project.models.scales import Scales
from molgen.project.posterior import Posterior
from molgen.search.bayesian.models.features import describe_molecules, stack

SMILES = [f"{'C' * n}{head}" for n in range(1, 7) for head in ("O", "N", "C(=O)O", "Cl", "c1ccccc1")]
LOGS = np.array([Crippen.MolLogP(Chem.MolFromSmiles(each)) for each in SMILES]) / 2
ASKED = Molecules(["CCCCCCCO", "CCC(C)O", "CCCCCCCCCCCCc1ccccc1", "OCC(O)C(O)CO"])


def posterior(tmp_path: Path, goals: str, endpoint: str, values: np.ndarray) -> Posterior:
    path = tmp_path / "goals.yaml"
    path.write_text(goals)
    facts = [
        Measurement(compound=smiles, endpoint=endpoint, value=float(value), relation=int(k == 3) - int(k == 5))
        for k, (smiles, value) in enumerate(zip(SMILES, values, strict=True))
    ]
    return Posterior.of(read_goals(path), facts)


@pytest.mark.parametrize("wanted", ["lowest: true", "at_most: {limit}"])
def test_a_clearance_is_learnt_as_its_logarithm_is(tmp_path: Path, wanted: str) -> None:
    wanted_of = wanted.format(limit=3.0), wanted.format(limit=np.log10(3.0))
    unit = "endpoints: {CL: {unit: uL/min/mg}}"
    plain = posterior(tmp_path, f"goals: {{c: {{measured: CL, {wanted_of[0]}}}}}\n{unit}", "CL", 10**LOGS)
    logs = posterior(tmp_path, f"goals: {{c: {{measured: log CL, {wanted_of[1]}}}}}", "log CL", LOGS)
    own, others = (each.expect(ASKED)["c"] for each in (plain, logs))
    for part in ("mean", "low", "high"):
        np.testing.assert_allclose(getattr(own, part), 10 ** getattr(others, part), rtol=1e-6)
    assert own.error is not None
    assert np.isnan(own.error).all()  # a number of it would say something wrong of one side
    assert own.low is not None
    assert own.low.min() > 0
    drawn, of_logs = (each.draw(ASKED, 50, np.random.default_rng(0)) for each in (plain, logs))
    np.testing.assert_allclose(drawn["c"], 10 ** of_logs["c"], rtol=1e-6)
    np.testing.assert_array_equal(plain.goals.chance(drawn), logs.goals.chance(of_logs))
    if wanted == "lowest: true":  # tolerances of thresholds are in their units
        np.testing.assert_allclose(plain.utility(ASKED), logs.utility(ASKED), rtol=1e-6)


def test_a_predictor_counts_by_its_logarithms_where_it_has_them() -> None:
    x, asked = (stack(describe_molecules(molecules.mols)) for molecules in (Molecules(SMILES), ASKED))
    observed, logs = (Observations(np.arange(20), values[:20]) for values in (10**LOGS, LOGS))
    said, said_of_asked = LOGS + 0.3, np.array([1.0, 0.0, 3.0, -4.0])
    own, of_logs = LogarithmicProcess(), EndpointProcess()
    own.fit(x, observed, 10**said)
    of_logs.fit(x, logs, said)
    lowest = np.maximum(said_of_asked, said.min())
    np.testing.assert_allclose(own.predict(asked, 10**said_of_asked), of_logs.predict(asked, lowest))
    signed = LOGS - LOGS.mean()
    own.fit(x, observed, signed)
    of_logs.fit(x, logs, signed)
    np.testing.assert_allclose(own.predict(asked, said_of_asked), of_logs.predict(asked, said_of_asked))


@pytest.mark.parametrize(
    ("endpoint", "values", "by_ratios"),
    [
        (MeasuredEndpoint("CLint", "uL/min/mg"), [8, 12], True),
        (MeasuredEndpoint("half-life", "h"), [], True),
        (MeasuredEndpoint("half-life", "h"), [0.0, 3.0], False),  # reported as 0
        (MeasuredEndpoint("inhibition", "%"), [1, 99], False),
        (MeasuredEndpoint("logD"), [0.1, 4.5], False),
        (MeasuredEndpoint("pIC50"), [0.3, 9.0], False),
        (MeasuredEndpoint("selectivity"), [1, 3, 400], True),
        (MeasuredEndpoint("docking"), [-12, -3], False),
        (MeasuredEndpoint("strain", "kcal/mol"), [0.2, 12.0], False),
        (MeasuredEndpoint("solubility", "log mol/L"), [0.01, 1.0], False),
        (MeasuredEndpoint("Tm"), [48.0, 61.0], False),
        (MeasuredEndpoint("CLint", "uL/min/mg", log=False), [1, 100], False),
        (MeasuredEndpoint("counts", log=True), [5, 6], True),
    ],
)
def test_which_values_are_compared_as_ratios(endpoint: MeasuredEndpoint, values: list[float], by_ratios: bool) -> None:
    assert endpoint.by_ratios(values) is by_ratios


def test_what_has_no_logarithm_is_told() -> None:
    with pytest.raises(ConfigError, match=r"endpoints\.CLint\.log: 1 of 3 measured values are 0 or below"):
        MeasuredEndpoint("CLint", log=True).by_ratios([1, 0, 2])


def test_log_is_read_and_nothing_but_true_and_false(tmp_path: Path) -> None:
    path = tmp_path / "goals.yaml"
    path.write_text("goals: {c: {measured: CL, lowest: true}}\nendpoints: {CL: {log: true}}")
    assert read_goals(path).endpoints["CL"].log is True
    path.write_text("goals: {c: {measured: CL, lowest: true}}\nendpoints: {CL: {log: 2}}")
    with pytest.raises(ConfigError, match=r"CL\.log: must be true or false, not 2"):
        read_goals(path)


@pytest.mark.parametrize(("values", "least", "most"), [([45.0], 5, 50), ([6.5], 0.5, 1.5), ([1200.0, 1500.0], 100, 1000)])
def test_few_values_spread_by_their_size(values: list[float], least: float, most: float) -> None:
    scale = Scales.of(Observations(np.arange(len(values)), np.array(values)), None).scale[0]
    assert least < scale < most


@pytest.mark.parametrize("process", [EndpointProcess, LogarithmicProcess])
def test_before_any_molecule_a_predictor_is_taken_at_its_word(process: type[EndpointProcess]) -> None:
    none, asked = (stack(describe_molecules(molecules.mols)) for molecules in (Molecules([]), ASKED))
    said = np.array([5.0, 20.0, 60.0, 150.0])
    for around in (None, 10.0):
        model = process()
        model.fit(none, Observations(np.empty(0, np.intp), np.empty(0)), np.empty(0), around)
        mean, deviation = model.predict(asked, said)
        np.testing.assert_allclose(model.values(mean), said)
        assert (deviation > 0.5).all()


def test_a_predictor_in_another_unit_does_not_tell_how_far_values_spread() -> None:
    x, asked = (stack(describe_molecules(molecules.mols)) for molecules in (Molecules(SMILES), ASKED))
    model = LogarithmicProcess()
    model.fit(x, Observations(np.arange(2), np.array([5.0, 12.0])), 50 * (LOGS - LOGS.mean()))
    _, deviation = model.predict(asked, 50 * (np.array([1.0, 0.0, 3.0, -1.0]) - LOGS.mean()))
    assert deviation.max() < 4  # powers of ten


def test_of_one_compound_a_predictor_does_not_tell_the_spread_either() -> None:
    scale = Scales.of(Observations(np.zeros(1, np.intp), np.array([45.0])), np.array([40.0])).scale[0]
    assert 5 < scale < 50


def in_unit(endpoint: str, unit: str, values: list[float]) -> list[Measurement]:
    return [Measurement(compound=each, endpoint=endpoint, unit=unit, value=v) for each, v in zip(SMILES, values, strict=False)]


def test_units_that_measurements_say_count_as_those_in_goals_do(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text(
        "goals: {half: {measured: t1/2, at_least: 2}, inhibition: {measured: inhibition, at_least: 80}}"
    )
    percent = [1.0, 4, 15, 40, 70, 88, 95, 99]
    facts = [*in_unit("t1/2", "h", [0.5, 3.0]), *in_unit("inhibition", "%", percent)]
    found = Posterior.of(read_goals(tmp_path / "goals.yaml"), facts)
    assert {name: type(model) for name, model in found.models.items()} == {
        "half": LogarithmicProcess,
        "inhibition": EndpointProcess,
    }
    half, inhibition = (found.expect(ASKED)[name] for name in ("half", "inhibition"))
    assert half.low is not None
    assert half.low.min() > 0
    assert inhibition.low is not None
    assert inhibition.low.min() >= 0
    assert inhibition.high is not None
    assert inhibition.high.max() == 100
    beyond = Posterior.of(found.goals, [*facts, *in_unit("inhibition", "%", [-7.0])]).expect(ASKED)["inhibition"]
    assert beyond.low is not None
    assert beyond.low.min() == -7


def test_a_count_of_zero_is_allowed_and_no_interval_reaches_below(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text("goals: {c: {measured: CL, at_most: 10}}")
    found = Posterior.of(read_goals(tmp_path / "goals.yaml"), in_unit("CL", "uL/min/mg", [0.0, 3, 8, 40, 12, 9])).expect(ASKED)[
        "c"
    ]
    assert found.low is not None
    assert found.low.min() == 0


def test_what_was_never_measured_is_not_predicted_from_what_shares_its_unit(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text(
        "goals: {inhibition: {measured: inhibition, at_least: 80}, unbound: {measured: fu, between: [5, 40], hard: true}}\n"
        "endpoints: {fu: {unit: '%'}}"
    )
    found = Posterior.of(read_goals(tmp_path / "goals.yaml"), in_unit("inhibition", "%", [70.0, 88, 95, 99, 93]))
    unbound = found.expect(ASKED)["unbound"]
    assert np.isnan([unbound.mean, unbound.error, unbound.low, unbound.high]).all()
    drawn = found.draw(ASKED, 200, np.random.default_rng(0))["unbound"]
    assert 0.3 < ((drawn > 5) & (drawn < 40)).mean() < 0.95  # it neither keeps out nor lets in
