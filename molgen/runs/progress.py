"""What a running campaign shows."""

import math
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import Self

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from molgen.chem.scaffolds import scaffold_of


class CampaignProgress:
    """A live line: calls, best, mean of the last batch, unique scaffolds, calls/s, time left.

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
        self.best = max((score for smiles, score in known.items() if smiles not in besides), default=-math.inf)
        self.scaffolds = {scaffold_of(smiles) for smiles in known}
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

    def __enter__(self) -> Self:
        """Start drawing."""
        self.bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop drawing."""
        self.bar.__exit__(kind, error, trace)

    def update(self, smiles: Sequence[str], scores: Sequence[float], used: int, counts: Mapping[str, float]) -> None:
        """Count in a scored batch of canonical SMILES; `counts` says what else is counted, such as workers that score."""
        self.best = max([self.best, *(score for text, score in zip(smiles, scores, strict=True) if text not in self.besides)])
        self.scaffolds |= {scaffold for text in smiles if (scaffold := scaffold_of(text)) is not None}
        elapsed = self.bar.tasks[0].elapsed or 1e-9
        mean = float(np.mean(scores)) if len(scores) else 0.0
        rate = (used - self.first) / elapsed
        best = "none" if self.best == -math.inf else f"{self.best:.3f}"
        facts = f"best {best}  mean {mean:.3f}  scaffolds {len(self.scaffolds)}  {rate:.1f} calls/s"
        facts += "".join(f"  {name} {number:g}" for name, number in counts.items() if number)
        self.bar.update(self.task, completed=used, facts=facts)
        if not self.bar.console.is_terminal and used - self.printed >= self.budget / 10:
            self.printed = used
            self.bar.console.print(f"{used}/{self.budget} calls  {facts}", highlight=False)
