"""Libraries of priors: written once, kept, and never those of another prior."""

import copy
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from molgen.chem.molecules import Molecules
from molgen.config import compose_group
from molgen.generators.base import Generator
from molgen.generators.shipped import load_generator
from molgen.search.bayesian import library
from molgen.search.bayesian.library import SEED, SHIPPED, library_key, library_of, read_library, write_library, written_by
from tests.search.test_same_molecules import STORED, arithmetic


@pytest.fixture(scope="module")
def prior() -> Generator:
    return load_generator("prior")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where libraries of ten molecules and more are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(library, "WORTH_KEEPING", 10)
    return tmp_path / "molgen" / "libraries"


def test_the_library_of_the_shipped_prior_ships(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    first, second = (compose_group("search", "surrogate", [f"+seed={seed}"]).pool.library for seed in (0, 1))
    assert len(first) == len(set(first)) > 9500
    assert first != second
    assert sorted(first) == sorted(second)
    assert list(Molecules(first[:200]).canonical) == first[:200]
    assert not place.exists()
    assert not caplog.records


def test_what_ships_is_what_the_prior_writes(prior: Generator) -> None:
    if json.loads(STORED.read_text())["arithmetic"] != arithmetic():
        pytest.skip("on a processor that rounds differently, the prior writes other molecules")
    shipped = read_library(SHIPPED, library_key(prior, 10_000))
    written = written_by(prior, 1000, SEED)
    assert shipped is not None
    assert shipped[: len(written)] == written


def test_it_is_read_again(prior: Generator, place: Path) -> None:
    written = library_of(prior, 20, 0)
    assert sorted(written) == sorted(written_by(prior, 20, SEED))
    write_library(next(place.glob("*.gz")), library_key(prior, 20), ["CCO", "CCN", "CCC"])
    assert sorted(library_of(prior, 20, 1)) == ["CCC", "CCN", "CCO"]
    assert sorted(library_of(prior, 21, 1)) == sorted(written_by(prior, 21, SEED))


def test_a_changed_prior_writes_its_own(prior: Generator, place: Path) -> None:
    library_of(prior, 20, 0)
    changed = copy.deepcopy(prior)
    with torch.no_grad():
        next(changed.network.parameters()).mul_(0.5)  # type: ignore[attr-defined]
    assert sorted(library_of(changed, 20, 0)) == sorted(written_by(changed, 20, SEED)) != sorted(library_of(prior, 20, 0))
    assert len(list(place.glob("*.gz"))) == 2


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08\x00"])
def test_a_damaged_file_is_written_again(content: bytes, prior: Generator, place: Path) -> None:
    written = library_of(prior, 20, 0)
    next(place.glob("*.gz")).write_bytes(content)
    assert library_of(prior, 20, 0) == written
    assert sorted(read_library(next(place.glob("*.gz")), library_key(prior, 20)) or []) == sorted(written)


def test_smiles_of_another_rdkit_are_made_canonical(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("rdkit.__version__", "2019.03.1")
        write_library(tmp_path / "library.smi.gz", "key", ["OCC", "C1=CC=CC=C1"])
    assert read_library(tmp_path / "library.smi.gz", "key") == ["CCO", "c1ccccc1"]


def test_islands_that_begin_together_write_one(prior: Generator, place: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda seed: library_of(prior, 20, seed), range(4)))
    assert len({frozenset(each) for each in found}) == 1
    assert [str(place) in record.getMessage() for record in caplog.records] == [True]


def test_a_cache_that_cannot_be_written_is_said(
    prior: Generator, place: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "molgen").write_text("a file where the folder would be")
    assert sorted(library_of(prior, 20, 0)) == sorted(written_by(prior, 20, SEED))
    assert "can't be kept" in caplog.text
