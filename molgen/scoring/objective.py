"""Any Python function as an objective."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.scoring.failing import as_numbers, whatever_it_raises
from molgen.scoring.scores import Scores

Objective = Callable[[list[str]], Any]


@dataclass(frozen=True)
class Function:
    """Wraps a user's function list[str] -> scores [n] so that it fails safely.

    If it raises on a batch, its molecules are tried one by one; one that fails gets score 0
    and the error as its problem. So does a molecule whose score is nan or negative.
    """

    function: Objective

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError(
                f"the objective must be a Scorer or a function, not {self.function!r}; a name or a file makes one by "
                "Scorer.from_config(...)"
            )

    def __call__(self, smiles: Sequence[str]) -> Scores:
        """Score SMILES [n].

        Raises
        ------
        ConfigError
            The function returned another number of scores, or something that isn't numbers from 0 up; or it has never done
            anything but raise.
        """
        asked = list(smiles)
        whole: list[Scores] = []

        def ask(rows: Sequence[int] | None) -> tuple[NDArray[np.float64], list[str | None]]:
            part = asked if rows is None else [asked[row] for row in rows]
            result = self.function(part)
            if isinstance(result, Scores):
                if len(result) != len(part) or len(result.total) != len(part):
                    raise ConfigError(f"the objective returned {len(result)} scores for {len(part)} molecules")
                whole.append(result)
                return result.total, list(result.problem)
            return as_numbers(result, len(part), "the objective"), [None] * len(part)

        valid = [i for i, mol in enumerate(Molecules(asked).mols) if mol is not None]
        total, problem = whatever_it_raises(ask, len(asked), valid, "the objective", id(self.function), through=ConfigError)
        if len(whole) == 1 and len(whole[0]) == len(asked):
            return whole[0]
        below = total < 0
        if len(valid) > 1 and below[valid].all():
            raise ConfigError(
                f"the objective returned {total[valid[0]]:g}: scores are numbers from 0 up, as a molecule that fails has 0; "
                "return, say, -x of an energy x, or a component with a transform (docs/how-to/objectives.md)"
            )
        problem = [
            None if why is None and np.isfinite(x) and x >= 0 else f"objective: {why or _said(x)}"
            for why, x in zip(problem, total, strict=True)
        ]
        return Scores(asked, np.where([why is None for why in problem], total, 0.0), problem)


def _said(x: float) -> str:
    return f"returned {x:g}, and scores are numbers from 0 up" if np.isfinite(x) else f"returned {x:g}"
