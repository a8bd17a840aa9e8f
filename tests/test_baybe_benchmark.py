"""Rounds that another process proposes: the same replay, as far as there is time."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from benchmarks.baybe import BEGIN, DOCS, Answers, Asked, OutOfTimeError, Timed, markdown, played, summary
from benchmarks.replay import silent
from benchmarks.results import END, RESULTS
from molgen.project.models.base import Observations
from molgen.project.replay import MeasuredPool, ReplayedBatch, ReplaySettings
from molgen.search.bayesian.models.features import describe, stack

SETTINGS = ReplaySettings(n=2, rounds=4, seed=3)
NEXT = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    rows = [row for row in range(12) if row not in asked["rows"]][: asked["number"]]
    print(json.dumps(dict(rows=rows, seconds=0.5, processor=sum(asked["values"]))), flush=True)
"""


COMMAND = [sys.executable, "-c", NEXT]  # proposes the first molecules of twelve that aren't measured


@pytest.fixture(scope="module")
def pool() -> MeasuredPool:
    return MeasuredPool(stack([describe(Chem.MolFromSmiles("C" * n)) for n in range(1, 13)]), np.arange(12.0) % 5)


def in_order(pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int) -> ReplayedBatch:
    return silent(np.setdiff1d(np.arange(len(pool)), observed.rows)[:number])


def test_another_process_is_told_and_plays_what_a_proposer_here_would(pool: MeasuredPool) -> None:
    here = played(pool, Timed(in_order), SETTINGS)
    with Answers(COMMAND, 60) as answers:
        there = played(pool, Asked(answers), SETTINGS)
    assert there["curve"] == here["curve"]
    assert len(there["curve"]) == 4
    assert there["seconds"] == [0.5] * 4
    assert there["processor"] == sorted(there["processor"])  # sums of what was told: all that has been measured, each time
    assert there["processor"][-1] <= pool.values.sum()


def test_a_replay_that_is_out_of_time_is_told_as_far_as_it_came(pool: MeasuredPool) -> None:
    with Answers(COMMAND, 60) as answers:
        asked = Asked(answers)

        def late_in_the_third_round(*round_: Any) -> ReplayedBatch:
            if len(asked.took) == 2:
                answers.stop()
            return asked(*round_)

        found = played(pool, Timed(late_in_the_third_round), SETTINGS)
    assert len(found["curve"]) == len(found["seconds"]) == 2


def test_a_process_is_stopped_when_its_time_is_up() -> None:
    with Answers([sys.executable, "-c", "import time; time.sleep(60)"], 0.1) as answers, pytest.raises(OutOfTimeError):
        answers.ask({})


def test_a_process_that_breaks_is_no_process_that_is_out_of_time(pool: MeasuredPool) -> None:
    with Answers([sys.executable, "-c", "raise SystemExit(3)"], 60) as answers, pytest.raises(RuntimeError, match="status 3"):
        played(pool, Asked(answers), SETTINGS)


def row(rounds: int) -> dict[str, Any]:
    """Ten rounds of molgen, of which BayBE finished some."""
    took = {"seconds": [30.0] * rounds, "processor": [20.0] * rounds}
    own = {"seconds": [1.0, 2.0] + [9.0] * 8, "processor": [1.0] * 10, "curve": [0.25, 0.75] + [1.0] * 8, "set-up": 2.0}
    return {
        "pool": "activity/x", "encoding": "ECFP", "seed": 0, "molecules": 1234, "molgen": own,
        "random": {"curve": [0.0] * 10}, "baybe": took | {"curve": [0.25] * rounds, "set-up": 40.0},
    }  # fmt: skip


def test_tools_are_compared_over_the_rounds_that_both_finished() -> None:
    line = summary(row(2))
    assert line["rounds"] == 2
    assert (line["BayBE's batch, s"], line["molgen's batch, s"], line["times"]) == (30.0, 1.5, 20.0)
    assert (line["times, processor"], line["BayBE found"], line["molgen found"]) == (20.0, 0.25, 0.5)
    assert markdown([row(2)]).splitlines()[2].startswith("| x (1,234) | ECFP | 0 | 2 | 40 | 2 | 30 | 1.5 | 20 |")
    assert np.isnan(summary(row(0))["times"])


def test_the_docs_have_the_table_of_the_results() -> None:
    rows = json.loads(Path(RESULTS / "baybe.json").read_text())["figures"]["rows"]
    assert BEGIN + markdown(rows) + END in DOCS.read_text()
