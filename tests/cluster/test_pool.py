"""Pools of workers on a real Ray: the scores of the inline run, whatever happens to workers."""

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray import cloudpickle
from ray.cluster_utils import Cluster

from molgen import Scorer, design
from molgen.chem.molecules import Molecules
from molgen.cluster.connect import connected
from molgen.cluster.pool import Pool
from molgen.cluster.ray_cluster import RayCluster
from molgen.cluster.room import fitting
from molgen.cluster.workers import Workers
from molgen.errors import ClusterError, ConfigError
from molgen.scoring.component import Component
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.components.qed import QED
from molgen.scoring.objective import Function
from molgen.scoring.scorer import Filter, Term
from molgen.scoring.scores import Scores
from molgen.scoring.transforms import Linear
from molgen.search.screen import SimilarityScreen
from tests.conftest import ASPIRIN, CAFFEINE

cloudpickle.register_pickle_by_value(sys.modules[__name__])
ALKANES = ["C" * n for n in range(1, 41)]
TWO = Workers(number=2, num_cpus=0.5, batch=4)


class Recorded:
    """Scores by length, slowly, and notes what it has scored, and in which process."""

    def __init__(self, path: Path, seconds: float = 0.02) -> None:
        self.path = path
        self.seconds = seconds

    def __call__(self, smiles: Sequence[str]) -> list[float]:
        for text in smiles:
            time.sleep(self.seconds)
            with self.path.open("a") as file:
                file.write(f"{text} {os.getpid()}\n")
        return [len(text) / 100 for text in smiles]

    def noted(self) -> list[tuple[str, int]]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]


