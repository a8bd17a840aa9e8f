import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from rdkit.Chem import Crippen

from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.data.readers import read_table
from molgen.scoring.scorer import Scorer
from tests.conftest import ASPIRIN


def molgen(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_help_explains_every_command_with_an_example() -> None:
    page = molgen("--help")
    assert page.exit_code == 0
    for name in main.commands:
        assert name in page.output
        if name != "data":
            assert f"molgen {name}" in molgen(name, "--help").output


def test_a_second_output_without_a_name_gets_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.csv").write_text("smiles\nCCO\nCCN\n")
    for name in ("two_scored.csv", "two_scored_2.csv", "two_scored_3.csv"):
        assert f"scores: {name}" in molgen("score", "two.csv", "scoring=drug_like").output
    assert len(list(tmp_path.glob("two_scored*.csv"))) == 3


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    result = molgen("desing")
    assert result.exit_code == 2
    assert "did you mean 'design'" in result.output


@pytest.mark.parametrize("suffix", ["csv", "tsv", "smi", "cxsmiles", "sdf", "sdf.gz", "parquet", "xlsx"])
def test_scores_files_of_every_format(tmp_path: Path, suffix: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out.{suffix}"
    source.write_text(f"name,smiles\na,{ASPIRIN}\nb,x(\n")
    result = molgen("score", source, "scoring=drug_like", f"output={target}")
    assert result.exit_code == 0, result.output
    assert "2 molecules, 1 invalid" in result.output
    assert read_table(target).columns["name"].tolist() == ["a", "b"]
    again = molgen("score", target, "scoring=drug_like", f"output={tmp_path / 'again.csv'}")
    assert "2 molecules, 1 invalid" in again.output


def test_the_file_that_is_read_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("smiles\nCCO\n")
    result = molgen("score", tmp_path / "a.csv", "scoring=drug_like", f"output={tmp_path / 'a.csv'}")
    assert result.exit_code == 1
    assert "a.csv: this is the file that is read; name another" in result.output
    assert (tmp_path / "a.csv").read_text() == "smiles\nCCO\n"


@pytest.mark.parametrize("suffix", ["csv", "cxsmiles", "sdf", "sdf.gz", "parquet", "xlsx"])
def test_what_passes_through_comes_out_to_the_letter(tmp_path: Path, suffix: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out.{suffix}"
    given = read_table("tests/cases/files/passthru.csv").columns.replace({"line1\nline2": "line1"})
    given.to_csv(source, index=False)
    result = molgen("score", source, "scoring=drug_like", f"output={target}")
    assert "score is score_2, problem is problem_2" in result.output
    found = read_table(target).columns
    assert found[list(given.columns)].to_dict("list") == given.to_dict("list")
    scores = Scorer.from_config("drug_like")(given["SMILES"].tolist()).total
    assert found["score_2"].astype(float).tolist() == pytest.approx(scores)


def test_no_value_is_written_beside_another_molecule(tmp_path: Path) -> None:
    drawn, written = tmp_path / "drawn.csv", tmp_path / "written.csv"
    settings = ["predictor=admet", "endpoints=[lipophilicity_astrazeneca]"]
    result = molgen("predict", "tests/cases/files/shift.sdf", *settings, f"output={drawn}")
    assert "6 molecules, 1 without a prediction" in result.output, result.output
    found = pd.read_csv(drawn)
    (tmp_path / "in.csv").write_text("\n".join(["smiles", *found["smiles"].dropna()]))
    molgen("predict", tmp_path / "in.csv", *settings, f"output={written}")
    assert found["name"].tolist() == ["benzamide", "Penta", "ibuprofen", "octane", "paracetamol", "diphenhydramine"]
    assert "Explicit valence for atom # 5 C, 5" in found["problem"][1]
    values = found["lipophilicity_astrazeneca"]
    assert values.isna().tolist() == [False, True, False, False, False, False]
    assert values.dropna().tolist() == pytest.approx(pd.read_csv(written)["lipophilicity_astrazeneca"].tolist())


def test_titles_tags_and_the_drawing_are_what_they_are(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    result = molgen("score", "tests/cases/files/smitag.sdf", "scoring=drug_like", f"output={output}")
    assert result.exit_code == 0, result.output
    first = read_table(output).columns.iloc[0]
    assert first["drawn_smiles"] == "CC(=O)Oc1ccccc1C(=O)O"
    assert first[["name", "smiles", "SMILES", "ID", "pIC50"]].tolist() == ["CPD-0", "CC", "CCO", "X0", "5.40"]
    assert read_table(output).structure == "drawn_smiles"


def test_what_is_guessed_is_said_and_can_be_named(tmp_path: Path) -> None:
    output = f"output={tmp_path / 'out.csv'}"
    guessed = molgen("score", "tests/cases/files/latin1.csv", "scoring=drug_like", output)
    assert "not UTF-8: encoding cp1252, guessed (table.encoding=NAME takes another)" in guessed.output
    (tmp_path / "in.txt").write_bytes("Смайлс~x\nCCO~1\n".encode("cp1251"))
    named = ["column=смайлс", "table.delimiter=~", "table.encoding=cp1251"]
    result = molgen("score", tmp_path / "in.txt", "scoring=drug_like", *named, output)
    assert "1 molecules, 0 invalid" in result.output, result.output
    wrong = molgen("score", tmp_path / "in.txt", "scoring=drug_like", "table.delimeter=~", output)
    assert "table.delimeter: unknown key, did you mean 'delimiter'?" in wrong.output


def test_screens_read_what_the_other_commands_read(tmp_path: Path) -> None:
    labelled = ["library=tests/cases/real/bool_label.csv", "label=hit", "batch=10", f"folder={tmp_path / 'hits'}"]
    result = molgen("screen", *labelled, "scoring=drug_like")
    assert "AUC 0.853" in result.output, result.output
    (tmp_path / "a.smi").write_text("CCCCCCCC\n")
    none = molgen("screen", f"library={tmp_path / 'a.smi'}", "scoring=drug_like", f"folder={tmp_path / 'none'}")
    assert "no molecule passed" in none.output, none.output


def test_a_design_starts_from_a_file_read_as_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id:What\n1:CCOc1ccccc1\n")
    settings = ["campaign.start=" + str(tmp_path / "a.csv"), "column=What", "table.delimiter=:"]
    shown = molgen("design", "--show", "scoring=drug_like", *settings)
    assert yaml.safe_load(shown.output)["campaign"]["start"] == ["CCOc1ccccc1"], shown.output
    refused = molgen("design", "--show", "scoring=drug_like", "table.delimiter=:")
    assert "name one with campaign.start=FILE or start=FILE" in refused.output


def test_scored_tables_keep_columns_and_rows(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"id,Structure\na,{ASPIRIN}\nb,x(\nc,CCO\n")
    molgen("score", source, "column=Structure", "scoring=drug_like", f"output={tmp_path / 'out.csv'}")
    table = pd.read_csv(tmp_path / "out.csv")
    assert table["id"].tolist() == ["a", "b", "c"]
    assert table["score"][1] == 0
    assert table["problem"][1].startswith("invalid")
    assert {"qed", "qed_scaled", "synthesis", "synthesis_scaled", "alerts"} <= set(table)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["score", "nowhere.csv"], "no such file"),
        (["score", "scoring=drug_like"], "name the file"),
        (["score", "{csv}", "scoring=druglike"], "did you mean 'drug_like'"),
        (["score", "{csv}", "column=Smile"], "no column 'Smile'"),
        (["score", "{csv}", "output=out.xyz"], "unknown file type"),
        (["score", "{binary}"], "can't be read"),
        (["score", "{empty}"], "empty"),
        (["sample", "model=nowhere.safetensors"], "No such file"),
        (["sample", "model=priro"], "did you mean 'prior'"),
        (["sample", "n=0"], "at least 1, not 0"),
        (["sample", "n=many"], "n: 'many' is not a whole number"),
        (["sample", "prompt=C[Zz]"], "doesn't know '[Zz]'"),
        (["train", "validation=-5"], "at least 1"),
        (["design", "search=gentic"], "did you mean 'genetic'"),
        (["design", "campaign.budget=0"], "at least 1"),
        (["design", "campaign.bugdet=10"], "did you mean 'budget'"),
        (["design", "search=screen"], "search.library.path: must be given"),
        (["design", "search=screen", "search.library.path=none.smi"], "no such file"),
        (["train", "data={empty}"], "empty"),
        (["train", "data={csv}"], "ten are the least"),
        (["data", "fetch", "zink250k"], "did you mean 'zinc250k'"),
        (["components", "simlarity"], "did you mean 'similarity'"),
        (["report", "nowhere"], "not a run folder"),
    ],
)
def test_bad_input_is_one_line_and_a_non_zero_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"csv": b"smiles\nCCO\n", "binary": bytes(range(256)), "empty": b""}
    for name, content in files.items():
        Path(f"{name}.csv").write_bytes(content)
    before = set(tmp_path.iterdir())
    result = molgen(*[part.format(**{name: f"{name}.csv" for name in files}) for part in arguments])
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert hint in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert set(tmp_path.iterdir()) == before


