"""Whatever a browser asks, the pages answer: nothing that can be asked breaks them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molgen.app.application import page_app
from molgen.app.settings import AppSettings
from molgen.app.workspace import Workspace
from molgen.runs.store import RunStore
from tests.app.conftest import MOLECULES, SCORES, commit
from tests.app.test_runs_page import changed
from tests.app.test_screen_page import TPSA, screened

NAMES = ("runs/small", "screens/s", "sweeps", "")
FEW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
MOLFILE = "\n     RDKit\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0    0.0    0.0 C   0  0\nM  END\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a campaign and a screen."""
    folder = tmp_path_factory.mktemp("workspace")
    run = folder / "runs/small"
    run.mkdir(parents=True)
    store = RunStore(run)
    commit(store, MOLECULES, SCORES)
    store.close()
    changed(run)
    screened(folder, TPSA)
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """A browser that is told of what the server couldn't do."""
    app = page_app(Workspace(folder), AppSettings())
    headers = {"Origin": "http://localhost"}
    with TestClient(app, "http://localhost", headers=headers, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


# What can be asked without changing anything, but for the stream without an end
WHOLE: Any = schemathesis.openapi.from_dict(page_app(Workspace(Path()), AppSettings()).openapi())
schema = WHOLE.include(method="GET").exclude(path="/events")


@schema.parametrize()
@FEW
def test_no_address_breaks_the_server(client: TestClient, case: schemathesis.Case) -> None:
    if "name" in case.path_parameters and (which := len(str(case.path_parameters["name"])) % 5) < 4:
        case.path_parameters["name"] = NAMES[which]  # that which there is
    answer = client.request(case.method, case.formatted_path, params=case.query)
    assert answer.status_code < 500, answer.text


@given(
    st.sampled_from(["smiles", "smarts", "", "x"]), st.one_of(st.text(max_size=60), st.from_regex(r"[CNOc1()=\[\]#@+-]{0,30}"))
)
@FEW
def test_no_text_or_drawing_breaks_the_editor(client: TestClient, kind: str, text: str) -> None:
    for address, form in {"/sketch/draw": {"text": text}, "/sketch/read": {"molfile": MOLFILE[: 2 * len(text)] + text}}.items():
        answer = client.post(address, data=form | {"kind": kind})
        assert answer.status_code == 200
        assert answer.json().keys() & {"problem", "text"}


@given(
    st.dictionaries(st.sampled_from(["format", "selected", "sort", "contains", "similar", "where.tpsa"]), st.text(max_size=20))
)
@FEW
def test_no_form_breaks_an_export(client: TestClient, form: dict[str, str]) -> None:
    for address in ("/screen/export/screens/s", "/campaign/export/runs/small"):
        assert client.post(address, data=form).status_code < 500
