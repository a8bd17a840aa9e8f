import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from click.testing import CliRunner
from pyarrow import parquet
from ray import cloudpickle

from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.cluster.ray_cluster import RayCluster
from molgen.cluster.workers import Workers
from molgen.config import compose, to_plain
from molgen.data.assay import classes
from molgen.data.readers import Table, read_chunks, read_table, write_table
from molgen.errors import CampaignError, DataError
from molgen.folders import writing
from molgen.reports.explanation import write_picture
from molgen.runs.run import begin
from molgen.scoring.component import Component
from molgen.scoring.scorer import Scorer, Term
from molgen.scoring.transforms import Linear
from molgen.screening.charts import naming_column, picture
from molgen.screening.screen import ScreenResult, enrichment, screen
from tests.conftest import ASPIRIN

cloudpickle.register_pickle_by_value(sys.modules[__name__])
FILES = Path("tests/cases/files")
SVG_TEXT = "{http://www.w3.org/2000/svg}text"
REAL = Path("tests/cases/real")


@pytest.fixture
def library(tmp_path: Path, samples: list[str]) -> Path:
    """A hundred molecules, a broken one among them; the first ten are labelled active."""
    path = tmp_path / "library.csv"
    rows = [*samples[:99], "x("]
    pd.DataFrame({"smiles": rows, "active": [1] * 10 + [0] * 90, "id": range(100)}).to_csv(path, index=False)
    return path


def test_hits_are_the_best_of_the_whole_library_in_order(tmp_path: Path, library: Path) -> None:
    scorer = Scorer.from_config("drug_like")
    found = screen(partial(read_chunks, library, rows=30), scorer, tmp_path / "run", hits=12)
    everything = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert len(everything) == found.molecules == 100
    assert found.invalid == 1
    expected = everything.sort_values("score", ascending=False, kind="stable").head(12)
    np.testing.assert_allclose(found.hits["score"], expected["score"])
    assert found.hits["id"].astype(int).tolist() == expected["id"].tolist()
    assert {"hits.csv", "hits.sdf", "hits.svg", "scores.svg", "scores.csv"} == {
        path.name for path in (tmp_path / "run").iterdir()
    }
    assert found.enrichment == {}


def broken(chunks: Callable[[], Iterator[Table]], number: int) -> Callable[[], Iterator[Table]]:
    """What is read without fault for its columns and its labels, and breaks when it is scored."""
    calls: list[int] = []

    def read() -> Iterator[Table]:
        calls.append(1)
        return broken_after(chunks, number) if len(calls) > 2 else chunks()

    return read


def broken_after(chunks: Callable[[], Iterator[Table]], number: int) -> Iterator[Table]:
    for i, chunk in enumerate(chunks()):
        if i == number:
            raise KeyboardInterrupt
        yield chunk


