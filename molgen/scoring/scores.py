"""The result of scoring a batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.changes import said


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of `n` molecules by `c` terms and filters, in the order asked.

    Attributes
    ----------
    smiles : sequence of str, [n]
    total : float64 [n]
        In [0, 1] for a `Scorer`; 0 where `problem` is set.
    names : tuple of str, [c]
    raw, scaled : float64 [n, c]
        In the component's units, and after the transform (for a filter 1 or 0); nan where it failed.
    problem : list, [n]
        Why the total is 0 (invalid SMILES, a filter, a failed term), else None.
    standardized : sequence, [n]
        SMILES of the forms that were scored; None where invalid. Empty if unknown, as are the changes.
    changes : sequence, [n]
        What standardisation did to each molecule, a few words per step.
    """

    smiles: Sequence[str]
    total: NDArray[np.float64]
    problem: list[str | None]
    names: tuple[str, ...] = ()
    raw: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    scaled: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    standardized: Sequence[str | None] = ()
    changes: Sequence[Sequence[str]] = ()

    def __post_init__(self) -> None:
        if not self.names:
            for values in ("raw", "scaled"):
                object.__setattr__(self, values, np.empty((len(self.smiles), 0)))

    def __len__(self) -> int:
        return len(self.smiles)

    def to_pandas(self) -> pd.DataFrame:
        """One row per molecule: smiles, score, then `NAME` (raw) and `NAME_scaled` per term and filter, then problem.

        If any structure was changed, `standardized` and `changes` come before the problem.
        """
        columns: dict[str, Any] = {"smiles": list(self.smiles), "score": self.total}
        for j, name in enumerate(self.names):
            columns[name] = self.raw[:, j]
            columns[f"{name}_scaled"] = self.scaled[:, j]
        columns |= said(self.standardized, self.changes)
        return pd.DataFrame(columns | {"problem": pd.array(self.problem, dtype="string")})


def joined(rows: Sequence[tuple[Scores, int]]) -> Scores:
    """Combine rows [n] of several scores into one; nan for terms that a row lacks."""
    names = next((scores.names for scores, _ in rows if scores.names), ())

    def columns(kind: str) -> NDArray[np.float64]:
        empty = np.full(len(names), np.nan)
        values = [getattr(scores, kind)[i] if scores.names else empty for scores, i in rows]
        return np.array(values, float).reshape(len(rows), len(names))

    return Scores(
        [scores.smiles[i] for scores, i in rows],
        np.array([scores.total[i] for scores, i in rows], float),
        [scores.problem[i] for scores, i in rows],
        names,
        columns("raw"),
        columns("scaled"),
    )
