"""The nearest makeable molecules, from a stock small enough to work them out by hand."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import TanimotoSimilarity

from molgen.cli.commands import main
from molgen.synthesis.analogs import Analogs
from molgen.synthesis.chemist import Chemist, chemist_of
from molgen.synthesis.many import AnalogSettings, analogs_of
from molgen.synthesis.route import SynthesisRoute
from molgen.synthesis.variants import variants

STOCK = """smiles,id
OC(=O)c1ccccc1,benzoic acid
NCc1ccccc1,benzylamine
NCC1CC1,cyclopropylmethylamine
CC(C)(C)OC(=O)N1CCNCC1,Boc-piperazine
OB(O)c1ccncc1,4-pyridylboronic acid
OC(=O)c1ccc(Br)cc1,4-bromobenzoic acid
C[C@H](N)c1ccccc1,(S)-1-phenylethylamine
"""


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("analogs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        (folder / "stock.csv").write_text(STOCK)
        yield str(folder / "stock.csv")


@pytest.fixture(scope="module")
def chemist(stock: str) -> Chemist:
    return chemist_of(stock)


def ids(route: SynthesisRoute) -> set[str]:
    return {block.id for block in route.blocks}


@pytest.mark.parametrize(
    ("target", "steps", "blocks"),
    [
        ("O=C(NCc1ccccc1)c1ccccc1", 1, {"benzoic acid", "benzylamine"}),
        ("C[C@H](NC(=O)c1ccccc1)c1ccccc1", 1, {"benzoic acid", "(S)-1-phenylethylamine"}),
        ("O=C(c1ccccc1)N1CCNCC1", 2, {"benzoic acid", "Boc-piperazine"}),
        ("O=C(NCC1CC1)c1ccc(-c2ccncc2)cc1", 2, {"4-bromobenzoic acid", "4-pyridylboronic acid", "cyclopropylmethylamine"}),
    ],
)
def test_a_molecule_that_can_be_made_is_its_own_analog(chemist: Chemist, target: str, steps: int, blocks: set[str]) -> None:
    [found] = Analogs(chemist)(Chem.CanonSmiles(target), 1)
    assert found.route.smiles == Chem.CanonSmiles(target)
    assert found.similarity == 1
    assert found.route.steps == steps
    assert ids(found.route) == blocks


def test_a_molecule_that_is_only_sold_takes_no_step(chemist: Chemist) -> None:
    [found] = Analogs(chemist)("NCC1CC1", 1)
    assert (found.route.smiles, found.route.steps, ids(found.route)) == ("NCC1CC1", 0, {"cyclopropylmethylamine"})


def test_the_nearest_of_what_the_stock_gives_stands_for_a_molecule_that_cannot_be_made(chemist: Chemist) -> None:
    target = Chem.CanonSmiles("O=C(NCc1ccc(F)cc1)c1ccccc1")
    best, *others = Analogs(chemist)(target, 5)
    assert best.route.smiles == Chem.CanonSmiles("O=C(NCc1ccccc1)c1ccccc1")
    ecfp4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    one, two = (ecfp4.GetFingerprint(Chem.MolFromSmiles(text)) for text in (target, best.route.smiles))
    assert best.similarity == TanimotoSimilarity(one, two) < 1
    assert [each.similarity for each in others] == sorted((each.similarity for each in others), reverse=True)
    assert len({each.route.smiles for each in [best, *others]}) == 1 + len(others)


def test_the_other_enantiomer_is_an_analog_and_not_the_molecule(chemist: Chemist) -> None:
    [found] = Analogs(chemist)(Chem.CanonSmiles("C[C@@H](NC(=O)c1ccccc1)c1ccccc1"), 1)
    assert found.route.smiles == Chem.CanonSmiles("C[C@H](NC(=O)c1ccccc1)c1ccccc1")
    assert found.similarity == 1


def test_no_route_is_longer_than_asked_for(chemist: Chemist) -> None:
    target = Chem.CanonSmiles("O=C(NCC1CC1)c1ccc(-c2ccncc2)cc1")
    found = Analogs(chemist, steps=1)(target, 10)
    assert {each.route.steps for each in found} == {1}
    assert target not in {each.route.smiles for each in found}


def test_an_answer_does_not_depend_on_what_was_asked_before(chemist: Chemist) -> None:
    target = Chem.CanonSmiles("O=C(NCc1ccc(F)cc1)c1ccc(-c2ccncc2)cc1")
    fresh, used = Analogs(Chemist(chemist.reactions, chemist.index), effort=1000), Analogs(chemist, effort=1000)
    used("O=C(NCC1CC1)c1ccccc1", 5)
    given, again = fresh(target, 5), used(target, 5)
    assert [(each.similarity, str(each.route)) for each in again] == [(each.similarity, str(each.route)) for each in given]
    assert len(given) == 5


def test_a_molecule_that_nothing_resembles_has_no_analog(chemist: Chemist) -> None:
    assert Analogs(chemist)("[Xe]", 3) == []


def test_variants_differ_in_one_place() -> None:
    # an imine: saturated; its nitrogen or carbon left out; an ester's methyl group lost
    assert {"CCNCC", "CC=NC"} <= set(variants(Chem.MolFromSmiles("CC=NCC")))
    assert "c1ccccc1" in variants(Chem.MolFromSmiles("c1ccncc1"))
    assert "CCN1CCNCC1" not in variants(Chem.MolFromSmiles("CCN1CCNCC1"))


def test_several_processes_give_what_one_gives_in_the_order_asked_for(stock: str, chemist: Chemist) -> None:
    targets = ["O=C(NCc1ccccc1)c1ccccc1", "[Xe]", "O=C(NCC1CC1)c1ccccc1"]
    wanted = AnalogSettings(stock, None, 2, 500, 2)
    done: list[int] = []
    alone = list(analogs_of(targets, wanted, processes=1))
    assert list(analogs_of(targets, wanted, done.append, processes=2)) == alone
    assert sum(done) == 3
    assert [bool(each) and each[0].exact for each in alone if isinstance(each, list)] == [True, False, True]


def test_a_file_gives_a_row_per_analog_and_says_why_there_is_none(stock: str, chemist: Chemist, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("smiles\nNC(=O\nO=C(NCc1ccccc1)c1ccccc1\n[Xe]\nO=C(NCc1ccccc1)c1ccccc1\n")
    output = tmp_path / "out.csv"
    ran = CliRunner().invoke(main, ["analogs", str(tmp_path / "in.csv"), "n=1", f"stock={stock}", f"output={output}"])
    assert ran.exit_code == 0, ran.output
    table = pd.read_csv(output)
    assert list(table) == ["target", "analog", "similarity", "steps", "route", "problem"]
    assert table["target"].tolist() == ["NC(=O", "O=C(NCc1ccccc1)c1ccccc1", "[Xe]", "O=C(NCc1ccccc1)c1ccccc1"]
    assert table["analog"].notna().tolist() == [False, True, False, True]
    assert table["problem"].isna().tolist() == [False, True, False, True]
    assert table["similarity"].tolist()[1] == 1
    assert "4 molecules: 2 can be made, 0 have analogs" in ran.output


def test_another_stereoisomer_is_told_from_the_molecule_itself(tmp_path: Path) -> None:
    blocks, path, output = tmp_path / "blocks.csv", tmp_path / "in.csv", tmp_path / "out.csv"
    blocks.write_text("smiles\nOC(=O)c1ccccc1\nC[C@H](N)c1ccccc1\n")
    path.write_text("smiles,name\nC[C@H](NC(=O)c1ccccc1)c1ccccc1,made\nC[C@@H](NC(=O)c1ccccc1)c1ccccc1,not made\n")
    CliRunner().invoke(main, ["analogs", str(path), "n=1", f"stock={blocks}", f"output={output}"])
    table = pd.read_csv(output)
    assert table[["name", "similarity"]].to_numpy().tolist() == [["made", 1], ["not made", 1]]
    assert table["problem"].fillna("").tolist() == ["", "differs in stereo"]


def test_a_file_without_molecules_is_refused(stock: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("smiles\n")
    ran = CliRunner().invoke(main, ["analogs", str(tmp_path / "in.csv"), f"stock={stock}"])
    assert ran.exit_code != 0
    assert "no molecules in it" in f"{ran.output}{ran.exception}"
