"""Choosing what would tell the most about all other candidates."""

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import Draws
from molgen.project.choice.limits import Room


def most_informative(draws: Draws, number: int, room: Room, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
    """At most `number` candidates that are the least certain once those before them are measured.

    By pivoted Cholesky decomposition of the draws' covariance, as in Harbrecht et al., Appl. Numer. Math. 62, 428 (2012).

    Parameters
    ----------
    draws : float64 [draws, n]
        Joint draws.
    room
        What the batch still has room for; what is found is taken from it.
    chosen : intp [c]
        Candidates that will be measured anyway.
    """
    left = draws - draws.mean(0)
    for i in chosen.tolist():
        left = _without(left, i)
    found: list[int] = []
    while len(found) < number and room.open.any():
        best = int(np.where(room.open, np.square(left).sum(0), -np.inf).argmax())
        room.take(best)
        found.append(best)
        left = _without(left, best)
    return np.array(found, np.intp)


def _without(left: Draws, i: int) -> Draws:
    """What is uncertain of all [draws, n] once `i` is known."""
    own = left[:, i]
    length = float(own @ own)
    return left - np.outer(own, own @ left / length) if length > 0 else left
