"""Whether a molecule can be made from stock, and in how many steps."""

import functools
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.inventory import Inventory
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError, check_between
from molgen.scoring.component import Component
from molgen.scoring.stock import stock
from molgen.scoring.transforms import Linear, Transform


@dataclass(frozen=True)
class Route(Component):
    """Number of reactions in the shortest synthesis found by Syntheseus; 0 for molecules in stock, infinite if none is found.

    Stock compounds are compared in standard form, so a salt provides its parent. A compound provides a molecule if the two are
    the same, or if the molecule leaves stereocentres open that the compound defines; a racemate provides no single enantiomer.

    Attributes
    ----------
    path
        A file of compounds that can be bought, or a public set: `sigma_stock`.
    column
        Column of the SMILES in the file, if it can't be guessed.
    model
        A BackwardReactionModel of Syntheseus, as `_target_` and its settings; null for molgen's own twelve disconnections, which
        ignore selectivity.
    iterations, depth
        Most molecules expanded, and most consecutive reactions.
    """

    path: str = "sigma_stock"
    column: str | None = None
    model: Callable[..., Any] | None = None
    iterations: int = 100
    depth: int = 5
    unit: ClassVar[str] = "steps"
    example: ClassVar[dict[str, Any]] = {"path": "blocks.smi"}

    def __post_init__(self) -> None:
        if importlib.util.find_spec("syntheseus") is None:
            raise ConfigError("route needs Syntheseus: pip install 'molgen-design[retrosynthesis]'")
        check_between("route", 1, iterations=self.iterations, depth=self.depth)
        if not callable(self.model) and self.model is not None:
            raise ConfigError("route.model: must be a BackwardReactionModel of Syntheseus")
        _inventory(self.path, self.column)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_routes"}

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(self._steps)

    def _steps(self, mol: Chem.Mol) -> float:
        steps = self._routes.steps(Chem.MolToSmiles(mol))
        return float("inf" if steps is None else steps)

    @functools.cached_property
    def _routes(self) -> Any:
        from molgen.scoring.retrosynthesis import Disconnections, Routes

        return Routes(self.model or Disconnections(), _inventory(self.path, self.column), self.iterations, self.depth)

    def desirability(self) -> Transform:
        return Linear(self.depth + 1, 0)


@functools.lru_cache(maxsize=4)
def _inventory(path: str, column: str | None) -> Inventory:
    found = Inventory(stock(path, column))
    if not len(found):
        raise DataError(f"{path}: no molecule in it")
    return found
