"""Many short texts in little memory."""

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray


class Lines(Sequence[str]):
    """Texts that stand in one array of bytes, and are decoded one by one when they are asked for.

    Parameters
    ----------
    packed : uint8
        See `packed`.
    number
        Of texts.
    """

    def __init__(self, packed: NDArray[np.generic], number: int) -> None:
        self._bytes = packed.tobytes()
        ends = np.flatnonzero(np.frombuffer(self._bytes, np.uint8) == ord("\n"))
        self._edges = np.concatenate([[-1], ends, [len(self._bytes)]])[: number + 1]

    def __len__(self) -> int:
        return len(self._edges) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        place = range(len(self))[row]
        return self._bytes[self._edges[place] + 1 : self._edges[place + 1]].decode()


def packed(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Texts as one array of bytes, with line ends between them; white space becomes single blanks."""
    return np.frombuffer("\n".join(" ".join(text.split()) for text in texts).encode(), np.uint8)
