"""Whole campaigns as jobs, side by side on a Ray cluster."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError

from molgen.cluster.connect import connected, wait
from molgen.cluster.jobs import Launcher
from molgen.cluster.losses import fate, raised, what
from molgen.cluster.room import check_room
from molgen.cluster.workers import check_resources
from molgen.errors import ClusterError, check_between


@dataclass(frozen=True)
class OnRay(Launcher):
    """Side by side on a Ray cluster; folders must be seen by all its nodes.

    Attributes
    ----------
    address
        As `RayCluster.address`.
    num_cpus, num_gpus
        Of a job; fractions share one.
    tries
        Most times a job is started or continued after its process or node died or ran out of memory.
    """

    address: str | None = None
    num_cpus: float = 1.0
    num_gpus: float = 0.0
    tries: int = 3

    def __post_init__(self) -> None:
        check_between("hydra.launcher", 1, tries=self.tries)
        check_resources("hydra.launcher", num_cpus=self.num_cpus, num_gpus=self.num_gpus)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """See `Launcher.connected`.

        Raises
        ------
        ClusterError
            There is no cluster at `address`, or no node has what a job needs.
        """
        with connected(self.address, where="hydra.launcher.address"):
            check_room(self.address, "a job", CPU=self.num_cpus, GPU=self.num_gpus)
            yield

    def run(self, function: Callable[[Any], Any], jobs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """See `Launcher.run`."""
        task = ray.remote(function).options(num_cpus=self.num_cpus, num_gpus=self.num_gpus, max_retries=0)
        running = {task.remote(job): (name, 1) for name, job in jobs.items()}
        while running:
            [done] = wait(list(running))
            name, tries = running.pop(done)
            try:
                result = ray.get(done)
            except RayError as error:
                result = raised(error)
                if result is None and tries < self.tries:
                    running[task.remote(jobs[name])] = name, tries + 1
                    continue
                result = result or ClusterError(f"its process {fate(error)}, {tries} times: {what(error)}")
            yield name, result
