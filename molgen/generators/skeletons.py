"""Skeletons: a molecule's steps with the pieces left out, so that only their shapes are known.

A shape says of which bond orders a piece's entry and slots are. Any pieces of a skeleton's shapes make a molecule.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from molgen.generators.piece_vocabulary import SPECIAL, PieceVocabulary
from molgen.learn.saved import Saved

Integers = NDArray[np.integer]
Skeleton = tuple[int, ...]  # shapes by their numbers in the vocabulary


@lru_cache(maxsize=100_000)
def tree(slots: tuple[int, ...]) -> tuple[list[int], list[int], list[int]]:
    """For every step, given how many slots each has: the step whose slot it fills, the slot's number, and its depth.

    The first fills none: all three are 0.
    """
    parents, numbers, depths = [], [], []
    stack = [(0, 0, 0)]
    for i, count in enumerate(slots):
        parent, number, depth = stack.pop()
        parents.append(parent)
        numbers.append(number)
        depths.append(depth)
        stack += [(i, k, depth + 1) for k in range(count, 0, -1)]
    return parents, numbers, depths


class Skeletons:
    """The skeletons of a training set.

    Parameters
    ----------
    vocabulary
        Has the shapes.
    counts
        How often each of `skeletons` occurs.
    sizes
        How many of the molecules have how many heavy atoms.
    """

    def __init__(
        self, vocabulary: PieceVocabulary, skeletons: Sequence[Skeleton], counts: Sequence[int], sizes: Sequence[int]
    ) -> None:
        self.slots = vocabulary.slots.tolist()
        self.orders = [0 if shape in SPECIAL else int(shape[0]) for shape in vocabulary.shapes]
        self.skeletons = list(skeletons)
        self.counts = np.array(counts, dtype=float)
        self.sizes = np.array(sizes, dtype=float)
        steps = self.counts @ [len(skeleton) for skeleton in skeletons]
        self.atoms_a_step = float(self.sizes @ np.arange(len(sizes)) / steps)

    def draw(self, n: int, rng: np.random.Generator) -> list[Skeleton]:
        """`n` skeletons, as frequent as in the training set."""
        return [self.skeletons[i] for i in rng.choice(len(self.counts), n, p=self.counts / self.counts.sum())]

    def steps_to_add(self, atoms: int, rng: np.random.Generator) -> int:
        """Steps that bring `atoms` heavy atoms to the size of a molecule of the training set, drawn among the larger ones."""
        larger = self.sizes * (np.arange(len(self.sizes)) > atoms)
        if not larger.any():
            return 0
        return round((int(rng.choice(len(larger), p=larger / larger.sum())) - atoms) / self.atoms_a_step)

    @cached_property
    def _branches(self) -> dict[tuple[int, int, int], Counter[Skeleton]]:
        """Branches without rings that closings make, by bond order, number of steps and of leaves."""
        found: dict[tuple[int, int, int], Counter[Skeleton]] = {}
        for skeleton, count in zip(self.skeletons, self.counts, strict=True):
            if min(skeleton) < len(SPECIAL):
                continue
            for first in range(1, len(skeleton)):
                last, missing = first, 1
                while missing:
                    missing += self.slots[skeleton[last]] - 1
                    last += 1
                branch = skeleton[first:last]
                kind = self.orders[branch[0]], len(branch), len(self.leaves(branch))
                found.setdefault(kind, Counter())[branch] += count
        return found

    def leaves(self, branch: Skeleton) -> list[int]:
        """The steps after the first that have a single bond and no slots."""
        return [i for i, shape in enumerate(branch) if i and not self.slots[shape] and self.orders[shape] == 1]

    def branch(self, order: int, steps: int, leaves: int, rng: np.random.Generator) -> Skeleton:
        """What can fill a slot of bond order `order`, with `leaves` at least, in `steps` or about as many.

        Raises
        ------
        ValueError
            The training set has no such branch.
        """
        kinds = [kind for kind in self._branches if kind[0] == order and kind[2] >= leaves]
        if not kinds:
            raise ValueError(f"nothing is known that is bonded by a bond of order {order} and has {leaves} ends")
        nearest = min(abs(kind[1] - steps) for kind in kinds)
        found = [item for kind in kinds if abs(kind[1] - steps) == nearest for item in self._branches[kind].items()]
        weights = np.array([count for _, count in found])
        return found[rng.choice(len(found), p=weights / weights.sum())][0]


def check_remembered(saved: Saved, rows: Integers, counts: Integers, sizes: Integers, vocabulary: PieceVocabulary) -> None:
    """Refuse skeletons of a file that no molecule has, and counts that none can be drawn by.

    Parameters
    ----------
    rows
        Shapes of each skeleton's steps, 0 behind the last, [skeletons, longest].
    """
    if any(part.min(initial=0) < 0 or part.sum() <= 0 for part in (counts, sizes)):
        raise saved.error("its tensors 'counts' and 'sizes' must hold whole numbers, some above 0")
    if rows.dtype != np.uint8 or rows.max() >= len(vocabulary.shapes):
        raise saved.error(f"its tensor 'skeletons' must hold bytes below {len(vocabulary.shapes)}")
    steps = (rows > 0).sum(1)
    there = np.arange(rows.shape[1]) < steps[:, None]
    opened = 1 + np.cumsum((vocabulary.slots.numpy()[rows] - 1) * there, axis=1)
    before_the_last = np.arange(rows.shape[1]) < steps[:, None] - 1
    whole = ((rows > 0) == there).all(1) & (steps > 0) & (opened[:, -1] == 0) & ((opened > 0) | ~before_the_last).all(1)
    if not whole.all():
        raise saved.error(f"its tensor 'skeletons' has a row that is no tree: {int(np.argmin(whole))}")
