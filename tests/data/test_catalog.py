import gzip
import hashlib
import tarfile
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.config import compose_group, options
from molgen.data.affinity import DeepDTA
from molgen.data.catalog import PublicSet
from molgen.data.splits import held_out_parts, scaffold_folds, split, train_valid
from molgen.errors import ConfigError, DataError


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
    with pytest.raises(DataError, match=r"into a folder, as set.tar.gz, and set MOLGEN_DATA"):
        local.fetch()


def test_a_local_copy_may_be_called_as_it_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "askcos.smi").write_bytes(b"CCO\n")
    monkeypatch.setenv("MOLGEN_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    digest = hashlib.sha256(b"CCO\n").hexdigest()
    public = PublicSet("set", "blocks/set.smi.gz", "https://localhost:1/askcos.smi", digest, "one molecule")
    assert public.fetch() == tmp_path / "askcos.smi"
    (tmp_path / "askcos.smi").write_bytes(b"CCN\n")
    with pytest.raises(DataError, match=r"askcos.smi is another file \(sha256 differs\)"):
        public.fetch()


@pytest.mark.parametrize("name", [name for name in options("data") if name != "file"])
def test_every_named_set_has_an_address_a_checksum_and_a_line_about_it(name: str) -> None:
    found = compose_group("data", name)
    assert found.name == name
    assert found.about
    for part in found.parts() if isinstance(found, DeepDTA) else [found]:
        assert part.url.startswith("https://")
        assert len(bytes.fromhex(part.sha256)) == 32


def test_a_local_copy_may_be_compressed_where_the_published_file_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"smiles\nCCO\n"
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "set.csv.gz").write_bytes(gzip.compress(content))
    monkeypatch.setenv("MOLGEN_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    digest = hashlib.sha256(content).hexdigest()
    public = PublicSet("set", "part/set.csv.gz", "https://localhost:1/set.csv", digest, "one molecule")
    assert public.fetch().read_bytes() == content
    assert public.smiles() == ["CCO"]
    (tmp_path / "cache" / "molgen" / "part-set.csv").unlink()
    (tmp_path / "part" / "set.csv.gz").write_bytes(gzip.compress(content)[:-9])
    with pytest.raises(DataError, match="cut short or damaged"):
        public.fetch()


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


@pytest.mark.parametrize("kind", ["scaffold", "random", "butina", "fingerprint"])
def test_every_split_parts_the_molecules_in_two(kind: str, samples: list[str]) -> None:
    molecules = Molecules(samples[:60])
    train, test = split(molecules, kind, 0.2, seed=1)
    assert sorted([*train, *test]) == list(range(60))
    assert 6 <= len(test) <= 18
    if kind == "scaffold":
        scaffolds = [{murcko(molecules.mols[i]) for i in rows} for rows in (train, test)]
        assert not scaffolds[0] & scaffolds[1]


def test_an_unknown_split_is_answered_with_the_nearest(samples: list[str]) -> None:
    with pytest.raises(ConfigError, match="did you mean 'scaffold'"):
        split(Molecules(samples[:20]), "scafold", 0.2, seed=0)


def test_folds_keep_scaffolds_together_and_differ_between_seeds(samples: list[str]) -> None:
    molecules = Molecules(samples)
    folds = scaffold_folds(molecules, 4, seed=0)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(samples)))
    for train, test in folds:
        apart = [{murcko(molecules.mols[i]) for i in rows} - {""} for rows in (train, test)]
        assert not apart[0] & apart[1]
    assert not np.array_equal(folds[0][1], scaffold_folds(molecules, 4, seed=1)[0][1])


def test_held_out_parts_are_a_tenth_each_and_one_has_scaffolds_of_its_own(samples: list[str]) -> None:
    known, test, scaffolds = held_out_parts([*samples, samples[0], "x("])
    assert sorted(known + test + scaffolds) == sorted(samples)
    assert len(test) == len(samples) // 10
    assert 0.05 * len(samples) <= len(scaffolds) <= len(samples) // 10
    of = {text: murcko(Chem.MolFromSmiles(text)) for text in samples}
    assert not {of[text] for text in scaffolds} & {of[text] for text in known + test}
    assert (known, test, scaffolds) == held_out_parts(samples)
