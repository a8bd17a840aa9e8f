"""Routes as pictures: a tree from the blocks on the left to the product on the right."""

import io
import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from molgen.reports.drawing import draw, draw_png
from molgen.synthesis.trees import Tree, steps_of, tree_of

WIDTH, HEIGHT, GAP, ROOM = 200, 130, 64, 18  # of a molecule, between columns, and between rows, px
SIZE, LINE, LETTERS, LINES = 12, 15, 31, 4  # of letters and lines, px; letters per line, and lines of a caption
HEAD = 30  # above a route with a title, px
INK, FAINT, EDGE, ARROW = "#1d2733", "#66717e", "#dde3ea", "#9aa5b1"
SHARPNESS = 2  # pixels of a PNG per px
ROUTE = "synthesis_route"  # the column of a campaign's molecules that holds their routes
SHOWN = 6  # routes in a report
SVG = re.compile(r"^<svg.*?>|</svg>\s*$", re.DOTALL)


@dataclass(frozen=True)
class _Node:
    """A molecule in a picture: its corner in px, whether it's bought, and what is written below it."""

    smiles: str
    x: float
    y: float
    bought: bool
    caption: tuple[tuple[str, bool], ...]  # lines, and whether each is of the name
    reactants: "tuple[_Node, ...]" = ()

    def all(self) -> "Iterator[_Node]":
        yield self
        for part in self.reactants:
            yield from part.all()

    def lines(self) -> Iterator[tuple[float, float, float, float]]:
        """From the right edge of each reactant to the left edge of what is made of it."""
        for node in self.all():
            middle, y = node.x - GAP / 2, node.y + HEIGHT / 2
            for part in node.reactants:
                yield part.x + WIDTH + 4, part.y + HEIGHT / 2, middle, part.y + HEIGHT / 2
                yield middle, part.y + HEIGHT / 2, middle, y


@dataclass(frozen=True)
class _Picture:
    title: str
    node: _Node
    width: float
    height: float


def route_svg(trees: Sequence[Tree], titles: Sequence[str] = ()) -> str:
    """Routes below each other as an SVG element.

    Parameters
    ----------
    trees
        Of `molgen.synthesis.route.SynthesisRoute.to_dict`: at least one.
    titles
        One per route; none are written where there are none.
    """
    width, height, placed = _placed(trees, titles)
    found = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'style="max-width: {width:g}px" font-family="sans-serif" font-size="{SIZE}">'
    ]
    for top, picture in placed:
        found.append(f'<g transform="translate(0 {top:g})">')
        if picture.title:
            found.append(f'<text x="4" y="-10" font-size="15" font-weight="bold" fill="{INK}">{escape(picture.title)}</text>')
        for x1, y1, x2, y2 in picture.node.lines():
            found.append(f'<path d="M {x1:g} {y1:g} L {x2:g} {y2:g}" stroke="{ARROW}" stroke-width="1.5" fill="none"/>')
        for node in picture.node.all():
            found.append(_svg_node(node))
        found.append("</g>")
    return "\n".join([*found, "</svg>"])


def _svg_node(node: _Node) -> str:
    molecule = SVG.sub("", draw(node.smiles, size=(WIDTH, HEIGHT)).strip())
    fill = "#ffffff" if node.reactants else "#f6f8fa"
    found = [
        f'<rect x="{node.x:g}" y="{node.y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{fill}" stroke="{EDGE}"/>',
        f'<g transform="translate({node.x:g} {node.y:g})"><title>{escape(node.smiles)}</title>{molecule}</g>',
    ]
    if node.reactants:
        found += [f'<path d="M {" L ".join(f"{x:g} {y:g}" for x, y in _arrow(node))}" fill="{ARROW}" stroke="{ARROW}"/>']
    for i, (text, named) in enumerate(node.caption):
        y = node.y + HEIGHT + LINE * (i + 1)
        colour, weight = (INK, ' font-weight="bold"') if named else (FAINT, "")
        found.append(f'<text x="{node.x + 4:g}" y="{y:g}" fill="{colour}"{weight}>{escape(text)}</text>')
    return "".join(found)


def best_routes(ranked: pd.DataFrame) -> list[dict[str, Any]]:
    """The best molecules that have routes, with these drawn.

    Parameters
    ----------
    ranked
        Rows of `RunStore.to_pandas`, the best first.

    Raises
    ------
    DataError
        A route isn't one.
    """
    if ROUTE not in ranked:
        return []
    found = []
    for place, row in enumerate(ranked.head(SHOWN).to_dict("records"), 1):
        if isinstance(row[ROUTE], str):
            tree = tree_of(row[ROUTE])
            facts = {"rank": place, "score": row["score"], "smiles": row["smiles"], "steps": len(list(steps_of(tree)))}
            found.append({**facts, "picture": route_svg([tree])})
    return found


