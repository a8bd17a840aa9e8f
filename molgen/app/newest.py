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
        self._one = threading.Lock()

    def get(self, key: Hashable, stamp: object, make: Callable[[], T]) -> T:
        """What `key` stands for, by `make` if it isn't kept or was kept with another stamp."""
        with self._one:
            known = self._kept.pop(key, None)
            if known is None or known[0] != stamp:
                known = stamp, make()
            self._kept[key] = known
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return known[1]
