"""The routes of compounds that are made together, for a page: `routes.html.j2` shows them."""

from collections.abc import Mapping
from typing import Any

from molgen.reports.drawing import draw
from molgen.reports.routes import route_svg
from molgen.reports.small_drawings import SharedStyles
from molgen.synthesis.sharing import shared_parts, shared_with, work_line
from molgen.synthesis.trees import Tree, price_of, sentence, steps_of

SMALL = (180, 110)  # px, of what is shared


def routes_of_batch(trees: Mapping[str, Tree], styles: SharedStyles) -> dict[str, Any] | None:
    """What the template needs; None where there are no routes.

    Parameters
    ----------
    trees
        By the identifiers of the compounds.
    styles
        Of the page.
    """
    if not trees:
        return None
    shared = shared_parts(trees)
    return {
        "line": work_line(list(trees.values())),
        "shared": [
            {
                "kind": part.kind,
                "name": part.name if part.name != part.smiles else "",
                "smiles": part.smiles,
                "picture": styles(draw(part.smiles, size=SMALL)) if part.smiles else "",
                "compounds": part.compounds,
            }
            for part in shared
        ],
        "routes": [
            {
                "id": name,
                "summary": summary_of(tree),
                "sentence": sentence(tree),
                "shares": shared_with(name, shared),
                "picture": styles(route_svg([tree])),
            }
            for name, tree in trees.items()
        ],
    }


def summary_of(tree: Tree) -> str:
    """How long a route is, and what its blocks cost: `2 steps, price 25`."""
    steps, price = len(list(steps_of(tree))), price_of(tree)
    return f"{steps} step{'s' * (steps != 1)}" + (f", price {price:g}" if price >= 0 else "")
