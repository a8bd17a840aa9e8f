"""What a running campaign shows."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from molgen.chem.scaffolds import scaffold_of
from molgen.metrics.outlook import AHEAD, SOONEST, expected_gain
from molgen.metrics.ranking import TopMeans


class CampaignProgress:
    """A live line: calls, best, mean of the last batch, unique scaffolds, what the next 500 calls may gain, calls/s, time left.

    Until the first scores are there, it says what is being done.

    Where the output is not a terminal, a line is printed at every tenth of the budget.

    Parameters
    ----------
    known
        Canonical SMILES -> score of what is scored already.
    besides
        Molecules that the best is not one of: those that the campaign began from.
    """

    def __init__(self, budget: int, known: dict[str, float], besides: Collection[str] = ()) -> None:
        self.budget = budget
        self.besides = besides
        self.best = -math.inf
        self.top = TopMeans(10)
        self.seen: set[str] = set()
        self.scaffolds: set[str] = set()
        self._count(known.keys(), known.values())
        self.first = len(known)
        self.bar = Progress(
            TextColumn("calls"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[facts]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self.task = self.bar.add_task("calls", total=budget, completed=self.first, facts="the first molecules are prepared")
        self.printed = self.first

    def _count(self, smiles: Iterable[str], scores: Iterable[float]) -> None:
        for text, score in zip(smiles, scores, strict=True):
            if text not in self.seen:
                self.seen.add(text)
                if (scaffold := scaffold_of(text)) is not None:
                    self.scaffolds.add(scaffold)
                if text not in self.besides:
                    self.best = max(self.best, score)
                    self.top.add(score)

    def say(self, line: str) -> None:
        """Print a line above the live one."""
        self.bar.console.print(line, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        """Start drawing."""
        self.bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop drawing."""
        self.bar.__exit__(kind, error, trace)

    def update(self, smiles: Sequence[str], scores: Sequence[float], used: int, counts: Mapping[str, float]) -> None:
        """Count in a scored batch of canonical SMILES; `counts` says what else is counted, such as workers that score."""
        self._count(smiles, scores)
        elapsed = self.bar.tasks[0].elapsed or 1e-9
        mean = float(np.mean(scores)) if len(scores) else 0.0
        rate = (used - self.first) / elapsed
        best = "none" if self.best == -math.inf else f"{self.best:.3f}"
        facts = f"best {best}  mean {mean:.3f}  scaffolds {len(self.scaffolds)}  {rate:.1f} calls/s"
        if len(self.top.means) >= SOONEST:
            facts += f"  next {AHEAD} +{expected_gain(self.top.means):.3f}"
        facts += "".join(f"  {name} {number:g}" for name, number in counts.items() if number)
        self.bar.update(self.task, completed=used, facts=facts)
        if not self.bar.console.is_terminal and used - self.printed >= self.budget / 10:
            self.printed = used
            self.say(f"{used}/{self.budget} calls  {facts}")
