"""The scoring service: what it answers, what it refuses, and what is thrown at it."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import schemathesis
from click.testing import CliRunner
from fastapi.testclient import TestClient

from molgen import Scorer
from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.client import RemoteScorer
from molgen.errors import ConfigError, DataError
from molgen.scoring.scores import Scores
from molgen.serve.app import Service, create_app
from tests.servers import serving

SCORER = Scorer.from_config("drug_like")
SERVICE = Service(molecules=50, length=200, body=20_000, batch=64, waiting=2_000)
TOKEN = {"Authorization": "Bearer hunter2"}
HERE = "http://127.0.0.1:8000"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(SCORER, SERVICE, "hunter2"), headers=TOKEN) as client:
        yield client


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(create_app(SCORER, SERVICE, "hunter2"), SERVICE) as url:
        yield url


def test_scores_are_those_of_this_process(client: TestClient, samples: list[str]) -> None:
    asked = [*samples[:40], "not a molecule", "", samples[0]]
    results = client.post("/score", json={"smiles": asked}).json()["results"]
    expected = SCORER(asked)
    assert [row["smiles"] for row in results] == asked
    np.testing.assert_allclose([row["score"] for row in results], expected.total, atol=1e-9)
    assert [row["problem"] for row in results] == expected.problem
    for j, name in enumerate(expected.names):
        np.testing.assert_allclose(np.array([row["values"][name] for row in results], float), expected.raw[:, j])
        np.testing.assert_allclose(np.array([row["desirability"][name] for row in results], float), expected.scaled[:, j])


def test_an_infinite_value_arrives_as_such() -> None:
    """A molecule without a route, say, isn't one whose term failed."""

    def score(smiles: Sequence[str]) -> Scores:
        raw = np.array([[np.inf], [-np.inf], [np.nan], [2.0]])
        return Scores(smiles, np.zeros(4), [None] * 4, ("steps",), raw, np.zeros((4, 1)))

    with serving(create_app(score, SERVICE), SERVICE) as url:
        np.testing.assert_array_equal(RemoteScorer(url, term="steps")(["C", "CC", "CCC", "CCCC"]), [np.inf, -np.inf, np.nan, 2])


@pytest.mark.parametrize(
    ("content", "headers", "code"),
    [
        ('{"smiles": ["CCO"]}', {"Authorization": "Bearer wrong"}, 401),
        ('{"smiles": ["CCO"]}', {"Authorization": "Basic aHVudGVyMg=="}, 401),
        ('{"smiles": ["CCO"', TOKEN, 422),
        ("", TOKEN, 422),
        ('["CCO"]', TOKEN, 422),
        ('{"smiles": ["CCO", NaN]}', TOKEN, 422),
        ('{"smiles": "CCO"}', TOKEN, 422),
        ('{"smiles": [1, null]}', TOKEN, 422),
        ('{"smiles": ["CCO"], "scoring": "mine"}', TOKEN, 422),
        (json.dumps({"smiles": ["C" * 10_000]}), TOKEN, 422),
        (json.dumps({"smiles": ["C"] * 51}), TOKEN, 422),
        (json.dumps({"smiles": ["C" * 100] * 400}), TOKEN, 413),
        (b'{"smiles": ["\xff\xfe"]}', TOKEN, 422),
    ],
)
def test_what_is_wrong_is_refused_with_a_reason(client: TestClient, content: Any, headers: dict[str, str], code: int) -> None:
    refused = client.post("/score", content=content, headers={"Content-Type": "application/json"} | headers)
    assert refused.status_code == code
    assert refused.json()["detail"]
    assert client.post("/score", json={"smiles": ["CCO"]}).status_code == 200


def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_limit(address: str) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 1000

    assert httpx.post(f"{address}/score", content=endless(), headers=TOKEN | JSON).status_code == 413


def test_there_are_pages_health_and_metrics(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "ok"
    page = client.get("/docs").text
    assert "cdn" not in page
    assert client.get("/static-offline-docs/swagger-ui-bundle.js").status_code == 200
    client.post("/score", json={"smiles": ["CCO", "CCN"]})
    lines = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert float(lines["molgen_molecules_total"]) >= 2
    assert float(lines["molgen_waiting"]) == 0
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_many_clients_at_once_get_their_own_scores(address: str, samples: list[str]) -> None:
    expected = dict(zip(samples[:60], SCORER(samples[:60]).total.tolist(), strict=True))

    def ask(start: int) -> bool:
        asked = [samples[(start * 7 + i) % 60] for i in range(20)]
        results = client.post(f"{address}/score", json={"smiles": asked}).json()["results"]
        return [row["score"] for row in results] == pytest.approx([expected[text] for text in asked], abs=1e-9)

    with httpx.Client(headers=TOKEN, timeout=60) as client, ThreadPoolExecutor(16) as threads:
        assert all(threads.map(ask, range(32)))


def test_what_does_not_fit_the_queue_is_told_to_come_again() -> None:
    busy = threading.Event()

    def slow(smiles: Sequence[str]) -> Scores:
        busy.wait(10)
        return SCORER(smiles)

    with TestClient(create_app(slow, Service(waiting=3)), base_url=HERE) as client, ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.post, "/score", json={"smiles": ["C", "CC"]})
        time.sleep(0.5)
        second = client.post("/score", json={"smiles": ["CCC", "CCCC"]})
        busy.set()
        assert (second.status_code, second.headers["Retry-After"]) == (503, "5")
        assert first.result().status_code == 200


