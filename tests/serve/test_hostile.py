"""What strangers do to the scoring service, and that the others don't notice."""

import asyncio
import contextlib
import gzip
import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from benchmarks.hostile import BODIES, SLOW, ask, question
from molgen.cli.commands import main
from molgen.errors import ConfigError
from molgen.scoring.scores import Scores, joined
from molgen.serve.app import Service, create_app
from molgen.serve.batching import Batcher
from molgen.serve.server import listening
from tests.servers import serving

SERVICE = Service(molecules=50, length=200, timeout=1)
HEADERS = {"Authorization": "Bearer hunter2", "Content-Type": "application/json"}


def lengths(smiles: Sequence[str]) -> Scores:
    """Scores as good as any."""
    totals = np.array([len(text) for text in smiles], float)
    return Scores(smiles, totals, [None] * len(smiles), ("length",), totals[:, None], totals[:, None])


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(lengths, SERVICE, "hunter2"), headers=HEADERS) as client:
        yield client


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_question_is_refused_without_repeating_it(client: TestClient, body: str | bytes) -> None:
    refused = client.post("/score", content=body)
    assert refused.status_code == 422
    assert 1 <= len(refused.json()["detail"]) <= 10
    assert "MARK" not in refused.text
    assert len(refused.text) < 2_000


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br, gzip"},
    ],
)
def test_what_is_not_json_by_its_own_account_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/score", content=gzip.compress(b'{"smiles": ["C"]}'), headers=headers).status_code == 415


def test_what_a_string_may_hold_is_a_molecule_or_none(client: TestClient) -> None:
    texts = ["\0", "CC\0O", "\U0001f600", "=cmd|' /C calc'!A0", "C" * 200, ""]
    answer = client.post(
        "/score", content=json.dumps({"smiles": texts}), headers={"Content-Type": "application/json; charset=UTF-8"}
    )
    assert [row["smiles"] for row in answer.json()["results"]] == texts


def test_without_the_token_nothing_is_read_and_only_health_and_pages_are_open(client: TestClient) -> None:
    wrong = {"Authorization": "Bearer hunter\u00fc".encode("latin-1")}
    for body in BODIES.values():
        assert client.post("/score", content=body, headers=wrong).status_code == 401
    opened = [path for path in (*PATHS, "/score") if client.get(path, headers=wrong).status_code == 200]
    assert opened == ["/health", "/docs", "/redoc", "/openapi.json"]


PATHS = ("/health", "/metrics", "/docs", "/redoc", "/openapi.json")


@pytest.mark.parametrize(
    "path", ["/static-offline-docs/..%2f..%2fapp.py", "/static-offline-docs/%00", "/%ff", "/score/", "/" + 9000 * "x"]
)
def test_no_path_breaks_it(client: TestClient, path: str) -> None:
    assert client.get(path, follow_redirects=False).status_code in (404, 405)


def test_bad_requests_hold_nobody(client: TestClient) -> None:
    """Each of these took 40 s; here they come one after the other, while others are answered."""
    with serving(create_app(lengths, SERVICE), SERVICE) as url:
        stop = threading.Event()

        def harm() -> int:
            done = 0
            while not stop.is_set():
                for name in ("many keys", "many escaped keys", "many numbers", "many objects", "deep"):
                    assert httpx.post(f"{url}/score", content=BODIES[name], headers=HEADERS, timeout=30).status_code == 422
                    done += 1
            return done

        times = []
        with ThreadPoolExecutor(1) as threads, httpx.Client(timeout=30) as others:
            harmed = threads.submit(harm)
            for _ in range(30):
                began = time.monotonic()
                assert others.post(f"{url}/score", json={"smiles": ["CCO"]}).status_code == 200
                times.append(time.monotonic() - began)
                time.sleep(0.01)
            stop.set()
            assert harmed.result() >= 5
        assert max(times) < 2


@pytest.mark.parametrize("ahead", [b"", b" " * 100_000, b" " * 3_000_000], ids=["", "more sent", "too much sent"])
def test_a_client_that_has_gone_is_not_scored_for(ahead: bytes) -> None:
    scored: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow(smiles: Sequence[str]) -> Scores:
        scored.extend(smiles)
        begun.set()
        assert go_on.wait(20)
        return lengths(smiles)

    service = Service(batch=10)
    with serving(create_app(slow, service), service) as url, ThreadPoolExecutor(1) as threads:
        for prefix in ("C", "N", "O"):  # the first is being scored when they go, the others wait
            ask(url, question([f"{prefix}{'C' * i}" for i in range(500)]) + ahead).close()
            begun.wait(20)
        answer = threads.submit(httpx.post, f"{url}/score", json={"smiles": ["S"]}, timeout=30)
        time.sleep(0.5)
        go_on.set()
        assert answer.result().status_code == 200
        assert len(scored) <= 11
        assert scored[-1] == "S"


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_who_sends_a_byte_now_and_then_is_cut_off(sent: bytes) -> None:
    with serving(create_app(lengths, SERVICE), SERVICE) as url, ask(url, sent) as connection:
        connection.settimeout(0.2)
        began, got = time.monotonic(), b""
        while time.monotonic() - began < 10:
            try:
                if not (part := connection.recv(4096)):
                    break
                got += part
            except TimeoutError:
                try:
                    connection.sendall(b"1" if sent else b"P")
                except OSError:
                    break
            except OSError:
                break
        assert 0.5 < time.monotonic() - began < 5
        assert b" 408 " in got


