"""How scripts make the predictors that ship: what they learn from, figures, endpoints joined, killed trainings."""

import json
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest
from rdkit.Chem.Scaffolds import MurckoScaffold
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

from molgen.config import compose_group
from molgen.data.catalog import PublicSet
from molgen.data.dataset import Dataset, Endpoint
from molgen.predictors.base import as_molecules
from molgen.predictors.boosted import Boosted
from scripts import bundles
from scripts.bundles import folds_of, joined, trained
from scripts.held_out_figures import class_figures, line_of, number_figures
from scripts.wanted import Wanted, is_organic


def _small() -> Boosted:
    predictor: Boosted = compose_group("predictor", "boosted", ["predictor.trees.n_estimators=5"])
    return predictor


@pytest.fixture(scope="module")
def parts(samples: list[str]) -> list[tuple[Dataset, Boosted]]:
    """Two endpoints of the same molecules, of which the second has fewer values."""
    molecules, rng = as_molecules(samples[:60]), np.random.default_rng(0)
    labels = np.where(np.arange(60)[:, None] < [[60, 45]], rng.normal(6, 1, (60, 2)), np.nan)
    tables = [Dataset(molecules, labels[:, [j]], (Endpoint(name),)) for j, name in enumerate(("a", "b"))]
    found = []
    for table in tables:
        predictor = _small()
        predictor.fit(table)
        found.append((table, predictor))
    return found


def test_predictors_of_one_endpoint_each_are_joined(parts: list[tuple[Dataset, Boosted]], samples: list[str]) -> None:
    """Each endpoint has what its own predictor says, and molecules of the others don't count as measured."""
    whole, asked = joined([part for _, part in parts]), samples[60:70]
    both = whole.predict(asked)
    for j, (_, part) in enumerate(parts):
        alone = part.predict(asked)
        for values, expected in [(both.mean, alone.mean), (both.low, alone.low), (both.high, alone.high)]:
            np.testing.assert_allclose(values[:, j], expected[:, 0], equal_nan=True)
    assert [len(whole.measured(name)[0]) for name in ("a", "b")] == [60, 45]


def test_predictors_of_other_molecules_are_not_joined(parts: list[tuple[Dataset, Boosted]]) -> None:
    other = _small()
    other.fit(parts[0][0].take(range(50)))
    with pytest.raises(click.ClickException, match="can't be joined"):
        joined([parts[0][1], other])


