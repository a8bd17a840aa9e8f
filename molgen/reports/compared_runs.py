"""Campaigns side by side, as plain tables: each with its figures, means over what has ended, values of terms, what is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from molgen.chem.scaffolds import scaffold_of
from molgen.metrics.means import mean_interval
from molgen.metrics.ranking import auc_top, top_mean
from molgen.reports.charts import BEST, best_so_far
from molgen.reports.designed import designed, designed_scores

KEPT, BESIDE = 100, 12  # best molecules of a run that are kept, and runs whose best are compared with each other
FIGURES = {"auc": "AUC of the ten best", "top10": "mean of the ten best", "best": "best", "calls": "calls", "seconds": "seconds"}
ENDED, UNENDED, FAILED = "finished", "unfinished", "failed"


@dataclass(frozen=True)
class JobResult:
    """What came of a job: calls, its best score, the mean of its ten best, and the area under that mean over its calls.

    Known molecules that it began from are calls, and neither best.
    """

    calls: int
    best: float
    top10: float
    auc: float
    seconds: float

    @classmethod
    def of(cls, molecules: pd.DataFrame, budget: int) -> "JobResult":
        """Of the scored molecules of a job (`RunStore.to_pandas`, at least one), in the order of its calls."""
        scores = designed_scores(molecules).tolist()
        seconds = float(molecules["seconds"].max())
        return cls(len(scores), max(scores), top_mean(scores, 10), auc_top(scores, 10, budget), seconds)


@dataclass(frozen=True)
class RunSummary:
    """What comparisons need of the molecules that a run has scored so far.

    Attributes
    ----------
    best
        Its best designed molecules, each once: the columns of `RunStore.to_pandas`.
    curve
        The mean of the ten best, by call; see `best_so_far`.
    """

    result: JobResult
    best: pd.DataFrame
    curve: pd.Series

    @classmethod
    def of(cls, molecules: pd.DataFrame, budget: int) -> "RunSummary":
        """Of `RunStore.to_pandas`, with at least one molecule."""
        ordered = designed(molecules).sort_values("score", ascending=False, kind="stable")
        best = ordered.drop_duplicates("smiles").head(KEPT).reset_index(drop=True)
        return cls(JobResult.of(molecules, budget), best, best_so_far(designed_scores(molecules)))

    @property
    def terms(self) -> dict[str, tuple[float, float]]:
        """Means over the ten best molecules: a term's value, and how desirable that is; nan where none has one."""
        top = self.best.head(BEST)
        names = [name.removesuffix("_scaled") for name in top if name.endswith("_scaled") and name.removesuffix("_scaled") in top]
        return {name: (_mean(top[name]), _mean(top[f"{name}_scaled"])) for name in names}


@dataclass(frozen=True)
class Job:
    """A campaign that is compared with others.

    Attributes
    ----------
    labels
        Its values of the settings that they differ in.
    summary
        What it has found so far; None before the first molecule.
    failure
        Why it ended without a result; None if it did not.
    done
        Whether it has ended.
    budget
        Calls that it may make; 0 where that isn't known.
    link
        Address of its own page; empty where it has none.
    """

    name: str
    labels: Mapping[str, str]
    summary: RunSummary | None
    failure: str | None
    done: bool
    budget: int = 0
    link: str = ""

    @property
    def state(self) -> str:
        """finished, unfinished or failed."""
        return ENDED if self.done else UNENDED if self.failure is None else FAILED

    @property
    def result(self) -> JobResult | None:
        """What came of it so far; None before the first molecule."""
        return None if self.summary is None else self.summary.result

    @property
    def objective(self) -> str:
        """What tells its scores from those that they can't be compared with; empty where all have one objective."""
        return self.labels.get("scoring", "")

    @property
    def setting(self) -> str:
        """What it has in common with the jobs that differ from it in their seed only."""
        varied = [f"{key}={value}" for key, value in self.labels.items() if key not in ("seed", "scoring")]
        return ", ".join(varied) or "all"


@dataclass(frozen=True)
class Setting:
    """Jobs that differ in nothing else than their seed.

    Attributes
    ----------
    labels
        Their common values of what jobs differ in, but the seed.
    ended, all
        How many have ended, and how many there are.
    figures
        Of `FIGURES`: means over those that have ended with half the 95 % confidence interval; a dash where none has.
    auc
        The mean of what settings are sorted by; nan where none has ended.
    """

    labels: Mapping[str, str]
    ended: int
    all: int
    figures: Mapping[str, str]
    auc: float = field(default=float("nan"), compare=False)


def by_setting(jobs: Sequence[Job]) -> list[Setting]:
    """A row a setting, by objective, the best first: means over seeds of jobs that have ended, never of those under way."""
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault((job.objective, job.setting), []).append(job)
    found = []
    for (objective, _), part in sorted(groups.items(), key=lambda item: item[0][0]):
        table = pd.DataFrame([vars(job.result) for job in part if job.done and job.result is not None])
        figures = {name: "–" if table.empty else with_interval(table[name], name) for name in FIGURES}
        labels = {key: value for key, value in part[0].labels.items() if key != "seed"}
        auc = float("nan") if table.empty else float(table["auc"].mean())
        found.append((objective, Setting(labels, len(table), len(part), figures, auc)))
    found.sort(key=lambda item: (item[0], -np.nan_to_num(item[1].auc, nan=-1.0)))
    return [setting for _, setting in found]


def with_interval(values: pd.Series, name: str) -> str:
    """Mean and half the width of its 95 % confidence interval (Student's t)."""
    digits = 0 if name in ("calls", "seconds") else 3
    if len(values) == 1:
        return f"{values.iloc[0]:,.{digits}f}"
    found = mean_interval(values.to_numpy())
    return f"{found.mean:,.{digits}f} ± {found.high - found.mean:,.{digits}f}"


def term_names(jobs: Sequence[Job]) -> list[str]:
    """Names of the terms of any of the jobs."""
    return list(dict.fromkeys(name for job in jobs if job.summary is not None for name in job.summary.terms))


@dataclass(frozen=True)
class Overlap:
    """What the best designed molecules of jobs share.

    Attributes
    ----------
    names
        Of the jobs [n].
    molecules, scaffolds
        How many of the `KEPT` best, and of the Murcko scaffolds of these, each two share [n, n]; on the diagonal how many
        there are.
    left_out
        Jobs that aren't among the `BESIDE` best ones.
    """

    names: tuple[str, ...]
    molecules: tuple[tuple[int, ...], ...]
    scaffolds: tuple[tuple[int, ...], ...]
    left_out: int


def overlap(jobs: Sequence[Job]) -> Overlap:
    """What the best of jobs share: those with the best ten, in the order given."""
    found = {job.name: job.summary.best["smiles"].tolist() for job in jobs if job.summary is not None}
    best = sorted(found, key=lambda name: -next(job.result.top10 for job in jobs if job.name == name and job.result))[:BESIDE]
    names = tuple(name for name in found if name in best)
    molecules = [set(found[name]) for name in names]
    scaffolds = [{scaffold_of(text) for text in each} - {None, ""} for each in molecules]
    return Overlap(names, _shared(molecules), _shared(scaffolds), len(found) - len(names))


def _shared(sets: Sequence[set[str] | set[str | None]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(len(one & other) for other in sets) for one in sets)


def _mean(values: pd.Series) -> float:
    numbers = values.astype(float).dropna()
    return float(numbers.mean()) if len(numbers) else float("nan")
