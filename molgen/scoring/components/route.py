"""Whether a molecule can be made from stock, in how many steps, by which reactions, and what the blocks cost."""

import functools
import importlib.util
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.inventory import Inventory, certain
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError, check_above, check_between
from molgen.scoring.component import Component
from molgen.scoring.stock import stock
from molgen.scoring.transforms import Linear, Transform
from molgen.synthesis.chemist import chemist_of
from molgen.synthesis.planning import Planner
from molgen.synthesis.selection import check_names, is_one_of
from molgen.synthesis.stock import SHIPPED

SYNTHESES = 5  # of which the cheapest counts
ADVICE = {
    "price": "prices are in the stock's unit; add transform: {linear: {low: POOR, high: GOOD}} with those that score 0 and 1",
    "reactions": "whether the chosen reactions are welcome isn't known; add transform: {linear: {low: 0, high: 1}} if one is, "
    "{linear: {low: 1, high: 0}} if none should be there",
}  # for terms without a transform


@dataclass(frozen=True)
class Route(Component):
    """The shortest synthesis found: its number of reactions, how many of these are chosen ones, or the price of its blocks.

    The number of reactions is 0 for molecules in stock and infinite if no synthesis is found; so is the price then. Syntheses are
    those of `molgen route`: each has been run forwards. They needn't be the ones that a search proposes molecules with, which
    `search.makeable` limits. Stock compounds are compared in standard form, so a salt provides its parent. A compound provides a
    molecule if the two are the same, or if the molecule leaves stereocentres open that the compound defines; a racemate provides
    no single enantiomer. A stock is indexed when it is first used, and the index kept in the user's cache.

    Attributes
    ----------
    measure
        `steps`: the number of reactions; `price`: that of the blocks, in the stock's unit, in the cheapest of the five shortest
        syntheses; `reactions`: how many reactions are among the chosen ones.
    chosen
        Names or classes of the reactions that `measure: reactions` counts, such as `acylation` or `Suzuki coupling`.
    path
        A file of compounds that can be bought, or a public set: `sigma_stock`, `real_blocks`; `common_blocks` ships with molgen.
    column
        Column of the SMILES in the file, if it can't be guessed.
    reactions
        A YAML file of reactions that are added to molgen's own.
    model
        A BackwardReactionModel of Syntheseus, as `_target_` and its settings, in place of molgen's reactions and search.
    iterations
        Most molecules that are disconnected on the way to one.
    depth
        Most reactions of a synthesis; with `model` most consecutive ones.
    seconds
        Of a processor that the search for one molecule may take, by molgen's reactions. A molecule of which nothing is known by
        then has no value; few molecules take more than 10 s.
    """

    path: str = SHIPPED
    column: str | None = None
    reactions: str | None = None
    model: Callable[..., Any] | None = None
    iterations: int = 100
    depth: int = 5
    seconds: float = 60.0
    measure: Literal["steps", "price", "reactions"] = "steps"
    chosen: Sequence[str] = ()
    unit: ClassVar[str] = "the measure's"
    example: ClassVar[dict[str, Any]] = {"path": "blocks.smi"}

    def __post_init__(self) -> None:
        check_between("route", 1, iterations=self.iterations, depth=self.depth)
        check_above("route", seconds=self.seconds)
        if self.measure not in ADVICE and self.measure != "steps":
            raise ConfigError(f"route.measure: must be steps, price or reactions, not {self.measure!r}")
        if bool(self.chosen) != (self.measure == "reactions"):
            wanted = "it names the reactions that count" if not self.chosen else f"{self.measure} has no use for it"
            raise ConfigError(f"route.chosen: {wanted}, such as [acylation], with measure: reactions")
        if self.model is None:
            self._check_own()
            return
        if importlib.util.find_spec("syntheseus") is None:
            raise ConfigError("route.model needs Syntheseus: pip install 'molgen-design[retrosynthesis]'")
        if not callable(self.model):
            raise ConfigError("route.model: must be a BackwardReactionModel of Syntheseus")
        if self.reactions is not None:
            raise ConfigError("route.reactions: are molgen's, and route.model takes their place; leave one of the two out")
        if self.measure != "steps":
            raise ConfigError(f"route.measure: {self.measure} is known of molgen's own syntheses; leave route.model out")
        _inventory(self.path, self.column)

    def _check_own(self) -> None:
        """Check that the stock and the reactions tell what is measured."""
        chemist = self._planner.chemist
        if isinstance(self.chosen, str):
            raise ConfigError(f"route.chosen: must be a list, such as [acylation], not {self.chosen!r}")
        check_names(chemist.reactions, self.chosen, "route.chosen")
        if self.measure == "price" and np.isnan(chemist.index.catalogue.prices).all():
            raise DataError(f"{self.path}: tells no price; for route.measure: price a column has to")

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_planner", "_model_steps")}

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return self.explained(molecules)[0]

    def explained(self, molecules: Molecules) -> tuple[NDArray[np.float64], Sequence[str | None]]:
        reasons: dict[int, str] = {}
        values = molecules.map(lambda mol: self._measured(mol, reasons))
        return values, [None if mol is None else reasons.get(id(mol)) for mol in molecules.mols]

    def _measured(self, mol: Chem.Mol, reasons: dict[int, str]) -> float:
        """The value of a molecule; why there is none is put into `reasons`, by the molecule's identity."""
        smiles = Chem.MolToSmiles(certain(mol) if mol.GetStereoGroups() else mol)
        if self.model is not None:
            steps = self._model_steps(smiles)
            return math.inf if steps is None else steps
        planner = self._planner
        with planner.chemist.clock.within(self.seconds):
            routes = planner(smiles, SYNTHESES if self.measure == "price" else 1)
        if planner.stopped and not routes:
            reasons[id(mol)] = f"no synthesis was found within {self.seconds:g} s of the processor: route.seconds sets the limit"
            return math.nan
        if self.measure == "reactions":
            if not routes:
                reasons[id(mol)] = "no synthesis was found"
                return math.nan
            return sum(step.reaction is not None and is_one_of(step.reaction, self.chosen) for step in routes[0].reactions())
        if not routes:
            return math.inf
        if self.measure == "steps":
            return routes[0].steps
        price = min((route.price for route in routes if not math.isnan(route.price)), default=math.nan)
        if math.isnan(price):
            unknown = next(block.id for block in routes[0].blocks if math.isnan(block.price))
            reasons[id(mol)] = f"the price of {unknown} isn't known"
        return price

    @functools.cached_property
    def _planner(self) -> Planner:
        """What finds molgen's own syntheses."""
        return Planner(chemist_of(self.path, self.reactions, column=self.column), self.depth, self.iterations)

    @functools.cached_property
    def _model_steps(self) -> Callable[[str], int | None]:
        """The steps of the shortest synthesis by `model`; None if there is none."""
        from molgen.scoring.retrosynthesis import Routes

        assert self.model is not None
        return Routes(self.model, _inventory(self.path, self.column), self.iterations, self.depth).steps

    def value_unit(self) -> str:
        return "" if self.measure == "price" else "steps"

    def desirability(self) -> Transform | None:
        return Linear(self.depth + 1, 0) if self.measure == "steps" else None

    def advice(self) -> str:
        return ADVICE[self.measure]


@functools.lru_cache(maxsize=4)
def _inventory(path: str, column: str | None) -> Inventory:
    found = Inventory(stock(path, column))
    if not len(found):
        raise DataError(f"{path}: no molecule in it")
    return found
