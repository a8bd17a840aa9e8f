"""Stocks as suppliers send them, and which of their blocks fit which reaction."""

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rdkit import Chem

from molgen.chem.smarts import Pattern
from molgen.errors import DataError
from molgen.synthesis.catalogue import Catalogue, read_catalogue
from molgen.synthesis.chemist import chemist_of
from molgen.synthesis.fitting import FittingRoles
from molgen.synthesis.index import read_index
from molgen.synthesis.lines import Lines, packed
from molgen.synthesis.matching import Screen, Seen, outline
from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.role import Role
from molgen.synthesis.stock import SHIPPED

ROLES = list(dict.fromkeys(role for reaction in own_reactions() for role in reaction.roles))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def catalogue(folder: Path, text: str) -> Catalogue:
    file = folder / "stock.csv"
    file.write_text(text)
    return read_catalogue(str(file), processes=1)


def test_the_stock_that_ships() -> None:
    found = read_catalogue(SHIPPED, processes=1)
    assert len(found) == 7999
    assert len(set(found.ids)) == 7999
    known = dict(zip(found.smiles, found.ids, strict=True))
    assert known["Nc1ccc(O)cc1"] == "REAL-841"  # its reagent_id in real_blocks
    assert known["NC(=NO)c1ccccc1"] == "sigma_stock:2770"  # there as NC(N=O)c1ccccc1
    assert known["CCl"] == "sigma_stock:7461"  # its line in sigma_stock
    assert all(Chem.MolFromSmiles(text).GetNumHeavyAtoms() <= 20 for text in found.smiles)


def test_salts_are_their_parents_and_what_is_no_known_molecule_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = {
        "NCc1ccccc1.Cl": "hydrochloride",
        "[Na+].[O-]C(=O)c1ccccc1": "sodium salt",
        "CCCCCN.CCO": "ethanolate",
        "CCCCCN.OCc1ccccc1F": "a mixture",
        "[13CH3]N": "labelled",
        "[2H]C(=O)c1ccccc1": "labelled",
        "*CC*": "polymer",
        "[K+].[Br-]": "inorganic",
        "C(C)(C)(C)(C)C": "five bonds",
        "benzene": "a name",
    }
    found = catalogue(tmp_path, "smiles,id\n" + "".join(f"{text},{name}\n" for text, name in rows.items()) + ",nothing\n")
    assert dict(zip(found.ids, found.smiles, strict=True)) == {
        "hydrochloride": "NCc1ccccc1",
        "sodium salt": "O=C(O)c1ccccc1",
        "ethanolate": "CCCCCN",
    }
    (said,) = caplog.messages
    reasons = ("2 labelled with isotopes", "1 a mixture", "1 an inorganic salt", "1 an attachment point", "1 empty SMILES")
    assert all(reason in said for reason in (*reasons, "1 not a SMILES", "1 no valid valences"))


def test_the_cheapest_entry_of_a_block_counts_and_prices_are_read_as_they_are_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = catalogue(
        tmp_path,
        "Structure;Catalog ID;Lead time (days);Price [EUR]\n"
        "NCc1ccccc1;A1;10;1.234,50 €\n"
        "NCc1ccccc1.Cl;A2;3;7,25\n"
        "CCBr;A3;;EUR 12\n"
        "CCI;A4;1;-3,00\n"
        "CCCl;A5;1;on request\n"
        "CCCl;A6;2;\n",
    )
    blocks = {block.smiles: (block.id, block.price, block.lead_time) for block in map(found.block, range(len(found)))}
    assert blocks["NCc1ccccc1"] == ("A2", 7.25, "3 days")
    assert dict(zip(found.smiles, found.forms, strict=True)) == {"NCc1ccccc1": "Cl.NCc1ccccc1", "CCBr": "", "CCI": "", "CCCl": ""}
    assert blocks["CCBr"] == ("A3", 12.0, "")
    assert [blocks["CCI"][0], blocks["CCCl"][0]] == ["A4", "A5"]
    assert math.isnan(blocks["CCI"][1])
    assert math.isnan(blocks["CCCl"][1])
    assert any("no prices in 2 of its cells, such as '-3,00'" in line for line in caplog.messages)
    assert any("2 listed twice" in line for line in caplog.messages)


