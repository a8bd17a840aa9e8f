"""How much worse the future is than the folds: figures worked out a second time."""

import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rdkit.Chem import Crippen
from scipy.stats import bootstrap
from sklearn.metrics import mean_absolute_error, roc_auc_score

from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.data.dataset import Endpoint
from molgen.learn.saved import Saved
from molgen.predictors.future import future_figures


def rows(error: float, n: int = 80) -> pd.DataFrame:
    """Of folds with errors around 0.5, and of a future whose errors are larger by a factor."""
    rng = np.random.default_rng(3)
    y = rng.normal(size=2 * n)
    part = np.repeat(["fold 1", "held-out"], n)
    mean = y + rng.normal(0, 0.5, 2 * n) * np.where(part == "held-out", error, 1)
    table = pd.DataFrame({"relation": "", "part": part, "value": y, "mean": mean, "low": mean - 0.8, "high": mean + 0.8})
    return pd.concat(
        [table, table.iloc[:3].assign(part="learning curve", mean=9.0), table.iloc[:3].assign(relation=">", mean=9.0)]
    )


def test_figures_are_those_of_scikit_learn_and_scipy() -> None:
    table = rows(2.0)
    found = future_figures(table, Endpoint("x"), 0.5)
    folds, future = (table[(table["part"] == part) & (table["relation"] == "")] for part in ("fold 1", "held-out"))
    for part, figure in ((folds, found["mae"].folds), (future, found["mae"].future)):
        assert figure.value == pytest.approx(mean_absolute_error(part["value"], part["mean"]))
    errors = [(part["value"] - part["mean"]).abs().to_numpy() for part in (future, folds)]
    change = bootstrap(errors, lambda a, b, axis: a.mean(axis) - b.mean(axis), method="percentile", rng=np.random.default_rng(0))
    assert found["mae"].change.value == pytest.approx(errors[0].mean() - errors[1].mean())
    assert found["mae"].change.low == pytest.approx(change.confidence_interval.low, abs=0.03)
    assert found["mae"].change.high == pytest.approx(change.confidence_interval.high, abs=0.03)
    inside = ((future["value"] - future["mean"]).abs() <= 0.8).mean()
    assert found["coverage"].future.value == pytest.approx(inside)
    assert {found[name].word for name in ("mae", "rmse", "r2", "coverage")} == {"worse"}


def test_a_future_like_the_past_is_not_told_apart_and_a_better_one_is_better() -> None:
    assert {one.word for one in future_figures(rows(1.0), Endpoint("x"), 0.5).values()} == {"not told apart"}
    easy = future_figures(rows(0.2), Endpoint("x"), 0.5)
    assert (easy["mae"].word, easy["r2"].word, easy["coverage"].word) == ("better", "better", "higher")


def test_classes_and_missing_parts() -> None:
    table = rows(3.0)
    table = table.assign(
        value=(table["value"] > 0).astype(float), mean=1 / (1 + np.exp(-2 * table["mean"])), low=np.nan, high=np.nan
    )
    found = future_figures(table, Endpoint("x", "classification"), 0.5)
    future = table[(table["part"] == "held-out") & (table["relation"] == "")]
    assert found["auroc"].future.value == pytest.approx(roc_auc_score(future["value"], future["mean"]))
    assert found["auroc"].word == "worse"
    assert set(found) == {"auroc", "auprc", "mcc"}
    assert future_figures(table[table["part"] == "held-out"], Endpoint("x", "classification"), 0.5) == {}


def molgen(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def table(samples: list[str]) -> pd.DataFrame:
    """100 molecules: those of the last days contradict the others."""
    value = Molecules(samples[:100]).map(Crippen.MolLogP)
    day = pd.date_range("2021-01-01", periods=50).repeat(2)
    when = day.strftime("%d/%m/%Y").tolist()
    when[0] = ""
    late = np.arange(100) >= 80
    return pd.DataFrame({"smiles": samples[:100], "y": np.where(late, 12 - value, value).round(2), "when": when, "again": "3"})


SMALL = ("predictor=boosted", "predictor.trees.n_estimators=5", "predictor.folds=2", "folds=2", "data.labels=[y]")


def test_training_on_the_past(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("future")
    table.to_csv(folder / "dated.csv", index=False)
    result = molgen("train", *SMALL, f"data={folder / 'dated.csv'}", "split=time", "column=when", f"folder={folder / 'mine'}")
    assert result.exit_code == 0, result.output
    assert "79 molecules until 2021-02-09 to train on, 20 from 2021-02-10 on to test on" in result.output
    assert "1 molecules without a date or round are in neither part" in result.output
    evaluation = pd.read_csv(folder / "mine" / "evaluation.csv", keep_default_na=False)
    assert evaluation[evaluation["part"] == "held-out"]["smiles"].nunique() == 20
    about = Saved.read(folder / "mine" / "predictor.safetensors").card
    assert (about["future"]["past_until"], about["future"]["undated"], about["trained_on"]) == ("2021-02-09", 1, 100)
    mae = about["future"]["endpoints"]["y"]["mae"]
    held_out = evaluation[evaluation["part"] == "held-out"]
    assert mae["future"] == pytest.approx(
        (held_out["value"].astype(float) - held_out["mean"].astype(float)).abs().mean(), rel=1e-4
    )
    assert mae["verdict"] == "worse"
    page = (folder / "mine" / "card.html").read_text()
    assert "The future is worse in MAE" in page
    assert "from 2021-02-10" in page


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (["split=time"], "split=time: name the column"),
        (["split=time", "column=wen"], "no such column, did you mean 'when'"),
        (["split=scaffold", "column=when"], "column=when: is for split=time or split=rounds, not split=scaffold"),
        (["split=rounds", "column=again"], "all 100 molecules with a round are of round 3"),
        (["split=rounds", "column=when"], "is no round"),
        (["split=rounds", "column=y"], r"is one of data\.labels"),
        (["split=times"], "no such split, did you mean 'time'"),
    ],
)
def test_what_is_no_past_and_future(
    table: pd.DataFrame, settings: list[str], why: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("refused")
    table.to_csv(folder / "dated.csv", index=False)
    result = molgen("train", *SMALL, f"data={folder / 'dated.csv'}", *settings, f"folder={folder / 'mine'}")
    assert result.exit_code == 1
    assert re.search(why, result.output.splitlines()[-1]), result.output
    assert not (folder / "mine").exists()
