"""`molgen route` of a SMILES and of a file."""

import json
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from molgen.cli.commands import main
from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.route import route_of

AMIDE = "COc1ccc(C(=O)NCc2ccccc2)cc1"
BLOCKS = """smiles,id,price,lead time
NCc1ccccc1,B-1,10,in stock
COc1ccc(C(=O)O)cc1,B-2,5,2 weeks
COc1ccc(C(=O)Cl)cc1,B-3,7,
Nc1ccc(O)cc1,B-4,,
CC(=O)O,B-5,,
"""


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stock") / "blocks.csv"
    path.write_text(BLOCKS)
    return path


def route(molecules: str | Path, stock: Path, *settings: str) -> Result:
    return CliRunner().invoke(main, ["route", str(molecules), f"stock={stock}", *settings])


def test_a_route_is_told_with_alternatives_and_doubts(stock: Path) -> None:
    said = route(AMIDE, stock).output
    assert "route 1: 1 step, 2 blocks, price 15" in said
    assert f"{AMIDE} is made in 1 step: amide coupling of COc1ccc(C(=O)O)cc1 [B-2] with NCc1ccccc1 [B-1]." in said
    assert "(HATU, DIPEA, DMF, room temperature)" in said
    assert "or amide from an acid chloride of COc1ccc(C(=O)Cl)cc1 [B-3] with NCc1ccccc1 [B-1]" in said
    assert "low confidence" not in said
    doubtful = route("CC(=O)Nc1ccc(O)cc1", stock).output
    assert "low confidence: phenol in Nc1ccc(O)cc1 often lowers the yield" in doubtful
    assert "usually protected" not in doubtful  # amines are, and the phenol is the problem


