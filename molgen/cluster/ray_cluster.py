"""Workers on a Ray cluster: one started here, or one that runs already."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from molgen.cluster.base import Cluster, Score
from molgen.cluster.connect import connected
from molgen.cluster.islands import Island
from molgen.cluster.metrics import Watched
from molgen.cluster.pool import Pool
from molgen.cluster.pooled import Part, PooledScorer
from molgen.cluster.room import check_room
from molgen.cluster.workers import Workers, check_resources
from molgen.errors import ConfigError, nearest
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.objective import Function
from molgen.scoring.scorer import Scorer
from molgen.search.strategy import Strategy


@dataclass(frozen=True)
class RayCluster(Cluster):
    """Molecules are scored by workers on a Ray cluster.

    Attributes
    ----------
    address
        None starts Ray here and stops it in the end; `auto` takes the cluster that RAY_ADDRESS names or that runs on this
        machine; `ray://HOST:PORT` or `HOST:PORT` another one.
    log
        Show what workers print, beside the live line. It is in files of Ray's, in any case.
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
    log: bool = False
    workers: Workers = field(default_factory=Workers)
    own: Mapping[str, Workers] = field(default_factory=dict)
    island_gpus: float = 0.0
    deterministic: bool = False

    def __post_init__(self) -> None:
        check_resources("cluster", island_gpus=self.island_gpus)

    @property
    def asynchronous(self) -> bool:
        """See `Cluster.asynchronous`."""
        return not self.deterministic

    @contextmanager
    def scoring(self, objective: Scorer | Function, name: str = "") -> Iterator[Score]:
        """See `Cluster.scoring`.

        Raises
        ------
        ClusterError
            There is no cluster at `address`, none of its nodes has what a worker needs, `objective` can't be sent to them, or
            the cluster's head dies.
        ConfigError
            `own` names no term of the objective.
        """
        terms = tuple(objective.terms) if isinstance(objective, Scorer) else ()
        if unknown := next((term for term in self.own if term not in terms), None):
            raise ConfigError(f"cluster.own.{unknown}: the objective has no such term{nearest(unknown, terms)}")
        with connected(self.address, log=self.log), ExitStack() as stack:
            for each in (self.workers, *self.own.values()):
                check_room(self.address, "a worker", **each.needs)
            if isinstance(objective, Scorer):
                shared = [term for term in objective.names if term not in self.own]
                first = stack.enter_context(Pool(Part.of(objective, shared), self.workers))
                own = {term: stack.enter_context(Pool(Part.of(objective, [term]), each)) for term, each in self.own.items()}
                pooled: AsynchronousScorer = PooledScorer(objective, first, own)
            else:
                pooled = stack.enter_context(Pool(objective, self.workers))
            with Watched(pooled, name) as watched:
                yield watched

    def strategies(self, makers: Sequence[Callable[[], Strategy]]) -> list[Strategy]:
        """See `Cluster.strategies`; several have processes of their own, and so has a single one that is deliberate."""
        if self.deterministic:
            return super().strategies(makers)
        if len(makers) == 1:
            (strategy,) = super().strategies(makers)
            return [Island(makers[0], alone=True) if strategy.deliberate else strategy]
        check_room(self.address, "an island", GPU=self.island_gpus)
        return [Island(make, self.island_gpus) for make in makers]
