"""One standardisation for all commands and for Python."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN, STANDARD, Standardizer
from molgen.cli.commands import main
from molgen.config import compose, group_node, options, to_plain
from molgen.predictors.shipped import load_predictor
from molgen.runs.run import Campaign
from molgen.scoring.components.novelty import Novelty
from molgen.scoring.components.qed import QED
from molgen.scoring.scorer import Scorer, Term, standardizing
from molgen.search.constraints import Constraints
from molgen.search.oracle import Oracle

SALTS = Path(__file__).parent / "cases" / "files" / "salts.csv"
DIPHENHYDRAMINE = ["diphenhydramine", "HCl", "ionised", "citrate", "named"]
PROCAINAMIDE = ["CCN(CC)CCNC(=O)c1ccc(N)cc1", "CC[NH+](CC)CCNC(=O)c1ccc(N)cc1", "CCN(CC)CCNC(=O)c1ccc(N)cc1.Cl"]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_score_takes_all_salts_of_a_drug_for_the_drug(tmp_path: Path) -> None:
    output = tmp_path / "scored.csv"
    said = run("score", str(SALTS), "scoring=drug_like", f"output={output}")
    assert "3 of 11 structures were changed: 3 salts stripped, 1 charge neutralised" in said
    table = pd.read_csv(output).set_index("name")
    assert table.loc[DIPHENHYDRAMINE, "qed"].tolist() == pytest.approx([0.785] * 5, abs=5e-4)
    assert table["smiles"].tolist() == pd.read_csv(SALTS)["smiles"].tolist()
    assert table.loc["citrate", ["standardized", "changes"]].tolist() == [
        "CN(C)CCOC(c1ccccc1)c1ccccc1",
        "salt stripped: citric acid",
    ]
    assert table.loc["dummy", "problem"].startswith("invalid: an attachment point")


def test_standardisation_can_be_switched_off_and_changed(tmp_path: Path) -> None:
    output = tmp_path / "scored.csv"
    run("score", str(SALTS), "scoring=drug_like", "standardize=off", f"output={output}")
    table = pd.read_csv(output).set_index("name")
    assert table.loc[["diphenhydramine", "HCl", "citrate"], "qed"].tolist() == pytest.approx([0.785, 0.803, 0.407], abs=5e-4)
    assert "standardized" not in table
    run("score", str(SALTS), "scoring=drug_like", "standardize.dummies=cap", "standardize.isotopes=drop", f"output={output}")
    table = pd.read_csv(output).set_index("name")
    assert table.loc[["dummy", "d3"], "qed"].tolist() == pytest.approx([0.785] * 2, abs=5e-4)


def test_predictions_of_a_base_its_ion_and_its_salt_are_equal(tmp_path: Path) -> None:
    path, output = tmp_path / "procainamide.csv", tmp_path / "predicted.csv"
    pd.DataFrame({"smiles": PROCAINAMIDE}).to_csv(path, index=False)
    said = run("predict", str(path), "endpoints=[herg]", f"output={output}")
    assert "2 of 3 structures were changed: 1 charge neutralised, 1 salt stripped" in said
    table = pd.read_csv(output)
    first, *others = table["herg"]
    assert others == pytest.approx([first] * 2, rel=1e-12)
    loose = load_predictor("admet").predict(Molecules(PROCAINAMIDE), endpoints=["herg"])
    assert loose.mean[:, 0].tolist() == pytest.approx([first] * 3, rel=1e-12)
    run("predict", str(path), "endpoints=[herg]", "standardize=off", f"output={output}")
    base, ion, _ = pd.read_csv(output)["herg"]
    assert abs(base - ion) > 0.05  # less than it was before ionisation, the same of both, was a feature


def test_the_command_shows_parents_and_forms(tmp_path: Path) -> None:
    output = tmp_path / "forms.csv"
    said = run("standardize", str(SALTS), "ph=7.4", f"output={output}")
    assert "11 structures, 1 with a problem" in said
    table = pd.read_csv(output).set_index("name")
    assert list(table.columns) == ["smiles", "given", "parent", "form", "charge", "changes", "problem"]
    assert table.loc[DIPHENHYDRAMINE, "parent"].unique().tolist() == ["CN(C)CCOC(c1ccccc1)c1ccccc1"]
    assert table.loc[DIPHENHYDRAMINE, "form"].unique().tolist() == ["C[NH+](C)CCOC(c1ccccc1)c1ccccc1"]
    assert table.loc[DIPHENHYDRAMINE, "charge"].tolist() == [1] * 5
    run("standardize", str(SALTS), f"output={output}")
    table = pd.read_csv(output).set_index("name")
    assert table.loc[DIPHENHYDRAMINE, "charge"].tolist() == [0] * 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ph=15"], "ph=15: must be between 0 and 14"),
        (["ph=seven"], "ph: 'seven' is not a number"),
        (["standardize.dummies=cpa"], "did you mean 'cap'"),
        (["standardize.salts=no"], "standardize.salts: unknown key"),
        (["standardize=on"], "no such standardize"),
    ],
)
def test_wrong_settings_are_refused_in_a_line(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, ["standardize", str(SALTS), *arguments])
    assert result.exit_code == 1
    assert message in result.output


def test_benchmark_objectives_take_molecules_as_drawn_and_others_the_standard_form() -> None:
    for name in options("scoring"):
        assert ("standardizer" in group_node("scoring", name)) == name.startswith("pmo/"), name
    assert Scorer.from_config("drug_like").standardizer == STANDARD
    named = Standardizer(metals="cut")
    scorer = Scorer.from_config("pmo/qed")
    assert scorer.standardizer == AS_GIVEN
    assert standardizing(scorer, STANDARD) is scorer
    assert standardizing(scorer, named).standardizer == named
    assert scorer.rules().standardizer == AS_GIVEN


@pytest.mark.parametrize("command", ["score", "predict", "screen", "design", "explain", "serve", "train_predictor"])
def test_every_command_has_the_same_settings(command: str) -> None:
    assert to_plain(compose(command, []))["standardize"] == to_plain(compose("score", []))["standardize"]
    assert to_plain(compose(command, ["standardize=off"]))["standardize"]["parent"] is False


def test_novelty_and_starting_molecules_go_by_the_standard_form(tmp_path: Path) -> None:
    known = tmp_path / "known.smi"
    known.write_text("NCc1ccccc1.Cl\nC[C@H](N)c1ccccc1 |&1:1|\n")
    asked = Molecules(["NCc1ccccc1", "[NH3+]Cc1ccccc1", "C[C@@H](N)c1ccccc1", "CCN"], STANDARD)
    assert Novelty(str(known))(asked).tolist()[:2] == [0, 0]
    start = Campaign("unused", start=["NCc1ccccc1.Cl", "[NH3+]Cc1ccccc1", "C[C@@H](N)c1ccccc1 |&1:1|"]).start_smiles()
    assert start == ["NCc1ccccc1", "C[C@H](N)c1ccccc1 |&1:1|"]


def test_constraints_look_at_the_standard_form() -> None:
    constraints = Constraints(must_contain="[NX3;H2;!$(NC=O)]", forbid="Cl", lead="[NH3+]Cc1ccccc1.[Cl-]")
    assert constraints.leads == ["NCc1ccccc1"]
    [mol] = Molecules(["[NH3+]Cc1ccccc1.[Cl-]"]).mols
    assert constraints(mol)
    [attached] = Molecules(["NCc1ccccc1*"]).mols
    assert not constraints(attached)


def test_a_campaign_pays_once_for_a_drug_and_its_salts() -> None:
    scorer = Scorer({"qed": Term(QED())})
    oracle = Oracle(scorer, 5, scorer.standardizer)
    scores = oracle(["CCN.Cl", "CCN", "CC[NH3+]", "*C"])
    assert list(scores.smiles) == ["CCN", "CCN", "CCN", "*C"]
    assert oracle.used == 1
    assert Oracle(scorer, 5)(["CCN.Cl", "CCN"]).smiles == ["CCN.Cl", "CCN"]


def test_scores_carry_what_was_used_and_what_was_done() -> None:
    scores = Scorer({"qed": Term(QED())})(["CCN.Cl", "CCN", "C(C"])
    assert scores.standardized == ("CCN", "CCN", None)
    assert scores.changes == (("salt stripped: hydrogen chloride",), (), ())
    assert scores.total[0] == scores.total[1]
    columns = ["smiles", "score", "qed", "qed_scaled"]
    assert list(scores.to_pandas()) == [*columns, "standardized", "changes", "problem"]
    assert list(Scorer({"qed": Term(QED())})(["CCN"]).to_pandas()) == [*columns, "problem"]


def test_a_design_says_in_its_settings_what_it_does(tmp_path: Path) -> None:
    shown = run("design", "--show", "standardize.isotopes=drop")
    assert "isotopes: drop" in shown
    assert json.dumps("molgen.chem.standardize.Standardizer").strip('"') in shown