def test_regioisomers_of_an_azole_are_told(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("smiles\nCc1cc[nH]n1\nBrCc1ccccc1\n")
    said = route("Cc1ccn(Cc2ccccc2)n1", tmp_path / "two.csv", "steps=1").output
    assert "low confidence: regioisomers form, as another nitrogen of the azole in Cc1cc[nH]n1 may react" in said


def test_a_molecule_that_begins_like_a_setting_is_a_molecule(stock: Path) -> None:
    assert "route 1: 1 step" in route("O=C(NCc1ccccc1)c1ccc(OC)cc1", stock).output
    analogs = CliRunner().invoke(main, ["analogs", "O=C(NCc1ccccc1)c1ccc(OC)cc1", f"stock={stock}", "n=1"]).output
    assert analogs.startswith("1.00  ")


def test_a_molecule_longer_than_any_file_name_is_a_molecule(stock: Path) -> None:
    peptide = f"{'NCC(=O)' * 40}O"
    found = route(peptide, stock, "steps=1", "effort=1")
    assert found.exit_code == 0, found.output
    assert "no route of at most 1 step from 5 blocks" in found.output
    analogs = CliRunner().invoke(main, ["analogs", peptide, f"stock={stock}", "n=1", "steps=1", "effort=1"])
    assert analogs.exit_code == 0, analogs.output
    refused = route(f"{peptide}.(", stock)
    assert isinstance(refused.exception, SystemExit)
    assert len(refused.output.splitlines()) == 1


GALLOYLS = "(=O)c2cc(O)c(O)c(OC(=O)c3cc(O)c(O)c(O)c3)c2"
TANNIC_ACID = f"C1(OC{GALLOYLS})OC(COC{GALLOYLS})C(OC{GALLOYLS})C(OC{GALLOYLS})C1OC{GALLOYLS}"  # a minute without the limit


def test_a_search_that_takes_too_long_ends_and_says_so(stock: Path, tmp_path: Path) -> None:
    begun = time.thread_time()
    said = route(TANNIC_ACID, stock, "seconds=0.5").output
    assert time.thread_time() - begun < 5
    assert said == "no route was found within 0.5 s; seconds= sets the limit\n"
    path = tmp_path / "molecules.csv"
    path.write_text(f"smiles\n{TANNIC_ACID}\n{AMIDE}\n")
    route(path, stock, "seconds=0.5", f"output={tmp_path / 'routes.csv'}")
    table = pd.read_csv(tmp_path / "routes.csv")
    assert table["problem"].fillna("").tolist() == ["no route found within 0.5 s", ""]
    assert table["steps"][1] == 1


@pytest.mark.parametrize("command", ["route", "analogs"])
@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_text_is_refused(stock: Path, command: str, text: str) -> None:
    refused = CliRunner().invoke(main, [command, text, f"stock={stock}"])
    assert isinstance(refused.exception, SystemExit)
    assert f"'{text}': name a molecule or file, as in molgen {command} " in refused.output


def test_what_is_sold_or_can_t_be_made_is_said(stock: Path, tmp_path: Path) -> None:
    assert "NCc1ccccc1 can be bought [B-1]." in route("NCc1ccccc1", stock).output
    said = route("C1CC2CC1CC2", stock, f"output={tmp_path / 'none.json'}").output
    assert "no route of at most 4 steps from 5 blocks" in said
    assert not (tmp_path / "none.json").exists()


def test_one_block_is_no_blocks(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("smiles\nNCc1ccccc1\n")
    assert "no route of at most 1 step from 1 block of " in route(AMIDE, tmp_path / "one.csv", "steps=1").output


def test_the_ending_of_output_says_what_is_written(stock: Path, tmp_path: Path) -> None:
    for name in ("a.json", "a.csv", "a.svg", "a.png", "a.rdf", "a.rxn"):
        result = route(AMIDE, stock, f"output={tmp_path / name}", "scale=0.2", "yield=0.5", "n=1")
        assert result.exit_code == 0, result.output
        assert f"routes: {tmp_path / name}" in result.output
    (read,) = json.loads((tmp_path / "a.json").read_text())
    assert route_of(read, {each.name: each for each in own_reactions()}).price == 15
    order = pd.read_csv(tmp_path / "a.csv")
    assert order[["id", "amount mmol"]].to_numpy().tolist() == [["B-2", 0.4], ["B-1", 0.4]]
    drawn = (tmp_path / "a.svg").read_text()
    assert drawn.startswith("<svg")
    for text in ("B-1", "price 5 · 2 weeks", "amide coupling", "HATU, DIPEA, DMF"):
        assert text in drawn
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width > 2 * 400  # two columns of molecules
    assert (tmp_path / "a.rdf").read_text().count("$RFMT") == 1
    assert (tmp_path / "a.rxn").read_text().startswith("$RXN")


def test_a_file_gives_a_row_per_molecule(stock: Path, tmp_path: Path) -> None:
    path = tmp_path / "molecules.csv"
    path.write_text(f"steps,smiles\nA,{AMIDE}\nB,nonsense\nC,C1CC2CC1CC2\nD,NCc1ccccc1\n")
    result = route(path, stock, f"output={tmp_path / 'routes.csv'}")
    assert "4 molecules: 2 can be made, 1 of them bought" in result.output
    table = pd.read_csv(tmp_path / "routes.csv")
    assert table["steps"].fillna(-1).tolist() == [1, -1, -1, 0]
    assert table["price"].fillna(-1).tolist() == [15, -1, -1, 10]
    assert table["route"][0] == f"COc1ccc(C(=O)O)cc1.NCc1ccccc1>>{AMIDE} (amide coupling)"
    assert table["problem"].fillna("").tolist() == ["", "not a SMILES: syntax error", "no route found", ""]
    assert table["steps_2"].tolist() == ["A", "B", "C", "D"]


@pytest.mark.parametrize("command", ["route", "analogs"])
def test_the_file_that_is_read_is_not_written_over(stock: Path, tmp_path: Path, command: str) -> None:
    path = tmp_path / "molecules.csv"
    path.write_text(f"smiles\n{AMIDE}\n")
    refused = CliRunner().invoke(main, [command, str(path), f"stock={stock}", f"output={path}"])
    assert "this is the file that is read; name another" in refused.output
    assert path.read_text() == f"smiles\n{AMIDE}\n"


def test_sums_of_prices_have_no_more_digits_than_prices(tmp_path: Path) -> None:
    blocks, path = tmp_path / "blocks.csv", tmp_path / "molecules.csv"
    blocks.write_text("smiles,price\nNCc1ccccc1,9.99\nCOc1ccc(C(=O)O)cc1,6.5\n")
    path.write_text(f"smiles\n{AMIDE}\n")
    route(path, blocks, f"output={tmp_path / 'routes.csv'}")
    assert ",16.49," in (tmp_path / "routes.csv").read_text()


@pytest.mark.parametrize(
    ("given", "settings", "said"),
    [
        ("CC(=O", [], "'CC(=O': not a SMILES"),
        ("none.csv", [], "none.csv: no such file"),
        ("steps=2", [], "'steps=2': name the molecule or file first: molgen route"),
        ("CCO", ["output=route.txt"], "output=route.txt: write one of .json, .csv, .svg, .png, .rdf, .rxn"),
        ("CCO", ["yield=0"], "yield: must be between 0.01 and 1, not 0"),
        ("CCO", ["scale=-1"], "scale: must be above 0"),
        ("CCO", ["seconds=0"], "seconds: must be above 0, not 0"),
        ("CCO", ["steps=0"], "steps: must be at least 1, not 0"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(given: str, settings: list[str], said: str, stock: Path) -> None:
    result = route(given, stock, *settings)
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.splitlines()) == 1
