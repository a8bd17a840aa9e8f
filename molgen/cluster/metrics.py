"""What a campaign does on a Ray cluster, as metrics that Prometheus reads from its nodes (with ray[default])."""

import time
from collections.abc import Sequence
from typing import Any

from ray.util.metrics import Counter, Gauge

from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.scores import Scores

PAUSE = 0.5  # s between two reports
GAUGES = {"workers": "Workers ready or busy", "in flight": "Molecules being scored", "queued": "Molecules waiting for a worker"}
COUNTERS = {"retries": "Molecules scored again", "failures": "Molecules given up"}


class Watched(AsynchronousScorer):
    """`scorer`, which reports what it does.

    Ray calls the metrics ray_molgen_calls_total, ray_molgen_best_score, ray_molgen_workers, ray_molgen_in_flight,
    ray_molgen_queued, ray_molgen_retries_total and ray_molgen_failures_total.
    """

    def __init__(self, scorer: AsynchronousScorer) -> None:
        self.scorer = scorer
        self.best = Gauge("molgen_best_score", "Score of the best molecule so far")
        self.calls = Counter("molgen_calls", "Molecules scored")
        self.gauges = {name: Gauge(f"molgen_{name.replace(' ', '_')}", about) for name, about in GAUGES.items()}
        self.counters = {name: Counter(f"molgen_{name}", about) for name, about in COUNTERS.items()}
        self._reported = dict.fromkeys(COUNTERS, 0.0)
        self._best, self._calls, self._due = 0.0, 0, 0.0

    @property
    def capacity(self) -> int:
        """See `AsynchronousScorer.capacity`."""
        return self.scorer.capacity

    @property
    def facts(self) -> dict[str, float]:
        """See `AsynchronousScorer.facts`."""
        return self.scorer.facts

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
