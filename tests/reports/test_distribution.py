"""A generator's samples beside held-out molecules."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.errors import DataError
from molgen.metrics.population import Population
from molgen.reports.distribution import HeldOut, assess


def parrot(smiles: list[str]) -> Any:
    """Says what it was told."""
    return SimpleNamespace(sample=lambda n, seed: smiles[:n])


@pytest.fixture(scope="module")
def held_out(samples: list[str]) -> HeldOut:
    return HeldOut(frozenset(samples[200:]), Population(samples[:100]), Population(samples[100:200]))


def test_what_repeats_the_held_out_set_is_at_no_distance(samples: list[str], held_out: HeldOut, tmp_path: Path) -> None:
    figures = assess(parrot(samples[:100]), held_out, n=100, seed=0, folder=tmp_path)
    assert figures["FCD, test"] == pytest.approx(0, abs=0.05)
    assert figures["SNN, test"] == pytest.approx(1)
    assert figures["novelty"] == 1
    assert figures["FCD, new scaffolds"] > 1
    assert json.loads((tmp_path / "figures.json").read_text())["FCD, test"] == figures["FCD, test"]
    assert (tmp_path / "samples.smi").read_text().splitlines() == samples[:100]
    for picture in ("properties.svg", "samples.svg"):
        assert "<svg" in (tmp_path / picture).read_text()


def test_what_repeats_the_training_set_is_not_new(samples: list[str], held_out: HeldOut, tmp_path: Path) -> None:
    figures = assess(parrot([*samples[200:], "nonsense"]), held_out, n=101, seed=0, folder=tmp_path)
    assert figures["novelty"] == 0
    assert figures["validity"] < 1


def test_the_command(smi_file: Path, tmp_path: Path) -> None:
    asked = ["benchmark", "distribution", "generator=recurrent", f"data={smi_file}", "n=100", f"folder={tmp_path / 'out'}"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert "FCD, new scaffolds" in result.output
    assert (tmp_path / "out" / "figures.json").exists()
    few = CliRunner().invoke(main, [*asked[:-2], "n=10"])
    assert few.exit_code == 1
    assert "n: must be at least 100" in few.output


def test_too_few_molecules_to_compare_with_are_refused() -> None:
    with pytest.raises(DataError, match=r"^2 molecules: 0 at random and 0 with scaffolds of their own .* 10 each are the least"):
        HeldOut.of(["CCO", "CCN"])
