import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from molgen.chem.compounds import StandardParent, compounds
from molgen.cli.commands import main
from molgen.project.facts import Fact, Measurement, NotMade, Proposed
from molgen.project.project import Project
from molgen.project.proposals import ENDINGS

ROUNDS, SIZE = 2, 5


def molgen(*words: object) -> None:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output


def killed(words: Sequence[object], rename: int) -> bool:
    """Give a command in a fork that is killed when it is about to put the file or folder with this number in its place."""
    if not (child := os.fork()):
        seen = iter(range(rename))

        def hook(event: str, _: Any) -> None:
            if event == "os.rename" and next(seen, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(hook)
            molgen(*words)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def facts_of(folder: Path) -> list[Fact]:
    return Project.open(folder).facts() if folder.exists() else []


def give(kill: bool, words: Sequence[object], folder: Path, step: int) -> int:
    """Give a command; before that kill it at its first renaming, then `step` further on, and so on; returns how often it was."""
    kills = 0
    while kill:
        before = facts_of(folder)
        was_killed = killed(words, step * kills)
        assert facts_of(folder)[: len(before)] == before
        if not was_killed or facts_of(folder) != before:
            break
        kills += 1
    else:
        molgen(*words)
    return kills


def play(folder: Path, library: Path, samples: Sequence[str], kill: bool) -> int:
    """Two rounds; the last compound of each is pending, the one before can't be made. Returns how often commands were killed."""
    folder.mkdir()
    project = folder / "lab"
    (folder / "goals.yaml").write_text("goals: {potency: {measured: pIC50, at_least: 8}}")
    (folder / "start.csv").write_text("smiles,pIC50\n" + "".join(f"{text},{4 + i / 3:.2f}\n" for i, text in enumerate(samples)))
    kills = give(kill, ["project", "new", project, f"goals={folder / 'goals.yaml'}", f"data={folder / 'start.csv'}"], project, 1)
    for number in range(1, ROUNDS + 1):
        words = ["propose", project, f"n={SIZE}", "from=library", f"library={library}", f"seed={number}"]
        kills += give(kill, words, project, 3)
        files = project / "rounds" / f"{number:03d}"
        if kill and not files.exists():
            molgen(*words)  # chosen, but the files weren't written: this writes them, and proposes no other round
        assert sorted(path.name for path in files.iterdir()) == sorted(f"proposals.{ending}" for ending in ENDINGS)
        rows = [f"lab-{number:03d}-{place:03d},{'<5' if place == 1 else 5 + place / 2},made" for place in range(1, SIZE - 1)]
        rows += [f"lab-{number:03d}-{SIZE - 1:03d},,not made"]
        (folder / "results.csv").write_text("\n".join(["id,pIC50,status", *rows]))
        molgen("observe", project, folder / "results.csv")
    return kills + give(kill, ["project", "status", project], project, 1)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_rounds_that_are_killed_are_those_that_are_left_alone(samples: list[str], tmp_path: Path) -> None:
    library = tmp_path / "library.smi"
    library.write_text("\n".join([*samples[:40], *(f"{text}.Cl" for text in samples[:70]), "no-molecule"]))
    assert play(tmp_path / "killed", library, samples[60:70], kill=True) > 6
    assert play(tmp_path / "quiet", library, samples[60:70], kill=False) == 0
    found, quiet = (Project.open(tmp_path / name / "lab") for name in ("killed", "quiet"))
    assert [(fact.name, fact.compound) for fact in found.propositions()] == [
        (fact.name, fact.compound) for fact in quiet.propositions()
    ]
    facts = found.facts()
    counts = [sum(isinstance(fact, kind) for fact in facts) for kind in (Measurement, NotMade, Proposed)]
    assert counts == [10 + ROUNDS * (SIZE - 2), ROUNDS, ROUNDS * SIZE]
    assert [fact.place for fact in found.pending()] == [SIZE] * ROUNDS
    first = {fact.compound: fact for fact in reversed(facts)}
    keys = [each.twins for each in compounds(list(first)) if isinstance(each, StandardParent)]
    assert len(set(keys)) == 10 + ROUNDS * SIZE
    assert (tmp_path / "killed" / "lab" / "project.html").is_file()
