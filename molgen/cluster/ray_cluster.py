"""Workers on a Ray cluster: one started here, or one that runs already."""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import ray

from molgen.cluster.base import Cluster, Score
from molgen.cluster.islands import Island
from molgen.cluster.metrics import Watched
from molgen.cluster.pool import Pool
from molgen.cluster.pooled import Part, PooledScorer
from molgen.cluster.workers import Workers
from molgen.errors import ClusterError, ConfigError, nearest
from molgen.scoring.objective import Function
from molgen.scoring.scorer import Scorer
from molgen.search.strategy import Strategy

LOG = logging.getLogger(__name__)
OBJECT_STORE = 200_000_000  # bytes: SMILES and scores are small, and a laptop's /dev/shm may be


@dataclass(frozen=True)
class RayCluster(Cluster):
    """Molecules are scored by workers on a Ray cluster.

    Attributes
    ----------
    address
        None starts Ray here and stops it in the end; `auto` takes the cluster that RAY_ADDRESS names or that runs on this
        machine; `ray://HOST:PORT` or `HOST:PORT` another one.
    workers
        Score what has no workers of its own.
    own
        Terms of the objective, by name, that have workers of their own: docking, or a predictor on GPUs. They get only
        molecules that no filter and no term before has refused.
    island_gpus
        Of each of several islands; they share the processors of the workers.
    deterministic
        A search waits for all that it has asked before it asks again, and so finds what it finds without a cluster.
    """

    address: str | None = None
    workers: Workers = field(default_factory=Workers)
    own: Mapping[str, Workers] = field(default_factory=dict)
    island_gpus: float = 0.0
    deterministic: bool = False

    @property
    def asynchronous(self) -> bool:
        """See `Cluster.asynchronous`."""
        return not self.deterministic

    @contextmanager
    def scoring(self, objective: Scorer | Function) -> Iterator[Score]:
        """See `Cluster.scoring`.

        Raises
        ------
        ClusterError
            There is no cluster at `address`, or none of its nodes has what a worker needs.
        ConfigError
            `own` names no term of the objective.
        """
        terms = tuple(objective.terms) if isinstance(objective, Scorer) else ()
        for name in self.own:
            if name not in terms:
                raise ConfigError(f"cluster.own.{name}: the objective has no such term{nearest(name, terms)}")
        with connected(self.address), ExitStack() as stack:
            for each in (self.workers, *self.own.values()):
                check_room(self.address, "a worker", each.num_cpus, each.num_gpus)
            if isinstance(objective, Scorer):
                shared = [name for name in objective.names if name not in self.own]
                first = stack.enter_context(Pool(Part.of(objective, shared), self.workers))
                own = {name: stack.enter_context(Pool(Part.of(objective, [name]), each)) for name, each in self.own.items()}
                yield Watched(PooledScorer(objective, first, own))
            else:
                yield Watched(stack.enter_context(Pool(objective, self.workers)))

    def strategies(self, makers: Sequence[Callable[[], Strategy]]) -> list[Strategy]:
        """See `Cluster.strategies`; several have processes of their own."""
        if self.deterministic or len(makers) == 1:
            return super().strategies(makers)
        check_room(self.address, "an island", 0, self.island_gpus)
        return [Island(make, self.island_gpus) for make in makers]


def check_room(address: str | None, what: str, num_cpus: float, num_gpus: float) -> None:
    """Raise a ClusterError if no node has what `what` needs; on a cluster at `address`, where nodes may come yet, only warn."""
    needs = {"CPU": num_cpus, "GPU": num_gpus}
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if any(all(node.get(kind, 0) >= need for kind, need in needs.items()) for node in nodes):
        return
    message = f"no node of the cluster has {num_cpus:g} CPUs and {num_gpus:g} GPUs for {what}"
    if address is None:
        raise ClusterError(message)
    LOG.warning("%s; waiting for one", message)


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Ray, until the block ends; what was connected before stays so.

    Raises
    ------
    ClusterError
        There is no cluster at `address`.
    """
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    started = {} if address else {"object_store_memory": OBJECT_STORE, "include_dashboard": False}
    try:
        if address and "://" not in address and ":" in address:
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), timeout=10).close()  # ray.init would try for minutes
        ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **started)
    except (OSError, ValueError, RuntimeError) as error:
        hint = "is it running? (ray status) does it ask for a token? (RAY_AUTH_MODE=token)"
        raise ClusterError(f"cluster.address={address}: {str(error).splitlines()[0]}; {hint}") from error
    try:
        yield
    finally:
        ray.shutdown()
