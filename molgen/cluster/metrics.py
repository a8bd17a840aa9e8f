"""What a campaign does on a Ray cluster, as metrics that Prometheus reads from its nodes (with ray[default])."""

import time
from collections import Counter as Tally
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from ray.util.metrics import Counter, Gauge

from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.scores import Scores

PAUSE = 0.5  # s between two reports
LABELS = ("campaign",)
GAUGES = {"workers": "Workers ready or busy", "in flight": "Molecules being scored", "queued": "Molecules waiting for a worker"}
COUNTERS = {"retries": "Molecules scored again", "failures": "Molecules given up", "deaths": "Workers that died or hung"}


class Watched(AsynchronousScorer):
    """`scorer`, which reports what it does.

    Ray calls the metrics ray_molgen_calls_total, ray_molgen_best_score, ray_molgen_workers, ray_molgen_in_flight,
    ray_molgen_queued, ray_molgen_retries_total, ray_molgen_failures_total and ray_molgen_deaths_total; their label `campaign`
    is `name`.
    """

    def __init__(self, scorer: AsynchronousScorer, name: str = "") -> None:
        self.scorer = scorer
        self.best = Gauge("molgen_best_score", "Score of the best molecule so far", LABELS)
        self.calls = Counter("molgen_calls", "Molecules scored", LABELS)
        self.gauges = {key: Gauge(f"molgen_{key.replace(' ', '_')}", about, LABELS) for key, about in GAUGES.items()}
        self.counters = {key: Counter(f"molgen_{key}", about, LABELS) for key, about in COUNTERS.items()}
        for metric in (self.best, self.calls, *self.gauges.values(), *self.counters.values()):
            metric.set_default_tags({"campaign": name})
        self._reported = dict.fromkeys(COUNTERS, 0.0)
        self._best, self._calls, self._due = 0.0, 0, 0.0

    def __enter__(self) -> Self:
        """Begin to report."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Report what has come since the last time."""
        self.report()

    @property
    def capacity(self) -> int:
        """See `AsynchronousScorer.capacity`."""
        return self.scorer.capacity

    @property
    def facts(self) -> dict[str, float]:
        """See `AsynchronousScorer.facts`."""
        return self.scorer.facts

    @property
    def losses(self) -> Tally[str]:
        """See `AsynchronousScorer.losses`."""
        return self.scorer.losses

    def submit(self, smiles: Sequence[str]) -> None:
        """See `AsynchronousScorer.submit`."""
        self.scorer.submit(smiles)

    def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
        """See `AsynchronousScorer.collect`."""
        found = self.scorer.collect(wake)
        for scores in found:
            self._calls += len(scores)
            self._best = max(self._best, float(scores.total.max()))
        if time.monotonic() > self._due:
            self.report()
        return found

    def report(self) -> None:
        """Set the metrics."""
        facts = self.facts
        self.best.set(self._best)
        for name, gauge in self.gauges.items():
            gauge.set(facts[name])
        for name, counter in self.counters.items():
            _raise_by(counter, facts[name] - self._reported[name])
            self._reported[name] = facts[name]
        _raise_by(self.calls, self._calls)
        self._calls, self._due = 0, time.monotonic() + PAUSE


def _raise_by(counter: Counter, number: float) -> None:
    if number:
        counter.inc(number)
