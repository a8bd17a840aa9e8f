"""`molgen pick` on campaigns and screens."""

import json
import shutil
from itertools import combinations
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molgen.cli.commands import main
from molgen.data.readers import read_table
from molgen.runs.run import begin
from molgen.runs.store import RunStore
from molgen.scoring.scorer import Scorer
from molgen.search.strategy import Proposal
from tests.conftest import ASPIRIN, CAFFEINE

ECFP4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


def molgen(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, samples: list[str]) -> Path:
    """The folder of a campaign that goes on: it began from aspirin and caffeine, and has a predicted term."""
    folder = tmp_path_factory.mktemp("runs") / "soluble"
    scoring = {"terms": {"qed": "qed", "water": {"property": {"endpoint": "solubility_aqsoldb", "statistic": "lower"}}}}
    begin(folder, {"campaign": {"folder": str(folder), "start": [ASPIRIN]}, "scoring": scoring, "search": {}})
    (folder / "goal.yaml").write_text(yaml.safe_dump(scoring))
    smiles = [ASPIRIN, CAFFEINE, *samples[:60]]
    proposals = [Proposal(text, "start" if i < 2 else "mutation") for i, text in enumerate(smiles)]
    store = RunStore(folder)
    store.commit(proposals, Scorer.from_config(folder / "goal.yaml")(smiles), None)
    store.close()
    return folder


def most_similar(smiles: list[str]) -> float:
    prints = [ECFP4.GetFingerprint(Chem.MolFromSmiles(text)) for text in smiles]
    return max(DataStructs.TanimotoSimilarity(a, b) for a, b in combinations(prints, 2))


def test_a_batch_has_the_best_that_are_unlike_each_other(run: Path, tmp_path: Path) -> None:
    result = molgen("pick", run, "n=8", "diverse=0.5", f"output=[{tmp_path / 'a.csv'},{tmp_path / 'a.xlsx'}]")
    assert result.exit_code == 0, result.output
    assert "8 picked, by score; no two are more than 0.5 similar" in result.output
    found = pd.read_csv(tmp_path / "a.csv")
    assert most_similar(found["smiles"].tolist()) <= 0.5
    assert found["score"].is_monotonic_decreasing
    stored = RunStore(run).to_pandas()
    assert not {ASPIRIN, CAFFEINE} & set(found["smiles"])
    best = stored[stored["problem"].isna() & (stored["operator"] != "start")].nlargest(1, "score").iloc[0]
    assert found.loc[0, ["id", "smiles"]].tolist() == [f"soluble-{best['id']:04d}", best["smiles"]]
    for row in found.to_dict("records"):  # the 90 % interval is about the mean, of which the objective took the lower end
        mean, error = row["water (log mol/L)"], row["water error (log mol/L)"]
        assert stored.set_index("smiles")["water"][row["smiles"]] == pytest.approx(mean - error, abs=0.02)
        assert row["water low (log mol/L)"] < mean < row["water high (log mol/L)"]
    assert {"similarity", "novelty", "new scaffold"} <= set(found)  # to what the campaign began from
    assert not {"in stock", "nearest water"} & set(found)
    assert len(openpyxl.load_workbook(tmp_path / "a.xlsx").active._images) == 16


def test_nothing_known_is_picked_and_identifiers_stay(run: Path, tmp_path: Path) -> None:
    molgen("pick", run, "n=4", f"output={tmp_path / 'first.csv'}")
    first = pd.read_csv(tmp_path / "first.csv")
    known = [f"{first['smiles'][0]}.Cl", first["smiles"][1], "x("]
    (tmp_path / "measured.csv").write_text(
        "cpd_id,SMILES,pIC50\n" + "".join(f"M{i},{s},{5 + i}.5\n" for i, s in enumerate(known))
    )
    arguments = ["pick", run, "n=4", f"known={tmp_path / 'measured.csv'}"]
    result = molgen(*arguments, f"output={tmp_path / 'second.sdf'}")
    assert result.exit_code == 0, result.output
    assert "measured.csv: row 3: not a SMILES: syntax error; left out" in result.output
    second = read_table(tmp_path / "second.sdf").columns
    assert not set(first["id"][:2]) & set(second["id"])
    stored = {
        f"soluble-{number:04d}": text for number, text in RunStore(run).to_pandas()[["id", "smiles"]].itertuples(index=False)
    }
    assert [stored[name] for name in (*first["id"], *second["id"])] == [*first["smiles"], *second["smiles"]]
    assert set(second["nearest known"]) <= {"M0", "M1"}
    assert set(second["nearest pIC50"]) <= {"5.5", "6.5"}
    assert second["name"].tolist() == second["id"].tolist()
    labels = molgen(*arguments, "labels=[IC50]", f"output={tmp_path / 'third.csv'}")
    assert labels.output == "molgen: measured.csv: no column 'IC50', did you mean 'pIC50'?; found: smiles, cpd_id, pIC50\n"


def test_fewer_than_asked_for_are_said(run: Path, tmp_path: Path) -> None:
    result = molgen("pick", run, "n=200", "diverse=0.2", "per_scaffold=1", f"output={tmp_path / 'a.html'}")
    assert result.exit_code == 0, result.output
    found = [line for line in result.output.splitlines() if "of 200 picked" in line]
    assert len(found) == 1
    number = int(found[0].split()[0])
    assert (tmp_path / "a.html").read_text().count('class="card"') == number
    passed_over = next(line for line in result.output.splitlines() if line.startswith("passed over"))
    assert "too similar to one of these" in passed_over


