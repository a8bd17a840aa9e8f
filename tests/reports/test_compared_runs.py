"""Campaigns side by side: what is averaged, and what their best share."""

import numpy as np
import pandas as pd
import pytest

from molgen.reports.compared_runs import Job, RunSummary, by_setting, overlap, term_names
from molgen.search.strategy import KNOWN

RINGS = ["c1ccccc1", "c1ccncc1", "C1CCCCC1"]


def job(name: str, seed: int, scores: list[float], *, done: bool = True, search: str = "genetic", ring: int = 0) -> Job:
    """A campaign that scored chains on a ring, the `i`-th of `i` carbons; its term is ten times the score."""
    table = pd.DataFrame({"score": scores, "seconds": np.arange(len(scores), dtype=float), "operator": "mutation"})
    table["smiles"] = [f"{'C' * (i + 1)}{RINGS[ring]}" for i in range(len(scores))]
    table["id"] = range(1, len(scores) + 1)
    table = table.assign(logp=10 * table["score"], logp_scaled=table["score"] / 2)
    return Job(name, {"search": search, "seed": str(seed)}, RunSummary.of(table, len(scores)), None, done, len(scores))


def test_what_has_not_ended_is_never_averaged() -> None:
    jobs = [job("a", 0, [0.2] * 20), job("b", 1, [0.4] * 20), job("c", 2, [0.9] * 10, done=False)]
    jobs += [job("d", 0, [0.8] * 5, done=False, search="screen")]
    settings = by_setting(jobs)
    assert [(each.labels, each.ended, each.all) for each in settings] == [
        ({"search": "genetic"}, 2, 3),
        ({"search": "screen"}, 0, 1),
    ]
    # of 0.2 and 0.4: a mean of 0.3, and a standard error of 0.1, times the 97.5 % point of Student's t with one degree, 12.706
    assert settings[0].figures["best"] == settings[0].figures["top10"] == "0.300 ± 1.271"
    assert set(settings[1].figures.values()) == {"–"}


def test_values_of_terms_are_means_over_the_ten_best() -> None:
    found = job("a", 0, [i / 20 for i in range(20)])
    assert term_names([found]) == ["logp"]
    assert found.summary is not None
    assert found.summary.terms["logp"] == pytest.approx((10 * sum(range(10, 20)) / 200, sum(range(10, 20)) / 400))


def test_known_molecules_and_repeats_are_not_among_the_best() -> None:
    table = pd.DataFrame({"score": [0.9, 0.5, 0.5], "seconds": 1.0, "operator": [KNOWN, "mutation", "mutation"], "id": [1, 2, 3]})
    assert RunSummary.of(table.assign(smiles=["C", "CC", "CC"]), 3).best["smiles"].tolist() == ["CC"]


def test_what_the_best_of_two_campaigns_share_is_counted() -> None:
    jobs = [job("a", 0, [0.5] * 6), job("b", 1, [0.5] * 4), job("c", 2, [0.5] * 3, ring=1)]
    found = overlap([*jobs, Job("d", {"seed": "3"}, None, None, done=False)])
    assert found.names == ("a", "b", "c")
    assert found.molecules == ((6, 4, 0), (4, 4, 0), (0, 0, 3))
    assert found.scaffolds == ((1, 1, 0), (1, 1, 0), (0, 0, 1))
    many = overlap([job(f"{i}", i, [i / 20] * 3) for i in range(14)])
    assert (len(many.names), many.left_out) == (12, 2)
    assert {"0", "1"}.isdisjoint(many.names)
