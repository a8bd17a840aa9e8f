import hashlib
import tarfile
from pathlib import Path

import pytest

from molgen.config import compose_group, options
from molgen.data.catalog import PublicSet
from molgen.data.splits import train_valid
from molgen.errors import DataError


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublicSet:
    """A public set whose file is in the folder that MOLGEN_DATA names."""
    (tmp_path / "inner.txt").write_text("CCO\nCCN\n")
    path = tmp_path / "set.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tmp_path / "inner.txt", "inner.txt")
    monkeypatch.setenv("MOLGEN_DATA", str(tmp_path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return PublicSet("set", "set.tar.gz", "https://localhost:1/set.tar.gz", digest, "two molecules", "inner.txt")


def test_the_local_folder_is_looked_at_first(local: PublicSet, tmp_path: Path) -> None:
    assert local.fetch() == tmp_path / "set.tar.gz"
    assert local.smiles() == ["CCO", "CCN"]


def test_another_file_of_the_same_name_is_refused(local: PublicSet, tmp_path: Path) -> None:
    (tmp_path / "set.tar.gz").write_bytes(b"something else")
    with pytest.raises(DataError, match="sha256 differs"):
        local.fetch()


def test_what_cannot_be_fetched_says_what_to_do(local: PublicSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(DataError, match="set MOLGEN_DATA"):
        local.fetch()


@pytest.mark.parametrize("name", [name for name in options("data") if name != "file"])
def test_every_named_set_has_an_address_a_checksum_and_a_line_about_it(name: str) -> None:
    found = compose_group("data", name)
    assert found.name == name
    assert found.url.startswith("https://")
    assert len(bytes.fromhex(found.sha256)) == 32
    assert found.about


def test_a_split_is_of_distinct_molecules_and_leaves_none_out(samples: list[str]) -> None:
    train, valid = train_valid([*samples, *samples, "x("], 20, seed=0)
    assert len(valid) == 20
    assert sorted(train + valid) == sorted(samples)
    assert (train, valid) == train_valid([*samples, *samples, "x("], 20, seed=0)


def test_a_tenth_at_most_is_held_out(samples: list[str]) -> None:
    assert len(train_valid(samples[:100], 5000, seed=0)[1]) == 10


def test_too_few_molecules_are_refused() -> None:
    with pytest.raises(DataError, match="ten are the least"):
        train_valid(["CCO", "CCN", "x("], 1, seed=0)
