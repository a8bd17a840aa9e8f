"""Batches of slow scores are kept piece by piece: what is stored meanwhile, and after a kill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from molgen import Scorer, design
from molgen.chem.molecules import Molecules
from molgen.runs.run import Run
from molgen.runs.store import RunStore
from molgen.scoring.component import Component
from molgen.scoring.components.docking import Docking
from molgen.scoring.components.qed import QED
from molgen.scoring.scorer import Term
from molgen.scoring.scores import Scores
from molgen.scoring.transforms import Identity
from molgen.search.oracle import Oracle
from molgen.search.pieces import Pieces
from molgen.search.strategy import Proposal


@dataclass(frozen=True)
class Slow(Component):
    """QED, four molecules at a time; a kill after `end` molecules."""

    end: int | None = None
    asked: list[str] = field(default_factory=list, compare=False)

    def __call__(self, molecules: Molecules) -> np.ndarray:
        if self.end is not None and len(self.asked) + len(molecules) > self.end:
            raise KeyboardInterrupt
        self.asked.extend(map(str, molecules.canonical))
        return QED()(molecules)

    def at_a_time(self) -> int | None:
        return 4


def scorer(component: Component) -> Scorer:
    return Scorer({"x": Term(component, Identity())})


def run(component: Component, folder: Path, *, resume: bool = False) -> Run:
    return design(scorer(component), 16, "genetic", 1, folder, resume=resume, overrides=["campaign.batch=8"])


def stored(folder: Path) -> list[tuple[str, float]]:
    store = RunStore(folder)
    table = store.to_pandas()
    store.close()
    return list(zip(table["smiles"], table["score"], strict=True))


def test_the_same_as_at_once(tmp_path: Path) -> None:
    whole = run(QED(), tmp_path / "whole")
    slow = Slow()
    pieces = run(slow, tmp_path / "pieces")
    assert pieces.molecules["smiles"].tolist() == whole.molecules["smiles"].tolist()
    assert pieces.molecules["score"].tolist() == whole.molecules["score"].tolist()
    assert len(slow.asked) == len(set(slow.asked)) == 16


def test_pieces_before_a_kill_are_kept_and_not_scored_again(tmp_path: Path) -> None:
    first = Slow(end=12)
    with pytest.raises(KeyboardInterrupt):
        run(first, tmp_path / "run")
    kept = stored(tmp_path / "run")
    assert len(kept) == len(first.asked) == 12
    second = Slow()
    found = run(second, tmp_path / "run", resume=True)
    assert stored(tmp_path / "run")[:12] == kept
    assert len(found.molecules) == 16
    assert not set(first.asked) & set(second.asked)


def test_the_last_piece_is_the_batchs_and_a_budget_ends_within_one() -> None:
    noted: list[tuple[int, int]] = []

    def note(asked: Sequence[Proposal], scores: Scores) -> None:
        noted.append((len(asked), len(scores)))

    def asked(n: int) -> list[Proposal]:
        return [Proposal("C" * i) for i in range(1, n + 1)]

    pieces = Pieces(3, note)
    assert len(pieces.scored(asked(6), Oracle(scorer(QED()), 100))) == 6
    assert noted == [(3, 3)]
    assert len(pieces.scored(asked(3), Oracle(scorer(QED()), 100))) == 3
    assert len(pieces.scored(asked(9), Oracle(scorer(QED()), 5))) == 5
    assert noted == [(3, 3)] * 2


def test_docking_is_as_many_at_a_time_as_there_are_processes(tmp_path: Path) -> None:
    receptor = tmp_path / "r.pdbqt"
    receptor.write_text("ATOM      1  C   LIG A   1       0.000   0.000   0.000  1.00  0.00     0.000 C \n")
    assert Docking(str(receptor), (0, 0, 0), (20, 20, 20), processes=3).at_a_time() == 3
    assert QED().at_a_time() is None
