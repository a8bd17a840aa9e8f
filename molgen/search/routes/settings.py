"""What syntheses may consist of."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from molgen.errors import ConfigError, check_above, check_between
from molgen.synthesis.chemist import Chemist, chemist_of
from molgen.synthesis.edits import RouteEditor
from molgen.synthesis.reaction_files import known_reactions
from molgen.synthesis.selection import selected


@dataclass(frozen=True)
class SynthesisSettings:
    """From what, how and in how many steps molecules may be made.

    Attributes
    ----------
    stock
        `common_blocks`, which ships; a public set, such as `real_blocks`; or a file of building blocks.
    reactions
        A YAML file of reactions that are added to molgen's own.
    steps
        Most reactions of a route.
    only, without
        Names or classes of reactions: routes consist of `only` these, if there are any, and of none of those in `without`.
    price_limit
        Most that the blocks of a route cost together, in the stock's unit; blocks of unknown price aren't used then. None: any.
    place
        Where these settings stand, for errors.
    """

    stock: str = "common_blocks"
    reactions: str | None = None
    steps: int = 4
    only: Sequence[str] = ()
    without: Sequence[str] = ()
    price_limit: float | None = None
    place: ClassVar[str] = "makeable"

    def __post_init__(self) -> None:
        check_between(self.place, 1, steps=self.steps)
        if self.price_limit is not None:
            check_above(self.place, price_limit=self.price_limit)
        for name in ("only", "without"):
            if isinstance(getattr(self, name), str):
                raise ConfigError(f"{self.place}.{name}: must be a list, such as [acylation], not {getattr(self, name)!r}")
        if self.only or self.without:
            selected(known_reactions(self.reactions), self.only, self.without, self.place)

    @functools.cached_property
    def editor(self) -> RouteEditor:
        """What makes routes, once per process."""
        limits = tuple(self.only), tuple(self.without), self.steps, self.price_limit
        return _editor(chemist_of(self.stock, self.reactions), self.place, *limits)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "editor"}


@functools.lru_cache(maxsize=2)
def _editor(
    chemist: Chemist, place: str, only: tuple[str, ...], without: tuple[str, ...], steps: int, price_limit: float | None
) -> RouteEditor:
    if only or without:
        chemist = Chemist(selected(chemist.reactions, only, without, place), chemist.index)
    return RouteEditor(chemist, steps, price_limit)
