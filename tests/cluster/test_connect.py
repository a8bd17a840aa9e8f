"""Clusters that are joined or started: what is asked first, what a token is for, and what is left when somebody dies."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import ray
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.cluster.connect import connected
from molgen.cluster.head import Address, Head, is_refused
from molgen.cluster.ray_cluster import RayCluster
from molgen.cluster.watchdog import processes
from molgen.cluster.workers import Workers
from molgen.errors import ClusterError
from molgen.scoring.objective import Function
from tests.cluster.heads import StartedHead, free_ports, started_head

TOKEN = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without a token, and no setting of Ray's."""
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def guarded() -> Iterator[StartedHead]:
    """A head that asks for a token."""
    with started_head(TOKEN) as head:
        yield head


@pytest.fixture(scope="module")
def plain() -> Iterator[StartedHead]:
    """A head that asks for none; the last test kills it."""
    with started_head() as head:
        yield head


@pytest.mark.parametrize(
    "address", ["localhost:abc", ":6379", "localhost:70000", "localhost:0", "localhost", "ray://", "http://localhost:1", ""]
)
def test_what_is_no_address_is_named(address: str) -> None:
    with pytest.raises(ClusterError, match="must be auto, HOST:PORT or ray://HOST:PORT") as error, connected(address):
        pass
    assert str(error.value).startswith(f"cluster.address={address}")


@pytest.mark.parametrize("form", ["{}", "ray://{}"])
@pytest.mark.parametrize("variable", [False, True])
def test_a_dead_cluster_is_named_within_seconds_however_it_was_found(
    monkeypatch: pytest.MonkeyPatch, form: str, variable: bool
) -> None:
    address = form.format(f"127.0.0.1:{free_ports(1)[0]}")
    if variable:
        monkeypatch.setenv("RAY_ADDRESS", address)
    began = time.monotonic()
    with pytest.raises(ClusterError, match="no Ray answers there") as error, connected("auto" if variable else address):
        pass
    assert time.monotonic() - began < 15
    assert address in str(error.value)
    assert ("RAY_ADDRESS" in str(error.value)) is variable


def test_a_server_of_something_else_is_no_cluster(guarded: StartedHead) -> None:
    with pytest.raises(ClusterError, match="no Ray answers there"), connected(f"ray://{guarded.address}"):
        pass


@pytest.mark.parametrize("client", [False, True])
def test_a_token_is_asked_for_sent_and_kept_to_the_cluster(
    guarded: StartedHead, home: Path, monkeypatch: pytest.MonkeyPatch, client: bool
) -> None:
    address = guarded.client if client else guarded.address
    with pytest.raises(ClusterError, match=r"asks for a token, .* copy ~/\.ray/auth_token"), connected(address):
        pass
    monkeypatch.setenv("RAY_AUTH_TOKEN", "f" * 64)
    with pytest.raises(ClusterError, match="refuses the token"), connected(address):
        pass
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    (home / ".ray").mkdir()
    (home / ".ray" / "auth_token").write_text(TOKEN)
    for left in (2, 1, 0):
        try:
            with connected(address):
                assert ray.get(ray.remote(num_cpus=0.1)(lambda: 7).remote()) == 7
            break
        except ClusterError as error:  # of Ray's own server for clients, on a busy machine
            if not left or not re.search("client server failed|Initialization failure", str(error)):
                raise
    assert "RAY_AUTH_MODE" not in os.environ


