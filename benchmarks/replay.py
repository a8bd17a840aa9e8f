"""Rounds with the laboratory, played again on measured data, to see how soon the best 2 % are found.

    python -m benchmarks.replay
    python -m benchmarks.replay --pools activity/chembl4005_ki --seeds 2 --conditions exact noisy

Each replay starts from 24 molecules of the worse half, then measures ten batches of 24. The figure is the share of the best 2 %
found, averaged over the rounds. Beside molgen's default stand random choices, the highest predictions of a forest on ECFP4,
and the search's own surrogate with independent choices: greedy, by upper confidence bound (kappa 1), and Thompson's. `noisy` are
errors of 0.3 log units (0.3 of kcal/mol for docking) with the lowest 30 % told as bounds, `few` 10 measurements at the start,
`related` none, but a forest that has learnt a related target for a mean. `--speed` times one choice of 48 of 50,000.
Pools, rules and conditions can be measured one after another: their rows are put together in the file of results.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from benchmarks.results import RESULTS, ROOT, save, show, write_between
from molgen.chem.similarity import bit_matrix
from molgen.config import compose_group
from molgen.data.curation import read_dataset
from molgen.data.dataset import Dataset
from molgen.project.choice.rules import DEFAULT, RULES
from molgen.project.models.base import Observations
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.project.replay import ByModel, MeasuredPool, Proposer, ReplayedBatch, ReplaySettings, replay
from molgen.search.bayesian.models.features import Features
from molgen.search.bayesian.models.gaussian_process import GaussianProcess

RELATED = {
    "activity/chembl219_ki": "activity/chembl234_ki",
    "activity/chembl4005_ki": None,
    "activity/chembl235_ec50": None,
    "activity/chembl204_ki": "activity/chembl244_ki",
    "activity/chembl244_ki": "activity/chembl204_ki",
    "activity/chembl233_ki": "activity/chembl214_ki",
    "activity/chembl214_ki": "activity/chembl234_ki",
    "activity/chembl234_ki": "activity/chembl219_ki",
    "replay/enamine10k": None,
    "replay/enamine50k": None,
}
DOCS = ROOT / "docs" / "explanation" / "lab-rounds.md"
BEGIN = "<!-- written by benchmarks.replay -->\n"
COLUMNS = {  # of the table in DOCS: condition, rule, figure
    "molgen": ("exact", "molgen", "area"),
    "Thompson": ("exact", "thompson", "area"),
    "UCB": ("exact", "ucb", "area"),
    "greedy": ("exact", "greedy", "area"),
    "forest": ("exact", "forest", "area"),
    "random": ("exact", "random", "area"),
    "molgen, noise and bounds": ("noisy", "molgen", "area"),
    "molgen, from 10": ("few", "molgen", "last"),
    "random, from 10": ("few", "random", "last"),
    "molgen, related target": ("related", "molgen", "last"),
    "random, from none": ("related", "random", "last"),
}
KEYS = ("pool", "condition", "rule")  # of a row
CONDITIONS: dict[str, dict[str, Any]] = {
    "exact": {},
    "noisy": {"noise": 0.3, "censored": 0.3},
    "few": {"start": 10, "rounds": 2},
    "related": {"start": 0, "rounds": 2},
}


@dataclass
class Surrogate:
    """The search's process with independent choices; `kappa` None is Thompson's."""

    kappa: float | None

    def __call__(
        self, pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int
    ) -> ReplayedBatch:
        """See `Proposer`."""
        model, seen = GaussianProcess(), part(pool.features, observed.rows)
        model.fit(seen, observed.values[:, None], rng)
        pieces = [model.predict(part(pool.features, slice(i, i + 2000))) for i in range(0, len(pool), 2000)]
        mean, deviation = (np.concatenate(each)[:, 0] for each in zip(*pieces, strict=True))
        mean[observed.rows] = -np.inf
        if self.kappa is not None:
            rows = np.argsort(-mean - self.kappa * deviation, kind="stable")[:number]
        else:
            rows, left = [], mean.copy()
            for _ in range(number):
                rows.append(int((left + deviation * rng.standard_normal(len(left))).argmax()))
                left[rows[-1]] = -np.inf
            rows = np.array(rows)
        return silent(rows)


@dataclass
class Forest:
    """The highest predictions of a random forest on fingerprints [n, bits]."""

    bits: Any

    def __call__(
        self, pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int
    ) -> ReplayedBatch:
        """See `Proposer`."""
        forest = RandomForestRegressor(100, random_state=int(rng.integers(2**31)), max_features=0.3)
        values = forest.fit(self.bits[observed.rows], observed.values).predict(self.bits)
        values[observed.rows] = -np.inf
        return silent(np.argsort(-values, kind="stable")[:number])


def at_random(pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int) -> ReplayedBatch:
    """Any molecules."""
    return silent(rng.permutation(np.setdiff1d(np.arange(len(pool)), observed.rows))[:number])


def silent(rows: Any) -> ReplayedBatch:
    """A proposal that says nothing of values."""
    unknown = np.full(len(rows), np.nan)
    return ReplayedBatch(np.asarray(rows, np.intp), unknown, unknown)


def part(x: Features, rows: Any) -> Features:
    """Features of some molecules."""
    return Features(x.fragments[rows], x.composition[rows])


def read(name: str) -> tuple[Dataset, MeasuredPool]:
    """A public set and its pool."""
    dataset, _ = read_dataset(compose_group("data", name))
    return dataset, MeasuredPool.of(dataset, lower=name.startswith("replay/"))


def predicted(dataset: Dataset, related: str) -> Any:
    """What a forest that has learnt a related target says of the molecules of a data set."""
    other, _ = read_dataset(compose_group("data", related))
    forest = RandomForestRegressor(200, random_state=0, max_features=0.3, min_samples_leaf=2)
    forest.fit(bit_matrix(other.molecules.mols), other.labels[:, 0])
    return forest.predict(bit_matrix(dataset.molecules.mols))


def proposers(dataset: Dataset) -> dict[str, Proposer]:
    """What is compared."""
    return {
        "molgen": ByModel(EndpointProcess, RULES[DEFAULT]),
        "thompson": Surrogate(None),
        "ucb": Surrogate(1.0),
        "random": at_random,
        "greedy": Surrogate(0.0),
        "forest": Forest(bit_matrix(dataset.molecules.mols)),
    } | {f"project {name}": ByModel(EndpointProcess, rule) for name, rule in RULES.items()}


def measure(
    pools: Sequence[str], seeds: Sequence[int], rules: Sequence[str], conditions: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """A row per pool, condition and rule."""
    for name in pools:
        dataset, pool = read(name)
        for condition in conditions:
            asked = pool
            if condition == "related":
                if (related := RELATED[name]) is None:
                    continue
                asked = MeasuredPool(pool.features, pool.values, predicted(dataset, related))
            for rule in [each for each in rules if condition == "exact" or each in ("molgen", "random")]:
                proposer = proposers(dataset)[rule]
                results = [replay(asked, proposer, ReplaySettings(seed=seed, **CONDITIONS[condition])) for seed in seeds]
                yield {
                    "pool": name,
                    "condition": condition,
                    "rule": rule,
                    "area": float(np.mean([each.area for each in results])),
                    "areas": {str(seed): each.area for seed, each in zip(seeds, results, strict=True)},
                    "last": float(np.mean([each.curve[-1] for each in results])),
                    "inside": sum(each.inside for each in results),
                    "predicted": sum(each.predicted for each in results),
                    "seconds": float(np.mean([np.mean(each.seconds) for each in results])),
                }


def speed() -> float:
    """Seconds that a choice of 48 of 50,000 takes with 500 measurements."""
    _, pool = read("replay/enamine50k")
    rows = np.random.default_rng(0).permutation(len(pool))[:500]
    began = time.perf_counter()
    ByModel(EndpointProcess, RULES[DEFAULT])(pool, Observations(rows, pool.values[rows]), 48, np.random.default_rng(0), 0)
    return time.perf_counter() - began


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table by pools: areas of exact replays by rule, molgen's with noise and bounds, what two rounds from little found."""
    values = {tuple(row[key] for key in KEYS): row for row in rows}
    lines = [["pool", *COLUMNS], ["---"] * (len(COLUMNS) + 1)]
    for pool in RELATED:
        cells = [values.get((pool, condition, rule), {}).get(figure) for condition, rule, figure in COLUMNS.values()]
        lines.append([pool.split("/")[1], *("" if cell is None else f"{cell:.3f}" for cell in cells)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pools", nargs="+", default=list(RELATED))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--first", type=int, default=100, help="the first seed; those below 100 had a part in choosing the default"
    )
    parser.add_argument("--rules", nargs="+", default=["molgen", "thompson", "ucb", "random", "greedy", "forest"])
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS), choices=list(CONDITIONS))
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--name", default="replay")
    parser.add_argument("--write", action="store_true", help="write the table into docs/explanation/lab-rounds.md")
    options = parser.parse_args()
    path = RESULTS / f"{options.name}.json"
    figures: dict[str, Any] = json.loads(path.read_text())["figures"] if path.exists() else {"rows": []}
    seeds = range(options.first, options.first + options.seeds)
    for row in measure(options.pools, seeds, options.rules, options.conditions):
        print({key: round(value, 3) if isinstance(value, float) else value for key, value in row.items()}, flush=True)
        others = [other for other in figures["rows"] if any(other[key] != row[key] for key in KEYS)]
        figures["rows"] = [*others, row]
        save(options.name, figures)
    for condition in CONDITIONS:
        found = [row for row in figures["rows"] if row["condition"] == condition]
        rules = dict.fromkeys(row["rule"] for row in found)
        areas = {rule: {row["pool"]: row["area"] for row in found if row["rule"] == rule} for rule in rules}
        table = [{"pool": pool} | {rule: by.get(pool, float("nan")) for rule, by in areas.items()} for pool in RELATED]
        show(f"share of the best 2 % found, mean over the rounds: {condition}", [row for row in table if len(row) > 1])
    own = [row for row in figures["rows"] if row["rule"] == "molgen" and row["condition"] != "related"]
    if number := sum(row["predicted"] for row in own):
        figures["coverage"] = sum(row["inside"] for row in own) / number
        print(f"measurements in the 90 % intervals of their predictions: {figures['coverage']:.1%} of {number:,}")
    if options.speed:
        figures["seconds for 48 of 50,000"] = speed()
        print(f"48 of 50,000 with 500 measurements: {figures['seconds for 48 of 50,000']:.1f} s")
    save(options.name, figures)
    if options.write:
        write_between(DOCS, BEGIN, markdown(figures["rows"]))


if __name__ == "__main__":
    main()
