"""The cache of dear scores: what several processes do at once to one database."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from molgen.errors import ConfigError, DataError
from molgen.scoring.cache import MEASUREMENTS, Cache, Measured
from molgen.scoring.components.command import Command

WORKER = """
import json, sys, time
import numpy as np
from molgen.scoring.cache import Cache

url, seed = sys.argv[1], int(sys.argv[2])
done = []

def measure(smiles):
    time.sleep(0.02 * len(smiles))
    done.extend(smiles)
    return np.array([len(text) for text in smiles], float), [text.lower() for text in smiles]

smiles = ["C" * n for n in range(1, 61)]
np.random.default_rng(seed).shuffle(smiles)
values, records = Cache(url).measured("settings", smiles, measure, batch=4)
assert values.tolist() == [len(text) for text in smiles]
assert records == [text.lower() for text in smiles]
print(json.dumps(done))
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/scores.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")


def lengths(smiles: list[str]) -> Measured:
    return np.array([len(text) for text in smiles], float), [None for _ in smiles]


def refuse(smiles: list[str]) -> Measured:
    pytest.fail(f"measured {smiles}")


def values(found: Measured) -> Sequence[float]:
    return found[0].tolist()


def test_processes_that_need_the_same_share_the_work_and_lose_and_double_nothing(url: str) -> None:
    command = [sys.executable, "-c", WORKER, url]
    workers = [subprocess.Popen([*command, str(seed)], stdout=subprocess.PIPE, text=True) for seed in range(3)]
    done = [json.loads(worker.communicate(timeout=120)[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert sorted(text for each in done for text in each) == sorted("C" * n for n in range(1, 61))
    assert sum(bool(each) for each in done) > 1
    assert values(Cache(url).measured("settings", ["CC", "CCC"], refuse, 8)) == [2, 3]


def test_other_settings_are_measured_anew(url: str) -> None:
    cache = Cache(url)
    assert values(cache.measured("a", ["CO"], lengths, 8)) == [2]
    assert values(cache.measured("b", ["CO"], lambda smiles: (np.array([7.0]), [None]), 8)) == [7]
    assert values(cache.measured("a", ["CO"], refuse, 8)) == [2]


def test_failures_and_errors_leave_the_molecule_to_be_tried_again(url: str) -> None:
    cache = Cache(url)

    def failing(smiles: list[str]) -> Measured:
        return np.array([np.nan if text == "N" else 1.0 for text in smiles]), [None for _ in smiles]

    def broken(smiles: list[str]) -> Measured:
        raise KeyboardInterrupt

    assert np.isnan(cache.measured("failing", ["C", "N"], failing, 8)[0]).tolist() == [False, True]
    with pytest.raises(KeyboardInterrupt):
        cache.measured("failing", ["N"], broken, 8)
    assert values(cache.measured("failing", ["C", "N"], lengths, 8)) == [1, 1]


def test_a_claim_that_nobody_renews_is_taken_over(url: str) -> None:
    cache = Cache(url, lease=2.0)
    with cache.engine.begin() as connection:
        rows = [{"settings": "dead", "smiles": text, "owner": "gone", "since": time.time()} for text in ("C", "N")]
        connection.execute(insert(MEASUREMENTS), rows)
    began = time.monotonic()
    assert values(cache.measured("dead", ["C", "N", "O"], lengths, 8)) == [1, 1, 1]
    assert 1 < time.monotonic() - began < 10


def test_a_slow_measurement_is_waited_for(url: str) -> None:
    def slowly(smiles: list[str]) -> Measured:
        begun.set()
        time.sleep(4)
        return np.array([7.0]), [None]

    begun = threading.Event()
    with ThreadPoolExecutor(1) as other:
        first = other.submit(lambda: values(Cache(url, lease=2.0).measured("slow", ["C"], slowly, 8)))
        assert begun.wait(20)
        assert values(Cache(url, lease=2.0).measured("slow", ["C"], refuse, 8)) == [7]
        assert first.result() == [7]


def test_what_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("no database, but a text that is long enough to look at " * 20)
    for address, error, hint in (
        (f"sqlite:///{tmp_path}/text.sqlite/scores.sqlite", DataError, "exists"),
        ("nonsense", ConfigError, "sqlite:///FILE"),
        ("mysql://host/name", ConfigError, "sqlite:///FILE"),
        (f"sqlite:///{tmp_path}/text.sqlite", DataError, "not a database"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/name", DataError, r"me:\*\*\*@127"),
    ):
        with pytest.raises(error, match=hint) as found:
            Cache(address)
        assert "\n" not in str(found.value)
        assert "secret" not in str(found.value)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{folder}/it-was-made/scores.sqlite",
        "sqlite:///{cache}/../it-was-made/scores.sqlite",
        "sqlite:///file:{folder}/it-was-made/x?mode=rwc&uri=true",
        "sqlite:///{cache}/x.sqlite?vfs=unix-none",
        "sqlite:///{cache}/link/scores.sqlite",
        "sqlite+it_was_made:///{cache}/x.sqlite",
        "it_was_made://host/name",
        "postgresql+it_was_made://host/name",
        "postgresql+psycopg://localhost/name",
        "postgresql+psycopg://localhost/name?passfile={folder}/x",
        "nonsense",
        "",
    ],
)
def test_a_cache_in_a_file_makes_nothing_outside_the_cache_folder(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "link").symlink_to(tmp_path / "it-was-made")
    (tmp_path / "it_was_made.py").write_text(f"open({str(tmp_path / 'it-was-made')!r}, 'w')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("MOLGEN_CACHE", f"sqlite:///{tmp_path}/cache/scores.sqlite")
    with pytest.raises(ConfigError, match="cache="):
        Command("cat", cache=url.format(folder=tmp_path, cache=tmp_path / "cache"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "it_was_made.py"]


@pytest.mark.parametrize("name", ["team/scores.sqlite", "scores.sqlite", "{folder}/scores.db", "~/scores.sqlite"])
def test_the_users_cache_may_be_named_by_its_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MOLGEN_CACHE", name.format(folder=tmp_path))
    assert values(Cache().measured("path", ["C", "CC"], lengths, 8)) == [1, 2]
    assert (tmp_path / name.format(folder=tmp_path).removeprefix("~/")).exists()


def test_a_word_is_no_path_of_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_CACHE", "nonsense")
    with pytest.raises(ConfigError, match="sqlite:///FILE"):
        Cache()


def test_a_cache_that_the_user_names_or_trusts_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_CACHE", f"sqlite:///{tmp_path}/cache/scores.sqlite")
    outside = f"sqlite:///{tmp_path}/outside/scores.sqlite"
    for url in ("default", f"sqlite:///{tmp_path}/cache/scores.sqlite", f"sqlite:///{tmp_path}/cache/project/x.sqlite", None):
        assert Command("cat", cache=url).cache == url
    monkeypatch.setenv("MOLGEN_TRUST", "cache")
    assert Command("cat", cache=outside).cache == outside
