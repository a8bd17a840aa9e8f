"""The campaigns of a sweep side by side: tables, curves, and the best molecules of all."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from molgen.data.readers import write_table
from molgen.data.tables.formulas import guard
from molgen.errors import CampaignError
from molgen.files import write_atomically
from molgen.reports.charts import Chart, as_svg
from molgen.reports.compared_runs import KEPT, UNENDED, Job, by_setting, overlap, term_names
from molgen.reports.drawing import draw
from molgen.reports.palette import line_style
from molgen.reports.report import duration, render

FILE, JOBS, TOP = "sweep.html", "sweep.csv", "top.csv"
SHOWN = 24
CURVES = (
    "The mean of the ten best molecules so far, from the tenth call on: its mean over campaigns, and the band from the "
    "lowest to the highest of them. Campaigns that haven't ended have lines of their own."
)


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
    begun = [job for job in jobs if job.result is not None]
    if not begun:
        raise CampaignError(f"{folder}: no molecule has been scored yet")
    top = best_of_all(jobs)
    write_table(top, folder / TOP)
    _write_jobs(folder / JOBS, jobs)
    results = [job.result for job in begun if job.result is not None]
    failed = sum(job.failure is not None for job in jobs)
    page = render(
        "sweep.html.j2",
        title=f"Sweep over {', '.join(keys)}",
        facts=[
            ("campaigns done", f"{sum(job.done for job in jobs)} of {len(jobs)}"),
            *([("failed", str(failed))] if failed else []),
            ("oracle calls", f"{sum(each.calls for each in results):,}"),
            ("time of all searches", duration(sum(each.seconds for each in results))),
        ],
        jobs=jobs,
        settings=by_setting(jobs),
        terms=term_names(jobs),
        overlap=overlap(jobs),
        charts=charts(jobs),
        cards=[row | {"picture": draw(row["smiles"])} for row in top.groupby("objective").head(SHOWN).to_dict("records")],
        command=" ".join(settings),
    )
    write_atomically(folder / FILE, page.encode())
    return folder / FILE


def charts(jobs: Sequence[Job]) -> list[Chart]:
    """How the searches went: a chart per objective."""
    found = dict.fromkeys(job.objective for job in jobs if job.result is not None)
    return [curves(name, [job for job in jobs if job.objective == name]) for name in found]


def _write_jobs(path: Path, jobs: Sequence[Job]) -> None:
    """A row per job: its settings, its result if it has any, whether it has ended, and why it failed if it did."""
    shown = [job for job in jobs if job.result is not None or job.failure is not None]
    rows = [{"job": job.name} | dict(job.labels) | (asdict(job.result) if job.result else {}) for job in shown]
    table = pd.DataFrame(rows).assign(state=[job.state for job in shown])
    if any(job.failure is not None for job in shown):
        table["problem"] = pd.Series([job.failure for job in shown], dtype="string")
    write_atomically(path, guard(table).to_csv(index=False, lineterminator="\n").encode())


def curves(objective: str, jobs: Sequence[Job]) -> Chart:
    """The mean of the ten best over calls: a line per setting, from its lowest to its highest job; unended ones apart."""
    groups: dict[str, list[pd.Series]] = {}
    for job in jobs:
        if job.summary is not None:
            groups.setdefault(job.setting + ("" if job.done else f" ({UNENDED})"), []).append(job.summary.curve)

    def plot(figure: Figure) -> None:
        axes = figure.subplots()
        for i, (setting, found) in enumerate(groups.items()):
            curves = pd.concat([curve for curve in found if len(curve)] or found, axis=1).dropna()
            style = line_style(i) | {"markevery": (0.02 * (i % 5), 0.1)}  # marks of lines that meet lie side by side
            axes.plot(curves.index, curves.mean(axis=1), label=setting, **style)
            axes.fill_between(curves.index, curves.min(axis=1), curves.max(axis=1), color=style["color"], alpha=0.15, linewidth=0)
        axes.set(xlabel="oracle calls", ylabel="mean of the ten best")
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))

    return Chart(objective or "Score over calls", CURVES, 3, as_svg(3, 3.4, plot))


def best_of_all(jobs: Sequence[Job]) -> pd.DataFrame:
    """The best molecules of each objective, a molecule once, with the job that found it."""
    tables = [
        job.summary.best[["smiles", "score", "id", "operator"]].assign(job=job.name, objective=job.objective)
        for job in jobs
        if job.summary is not None
    ]
    everything = pd.concat(tables).sort_values("score", ascending=False, kind="stable")
    distinct = everything.drop_duplicates(["objective", "smiles"])
    return distinct.groupby("objective").head(KEPT).sort_values("objective", kind="stable").rename(columns={"id": "call"})
