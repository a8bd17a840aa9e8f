"""What routes of compounds that are made together have in common."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from molgen.synthesis.trees import Tree, blocks_of, steps_of

Kind = Literal["intermediate", "block", "last reaction"]
KINDS: tuple[Kind, ...] = ("intermediate", "block", "last reaction")
NAMED = 4  # compounds that a text names


def needs_of(tree: Tree) -> frozenset[tuple[str, str]]:
    """What a route needs: each a kind, `reaction`, `kind of reaction` or `block`, and which one."""
    return frozenset(_needs(tree))


def _needs(tree: Tree) -> Iterator[tuple[str, str]]:
    for step in steps_of(tree):
        reactants = ".".join(sorted(part["smiles"] for part in step["reactants"]))
        yield "reaction", f"{reactants}>>{step['smiles']} {step['reaction']}"
        yield "kind of reaction", step["reaction"]
    for block in blocks_of(tree):
        yield "block", block["smiles"]


def work_line(trees: Sequence[Tree]) -> str:
    """What routes need together, and what they would need if nothing were shared."""
    needs = [needs_of(tree) for tree in trees]
    together = Counter(kind for kind, _ in frozenset().union(*needs))
    alone = Counter(kind for own in needs for kind, _ in own)
    kinds = f"{together['kind of reaction']:,} kind{'s' * (together['kind of reaction'] != 1)}"
    return (
        f"{len(trees):,} routes: {together['reaction']:,} reactions of {kinds} and {together['block']:,} blocks; "
        f"{alone['reaction']:,} reactions and {alone['block']:,} blocks if nothing were shared"
    )


@dataclass(frozen=True)
class SharedPart:
    """What several routes have in common.

    Attributes
    ----------
    kind
        An `intermediate` is made, and may be one of the compounds itself.
    smiles
        Of a molecule; empty for a reaction.
    name
        What the supplier calls a block, or the name of a reaction; empty for an intermediate.
    compounds
        The identifiers of those whose routes have it, two at least.
    """

    kind: Kind
    smiles: str
    name: str
    compounds: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.smiles}"


def shared_parts(trees: Mapping[str, Tree]) -> list[SharedPart]:
    """What the routes of compounds, by their identifiers, have in common: intermediates first, and what most share.

    A block that only the routes with one shared intermediate need goes without saying.
    """
    found: dict[tuple[Kind, str, str], dict[str, None]] = {}
    for compound, tree in trees.items():
        for part in _parts(tree):
            found.setdefault(part, {})[compound] = None
    shared = [SharedPart(*part, tuple(compounds)) for part, compounds in found.items() if len(compounds) > 1]
    made = {part.compounds for part in shared if part.kind == "intermediate"}
    shared = [part for part in shared if part.kind != "block" or part.compounds not in made]
    return sorted(shared, key=lambda part: (KINDS.index(part.kind), -len(part.compounds)))


def _parts(tree: Tree) -> Iterator[tuple[Kind, str, str]]:
    steps = list(steps_of(tree))
    for step in steps:
        yield "intermediate", step["smiles"], ""
    for block in blocks_of(tree):
        yield "block", block["smiles"], block["id"]
    if steps:
        yield "last reaction", "", steps[-1]["reaction"]


def shared_with(compound: str, parts: Sequence[SharedPart]) -> str:
    """What a compound's route shares, and with which others: `block B-4 with p-001-003, p-001-007`."""
    found = []
    for part in parts:
        if compound in part.compounds:
            others = [name for name in part.compounds if name != compound]
            more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
            found.append(f"{part} with {', '.join(others[:NAMED])}{more}")
    return "; ".join(found)
