"""Libraries of several files, and of files elsewhere."""

import gzip
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pandas as pd
import pytest
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.data.libraries import files_of
from molgen.data.readers import read_chunks, read_smiles
from molgen.errors import DataError

SMILES = ["CCO", "CCN", "CCC", "c1ccccc1", "CC(=O)O"]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.smi.gz").write_bytes(gzip.compress(b"CCO first\nCCN second\n"))
    (folder / "b.smi").write_text("CCC third\n")
    (folder / "c.smi.gz").write_bytes(gzip.compress(b"c1ccccc1 fourth\nCC(=O)O fifth\n"))
    (folder / "deep" / "d.smi").write_text("CCCC\n")
    (folder / "notes.md").write_text("not a file of molecules")
    (folder / ".hidden.smi").write_text("not even SMILES")
    return folder


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_folder_and_a_pattern_are_their_files_in_order(folder: Path) -> None:
    assert read_smiles(folder) == SMILES
    assert read_smiles(folder / "*.smi.gz") == [*SMILES[:2], *SMILES[3:]]
    assert read_smiles(str(folder / "**" / "*.smi")) == ["CCC", "CCCC"]
    assert [len(table) for table in read_chunks(folder, rows=2)] == [2, 1, 2]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path) -> None:
    (folder / "b[1].smi").write_text("CCF\n")
    assert read_smiles(folder / "b[1].smi") == ["CCF"]


def test_files_elsewhere_are_fetched_once_and_again_when_they_change(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    for name, text in (("a.smi", "CCO\nCCN\n"), ("b.smi", "CCC\n"), ("readme.md", "")):
        memory.pipe(f"/shelf/{name}", text.encode())
    assert read_smiles("memory://shelf/a.smi") == ["CCO", "CCN"]
    assert read_smiles("memory://shelf/*.smi") == read_smiles("memory://shelf") == ["CCO", "CCN", "CCC"]
    (copy,) = files_of("memory://shelf/a.smi")
    assert files_of("memory://shelf/a.smi") == [copy]
    assert copy.is_relative_to(tmp_path / "cache")
    memory.pipe("/shelf/a.smi", b"CCF\n")
    assert read_smiles("memory://shelf/a.smi") == ["CCF"]


def test_the_commands_read_them(address: str, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "scored.csv"
    done = CliRunner().invoke(main, ["score", f"{address}/a.smi.gz?version=1", "scoring=pmo/qed", f"output={output}"])
    assert done.exit_code == 0, done.output
    assert pd.read_csv(output)["smiles"].tolist() == SMILES[:2]
    for number, library in enumerate((str(folder), f"{address}/b.smi", str(folder / "*.smi.gz"))):
        screened = tmp_path / f"screen-{number}"
        done = CliRunner().invoke(main, ["screen", f"library={library}", "scoring=pmo/qed", f"folder={screened}"])
        assert done.exit_code == 0, done.output
        assert pd.read_csv(screened / "scores.csv")["smiles"].tolist() == read_smiles(library)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("s3://bucket/a.smi", "pip install s3fs"),
        ("gs://bucket/*.smi", "pip install gcsfs"),
        ("gopher://host/a.smi", "gopher:// is not read; known: http://"),
        ("simplecache::s3://bucket/a.smi", "is not read"),
        ("reference://a.smi", "is not read"),
        ("memory://nowhere/a.smi", "no such file"),
        ("memory://nowhere/*.smi", "no files of molecules"),
        ("http://user:hunter2@127.0.0.1:9/a.smi", "can't be fetched"),
        ("http://", "no files of molecules|can't be fetched"),
    ],
)
def test_what_cannot_be_fetched_is_a_line(name: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_smiles(name)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_what_is_nowhere_on_the_net_is_a_line(address: str) -> None:
    with pytest.raises(DataError, match=r"missing\.smi.*no such file"):
        read_smiles(f"{address}/missing.smi")


def test_folders_and_patterns_without_molecules_are_a_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a folder without files of molecules"):
        read_smiles(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        read_smiles(tmp_path / "*.smi")


def test_files_that_do_not_belong_together_are_refused_before_the_first_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("smiles,x\nCCO,1\n")
    (tmp_path / "b.csv").write_text("Structure,x\nCCN,2\n")
    with pytest.raises(DataError, match=r"b\.csv: its molecules are in column 'Structure', those of .*a\.csv in column 'smiles'"):
        read_chunks(tmp_path)
    (tmp_path / "b.csv").write_text("smiles,x\nno molecule,2\n")
    with pytest.raises(DataError, match=r"b\.csv: no valid SMILES"):
        read_chunks(tmp_path)
