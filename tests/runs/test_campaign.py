"""Campaigns from the first call to the report."""

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen import Scorer, design
from molgen.config import build
from molgen.errors import CampaignError, ConfigError, DataError
from molgen.metrics import outlook
from molgen.runs.settings import check_design, design_config
from tests.conftest import ASPIRIN
from tests.runs.small import COMMAND, QUICK, carbons, molecules

LIGHT = ["search.breeding.offspring=12", "search.explorer.population=8"]


class TestFinishedRun:
    def test_has_its_files(self, finished: Path) -> None:
        names = {path.name for path in finished.iterdir()}
        assert names >= {"config.yaml", "campaign.sqlite", "top.csv", "top.sdf", "report.html"}
        assert not [name for name in names if name.startswith(".")]

    def test_holds_every_molecule_with_its_terms_and_origin(self, finished: Path) -> None:
        table = molecules(finished)
        assert len(table) == table["smiles"].nunique() == 150
        assert table["id"].tolist() == list(range(1, 151))
        assert table["smiles"].map(Chem.CanonSmiles).tolist() == table["smiles"].tolist()
        scores = Scorer.from_config("drug_like")(table["smiles"].tolist())
        np.testing.assert_allclose(table["score"], scores.total)
        np.testing.assert_allclose(table["qed"], scores.raw[:, 0])
        np.testing.assert_allclose(table["synthesis_scaled"], scores.scaled[:, 1])
        assert set(table["operator"]) <= {"prior", "mutation", "crossover", "crossover+mutation"}
        assert (table["operator"][:30] == "prior").all()
        assert table["seconds"].is_monotonic_increasing

    def test_names_parents_that_were_scored_before(self, finished: Path) -> None:
        import json

        table = molecules(finished)
        for row in table[table["operator"] != "prior"].itertuples():
            parents = json.loads(row.parents)
            assert 1 <= len(parents) <= 2
            assert set(parents) <= set(table["smiles"][: row.id - 1])

    def test_can_be_read_by_any_sqlite(self, finished: Path) -> None:
        with sqlite3.connect(finished / "campaign.sqlite") as connection:
            assert connection.execute("select count(*), max(score) from molecules").fetchone()[0] == 150
            assert connection.execute("select count(*) from scores where name = 'qed'").fetchone()[0] == 150

    def test_top_files_are_ranked(self, finished: Path) -> None:
        top = pd.read_csv(finished / "top.csv")
        assert len(top) == 100
        assert top["score"].is_monotonic_decreasing
        assert top["score"][0] == pytest.approx(molecules(finished)["score"].max())
        written = list(Chem.SDMolSupplier(str(finished / "top.sdf")))
        assert [Chem.MolToSmiles(mol) for mol in written] == top["smiles"].tolist()
        assert float(written[0].GetProp("score")) == pytest.approx(top["score"][0])

    def test_report_stands_alone_and_shows_the_best(self, finished: Path) -> None:
        page = (finished / "report.html").read_text()
        assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
            "http://creativecommons.org", ""
        ).replace("http://www.rdkit.org", "")
        assert "<script" not in page
        assert pd.read_csv(finished / "top.csv")["smiles"][0].replace("&", "&amp;") in page
        assert page.count("<svg") > 24
        for heading in ("Best molecules", "Score over calls", "Scaffold diversity", "Properties", "Configuration", "_target_"):
            assert heading in page

    def test_report_can_be_drawn_again(self, finished: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy"
        shutil.copytree(finished, copy)
        before = (copy / "report.html").read_text()
        (copy / "report.html").unlink()
        subprocess.run([sys.executable, "-m", "molgen.cli", "report", str(copy)], check=True, capture_output=True)
        assert len((copy / "report.html").read_text()) == pytest.approx(len(before), rel=0.05)

    def test_is_not_overwritten(self, finished: Path) -> None:
        done = subprocess.run([*COMMAND, f"campaign.folder={finished}"], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "exists already" in done.stderr
        assert f"resume={finished}" in done.stderr
        assert len(molecules(finished)) == 150


@pytest.mark.parametrize("command", [["design", "resume={}"], ["report", "{}"]])
def test_what_is_no_run_folder_is_refused(tmp_path: Path, command: list[str]) -> None:
    arguments = [part.format(tmp_path) for part in command]
    done = subprocess.run([sys.executable, "-m", "molgen.cli", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not a run folder" in done.stderr


class TestStart:
    DRUGS = ("CC(=O)Oc1ccccc1C(=O)O", "CC(=O)Nc1ccc(O)cc1", "CC(C)Cc1ccc(C(C)C(=O)O)cc1", "Cn1c(=O)c2c(ncn2C)n(C)c1=O")

    def test_is_scored_first_and_bred_from(self, tmp_path: Path) -> None:
        run = design(carbons, 60, "genetic", folder=tmp_path / "run", start=self.DRUGS, overrides=["search.initial_design=4"])
        table = run.molecules
        assert set(table["smiles"][:4]) == {Chem.CanonSmiles(text) for text in self.DRUGS}
        assert table["operator"][:4].tolist() == ["start"] * 4
        assert not table["operator"][4:].isin(["start", "prior"]).any()

    def test_may_be_a_file_whose_duplicates_and_broken_lines_are_left_out(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = tmp_path / "series.smi"
        path.write_text("CCO ethanol\nOCC again\nC1CC broken\nCCN ethylamine\n")
        table = design(carbons, 20, "genetic", folder=tmp_path / "run", start=path, overrides=QUICK).molecules
        assert table["smiles"][table["operator"] == "start"].tolist() == ["CCO", "CCN"]
        assert "1 of 4 are no molecules and left out ('C1CC'" in caplog.text

    def test_known_molecules_are_none_of_the_best(self, tmp_path: Path) -> None:
        """`carbons` gives hexadecane 1, the most there is: nobody designed it."""
        settings = ["campaign.batch=8", "search.initial_design=10"]
        run = design(carbons, 40, "genetic", folder=tmp_path / "run", start=["C" * 16, "C" * 15], overrides=settings)
        top = pd.read_csv(run.folder / "top.csv")
        table = run.molecules
        assert table["score"][:2].tolist() == [1, 1]
        assert len(top) == 38
        assert not {"C" * 16, "C" * 15} & {*top["smiles"], *run.top(40)["smiles"]}
        best = table["score"][2:].sort_values(ascending=False)
        page = (run.folder / "report.html").read_text()
        shown = {name: value for value, name in re.findall(r'class="fact"><b>(.*?)</b> <span>(.*?)</span>', page)}
        assert shown["best known molecule"] == "1.000"
        assert shown["best score"] == f"{best.iloc[0]:.3f}"
        assert shown["mean of the best 10"] == f"{best.head(10).mean():.3f}"

    def test_a_lead_is_scored_first_whatever_constraints_say_of_it(self, tmp_path: Path) -> None:
        lead = "CC(=O)Oc1ccccc1C(=O)OCCl"
        settings = [f"start={lead}", "similarity=0.3", "forbid=Cl", "search.library=60", "search.initial_design=12", *LIGHT]
        run = design(carbons, 24, folder=tmp_path / "run", overrides=settings)
        assert run.molecules["operator"].tolist().count("start") == 1
        assert run.molecules["smiles"][0] == Chem.CanonSmiles(lead)
        assert not run.molecules["smiles"][1:].str.contains("Cl").any()
        page = (run.folder / "report.html").read_text()
        assert "What the campaign began from" in page
        similarities = re.findall(r"similarity to known molecule 1</td><td class=.value.><b>(\d\.\d\d)</b>", page)
        assert len(similarities) == 23
        assert min(map(float, similarities)) >= 0.3

    def test_the_end_by_score_takes_no_known_molecule_for_a_design(self, tmp_path: Path) -> None:
        start = ["C" * n for n in range(6, 16)]  # ten that score 1
        run = design(carbons, 30, "genetic", folder=tmp_path / "run", start=start, overrides=["campaign.until=0.9", *QUICK])
        assert len(run.molecules) > 10

    def test_the_end_at_a_plateau_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(outlook, "FLAT", (20, 0.6))
        found = {}
        for stop in ("null", "plateau"):
            settings = [f"campaign.stop={stop}", "campaign.batch=8", *QUICK]
            run = design(lambda smiles: [0.5] * len(smiles), 120, "genetic", folder=tmp_path / stop, overrides=settings)
            assert run.complete
            found[stop] = len(run.molecules)
        said = capsys.readouterr().out
        assert found["null"] == 120
        assert 20 < found["plateau"] < 40
        line = "calls: the mean of the ten best, 0.500, hardly rises any more (campaign.stop=plateau)\n"
        assert said.count(f"ended after {found['plateau']} {line}") == 1
        assert said.count("ended after") == 1

    def test_does_not_exceed_the_budget(self, tmp_path: Path) -> None:
        table = design(carbons, 3, "genetic", folder=tmp_path / "run", start=self.DRUGS).molecules
        assert table["operator"].tolist() == ["start"] * 3

    def test_is_not_scored_again_after_a_kill(self, tmp_path: Path) -> None:
        settings = ["campaign.batch=2", "search.initial_design=10"]
        a, b = tmp_path / "a", tmp_path / "b"
        undisturbed = design(carbons, 20, "genetic", folder=a, start=self.DRUGS, overrides=settings)
        design(carbons, 2, "genetic", folder=b, start=self.DRUGS, overrides=settings)
        resumed = design(carbons, 20, "genetic", folder=b, start=self.DRUGS, overrides=settings, resume=True)
        assert resumed.molecules["smiles"].tolist() == undisturbed.molecules["smiles"].tolist()

    @pytest.mark.parametrize(("start", "message"), [("missing.smi", "no such file"), (["C1CC"], "no valid molecule in it")])
    def test_without_a_molecule_is_refused_before_the_folder_is_made(
        self, tmp_path: Path, start: str | list[str], message: str
    ) -> None:
        with pytest.raises(DataError, match=message):
            design(carbons, 10, folder=tmp_path / "run", start=start)
        assert not (tmp_path / "run").exists()


class TestDesignFromPython:
    def test_takes_any_function(self, tmp_path: Path) -> None:
        run = design(carbons, 60, "genetic", seed=1, folder=tmp_path / "run", overrides=QUICK)
        assert run.complete
        assert len(run.molecules) == 60
        np.testing.assert_allclose(run.molecules["score"], carbons(run.molecules["smiles"].tolist()))
        assert run.top(3)["score"].is_monotonic_decreasing

    def test_records_the_error_of_a_molecule_and_goes_on(self, tmp_path: Path) -> None:
        def fragile(smiles: list[str]) -> list[float]:
            if any("n" in text for text in smiles):
                raise ValueError("no pyridine here")
            return [float("nan") if "Cl" in text else 0.5 for text in smiles]

        run = design(fragile, 60, "genetic", seed=1, folder=tmp_path / "run", overrides=QUICK)
        table = run.molecules
        failed = table[table["smiles"].str.contains("n")]
        assert len(table) == 60
        assert len(failed) > 3
        assert (failed["problem"] == "objective: ValueError: no pyridine here").all()
        assert (failed["score"] == 0).all()
        assert (table[table["problem"].isna()]["score"] == 0.5).all()

    def test_refuses_a_wrong_number_of_scores_and_keeps_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="shape"):
            design(lambda smiles: [1.0], 60, "genetic", folder=tmp_path / "run", overrides=QUICK)

    def test_refuses_an_unknown_strategy(self) -> None:
        with pytest.raises(ConfigError, match="did you mean 'genetic'"):
            design(carbons, 10, "gentic")

    @pytest.mark.parametrize(
        ("settings", "hint"),
        [
            ({"strategy": dict}, "a name under conf/search, or a Strategy"),
            ({"start": 5}, "start: must be a file or SMILES, not 5"),
            ({"overrides": ["scoring=drug_like"]}, "the objective is the one given"),
            ({"overrides": ["+scoring.terms.qed.weight=2"]}, "the objective is the one given"),
            ({"overrides": ["bugdet=2"]}, "unknown key 'bugdet'"),
        ],
    )
    def test_refuses_what_it_cannot_follow(self, settings: dict[str, Any], hint: str) -> None:
        with pytest.raises(ConfigError, match=hint):
            design(carbons, 10, **settings)

    def test_begins_from_a_smiles(self, tmp_path: Path) -> None:
        table = design(carbons, 1, "genetic", folder=tmp_path / "run", start="CC(=O)O.[Na]").molecules
        assert table["smiles"].tolist() == ["CC(=O)O.[Na]"]

    def test_refuses_scores_below_0_which_would_rank_behind_failures(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="scores are numbers from 0 up"):
            design(lambda smiles: [-1.0] * len(smiles), 3, "genetic", folder=tmp_path / "run", start=["C", "CC", "CCC"])

    def test_refuses_a_folder_that_holds_something(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        with pytest.raises(CampaignError, match="exists already"):
            design(carbons, 10, "genetic", folder=tmp_path)


def test_goals_have_short_names(tmp_path: Path) -> None:
    (tmp_path / "lead.smi").write_text(ASPIRIN)
    overrides = [f"start={tmp_path / 'lead.smi'}", "must_contain=[F,Cl]", "forbid=['[Br]','[I]']", "windows={logp: [null, 3]}"]
    config = design_config(["search=surrogate", *overrides, "similarity=0.3"])
    check_design(config)
    wanted = {"must_contain": "[F,Cl]", "forbid": ["[Br]", "[I]"], "windows": {"logp": [None, 3]}, "similarity": 0.3}
    assert config["search"]["constraints"].items() >= wanted.items()
    assert build(config["search"]["constraints"], "search.constraints").leads == [ASPIRIN]
