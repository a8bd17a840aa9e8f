"""The charts of a report, as SVG."""

import functools
import io
import math
import textwrap
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from molgen.chem.molecules import Molecules
from molgen.generators.shipped import load_generator
from molgen.metrics.front import hypervolume, ranks
from molgen.metrics.ranking import top_means
from molgen.reports.designed import designed, designed_scores
from molgen.reports.palette import COLOURS, MARKERS, PRIOR_COLOUR
from molgen.scoring.components.descriptor import DESCRIPTORS
from molgen.search.bayesian.library import library_of

PROPERTIES = {
    "molecular_weight": "molecular weight (Da)",
    "logp": "logP (Crippen)",
    "tpsa": "TPSA (Å²)",
    "hb_donors": "H-bond donors",
    "rotatable_bonds": "rotatable bonds",
    "fraction_sp3": "fraction of sp³ carbons",
}
LIBRARY, PRIOR_SAMPLE = 10_000, 500  # molecules in the library that ships, and of these in a chart
TERMS, DIVERSITY, FRONT = "Terms over calls", "Scaffold diversity", "Front"  # titles
EARLY = 100
BEST = 10  # whose mean is drawn
PANELS = 4  # side by side
STYLE = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "text.parse_math": False,  # names are names, whatever is between $ in them
    "svg.hashsalt": "molgen",
}


@dataclass(frozen=True)
class Chart:
    """A chart that is `thirds` of the page wide."""

    title: str
    explanation: str
    thirds: int
    picture: str


