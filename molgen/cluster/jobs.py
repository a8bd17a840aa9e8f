"""Whole campaigns as jobs, and the launcher that runs one after the other."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any


class Launcher(ABC):
    """Runs the jobs of a sweep."""

    def connected(self) -> AbstractContextManager[None]:
        """Where the jobs run, until the block ends."""
        return nullcontext()

    @abstractmethod
    def run(self, function: Callable[[Any], Any], jobs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Apply `function` to each of `jobs`; their names with what it returned, or any error it raised, as they end."""


class Basic(Launcher):
    """One after the other, in this process."""

    def run(self, function: Callable[[Any], Any], jobs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """See `Launcher.run`."""
        for name, job in jobs.items():
            try:
                result = function(job)
            except Exception as error:  # whatever it is, it is this job's
                result = error
            yield name, result
