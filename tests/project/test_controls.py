"""Compounds that are measured again, and the assay that predictions are about."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.errors import ConfigError, DataError
from molgen.project.controls import controls_of
from molgen.project.overview import overview
from molgen.project.project import Project
from molgen.project.proposals import batch_of
from molgen.project.proposing import propose
from molgen.project.round_settings import Proposing
from molgen.project.status import status
from tests.project.conftest import table

POTENCY = "goals: {potency: {measured: pIC50, at_least: 8}}"


@pytest.fixture
def measured(tmp_path: Path) -> Project:
    """Four compounds: the best measured twice, the second three times, the third once, the fourth as a bound."""
    (tmp_path / "goals.yaml").write_text(POTENCY)
    project, _ = Project.new(tmp_path / "p", tmp_path / "goals.yaml")
    rows = [("T-1", "CCCCCO", "7.5"), ("T-1", "CCCCCO", "7.3"), ("T-2", "CCCCN.Cl", "6.1"), ("T-2", "CCCCN", "6.2")]
    rows += [("T-2", "CCCCN", "6.3"), ("T-3", "CCCC(C)O", "7.9"), ("T-4", "CCCCCl", "<4")]
    names, smiles, values = (list(column) for column in zip(*rows, strict=True))
    project.observe(table(name=names, SMILES=smiles, pIC50=values))
    return project


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.smi"
    path.write_text("\n".join([*(f"{'C' * n}c1ccncc1" for n in range(1, 9)), "CCCCN", "CCCCCO"]))
    return path


def asked(project: Project, controls: int | tuple[str, ...]) -> list[str]:
    return controls_of(controls, project.goals, project.measurements(), ["CCCC(C)O", "CCCCCO", "CCCCN", "CCCCCl"])


@pytest.mark.parametrize(
    ("controls", "expected"),
    [
        (0, []),
        (1, ["CCCCN"]),  # three times, 7.5 and 7.9 notwithstanding
        (3, ["CCCCN", "CCCCCO", "CCCC(C)O"]),
        (("T-3", "T-1"), ["CCCC(C)O", "CCCCCO"]),
        (("CCCC[NH3+].[Br-]", "T-4"), ["CCCCN", "CCCCCl"]),
    ],
)
def test_which_are_controls(measured: Project, controls: int | tuple[str, ...], expected: list[str]) -> None:
    assert asked(measured, controls) == expected


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        (4, "controls=4: pIC50 was measured of 3 compounds, bounds not counted"),
        (("T-5",), "no compound 'T-5' was measured, did you mean 'T-"),
        (("CCCCCCCC",), "no compound 'CCCCCCCC' was measured"),
        (("T-1", "OCCCCC"), "'OCCCCC' and 'T-1' are one compound"),
        (("T-1", "T-1"), "are one compound"),
    ],
)
def test_what_can_be_no_control(measured: Project, controls: int | tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        asked(measured, controls)


def test_a_round_with_controls_from_proposal_to_result(measured: Project, library: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="controls=2: leave no room"):
        Proposing(2, "library", str(library), controls=2)
    words = ["n=4", "controls=[T-3]", "from=library", f"library={library}", "per_scaffold=null"]
    done = CliRunner().invoke(main, ["propose", str(measured.folder), *words])
    assert done.exit_code == 0, done.output
    assert ", 1 control\n" in done.output
    (control,) = [fact for fact in measured.propositions(1) if fact.is_repeated]
    assert (control.name, control.compound, len(measured.propositions(1))) == ("p-001-004", "CCCC(C)O", 4)
    assert control.name not in {fact.name for fact in measured.pending()}
    assert ",control," in (measured.folder / "rounds" / "001" / "proposals.csv").read_text()
    assert "round 1: 4 proposals: 3 pending, 1 control pending" in status(measured)
    found = measured.observe(table(id=["p-001-004", "p-001-001"], pIC50=["7.9", "8.1"]))
    assert (len(found.facts), found.alike, found.unproposed) == (2, [], [])  # the same value again is a repeat
    assert [fact.value for fact in measured.measurements() if fact.compound == "CCCC(C)O"] == [7.9, 7.9]
    assert "round 1: 4 proposals: 1 measured, 2 pending, 1 control measured again" in status(measured)
    data = overview(measured)
    assert (data.rounds["proposed"].tolist(), data.rounds["measured"].tolist(), len(data.predictions)) == ([3], [1], 3)
    (shown,) = data.compounds[data.compounds["smiles"] == "CCCC(C)O"].to_dict("records")
    assert (shown["id"], shown["round"]) == ("T-3", 0)


def test_most_often_measured_controls_are_not_new_ones(measured: Project, library: Path) -> None:
    found = propose(measured, Proposing(5, "library", str(library), controls=2, per_scaffold=None))
    assert [fact.compound for fact in found if fact.is_repeated] == ["CCCCN", "CCCCCO"]
    assert not {"CCCCN", "CCCCCO"} & {fact.compound for fact in found if not fact.is_repeated}
    with pytest.raises(DataError, match="what is to be measured again must have been measured"):
        measured.record_proposed(["CCCCCCCO"], purposes=["control"])


def of_two_assays(tmp_path: Path, assay: str = "") -> Project:
    (tmp_path / "goals.yaml").write_text(POTENCY.replace("at_least", f"{f'assay: {assay}, ' * bool(assay)}at_least"))
    project, _ = Project.new(tmp_path / "two", tmp_path / "goals.yaml")
    smiles = ["CCCO", "CCCCO", "CCCCCO", "CCCO", "CCCCO"]
    project.observe(table(SMILES=smiles, pIC50=["6", "6.3", "6.6", "8", "8.3"], assay=["SPR"] * 3 + ["FRET"] * 2))
    return project


@pytest.mark.parametrize(("assay", "expected", "high"), [("", "SPR", False), ("FRET", "FRET", True)])
def test_predictions_are_about_one_assay_which_is_said(
    tmp_path: Path, library: Path, assay: str, expected: str, high: bool
) -> None:
    project = of_two_assays(tmp_path, assay)
    number, other = ("2", "SPR 3") if assay else ("3", "FRET 2")
    line = f"in assay {expected} ({number} of 5 measurements; others: {other}; assay: in goals.yaml names another)"
    assert f"  potency is predicted {line}" in status(project)
    assert overview(project).goals[0].assay == line
    batch = project.propose(1, origin="library", library=str(library))
    assert batch.notes == (f"potency: at least 8, {line}",)
    assert (batch.estimates[0].value[0] > 7) == high


@pytest.mark.parametrize(
    ("assay", "expected"),
    [
        ("", {"CCCO": "6; 8 (FRET); 5 (unnamed)", "CCCCCO": "6.6"}),
        ("FRET", {"CCCO": "8; 6 (SPR); 5 (unnamed)", "CCCCCO": "6.6 (SPR)"}),
    ],
)
def test_values_of_two_assays_are_no_mean(tmp_path: Path, assay: str, expected: dict[str, str]) -> None:
    project = of_two_assays(tmp_path, assay)
    project.observe(table(SMILES=["CCCO", "CCCO"], pIC50=["4.5", "5.5"]))
    project.record_proposed(["CC(C)O", "CCCCCCCO"])
    found = {each.smiles: each.measured["pIC50"] for each in batch_of(project, 1).neighbours if each is not None}
    assert found == expected


def test_controls_were_measured_by_the_assay_that_the_goal_is_about(tmp_path: Path) -> None:
    project = of_two_assays(tmp_path, "FRET")
    ranked = ["CCCCCO", "CCCO", "CCCCO"]
    assert controls_of(2, project.goals, project.measurements(), ranked) == ["CCCO", "CCCCO"]
    with pytest.raises(ConfigError, match="measured of 2 compounds"):
        controls_of(3, project.goals, project.measurements(), ranked)


def test_an_assay_that_is_not_there_is_refused(tmp_path: Path, library: Path) -> None:
    project = of_two_assays(tmp_path, "FRED")
    for ask in (lambda: status(project), lambda: project.propose(1, origin="library", library=str(library))):
        with pytest.raises(ConfigError, match=r"goals\.potency\.assay: by 'FRED' no pIC50 .* mean 'FRET'.*there: SPR, FRET"):
            ask()
    with pytest.raises(ConfigError, match="by 'FRED' no pIC50"):
        Project.new(tmp_path / "new", tmp_path / "goals.yaml", [table(SMILES="CCCO", pIC50="6", assay="SPR")])
    assert not (tmp_path / "new").exists()
    (project.folder / "goals.yaml").write_text("goals: {size: {computed: {descriptor: tpsa}, at_least: 8, assay: FRET}}")
    with pytest.raises(ConfigError, match=r"goals\.size\.assay: goes with a measured endpoint"):
        _ = project.goals


def test_where_no_assay_is_named_there_is_nothing_to_say(measured: Project) -> None:
    assert not [line for line in status(measured) if "assay" in line]
