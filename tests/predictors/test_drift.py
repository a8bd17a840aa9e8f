"""Drift: statistics worked out by SciPy and by hand, false alarms, and the command with good and bad tables."""

import json
import math
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rdkit.Chem import Crippen
from scipy.stats import ks_2samp

from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.data.dataset import Dataset, Endpoint
from molgen.errors import DataError
from molgen.predictors.drift import (
    DriftCheck,
    coverage_check,
    distribution_check,
    error_check,
    judged,
    share_check,
    stability_index,
)
from molgen.predictors.drift_history import append_history, read_history
from molgen.predictors.monitoring import Reference, in_the_unit_of
from molgen.predictors.shipped import load_predictor

ALARM = 3


def molgen(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_distribution_is_compared_as_scipy_does_and_in_tenths() -> None:
    rng = np.random.default_rng(0)
    known, new = rng.normal(size=500), rng.normal(0.5, size=80)
    check = distribution_check("x", np.append(new, np.nan), known)
    assert check is not None
    assert (check.change, check.p) == pytest.approx(tuple(ks_2samp(new, known)))
    assert (check.n, check.kind) == (80, "distribution")
    assert distribution_check("x", np.array([np.nan]), known) is None


def test_the_stability_index_is_that_worked_out_by_hand() -> None:
    """Tenths of 1 to 100 hold a tenth each; a table with half of its values in the first, half in the last."""
    known = np.arange(1.0, 101)
    assert stability_index(known, known) == pytest.approx(0)
    new = np.array([1.0] * 50 + [100.0] * 50)
    empty = 8 * (1e-4 - 0.1) * math.log(1e-4 / 0.1)
    assert stability_index(new, known) == pytest.approx(2 * 0.4 * math.log(5) + empty)


def test_that_none_of_a_few_was_outside_makes_none_impossible() -> None:
    """Laplace: of 30 none, so (0 + 1) / (30 + 2) are expected; one of a table of three is chance."""
    rows = pd.DataFrame({"part": ["fold 1"] * 30, "in_domain": True})
    reference = Reference(Endpoint("x"), [], np.array([]), rows)
    assert reference.expected_outside == pytest.approx(1 / 32)
    check = share_check("outside the domain", 1, 3, reference.expected_outside)
    assert check.p == pytest.approx(1 - (31 / 32) ** 3)
    assert not judged([check], 0.01, 0.1)[0].alarm


def test_checks_are_judged_together_as_holm_does() -> None:
    """0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02 (Holm); small changes raise nothing, however sure."""
    checks = [
        DriftCheck("x", "share", 1, 0, 9, change, p) for p, change in ((0.01, 0.5), (0.04, 0.5), (0.03, 0.5), (0.005, 0.05))
    ]
    found = judged(checks, 0.05, 0.1)
    assert [check.adjusted for check in found] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert [check.alarm for check in found] == [True, False, False, False]


def test_shares_errors_and_coverages_are_tested_on_one_side() -> None:
    assert share_check("x", 5, 10, 0.5).p == pytest.approx(0.623046875)  # binomial: (252 + 210 + 120 + 45 + 10 + 1) / 1024
    assert coverage_check("x", 0, 2).p == pytest.approx(0.01)
    worse = error_check("x", np.array([5.0, 6, 7]), np.array([1.0, 2, 3]))
    assert worse.p == pytest.approx(1 / 20)  # one of the 6 over 3 orders
    assert worse.change == pytest.approx(2)
    assert error_check("x", np.array([1.0, 2, 3]), np.array([5.0, 6, 7])).p == 1


@pytest.mark.parametrize("size", [20, 100, 1000])
def test_subsets_of_what_was_learnt_from_alarm_no_more_than_the_threshold_says(size: int) -> None:
    """Eleven descriptors, correlated, some of them counts; four hundred subsets of each size at 5 %."""
    rng = np.random.default_rng(1)
    known = rng.normal(size=(2000, 11)) @ rng.normal(size=(11, 11))
    known[:, :5] = np.round(known[:, :5])
    times, alarms = 200 if size < 1000 else 60, {0.0: 0, 0.1: 0}
    for _ in range(times):
        rows = rng.permutation(2000)[:size]
        checks = [distribution_check(str(j), known[rows, j], known[:, j]) for j in range(11)]
        for effect in alarms:
            alarms[effect] += any(each.alarm for each in judged([c for c in checks if c], 0.05, effect))
    assert alarms[0.1] <= alarms[0.0] <= times * 0.05 + 3 * math.sqrt(times * 0.05 * 0.95)


def test_a_shift_raises_an_alarm_as_soon_as_a_table_can_show_it() -> None:
    rng = np.random.default_rng(2)
    known = rng.normal(size=(2000, 11))
    new = rng.normal(size=(60, 11))
    new[:, 3] += 1
    found = judged([c for j in range(11) if (c := distribution_check(str(j), new[:, j], known[:, j]))], 0.01, 0.1)
    assert [check.name for check in found if check.alarm] == ["3"]


def test_a_history_goes_on_after_a_line_that_was_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "monitor.jsonl"
    assert read_history(file) == ([], [])
    for number in range(2):
        append_history(file, {"when": f"day {number}", "endpoints": {}})
    with file.open("a") as end:
        end.write('{"when": "cut o')
    append_history(file, {"when": "day 2", "endpoints": {}})
    entries, problems = read_history(file)
    assert [entry["when"] for entry in entries] == ["day 0", "day 1", "day 2"]
    assert problems == [f"{file}: line 3 can't be read and is left out"]
    other = tmp_path / "other.csv"
    other.write_text("smiles\nCCO\n")
    with pytest.raises(DataError, match="no history"):
        read_history(other)


def test_units_are_converted_or_refused() -> None:
    def told(label: Endpoint, endpoint: Endpoint) -> tuple[float, list[str]]:
        found, notes = in_the_unit_of(Dataset(Molecules(["CCO"]), np.array([[5000.0]]), (label,)), endpoint)
        return float(found.labels[0, 0]), notes

    micro = Endpoint("Ki", unit="uM")
    assert told(Endpoint("k", unit="nM"), micro) == (pytest.approx(5), ["k: nM converted to uM"])
    assert told(Endpoint("k", unit="umol/L"), micro) == (5000, [])
    [note] = told(Endpoint("k"), micro)[1]
    assert "the unit of the label isn't known" in note
    with pytest.raises(DataError, match="is in ug/mL, and Ki in uM: these can't be compared"):
        told(Endpoint("k", unit="ug/mL"), micro)
    with pytest.raises(DataError, match="its values make it a classification"):
        told(Endpoint("k", task="classification"), micro)


@pytest.fixture(scope="module")
def mine(samples: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small predictor of pIC50 with cross-validation, learnt from 120 molecules; 60 more in new.csv."""
    folder = tmp_path_factory.mktemp("drift")
    logp = Molecules(samples[:180]).map(Crippen.MolLogP)
    noise = np.random.default_rng(0).normal(0, 0.3, 180)
    table = pd.DataFrame({"smiles": samples[:180], "pIC50": (5 + logp / 2 + noise).round(2)})
    table[:120].to_csv(folder / "train.csv", index=False)
    table[120:].to_csv(folder / "new.csv", index=False)
    small = (
        "predictor=boosted",
        "predictor.trees.n_estimators=10",
        "predictor.folds=2",
        "split=random",
        "leakage=allow",
        "folds=2",
    )
    result = molgen("train", *small, f"data={folder / 'train.csv'}", "data.labels=[pIC50]", f"folder={folder / 'mine'}")
    assert result.exit_code == 0, result.output
    return folder


def test_like_molecules_raise_no_alarm_and_the_history_grows(mine: Path) -> None:
    asked = ("monitor", mine / "new.csv", f"predictor={mine / 'mine'}", "label=pIC50")
    for number in (1, 2):
        result = molgen(*asked)
        assert result.exit_code == 0, result.output
        entries, _ = read_history(mine / "mine" / "monitor.jsonl")
        assert len(entries) == number
    assert "no alarm in 16 checks" in result.output
    assert re.search(r"pIC50: MAE .* here, .* in cross-validation: (not told apart|better)", result.output)
    one = entries[-1]["endpoints"]["pIC50"]
    table = pd.read_csv(mine / "new.csv")
    [error] = [check for check in one["checks"] if check["kind"] == "error"]
    found = load_predictor(str(mine / "mine")).predict(table["smiles"].tolist()).mean[:, 0]
    assert error["new"] == pytest.approx(np.abs(table["pIC50"] - found).mean(), rel=1e-4)
    page = (mine / "mine" / "monitor.html").read_text()
    assert page.count("<td>new.csv</td>") == 2
    assert "changes of 2 tables; alarms at none" in page


def test_what_was_learnt_from_says_nothing_of_errors(mine: Path) -> None:
    result = molgen("monitor", mine / "train.csv", f"predictor={mine / 'mine'}", "label=pIC50", f"history={mine / 'h.jsonl'}")
    assert result.exit_code == 0, result.output
    assert "pIC50: 120 of them learnt from, 0% with a scaffold that is new" in result.output
    assert "errors of 120 measured molecules: they were learnt from, and say nothing" in result.output


def test_other_molecules_and_worse_errors_end_with_the_status_of_an_alarm(mine: Path) -> None:
    table = pd.read_csv(mine / "new.csv")
    table["pIC50"] += 2
    table.to_csv(mine / "off.csv", index=False)
    result = molgen("monitor", mine / "off.csv", f"predictor={mine / 'mine'}", "label=pIC50", f"history={mine / 'h2.jsonl'}")
    assert result.exit_code == ALARM, result.output
    assert "ALARM: mean absolute error" in result.output
    assert "ALARM: coverage of 90 % intervals" in result.output
    pd.DataFrame({"smiles": ["C" * n for n in range(1, 41)]}).to_csv(mine / "chains.csv", index=False)
    result = molgen("monitor", mine / "chains.csv", f"predictor={mine / 'mine'}", f"history={mine / 'h2.jsonl'}")
    assert result.exit_code == ALARM
    assert "ALARM: outside the domain" in result.output
    assert json.loads((mine / "h2.jsonl").read_text().splitlines()[-1])["alarm"] is True


def test_bounds_are_counted_and_are_in_no_error(mine: Path) -> None:
    table = pd.read_csv(mine / "new.csv", dtype=str)
    table.loc[:9, "pIC50"] = ">9"
    table.to_csv(mine / "bounds.csv", index=False)
    result = molgen("monitor", mine / "bounds.csv", f"predictor={mine / 'mine'}", "label=pIC50", f"history={mine / 'h3.jsonl'}")
    assert result.exit_code == 0, result.output
    assert "pIC50: 10 measured values are bounds, and in no error" in result.output
    [entry], _ = read_history(mine / "h3.jsonl")
    assert {check["n"] for check in entry["endpoints"]["pIC50"]["checks"] if check["kind"] == "error"} == {50}


def test_a_predictor_without_its_evaluation_is_compared_by_features_and_domain(mine: Path) -> None:
    old = mine / "old"
    shutil.copytree(mine / "mine", old)
    (old / "evaluation.csv").unlink()
    result = molgen("monitor", mine / "new.csv", f"predictor={old}", "label=pIC50", f"history={mine / 'h4.jsonl'}")
    assert result.exit_code == 0, result.output
    assert "not compared: predictions and errors: the predictor has no evaluation.csv" in result.output
    assert "not compared: errors against those of cross-validation" in result.output
    assert "no alarm in 14 checks" in result.output


def test_a_predictor_that_keeps_nothing_to_compare_with_is_refused(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine)
    result = molgen("monitor", "new.csv", "predictor=pka")
    assert result.exit_code == 1
    assert "nothing can be compared: the predictor keeps neither the molecules" in result.output
    assert not Path("pka_monitor.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        ("smiles,pIC50\nnonsense(,5\nmore((,6\n", [], "no valid SMILES in column 'smiles'"),
        ("a,b\n1,2\n3,4\n", [], "no column 'smiles'"),
        ("smiles,value\nCCO,5\n", ["label=pIC50"], "no label column 'pIC50'"),
        ("smiles,pIC50\nCCO,5\n", ["threshold=2"], "threshold"),
        ("smiles,pIC50\nCCO,5\n", ["endpoints=[Ki]"], "no endpoint 'Ki'"),
        ("smiles,pIC50\nCCO,5\nCCC,6\n", ["label=pIC50"], "ten are the least"),
        ("smiles,pIC50\nCCO,5\n", ["history=train.csv"], "no history of molgen monitor"),
    ],
)
def test_bad_tables_and_settings_end_with_a_reason(
    content: str, settings: list[str], message: str, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mine)
    Path("bad.csv").write_text(content)
    result = molgen("monitor", "bad.csv", "predictor=mine", *settings)
    assert result.exit_code == 1, result.output
    assert message in result.output
    without = molgen("monitor", "bad.csv")
    assert without.exit_code == 1


def test_concentrations_are_brought_to_the_logarithms_that_were_learnt(mine: Path) -> None:
    table = pd.read_csv(mine / "new.csv")
    pd.DataFrame({"smiles": table["smiles"], "IC50": 10 ** (9 - table["pIC50"])}).to_csv(mine / "nano.csv", index=False)
    asked = (f"predictor={mine / 'mine'}", f"history={mine / 'h5.jsonl'}")
    for file, settings in (("new.csv", ["label=pIC50"]), ("nano.csv", ["label=IC50", "unit=nM"])):
        result = molgen("monitor", mine / file, *asked, *settings)
        assert result.exit_code == 0, result.output
    errors = [entry["endpoints"]["pIC50"]["figures"]["mae"]["future"] for entry in read_history(mine / "h5.jsonl")[0]]
    assert errors[0] == pytest.approx(errors[1], rel=1e-3)
    refused = molgen("monitor", mine / "nano.csv", *asked, "label=IC50", "unit=kcal/mol")
    assert refused.exit_code == 1, refused.output
    assert "kcal/mol" in refused.output


def test_a_table_without_a_predictor_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("smiles\nCCO\n")
    result = molgen("monitor", tmp_path / "new.csv")
    assert result.exit_code == 1
    named = "predictor=train/mine, or admet, activity, toxicity, affinity, pka"
    assert result.output.strip() == f"molgen: predictor: name one: {named}"
