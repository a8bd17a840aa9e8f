"""The contract of a cluster, and the one that needs none."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from molgen.scoring.objective import Function
from molgen.scoring.scorer import Scorer
from molgen.scoring.scores import Scores
from molgen.search.strategy import Strategy

Score = Callable[[Sequence[str]], Scores]


class Cluster(ABC):
    """A place where molecules are scored, and strategies think."""

    @property
    @abstractmethod
    def asynchronous(self) -> bool:
        """Whether a search goes on asking while molecules are being scored."""

    @abstractmethod
    @contextmanager
    def scoring(self, objective: Scorer | Function, name: str = "") -> Iterator[Score]:
        """`objective`, computed there until the block ends.

        Parameters
        ----------
        name
            Of the campaign or the screen, for those who watch.
        """

    def strategies(self, makers: Sequence[Callable[[], Strategy]]) -> list[Strategy]:
        """What `makers` make, there where it has room for them, while `scoring` lasts."""
        return [make() for make in makers]


@dataclass(frozen=True)
class Inline(Cluster):
    """Scores in the process that asks."""

    @property
    def asynchronous(self) -> bool:
        """See `Cluster.asynchronous`."""
        return False

    @contextmanager
    def scoring(self, objective: Scorer | Function, name: str = "") -> Iterator[Score]:
        """See `Cluster.scoring`."""
        yield objective
