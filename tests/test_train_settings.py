"""Settings of a training, and where its files go, are checked before it begins; explanations of unusual molecules."""

import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from molgen.cli.commands import main


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [f"{'C' * i}O,{i}" for i in range(1, 25)]
    (tmp_path / "table.csv").write_text("\n".join(["smiles,y", *rows]))
    return tmp_path / "table.csv"


def molgen(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("predictor.trees.n_estimators=0", "predictor.trees.n_estimators: must be between 1 and 100000, not 0"),
        ("predictor.trees.n_estimators=41931846205419816", "predictor.trees.n_estimators: must be between 1 and 100000"),
        ("predictor.trees.learning_rate=0", "predictor.trees.learning_rate: must be above 0"),
        ("predictor.trees.learning_rate=nan", "predictor.trees.learning_rate: nan is not a number"),
        ("predictor.trees.colsample_bytree=2", "must be above 0 and at most 1"),
        ("predictor.trees.objective=l3", "must be one of l1, l2"),
        ("predictor.machine.C=-1", "predictor.machine.C: must be above 0, not -1"),
        ("predictor.machine.gamma=nan", "predictor.machine.gamma: nan is not a number"),
        ("predictor.folds=0", "must be 2 or more"),
        ("folds=1", "must be 2 or more"),
        ("folds=1000", "there are only 24 molecules"),
        ("test=0", "must be between 0 and 1"),
        ("split=sideways", "no such split"),
        ("predictor=graph_network predictor.members=0", "predictor.members: must be between 2 and 1000, not 0"),
        ("predictor=graph_network predictor.batch=0", "predictor.batch: must be at least 1"),
        ("predictor=graph_network predictor.trainer.epochs=0", "trainer.epochs: must be at least 1"),
        ("predictor=graph_network predictor.trainer.lr=nan", "trainer.lr: nan is not a number"),
        ("predictor=deepchem predictor.epochs=0", "predictor.epochs: must be at least 1"),
    ],
)
def test_a_wrong_setting_is_found_before_cross_validation(setting: str, said: str, table: Path, tmp_path: Path) -> None:
    own = [] if "predictor=" in setting else ["predictor=boosted"]
    folder = tmp_path / "out"
    found = molgen("train", *own, *setting.split(), f"data={table}", "data.labels=[y]", f"folder={folder}", "leakage=allow")
    assert found.exit_code == 1
    assert said in found.output
    assert "cross-validating" not in found.output
    assert not folder.exists()


@pytest.mark.parametrize("what", ["a file above", "a folder in place"])
def test_a_place_that_cannot_be_written_is_found_before_training(what: str, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    if what == "a file above":
        folder.write_text("mine")
    else:
        (folder / "predictor.safetensors").mkdir(parents=True)
        (folder / "generator.safetensors").mkdir()
    found = molgen("train", "predictor=boosted", f"data={table}", "data.labels=[y]", f"folder={folder}")
    assert (found.exit_code, found.output.count("\n")) == (1, 1)
    assert str(folder) in found.output
    (tmp_path / "texts.smi").write_text("CCO\nCCN\n")
    found = molgen("train", f"data={tmp_path / 'texts.smi'}", f"folder={folder}", "validation=1")
    assert (found.exit_code, found.output.count("\n")) == (1, 1)
    assert str(folder) in found.output


@pytest.mark.parametrize(
    "setting", ["trainer.lr=0", "trainer.epochs=-1", "generator.width=30", "generator.augment=2", "trainer.lr=nan"]
)
def test_a_wrong_setting_of_a_generator_is_found_before_training(setting: str, tmp_path: Path) -> None:
    (tmp_path / "texts.smi").write_text("CCO\nCCN\n")
    folder = tmp_path / "out"
    found = molgen("train", f"data={tmp_path / 'texts.smi'}", setting, "generator.heads=4", f"folder={folder}")
    assert found.exit_code == 1
    assert setting.partition("=")[0].rpartition(".")[2] in found.output
    assert not folder.exists()


@pytest.mark.parametrize("smiles", ["C", "[Na+]", "CCO", "C1CC1", "[H][H]"])
def test_small_molecules_and_those_without_rings_are_explained(smiles: str, tmp_path: Path) -> None:
    found = molgen("explain", smiles, "predictor=pka", "endpoint=pka_acid", f"output={tmp_path / 'x.svg'}")
    assert found.exit_code == 0, found.output
    assert "</svg>" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["C" * 3000 + "O", "predictor=admet", "endpoint=ames"],
        ["C" * 3000 + "O", "predictor=pka", "endpoint=charge"],
        ["xx"],
        [""],
        ["C", "output=x.pdf"],
        ["C", "output=/dev/null/x.svg"],
        ["C", "neighbours=-1"],
    ],
)
def test_what_cannot_be_explained_is_one_line(arguments: list[str], tmp_path: Path) -> None:
    output = f"output={tmp_path / 'x.svg'}"
    began = time.monotonic()
    found = molgen("explain", arguments[0], output, "predictor=pka", "endpoint=pka_base", *arguments[1:])
    assert time.monotonic() - began < 60
    assert found.exit_code == 1
    assert found.output.count("\n") == 1
    assert len(found.output) < 300
    assert not (tmp_path / "x.svg").exists()
