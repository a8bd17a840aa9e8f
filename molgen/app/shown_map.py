"""The map of a campaign's or a screen's molecules: laid out in the background, and added to as molecules come."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from molgen.chem.molecules import Molecules
from molgen.chem.structure_map import Array, Faithfulness, StructureMap
from molgen.processes import isolated

LOG = logging.getLogger(__name__)
Ints = NDArray[np.int64]

MOST, BEST = 12_000, 1000  # molecules on a map; where there are more, the best are, and others at random
LAID, LAID_BEST = 2000, 200  # molecules that it is laid out with, likewise
AT_ONCE = 300  # new ones that are placed while a page waits
COMPARED = 1000  # that it is judged by
AGAIN = 1.2  # as many as when it was judged last, and it is judged again
REGIONS, IN_REGION = 8, 20  # at most, and molecules of one on average at least
UNLIKE = 0.3  # Tanimoto similarity below which a place says little


@dataclass(frozen=True)
class Points:
    """Molecules on a map.

    Attributes
    ----------
    rows
        Their rows [n] in the table; what can't be read as a molecule isn't on the map.
    places
        Where they lie [n, 2].
    similar
        Their similarity [n] to the most similar molecule that the map was laid out with.
    """

    rows: Ints
    places: Array
    similar: Array

    def and_also(self, others: "Points") -> "Points":
        """These, then others."""
        return Points(*(np.concatenate([getattr(self, name), getattr(others, name)]) for name in ("rows", "places", "similar")))


@dataclass(frozen=True)
class Plan:
    """A map as it was laid out: its points, the middles [k, 2] of its regions, and how faithful it is."""

    space: StructureMap
    points: Points
    middles: Array
    faithful: Faithfulness | None


def lay_out(asked: tuple[Sequence[str], Sequence[float]]) -> Plan | None:
    """A map of molecules, given by their SMILES [n] and scores [n]; None where there are fewer than two."""
    smiles, scores = asked
    rows = sample_of(np.nan_to_num(np.asarray(scores, float), nan=-np.inf), MOST, BEST, np.arange(len(smiles)))
    molecules = Molecules([smiles[i] for i in rows])
    valid = np.array([i for i, mol in enumerate(molecules.mols) if mol is not None], int)
    if len(valid) < 2:
        return None
    mols, rows = [molecules.mols[i] for i in valid], rows[valid]
    laid = sample_of(np.nan_to_num(np.asarray(scores, float)[rows], nan=-np.inf), LAID, LAID_BEST, np.arange(len(rows)))
    space = StructureMap.of([mols[i] for i in laid])
    places, similar = space.place(mols)
    number = min(REGIONS, len(rows) // IN_REGION)
    found = KMeans(number, n_init=4, random_state=0).fit(places) if number > 1 else None
    middles = np.zeros((0, 2)) if found is None else found.cluster_centers_[np.lexsort(found.cluster_centers_.T)]
    return Plan(space, Points(rows, places, similar), middles, _faithful(mols, places))


def placed(asked: tuple[StructureMap, Sequence[str], Ints]) -> Points:
    """More molecules, by SMILES [n] and rows [n], on a map that there is."""
    space, smiles, rows = asked
    mols = Molecules(smiles).mols
    valid = [i for i, mol in enumerate(mols) if mol is not None]
    return Points(rows[valid], *space.place([mols[i] for i in valid]))


def sample_of(scores: Array, most: int, best: int, rows: Ints) -> Ints:
    """At most so many of `rows`, in order: the best, and of the others a random sample, which a seed decides."""
    if len(rows) <= most:
        return rows
    ranked = rows[np.argsort(-scores, kind="stable")]
    others = np.random.default_rng(0).choice(ranked[best:], most - best, replace=False)
    return np.sort(np.concatenate([ranked[:best], others]))


def _faithful(mols: Sequence[Any], places: Array) -> Faithfulness | None:
    compared = sample_of(np.zeros(len(mols)), COMPARED, 0, np.arange(len(mols)))
    return Faithfulness.of([mols[i] for i in compared], places[compared])


def _texts(smiles: pd.Series) -> list[str]:
    return [str(text) for text in smiles.fillna("").to_numpy(object)]


class ShownMap:
    """The map of one table of molecules, to which rows are only ever added.

    Attributes
    ----------
    version
        Is another number once points have moved.
    points
        On the map by now; None before it is laid out.
    middles
        Of its regions [k, 2].
    faithful
        How far it can be trusted; None where too few molecules are on it to tell.
    since
        How many of its points came after it was laid out.
    problem
        Why there is none.
    """

    def __init__(self) -> None:
        self.version = 0
        self.problem = ""
        self._forget()
        self._one = threading.Lock()
        self._busy = False

    def _forget(self) -> None:
        self.points: Points | None = None
        self.middles: Array = np.zeros((0, 2))
        self.faithful: Faithfulness | None = None
        self.since = 0
        self._space: StructureMap | None = None
        self._seen = self._judged = 0

    @property
    def region(self) -> Ints:
        """The region [n] of each point: that with the nearest middle."""
        if self.points is None or not len(self.middles):
            return np.zeros(0, int)
        distances = ((self.points.places[:, None] - self.middles[None]) ** 2).sum(2)
        return np.asarray(distances.argmin(1))

    def refresh(self, smiles: pd.Series, scores: pd.Series) -> None:
        """Begin to lay out the molecules of a table if nobody has, or add its new rows; many are added in the background.

        Parameters
        ----------
        smiles, scores
            Columns [n] of the table; what is missing in the first is no molecule.
        """
        with self._one:
            if self._busy or self.problem:
                return
            if self._space is None:
                self._begin(lay_out, (_texts(smiles), scores.tolist()), len(smiles), self._laid_out)
            elif self._seen < len(smiles) and self.points is not None and len(self.points.rows) < MOST:
                new = np.arange(self._seen, len(smiles))
                asked = (self._space, _texts(smiles.iloc[self._seen :]), new)
                if len(new) > AT_ONCE:
                    self._begin(placed, asked, len(smiles), self._added)
                else:
                    self._added(placed(asked), len(smiles))
        if self.points is not None and len(self.points.rows) > AGAIN * self._judged:
            self._judge(smiles)

    def lay_out_anew(self) -> None:
        """Forget all places; the next `refresh` lays the molecules out."""
        with self._one:
            if not self._busy:
                self.problem = ""
                self._forget()

    def _begin(self, work: Callable[[Any], Any], asked: Any, seen: int, then: Callable[[Any, int], None]) -> None:
        """Have another process work, so that pages go on; what it returns is told with the lock held."""
        self._busy = True

        def run() -> None:
            try:
                [found] = isolated(work, [asked], 1)
            except Exception as error:
                found = error
            with self._one:
                self._busy = False
                if isinstance(found, Exception):
                    LOG.error("the map of molecules failed: %s", found)
                    self.problem = "The map can't be drawn; the terminal that molgen app runs in says why."
                else:
                    then(found, seen)

        threading.Thread(target=run, daemon=True).start()

    def _laid_out(self, found: Plan | None, seen: int) -> None:
        if found is None:
            self.problem = "There are too few molecules for a map."
            return
        self.version += 1
        self.points, self.middles, self.faithful, self._space = found.points, found.middles, found.faithful, found.space
        self._seen, self._judged = seen, len(found.points.rows)

    def _added(self, found: Points, seen: int) -> None:
        assert self.points is not None
        self.points = self.points.and_also(found)
        self.since += len(found.rows)
        self._seen = seen

    def _judge(self, smiles: pd.Series) -> None:
        points = self.points
        if points is None:
            return
        self._judged = len(points.rows)
        compared = sample_of(np.zeros(len(points.rows)), COMPARED, 0, np.arange(len(points.rows)))
        mols = Molecules(_texts(smiles.iloc[points.rows[compared]])).mols
        self.faithful = Faithfulness.of(mols, points.places[compared])
