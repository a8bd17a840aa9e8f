"""The campaigns of a sweep side by side: a table, curves, and the best molecules of all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from molgen.campaign.charts import COLOURS, Chart, as_svg
from molgen.campaign.report import draw, render
from molgen.campaign.sweep import Sweep
from molgen.data.readers import write_table
from molgen.data.tables.formulas import guard
from molgen.errors import CampaignError
from molgen.learn.checkpoint import write_atomically
from molgen.metrics.ranking import top_means

FILE, JOBS, TOP = "sweep.html", "sweep.csv", "top.csv"
SHOWN, KEPT = 24, 100
COLUMNS = {"auc": "AUC of the ten best", "top10": "mean of the ten best", "best": "best", "calls": "calls", "seconds": "seconds"}
CONFIDENCE = 0.95


def write_sweep_report(sweep: Sweep) -> Path:
    """Write `sweep.html`, `sweep.csv` (a row a job) and `top.csv` (the best molecules of each objective) into the sweep's folder.

    Raises
    ------
    CampaignError
        No job has a molecule yet.
    """
    scores = {name: sweep.molecules(name) for name in sweep.jobs}
    figures = {name: sweep.figures(name, table) for name, table in scores.items()}
    rows = [{"job": name} | sweep.labels(name) | asdict(found) for name, found in figures.items() if found is not None]
    if not rows:
        raise CampaignError(f"{sweep.folder}: no molecule has been scored yet")
    jobs = pd.DataFrame(rows)
    varied = [key for key in sweep.keys if key != "seed"]
    jobs["objective"] = jobs["scoring"] if "scoring" in sweep.keys else ""
    jobs["setting"] = _joined(jobs, [key for key in varied if key != "scoring"])
    top = _best(jobs, scores)
    write_table(top, sweep.folder / TOP)
    failures = {name: why for name in sweep.jobs if (why := sweep.failure(name)) is not None}
    _write_jobs(sweep, jobs.drop(columns=["objective", "setting"]), failures)
    ended = sum(map(sweep.done, sweep.jobs))
    page = render(
        "sweep.html.j2",
        title=f"Sweep over {', '.join(sweep.keys)}",
        facts=[
            ("campaigns done", f"{ended} of {len(sweep.jobs)}"),
            *([("failed", str(len(failures)))] if failures else []),
            ("oracle calls", f"{jobs['calls'].sum():,}"),
            ("hours of search", f"{jobs['seconds'].sum() / 3600:.2f}"),
        ],
        headings=[*varied, "campaigns", *COLUMNS.values()],
        table=_table(jobs, varied),
        failures=list(failures.items()),
        charts=[_curves(str(name), part, scores) for name, part in jobs.groupby("objective", sort=False)],
        cards=[row | {"picture": draw(row["smiles"])} for row in top.groupby("objective").head(SHOWN).to_dict("records")],
        settings=" ".join(sweep.settings),
    )
    write_atomically(sweep.folder / FILE, page.encode())
    return sweep.folder / FILE


def _write_jobs(sweep: Sweep, jobs: pd.DataFrame, failures: Mapping[str, str]) -> None:
    """A row a job: its settings, its figures if it has any, and why it failed if it did."""
    found = jobs.set_index("job").reindex(name for name in sweep.jobs if name in set(jobs["job"]) or name in failures)
    for key in sweep.keys:
        found[key] = [sweep.labels(str(name))[key] for name in found.index]
    if failures:
        found["problem"] = pd.Series(failures, dtype="string").reindex(found.index)
    write_atomically(sweep.folder / JOBS, guard(found.reset_index()).to_csv(index=False, lineterminator="\n").encode())


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
        rows.append([*part[varied].iloc[0], str(len(part)), *(_with_interval(part[name], name) for name in COLUMNS)])
    return rows


def _with_interval(values: pd.Series, name: str) -> str:
    """Mean and half the width of its 95 % confidence interval (Student's t)."""
    digits = 0 if name in ("calls", "seconds") else 3
    if len(values) == 1:
        return f"{values.iloc[0]:,.{digits}f}"
    half = stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1) * stats.sem(values)
    return f"{values.mean():,.{digits}f} ± {half:,.{digits}f}"


def _curves(objective: str, jobs: pd.DataFrame, scores: dict[str, pd.DataFrame]) -> Chart:
    """The mean of the ten best over calls: a line a setting, between its lowest and highest job."""

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        for i, (setting, part) in enumerate(jobs.groupby("setting", sort=False)):
            curves = [top_means(scores[name]["score"], 10) for name in part["job"]]
            common = np.array([curve[: min(map(len, curves))] for curve in curves])
            calls = np.arange(1, common.shape[1] + 1)
            style: dict[str, Any] = {"color": COLOURS[i % len(COLOURS)], "linestyle": "-" if i < len(COLOURS) else "--"}
            axes.plot(calls, common.mean(0), label=setting, **style)
            axes.fill_between(calls, common.min(0), common.max(0), color=style["color"], alpha=0.15, linewidth=0)
        axes.set(xlabel="oracle calls", ylabel="mean of the ten best")
        axes.legend(frameon=False, fontsize=8)

    explanation = (
        "The mean of the ten best molecules so far: its mean over campaigns, and from the lowest to the highest of them."
    )
    return Chart(objective or "Score over calls", explanation, 2, as_svg(2, 3.4, plot))


def _best(jobs: pd.DataFrame, scores: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The best molecules of each objective, a molecule once."""
    tables = [
        scores[row.job][["smiles", "score", "id", "operator"]].assign(job=row.job, objective=row.objective)
        for row in jobs.itertuples()
    ]
    everything = pd.concat(tables).sort_values("score", ascending=False, kind="stable")
    distinct = everything.drop_duplicates(["objective", "smiles"])
    return distinct.groupby("objective").head(KEPT).sort_values("objective", kind="stable").rename(columns={"id": "call"})