def test_a_killed_training_goes_on_after_what_is_done(
    parts: list[tuple[Dataset, Boosted]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, predictor = parts[0]
    asked = []

    def train(table: Dataset) -> tuple[Boosted, dict[str, float]]:
        asked.append(table)
        return predictor, {"mae": 0.5}

    monkeypatch.setattr(bundles, "TRAIN", tmp_path)
    monkeypatch.setattr(bundles, "train", train)
    monkeypatch.setattr(bundles, "compose_group", lambda *_: _small())
    assert trained("mine", table)[1] == trained("mine", table)[1] == {"mae": 0.5}
    assert len(asked) == 1
    trained("mine", Dataset(table.molecules, table.labels + 1, table.endpoints))
    assert len(asked) == 2


def test_molecules_of_a_scaffold_are_in_one_fold(parts: list[tuple[Dataset, Boosted]]) -> None:
    table = parts[1][0]
    fold, known = folds_of(table), ~np.isnan(table.labels[:, 0])
    scaffolds: dict[str, set[int]] = {}
    for mol, k in zip(np.array(table.molecules.mols, object)[known], fold[known].tolist(), strict=True):
        scaffolds.setdefault(MurckoScaffold.MurckoScaffoldSmiles(mol=mol), set()).add(k)
    assert set(fold.tolist()) == set(range(5))
    assert all(len(numbers) == 1 for numbers in scaffolds.values())


@pytest.mark.parametrize(
    ("smiles", "organic"),
    [
        ("CCO", True),
        ("CC(=O)[O-].[Na+]", True),
        ("not a molecule", True),
        ("[K+].[I-]", False),
        ("O=[N+]([O-])[O-].[Ag+]", False),
        ("CC(=O)O[Hg]c1ccccc1", False),
        ("CCN(CC)C(=S)[S-].[Zn+2]", False),
    ],
)
def test_what_metals_do_is_not_learnt_as_what_their_organic_part_does(smiles: str, organic: bool) -> None:
    assert is_organic(smiles) == organic


def test_a_data_set_is_read_once_for_its_endpoints_and_every_row_has_a_fate(
    monkeypatch: pytest.MonkeyPatch, samples: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten molecules stay: the silver salt goes, the sodium salt and the acid are one compound, one is contradicted in both."""
    smiles = [*samples[:10], "[Ag+].CC(=O)[O-]", "CCCC(=O)O", "CCCC(=O)[O-].[Na+]", "C1CC", "CCCN", "CCC[NH3+].[Cl-]"]
    first = [0, 1] * 5 + [1, 1, 1, 0, 0, 1]
    second = [np.nan, 1] * 5 + [0, 0, 0, 0, 1, 0]
    table = pd.DataFrame({"smiles": smiles, "A": first, "B": second})
    monkeypatch.setattr(PublicSet, "table", lambda _: table)
    ends = tuple(Endpoint(name.lower(), "classification", column=name) for name in "AB")
    known, fates = Wanted("moleculenet/tox21", ends, organic=True).read()
    assert fates == {
        "rows": 16,
        "inorganic": 1,
        "unreadable": 1,
        "merged": 2,
        "contradicted": 1,
        "molecules": 11,
    }
    assert "1 inorganic" in capsys.readouterr().out
    acid = known.molecules.smiles.index("CCCC(=O)O")
    assert known.labels[acid].tolist() == [1, 0]
    assert int((~np.isnan(known.labels)).sum(0)[1]) == 6


def test_figures_of_classes_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 0.6, 400)
    y = (rng.uniform(size=400) < p).astype(float)
    sets = np.select([p > 0.5, p > 0.2], ["1", "0|1"], "0").tolist()
    found = class_figures(y, p, sets)
    assert found["share of class 1"] == pytest.approx(y.mean())
    assert found["auroc"] == pytest.approx(roc_auc_score(y, p))
    assert found["auprc"] == pytest.approx(average_precision_score(y, p))
    assert found["auroc interval"][0] < found["auroc"] < found["auroc interval"][1]
    assert found["sets_with_0"] == pytest.approx((p <= 0.5)[y == 0].mean())
    assert found["sets_with_1"] == pytest.approx((p > 0.2)[y == 1].mean())
    assert found["undecided"] == pytest.approx(((p > 0.2) & (p <= 0.5)).mean())
    assert found["calibration error"] < 3 * found["if perfect"]
    assert class_figures(y, np.minimum(1, p + 0.3), sets)["calibration error"] == pytest.approx(0.3, abs=0.06)


def test_figures_of_numbers_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(6, 1, 300)
    mean = y + rng.normal(0, 0.5, 300)
    low, high = mean - 0.8, mean + 0.8
    low[0] = high[0] = np.nan
    found = number_figures(y, mean, low, high)
    assert found["r2"] == pytest.approx(r2_score(y, mean))
    assert found["mae"] == pytest.approx(np.abs(y - mean).mean())
    assert found["coverage"] == pytest.approx((np.abs(y - mean)[1:] <= 0.8).mean())


def test_a_line_of_a_page_says_what_kind_of_endpoint_it_is() -> None:
    row = {"endpoint": "a", "data": "d", "molecules": 1234, "in domain": 0.9}
    numbers = {"mae": 0.5, "mae interval": [0.4, 0.6], "mae of the median": 1, "r2": 0.5, "spearman": 0.7, "coverage": 0.91}
    assert line_of(row | numbers) == "| a | `d` | 1,234 | 0.50 (0.40 to 0.60) | 1.00 | 0.50 | 0.70 | 0.910 | 0.900 |"
    y, p = np.array([0.0, 1.0] * 20), np.tile([0.2, 0.8], 20)
    classes = class_figures(y, p, ["0", "1"] * 20)
    assert line_of(row | classes).startswith("| a | `d` | 1,234 | 0.500 | 1.00 (1.00 to 1.00) | 1.00 (1.00 to 1.00) | 0.200 | ")


def test_an_endpoint_of_classes_is_measured_on_held_out_scaffolds(
    samples: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether there is a bromine or fluorine, which features tell: found in nearly all, and the results outlive a restart."""
    molecules = as_molecules(samples[:150])
    halogen = np.array([any(a.GetSymbol() in ("F", "Br", "Cl") for a in mol.GetAtoms()) for mol in molecules.mols], float)
    table = Dataset(molecules, halogen[:, None], (Endpoint("halogen", "classification"),))
    monkeypatch.setattr(bundles, "TRAIN", tmp_path)
    monkeypatch.setattr(bundles, "compose_group", lambda *_: _small())
    predictor, found = trained("mine", table)
    assert found["auroc"] > 0.8
    assert found["share of class 1"] == pytest.approx(halogen.mean())
    assert json.loads((tmp_path / "mine" / "halogen.figures.json").read_text()) == found
    assert predictor.endpoints[0].one_from is not None