def as_svg(thirds: int, height: float, plot: Callable[[Figure], None]) -> str:
    """What `plot` draws, `thirds` of a page wide and `height` inches high."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(3.6 * thirds, height), layout="constrained")
        plot(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def draw_all(
    molecules: pd.DataFrame, names: list[str], scaffolds: pd.Series, wanted: Collection[str] | None = None
) -> list[Chart]:
    """The charts of a report, from the molecules, the names of their terms, and their scaffolds.

    Parameters
    ----------
    wanted
        Titles of those that are drawn; None draws every one.
    """
    terms = [name for name in names if not molecules[f"{name}_scaled"].dropna().isin((0, 1)).all()]  # no filters
    known: list[tuple[str, str, int, float, Callable[[Figure], None]]] = [
        (
            "Score over calls",
            "Every scored molecule by what proposed it; the line is the mean of the best ten designed so far, after ten calls.",
            2,
            3.2,
            lambda figure: _progress(figure.subplots(), molecules),
        ),
        (
            "Scores",
            f"All molecules, and the first {EARLY}, before much was learnt.",
            1,
            3.2,
            lambda figure: _scores(figure.subplots(), molecules),
        ),
    ]
    if names:
        known.append(
            (
                TERMS,
                "Mean desirability of each term (1 is what is wanted), over windows of calls.",
                2,
                0.5 + 1.3 * math.ceil(len(names) / PANELS),
                lambda figure: _terms(figure, molecules, names),
            )
        )
    known.append(
        (
            DIVERSITY,
            "Distinct Murcko scaffolds among all molecules, and among those within 80 % of the best score.",
            1,
            3.0,
            lambda figure: _diversity(figure.subplots(), molecules, scaffolds),
        )
    )
    if len(terms) > 1:
        known.append(
            (
                FRONT,
                "Molecules without a problem by two terms at a time; in colour those that no other beats in every term. "
                "The first panel: the share of the space of all terms that these dominate.",
                3,
                2.6,
                lambda figure: _front(figure, molecules, terms),
            )
        )
    known.append(
        (
            "Properties",
            f"The best 100 molecules and {PRIOR_SAMPLE} molecules of the prior, which stand for ZINC's drug-like space.",
            3,
            4.0,
            lambda figure: _properties(figure, molecules),
        )
    )
    return [
        Chart(title, explanation, thirds, as_svg(thirds, height, plot))
        for title, explanation, thirds, height, plot in known
        if wanted is None or title in wanted
    ]


def best_so_far(scores: pd.Series) -> pd.Series:
    """The mean of the ten best by call, from the tenth on: of fewer it would fall with every call."""
    return pd.Series(top_means(scores, BEST), range(1, len(scores) + 1)).iloc[BEST - 1 :]


def _progress(axes: Axes, molecules: pd.DataFrame) -> None:
    for i, (operator, rows) in enumerate(molecules.groupby("operator", sort=True)):
        style: dict[str, Any] = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        axes.scatter(rows["id"], rows["score"], s=7, alpha=0.5, label=operator, linewidths=0, rasterized=True, **style)
    line = best_so_far(designed_scores(molecules))
    axes.plot(molecules["id"].iloc[line.index - 1], line, color="black", linewidth=1.5, label="best ten")
    axes.set(xlabel="oracle calls", ylabel="score")
    legend = axes.legend(markerscale=2, frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    for handle in legend.legend_handles:
        handle.set_alpha(1)


def _scores(axes: Axes, molecules: pd.DataFrame) -> None:
    bins = np.linspace(0, max(1.0, molecules["score"].max()), 41).tolist()
    early = molecules["score"].head(EARLY)
    axes.hist(early, bins, density=True, color=PRIOR_COLOUR, alpha=0.8, label=f"first {EARLY}")
    axes.hist(molecules["score"], bins, density=True, histtype="step", linewidth=1.5, color=COLOURS[0], label="all")
    axes.set(xlabel="score", ylabel="density")
    axes.legend(frameon=False)


def _diversity(axes: Axes, molecules: pd.DataFrame, scaffolds: pd.Series) -> None:
    first = ~scaffolds.duplicated()
    good = molecules["score"] >= 0.8 * molecules["score"].max()
    first_good = good & ~scaffolds.where(good).duplicated()
    axes.plot(molecules["id"], first.cumsum(), color=COLOURS[0], label="all")
    axes.plot(molecules["id"], first_good.cumsum(), color=COLOURS[1], label="high-scoring")
    axes.set(xlabel="oracle calls", ylabel="scaffolds")
    axes.legend(frameon=False)


def _terms(figure: Figure, molecules: pd.DataFrame, names: list[str]) -> None:
    """A panel for each term, since lines of many terms lie on one another."""
    window = (molecules["id"] - 1) // max(1, len(molecules) // 40)
    calls = molecules.groupby(window)["id"].mean()
    panels = figure.subplots(math.ceil(len(names) / PANELS), PANELS, sharex=True, sharey=True, squeeze=False)
    for axes, name in zip(panels.flat, names, strict=False):
        axes.plot(calls, molecules.groupby(window)[f"{name}_scaled"].mean(), color=COLOURS[0])
        axes.set_title(textwrap.fill(name.replace("_", " "), 20), fontsize=9)
        axes.set(ylim=(-0.04, 1.04), yticks=(0, 0.5, 1))
    for axes in panels.flat[len(names) :]:
        axes.set_visible(False)
    figure.supxlabel("oracle calls", fontsize=9)
    figure.supylabel("desirability", fontsize=9)


def _front(figure: Figure, molecules: pd.DataFrame, names: list[str]) -> None:
    fair = molecules[molecules["problem"].isna()].dropna(subset=[f"{name}_scaled" for name in names])
    values = fair[[f"{name}_scaled" for name in names]].to_numpy(float)
    panels = figure.subplots(1, 1 + min(3, len(names) * (len(names) - 1) // 2), squeeze=False)[0]
    steps = sorted({int(n) for n in np.linspace(1, len(values), 16)}) if len(values) else []
    panels[0].plot([fair["id"].iloc[n - 1] for n in steps], [hypervolume(values[:n]) for n in steps], color=COLOURS[0])
    panels[0].set(xlabel="oracle calls", ylabel="hypervolume")
    best = ranks(values) == 0
    for axes, (i, j) in zip(panels[1:], combinations(range(len(names)), 2), strict=False):
        axes.scatter(values[~best, i], values[~best, j], s=4, color=PRIOR_COLOUR, linewidths=0, rasterized=True)
        axes.scatter(values[best, i], values[best, j], s=10, color=COLOURS[1], linewidths=0)
        axes.set(xlabel=names[i].replace("_", " "), ylabel=names[j].replace("_", " "), xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))


def _properties(figure: Figure, molecules: pd.DataFrame) -> None:
    prior = _properties_of_the_prior()
    best = Molecules(designed(molecules).nlargest(100, "score")["smiles"].tolist())
    for axes, (name, label) in zip(figure.subplots(2, 3).flat, PROPERTIES.items(), strict=True):
        samples = [values[~np.isnan(values)] for values in (prior[name], best.map(DESCRIPTORS[name]))]
        bins = np.histogram_bin_edges(np.concatenate(samples), 25).tolist()
        axes.hist(samples[0], bins, density=True, color=PRIOR_COLOUR, alpha=0.8, label="prior")
        if len(samples[1]):
            axes.hist(samples[1], bins, density=True, color=COLOURS[1], alpha=0.6, label="best 100")
        axes.set(xlabel=label, yticks=[])
    axes.legend(frameon=False)


@functools.cache
def _properties_of_the_prior() -> dict[str, np.ndarray]:
    sample = Molecules(library_of(load_generator("prior"), LIBRARY, seed=0)[:PRIOR_SAMPLE])
    return {name: sample.map(DESCRIPTORS[name]) for name in PROPERTIES}