def test_sampling_writes_a_file_and_says_how_good_it_is(tmp_path: Path) -> None:
    result = molgen("sample", "n=50", "seed=1", f"output={tmp_path / 's.csv'}")
    assert result.exit_code == 0, result.output
    assert "% valid" in result.output
    assert len(pd.read_csv(tmp_path / "s.csv")) == 50


def test_walks_through_the_latent_space(tmp_path: Path) -> None:
    output = tmp_path / "walk.csv"
    vae = ["sample", "generator=graph_vae", f"output={output}"]
    phenetole, ends = "CCOc1ccccc1", ["CCOc1ccccc1", "CCNC(=O)c1ccncc1"]
    assert molgen(*vae, f"lead={phenetole}", "radius=0.01", "n=4", "seed=0").exit_code == 0
    assert pd.read_csv(output)["smiles"].tolist() == [phenetole] * 4
    assert molgen(*vae, f"between=[{','.join(ends)}]", "n=5").exit_code == 0
    line = pd.read_csv(output)["smiles"].tolist()
    assert [line[0], line[-1]] == ends
    assert molgen(*vae, f"lead={phenetole}", "prompt='*c1ccncc1'", "n=3").exit_code == 0
    assert all("n" in text for text in pd.read_csv(output)["smiles"])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["generator=transformer", "lead=CCO"], "graph_vae"),
        (["generator=graph_vae", "lead=CCO", "between=[CCO,CCN]"], "one of them"),
        (["generator=graph_vae", "between=[CCO]"], "two molecules"),
        (["generator=graph_vae", "lead=x("], "no molecule"),
        (["generator=graph_vae", "lead=CCO", "radius=0.0"], "radius: must be above 0"),
        (["generator=graph_gan", "prompt='*C'"], "graph_vae"),
    ],
)
def test_walks_that_lead_nowhere_are_refused_in_a_line(asked: list[str], message: str) -> None:
    result = molgen("sample", *asked)
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_training_goes_from_a_file_to_a_generator_that_samples(tmp_path: Path, smi_file: Path) -> None:
    """Then transfer learning from it, then resuming what is finished."""
    small = ["generator.width=32", "generator.layers=1", "generator.heads=2", "trainer.epochs=2", "trainer.warmup_steps=2"]
    first = molgen("train", f"data={smi_file}", f"folder={tmp_path / 'a'}", *small)
    assert first.exit_code == 0, first.output
    assert "epoch 2" in first.output
    assert "validity" in first.output
    generator = tmp_path / "a" / "generator.safetensors"
    transfer = molgen("train", f"init={generator}", f"data={smi_file}", f"folder={tmp_path / 'b'}", "trainer.epochs=1")
    assert transfer.exit_code == 0, transfer.output
    again = molgen("train", f"data={smi_file}", f"folder={tmp_path / 'a'}", *small)
    assert again.exit_code == 0, again.output
    sampled = molgen("sample", f"model={tmp_path / 'b' / 'generator.safetensors'}", "n=5", f"output={tmp_path / 's.csv'}")
    assert sampled.exit_code == 0, sampled.output


