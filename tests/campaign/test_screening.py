import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ray import cloudpickle

from molgen.campaign.explanation import write_picture
from molgen.campaign.screening import enrichment, screen
from molgen.chem.molecules import Molecules
from molgen.cluster.ray_cluster import RayCluster
from molgen.cluster.workers import Workers
from molgen.data.readers import read_chunks
from molgen.errors import DataError
from molgen.scoring.component import Component
from molgen.scoring.scorer import Scorer, Term
from tests.conftest import ASPIRIN

cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.fixture
def library(tmp_path: Path, samples: list[str]) -> Path:
    """A hundred molecules, a broken one among them; the first ten are labelled active."""
    path = tmp_path / "library.csv"
    rows = [*samples[:99], "x("]
    pd.DataFrame({"smiles": rows, "active": [1] * 10 + [0] * 90, "id": range(100)}).to_csv(path, index=False)
    return path


def test_hits_are_the_best_of_the_whole_library_in_order(tmp_path: Path, library: Path) -> None:
    scorer = Scorer.from_config("drug_like")
    found = screen(partial(read_chunks, library, rows=30), scorer, tmp_path / "run", hits=12)
    everything = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert len(everything) == found.molecules == 100
    assert found.invalid == 1
    expected = everything.sort_values("score", ascending=False, kind="stable").head(12)
    np.testing.assert_allclose(found.hits["score"], expected["score"])
    assert found.hits["id"].tolist() == expected["id"].tolist()
    assert {"hits.csv", "hits.sdf", "hits.svg", "scores.svg", "scores.csv"} == {
        path.name for path in (tmp_path / "run").iterdir()
    }
    assert found.enrichment == {}


def broken_after(chunks: Callable[[], Iterator[pd.DataFrame]], number: int) -> Iterator[pd.DataFrame]:
    for i, chunk in enumerate(chunks()):
        if i == number:
            raise KeyboardInterrupt
        yield chunk


def test_a_screen_that_was_stopped_goes_on_and_ends_with_the_same_files(tmp_path: Path, library: Path) -> None:
    scorer, chunks = Scorer.from_config("drug_like"), partial(read_chunks, library, rows=20)
    whole = screen(chunks, scorer, tmp_path / "whole", hits=12, label="active")
    with pytest.raises(KeyboardInterrupt):
        screen(partial(broken_after, chunks, 3), scorer, tmp_path / "run", hits=12, label="active")
    assert len(list((tmp_path / "run" / "parts").iterdir())) == 3
    scored: list[int] = []
    found = screen(chunks, scorer, tmp_path / "run", hits=12, label="active", progress=scored.append)
    assert scored == [20] * 5
    assert (found.molecules, found.invalid, found.enrichment) == (100, 1, whole.enrichment)
    for name in ("scores.csv", "hits.csv", "hits.svg"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_on_ray_a_screen_finds_the_same(tmp_path: Path, library: Path) -> None:
    scorer, chunks = Scorer.from_config("drug_like"), partial(read_chunks, library, rows=7)
    screen(chunks, scorer, tmp_path / "here", hits=12)
    screen(chunks, scorer, tmp_path / "there", hits=12, cluster=RayCluster(workers=Workers(number=2, num_cpus=0.5)))
    for name in ("scores.csv", "hits.csv", "hits.sdf"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


class Deadly(Component):
    """1, but hexane kills the process that looks at it."""

    def __call__(self, molecules: Molecules) -> np.ndarray:
        if "CCCCCC" in molecules.smiles:
            os.kill(os.getpid(), signal.SIGKILL)
        return molecules.map(lambda _: 1.0)


def test_on_ray_a_molecule_that_kills_its_workers_is_a_problem_of_its_own(tmp_path: Path) -> None:
    alkanes = pd.DataFrame({"smiles": ["C" * n for n in range(1, 9)] * 2})
    cluster = RayCluster(workers=Workers(number=2, num_cpus=0.5, batch=4, tries=2))
    screen(lambda: iter([alkanes]), Scorer({"deadly": Term(Deadly())}), tmp_path / "run", hits=2, cluster=cluster)
    found = pd.read_csv(tmp_path / "run" / "scores.csv").set_index("smiles")
    assert found["score"].to_dict() == {text: float(text != "CCCCCC") for text in alkanes["smiles"]}
    assert found["problem"].dropna().to_dict() == {"CCCCCC": "failed: its worker died, 2 times"}


def test_a_library_with_labels_gives_enrichment(tmp_path: Path, library: Path) -> None:
    found = screen(partial(read_chunks, library), Scorer.from_config("drug_like"), tmp_path / "run", hits=5, label="active")
    assert set(found.enrichment) == {"AUC", "EF1%", "BEDROC"}
    with pytest.raises(DataError, match="no label column 'activ', did you mean 'active'"):
        screen(partial(read_chunks, library), Scorer.from_config("drug_like"), tmp_path / "other", hits=5, label="activ")
    with pytest.raises(DataError, match="are 0 and 1"):
        screen(partial(read_chunks, library), Scorer.from_config("drug_like"), tmp_path / "other", hits=5, label="id")
    assert not (tmp_path / "other").exists()


def test_enrichment_of_perfect_and_of_reversed_rankings() -> None:
    """Ten active of a thousand: the best hundredth is all active, a hundred times their share."""
    active = np.array([1.0] * 10 + [0.0] * 990)
    best = enrichment(-np.arange(1000.0), active)
    assert best["AUC"] == pytest.approx(1)
    assert best["EF1%"] == pytest.approx(100)
    assert best["BEDROC"] == pytest.approx(1, abs=0.01)
    assert enrichment(np.arange(1000.0), active)["AUC"] == pytest.approx(0)
    with pytest.raises(DataError, match="both active and inactive"):
        enrichment(np.arange(3.0), np.ones(3))


@pytest.mark.parametrize(("name", "start"), [("a.svg", b"<?xml"), ("a.png", b"\x89PNG")])
def test_contributions_are_drawn(tmp_path: Path, name: str, start: bytes) -> None:
    mol = Molecules([ASPIRIN]).mols[0]
    write_picture(mol, np.linspace(-1, 1, mol.GetNumAtoms()), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(DataError, match=r"\.svg or \.png"):
        write_picture(mol, np.zeros(mol.GetNumAtoms()), tmp_path / "a.gif")
