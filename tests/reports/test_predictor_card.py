"""The card of a predictor: its figures worked out a second time, and what it says of poor data and of old folders."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rdkit import Chem, DataStructs
from rdkit.Chem import Crippen, rdFingerprintGenerator, rdMolDescriptors
from scipy.stats import spearmanr
from sklearn import metrics

from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.data.dataset import Endpoint
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.reports.predictor_card import bins
from molgen.reports.predictor_card.cliffs import activity_cliffs
from molgen.reports.predictor_card.endpoint_section import errors_out_of_view
from molgen.reports.predictor_card.misses import worst_misses
from molgen.reports.texts import number

ECFP4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
SMALL = ("predictor=boosted", "predictor.trees.n_estimators=5", "predictor.folds=2", "split=random", "leakage=allow")


def molgen(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def assay(samples: list[str]) -> pd.DataFrame:
    """120 molecules: pIC50 (every tenth a bound, three measured twice) and a class."""
    molecules = Molecules(samples[:120])
    values = (5 + molecules.map(Crippen.MolLogP) / 2).round(2)
    polar = np.where(molecules.map(rdMolDescriptors.CalcTPSA) > 70, "active", "inactive")
    cells = [f">{value}" if i % 10 == 0 else f"{value}" for i, value in enumerate(values)]
    table = pd.DataFrame({"smiles": samples[:120], "pIC50": cells, "polar": polar})
    again = table.iloc[1:4].assign(pIC50=[f"{value + 0.1:.2f}" for value in values[1:4]])
    return pd.concat([table, again, pd.DataFrame({"smiles": ["C1CC("], "pIC50": ["5"], "polar": ["active"]})])


@pytest.fixture(scope="module")
def folder(assay: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A predictor of both, cross-validated, with a learning curve."""
    folder = tmp_path_factory.mktemp("cards")
    assay.to_csv(folder / "assay.csv", index=False)
    settings = [*SMALL, f"data={folder / 'assay.csv'}", "data.labels=[pIC50,polar]", "data.censored=bound", "folds=3"]
    result = molgen("train", *settings, "learning_curve=true", "threshold=0.4", f"folder={folder / 'mine'}")
    assert result.exit_code == 0, result.output
    assert f"card: {folder / 'mine' / 'card.html'}" in result.output
    return folder / "mine"


