"""The campaigns of a sweep side by side: a table, curves, and the best molecules of all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from molgen.data.readers import write_table
from molgen.data.tables.formulas import guard
from molgen.errors import CampaignError
from molgen.files import write_atomically
from molgen.metrics.means import mean_interval
from molgen.metrics.ranking import auc_top, top_mean
from molgen.reports.charts import Chart, as_svg, best_so_far
from molgen.reports.designed import designed, designed_scores
from molgen.reports.drawing import draw
from molgen.reports.palette import line_style
from molgen.reports.report import duration, render

FILE, JOBS, TOP = "sweep.html", "sweep.csv", "top.csv"
SHOWN, KEPT = 24, 100
COLUMNS = {"auc": "AUC of the ten best", "top10": "mean of the ten best", "best": "best", "calls": "calls", "seconds": "seconds"}


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
class Job:
    """A campaign of a sweep.

    Attributes
    ----------
    labels
        Its values of the settings that jobs differ in.
    molecules
        What it has scored so far; see `RunStore.to_pandas`.
    result
        What came of it; None before the first molecule.
    failure
        Why it ended without a result; None if it did not.
    done
        Whether it has ended.
    """

    name: str
    labels: dict[str, str]
    molecules: pd.DataFrame
    result: JobResult | None
    failure: str | None
    done: bool


def write_comparison(folder: Path, settings: Sequence[str], keys: Sequence[str], jobs: Sequence[Job]) -> Path:
    """Write `sweep.html`, `sweep.csv` (a row per job) and `top.csv` (the best molecules of each objective) into `folder`.

    Parameters
    ----------
    settings
        Command line that started the sweep.
    keys
        What the jobs differ in.

    Raises
    ------
    CampaignError
        No job has a molecule yet.
    """
    scores = {job.name: job.molecules for job in jobs}
    rows = [{"job": job.name} | job.labels | asdict(job.result) for job in jobs if job.result is not None]
    if not rows:
        raise CampaignError(f"{folder}: no molecule has been scored yet")
    table = pd.DataFrame(rows)
    varied = [key for key in keys if key != "seed"]
    table["objective"] = table["scoring"] if "scoring" in keys else ""
    table["setting"] = _joined(table, [key for key in varied if key != "scoring"])
    top = _best(table, scores)
    write_table(top, folder / TOP)
    failures = {job.name: job.failure for job in jobs if job.failure is not None}
    _write_jobs(folder / JOBS, jobs, table.drop(columns=["objective", "setting"]), failures)
    page = render(
        "sweep.html.j2",
        title=f"Sweep over {', '.join(keys)}",
        facts=[
            ("campaigns done", f"{sum(job.done for job in jobs)} of {len(jobs)}"),
            *([("failed", str(len(failures)))] if failures else []),
            ("oracle calls", f"{table['calls'].sum():,}"),
            ("time of all searches", duration(table["seconds"].sum())),
        ],
        headings=[*varied, "campaigns", *COLUMNS.values()],
        table=_table(table, varied),
        failures=list(failures.items()),
        charts=[curves(str(name), part, scores) for name, part in table.groupby("objective", sort=False)],
        cards=[row | {"picture": draw(row["smiles"])} for row in top.groupby("objective").head(SHOWN).to_dict("records")],
        settings=" ".join(settings),
    )
    write_atomically(folder / FILE, page.encode())
    return folder / FILE


def _write_jobs(path: Path, jobs: Sequence[Job], results: pd.DataFrame, failures: Mapping[str, str]) -> None:
    """A row per job: its settings, its result if it has any, and why it failed if it did."""
    shown = [job for job in jobs if job.result is not None or job.failure is not None]
    found = results.set_index("job").reindex(job.name for job in shown)
    for key in shown[0].labels:
        found[key] = [job.labels[key] for job in shown]
    if failures:
        found["problem"] = pd.Series(failures, dtype="string").reindex(found.index)
    write_atomically(path, guard(found.reset_index()).to_csv(index=False, lineterminator="\n").encode())


def _joined(jobs: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    if not keys:
        return ["all"] * len(jobs)
    return [", ".join(f"{key}={value}" for key, value in row.items()) for row in jobs[list(keys)].to_dict("records")]


def _table(jobs: pd.DataFrame, varied: list[str]) -> list[list[str]]:
    """A row a setting: the mean over seeds of each figure with its confidence interval; by objective, the best first."""
    groups = jobs.groupby(["objective", "setting"], sort=False)
    means = groups["auc"].transform("mean")
    order = jobs.assign(mean=means).sort_values(["objective", "mean"], ascending=[True, False], kind="stable")
    rows = []
    for _, part in order.groupby(["objective", "setting"], sort=False):
        rows.append([*part[varied].iloc[0], str(len(part)), *(with_interval(part[name], name) for name in COLUMNS)])
    return rows


def with_interval(values: pd.Series, name: str) -> str:
    """Mean and half the width of its 95 % confidence interval (Student's t)."""
    digits = 0 if name in ("calls", "seconds") else 3
    if len(values) == 1:
        return f"{values.iloc[0]:,.{digits}f}"
    found = mean_interval(values.to_numpy())
    return f"{found.mean:,.{digits}f} ± {found.high - found.mean:,.{digits}f}"


def curves(objective: str, jobs: pd.DataFrame, scores: dict[str, pd.DataFrame]) -> Chart:
    """The mean of the ten best over calls: a line per setting, between its lowest and highest job."""

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        for i, (setting, part) in enumerate(jobs.groupby("setting", sort=False)):
            found = [best_so_far(designed_scores(scores[name])) for name in part["job"]]
            curves = pd.concat([curve for curve in found if len(curve)] or found, axis=1).dropna()
            style = line_style(i) | {"markevery": (0.02 * (i % 5), 0.1)}  # marks of lines that meet lie side by side
            axes.plot(curves.index, curves.mean(axis=1), label=setting, **style)
            axes.fill_between(curves.index, curves.min(axis=1), curves.max(axis=1), color=style["color"], alpha=0.15, linewidth=0)
        axes.set(xlabel="oracle calls", ylabel="mean of the ten best")
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))

    explanation = (
        "The mean of the ten best molecules so far, from the tenth call on: its mean over campaigns, and the band from the "
        "lowest to the highest of them."
    )
    return Chart(objective or "Score over calls", explanation, 3, as_svg(3, 3.4, plot))


def _best(jobs: pd.DataFrame, scores: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The best molecules of each objective, a molecule once."""
    tables = [
        designed(scores[row.job])[["smiles", "score", "id", "operator"]].assign(job=row.job, objective=row.objective)
        for row in jobs.itertuples()
    ]
    everything = pd.concat(tables).sort_values("score", ascending=False, kind="stable")
    distinct = everything.drop_duplicates(["objective", "smiles"])
    return distinct.groupby("objective").head(KEPT).sort_values("objective", kind="stable").rename(columns={"id": "call"})
