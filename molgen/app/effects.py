"""What a run's molecules would score if what chemists said of them were a term."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import build
from molgen.errors import MolgenError
from molgen.grammar import spelled
from molgen.reports.designed import designed
from molgen.scoring.aggregate import Aggregate, GeometricMean
from molgen.scoring.judgements import Judgements
from molgen.scoring.preference_model import Liking, PreferenceProcess
from molgen.scoring.scorer import SCALED

BEST, SHOWN, TOP = 1000, 4, 50  # molecules that are compared, shown that rise and fall, and among which they rise or fall
LOWEST, HIGHEST = 0.1, 3.0  # weights to choose from


@dataclass(frozen=True)
class Moved:
    """A molecule whose place among the best changes: its call, SMILES, places and scores before and after, and liking."""

    call: int
    smiles: str
    places: tuple[int, int]
    scores: tuple[float, float]
    liked: float
    error: float


@dataclass(frozen=True)
class Effect:
    """What a term makes of the best molecules.

    Attributes
    ----------
    rising, falling
        The molecules whose places change most, of those that come among the best or leave them.
    compared
        How many were compared.
    """

    rising: tuple[Moved, ...]
    falling: tuple[Moved, ...]
    compared: int


class Effects:
    """The effects of one run's judgements, learnt once per state of these."""

    def __init__(self) -> None:
        self._known: tuple[Any, pd.DataFrame, Liking] | None = None

    def __call__(
        self,
        molecules: pd.DataFrame,
        names: list[str],
        scoring: Mapping[str, Any],
        judgements: Judgements,
        own: str | None,
        weight: float,
    ) -> Effect:
        """What a term of this weight changes; `own` is the term by which the run learns already, in whose place it comes.

        Raises
        ------
        MolgenError
            The aggregate can't be made here.
        """
        stamp = (judgements.digest, len(molecules), molecules["score"].sum())
        if self._known is None or self._known[0] != stamp:
            best = designed(molecules[molecules["problem"].isna()]).nlargest(BEST, "score")
            liking = PreferenceProcess(judgements)(Molecules(best["smiles"].tolist(), STANDARD).mols)
            self._known = stamp, best, liking
        _, best, liking = self._known
        terms = scoring["terms"]
        kept = [name for name in names if name in terms and name != own]
        weights = np.array([float(node.get("weight", 1.0)) if isinstance(node := terms[name], dict) else 1.0 for name in kept])
        scaled = best[[f"{name}{SCALED}" for name in kept]].to_numpy(float)
        after = _aggregate(scoring)(np.column_stack([scaled, liking.mean]), np.append(weights, weight))
        return _moved(best, after, liking)


def _aggregate(scoring: Mapping[str, Any]) -> Aggregate:
    node = scoring.get("aggregate")
    if node is None:
        return GeometricMean()
    made = build(spelled(node, "scoring.aggregate", Aggregate), "scoring.aggregate")
    if not callable(made):
        raise MolgenError("scoring.aggregate: none that can be called")
    return made  # type: ignore[no-any-return]


def _moved(best: pd.DataFrame, after: NDArray[np.float64], liking: Liking) -> Effect:
    after = np.nan_to_num(after)
    before = np.arange(len(best))
    now = np.empty(len(best), int)
    now[np.argsort(-after, kind="stable")] = before
    gain = before - now
    rising = [i for i in np.argsort(-gain, kind="stable")[: len(best)].tolist() if gain[i] > 0 and now[i] < TOP][:SHOWN]
    falling = [i for i in np.argsort(gain, kind="stable").tolist() if gain[i] < 0 and before[i] < TOP][:SHOWN]
    rows = best.to_dict("records")

    def told(i: int) -> Moved:
        places, scores = (int(before[i]) + 1, int(now[i]) + 1), (float(rows[i]["score"]), float(after[i]))
        return Moved(int(rows[i]["id"]), rows[i]["smiles"], places, scores, float(liking.mean[i]), float(liking.std[i]))

    return Effect(tuple(map(told, rising)), tuple(map(told, falling)), len(best))
