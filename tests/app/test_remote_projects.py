"""Projects in a PostgreSQL database on the page: seen where they answer, and no page waits where they don't."""

import html
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

from molgen.app import remote_projects
from molgen.project.project import Project

GOALS = "goals: {potency: {measured: pIC50, at_least: 8}}\n"


def until(client: TestClient, found: Callable[[str], bool], address: str) -> str:
    """A page once it says what is waited for."""
    deadline = time.monotonic() + 60
    while not found(page := html.unescape(client.get(address).text)):
        assert time.monotonic() < deadline, page
        time.sleep(0.1)
    return page


def test_a_project_of_a_team_is_a_line_and_a_page(
    postgres: str, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "cache")
    monkeypatch.setattr(remote_projects, "AGAIN", 0.2)
    name = f"team-{uuid.uuid4().hex[:8]}"
    (tmp_path / "goals.yaml").write_text(GOALS)
    project, _ = Project.new(tmp_path / name, tmp_path / "goals.yaml", database=postgres)
    until(client, lambda page: "0 rounds, 0 measurements, 0 pending" in page, "/")
    (tmp_path / "assay.csv").write_text("SMILES,pIC50\nCCO,6\n")
    project.observe(tmp_path / "assay.csv")  # somebody else of the team
    assert "CCO" in client.get(f"/projects/{name}").text  # as it is now
    until(client, lambda page: "0 rounds, 1 measurement, 0 pending" in page, f"/line/project/{name}")
    assert "pIC50" in client.get(f"/project/goals/{name}").text


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[None]:
    """A project "team" whose database takes connections and says nothing."""
    pytest.importorskip("psycopg", reason="speaks to PostgreSQL: pip install psycopg")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        folder = tmp_path / "team"
        folder.mkdir()
        (folder / "goals.yaml").write_text(GOALS)
        url = f"postgresql+psycopg://me:secret@127.0.0.1:{server.getsockname()[1]}/x?connect_timeout=5"
        (folder / "project.yaml").write_text(yaml.safe_dump({"database": url}))
        yield


@pytest.mark.usefixtures("silent")
def test_a_database_that_nobody_trusts_is_not_asked(client: TestClient) -> None:
    page = until(client, lambda page: "trust=[cache]" in page, "/")  # a stranger's folder may name any address
    assert "secret" not in page


@pytest.mark.usefixtures("silent")
def test_a_database_that_does_not_answer_keeps_no_page_waiting(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "cache")
    monkeypatch.setattr(remote_projects, "AGAIN", 0.0)
    begun = time.monotonic()
    assert "its database is being asked" in client.get("/").text
    for _ in range(3):
        client.get("/")
    assert time.monotonic() - begun < 4.9  # the database is given five seconds
    page = until(client, lambda page: 'class="problem"' in page and "trust=" not in page, "/line/project/team")
    assert "secret" not in page
    assert "/projects/team" not in page