def test_a_screen_that_was_stopped_goes_on_and_ends_with_the_same_files(tmp_path: Path, library: Path) -> None:
    scorer, chunks = Scorer.from_config("drug_like"), partial(read_chunks, library, rows=20)
    whole = screen(chunks, scorer, tmp_path / "whole", hits=12, label="active")
    with pytest.raises(KeyboardInterrupt):
        screen(broken(chunks, 3), scorer, tmp_path / "run", hits=12, label="active")
    assert len(list((tmp_path / "run" / "parts").iterdir())) == 3
    scored: list[int] = []
    found = screen(chunks, scorer, tmp_path / "run", hits=12, label="active", progress=scored.append)
    assert scored == [20] * 5
    assert (found.molecules, found.invalid, found.enrichment) == (100, 1, whole.enrichment)
    for name in ("scores.csv", "hits.csv", "hits.svg"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_on_ray_a_screen_finds_the_same(tmp_path: Path, library: Path) -> None:
    scorer, chunks = Scorer.from_config("drug_like"), partial(read_chunks, library, rows=7)
    screen(chunks, scorer, tmp_path / "here", hits=12)
    screen(chunks, scorer, tmp_path / "there", hits=12, cluster=RayCluster(workers=Workers(number=2, num_cpus=0.5)))
    for name in ("scores.csv", "hits.csv", "hits.sdf"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


class Deadly(Component):
    """1, but hexane kills the process that looks at it."""

    def __call__(self, molecules: Molecules) -> np.ndarray:
        if "CCCCCC" in molecules.smiles:
            os.kill(os.getpid(), signal.SIGKILL)
        return molecules.map(lambda _: 1.0)


def test_on_ray_a_molecule_that_kills_its_workers_is_a_problem_of_its_own(tmp_path: Path) -> None:
    alkanes = pd.DataFrame({"smiles": ["C" * n for n in range(1, 9)] * 2})
    cluster = RayCluster(workers=Workers(number=2, num_cpus=0.5, batch=4, tries=2))
    scorer = Scorer({"deadly": Term(Deadly(), Linear(0, 1))})
    screen(lambda: iter([Table.of(alkanes)]), scorer, tmp_path / "run", hits=2, cluster=cluster)
    found = pd.read_csv(tmp_path / "run" / "scores.csv").set_index("smiles")
    assert found["score"].to_dict() == {text: float(text != "CCCCCC") for text in alkanes["smiles"]}
    assert found["problem"].dropna().to_dict() == {"CCCCCC": "failed: its worker died, 2 times"}


def test_a_library_with_labels_gives_enrichment(tmp_path: Path, library: Path) -> None:
    found = screen(partial(read_chunks, library), Scorer.from_config("drug_like"), tmp_path / "run", hits=5, label="active")
    assert set(found.enrichment) == {"AUC", "EF1%", "BEDROC"}
    with pytest.raises(DataError, match="no label column 'activ', did you mean 'active'"):
        screen(partial(read_chunks, library), Scorer.from_config("drug_like"), tmp_path / "other", hits=5, label="activ")
    with pytest.raises(DataError, match=r"'2' in row 3 is no word for a class; known: active and inactive"):
        screen(partial(read_chunks, library), Scorer.from_config("drug_like"), tmp_path / "other", hits=5, label="id")
    assert not (tmp_path / "other").exists()


def test_enrichment_of_perfect_and_of_reversed_rankings() -> None:
    """Ten active of a thousand: the best hundredth is all active, a hundred times their share."""
    active = np.array([1.0] * 10 + [0.0] * 990)
    best = enrichment(-np.arange(1000.0), active)
    assert best["AUC"] == pytest.approx(1)
    assert best["EF1%"] == pytest.approx(100)
    assert best["BEDROC"] == pytest.approx(1, abs=0.01)
    assert enrichment(np.arange(1000.0), active)["AUC"] == pytest.approx(0)
    with pytest.raises(DataError, match="both active and inactive"):
        enrichment(np.arange(3.0), np.ones(3))


@pytest.mark.parametrize(("name", "start"), [("a.svg", b"<?xml"), ("a.png", b"\x89PNG")])
def test_contributions_are_drawn(tmp_path: Path, name: str, start: bytes) -> None:
    mol = Molecules([ASPIRIN]).mols[0]
    write_picture(mol, np.linspace(-1, 1, mol.GetNumAtoms()), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(DataError, match=r"\.svg or \.png"):
        write_picture(mol, np.zeros(mol.GetNumAtoms()), tmp_path / "a.gif")


def test_labels_may_be_words_and_survive_a_kill(tmp_path: Path) -> None:
    scorer, chunks = Scorer.from_config("drug_like"), partial(read_chunks, REAL / "bool_label.csv", rows=25)
    whole = screen(chunks, scorer, tmp_path / "whole", hits=5, label="hit")
    with pytest.raises(KeyboardInterrupt):
        screen(broken(chunks, 2), scorer, tmp_path / "run", hits=5, label="hit")
    found = screen(chunks, scorer, tmp_path / "run", hits=5, label="hit")
    assert found.enrichment == whole.enrichment
    for name in ("scores.csv", "hits.csv", "hits.svg", "scores.svg"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert set(read_table(tmp_path / "run" / "scores.csv").columns["hit"]) == {"True", "False"}


@pytest.mark.parametrize(("words", "values"), [(["Active", "inactive", ""], [1, 0, None]), (["yes", "NO", "y"], [1, 0, 1])])
def test_words_for_classes(words: list[str], values: list[float | None]) -> None:
    np.testing.assert_array_equal(classes(pd.Series(words)), np.array(values, np.float32))


def test_labels_are_refused_before_a_molecule_is_scored(tmp_path: Path) -> None:
    rows = [f"CCO,{'active' if i else 'inactive'}" for i in range(50)] + ["CCN,maybe"]
    (tmp_path / "a.csv").write_text("\n".join(["smiles,label", *rows]))
    scorer = Scorer.from_config("drug_like")
    with pytest.raises(DataError, match="'maybe' in row 51 is no word for a class"):
        screen(partial(read_chunks, tmp_path / "a.csv", rows=10), scorer, tmp_path / "run", hits=5, label="label")
    (tmp_path / "a.csv").write_text("\n".join(["smiles,label", *rows[1:50]]))
    with pytest.raises(DataError, match="both active and inactive"):
        screen(partial(read_chunks, tmp_path / "a.csv", rows=10), scorer, tmp_path / "run", hits=5, label="label")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["optional_tags.sdf", "names_early.smi"])
def test_columns_of_all_chunks_stay_together(tmp_path: Path, name: str) -> None:
    screen(partial(read_chunks, REAL / name, rows=4), Scorer.from_config("drug_like"), tmp_path, hits=5)
    given, scored = read_table(REAL / name), read_table(tmp_path / "scores.csv")
    pd.testing.assert_frame_equal(scored.columns[list(given.columns)], given.columns)
    assert scored.smiles == given.smiles


def test_drawings_without_titles_and_tags_are_screened(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"smiles": ["CCO", "CCN", "c1ccccc1O"]}), tmp_path / "tagged.sdf")
    bare = re.sub(r"(?m)^>.*\n(.+\n)*\n", "", (tmp_path / "tagged.sdf").read_text())
    (tmp_path / "bare.sdf").write_text(bare)
    screen(partial(read_chunks, tmp_path / "bare.sdf", rows=2), Scorer.from_config("drug_like"), tmp_path / "run", hits=5)
    scored = read_table(tmp_path / "run" / "scores.csv")
    assert list(scored.columns)[:2] == ["smiles", "score"]
    assert scored.smiles == ["CCO", "CCN", "Oc1ccccc1"]


def test_categories_and_lists_of_a_parquet_file_pass_through_a_screen(tmp_path: Path) -> None:
    columns = [pa.array(["CCO", "CCN"]).dictionary_encode(), pa.array([[1, 2], None]), pa.array([9007199254740993, None])]
    parquet.write_table(pa.Table.from_arrays(columns, names=["smiles", "list", "n"]), tmp_path / "a.parquet")
    screen(partial(read_chunks, tmp_path / "a.parquet", rows=1), Scorer.from_config("drug_like"), tmp_path / "run", hits=5)
    scored = read_table(tmp_path / "run" / "scores.csv").columns
    assert scored[["smiles", "list", "n"]].to_numpy().tolist() == [["CCO", "[1, 2]", "9007199254740993"], ["CCN", "", ""]]


def test_a_record_that_cannot_be_read_is_counted_and_keeps_its_row(tmp_path: Path) -> None:
    found = screen(partial(read_chunks, FILES / "badrec.sdf", rows=6), Scorer.from_config("drug_like"), tmp_path, hits=5)
    assert (found.molecules, found.invalid) == (21, 1)
    scored = read_table(tmp_path / "scores.csv").columns
    assert [bool(text) for text in scored["smiles"]].index(False) == 5
    assert scored["problem"][5].startswith("invalid: Explicit valence for atom # 1 C, 5")


def test_the_librarys_own_scores_stay_and_molgens_are_used(tmp_path: Path) -> None:
    scorer = Scorer.from_config("drug_like")
    found = screen(partial(read_chunks, FILES / "passthru.csv", rows=2), scorer, tmp_path, hits=5)
    given = read_table(FILES / "passthru.csv")
    scored = read_table(tmp_path / "scores.csv").columns
    pd.testing.assert_frame_equal(scored[list(given.columns)], given.columns)
    np.testing.assert_allclose(scored["score_2"].astype(float), scorer(given.smiles).total)
    assert found.best(1)[0] == (pytest.approx(scorer(given.smiles).total.max()), "C1CCN(CC1)Cc1ccc(cc1)C(=O)N1CCOCC1")
    assert "score is score_2" in found.renamed
    hits = read_table(tmp_path / "hits.sdf").columns
    assert hits["ID"].tolist() == ["1E5", "00700", "00012"]


def test_where_nothing_passes_there_are_no_hits(tmp_path: Path) -> None:
    (tmp_path / "a.smi").write_text("CCCCCCCC a\nCC(=O)Nc1ccc(O)cc1 b\n")
    found = screen(partial(read_chunks, tmp_path / "a.smi"), Scorer.from_config("drug_like"), tmp_path / "run", hits=5)
    assert (len(found.hits), found.best(5), found.molecules) == (0, [], 2)
    assert len(read_table(tmp_path / "run" / "scores.csv")) == 2
    assert (tmp_path / "run" / "hits.csv").read_text().startswith("smiles,name,score,")


class TestGoingOn:
    """A screen of five chunks that was stopped after three."""

    SCORER = Scorer.from_config("drug_like")

    @pytest.fixture
    def folder(self, tmp_path: Path, library: Path) -> Path:
        with pytest.raises(KeyboardInterrupt):
            screen(broken(partial(read_chunks, library, rows=20), 3), self.SCORER, tmp_path / "run", hits=12, label="active")
        return tmp_path / "run"

    def go_on(self, library: Path, folder: Path, **reading: int) -> ScreenResult:
        return screen(partial(read_chunks, library, rows=reading.get("rows", 20)), self.SCORER, folder, hits=12, label="active")

    @pytest.mark.parametrize("change", ["C,1,x\n", "drop", "longer chunks", "short"])
    def test_refuses_a_library_that_was_changed_in_what_is_scored(self, folder: Path, library: Path, change: str) -> None:
        lines = library.read_text().splitlines(keepends=True)
        rows = 20
        if change == "drop":
            lines.pop(30)
        elif change == "short":
            lines = [*lines[:5], *lines[90:100]]
        elif change == "longer chunks":
            rows = 25
        else:
            lines[30] = change
        library.write_text("".join(lines))
        parts = {path.name: path.read_bytes() for path in (folder / "parts").iterdir()}
        with pytest.raises(DataError, match=r"the library was changed since this screen began \(.*\): restore it"):
            self.go_on(library, folder, rows=rows)
        assert {path.name: path.read_bytes() for path in (folder / "parts").iterdir()} == parts

    @pytest.mark.parametrize("damage", [b"", b"PAR1", None, "folder"])
    def test_scores_a_damaged_chunk_again_and_no_other(
        self, folder: Path, library: Path, damage: bytes | str | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        part = folder / "parts" / "00000001.parquet"
        whole = part.read_bytes()
        if damage == "folder":
            part.unlink()
            part.mkdir()
        else:
            part.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
        found = self.go_on(library, folder)
        assert found.molecules == 100
        assert "00000001.parquet: damaged" in caplog.text
        assert "00000000.parquet" not in caplog.text
        assert not (folder / "parts").exists()

    def test_is_for_one_process(self, folder: Path, library: Path) -> None:
        with writing(folder), pytest.raises(CampaignError, match="is writing there"):
            self.go_on(library, folder)


def test_a_screen_that_was_only_begun_goes_on_and_one_that_ended_does_not(tmp_path: Path, library: Path) -> None:
    shown = compose("screen", [f"library={library}", "scoring=drug_like", f"folder={tmp_path / 'run'}"])
    begin(tmp_path / "run", to_plain(shown), "screen.yaml")
    resume = ["screen", f"resume={tmp_path / 'run'}"]
    done = CliRunner().invoke(main, resume)
    assert done.exit_code == 0, done.output
    assert len(pd.read_csv(tmp_path / "run" / "scores.csv")) == 100
    again = CliRunner().invoke(main, resume)
    assert again.exit_code == 1
    assert "it has ended, or never begun" in again.stderr


def test_damaged_settings_of_a_screen_are_one_line(tmp_path: Path, library: Path) -> None:
    config = to_plain(compose("screen", [f"library={library}", "scoring=drug_like", f"folder={tmp_path}"]))
    text = yaml.safe_dump(config)
    contents = [text[:n] for n in range(0, len(text) - 1, 30)] + ["\0", "[1]", "a: 2020-13-45"]
    contents += [
        yaml.safe_dump(config | {key: value}) for key in config for value in (0, [], {}, {"a": 1}, -1) if key != "folder"
    ]
    for content in contents:
        (tmp_path / "screen.yaml").write_text(content)
        done = CliRunner().invoke(main, ["screen", f"resume={tmp_path}"])
        assert isinstance(done.exception, SystemExit | None), f"{done.exception!r}: {content[-200:]}"
        for path in tmp_path.iterdir():
            if path.is_file() and path not in (library, tmp_path / "screen.yaml"):
                path.unlink()


def test_a_folder_removed_while_it_is_written_ends_a_screen(tmp_path: Path, library: Path) -> None:
    """Whoever made it anew would write a table that lacks what had been scored."""

    def remove(scored: int) -> None:
        shutil.rmtree(tmp_path / "run", ignore_errors=True)

    with pytest.raises(DataError, match=r"can't be written .No such file.*put back what was removed, then go on with"):
        screen(partial(read_chunks, library, rows=30), Scorer.from_config("drug_like"), tmp_path / "run", hits=3, progress=remove)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("columns", "naming"),
    [
        (["smiles", "active", "id"], "id"),
        (["smiles", "Compound ID", "name"], "name"),
        (["smiles", "catalogID", "other_id"], "catalogID"),
        (["smiles", "acid", "lipid", "paid", "width"], None),
    ],
)
def test_the_column_that_names_compounds(columns: list[str], naming: str | None) -> None:
    assert naming_column(columns) == naming


def test_names_that_no_svg_may_hold_and_molecules_too_large_to_draw_are_drawn_all_the_same(tmp_path: Path) -> None:
    picture(["CCO", "CC(N)C(=O)N" * 400 + "O"], [0.5, 0.4], ["two\nlines\x01", "\ud800 large"], tmp_path / "hits.svg")
    texts = ["".join(text.itertext()) for text in ElementTree.parse(tmp_path / "hits.svg").iter(SVG_TEXT)]
    assert {"#1 · 0.500 · two lines", "#2 · 0.400 · large"} <= set(texts)


def test_hits_are_drawn_with_their_names(tmp_path: Path) -> None:
    library = pd.DataFrame({"smiles": ["CCO", ASPIRIN, "c1ccccc1"], "name": ["α <spirit> & water", "aspirin", ""]})
    library.to_csv(tmp_path / "library.csv", index=False)
    screen(partial(read_chunks, tmp_path / "library.csv"), Scorer.from_config("drug_like"), tmp_path / "run", hits=3)
    texts = ["".join(text.itertext()) for text in ElementTree.parse(tmp_path / "run" / "hits.svg").iter(SVG_TEXT)]
    scores = pd.read_csv(tmp_path / "run" / "hits.csv", keep_default_na=False)
    assert texts == [
        f"#{i + 1} · {score:.3f}" + (f" · {name}" if name else "")
        for i, (score, name) in enumerate(zip(scores["score"], scores["name"], strict=True))
    ]
