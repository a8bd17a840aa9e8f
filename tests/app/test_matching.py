"""Patterns that would keep the server busy for hours are refused, and all others answered as RDKit does."""

import html
import re
import time
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from rdkit import Chem

from molgen.app import matching, pattern_limits
from molgen.app.matching import Answers, containing, similar_to
from molgen.app.reference_sets import reference_molecules
from molgen.chem.smarts import LONGEST
from molgen.errors import ConfigError, DataError
from tests.app.conftest import Make

ENDLESS = "C.C.C.C.C.C.C.[U]"  # any seven carbons are tried before it is known that there is no uranium
FORM = {"objective": "drug_like", "goal_of": "drug_like", "strategy": "surrogate", "name": "x"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "LEAST", 1.0)
    pattern_limits._said_of.cache_clear()


@pytest.mark.parametrize("text", ["c1ccncc1", "C1=CC=NC=C1", "[$([NX3;H2,H1;!$(NC=O)])]", "[#1]O"])
def test_a_search_finds_what_rdkit_does(text: str) -> None:
    smiles = reference_molecules()["zinc250k"].smiles[:100]
    query = Chem.MolFromSmarts(text if text.startswith(("[", "c")) else "c1ccncc1")
    expected = [Chem.AddHs(Chem.MolFromSmiles(each)).HasSubstructMatch(query) for each in smiles]
    assert 0 < sum(expected) < 100
    answers = Answers()
    assert answers(text, containing(text), smiles[:40]).tolist() == expected[:40]
    assert answers(text, containing(text), [*smiles, ""])[:100].tolist() == expected  # and those that came since
    assert np.isnan(Answers()("similar", similar_to("CCO"), ["CCO", "nothing"])[1])


def test_an_endless_search_ends_with_what_to_do_and_is_not_tried_again(client: TestClient, make_run: Make) -> None:
    make_run("runs/small")
    address = "/campaign/molecules/runs/small"
    answer = client.get(address, params={"contains": f"{ENDLESS.replace('U', 'Np')}.CC.CC.CC.CC.CC.CC.CC.CC"})
    if answer.status_code == 200:  # molecules so small that it is known at once
        assert answer.json()["total"] == 0
    answers, smiles = Answers(), reference_molecules()["fda_approved"].smiles[:50]
    began = time.monotonic()
    with pytest.raises(DataError, match=r"takes more than 1 s to be looked for; write it with fewer"):
        answers(ENDLESS, containing(ENDLESS), smiles)
    assert time.monotonic() - began < 20
    began = time.monotonic()
    with pytest.raises(DataError, match="takes more than"):
        answers(ENDLESS, containing(ENDLESS), smiles)
    assert time.monotonic() - began < 0.1
    assert answers("ring", containing("c1ccccc1"), smiles).sum() > 0  # others are answered as before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"must_contain": ENDLESS}, "must_contain"),
        ({"forbid": ENDLESS}, "forbid"),
        ({"added": f"substructure present {ENDLESS}"}, "goal"),
    ],
)
def test_an_endless_pattern_is_said_beside_its_field(client: TestClient, fields: dict[str, str], field: str) -> None:
    page = html.unescape(client.post("/new/check", data=FORM | fields).text)
    assert "takes more than" in re.findall(rf'id="problem-{field}"[^>]*>([^<]*)', page)[0]


def test_an_endless_goal_is_shown_without_known_molecules(client: TestClient) -> None:
    chart = client.post("/new/goal-chart", data=FORM | {"added": f"substructure present {ENDLESS}", "of": "substructure"}).text
    assert "polyline" in chart
    assert "polygon" not in chart


@pytest.mark.parametrize("text", ["C" * 60_000, "[$(" * 2000 + "C" + ")]" * 2000, "C(" * 4000 + "C" + ")" * 4000])
def test_a_pattern_that_would_end_the_process_is_refused(client: TestClient, make_run: Make, text: str, tmp_path: Path) -> None:
    make_run("runs/small")
    assert len(text) > LONGEST
    with pytest.raises(ConfigError, match=r"characters; 5,000 at most: write a smaller one"):
        containing(text)
    answer = client.get("/campaign/molecules/runs/small", params={"contains": text[:20_000]})
    assert answer.status_code == 422
    page = html.unescape(client.post("/new/check", data=FORM | {"must_contain": text}).text)
    assert "5,000 at most" in re.findall(r'id="problem-must_contain"[^>]*>([^<]*)', page)[0]
