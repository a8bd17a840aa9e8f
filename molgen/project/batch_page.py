"""A batch as a page: one HTML file that opens offline, where molecules are sorted, starred and crossed out."""

import hashlib
import math
from typing import Any

from molgen.project.batch import CHANCE, Batch, Estimates
from molgen.project.nearest import Neighbour
from molgen.reports.batch_routes import routes_of_batch, summary_of
from molgen.reports.drawing import draw
from molgen.reports.report import render
from molgen.reports.small_drawings import SharedStyles

SMALL = (230, 150)  # px, of the nearest known compound
SHOWN_APART = ("name", "alerts", "scaffold")


def batch_page(batch: Batch) -> str:
    """The page; what is starred and crossed out stays in the browser, and is saved as a CSV by a button."""
    numbers = [(each.name, each.unit) for each in batch.estimates]
    sorts = [("score", "score")] * (batch.score is not None) + [("chance", CHANCE)] * (batch.chance is not None)
    sorts += [(f"goal {i}", f"{name}{f' ({unit})' * bool(unit)}") for i, (name, unit) in enumerate(numbers)]
    sorts += [("similarity", "similarity to the nearest known compound")] * any(batch.neighbours)
    styles = SharedStyles()
    cards = [_card(batch, i, styles) for i in range(len(batch))]
    made = routes_of_batch(batch.trees, styles)
    key = hashlib.sha256("\n".join([batch.title, *batch.ids, *batch.smiles]).encode()).hexdigest()[:16]
    return render(
        "batch.html.j2",
        title=batch.title,
        notes=batch.notes,
        sorts=sorts,
        key=f"molgen batch {key}",
        file=f"{batch.ids[0].rpartition('-')[0] or 'batch'}_crossed_out.csv",
        cards=cards,
        made=made,
        styles=styles.css(),
    )


def _card(batch: Batch, i: int, styles: SharedStyles) -> dict[str, Any]:
    neighbour = batch.neighbours[i] if batch.neighbours else None
    facts = {str(name): values.iloc[i] for name, values in batch.facts.items()}
    values = {"place": i, "id": batch.ids[i]} | {f"goal {j}": _finite(e.value[i]) for j, e in enumerate(batch.estimates)}
    values |= {} if batch.score is None else {"score": _finite(batch.score[i])}
    values |= {} if batch.chance is None else {"chance": _finite(batch.chance[i])}
    values |= {} if neighbour is None else {"similarity": neighbour.similarity}
    return {
        "id": batch.ids[i],
        "smiles": batch.smiles[i],
        "name": facts.get("name", ""),
        "picture": styles(draw(batch.smiles[i], () if neighbour is None else neighbour.difference.atoms)),
        "score": None if batch.score is None else f"{batch.score[i]:.3f}",
        "chance": None if batch.chance is None else f"{batch.chance[i]:.0%}",
        "purpose": batch.purposes[i] if batch.purposes else "",
        "estimates": [estimate_text(each, i) for each in batch.estimates],
        "nearest": None if neighbour is None else _nearest(neighbour, styles),
        "route": summary_of(batch.trees[batch.ids[i]]) if batch.ids[i] in batch.trees else "",
        "alerts": facts.get("alerts", ""),
        "facts": [(name, _text(value)) for name, value in facts.items() if name not in SHOWN_APART and _text(value)],
        "values": values,
    }


def estimate_text(each: Estimates, i: int) -> dict[str, Any]:
    """A value of a molecule for reading, with its error, its interval, and whether the predictor knows such molecules."""
    value = each.value[i]
    error = math.nan if each.error is None else each.error[i]
    ends = [math.nan if end is None else end[i] for end in (each.low, each.high)]
    return {
        "name": each.name,
        "unit": each.unit,
        "text": "none" if math.isnan(value) else each.text(value),
        "error": "" if math.isnan(error) else f"± {each.text(error)}",
        "interval": "" if any(map(math.isnan, ends)) else f"90 %: {each.text(ends[0])} to {each.text(ends[1])}",
        "outside": "" if each.outside is None else each.outside[i],
    }


def _nearest(neighbour: Neighbour, styles: SharedStyles) -> dict[str, Any]:
    return {
        "name": neighbour.name,
        "picture": styles(draw(neighbour.smiles, size=SMALL)),
        "smiles": neighbour.smiles,
        "values": [(name, text) for name, text in neighbour.measured.items() if text],
        "similarity": f"{neighbour.similarity:.2f}",
        "changes": neighbour.difference.text.split("; ") if neighbour.difference.text else [],
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.2f}"
    return str(value)
