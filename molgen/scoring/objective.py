"""Any Python function as an objective."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from molgen.errors import ConfigError
from molgen.scoring.scores import Scores

Objective = Callable[[list[str]], Any]


@dataclass(frozen=True)
class Function:
    """A user's function list[str] -> scores [n], made safe.

    Where it raises on a batch, its molecules are tried one by one; the one that fails gets score 0
    and the error as its problem. So does a molecule that scores nan.
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
            The function returned another number of scores, or something that isn't numbers.
        """
        asked = list(smiles)
        try:
            result = self.function(asked)
        except Exception as error:
            if len(asked) == 1:
                return Scores(asked, np.zeros(1), [f"objective: {type(error).__name__}: {error}"])
            parts = [self([text]) for text in asked]
            return Scores(asked, np.concatenate([p.total for p in parts]), [p.problem[0] for p in parts])
        if isinstance(result, Scores):
            return result
        try:
            total = np.asarray(result, dtype=float)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"the objective must return numbers, not {type(result).__name__} ({error})") from error
        if total.shape != (len(asked),):
            raise ConfigError(f"the objective returned scores of shape {total.shape} for {len(asked)} molecules")
        problem: list[str | None] = [None if np.isfinite(x) else f"objective: returned {x}" for x in total]
        return Scores(asked, np.where(np.isfinite(total), total, 0.0), problem)
