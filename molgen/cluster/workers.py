"""What the workers of a pool are, and what they may need."""

from dataclasses import dataclass

from molgen.errors import ConfigError, check_between


@dataclass(frozen=True)
class Workers:
    """How many workers, and what each of them needs.

    Attributes
    ----------
    number
        None for as many as the cluster has processors (or GPUs) for.
    num_cpus, num_gpus
        Of a worker; fractions share one.
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
    batch: int = 64
    timeout: float | None = None
    tries: int = 3

    def __post_init__(self) -> None:
        check_between("cluster.workers", 1, batch=self.batch, tries=self.tries, number=1 if self.number is None else self.number)
        if self.timeout is not None and self.timeout <= 0:
            raise ConfigError(f"cluster workers: timeout must be above 0 s, not {self.timeout}")