def test_a_cluster_of_our_own_leaves_no_token_at_home_but_has_one(home: Path) -> None:
    with connected(None):
        address = ray.get_runtime_context().gcs_address
        assert is_refused(Head(Address.of(address)).refusal())
    assert not (home / ".ray").exists()
    assert not {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN"} & set(os.environ)


def test_a_home_with_a_token_joins_a_cluster_that_wants_none(home: Path, plain: StartedHead) -> None:
    (home / ".ray").mkdir()
    (home / ".ray" / "auth_token").write_text(TOKEN)
    with connected(plain.address):
        [node] = ray.nodes()
        workers = Workers(number=1, num_cpus=0.5)
        with RayCluster(workers=workers).scoring(Function(lambda smiles: [0.5 for _ in smiles]), "soluble") as score:
            score(["C" * n for n in range(1, 41)])
    url = f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics"
    shown = urllib.request.urlopen(url, timeout=30).read().decode()
    [calls] = [line for line in shown.splitlines() if line.startswith("ray_molgen_calls_total")]
    assert 'campaign="soluble"' in calls
    assert calls.endswith(" 40.0")  # of the last interval too


def test_nothing_is_left_of_a_killed_driver_and_its_cluster(home: Path) -> None:
    code = "import time\nfrom molgen import design\nfrom molgen.processes import isolated\n"
    code += "def slow(smiles):\n    isolated(time.sleep, [60] * len(smiles), 1)\n    return [1.0] * len(smiles)\n"
    code += f"design(slow, 100, 'genetic', folder='{home}/run', overrides=['cluster=local', 'cluster.workers.number=1'])"
    driver = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found: list[psutil.Process] = []

    def at_work() -> bool:
        found[:] = psutil.Process(driver.pid).children(recursive=True)
        names = {process.name() for process in found}
        return names >= {"gcs_server", "raylet"} and any("molgen.processes" in each.cmdline() for each in found)

    wait_until(at_work)
    assert gone_once_killed(driver, found)


def test_nothing_is_left_of_a_driver_that_is_killed_as_ray_starts() -> None:
    code = "from molgen.cluster.connect import connected\nwith connected(None): pass"
    driver = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found: list[psutil.Process] = []

    def starting() -> bool:
        found[:] = psutil.Process(driver.pid).children(recursive=True)
        return any(process.name() == "raylet" for process in found)

    wait_until(starting)
    assert gone_once_killed(driver, found)


def gone_once_killed(driver: "subprocess.Popen[bytes]", found: list[psutil.Process]) -> bool:
    """Kill a driver; whether within 10 seconds nothing is left of what it had started, and of what that starts yet."""
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    _, left = psutil.wait_procs(found, timeout=10)
    living = [process for process in left if process.status() != psutil.STATUS_ZOMBIE]
    return not living and not [process for process, session in processes() if session.endswith(f"_{driver.pid}")]


def test_a_campaign_whose_head_dies_says_how_it_goes_on_and_goes_on_elsewhere(tmp_path: Path, plain: StartedHead) -> None:
    run = tmp_path / "run"
    settings = [f"campaign.folder={run}", "campaign.budget=24", "campaign.batch=4", "search=genetic", "scoring=drug_like"]
    settings += [
        "cluster=existing",
        f"cluster.address={plain.address}",
        "cluster.workers.number=1",
        "cluster.workers.num_cpus=0.5",
    ]
    slowly = "import sys, time, molgen.cluster.head as h, molgen.scoring.scorer as s; h.PATIENCE = 2.0; old = s.Scorer.judged\n"
    slowly += "def judged(self, *a):\n    time.sleep(0.3)\n    return old(self, *a)\n"
    slowly += "s.Scorer.judged = judged\nfrom molgen.cli.commands import main\nmain(sys.argv[1:])"
    driver = subprocess.Popen(
        [sys.executable, "-c", slowly, "design", *settings], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: count(run) > 3)
    plain.kill("gcs_server", "raylet")
    _, errors = driver.communicate(timeout=120)
    assert driver.returncode == 1
    last = [line for line in errors.splitlines() if line.startswith("molgen: ")]
    assert len(last) == 1
    assert f"has died, or can't be reached any more; nothing that was scored is lost: `molgen design resume={run}`" in last[0]
    before = count(run)
    assert 3 < before < 24
    stuck = CliRunner().invoke(main, ["design", f"resume={run}", f"cluster.address={plain.address}"])
    assert stuck.exit_code == 1
    assert "no Ray answers there" in stuck.output
    refused = CliRunner().invoke(main, ["design", f"resume={run}", "search=policy", "trust=[cluster]"])
    assert "only cluster=... and cluster.* can change" in refused.output
    done = CliRunner().invoke(main, ["design", f"resume={run}", "cluster=inline"])
    assert done.exit_code == 0, done.output
    assert count(run) == 24
    assert "Inline" in (run / "config.yaml").read_text()


def count(run: Path) -> int:
    """Molecules in a run so far, each once."""
    if not (run / "campaign.sqlite").exists():
        return 0
    try:
        with sqlite3.connect(run / "campaign.sqlite") as table:
            [[rows, distinct]] = table.execute("select count(*), count(distinct smiles) from molecules").fetchall()
    except sqlite3.OperationalError:
        return 0
    assert rows == distinct
    return int(rows)


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
