"""The check of a machine's GPUs, as far as it goes without one."""

import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from rdkit import Chem

from molgen.chem.synthesis import sa_score
from molgen.search.bayesian.models.features import describe_molecules, stack
from molgen.search.bayesian.models.gaussian_process import GaussianProcess
from scripts.gpu_algebra import by_molgen, by_torch
from scripts.gpu_check import ROOT, compared, main, rows_of
from scripts.gpu_work import CHECKS, Row, library

KEY = ("x", 10)


def row(values: list[float], expected: list[float] | None = None, problem: str = "", failed: bool = False) -> dict:
    return asdict(Row("x", 10, 2.0, values, expected or [], 0.01, problem, failed))


def test_the_smallest_setting_runs_and_says_that_nothing_was_compared() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "gpu_check.py"), "--cpu", "--quick", "training", "algebra"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    checks = [line.split("|")[1].strip() for line in found.stdout.splitlines() if line.startswith("| ")]
    process = "Gaussian process: fit, predict"
    assert checks == ["check", "---", "transformer: an epoch", process, process]
    assert "no GPU was used, so no device was compared with another" in found.stdout


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_without_a_gpu_one_has_to_ask_for_the_processors() -> None:
    found = CliRunner().invoke(main, [])
    assert found.exit_code == 1
    assert "PyTorch sees no GPU here; --cpu" in found.output


def test_the_algebra_in_pytorch_is_that_of_the_search(samples: list[str]) -> None:
    mols = [Chem.MolFromSmiles(text) for text in samples[:150]]
    described, values = describe_molecules(mols), np.array([[sa_score(mol)] for mol in mols])
    model, known, new = GaussianProcess(growth=1e9), stack(described[:120]), stack(described[120:])
    model.fit(known, values[:120], np.random.default_rng(0))
    means, deviations = by_molgen(model, known, values[:120], new)
    assert np.ptp(means) > 0.5
    for ours, theirs in zip(by_torch(model, known, values[:120], new), (means, deviations), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3)


def test_molecules_are_distinct_and_valid_beyond_the_shipped_ones() -> None:
    smiles = library(9_900)
    assert len(set(smiles)) == 9_900
    assert all(Chem.MolFromSmiles(text) for text in smiles[-100:])
    assert smiles[:500] == library(500)


def test_help_names_every_check() -> None:
    assert all(name in CliRunner().invoke(main, ["--help"]).output for name in CHECKS)


def test_results_that_differ_beyond_rounding_are_wrong() -> None:
    lines, wrong = compared({KEY: row([1.0, 100.0])}, {KEY: row([1.0, 100.5])})
    assert lines == [["x", "10", "2", "2", "5", "5", "1", "0.00498", ""]]
    assert not wrong
    assert compared({KEY: row([1.0, 100.0])}, {KEY: row([3.0, 100.0])})[1] == ["x, 10 molecules: off by 0.02, allowed 0.01"]
    assert compared({KEY: row([np.nan])}, {KEY: row([1.0])})[1] == ["x, 10 molecules: off by nan, allowed 0.01"]
    assert compared({KEY: row([1.0])}, {KEY: row([1.0, 2.0])})[1] == ["x, 10 molecules: off by nan, allowed 0.01"]


def test_what_a_device_compares_by_itself_is_checked_on_each() -> None:
    assert not compared({KEY: row([1.0], [1.0])}, {KEY: row([7.0], [7.0])})[1]
    assert len(compared({KEY: row([1.0], [1.0])}, {KEY: row([7.0], [8.0])})[1]) == 1


def test_what_broke_is_wrong_and_what_does_not_fit_is_not() -> None:
    assert compared({KEY: row([], problem="no driver", failed=True)}, {KEY: row([1.0])})[1][0] == "x: no driver"
    lines, wrong = compared({KEY: row([], problem="doesn't fit into 8 GiB")}, {KEY: row([1.0])})
    assert lines[0][-1] == "doesn't fit into 8 GiB"
    assert not wrong


def test_a_gpu_that_is_not_done_in_time_is_wrong_and_a_slow_processor_is_not() -> None:
    rows = {device: rows_of(device, ["sampling"], 1) for device in ("cuda", "cpu")}
    assert compared(rows["cuda"], {})[1] == ["all checks, cuda: not done after 1 s"]
    lines, wrong = compared({}, rows["cpu"])
    assert lines[0][-1] == "not done after 1 s"
    assert not wrong
