from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from molgen.cli import main
from molgen.scoring.component import find_components
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


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    result = molgen("desing")
    assert result.exit_code == 2
    assert "did you mean 'design'" in result.output


@pytest.mark.parametrize("suffix", ["csv", "smi", "sdf", "parquet"])
def test_scores_files_of_every_format(tmp_path: Path, suffix: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out.{suffix}"
    source.write_text(f"id,smiles\na,{ASPIRIN}\nb,x(\n")
    result = molgen("score", source, "scoring=drug_like", f"output={target}")
    assert result.exit_code == 0, result.output
    assert "1 invalid" in result.output
    again = molgen("score", target, "scoring=drug_like", f"output={tmp_path / 'again.csv'}")
    assert again.exit_code == 0, again.output


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
        (["sample", "n=0"], "positive"),
        (["sample", "n=many"], "n: 'many' is not a int"),
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


def test_components_are_listed_and_their_examples_work() -> None:
    listing = molgen("components").output
    for target in find_components():
        name = target.rpartition(".")[2].lower()
        assert name in listing
        page = molgen("components", name)
        assert page.exit_code == 0
        assert f"_target_: {target}" in page.output


def test_training_goes_from_a_file_to_a_generator_that_samples(tmp_path: Path, smi_file: Path) -> None:
    """Then transfer learning from it, then resuming what is finished."""
    small = ["generator.width=32", "generator.layers=1", "generator.heads=2", "trainer.epochs=2", "trainer.warmup_steps=2"]
    first = molgen("train", f"data={smi_file}", f"trainer.folder={tmp_path / 'a'}", *small)
    assert first.exit_code == 0, first.output
    assert "epoch 2" in first.output
    assert "validity" in first.output
    generator = tmp_path / "a" / "generator.safetensors"
    transfer = molgen("train", f"init={generator}", f"data={smi_file}", f"trainer.folder={tmp_path / 'b'}", "trainer.epochs=1")
    assert transfer.exit_code == 0, transfer.output
    again = molgen("train", f"data={smi_file}", f"trainer.folder={tmp_path / 'a'}", *small)
    assert again.exit_code == 0, again.output
    sampled = molgen("sample", f"model={tmp_path / 'b' / 'generator.safetensors'}", "n=5", f"output={tmp_path / 's.csv'}")
    assert sampled.exit_code == 0, sampled.output


def test_design_shows_its_configuration_without_running() -> None:
    result = molgen("design", "--show", "search=genetic", "campaign.budget=77")
    assert result.exit_code == 0
    assert "budget: 77" in result.output
    assert "molgen.search.strategies.genetic.Genetic" in result.output
