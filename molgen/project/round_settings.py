"""How a round is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from molgen.errors import ConfigError, check_above, check_between, check_seed, nearest
from molgen.project.choice.rules import DEFAULT, RULES
from molgen.project.choice.work import SHARED
from molgen.synthesis.route_files import Scale

ORIGINS = ("generate", "routes", "library", "both")
LISTED = ("library", "both")  # the origins that read a library
OF_ROUTES = ("stock", "reactions", "steps", "only", "without", "price_limit")  # settings that only the origin `routes` has


@dataclass(frozen=True)
class Proposing:
    """The settings of a round.

    Attributes
    ----------
    n
        Compounds.
    origin
        `generate`: a search writes molecules; `routes`: one that breeds syntheses, so that each has a route; `library`: those of
        a file; `both`: what `generate` writes and a library.
    library, column, price
        A file of molecules that can be had, and its columns of SMILES and prices, where they can't be guessed or are wanted.
    spend
        What the batch may cost, in the unit of `price` or of the stock's prices; None for any amount. Of a route all blocks are
        counted, also those that another one needs.
    stock, reactions, steps, only, without, price_limit
        From what and how molecules with routes are made; see `molgen.search.routes.job.Makeable`.
    shared
        What it is worth that a batch needs less work; see `molgen.project.choice.work.Sharing`. 0: nothing.
    scale, yield_
        Of the order list of a batch with routes; see `molgen.synthesis.route_files.Scale`.
    per_scaffold
        Compounds of one Murcko scaffold at most; None for any number.
    per_series
        Compounds of one series at most: of candidates whose similarity to the centre of their cluster is at least 0.4. None for
        an eighth of the n where a search writes molecules, as far as there are enough others, and for any number of a library.
    controls
        Measured compounds that are measured again, as a part of the n: how many, or which by their identifiers or SMILES; see
        `molgen.project.controls.controls_of`.
    repeats
        Measured compounds at most that are measured again, as a part of the n, where noise leaves open which is the best; see
        `molgen.project.repeats.repeats_of`.
    explore
        The share of the batch that is chosen for what it would tell about all other candidates, 0 to 1; None for what the rule
        asks for.
    budget
        Molecules that the search looks at.
    near
        The least similarity of what the search writes to one of the best measured compounds, 0 to 1; 0 for any.
    rule
        One of `molgen.project.choice.rules`.
    seed
        Of everything that is drawn.

    Raises
    ------
    ConfigError
        A setting out of its range, or one that needs another.
    """

    n: int = 24
    origin: str = "generate"
    library: str | None = None
    column: str | None = None
    price: str | None = None
    spend: float | None = None
    stock: str = "common_blocks"
    reactions: str | None = None
    steps: int = 4
    only: Sequence[str] = ()
    without: Sequence[str] = ()
    price_limit: float | None = None
    shared: float = SHARED
    scale: float = 0.1
    yield_: float = 0.7
    per_scaffold: int | None = 3
    per_series: int | None = None
    controls: int | tuple[str, ...] = 0
    repeats: int = 0
    explore: float | None = None
    budget: int = 1000
    near: float = 0.4
    rule: str = DEFAULT
    seed: int = 0

    def __post_init__(self) -> None:
        check_between("", 1, n=self.n, budget=self.budget)
        controls = self.controls if isinstance(self.controls, int) else len(self.controls)
        check_between("", 0, controls=controls, repeats=self.repeats)
        if controls + self.repeats >= self.n:
            given = " ".join(f"{key}={count}" for key, count in (("controls", controls), ("repeats", self.repeats)) if count)
            raise ConfigError(f"{given}: leave no room for others in a round of n={self.n}")
        check_between("", 0, 1, near=self.near)
        check_between("", 0, shared=self.shared)
        check_between("", 1, steps=self.steps)
        if self.price_limit is not None:
            check_above("", price_limit=self.price_limit)
        if self.explore is not None:
            check_between("", 0, 1, explore=self.explore)
        check_seed("", self.seed)
        for key, value, known in (("from", self.origin, ORIGINS), ("rule", self.rule, tuple(RULES))):
            if value not in known:
                raise ConfigError(f"{key}={value}: no such thing{nearest(value, known)}; known: {', '.join(known)}")
        self._check_origin()
        Scale(self.scale, self.yield_)

    @property
    def makeable(self) -> dict[str, Any] | None:
        """The settings of `search.makeable`; None where molecules need no route."""
        return {key: getattr(self, key) for key in OF_ROUTES} if self.origin == "routes" else None

    def _check_origin(self) -> None:
        """Refuse a setting that has no meaning for the candidates' origin."""
        if self.origin in LISTED and not self.library:
            raise ConfigError(f"from={self.origin}: name the file: library=FILE")
        if self.origin not in LISTED and (given := next((key for key in ("library", "price") if getattr(self, key)), None)):
            raise ConfigError(f"{given}={getattr(self, given)}: goes with from=library or from=both")
        if self.origin != "routes" and (
            given := next((key for key in OF_ROUTES if getattr(self, key) != getattr(type(self), key)), None)
        ):
            raise ConfigError(f"{given}={getattr(self, given)}: goes with from=routes")
        if self.spend is not None and not self.price and self.origin != "routes":
            raise ConfigError(f"spend={self.spend:g}: name the column of prices: price=COLUMN")