def test_design_shows_its_configuration_without_running() -> None:
    result = molgen("design", "--show", "search=genetic", "campaign.budget=77")
    assert result.exit_code == 0
    assert "budget: 77" in result.output
    assert "molgen.search.genetic.genetic.Genetic" in result.output


@pytest.fixture
def assay(tmp_path: Path, samples: list[str]) -> Path:
    """Eighty molecules with their logP, as a chemist would keep them."""
    path = tmp_path / "assay.csv"
    values = Molecules(samples[:80]).map(Crippen.MolLogP)
    pd.DataFrame({"id": range(80), "smiles": samples[:80], "logP": values}).to_csv(path, index=False)
    return path


def test_a_predictor_is_trained_on_a_file_then_predicts_explains_and_scores(tmp_path: Path, assay: Path) -> None:
    folder = tmp_path / "mine"
    small = ["predictor.trees.n_estimators=20", "predictor.folds=3", "folds=2"]
    result = molgen("train", "predictor=boosted", f"data={assay}", "data.labels=[logP]", f"folder={folder}", *small)
    assert result.exit_code == 0, result.output
    for part in (
        "80 rows",
        "test in training: 0 identical",
        "logP: cross-validation mae",
        "logP: held-out scaffold mae",
        "coverage",
    ):
        assert part in result.output
    card = json.loads((folder / "predictor.json").read_text())
    assert {"quality", "leakage", "cross_validation", "held_out", "settings"} <= set(card)
    model = folder / "predictor.safetensors"

    result = molgen("predict", assay, f"predictor={model}", f"output={tmp_path / 'out.csv'}")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "out.csv")
    assert {"id", "logP", "logP_std", "logP_low", "logP_high", "logP_in_domain", "problem"} <= set(table)

    result = molgen("explain", ASPIRIN, f"predictor={model}", f"output={tmp_path / 'why.svg'}")
    assert result.exit_code == 0, result.output
    assert "nearest training molecules, measured:" in result.output
    assert (tmp_path / "why.svg").read_text().startswith("<?xml")

    assert "base: the mean of" in result.output

    asked = tmp_path / "asked.csv"
    asked.write_text(f"id,smiles\n1,{ASPIRIN}\n2,x(\n3,[Na+].[O-]C(=O)c1ccccc1\n4,C\n5,{'C' * 301}\n6,{ASPIRIN}\n")
    result = molgen("explain", asked, f"predictor={model}", f"output={tmp_path / 'why.csv'}")
    assert result.exit_code == 0, result.output
    assert "molecule 2: invalid: not a SMILES" in result.output
    assert "molecule 5: a molecule of 301 atoms can't be explained" in result.output
    rows = pd.read_csv(tmp_path / "why.csv")
    assert rows["id"].tolist() == [1, 2, 3, 4, 5, 6]
    assert rows["problem"].notna().tolist() == [False, True, False, False, True, False]
    for row in rows[rows["problem"].isna()].itertuples():
        shares = [float(part.rsplit(" ", 1)[1]) for part in row.logP_contributions.split("; ")]
        assert row.logP_base + sum(shares) == pytest.approx(row.logP, abs=1e-4)
    parts = pd.read_csv(tmp_path / "why_substructures.csv").set_index(["substructure", "role"])
    assert parts.loc[("*C(=O)O", "part"), "molecules"] == 2  # aspirin once, and benzoic acid of its salt
    assert parts.loc[("*OC(C)=O", "part"), "molecules"] == 1
    page = (tmp_path / "why_substructures.html").read_text()
    assert "*C(=O)O" in page
    assert page.count("<svg") >= 4

    goal = tmp_path / "goal.yaml"
    component = {"_target_": "molgen.scoring.components.property.Property", "endpoint": "logP", "predictor": str(model)}
    transform = {"_target_": "molgen.scoring.transforms.Linear", "low": 5, "high": 0}
    term = {"_target_": "molgen.scoring.scorer.Term", "component": component, "transform": transform}
    goal.write_text(yaml.safe_dump({"_target_": "molgen.scoring.scorer.Scorer", "terms": {"logp": term}}))
    result = molgen("screen", f"library={assay}", f"scoring={goal}", "hits=3", f"folder={tmp_path / 'screen'}")
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(tmp_path / "screen" / "hits.csv")) == 3


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["predict", "nowhere.csv"], "no such file"),
        (["predict", "{csv}", "predictor=admt"], "did you mean 'admet'"),
        (["predict", "{csv}", "predictor=boosted"], "this is a recipe"),
        (["predict", "{csv}", "predictor=nowhere.safetensors"], "No such file"),
        (["predict", "{csv}", "endpoints=[hrg]"], "did you mean 'herg'"),
        (["predict", "{csv}", "target=ABL1"], "takes no protein"),
        (["predict", "{csv}", "predictor=affinity", "target=ABL9"], "did you mean 'ABL"),
        (["predict", "{csv}", "predictor=affinity"], "name a protein"),
        (["predict", "{csv}", "predictor=affinity", "target=ABL1(T334I)"], "ABL1 has E334, not T334"),
        (["predict", "{csv}", "predictor=affinity", "target=ABL1", "known={csv}"], "name it: label=COLUMN"),
        (["predict", "{csv}", "predictor=affinity", "target=ABL1", "label=pKd"], "known=, which isn't given"),
        (["predict", "{csv}", "known={csv}"], "goes with predictor=affinity alone"),
        (["explain", "x(", "endpoint=herg"], "not a SMILES"),
        (["explain", "CCO"], "endpoint: name one of"),
        (["explain", "nowhere.csv", "endpoint=herg"], "no such file"),
        (["explain", "{csv}", "endpoint=herg", "output=why.svg"], "why.svg"),
        (["explain", "{csv}", "endpoint=herg", "column=nothing"], "nothing"),
        (["explain", "CCO", "endpoint=herg", "output=why.gif"], ".svg or .png"),
        (["screen"], "library: name a file"),
        (["screen", "library=nowhere.smi"], "no such file"),
        (["screen", "library={csv}", "hits=0"], "at least 1, not 0"),
        (["train", "predictor=boosted", "data={csv}"], "no column of numbers"),
        (["train", "predictor=boosted", "data={csv}", "data.labels=[pIC50]"], "no label column"),
        (["train", "predictor=boosted", "data={csv}", "split=scafold"], "did you mean 'scaffold'"),
        (["train", "predictor=boosted", "data={csv}", "leakage=maybe"], "refuse or allow"),
        (["train", "predictor=boosted", "data={csv}", "folds=1"], "2 or more"),
        (["train", "predictor=pairs", "data={csv}"], "belongs to data=davis"),
    ],
)
def test_bad_input_to_predictors_is_one_line(
    tmp_path: Path, arguments: list[str], hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text(f"smiles\n{ASPIRIN}\n")
    if "split=scafold" in arguments:
        rows = "\n".join(f"{'C' * n},{n / 10}" for n in range(1, 20))
        (tmp_path / "in.csv").write_text(f"smiles,y\n{rows}\n")
    result = molgen(*[text.replace("{csv}", str(tmp_path / "in.csv")) for text in arguments])
    assert result.exit_code == 1, result.output
    assert hint in result.output
    assert len([line for line in result.output.splitlines() if line.startswith("molgen: ")]) == 1


def test_training_refuses_a_test_set_that_repeats_the_training_set(tmp_path: Path) -> None:
    """A random split puts enantiomers on both sides."""
    rows = [f"{'C' * n}[C@{sign}H](F)Cl,{n / 10}" for n in range(1, 25) for sign in ("", "@")]
    (tmp_path / "pairs.csv").write_text("smiles,y\n" + "\n".join(rows))
    settings = [
        "train",
        "predictor=boosted",
        f"data={tmp_path / 'pairs.csv'}",
        "split=random",
        "folds=0",
        f"folder={tmp_path / 'out'}",
    ]
    refused = molgen(*settings)
    assert refused.exit_code == 1
    assert "leakage=allow" in refused.output
    assert not (tmp_path / "out").exists()
    allowed = molgen(*settings, "leakage=allow", "predictor.trees.n_estimators=5", "predictor.folds=2")
    assert allowed.exit_code == 0, allowed.output


def test_endpoints_and_targets_are_listed() -> None:
    assert "blocks the hERG potassium channel" in molgen("components", "property").output
    names = molgen("data", "targets").output.splitlines()
    assert {"ABL1", "ABL1(T315I)", "P00533"} <= set(names)


def test_the_report_explains_what_was_predicted(tmp_path: Path) -> None:
    run = tmp_path / "run"
    settings = ["scoring=abl1_t315i", "search=genetic", "campaign.budget=20", f"campaign.folder={run}", "seed=1"]
    result = molgen("design", *settings)
    assert result.exit_code == 0, result.output
    assert "Why the predictors say so" in (run / "report.html").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "in.csv", "scoring=drug_like"],
        ["predict", "in.csv", "predictor=pka"],
        ["explain", "CCO"],
        ["sample", "n=3"],
        ["train", "generator=recurrent"],
        ["train", "predictor=boosted", "data=admet/herg"],
        ["screen", "library=fda_approved"],
        ["standardize", "in.csv"],
        ["receptor", "1iep.pdb"],
        ["serve", "scoring=drug_like"],
        ["benchmark", "distribution"],
        ["design"],
    ],
)
def test_every_command_shows_its_settings_and_does_nothing(arguments: list[str], tmp_path: Path) -> None:
    with CliRunner().isolated_filesystem(tmp_path) as folder:
        done = CliRunner().invoke(main, [*arguments, "--show"])
        assert not list(Path(folder).iterdir())
    assert done.exit_code == 0, done.output
    assert isinstance(yaml.safe_load(done.output), dict)


def test_a_setting_that_is_shown_is_checked() -> None:
    done = CliRunner().invoke(main, ["score", "in.csv", "scoring=drug_like", "scoring.terms.qed.wieght=2", "--show"])
    assert done.exit_code == 1
    assert "did you mean 'weight'" in done.output


def test_a_public_set_is_a_library_for_every_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is read by its name wherever a file may stand; of what is none, the reason is said."""
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    Path("davis").touch()
    for name, reason in (("davis", "name the file ./davis"), ("kiba", "pairs of molecules and proteins")):
        for command in (["standardize", name], ["predict", name, "predictor=pka"], ["screen", f"library={name}"]):
            done = CliRunner().invoke(main, command)
            assert done.exit_code == 1
            assert reason in done.output