def test_a_screen_is_picked_from_with_the_names_of_its_library(tmp_path: Path, samples: list[str]) -> None:
    library = tmp_path / "vendor.csv"
    rows = [f"Z{i:05d},{text},{i}\n" for i, text in enumerate(samples[:30])]
    library.write_text("catalogID,smiles,score\n" + "".join(rows) + "Z99999,x(,1\n")
    folder = tmp_path / "vendor"
    assert molgen("screen", f"library={library}", "scoring=drug_like", "batch=10", f"folder={folder}").exit_code == 0
    arguments = ["pick", folder, "n=5", f"stock={library}"]
    result = molgen(*arguments, f"output={tmp_path / 'a.csv'}")
    assert result.exit_code == 0, result.output
    found, scores = pd.read_csv(tmp_path / "a.csv"), pd.read_csv(folder / "scores.csv")
    best = scores.nlargest(1, "score_2").iloc[0]
    assert found.loc[0, ["smiles", "name", "catalogue entry"]].tolist() == [best["smiles"], best["catalogID"], best["catalogID"]]
    assert found["score"][0] == pytest.approx(best["score_2"], abs=1e-3)
    assert found["id"][0] == f"vendor-{best.name + 1:04d}"
    assert (found["in stock"] == "yes").all()
    assert not {"similarity", "novelty"} & set(found)  # nothing is known to compare with
    (folder / "parts").mkdir()  # as while it goes on
    for number in range(3):
        scores.iloc[10 * number : 10 * number + 10].to_parquet(folder / "parts" / f"{number:08d}.parquet", index=False)
    (folder / "scores.csv").unlink()
    assert molgen(*arguments, f"output={tmp_path / 'b.csv'}").exit_code == 0
    assert pd.read_csv(tmp_path / "b.csv")["id"].tolist() == found["id"].tolist()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["n=0"], "n: must be at least 1"),
        (["diverse=1.5"], "diverse: must be between 0 and 1"),
        (["output=batch.doc"], "unknown file type '.doc'"),
        (["known=nowhere.csv"], "nowhere.csv: no such file"),
        (["alerts=[PAIN]"], "unknown alert catalogue 'PAIN', did you mean 'PAINS'"),
        (["per_scafold=2"], "did you mean 'per_scaffold'"),
    ],
)
def test_wrong_settings_are_told_in_a_line(run: Path, tmp_path: Path, settings: list[str], message: str) -> None:
    result = molgen("pick", run, f"output={tmp_path / 'a.csv'}", *settings)
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.splitlines()) == 1


def test_a_folder_without_molecules_is_told_what_is_missing(run: Path, tmp_path: Path) -> None:
    assert "not a run folder" in molgen("pick", tmp_path).output
    assert "name the run folder first: molgen pick runs/soluble" in molgen("pick", "n=3").output
    shutil.copy(run / "config.yaml", tmp_path)
    assert "no molecule has been scored yet" in molgen("pick", tmp_path).output
    (tmp_path / "stage-1").mkdir()
    shutil.copy(run / "campaign.sqlite", tmp_path / "stage-1")
    assert f"name a stage: {tmp_path / 'stage-1'}" in molgen("pick", tmp_path).output


def test_routes_are_shown_where_the_run_has_them(tmp_path: Path) -> None:
    def made(smiles: str, acid: str) -> str:
        blocks = [{"smiles": acid, "id": f"A-{len(acid)}", "price": 4.5}, {"smiles": "NCc1ccccc1", "id": "B-1", "price": 2}]
        return json.dumps({"smiles": smiles, "reaction": "amide coupling", "conditions": "HATU", "reactants": blocks})

    folder = tmp_path / "made"
    begin(folder, {"campaign": {"folder": str(folder)}, "scoring": {"terms": {"qed": "qed"}}, "search": {}})
    amides = {"CC(=O)NCc1ccccc1": "CC(=O)O", "O=C(NCc1ccccc1)C1CC1": "O=C(O)C1CC1"}
    proposals = [
        *(Proposal(text, "mutation", route=made(text, acid)) for text, acid in amides.items()),
        Proposal("CCCCO", "graft"),
    ]
    store = RunStore(folder)
    (folder / "goal.yaml").write_text("terms: {qed: qed}")
    store.commit(proposals, Scorer.from_config(folder / "goal.yaml")([each.smiles for each in proposals]), None)
    store.close()
    result = molgen("pick", folder, "n=3", "diverse=1", f"output=[{tmp_path / 'a.csv'},{tmp_path / 'a.html'}]")
    assert result.exit_code == 0, result.output
    assert "2 routes: 2 reactions of 1 kind and 3 blocks; 2 reactions and 4 blocks if nothing were shared" in result.output
    table = pd.read_csv(tmp_path / "a.csv").set_index("smiles").fillna("")
    acetamide, other = (table.loc[text, "id"] for text in amides)
    assert table.loc["CC(=O)NCc1ccccc1", ["route", "steps", "price of blocks", "blocks", "shares"]].tolist() == [
        "CC(=O)NCc1ccccc1 is made in 1 step: amide coupling of CC(=O)O [A-7] with NCc1ccccc1 [B-1].",
        1,
        6.5,
        "A-7, B-1",
        f"block B-1 with {other}; last reaction amide coupling with {other}",
    ]
    assert table.loc["CCCCO", ["route", "blocks", "shares"]].tolist() == ["", "", ""]
    page = (tmp_path / "a.html").read_text()
    assert [f'id="route-{name}"' in page for name in (acetamide, table.loc["CCCCO", "id"])] == [True, False]
    assert "1 step, price 6.5" in page