@pytest.fixture(scope="module")
def table(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "evaluation.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "card.html").read_text()


def section(page: str, name: str) -> str:
    """What a page says of an endpoint."""
    return next(part for part in page.split("<section")[1:] if f"<h2>{name}" in part).partition("</section>")[0]


def test_every_molecule_is_tested_once_by_what_has_not_learnt_from_it(table: pd.DataFrame, assay: pd.DataFrame) -> None:
    for name, own in table[table["part"] != "learning curve"].groupby("endpoint"):
        assert len(own) == own["smiles"].nunique() == 120, name
        exact = own[own["relation"] == ""]
        kept = exact[exact["part"] != "held-out"]
        for part, rows in exact.groupby("part"):
            others = kept[kept["part"] != part]
            assert rows["trained_on"].astype(float).unique() == [len(others)]
            np.testing.assert_allclose(rows["guess_mean"].astype(float), others["value"].mean(), atol=1e-5)
    bounds = table[(table["relation"] == ">") & (table["part"] != "learning curve")]
    assert len(bounds) == 12
    assert set(bounds["endpoint"]) == {"pIC50"}
    repeated = table[(table["endpoint"] == "pIC50") & (table["smiles"] == assay["smiles"].iloc[1])]
    assert float(repeated["value"].iloc[0]) == pytest.approx(float(assay["pIC50"].iloc[1]) + 0.05)  # the median of two


def test_the_nearest_guess_is_that_of_rdkit(table: pd.DataFrame) -> None:
    exact = table[(table["endpoint"] == "pIC50") & (table["relation"] == "") & (table["part"] != "learning curve")]
    prints = {text: ECFP4.GetFingerprint(Chem.MolFromSmiles(text)) for text in exact["smiles"]}
    value = dict(zip(exact["smiles"], exact["value"], strict=True))
    for row in exact.to_dict("records"):
        learnt = exact.loc[~exact["part"].isin((row["part"], "held-out")), "smiles"].tolist()
        likeness = DataStructs.BulkTanimotoSimilarity(prints[row["smiles"]], [prints[text] for text in learnt])
        assert float(row["similarity"]) == pytest.approx(max(likeness), abs=1e-5)
        assert row["nearest"] in [text for text, each in zip(learnt, likeness, strict=True) if each >= max(likeness) - 1e-6]
        assert float(row["guess_nearest"]) == pytest.approx(value[row["nearest"]])


def test_the_figures_are_those_of_scikit_learn(table: pd.DataFrame, page: str) -> None:
    for part in ("fold", "held-out"):
        rows = table[(table["relation"] == "") & table["part"].str.startswith(part)]
        numbers, classes = (rows[rows["endpoint"] == name] for name in ("pIC50", "polar"))
        y, p = (numbers[name].astype(float) for name in ("value", "mean"))
        wanted = [number(metrics.mean_absolute_error(y, p)), number(metrics.root_mean_squared_error(y, p))]
        wanted += [f"{metrics.r2_score(y, p):.3f}", f"{spearmanr(y, p).statistic:.3f}"]
        wanted += [number(metrics.mean_absolute_error(y, numbers[f"guess_{kind}"].astype(float))) for kind in ("nearest", "mean")]
        for text in wanted:
            assert f"<b>{text}</b>" in section(page, "pIC50")
        y, p = (classes[name].astype(float) for name in ("value", "mean"))
        wanted = [metrics.roc_auc_score(y, p), metrics.average_precision_score(y, p), metrics.matthews_corrcoef(y, p >= 0.4)]
        for value in wanted:
            assert f"<b>{value:.3f}</b>" in section(page, "polar")
    assert "MCC at 0.4" in section(page, "polar")


class Outline(HTMLParser):
    """Headings, pictures without words, and what is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.silent: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))
        if tag == "svg" and not (known.get("role") == "img" and known.get("aria-label")):
            self.silent.append(str(attrs))
        links = [str(value) for key, value in attrs if key in ("src", "href")]
        self.fetched += [link for link in links if not link.startswith(("#", "data:"))]


def test_the_page_is_one_file_with_words_for_its_pictures(page: str) -> None:
    outline = Outline()
    outline.feed(page)
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert outline.silent == []
    assert outline.fetched == []
    assert "prefers-color-scheme: dark" in page
    for part in (
        "Predicted against measured",
        "Error against similarity",
        "Calibration",
        "Learning curve",
        "Worst misses",
        "Activity cliffs",
    ):
        assert f">{part}" in section(page, "pIC50")
    assert ">Reliability" in section(page, "polar")
    for part in (
        "structure that can&#39;t be read",
        "merged with other rows",
        "kept as bounds",
        "-log10(mol/L)",
        "standard deviation",
    ):
        assert part in page
    assert "12 values are known only as bounds" in section(page, "pIC50")


def test_the_card_is_written_again_at_another_threshold(folder: Path, page: str, tmp_path: Path) -> None:
    same = molgen("card", folder, f"output={tmp_path / 'same.html'}")
    assert same.exit_code == 0, same.output
    assert (tmp_path / "same.html").read_text() == page
    assert molgen("card", folder, "threshold=0.9", f"output={tmp_path / 'strict.html'}").exit_code == 0
    assert "MCC at 0.9" in (tmp_path / "strict.html").read_text()
    assert "threshold: must be between 0 and 1, not 2" in molgen("card", folder, "threshold=2").output
    assert "no predictor.safetensors in this folder" in molgen("card", tmp_path).output


def test_a_folder_of_an_older_version_says_what_is_missing(folder: Path, tmp_path: Path) -> None:
    tensors, card = load_tensors(folder / "predictor.safetensors")
    for key in ("evaluation", "threshold", "version", "test", "folds", "folds_keep_together"):
        card.pop(key)
    save_tensors(tmp_path / "predictor.safetensors", tensors, card)
    result = molgen("card", tmp_path)
    assert result.exit_code == 0, result.output
    assert "not on the card: Figures with intervals" in result.output
    text = (tmp_path / "card.html").read_text()
    assert "What this card can't say" in text
    assert "cross-validation: mae" in text
    assert "What was done to the data" in text
    bare = {key: card[key] for key in ("class", "format", "settings", "endpoints", "models")}
    save_tensors(tmp_path / "predictor.safetensors", tensors, bare)
    assert "What was done to the data: trained by an older version" in molgen("card", tmp_path).output


def test_a_table_that_was_changed_makes_no_card(folder: Path, tmp_path: Path) -> None:
    for name in ("predictor.safetensors", "evaluation.csv"):
        shutil.copy(folder / name, tmp_path / name)
    with (tmp_path / "evaluation.csv").open("a") as file:
        file.write("CCO,pIC50,held-out,,5\n")
    result = molgen("card", tmp_path)
    assert result.exit_code == 1
    assert "not as it was written when predictor.safetensors was trained" in result.output
    assert not (tmp_path / "card.html").exists()
    (tmp_path / "evaluation.csv").unlink()
    assert "evaluation.csv isn't beside predictor.safetensors" in molgen("card", tmp_path).output


def test_ten_molecules_have_a_card_without_intervals(assay: pd.DataFrame, tmp_path: Path) -> None:
    assay.iloc[4:15].drop(index=10).to_csv(tmp_path / "ten.csv", index=False)
    settings = [*SMALL, f"data={tmp_path / 'ten.csv'}", "data.labels=[pIC50]", "folds=0", f"folder={tmp_path / 'ten'}"]
    result = molgen("train", *settings)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "ten" / "card.html").read_text()
    assert "Too few molecules to tell the predictor from the guesses" in text
    assert "There are no finite intervals" in text
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL).lower()


@pytest.mark.parametrize("column", ["pIC50", "polar"])
def test_equal_values_and_one_class_teach_nothing(assay: pd.DataFrame, tmp_path: Path, column: str) -> None:
    assay.head(40).assign(**{column: "5.0" if column == "pIC50" else "active"}).to_csv(tmp_path / "a.csv", index=False)
    result = molgen("train", *SMALL, f"data={tmp_path / 'a.csv'}", f"data.labels=[{column}]", f"folder={tmp_path / 'none'}")
    assert result.exit_code == 1
    assert "there is nothing to learn" in result.output
    assert not (tmp_path / "none").exists()


PENICILLIN = "CC1(C)SC2C(NC(=O)Cc3ccccc3)C(=O)N2C1C(=O)O"


def measured(values: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"smiles": list(values), "value": list(values.values()), "relation": ""})


def test_cliffs_are_similar_pairs_a_hundredfold_apart() -> None:
    values = {"Cc1ccccc1CCNC": 5.0, "Cc1ccccc1CCNCC": 7.5, "Cc1ccccc1CCNCCC": 7.4, PENICILLIN: 9.0}
    found = activity_cliffs(measured(values), Endpoint("pKi", unit="-log10(mol/L)"))
    mols = [Chem.MolFromSmiles(text) for text in values]
    prints, pki = [ECFP4.GetFingerprint(mol) for mol in mols], list(values.values())
    expected = {
        (i, j)
        for i in range(4)
        for j in range(i + 1, 4)
        if DataStructs.TanimotoSimilarity(prints[i], prints[j]) >= 0.55 and abs(pki[i] - pki[j]) >= 2
    }
    assert expected
    assert found.number == len(expected)
    assert found.pairs[0].measured[0] == 5.0
    assert found.pairs[0].first == "Cc1ccccc1CCNC"
    assert not activity_cliffs(measured(dict.fromkeys(values, 5.0)), Endpoint("x")).pairs
    assert not activity_cliffs(measured({}), Endpoint("x")).pairs


def test_stereoisomers_can_be_a_cliff_and_classes_too() -> None:
    both = {"C[C@H](N)c1ccccc1": 0.0, "C[C@@H](N)c1ccccc1": 1.0}
    found = activity_cliffs(measured(both), Endpoint("active", "classification"))
    assert (found.number, found.molecules) == (1, 2)
    assert found.pairs[0].similarity == pytest.approx(1)
    assert found.pairs[0].change == "stereochemistry"


def rows(y: list[float], p: list[float], half: float = 1.0) -> pd.DataFrame:
    mean = np.array(p)
    columns = {"value": y, "mean": mean, "std": half / 1.6449, "low": mean - half, "high": mean + half, "smiles": "C"}
    return pd.DataFrame(columns | {"nearest": "C", "guess_nearest": 0.0, "similarity": 0.5, "in_domain": True, "part": "fold 1"})


def test_coverage_is_judged_by_the_binomial_test() -> None:
    error = [0.5] * 90 + [3.0] * 10
    assert "90 of 100 measured values (90 %" in bins.coverage_line(rows([0.0] * 100, error))
    assert "as many as promised" in bins.coverage_line(rows([0.0] * 100, error))
    assert "fewer than promised" in bins.coverage_line(rows([0.0] * 100, [0.5] * 80 + [3.0] * 20))
    assert "more than promised" in bins.coverage_line(rows([0.0] * 100, [0.5] * 100))
    assert "too few to judge by" in bins.coverage_line(rows([0.0] * 5, [0.5] * 5))


def test_the_worst_misses_of_classes_are_of_the_other_class() -> None:
    table = rows([1.0, 0.0, 1.0, 0.0], [0.9, 0.35, 0.2, 0.45])
    kind = Endpoint("active", "classification")
    assert [miss.predicted for miss in worst_misses(table, kind, 0.5)] == ["probability 0.20"]
    assert len(worst_misses(table, kind, 0.3)) == 3
    numbers = worst_misses(rows([1.0, 5.0], [1.1, 2.0]), Endpoint("x", unit="h"), 0.5)
    assert [miss.measured for miss in numbers] == ["5.00 h", "1.00 h"]


def test_errors_above_the_chart_are_counted() -> None:
    said = errors_out_of_view(rows([0.0] * 200, [0.5] * 199 + [9.0]))
    assert said == " 1 of 200 lies above the chart; the largest error is 9.00."
    assert errors_out_of_view(rows([0.0] * 200, [0.5] * 200)) == ""


def test_shares_have_wilsons_interval() -> None:
    """Newcombe, Stat. Med. 17, 857, 1998: 81 of 263 is 0.2553 to 0.3662, 0 of 20 is 0 to 0.1611."""
    assert bins.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert bins.wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
