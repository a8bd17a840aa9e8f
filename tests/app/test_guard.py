"""Who may ask, and what a stranger's names can't do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from molgen.app.application import page_app
from molgen.app.settings import AppSettings
from molgen.app.workspace import Workspace
from tests.app.conftest import Make

HTML = {"Accept": "text/html"}


@pytest.fixture
def far(tmp_path: Path) -> Iterator[TestClient]:
    """A browser elsewhere, of pages with a token."""
    app = page_app(Workspace(tmp_path), AppSettings(body=2000), "hunter2")
    with TestClient(app, "http://lab.example", headers=HTML, follow_redirects=False) as client:
        yield client


def test_every_answer_has_the_headers_that_keep_a_page_in_its_place(client: TestClient, make_run: Make) -> None:
    make_run("runs/a")
    for path in ("/", "/new", "/campaigns/runs/a", "/static/app.css", "/nowhere", "/campaign/scores/runs/a"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy  # noqa: PT018
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


def test_no_page_has_scripts_or_styles_of_its_own(client: TestClient, make_run: Make) -> None:
    make_run("runs/a")
    for path in ("/", "/new", "/campaigns/runs/a", "/campaign/molecule/2/runs/a"):
        page = client.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert all(" src=" in part.partition(">")[0] for part in page.split("<script")[1:])


def test_a_page_that_gives_its_name_this_address_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    for host in ("localhost:8080", "127.0.0.1:8080", "[::1]:8080"):
        assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:9999", ""])
def test_forms_of_other_pages_are_refused(client: TestClient, make_run: Make, origin: str) -> None:
    make_run("runs/a")
    for path in ("/new", "/campaign/resume/runs/a", "/campaign/stop/runs/a", "/campaign/export/runs/a"):
        assert client.post(path, headers={"Origin": origin}).status_code == 403


def test_a_token_is_shown_once(far: TestClient) -> None:
    assert far.get("/").headers["location"] == "/login?next=%2F"
    assert far.get("/campaign/scores/x", headers={"Accept": "*/*"}).status_code == 401
    assert far.get("/events", headers={"Accept": "text/event-stream"}).status_code == 401
    assert far.get("/login").status_code == far.get("/static/app.css").status_code == 200
    wrong = far.post("/login", data={"token": "hunter3"}, headers={"Origin": "http://lab.example"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers
    right = far.post("/login", data={"token": "hunter2", "next": "/new"}, headers={"Origin": "http://lab.example"})
    assert (right.status_code, right.headers["location"]) == (303, "/new")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "hunter2" not in cookie
    assert far.get("/").status_code == 200


def test_a_token_in_the_address_leaves_it(far: TestClient) -> None:
    answer = far.get("/new?token=hunter2&a=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/new?a=1")
    assert far.get("/new").status_code == 200
    assert far.get("/", headers={"Authorization": "Bearer hunter2"}).status_code == 200


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_login_leads_to_these_pages_only(far: TestClient, next_: str) -> None:
    answer = far.post("/login", data={"token": "hunter2", "next": next_}, headers={"Origin": "http://lab.example"})
    assert answer.headers["location"] == "/"


def test_a_form_in_another_form_begins_nothing(client: TestClient, tmp_path: Path) -> None:
    answer = client.post("/new", files={"name": b"mine"})
    assert answer.status_code == 422
    assert "comes as application/x-www-form-urlencoded, not as multipart/form-data" in answer.text
    assert not (tmp_path / "runs").exists()


def test_a_form_that_is_too_long_is_not_read(far: TestClient) -> None:
    answer = far.post("/login", data={"token": "x" * 3000}, headers={"Origin": "http://lab.example"})
    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["../outside", "..%2Foutside", "/etc", "link", ".", "%00", "a" * 5000])
def test_nothing_outside_the_folder_is_shown(client: TestClient, make_run: Make, tmp_path: Path, name: str) -> None:
    outside = make_run("elsewhere/outside")
    inside = tmp_path / "workspace"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    app = page_app(Workspace(inside), AppSettings())
    with TestClient(app, "http://localhost", headers=HTML) as near:
        for page in ("/campaigns", "/campaign/scores", "/report/campaign"):
            answer = near.get(f"{page}/{name}")
            assert answer.status_code in (404, 422)
            assert "Small" not in answer.text
        assert "Nothing designed here yet" in near.get("/").text


def test_names_from_files_are_text(client: TestClient, make_run: Make) -> None:
    evil = "<script>alert(1)</script>"
    make_run("runs/<script>alert(2)<", evil)
    for path in ("/", "/campaigns/runs/%3Cscript%3Ealert(2)%3C", "/campaigns/%3Cscript%3E"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    assert "<script>" not in client.post("/new/check", data={"lead": evil, "name": evil, "forbid": evil}).text


def test_a_report_can_run_its_scripts_and_ask_nothing(client: TestClient, make_run: Make) -> None:
    (make_run("runs/r") / "report.html").write_text("<script>1</script>")
    policy = client.get("/report/campaign/runs/r").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "default-src 'none'" in policy
    assert "allow-same-origin" not in policy