def test_requests_sent_ahead_are_answered_in_their_order() -> None:
    service = Service()
    texts = ["C" * (i + 1) for i in range(40)]
    with serving(create_app(lengths, service), service) as url, ask(url, b"".join(question([text]) for text in texts)) as sent:
        got = b""
        while got.count(b'"results"') < len(texts):
            got += sent.recv(100_000)
    assert [float(found) for found in re.findall(rb'"score":([\d.]+)', got)] == [len(text) for text in texts]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "[::", "\u00fc"])
def test_without_a_token_a_page_elsewhere_cannot_ask_under_its_own_name(host: str) -> None:
    """Its name leads to this machine (DNS rebinding), so that a browser would show it the answer."""
    headers = {"Host": host.encode("latin-1")}
    with TestClient(create_app(lengths, SERVICE), base_url="http://localhost:8000") as client:
        assert [client.get("/metrics", headers=headers).status_code, client.get("/metrics").status_code] == [403, 200]
        refused = client.post("/score", json={"smiles": ["C"]}, headers=headers)
        assert (refused.status_code, "MOLGEN_TOKEN" in refused.text) == (403, True)


BUNDLE = b"GET /static-offline-docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
UNREAD = BUNDLE * 8  # the answers are more than the system keeps for a client that doesn't read


def test_who_does_not_take_the_answer_is_cut_off() -> None:
    service = Service(timeout=1)
    with serving(create_app(lengths, service), service) as url:
        whole = len(httpx.get(f"{url}/static-offline-docs/swagger-ui-bundle.js").content)
        with ask(url, UNREAD) as connection:
            time.sleep(2.5)
            got = 0
            with contextlib.suppress(OSError):
                while part := connection.recv(1_000_000):
                    got += len(part)
        assert got < 8 * whole


def test_connections_that_wait_for_their_client_leave_room_for_others() -> None:
    service = Service(connections=20)
    with serving(create_app(lengths, service), service) as url, contextlib.ExitStack() as held:
        for _ in range(40):
            held.enter_context(ask(url, b"POST"))
            unread = held.enter_context(ask(url, UNREAD))
            with contextlib.suppress(ConnectionResetError):
                unread.recv(1)
        time.sleep(1)  # until no answer goes on: those that are unread are held for 30 s where nobody closes them
        for _ in range(10):
            assert httpx.post(f"{url}/score", json={"smiles": ["CCO"]}).status_code == 200


def batched(score: Any, batch: int, *questions: list[str]) -> list[Scores | BaseException]:
    async def all_of_them() -> list[Any]:
        batcher = Batcher(score, joined, batch, 10_000)
        worker = asyncio.create_task(batcher.run())
        await asyncio.sleep(0)
        found = await asyncio.gather(*map(batcher, questions), return_exceptions=True)
        worker.cancel()
        assert batcher.waiting == 0
        return found

    return asyncio.run(all_of_them())


def test_small_questions_do_not_wait_for_large_ones() -> None:
    calls: list[list[str]] = []

    def noting(smiles: Sequence[str]) -> Scores:
        calls.append(list(smiles))
        return lengths(smiles)

    large, small = [f"{'N' * 500}{'C' * i}" for i in range(100)], ["C", "CC"]
    found = batched(noting, 64, large, small, [*small, large[0]])
    assert {"C", "CC"} <= set(calls[0])
    assert sum(map(len, calls[0])) < 64 * 50 + 3000
    assert {text for call in calls for text in call} == {*large, *small}
    assert [list(scores.total) for scores in found if isinstance(scores, Scores)] == [
        [len(text) for text in asked] for asked in (large, small, [*small, large[0]])
    ]


def test_a_molecule_that_fails_its_batch_fails_nobody_elses() -> None:
    def moody(smiles: Sequence[str]) -> Scores:
        if "bad" in smiles:
            raise RuntimeError("a bug")
        return lengths(smiles)

    first, second, third = batched(moody, 64, ["C"], ["CC", "bad"], ["CCC"])
    assert isinstance(first, Scores)
    assert isinstance(second, RuntimeError)
    assert isinstance(third, Scores)


@pytest.mark.parametrize("token", ["", " ", "a b", "hunter\n", "\u00fc"])
def test_a_token_that_protects_nothing_is_refused(token: str) -> None:
    refused = CliRunner().invoke(main, ["serve", "scoring=pmo/qed", "service.port=0"], env={"MOLGEN_TOKEN": token})
    assert refused.exit_code == 1
    assert len(refused.output.splitlines()) == 1
    assert "MOLGEN_TOKEN" in refused.output


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", None), ("a" * 300, 0), ("192.0.2.1", 0)])
def test_where_it_cannot_listen_it_says_so(host: str, port: int | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="choose another"):
        listening(Service(host, taken.getsockname()[1] if port is None else port))


@pytest.mark.parametrize(
    "setting", [{"port": 99_999}, {"port": -1}, {"timeout": 0.0}, {"timeout": float("nan")}, {"connections": 1}]
)
def test_settings_are_checked(setting: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"service.{next(iter(setting))}"):
        Service(**setting)
