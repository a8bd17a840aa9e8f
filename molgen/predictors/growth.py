"""Values shared out among the parts of a tree: the mean change when a part is added, over all orders of growth from the core.

The Shapley value of games with precedence constraints (Faigle and Kern, Int. J. Game Theory 21, 249, 1992): only orders in which
a part comes after the one that it is attached to count, all of them alike. The changes of an order add up to the value of the
whole less that of the core, and so do their means.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Subtree = frozenset[int]

MOST_SUBTREES = 256  # of a tree all of whose orders are counted; of a larger one, orders are drawn that have about as many
FEWEST_ORDERS = 8


@dataclass(frozen=True, eq=False)
class Shares:
    """What each part [p] adds to the value.

    Attributes
    ----------
    values : float64 [p]
        The core's own value, then the mean changes; their sum is the value of the whole.
    errors : float64 [p]
        Standard errors of the means: 0 where all orders were counted.
    """

    values: Array
    errors: Array


class SharingPlan:
    """Which values are needed to share out that of a tree.

    Parameters
    ----------
    parents
        What each part [p] is attached to, an earlier one; -1 for the core, the first.
    seed
        Of the orders that are drawn where there are too many subtrees.

    Attributes
    ----------
    subtrees
        With the core [n]: those whose values `shares` takes.
    """

    def __init__(self, parents: Sequence[int], seed: int = 0) -> None:
        self.parents = tuple(parents)
        self._sizes = _sizes(parents, range(len(parents)))
        self._orders = _orders(parents, self._sizes, seed) if _number_of_subtrees(parents) > MOST_SUBTREES else None
        if self._orders is None:
            self.subtrees = _subtrees(parents)
        else:
            prefixes = {frozenset(order[: k + 1]) for order in self._orders for k in range(len(order))}
            self.subtrees = sorted(prefixes, key=sorted)

    def shares(self, values: Sequence[float]) -> Shares:
        """What each part adds, by the values of the subtrees [n]."""
        known = dict(zip(self.subtrees, values, strict=True))
        return self._of_all(known) if self._orders is None else self._of_orders(known, self._orders)

    def _of_all(self, values: Mapping[Subtree, float]) -> Shares:
        shares = np.zeros(len(self.parents))
        shares[0] = values[frozenset([0])]
        whole = frozenset(range(len(self.parents)))
        total = _orders_of(self._sizes, whole)
        for subtree in self.subtrees:
            before = _orders_of(_sizes(self.parents, subtree), subtree)
            for part in whole - subtree:
                if self.parents[part] in subtree:
                    after = _orders_of(self._sizes, whole - subtree - {part})
                    shares[part] += before * after / total * (values[subtree | {part}] - values[subtree])
        return Shares(shares, np.zeros(len(shares)))

    def _of_orders(self, values: Mapping[Subtree, float], orders: list[list[int]]) -> Shares:
        changes = np.zeros((len(orders), len(self.parents)))
        for row, order in zip(changes, orders, strict=True):
            row[order] = np.diff([values[frozenset(order[: k + 1])] for k in range(len(order))], prepend=0.0)
        errors = changes.std(0, ddof=1) / math.sqrt(len(orders))
        errors[0] = 0.0  # the core is the first of every order
        return Shares(changes.mean(0), errors)


def _number_of_subtrees(parents: Sequence[int]) -> int:
    """With the core."""
    counts = [1] * len(parents)
    for part in range(len(parents) - 1, 0, -1):
        counts[parents[part]] *= 1 + counts[part]
    return counts[0]


def _subtrees(parents: Sequence[int]) -> list[Subtree]:
    """All with the core."""
    found = [frozenset([0])]
    for part in range(1, len(parents)):
        found += [subtree | {part} for subtree in found if parents[part] in subtree]
    return found


def _sizes(parents: Sequence[int], among: range | Subtree) -> dict[int, int]:
    """How many of `among` each of them carries, itself included."""
    sizes = dict.fromkeys(among, 1)
    for part in sorted(among, reverse=True):
        if parents[part] in sizes:
            sizes[parents[part]] += sizes[part]
    return sizes


def _orders_of(sizes: dict[int, int], parts: Subtree) -> int:
    """Orders of `parts` in which each comes after its parent: the hook length formula (Knuth, TAOCP 3, 5.1.4, exercise 20)."""
    return math.factorial(len(parts)) // math.prod(sizes[part] for part in parts)


def _orders(parents: Sequence[int], sizes: dict[int, int], seed: int) -> list[list[int]]:
    """Orders drawn from all, each as likely: the next part by the number of those that it carries."""
    rng = np.random.default_rng(seed)
    children: list[list[int]] = [[] for _ in parents]
    for part in range(1, len(parents)):
        children[parents[part]].append(part)
    found = []
    for _ in range(max(FEWEST_ORDERS, MOST_SUBTREES // len(parents))):
        order, ready = [0], list(children[0])
        while ready:
            weights = np.array([sizes[part] for part in ready], float)
            part = ready.pop(int(rng.choice(len(ready), p=weights / weights.sum())))
            order.append(part)
            ready += children[part]
        found.append(order)
    return found
