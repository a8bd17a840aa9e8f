"""Routes as plain values, as `SynthesisRoute.to_dict` gives them: read, and put in words. Reactions needn't be known."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from molgen.errors import DataError

Tree = Mapping[str, Any]


def tree_of(text: str) -> dict[str, Any]:
    """A route, as `molgen.synthesis.route.written` has written it.

    Raises
    ------
    DataError
        It isn't one.
    """
    try:
        found = json.loads(text)
        if _is_tree(found):
            return dict(found)
    except (ValueError, RecursionError):
        pass
    raise DataError(f"{text[:100]!r} is no route")


def _is_tree(values: Any) -> bool:
    if not isinstance(values, dict) or not isinstance(values.get("smiles"), str):
        return False
    if "reaction" not in values:
        return isinstance(values.get("id"), str) and isinstance(values.get("price", 0), int | float)
    reactants, texts = values.get("reactants"), (values["reaction"], values.get("conditions", ""))
    return (
        all(isinstance(each, str) for each in texts)
        and bool(reactants)
        and isinstance(reactants, list)
        and all(map(_is_tree, reactants))
    )


def steps_of(tree: Tree) -> Iterator[Tree]:
    """The reactions, each as the route to what it gives, in the order in which they are done."""
    for part in tree.get("reactants", ()):
        yield from steps_of(part)
    if "reaction" in tree:
        yield tree


def blocks_of(tree: Tree) -> list[Tree]:
    """What has to be bought, each block once, in the order in which it is used."""
    return list({block["smiles"]: block for block in _leaves(tree)}.values())


def _leaves(tree: Tree) -> Iterator[Tree]:
    if "reaction" not in tree:
        yield tree
    for part in tree.get("reactants", ()):
        yield from _leaves(part)


def price_of(tree: Tree) -> float:
    """The sum of the blocks' prices; nan if any is unknown."""
    return math.fsum(float(block.get("price", math.nan)) for block in blocks_of(tree))


def in_words(tree: Tree) -> str:
    """Every step as reaction SMILES with its name: `A.B>>C (amide coupling); C.D>>E (Suzuki coupling)`."""
    return "; ".join(f"{'.'.join(p['smiles'] for p in s['reactants'])}>>{s['smiles']} ({s['reaction']})" for s in steps_of(tree))


def reactants_line(step: Tree) -> str:
    """The reactants of a reaction: `CCN [B-17] with CC(=O)O [B-4]`."""
    return " with ".join(f"{part['smiles']}{_bought(part)}" for part in step["reactants"])


def _bought(tree: Tree) -> str:
    return f" [{tree['id']}]" if tree.get("id", tree["smiles"]) != tree["smiles"] else ""


def sentence(tree: Tree) -> str:
    """A route in a sentence."""
    steps = list(steps_of(tree))
    if not steps:
        return f"{tree['smiles']} can be bought{_bought(tree)}."
    said = [f"{step['reaction']} of {reactants_line(step)}" for step in steps]
    return f"{tree['smiles']} is made in {len(steps)} step{'s' * (len(steps) > 1)}: {', then '.join(said)}."


def route_lines(tree: Tree) -> list[str]:
    """A route in words, a line per step."""
    return [_said(step) for step in steps_of(tree)] or [f"{tree['smiles']} can be bought{_bought(tree)}"]


def _said(step: Tree) -> str:
    conditions = f" ({step['conditions']})" if step.get("conditions") else ""
    return f"{step['reaction']} of {reactants_line(step)}{conditions} gives {step['smiles']}"
