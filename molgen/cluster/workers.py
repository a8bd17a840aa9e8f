"""What the workers of a pool are, and what they may need."""

import math
from dataclasses import dataclass

from molgen.errors import ConfigError, check_between

SMALLEST = 0.0001  # share of a processor or a GPU that Ray knows


def check_resources(group: str, **settings: float) -> None:
    """Raise a ConfigError for the first of the `settings` of a group that is no number of processors or GPUs that Ray gives."""
    check_between(group, 0, **settings)
    for name, value in settings.items():
        if 0 < value < SMALLEST:
            raise ConfigError(f"{group}.{name}: must be 0, or at least {SMALLEST}, not {value}")
        if name.endswith("gpus") and value > 1 and value % 1:
            raise ConfigError(f"{group}.{name}: must be a whole number above 1, for a GPU is shared or taken whole, not {value}")


@dataclass(frozen=True)
class Workers:
    """How many workers, and what each of them needs.

    Attributes
    ----------
    number
        None for as many as the cluster has processors (or GPUs) for.
    num_cpus, num_gpus
        Of a worker; fractions share one.
    memory
        GB that each needs: no more workers are on a node than it has memory for. None doesn't ask.
    batch
        Molecules handed out at a time, at most; fewer towards the end, so that all workers end together.
    timeout
        Seconds that a molecule may take before its worker is killed; with it, molecules are handed out one by one. None for
        any time.
    tries
        How often a molecule is tried, should its worker die or hang, before it is recorded as failed.
    """

    number: int | None = None
    num_cpus: float = 1.0
    num_gpus: float = 0.0
    memory: float | None = None
    batch: int = 64
    timeout: float | None = None
    tries: int = 3

    def __post_init__(self) -> None:
        check_between("cluster.workers", 1, batch=self.batch, tries=self.tries, number=1 if self.number is None else self.number)
        check_resources("cluster.workers", num_cpus=self.num_cpus, num_gpus=self.num_gpus)
        for name, unit in (("timeout", "s"), ("memory", "GB")):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ConfigError(f"cluster.workers.{name}: must be above 0 {unit}, not {value}")

    @property
    def needs(self) -> dict[str, float]:
        """Of each resource of Ray, what a worker needs; memory in bytes."""
        return {"CPU": self.num_cpus, "GPU": self.num_gpus, "memory": (self.memory or 0) * 1e9}