def test_a_scorer_that_fails_is_no_harm_to_the_next_request() -> None:
    def moody(smiles: Sequence[str]) -> Scores:
        if "CO" in smiles:
            raise DataError("the model's server is down")
        if "CN" in smiles:
            raise RuntimeError("secret path /home/me")
        return SCORER(smiles)

    with TestClient(create_app(moody, Service()), base_url=HERE, raise_server_exceptions=False) as client:
        codes = [client.post("/score", json={"smiles": [text]}) for text in ("CO", "CN", "CC")]
        assert [answer.status_code for answer in codes] == [502, 500, 200]
        assert "server is down" in codes[0].json()["detail"]
        assert "secret" not in codes[1].text


def test_the_client_is_a_component_with_the_same_scores(
    address: str, samples: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLGEN_MY_TOKEN", "hunter2")
    remote = RemoteScorer(address, token="MOLGEN_MY_TOKEN", batch=30)
    scores, expected = remote.scores([*samples[:70], "bad"]), SCORER([*samples[:70], "bad"])
    np.testing.assert_allclose(scores.total, expected.total, atol=1e-9)
    np.testing.assert_allclose(scores.raw, expected.raw, atol=1e-9)
    assert scores.problem == expected.problem
    term = RemoteScorer(address, term="qed", token="MOLGEN_MY_TOKEN")(Molecules(["CCO", "bad"]))
    np.testing.assert_allclose(term, [SCORER(["CCO"]).raw[0, SCORER.names.index("qed")], np.nan])
    with pytest.raises(ConfigError, match="no 'qd', but qed"):
        RemoteScorer(address, term="qd", token="MOLGEN_MY_TOKEN")(Molecules(["CCO"]))
    monkeypatch.setenv("MOLGEN_MY_TOKEN", "wrong")
    with pytest.raises(DataError, match="401"):
        remote.scores(["CCO"])


def test_the_command_serves_until_it_is_stopped() -> None:
    command = [sys.executable, "-m", "molgen.cli", "serve", "scoring=pmo/qed"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = subprocess.Popen([*command, f"service.port={port}"], stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(300):
            try:
                answer = httpx.post(f"http://127.0.0.1:{port}/score", json={"smiles": ["CCO"]})
                break
            except httpx.ConnectError:
                time.sleep(0.2)
        assert answer.json()["results"][0]["score"] == pytest.approx(0.4068, abs=1e-4)
    finally:
        served.send_signal(signal.SIGINT)
        _, complaint = served.communicate(timeout=20)
    assert "Traceback" not in complaint


SLOW = """import time

import numpy as np

from molgen.scoring.component import Component


class Slow(Component):
    def __call__(self, molecules):
        time.sleep(100)
        return np.ones(len(molecules))
"""
SLOW_GOAL = """_target_: molgen.scoring.scorer.Scorer
terms:
  slow:
    _target_: molgen.scoring.scorer.Term
    component: {_target_: slow.Slow}
    transform: {_target_: molgen.scoring.transforms.Linear, low: 0, high: 1}
"""


def test_when_it_is_stopped_those_who_wait_are_told_and_it_ends_with_a_line(tmp_path: Path) -> None:
    """The second signal stands for ten seconds of patience; a molecule takes a hundred."""
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "slow.yaml").write_text(SLOW_GOAL)
    command = [sys.executable, "-m", "molgen.cli", "serve", "scoring=slow.yaml", "trust=[slow]", "service.port=0"]
    served = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert served.stderr
    try:
        url = served.stderr.readline().partition(",")[0]
        host, port = url.removeprefix("http://").split(":")
        with ThreadPoolExecutor() as threads, socket.create_connection((host, int(port))) as half:
            half.sendall(
                b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
            asked = [threads.submit(httpx.post, f"{url}/score", json={"smiles": [text]}, timeout=60) for text in ("CC", "CCC")]
            time.sleep(1)
            served.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            served.send_signal(signal.SIGTERM)
            answers = [answer.result() for answer in asked]
            assert half.recv(100) == b""
    finally:
        _, said = served.communicate(timeout=20)
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(503, "the service is being stopped")}
    assert said == "stopped\n"
    assert served.returncode == -signal.SIGTERM


def test_other_machines_need_a_token() -> None:
    refused = CliRunner().invoke(main, ["serve", "scoring=pmo/qed", "service.host=0.0.0.0"], env={"MOLGEN_TOKEN": None})
    assert refused.exit_code == 1
    assert "MOLGEN_TOKEN" in refused.output


schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(SCORER, Service(), "hunter2"))
schema.config.update(headers=TOKEN)


@schema.parametrize()
def test_nothing_that_its_page_allows_or_forbids_breaks_it(case: schemathesis.Case) -> None:
    case.call_and_validate()
