"""What a training set itself says of a group: its matched molecular pairs, and what was measured of both."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molgen.chem.matched_pairs import HYDROGEN, matched_pairs
from molgen.metrics.means import MeanInterval, mean_interval
from molgen.progress import progress

LONG = 2000  # molecules, from which on progress is shown
POINT = "[1*]"  # how pairs write the attachment point of a group


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

    for_hydrogen: MeanInterval | None
    for_others: MeanInterval | None


class MeasuredPairs:
    """The matched molecular pairs of measured molecules; see `matched_pairs`.

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
        self._changes: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        with progress("looking for matched pairs", total=len(molecules), visible=len(molecules) > LONG) as advance:
            pairs = matched_pairs(molecules, advance)
        for pair in pairs:
            change = float(measured[pair.after] - measured[pair.before])
            self._changes[pair.new][pair.old != HYDROGEN].append(change)
            self._changes[pair.old][True].append(-change)

    def __len__(self) -> int:
        return self._size

    def support(self, group: str) -> PairSupport:
        """Of a group with one attachment point, `*OC`."""
        hydrogen, others = self._changes.get(group.replace("*", POINT, 1), ([], []))
        return PairSupport(
            mean_interval(hydrogen) if hydrogen else None,
            mean_interval(others) if others else None,
        )
