"""How a round is proposed."""

from dataclasses import dataclass

from molgen.errors import ConfigError, check_between, check_seed, nearest
from molgen.project.choice.rules import DEFAULT, RULES

ORIGINS = ("generate", "library", "both")


@dataclass(frozen=True)
class Proposing:
    """The settings of a round.

    Attributes
    ----------
    n
        Compounds.
    origin
        `generate`: a search writes molecules; `library`: those of a file; `both`.
    library, column, price
        A file of molecules that can be had, and its columns of SMILES and prices, where they can't be guessed or are wanted.
    spend
        What the batch may cost, in the unit of `price`; None for any amount.
    per_scaffold
        Compounds of one Murcko scaffold at most; None for any number.
    per_series
        Compounds of one series at most: of candidates whose similarity to the centre of their cluster is at least 0.4. None for
        an eighth of the n where a search writes molecules, as far as there are enough others, and for any number of a library.
    controls
        Measured compounds that are measured again, as a part of the n: how many, or which by their identifiers or SMILES; see
        `molgen.project.controls.controls_of`.
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
    per_scaffold: int | None = 3
    per_series: int | None = None
    controls: int | tuple[str, ...] = 0
    explore: float | None = None
    budget: int = 1000
    near: float = 0.4
    rule: str = DEFAULT
    seed: int = 0

    def __post_init__(self) -> None:
        check_between("", 1, n=self.n, budget=self.budget)
        controls = self.controls if isinstance(self.controls, int) else len(self.controls)
        check_between("", 0, controls=controls)
        if controls >= self.n:
            raise ConfigError(f"controls={controls}: leave no room for others in a round of n={self.n}")
        check_between("", 0, 1, near=self.near)
        if self.explore is not None:
            check_between("", 0, 1, explore=self.explore)
        check_seed("", self.seed)
        for key, value, known in (("from", self.origin, ORIGINS), ("rule", self.rule, tuple(RULES))):
            if value not in known:
                raise ConfigError(f"{key}={value}: no such thing{nearest(value, known)}; known: {', '.join(known)}")
        if self.origin != "generate" and not self.library:
            raise ConfigError(f"from={self.origin}: name the file: library=FILE")
        if self.origin == "generate" and self.library:
            raise ConfigError(f"library={self.library}: goes with from=library or from=both")
        if self.spend is not None and not self.price:
            raise ConfigError(f"spend={self.spend:g}: name the column of prices: price=COLUMN")
