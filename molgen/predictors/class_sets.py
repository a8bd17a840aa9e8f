"""Sets of classes that hold the true one as often as they say: class-conditional ("Mondrian") conformal prediction.

A class is in a molecule's set unless its probability is lower than that of all but a tenth of the molecules of this class that
were held out (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, section 4.5). Each class is in the sets
of nine tenths of its molecules, however rare it is.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from molgen.data.dataset import Endpoint

Array = NDArray[np.float64]

MISSED = 0.1  # share of a class's molecules whose set may be without it
BOTH, NEITHER = "0|1", "neither"


def with_class_sets(endpoint: Endpoint, probability: Array, y: Array) -> Endpoint:
    """The endpoint with the limits between which neither class, or both, can be ruled out.

    Parameters
    ----------
    probability
        Of class 1, of molecules [n] that weren't learnt from.
    y
        Their classes [n].
    """
    one_from = _least(probability[y == 1])
    return replace(endpoint, one_from=one_from, zero_to=1 - _least(1 - probability[y == 0]))


def _least(probability: Array) -> float:
    """The least probability of a class whose p-value is above `MISSED`; 0 where fewer than nine molecules of it are known.

    The p-value of a molecule is the share of those of the class, itself among them, that are at most as probable.
    """
    rank = int(np.floor(MISSED * (len(probability) + 1) + 1e-9))
    return float(np.sort(probability)[rank - 1]) if rank else 0.0


def class_sets(endpoint: Endpoint, probability: Array) -> list[str | None] | None:
    """Classes that can't be ruled out at 90 %, of each molecule [n]: `0`, `1`, `0|1` or `neither`; None without a prediction.

    None in place of a list for an endpoint whose limits aren't known.
    """
    if endpoint.one_from is None or endpoint.zero_to is None:
        return None
    one, zero = probability >= endpoint.one_from, probability <= endpoint.zero_to
    words = np.select([np.isnan(probability), one & zero, one, zero], ["", BOTH, "1", "0"], NEITHER)
    return [str(word) or None for word in words]


def limits_said(endpoint: Endpoint) -> str:
    """A sentence on the limits, for reading; empty where they aren't known."""
    if endpoint.one_from is None or endpoint.zero_to is None:
        return ""
    return (
        f" At 90 %, class 1 can't be ruled out from a probability of {endpoint.one_from:.2g} on, class 0 up to one of "
        f"{endpoint.zero_to:.2g}."
    )


def set_figures(endpoint: Endpoint, probability: Array, y: Array) -> dict[str, float]:
    """`shares_of_sets` of probabilities [n]; empty where the endpoint's limits aren't known."""
    sets = class_sets(endpoint, probability)
    return {} if sets is None else shares_of_sets(sets, y)


def shares_of_sets(sets: list[str | None], y: Array) -> dict[str, float]:
    """Of molecules [n] with known classes `y`, the share whose set holds the class, by class, and of which both are possible."""
    holds = np.array([str(int(one)) in (text or "") for text, one in zip(sets, y, strict=True)])
    known = {f"sets_with_{k}": float(holds[y == k].mean()) for k in (0, 1) if (y == k).any()}
    return known | {"undecided": float(np.mean([text == BOTH for text in sets]))}
