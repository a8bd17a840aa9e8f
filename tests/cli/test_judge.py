"""`molgen judge`, as it is typed."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from molgen.cli.commands import main
from molgen.project.project import Project
from tests.app.conftest import Make, make_run  # noqa: F401


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["judge", *arguments])


@pytest.fixture
def run(make_run: Make) -> str:  # noqa: F811
    return str(make_run("run"))


def test_what_is_typed_is_kept_and_listed(run: str) -> None:
    assert typed(run).output == "no judgement\n"
    assert typed(run, "star", "CCO", "CC(=O)Oc1ccccc1C(=O)O").output == "star CCO\nstar CC(=O)Oc1ccccc1C(=O)O\n"
    assert typed(run, "star", "OCC").output == "said before; nothing is new\n"
    assert typed(run, "reject", "CCN", "reason=smells = bad", "who=Anna").output == "reject CCN (smells = bad)\n"
    assert typed(run, "prefer", "CCO", "over", "CCN").output == "prefer CCO over CCN\n"
    assert typed(run, "withdraw", "CCO", "over", "CCN").exit_code == 0
    assert typed(run, "withdraw", "CCO").output == "withdraw CCO\n"
    lines = typed(run, "list").output.splitlines()
    assert lines[-1] == "1 star, 1 rejection"
    assert lines[1].endswith("Anna  reject CCN (smells = bad)")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("stra", "CCO"), "no action 'stra', did you mean 'star'?"),
        (("star",), "name molecules"),
        (("star", "nonsense"), "'nonsense' is no molecule"),
        (("star", "CCO", "reason=x"), "reason=: not for star"),
        (("reject", "CCO"), "reason: say why"),
        (("prefer", "CCO"), "a preference is written"),
        (("prefer", "CCO", "than", "CCN"), "a preference is written"),
        (("withdraw", "CCO"), "nothing to withdraw"),
        (("learn",), "no judgement yet"),
        (("learn", "weight=much"), "must be a number"),
        (("list", "output=x.yaml"), "x.yaml"),
    ],
)
def test_what_makes_no_sense_is_a_line(run: str, arguments: tuple[str, ...], message: str) -> None:
    result = typed(run, *arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert len(result.output.splitlines()) == 1


def test_rejections_go_on_to_a_project(run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `list output=` writes is what `molgen observe --rejected` reads."""
    monkeypatch.chdir(tmp_path)
    typed(run, "star", "CCO")
    typed(run, "reject", "CCN", "reason=smells", "who=Anna")
    typed(run, "prefer", "CCO", "over", "c1ccncc1")
    assert "1 star, 1 rejection, 1 preference" in typed(run, "list", "output=judged.csv").output
    assert pd.read_csv("judged.csv")["decision"].tolist() == ["star", "reject", "prefer"]
    Path("goals.yaml").write_text("goals:\n  potency: {measured: pIC50, at_least: 8}\n")
    project, _ = Project.new(Path("lab"), Path("goals.yaml"))
    project.observe(Path("judged.csv"), rejected=True)
    found = Project.open(Path("lab")).rejected()
    assert [(fact.compound, fact.reason, fact.who) for fact in found] == [("CCN", "smells", "Anna")]
