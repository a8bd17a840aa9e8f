"""Campaigns that share a cache of dear scores."""

import subprocess
import sys
from pathlib import Path

import yaml

from molgen.runs.store import RunStore
from tests.runs.small import typed

MODEL = """
import json, sys, time
smiles = sys.stdin.read().split()
time.sleep(0.02 * len(smiles))
open(__file__ + ".asked", "a").write("".join(f"{text}\\n" for text in smiles))
print(json.dumps([sum(c in "Cc" for c in text) / len(text) for text in smiles]))
"""


def arguments(tmp_path: Path, cache: str, name: str) -> list[str]:
    """Of a campaign by a program that notes what it is asked."""
    (tmp_path / "model.py").write_text(MODEL)
    program = {
        "_target_": "molgen.scoring.components.command.Command",
        "command": f"{sys.executable} {tmp_path / 'model.py'}",
        "cache": cache,
        "batch": 4,
    }
    transform = {"_target_": "molgen.scoring.transforms.Identity"}
    term = {"_target_": "molgen.scoring.scorer.Term", "component": program, "transform": transform}
    (tmp_path / "goal.yaml").write_text(yaml.safe_dump({"_target_": "molgen.scoring.scorer.Scorer", "terms": {"model": term}}))
    quick = ["search=genetic", "search.initial_design=12", "campaign.budget=36", "campaign.batch=8"]
    goal = [f"scoring={tmp_path / 'goal.yaml'}", f"campaign.folder={tmp_path / name}"]
    return ["design", "trust=[command,cache]", *quick, *goal]


def test_two_at_once_measure_nothing_twice_and_a_third_measures_nothing(tmp_path: Path, postgres: str) -> None:
    program = [sys.executable, "-m", "molgen.cli"]
    running = [subprocess.Popen([*program, *arguments(tmp_path, postgres, name)]) for name in ("first", "second")]
    assert [campaign.wait(timeout=120) for campaign in running] == [0, 0]
    asked = (tmp_path / "model.py.asked").read_text().split()
    assert len(asked) == len(set(asked))
    found = [RunStore(tmp_path / name).to_pandas() for name in ("first", "second")]
    assert set(asked) == set(found[0]["smiles"]) | set(found[1]["smiles"])
    assert all(len(table) == 36 and table["problem"].isna().all() for table in found)
    assert found[0]["score"].tolist() == found[1]["score"].tolist()
    typed(*arguments(tmp_path, postgres, "third"))
    assert (tmp_path / "model.py.asked").read_text().split() == asked
