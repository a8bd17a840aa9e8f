"""The newest few of what is expensive to open."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """What was asked for last, opened again once it is another than it was.

    Parameters
    ----------
    most
        How many are kept in memory.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, tuple[object, T]] = OrderedDict()
        self._turns: dict[Hashable, tuple[threading.Lock, int]] = {}  # of keys that are asked for, with by how many
        self._one = threading.Lock()

    def get(self, key: Hashable, stamp: object, make: Callable[[], T]) -> T:
        """What `key` stands for, by `make` if it isn't kept or was kept with another stamp; nobody waits for another key's."""
        with self._one:
            turn, waiting = self._turns.get(key, (threading.Lock(), 0))
            self._turns[key] = turn, waiting + 1
        try:
            with turn:
                known = self._kept.get(key)
                if known is None or known[0] != stamp:
                    known = stamp, make()
                with self._one:
                    self._kept[key] = known
                    self._kept.move_to_end(key)
                    while len(self._kept) > self.most:
                        self._kept.popitem(last=False)
        finally:
            with self._one:
                turn, waiting = self._turns.pop(key)
                if waiting > 1:
                    self._turns[key] = turn, waiting - 1
        return known[1]
