"""The report of a campaign: one HTML page that opens offline."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml

from molgen.chem.scaffolds import murcko
from molgen.config import build
from molgen.errors import MolgenError
from molgen.files import write_atomically
from molgen.grammar import spelled
from molgen.metrics.outlook import AHEAD, SOONEST, expected_gain
from molgen.metrics.ranking import top_means
from molgen.reports import charts
from molgen.reports.cards import Nearest, cards, explanations
from molgen.reports.designed import designed
from molgen.reports.drawing import draw, molecule_of
from molgen.reports.poses import scenes, viewer_script
from molgen.reports.routes import best_routes
from molgen.scoring.component import Component
from molgen.scoring.scorer import Filter, Term
from molgen.search.strategy import KNOWN

SHOWN, SCAFFOLDS_SHOWN, EXPLAINED, KNOWN_SHOWN = 24, 8, 6, 4


def render(template: str, *, package: str = "molgen.reports", **values: Any) -> str:
    """A page of the templates of `package`, which may include this package's."""
    loader = jinja2.ChoiceLoader([jinja2.PackageLoader(name, ".") for name in dict.fromkeys((package, "molgen.reports"))])
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(template).render(**values)


def drawn_components(scoring: Any) -> tuple[dict[str, Component], list[str]]:
    """What a report can ask for atoms to mark, for contributions and poses, made of the `scoring` in a run's configuration.

    Returns
    -------
    Components by the names of their terms and filters, and for each that is left out a line that says why: whoever wrote the
    folder isn't trusted with it, or what it needs isn't here.
    """
    components, left_out = {}, []
    for kind, entry in (("terms", Term), ("filters", Filter)):
        group = scoring.get(kind) if isinstance(scoring, Mapping) else None
        for name, node in group.items() if isinstance(group, Mapping) else ():
            where = f"scoring.{kind}.{name}"
            try:
                term = spelled(node, where, entry)
                made = build(term.get("component", term) if isinstance(term, Mapping) else None, f"{where}.component")
            except MolgenError as error:
                left_out.append(str(error).splitlines()[0])
                continue
            if isinstance(made, Component):
                components[str(name)] = made
    return components, left_out


def write_report(
    path: Path,
    molecules: pd.DataFrame,
    components: Mapping[str, Component],
    config: dict[str, Any],
    losses: Mapping[str, int],
) -> None:
    """Write the page of a campaign.

    Parameters
    ----------
    molecules
        Of `RunStore.to_pandas`.
    components
        The objective's, by name, for what they mark in drawings; may be empty.
    config
        The resolved configuration, printed at the end.
    losses
        What a cluster lost, by kind.
    """
    names = [name for name in molecules if f"{name}_scaled" in molecules]
    ranked = designed(molecules).sort_values("score", ascending=False, kind="stable")
    known = molecules[molecules["operator"] == KNOWN].sort_values("score", ascending=False, kind="stable")
    near = Nearest(known["smiles"])
    scaffolds = molecules["smiles"].map(lambda smiles: murcko(molecule_of(smiles)))
    page = render(
        "report.html.j2",
        title=config.get("campaign", {}).get("title", "Campaign"),
        facts=_facts(molecules, ranked, known, scaffolds),
        known=cards(known.head(KNOWN_SHOWN), names, components),
        known_number=len(known),
        cards=cards(ranked.head(SHOWN), names, components, near),
        scenes=(found := scenes(ranked, components, path.parent)),
        viewer="".join(map(viewer_script, ("3Dmol-min.js", "poses.js"))) if found else "",
        routes=best_routes(ranked),
        explained=explanations(ranked.head(EXPLAINED), components),
        charts=charts.draw_all(molecules, names, scaffolds),
        scaffolds=_scaffolds(ranked, scaffolds),
        problems=_problems(molecules),
        losses=sorted(losses.items()),
        config=yaml.safe_dump(config, sort_keys=False),
    )
    write_atomically(path, page.encode())


def duration(seconds: float) -> str:
    """A time in the unit that suits it: s, min or h."""
    size, unit = (3600, "h") if seconds >= 7200 else (60, "min") if seconds >= 60 else (1, "s")
    return f"{seconds / size:.{0 if size == 1 else 1}f} {unit}"


def _facts(molecules: pd.DataFrame, ranked: pd.DataFrame, known: pd.DataFrame, scaffolds: pd.Series) -> list[tuple[str, str]]:
    """What the page begins with; the best are of the designed molecules alone."""
    scores = ranked["score"]
    means = top_means(scores.sort_index(), 10)
    best = {"best score": scores.head(1), "mean of the best 10": scores.head(10), "mean of the best 100": scores.head(100)}
    return [
        ("oracle calls", f"{len(molecules):,}"),
        *([("best known molecule", f"{known['score'].iloc[0]:.3f}")] if len(known) else []),
        *((name, f"{values.mean():.3f}" if len(values) else "none") for name, values in best.items()),
        *([(f"expected of {AHEAD} more calls", f"+{expected_gain(means):.3f}")] if len(means) >= SOONEST else []),
        ("scaffolds", f"{scaffolds.nunique():,}"),
        ("scaffolds in the best 100", f"{scaffolds[ranked.index[:100]].nunique()}"),
        ("time", duration(molecules["seconds"].max())),
    ]


def _scaffolds(ranked: pd.DataFrame, scaffolds: pd.Series) -> list[dict[str, Any]]:
    """The scaffolds of the best designed molecules."""
    cyclic = ranked.assign(scaffold=scaffolds)
    table = cyclic[cyclic["scaffold"] != ""].groupby("scaffold")["score"].agg(["size", "max", "mean"])
    best = table.sort_values("max", ascending=False).head(SCAFFOLDS_SHOWN)
    return [{"picture": draw(str(s), size=(220, 150)), "smiles": s, **row} for s, row in best.to_dict("index").items()]


def _problems(molecules: pd.DataFrame) -> list[tuple[str, int]]:
    """Why molecules scored 0, the most frequent reason first."""
    reasons = molecules["problem"].dropna().str.replace(r":.*", "", regex=True)
    return [(str(reason), int(count)) for reason, count in reasons.value_counts().head(10).items()]
