"""What is asked for its headers alone: as GET, without a body."""

import http.client
import re
from pathlib import Path
from urllib.parse import urlsplit

from fastapi.testclient import TestClient

from molgen.app.application import page_app
from molgen.app.settings import AppSettings
from molgen.app.workspace import Workspace
from tests.app.conftest import Make
from tests.servers import serving

FILLED = {"name": "runs/a", "number": "2", "kind": "campaign", "place": "0"}


def test_every_address_answers_a_head_as_a_get(client: TestClient, make_run: Make, tmp_path: Path) -> None:
    make_run("runs/a")
    paths = ["/static/app.css", "/nowhere", "/beside/campaign/runs/a?of=2,3", "/molecule.svg?smiles=CCO"]
    for path, methods in page_app(Workspace(tmp_path), AppSettings()).openapi()["paths"].items():
        if "get" in methods:
            paths.append(re.sub("{(.*?)}", lambda found: FILLED.get(found[1], "x"), path))
    assert len(paths) > 50
    for path in paths:
        if path == "/events":
            continue  # has no end: below
        got, head = client.get(path), client.head(path)
        assert head.content == b"", path
        assert head.status_code == got.status_code, path
        assert head.headers.get("content-type") == got.headers.get("content-type"), path
    assert client.head("/campaign/stop/runs/a").status_code == 405  # which changes something


def test_the_stream_without_an_end_ends_after_its_headers(tmp_path: Path) -> None:
    settings = AppSettings()
    with serving(page_app(Workspace(tmp_path), settings), settings) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        for _ in range(2):  # over the same connection
            connection.request("HEAD", "/events")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"")
            assert answer.headers["content-type"].startswith("text/event-stream")
        connection.request("HEAD", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        connection.close()
