import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rdkit import Chem
from rdkit.Chem import Crippen

from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.data.dataset import Dataset, Endpoint
from molgen.errors import ConfigError
from molgen.project.choice.rules import RULES
from molgen.project.models.base import Observations
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.project.replay import ByModel, MeasuredPool, ReplayedBatch, ReplaySettings, replay
from molgen.search.bayesian.models.features import describe, stack

ALKYL = ["C" * n for n in range(1, 9)]
HEADS = ("O", "N", "C(=O)O", "C(=O)N", "S", "Cl", "Br", "C#N", "OC", "NC")
MOLECULES = [f"{a}{h}" for a in ALKYL for h in HEADS] + [f"{a}c1ccc({h})cc1" for a in ALKYL for h in HEADS]
LOGP = np.array([Crippen.MolLogP(Chem.MolFromSmiles(text)) for text in MOLECULES])


@pytest.fixture(scope="module")
def pool() -> MeasuredPool:
    return MeasuredPool(stack([describe(Chem.MolFromSmiles(text)) for text in MOLECULES]), LOGP)


class Recorder:
    """Proposes the first that aren't measured, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Observations] = []

    def __call__(
        self, pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int
    ) -> ReplayedBatch:
        self.told.append(observed)
        rows = np.setdiff1d(np.arange(len(pool)), observed.rows)[:number]
        return ReplayedBatch(rows, pool.values[rows] + 1.0, np.where(np.arange(number) % 2, 1.0, 0.5))


def test_a_project_finds_the_best_soon_and_random_does_not(pool: MeasuredPool) -> None:
    campaign = ReplaySettings(n=8, rounds=4)
    assert replay(pool, ByModel(EndpointProcess, RULES["thompson"]), campaign).curve[-1] == 1
    assert replay(pool, ByModel(EndpointProcess, RULES["random"]), campaign).curve[-1] < 1


def test_a_replay_repeats_by_its_seed(pool: MeasuredPool) -> None:
    curves = [
        replay(pool, ByModel(EndpointProcess, RULES["thompson"]), ReplaySettings(n=8, rounds=2, seed=3)).curve for _ in range(2)
    ]
    assert curves[0] == curves[1]


def test_rounds_start_from_the_worse_half_and_add_what_was_proposed(pool: MeasuredPool) -> None:
    recorder = Recorder()
    result = replay(pool, recorder, ReplaySettings(n=8, rounds=3, start=5))
    assert [len(told) for told in recorder.told] == [5, 13, 21]
    assert (LOGP[recorder.told[0].rows] <= np.median(LOGP)).all()
    best = np.sort(LOGP)[-3] <= LOGP
    measured = np.concatenate([recorder.told[2].rows, np.setdiff1d(np.arange(160), recorder.told[2].rows)[:8]])
    assert result.curve[-1] == best[measured].sum() / best.sum()


def test_coverage_counts_measurements_in_their_intervals(pool: MeasuredPool) -> None:
    result = replay(pool, Recorder(), ReplaySettings(n=8, rounds=2))
    assert result.predicted == 16
    assert result.coverage == 0.5  # one deviation off is within 1.645, two aren't


def test_noise_and_bounds_are_told(pool: MeasuredPool) -> None:
    recorder = Recorder()
    replay(pool, recorder, ReplaySettings(n=40, rounds=2, noise=0.3, censored=0.3))
    told, limit = recorder.told[1], np.quantile(LOGP, 0.3)
    bounds = told.relations == -1
    assert (told.values[bounds] == limit).all()
    assert (told.values[~bounds] >= limit).all()
    errors = (told.values - LOGP[told.rows])[~bounds & (LOGP[told.rows] > limit + 1)]
    assert 0.05 < errors.std() < 0.6


def test_more_rounds_than_molecules_are_refused(pool: MeasuredPool) -> None:
    with pytest.raises(ConfigError, match="more molecules than the pool's 160"):
        replay(pool, Recorder(), ReplaySettings(n=24, rounds=10))


def test_half_lives_count_by_their_logarithms() -> None:
    hours = Dataset(Molecules(MOLECULES), 10 ** LOGP[:, None], (Endpoint("half_life", "regression", "h"),))
    pool = MeasuredPool.of(hours, lower=True)
    assert pool.log
    np.testing.assert_allclose(pool.values, -LOGP)
    assert not MeasuredPool.of(Dataset(hours.molecules, hours.labels, (Endpoint("half_life", "regression", "%"),))).log


def test_the_last_line_of_the_command_is_json(tmp_path: Path) -> None:
    table = tmp_path / "assay.csv"
    table.write_text("smiles,pIC50\n" + "".join(f"{text},{value}\n" for text, value in zip(MOLECULES, LOGP, strict=True)))
    run = CliRunner().invoke(main, ["replay", f"data={table}", "label=pIC50", "n=8", "rounds=2", "strategy=ucb"])
    assert run.exit_code == 0, run.output
    figures = json.loads(run.output.splitlines()[-1])
    assert len(figures["curve"]) == 2
    assert figures["area"] == pytest.approx(np.mean(figures["curve"]), abs=1e-3)
    assert {"coverage", "seconds", "strategy"} <= set(figures)


def test_an_unknown_strategy_is_refused() -> None:
    run = CliRunner().invoke(main, ["replay", "strategy=tompson"])
    assert run.exit_code == 1
    assert "strategy=tompson: no such strategy, did you mean 'thompson'?" in run.output