@pytest.mark.parametrize(
    ("header", "cells", "expected", "said"),
    [
        ("Lot No,Catalog ID,Cost centre,lead", "L-7,C-1,4711,3 days", ("C-1", None, "3 days"), "no column is called prices"),
        ("Catalog #,Price date,Price EUR", "C-1,2024,12.5", ("C-1", 12.5, ""), ""),
        ("id,Price currency,Unit price", "C-1,EUR,7", ("C-1", 7.0, ""), ""),
        ("SKU,Price/100mg,Price/1g", "C-1,5,20", ("C-1", 5.0, ""), "'Price/100mg' is taken as the price, 'Price/1g' isn't"),
        ("Best.-Nr.,Preis,Lieferzeit", "C-1,5,2 Wochen", ("C-1", 5.0, "2 Wochen"), ""),
        ("id,cost,Delivery (days)", "C-1,5,14", ("C-1", 5.0, "14 days"), ""),
        ("id,cost,lead_time_weeks", "C-1,5,2-3", ("C-1", 5.0, "2-3 weeks"), ""),
        ("id,cost,Lead time (working days)", "C-1,5,3 weeks", ("C-1", 5.0, "3 weeks"), ""),
        ("name,Lot ID,Catalogue Number,cost", "amine,L-7,C-1,3", ("C-1", 3.0, ""), ""),
        ("lead compound,supplier", "yes,us", ("CCBr", None, ""), "no column is called identifiers or prices"),
    ],
)
def test_columns_are_what_they_are_called(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, header: str, cells: str, expected: tuple[str, float | None, str], said: str
) -> None:
    found = catalogue(tmp_path, f"smiles,{header}\nCCBr,{cells}\n").block(0)
    assert (found.id, None if math.isnan(found.price) else found.price, found.lead_time) == expected
    assert [line.partition(": ")[2] for line in caplog.messages] == ([said] if said else [])


def test_a_stock_is_the_same_when_it_is_read_back(tmp_path: Path) -> None:
    text = "smiles,id,price\nCCBr,A,3\nCCCCCCBr,,1.5\nCCI,C,\n"
    first, again = catalogue(tmp_path, text), catalogue(tmp_path, text)
    for name in ("smiles", "ids", "lead_times", "forms"):
        assert getattr(first, name)[:] == getattr(again, name)[:]
    assert first.ids[:] == ["A", "CCCCCCBr", "C"]
    assert first.lead_times[:] == ["", "", ""]
    assert again.prices.tolist() == pytest.approx([3, 1.5, float("nan")], nan_ok=True)
    assert (first.fingerprints == again.fingerprints).all()


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["", ""], ["ü", "", "b c"]])
def test_lines(texts: list[str]) -> None:
    found = Lines(packed(texts), len(texts))
    assert [len(found), found[:], list(found)] == [len(texts), texts, texts]
    with pytest.raises(IndexError):
        found[len(texts)]


def test_stocks_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"stock=nowhere\.csv: no such file, nor a public set"):
        read_catalogue("nowhere.csv", processes=1)
    with pytest.raises(DataError, match="stock=zinc250k: isn't a list of molecules that are sold"):
        read_catalogue("zinc250k", processes=1)
    with pytest.raises(DataError, match=r"stock\.csv: it is empty"):
        catalogue(tmp_path, "")
    with pytest.raises(DataError, match=r"stock\.csv: no building block in it"):
        catalogue(tmp_path, "smiles,id\n[13CH3]N,a\n[13CH4],b\n")
    with pytest.raises(DataError, match=r"stock\.csv: prices': decimal points .* and decimal commas"):
        catalogue(tmp_path, 'smiles,price\nCCBr,1.5\nCCI,"1,5"\n')


def test_a_reactant_that_no_block_fits_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "stock.csv").write_text("smiles,id\nCC(=O)O,A\nCCBr,B\n")
    (tmp_path / "ours.yaml").write_text(
        'our coupling:\n  class: acylation\n  reaction: "[C:1](=[O:2])-[OX2H1].[NX3;H2:3]>>[C:1](=[O:2])-[N:3]"\n'
        '  examples: ["CC(=O)O.NCc1ccccc1>>CC(=O)NCc1ccccc1"]\n'
    )
    chemist_of(str(tmp_path / "stock.csv"), str(tmp_path / "ours.yaml"))
    (said,) = [line for line in caplog.messages if "our coupling" in line]
    assert said.endswith("stock.csv fits reactant 2 of our coupling, [NX3;H2:3]: it has to be made first")


@pytest.mark.parametrize(
    ("smarts", "without_nested"),
    [
        ("[CX3;$(C-[#6]):1](=[O:2])-[OX2H1]", "[CX3;*:1](=[O:2])-[OX2H1]"),
        ("[$(C=O),!$(C(#N)-C)]-[N;!$(N-[!C;$(C(C)C)])](C)C", "[*,*]-[N;*](C)C"),
        ("[#6](=O)(C)C", "[#6](=O)(C)C"),
    ],
)
def test_outlines(smarts: str, without_nested: str) -> None:
    assert outline(smarts) == without_nested