def route_png(trees: Sequence[Tree], titles: Sequence[str] = ()) -> bytes:
    """As `route_svg`, as PNG on white."""
    width, height, placed = _placed(trees, titles)
    canvas = Image.new("RGB", (math.ceil(width * SHARPNESS), math.ceil(height * SHARPNESS)), "white")
    pen = ImageDraw.Draw(canvas)
    font, large = (ImageFont.load_default(size * SHARPNESS) for size in (SIZE, 15))
    for top, picture in placed:

        def at(x: float, y: float, top: float = top) -> tuple[int, int]:
            return round(x * SHARPNESS), round((y + top) * SHARPNESS)

        if picture.title:
            pen.text(at(4, -24), picture.title, INK, large)
        for x1, y1, x2, y2 in picture.node.lines():
            pen.line([at(x1, y1), at(x2, y2)], ARROW, 2 * SHARPNESS - 1)
        for node in picture.node.all():
            molecule = Image.open(io.BytesIO(draw_png(node.smiles, size=(WIDTH * SHARPNESS, HEIGHT * SHARPNESS))))
            canvas.paste(molecule.convert("RGB"), at(node.x, node.y))
            corners = [at(node.x, node.y), at(node.x + WIDTH, node.y + HEIGHT)]
            pen.rounded_rectangle(corners, 6 * SHARPNESS, outline=EDGE, width=SHARPNESS)
            if node.reactants:
                (x, y), *rest = _arrow(node)
                pen.line([at(x, y), at(*rest[0])], ARROW, 2 * SHARPNESS - 1)
                pen.polygon([at(*point) for point in rest], fill=ARROW)
            for i, (text, named) in enumerate(node.caption):
                pen.text(at(node.x + 4, node.y + HEIGHT + LINE * i + 3), text, INK if named else FAINT, font)
    file = io.BytesIO()
    canvas.save(file, "png", optimize=True)
    return file.getvalue()


def _arrow(node: _Node) -> list[tuple[float, float]]:
    """From where the reactants meet to a molecule: its beginning, then round its head."""
    tip, y = node.x - 3, node.y + HEIGHT / 2
    return [(node.x - GAP / 2, y), (tip - 9, y), (tip - 9, y - 4), (tip, y), (tip - 9, y + 4), (tip - 9, y)]


def _placed(trees: Sequence[Tree], titles: Sequence[str]) -> tuple[float, float, list[tuple[float, _Picture]]]:
    """Width and height of a picture of routes, and where each begins."""
    top, width, placed = 0.0, 0.0, []
    for i, tree in enumerate(trees):
        picture = _picture(tree, titles[i] if i < len(titles) else "")
        top += HEAD if picture.title else 0
        placed.append((top, picture))
        top += picture.height
        width = max(width, picture.width)
    return width, top, placed


def _picture(tree: Tree, title: str) -> _Picture:
    node, below = _node(tree, _depth(tree), 2.0)
    return _Picture(title, node, node.x + WIDTH + 12, below)


def _depth(tree: Tree) -> int:
    return 1 + max(map(_depth, tree["reactants"])) if "reactants" in tree else 0


def _node(tree: Tree, column: int, top: float) -> tuple[_Node, float]:
    """A molecule with all that it is made of, and where what is below it begins."""
    caption = _caption(tree)
    own = HEIGHT + LINE * len(caption) + ROOM
    parts, below = [], top
    for part in tree.get("reactants", ()):
        node, below = _node(part, column - 1, below)
        parts.append(node)
    y = (parts[0].y + parts[-1].y) / 2 if parts else top
    x = 2 + column * (WIDTH + GAP)
    return _Node(tree["smiles"], x, y, not parts, caption, tuple(parts)), max(below, y + own)


def _caption(tree: Tree) -> tuple[tuple[str, bool], ...]:
    if "reactants" in tree:
        name, said = textwrap.wrap(tree["reaction"], LETTERS - 4), textwrap.wrap(tree.get("conditions", ""), LETTERS)
    else:
        price = f"price {tree['price']:g}" if "price" in tree else ""
        lead = str(tree.get("lead_time", ""))
        name = textwrap.wrap("in stock" if tree["id"] == tree["smiles"] else tree["id"], LETTERS - 4)
        said = textwrap.wrap(" · ".join(filter(None, [price, lead])), LETTERS)
    lines = [*((text, True) for text in name), *((text, False) for text in said)]
    return tuple(lines) if len(lines) <= LINES else (*lines[: LINES - 1], (f"{lines[LINES - 1][0]} …", lines[LINES - 1][1]))