class Noted(Component):
    """The number of atoms, noting which molecules it was asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, molecules: Molecules) -> np.ndarray:
        with self.path.open("a") as file:
            file.write("".join(f"{text}\n" for text in molecules.smiles))
        return molecules.map(lambda mol: mol.GetNumAtoms())


class Crashing(Component):
    """The number of atoms; propane crashes the process."""

    def __call__(self, molecules: Molecules) -> np.ndarray:
        if "CCC" in molecules.smiles:
            os.kill(os.getpid(), signal.SIGKILL)
        return molecules.map(lambda mol: mol.GetNumAtoms())


@pytest.fixture(scope="class")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Ray on this machine, with metrics that come soon, started in a stranger's folder with a module called as ours."""
    folder = tmp_path_factory.mktemp("strangers")
    (folder / "molgen.py").write_text(f"open({str(folder / 'marker')!r}, 'w')\nraise ImportError('of the stranger')\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("RAY_metrics_report_interval_ms", "500")
        with connected(None):
            yield folder


def pooled(function: Function, smiles: Sequence[str], workers: Workers = TWO) -> Scores:
    with Pool(function, workers) as pool:
        return pool(smiles)


@pytest.mark.usefixtures("here")
class TestPool:
    def test_workers_import_nothing_from_the_working_directory(self, here: Path) -> None:
        assert pooled(Function(Recorded(here / "notes")), ["CCO"]).total == [0.03]
        assert not (here / "marker").exists()

    def test_scores_are_those_of_this_process_in_the_order_asked(self) -> None:
        scorer = Scorer.from_config("pmo/osimertinib_mpo")
        smiles = [ASPIRIN, "C(", CAFFEINE, *ALKANES]
        with RayCluster(workers=TWO).scoring(scorer) as score:
            there = score(smiles)
        here = scorer(smiles)
        np.testing.assert_array_equal(there.total, here.total)
        np.testing.assert_array_equal(there.raw, here.raw)
        assert there.problem == here.problem
        assert there.names == here.names

    def test_what_a_filter_refuses_never_reaches_a_term_with_workers_of_its_own(self, tmp_path: Path) -> None:
        terms = {"atoms": Term(Noted(tmp_path / "asked"), Linear(0, 20)), "qed": Term(QED())}
        scorer = Scorer(terms, filters={"rings": Filter(Descriptor("rings"), minimum=1)})
        smiles = [ASPIRIN, *ALKANES, CAFFEINE, "x"]
        with RayCluster(workers=TWO, own={"atoms": TWO}).scoring(scorer) as score:
            there = score(smiles)
        assert sorted((tmp_path / "asked").read_text().split()) == sorted([ASPIRIN, CAFFEINE])
        here = scorer(smiles)
        np.testing.assert_array_equal(there.total, here.total)
        np.testing.assert_array_equal(there.raw, here.raw)
        assert there.problem == here.problem

    def test_work_is_spread(self, tmp_path: Path) -> None:
        function = Recorded(tmp_path / "noted")
        with Pool(Function(function), TWO) as pool:
            pool.warm_up()
            pool(ALKANES)
        assert len({process for _, process in function.noted()}) == 2
        assert Counter(text for text, _ in function.noted()) == dict.fromkeys(ALKANES, 1)

    def test_a_killed_worker_costs_no_molecule(self, tmp_path: Path) -> None:
        function = Recorded(tmp_path / "noted", seconds=0.05)

        def kill_one() -> None:
            while len(function.noted()) < 6:
                time.sleep(0.01)
            os.kill(function.noted()[0][1], signal.SIGKILL)

        killer = threading.Thread(target=kill_one)
        killer.start()
        scores = pooled(Function(function), ALKANES)
        killer.join()
        np.testing.assert_allclose(scores.total, [len(text) / 100 for text in ALKANES])
        assert scores.problem == [None] * len(ALKANES)
        assert max(Counter(text for text, _ in function.noted()).values()) <= 2

    def test_a_molecule_that_kills_its_workers_is_recorded_as_failed(self) -> None:
        def crash(smiles: list[str]) -> list[float]:
            if "CCC" in smiles:
                os.kill(os.getpid(), signal.SIGSEGV)
            return [1.0 for _ in smiles]

        scores = pooled(Function(crash), ALKANES[:12], Workers(number=2, num_cpus=0.5, batch=4, tries=2))
        assert [text for text, total in zip(ALKANES, scores.total, strict=False) if total == 0] == ["CCC"]
        assert scores.problem[2] == "failed: its worker died, 2 times"

    def test_molecules_of_a_dead_worker_get_their_share_while_others_wait(self, tmp_path: Path) -> None:
        noted = tmp_path / "noted"

        def crash_once(smiles: list[str]) -> list[float]:
            if "CCC" in smiles and not (tmp_path / "crashed").exists():
                (tmp_path / "crashed").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            with noted.open("a") as file:
                file.write("".join(f"{text}\n" for text in smiles))
            return [1.0 for _ in smiles]

        scores = pooled(Function(crash_once), ALKANES, Workers(number=1, num_cpus=0.5, batch=4))
        assert scores.total.tolist() == [1.0] * len(ALKANES)
        order = noted.read_text().split()
        assert len(order) == len(ALKANES)
        assert max(order.index("C" * n) for n in range(1, 5)) < 20

    def test_a_pool_without_room_says_so(self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
        processors = ray.cluster_resources()["CPU"]
        function = Function(lambda smiles: [1.0 for _ in smiles])
        with Pool(function, Workers(number=1, num_cpus=processors)) as first:
            first.warm_up()
            monkeypatch.setattr("molgen.cluster.pool.SAY", 1.0)
            caplog.clear()
            with Pool(function, Workers(number=1, num_cpus=1)) as second:
                second.submit(["C"])
                while not caplog.messages:
                    assert second.collect() == []
        [message] = [text for text in caplog.messages if text.startswith("no worker has started yet")]
        assert "1 of 1 CPUs and 0 GPUs each" in message
        assert "free are 0 CPUs" in message

    def test_an_objective_that_cannot_be_sent_is_named(self) -> None:
        lock = threading.Lock()
        with pytest.raises(ClusterError, match=r"objective\.function\.lock \(_thread\.lock\) can't be sent"):
            pooled(Function(lambda smiles: [float(lock.locked()) for _ in smiles]), ["C"])

    def test_a_molecule_that_hangs_is_recorded_as_failed(self) -> None:
        def hang(smiles: list[str]) -> list[float]:
            if "CCC" in smiles:
                time.sleep(60)
            return [1.0 for _ in smiles]

        workers = Workers(number=2, num_cpus=0.5, batch=2, timeout=1.0, tries=2)
        scores = pooled(Function(hang), ALKANES[:8], workers)
        assert scores.total.tolist() == [1, 1, 0, 1, 1, 1, 1, 1]
        assert scores.problem[2] == "failed: took longer than 1 s, 2 times"

    def test_an_error_of_scoring_is_raised_here(self) -> None:
        with pytest.raises(ConfigError, match="must return numbers"):
            pooled(Function(lambda smiles: "many"), ALKANES)

    def test_workers_that_cannot_start_are_an_error(self) -> None:
        class Unloadable:
            def __call__(self, smiles: list[str]) -> list[float]:
                return []

            def __setstate__(self, state: object) -> None:
                raise OSError("no such model")

            def __getstate__(self) -> object:
                return {"a": 1}

        with pytest.raises(ClusterError, match="no such model"):
            pooled(Function(Unloadable()), ALKANES, Workers(number=1, num_cpus=0.5, tries=2))

    def test_a_worker_that_cannot_start_is_done_without(self, tmp_path: Path) -> None:
        class ForOne:
            """Can be loaded by one process; another dies."""

            def __call__(self, smiles: list[str]) -> list[float]:
                return [1.0 for _ in smiles]

            def __getstate__(self) -> Path:
                return tmp_path / "taken"

            def __setstate__(self, taken: Path) -> None:
                try:
                    taken.touch(exist_ok=False)
                except FileExistsError:
                    os.kill(os.getpid(), signal.SIGKILL)

        with Pool(Function(ForOne()), Workers(number=2, num_cpus=0.5, tries=2)) as pool:
            pool.warm_up()
            assert (pool.size, pool.capacity) == (1, 2)
            assert pool(ALKANES).total.tolist() == [1.0] * len(ALKANES)

    def test_what_is_asked_twice_is_scored_once(self, tmp_path: Path) -> None:
        function = Recorded(tmp_path / "noted", seconds=0)
        scores = pooled(Function(function), ["CC", "C", "CC", "CC"])
        np.testing.assert_allclose(scores.total, [0.02, 0.01, 0.02, 0.02])
        assert sorted(text for text, _ in function.noted()) == ["C", "CC"]

    def test_a_campaign_finds_what_it_finds_without_ray(self, tmp_path: Path) -> None:
        def carbons(smiles: list[str]) -> list[float]:
            return [text.count("C") / len(text) for text in smiles]

        here = design(carbons, 30, "genetic", folder=tmp_path / "here")
        there = design(
            carbons, 30, "genetic", folder=tmp_path / "there", overrides=["cluster=local", "cluster.deterministic=true"]
        )
        assert there.molecules["smiles"].tolist() == here.molecules["smiles"].tolist()
        assert there.molecules["score"].tolist() == here.molecules["score"].tolist()

    def test_an_asynchronous_campaign_spends_its_budget_exactly(self, tmp_path: Path) -> None:
        function = Recorded(tmp_path / "noted", seconds=0.01)
        run = design(function, 30, "genetic", folder=tmp_path / "run", overrides=["cluster=local"])
        assert len(run.molecules) == 30
        assert sorted(text for text, _ in function.noted()) == sorted(run.molecules["smiles"])

    def test_a_campaign_is_watched_by_prometheus(self) -> None:
        scorer = Scorer({"atoms": Term(Crashing(), Linear(0, 100)), "qed": Term(QED())})
        workers = Workers(number=2, num_cpus=0.5, batch=4, tries=2)
        with RayCluster(workers=workers, own={"atoms": workers}).scoring(scorer, "watched") as score:
            best = score(ALKANES).total.max()
            assert {"in flight": 0, "queued": 0, "failures": 1}.items() <= score.facts.items()
        retries = score.facts["retries"]
        [node] = ray.nodes()
        url = f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics"
        wanted = {"calls_total": 40, "failures_total": 1, "retries_total": retries, "deaths_total": score.facts["deaths"]}
        end = time.monotonic() + 60
        while True:
            text = urllib.request.urlopen(url, timeout=10).read().decode()
            lines = [line for line in text.splitlines() if line.startswith("ray_molgen") and 'campaign="watched"' in line]
            shown = {line.partition("{")[0].removeprefix("ray_molgen_"): float(line.rpartition(" ")[2]) for line in lines}
            if wanted.items() <= shown.items() or time.monotonic() > end:
                break
            time.sleep(0.2)
        assert wanted.items() <= shown.items()
        assert shown["best_score"] == pytest.approx(best)

    def test_what_workers_did_wrong_is_in_the_report_and_goes_on_counting(self, tmp_path: Path) -> None:
        def crash(smiles: list[str]) -> list[float]:
            if len(smiles) == 1 and len(smiles[0]) % 5 == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return [0.5] * len(smiles)

        workers = [f"cluster.workers.{text}" for text in ("number=2", "num_cpus=0.5", "batch=1", "tries=2")]
        totals = []
        for budget in (8, 14):
            run = design(
                crash, budget, "genetic", folder=tmp_path / "run", resume=budget > 8, overrides=["cluster=local", *workers]
            )
            counts = json.loads((run.folder / "workers.json").read_text())
            failed = int((run.molecules["problem"] == "failed: its worker died, 2 times").sum())
            assert counts["molecules given up"] == failed
            assert counts["workers lost: its worker died"] == 2 * failed
            totals.append(failed)
        assert 0 < totals[0] <= totals[1], totals
        assert "workers lost: its worker died" in (run.folder / "report.html").read_text()

    @pytest.mark.parametrize(
        "settings",
        [{"workers": Workers(num_gpus=1000)}, {"workers": Workers(memory=1e6)}, {"own": {"qed": Workers(num_cpus=1000)}}],
    )
    def test_workers_that_no_node_has_room_for_are_an_error(self, settings: dict[str, Any]) -> None:
        with (
            pytest.raises(ClusterError, match=r"(1000|1e\+06 GB) .* for a worker"),
            RayCluster(**settings).scoring(Scorer({"qed": Term(QED())})),
        ):
            pass

    def test_islands_that_no_node_has_room_for_are_an_error(self) -> None:
        with pytest.raises(ClusterError, match="1000 GPUs for an island"):
            RayCluster(island_gpus=1000).strategies([SimilarityScreen, SimilarityScreen])

    def test_own_workers_belong_to_terms(self) -> None:
        with (
            pytest.raises(ConfigError, match="did you mean 'qed'"),
            RayCluster(own={"qde": TWO}).scoring(Scorer({"qed": Term(QED())})),
        ):
            pass


def test_a_lost_node_costs_no_molecule(tmp_path: Path) -> None:
    function = Recorded(tmp_path / "noted", seconds=0.05)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        node = cluster.add_node(num_cpus=3)
        with connected(cluster.address):
            assert ray.cluster_resources()["CPU"] == 4
            assert (fitting(Workers(num_cpus=2)), fitting(Workers(num_cpus=0.3))) == (1, 13)

            def lose_one() -> None:
                while len(function.noted()) < 6:
                    time.sleep(0.01)
                cluster.remove_node(node, allow_graceful=False)

            loser = threading.Thread(target=lose_one)
            loser.start()
            scores = pooled(Function(function), ALKANES, Workers(batch=4))
            loser.join()
        np.testing.assert_allclose(scores.total, [len(text) / 100 for text in ALKANES])
    finally:
        cluster.shutdown()


def test_no_cluster_at_an_address_is_an_error() -> None:
    with pytest.raises(ClusterError, match=r"cluster.address=127.0.0.1:1"), connected("127.0.0.1:1"):
        pass


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"number": 0}, "at least 1"),
        ({"tries": 0}, "tries"),
        ({"timeout": 0.0}, "above 0"),
        ({"memory": -1}, "above 0 GB"),
        ({"num_cpus": 0.00001}, r"num_cpus: must be 0, or at least 0\.0001"),
        ({"num_gpus": 1.5}, "num_gpus: must be a whole number above 1"),
    ],
)
def test_settings_are_checked(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Workers(**settings)  # type: ignore[arg-type]