def test_outlines_spare_searches_and_change_nothing() -> None:
    blocks = random.Random(0).sample(list(read_catalogue(SHIPPED, processes=1).smiles), 30)
    fitting, fitting_roles = 0, FittingRoles(ROLES)
    for mol in map(Chem.MolFromSmiles, blocks):
        seen = Seen()
        fitted = fitting_roles(mol, Seen())
        for role in ROLES:
            sites = [set(match) for match in mol.GetSubstructMatches(role.template, maxMatches=50)]
            beside = [group for other in role.without for group in other.matches(mol)]
            fits = bool(sites) and not any(site.isdisjoint(group) for site in sites for group in beside)
            assert role.fits(mol, seen) == (role in fitted) == fits
            if fits:
                assert role.normal_forms(mol, seen) == role.normal_forms(mol)
                fitting += 1
    assert fitting > 100


@pytest.mark.parametrize(
    ("smarts", "smiles"),
    [
        ("[13CH3]-O", "[13CH3]OC"),
        ("[C;x2]1CC1", "C1CC1C"),
        ("[C;v4;h2;D2](-[#6])-[#8]", "CCO"),
        ("[C^2]=O", "CC=O"),
        ("[H]-[O]-[C]", "CO"),
        ("C/C=C/C", "C/C=C/C"),
        ("[C@H](O)(F)C", "O[C@H](F)C"),
        ("[R2]", "C1CC2CC12"),
        ("[r3]-[!r3]", "C1CC1CC"),
        ("[N+;X4]-[CH3]", "C[N+](C)(C)CC"),
        ("[c;H0]:n", "Cc1ccccn1"),
        ("c-&!@c", "c1ccccc1-c1ccccc1"),
        ("[O,S;H1]-*", "CS"),
        ("[!C;!N]~[#6]", "CO"),
        ("[nH]", "c1cc[nH]c1"),
        ("O=[N+]-[O-]", "C[N+](=O)[O-]"),
        ("[2H]-C", "[2H]C"),
    ],
)
def test_a_screen_loses_nothing_whatever_a_pattern_asks(smarts: str, smiles: str) -> None:
    mol, query = Chem.MolFromSmiles(smiles), Chem.MolFromSmarts(smarts)
    assert mol.HasSubstructMatch(query) or Chem.AddHs(mol).HasSubstructMatch(query)
    assert Screen([query])(mol) == [0]


def test_a_pattern_with_hydrogens_is_searched_with_its_hydrogens() -> None:
    role = Role("[c:1]-[Br]", (Pattern("[H]-[O;$(O-C)]"),))
    assert not role.fits(Chem.MolFromSmiles("OCc1ccc(Br)cc1"))
    assert role.fits(Chem.MolFromSmiles("COc1ccc(Br)cc1"))


def test_blocks_are_found_by_what_they_are_for_a_reaction(tmp_path: Path) -> None:
    halides = {"Cc1ccc(Br)cc1": "A", "Cc1ccc(I)cc1": "B", "CCc1ccc(Br)cc1": "C", "OB(O)c1ccccc1": "D"}
    (tmp_path / "stock.csv").write_text("smiles,id\n" + "".join(f"{text},{name}\n" for text, name in halides.items()))
    suzuki = next(each for each in own_reactions() if each.name == "Suzuki coupling")
    halide, boronate = sorted(suzuki.roles, key=lambda role: "B(" in role.smarts)
    index = read_index(str(tmp_path / "stock.csv"), [suzuki], processes=1)
    for _ in range(2):  # made, and then read back
        assert [index.block(row).id for row in index.alike(halide, Chem.MolFromSmiles("Cc1ccc(I)cc1"))] == ["A", "B"]
        assert [index.block(row).id for row in index.fitting(boronate)] == ["D"]
        assert [index.block(row).id for row in index.nearest(halide, Chem.MolFromSmiles("CCc1ccc(I)cc1"), 1)] == ["C"]
        index = read_index(str(tmp_path / "stock.csv"), [suzuki], processes=1)


def test_progress_says_what_is_done_and_nothing_where_nothing_is_done(tmp_path: Path) -> None:
    stock = tmp_path / "stock.csv"
    stock.write_text("smiles,id\nCc1ccc(Br)cc1,A\nOB(O)c1ccccc1,B\nOB(O)c1ccccc1,B\n")
    suzuki = next(each for each in own_reactions() if each.name == "Suzuki coupling")
    said: list[str | int] = []

    @contextmanager
    def progress(what: str) -> Iterator[Callable[[int], None]]:
        said.append(what)
        yield said.append

    read_index(str(stock), [suzuki], progress, 1)
    assert said == [f"reading {stock}", 3, f"indexing 2 blocks of {stock} for 2 reactants", 2]
    said.clear()
    read_index(str(stock), [suzuki], progress, 1)
    assert said == []
