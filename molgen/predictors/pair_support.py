"""What a training set itself says of a group: its matched molecular pairs, and what was measured of both."""

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from molgen.chem.matched_pairs import HYDROGEN, MatchedPair, matched_pairs
from molgen.metrics.means import mean_interval
from molgen.progress import progress

LONG = 2000  # molecules, from which on progress is shown
FEWEST = 5  # series for an interval, of which half is 1.2 standard deviations then; 2.5 of three, 9 of two


@dataclass(frozen=True)
class PairChange:
    """The mean change of pairs, and its 95 % interval.

    Pairs that share molecules share their errors. All that are joined by such are a series, which counts once, with its own mean.

    Attributes
    ----------
    low, high
        nan where there are fewer than five series.
    """

    mean: float
    low: float
    high: float
    pairs: int
    series: int

    @classmethod
    def of(cls, changes: Sequence[tuple[MatchedPair, float]]) -> "PairChange":
        """From pairs, at least one, and by how much the value changes."""
        names, places = np.unique([(pair.before, pair.after) for pair, _ in changes], return_inverse=True)
        before, after = places.reshape(-1, 2).T
        joined = coo_array((np.ones(len(before)), (before, after)), shape=(len(names), len(names)))
        series = connected_components(joined, directed=False)[1][before]
        totals = np.bincount(series, [change for _, change in changes])
        found = mean_interval(totals / np.bincount(series), FEWEST)
        return cls(found.mean, found.low, found.high, len(changes), found.n)


@dataclass(frozen=True)
class PairSupport:
    """By how much measured values differ between molecules with a group and the same molecules without it.

    Attributes
    ----------
    for_hydrogen
        Where hydrogen is in its place: what a contribution predicts. None where there is no such pair.
    for_others
        Where any other group is. None where there is no such pair.
    """

    for_hydrogen: PairChange | None
    for_others: PairChange | None


class MeasuredPairs:
    """The matched molecular pairs of measured molecules, see `matched_pairs`, without those of stereoisomers of a group.

    Parameters
    ----------
    smiles, values
        Molecules [m] and what was measured of each; of repeated molecules the last counts, and what is no molecule is left out.
    """

    def __init__(self, smiles: Sequence[str], values: Sequence[float] | NDArray[np.float64]) -> None:
        with rdBase.BlockLogs():
            mols = {text: Chem.MolFromSmiles(text) for text in smiles}
        molecules = {text: mol for text, mol in mols.items() if mol is not None}
        self._size = len(molecules)
        measured = dict(zip(smiles, values, strict=True))
        self._changes: dict[tuple[str, bool], list[tuple[MatchedPair, float]]] = defaultdict(list)
        with progress("looking for matched pairs", total=len(molecules), visible=len(molecules) > LONG) as advance:
            pairs = matched_pairs(molecules, advance)
        for pair in pairs:
            change = float(measured[pair.after] - measured[pair.before])
            old, new = _without_stereo(pair.old), _without_stereo(pair.new)
            if old != new:
                self._changes[new, pair.old == HYDROGEN].append((pair, change))
                self._changes[old, False].append((pair, -change))

    def __len__(self) -> int:
        return self._size

    def support(self, group: str) -> PairSupport:
        """Of a group with one attachment point, `*OC`, of any stereochemistry."""
        name = _without_stereo(group)
        hydrogen, others = (self._changes.get((name, for_hydrogen)) for for_hydrogen in (True, False))
        return PairSupport(PairChange.of(hydrogen) if hydrogen else None, PairChange.of(others) if others else None)


@functools.lru_cache(10_000)
def _without_stereo(group: str) -> str:
    """A group as parts of a molecule are written: `*OC` of `[1*]OC`."""
    if group == HYDROGEN:
        return group
    mol = Chem.MolFromSmiles(group)
    Chem.RemoveStereochemistry(mol)
    point = next(atom for atom in mol.GetAtoms() if not atom.GetAtomicNum())
    point.SetIsotope(0)
    return Chem.MolToSmiles(mol, rootedAtAtom=point.GetIdx())
