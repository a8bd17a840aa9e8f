"""Programs and servers of the user's as components."""

import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.scoring.answers import AnswerError, read_values
from molgen.scoring.components.command import Command
from molgen.scoring.components.http_endpoint import HttpEndpoint
from tests.servers import Server

SMILES = ["CCO", "CCN", "c1ccccc1"]


@pytest.fixture(autouse=True)
def caches_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let components name databases anywhere."""
    monkeypatch.setenv("MOLGEN_TRUST", "cache")


@pytest.mark.parametrize(
    "text",
    [
        "[1, null, 3]",
        '{"CCO": 1, "c1ccccc1": 3}',
        '{"predictions": [1, null, 3], "model": "mine"}',
        '[{"smiles": "C1=CC=CC=C1", "score": 3}, {"smiles": "OCC", "score": 1}]',
        '{"rows": [{"score": 1}, {"score": null}, {"score": 3}]}',
        "score\n1\n\nnan\n3\n",
        "SMILES,score,comment\nOCC,1,fine\nCCN,,failed\nc1ccccc1,3,\n",
        "smiles,pred\nc1ccccc1,3\nCCN,error\nCCO,1\n",
    ],
)
def test_answers_in_many_forms_are_the_same_values(text: str) -> None:
    np.testing.assert_array_equal(read_values(text, SMILES, None), [1, np.nan, 3])


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("", None, "empty"),
        ("[1, 2]", None, "2 values for 3"),
        ("[1, 2", None, "broken JSON"),
        ("smiles,a,b\nCCO,1,2\n", None, "which of the columns a, b"),
        ("smiles,a\nCCO,1\n", "b", "no column 'b' among smiles, a"),
        ('{"error": "out of memory"}', None, "no list of values in an object with error"),
        ('a"b\nc"d,e,"f', None, "neither JSON nor CSV|values for|which"),
    ],
)
def test_answers_that_cannot_be_read_say_why(text: str, column: str | None, hint: str) -> None:
    with pytest.raises(AnswerError, match=hint):
        read_values(text, SMILES, column)


def program(tmp_path: Path, code: str) -> str:
    path = tmp_path / "model.py"
    path.write_text("import json, os, sys, time\nsmiles = sys.stdin.read().split()\n" + code)
    return shlex.join([sys.executable, str(path)])


def test_a_program_that_was_changed_is_asked_again(tmp_path: Path) -> None:
    cache = f"sqlite:///{tmp_path}/scores.sqlite"
    for value in (1.0, 2.0):
        command = program(tmp_path, f"print(json.dumps([{value}] * len(smiles)))")
        assert Command(command, cache=cache)(Molecules(["CCO"])).tolist() == [value]


def test_a_program_is_asked_in_batches(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'calls')!r}, 'a').write(f'{{len(smiles)}}\\n')\nprint(json.dumps([len(s) for s in smiles]))"
    component = Command(program(tmp_path, code), batch=2)
    np.testing.assert_array_equal(component(Molecules(["CCO", "bad", "OCC", "CCCC", "N"])), [3, np.nan, 3, 4, 1])
    assert (tmp_path / "calls").read_text().split() == ["2", "1"]


def test_a_molecule_that_kills_the_program_leaves_the_others_alone(tmp_path: Path) -> None:
    code = "os.kill(os.getpid(), 11) if 'CCN' in smiles else print('score', *map(len, smiles), sep='\\n')"
    np.testing.assert_array_equal(Command(program(tmp_path, code), tries=1)(Molecules(SMILES)), [3, np.nan, 8])


def test_a_program_that_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    code = "os.system('sleep 100') if 'CCN' in smiles else print(json.dumps([1.0 for _ in smiles]))"
    component = Command(program(tmp_path, code), timeout=3.0, tries=1)
    np.testing.assert_array_equal(component(Molecules(SMILES[:2])), [1, np.nan])


def test_a_program_that_failed_once_is_tried_again(tmp_path: Path) -> None:
    mark = str(tmp_path / "tried")
    code = (
        f"if not os.path.exists({mark!r}):\n    open({mark!r}, 'w')\n    sys.exit('busy')\nprint(json.dumps([2 for _ in smiles]))"
    )
    np.testing.assert_array_equal(Command(program(tmp_path, code))(Molecules(["C"])), [2])


@pytest.mark.parametrize("command", ["", "no-such-program --x", "awk 'unfinished"])
def test_a_wrong_command_is_said_at_once(command: str) -> None:
    with pytest.raises(ConfigError, match="command"):
        Command(command)


def test_a_server_is_asked_until_it_has_time(address: str) -> None:
    Server.busy = 2
    np.testing.assert_array_equal(HttpEndpoint(f"{address}/x")(Molecules(["CCO", "bad", "c1ccccc1"])), [3, np.nan, 8])
    assert Server.busy == 0


def test_a_token_comes_from_the_environment(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    component = HttpEndpoint(f"{address}/secret", token="MOLGEN_MY_TOKEN", tries=1)
    monkeypatch.delenv("MOLGEN_MY_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="MOLGEN_MY_TOKEN"):
        component(Molecules(["C"]))
    monkeypatch.setenv("MOLGEN_MY_TOKEN", "wrong")
    with pytest.raises(DataError, match="401: who are you"):
        component(Molecules(["C"]))
    monkeypatch.setenv("MOLGEN_MY_TOKEN", "hunter2")
    np.testing.assert_array_equal(component(Molecules(["CC"])), [2])


def test_servers_that_are_of_no_use_are_one_line(address: str) -> None:
    for url, hint in ((f"{address}/broken", "broken JSON"), ("http://127.0.0.1:1/", "ConnectionError in 1 tries")):
        with pytest.raises(DataError, match=hint) as found:
            HttpEndpoint(url, tries=1)(Molecules(["C"]))
        assert "\n" not in str(found.value)
