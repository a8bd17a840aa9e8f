"""Whether a molecule can be made from stock, and in how many steps."""

import functools
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.inventory import Inventory, certain
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError, check_between
from molgen.scoring.component import Component
from molgen.scoring.stock import stock
from molgen.scoring.transforms import Linear, Transform


@dataclass(frozen=True)
class Route(Component):
    """Number of reactions in the shortest synthesis found; 0 for molecules in stock, infinite if none is found.

    Syntheses are those of `molgen route`: each has been run forwards. Stock compounds are compared in standard form, so a salt
    provides its parent. A compound provides a molecule if the two are the same, or if the molecule leaves stereocentres open that
    the compound defines; a racemate provides no single enantiomer. A stock is indexed when it is first used, and the index kept
    in the user's cache.

    Attributes
    ----------
    path
        A file of compounds that can be bought, or a public set: `sigma_stock`, `real_blocks`.
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
    """

    path: str = "sigma_stock"
    column: str | None = None
    reactions: str | None = None
    model: Callable[..., Any] | None = None
    iterations: int = 100
    depth: int = 5
    unit: ClassVar[str] = "steps"
    example: ClassVar[dict[str, Any]] = {"path": "blocks.smi"}

    def __post_init__(self) -> None:
        check_between("route", 1, iterations=self.iterations, depth=self.depth)
        if self.model is None:
            _ = self._find
            return
        if importlib.util.find_spec("syntheseus") is None:
            raise ConfigError("route.model needs Syntheseus: pip install 'molgen-design[retrosynthesis]'")
        if not callable(self.model):
            raise ConfigError("route.model: must be a BackwardReactionModel of Syntheseus")
        if self.reactions is not None:
            raise ConfigError("route.reactions: are molgen's, and route.model takes their place; leave one of the two out")
        _inventory(self.path, self.column)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_find"}

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(self._steps)

    def _steps(self, mol: Chem.Mol) -> float:
        steps = self._find(Chem.MolToSmiles(certain(mol) if mol.GetStereoGroups() else mol))
        return float("inf" if steps is None else steps)

    @functools.cached_property
    def _find(self) -> Callable[[str], int | None]:
        """The steps of the shortest route to a SMILES; None if there is none."""
        if self.model is None:
            from molgen.synthesis.chemist import chemist_of
            from molgen.synthesis.planning import Planner

            find = Planner(chemist_of(self.path, self.reactions, column=self.column), self.depth, self.iterations)
            return lambda smiles: next((route.steps for route in find(smiles, 1)), None)
        from molgen.scoring.retrosynthesis import Routes

        return Routes(self.model, _inventory(self.path, self.column), self.iterations, self.depth).steps

    def desirability(self) -> Transform:
        return Linear(self.depth + 1, 0)


@functools.lru_cache(maxsize=4)
def _inventory(path: str, column: str | None) -> Inventory:
    found = Inventory(stock(path, column))
    if not len(found):
        raise DataError(f"{path}: no molecule in it")
    return found
