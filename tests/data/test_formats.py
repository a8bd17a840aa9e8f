import bz2
import gzip
import lzma
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from molgen.data.readers import kind_of, read_smiles, read_table, write_table
from molgen.errors import ConfigError, DataError

FILES = Path("tests/cases/files")

MOL2 = """@<TRIPOS>MOLECULE
{name}
 {atoms} {bonds} 0 0 0
SMALL
NO_CHARGES

@<TRIPOS>ATOM
{lines}
@<TRIPOS>BOND
{pairs}
"""


def mol2(name: str, smiles: str, hydrogens: bool = True) -> str:
    mol = Chem.MolFromSmiles(smiles)
    mol = Chem.AddHs(mol) if hydrogens else mol
    rdDistGeom.EmbedMolecule(mol, 1)
    types = {"C": "C.3", "O": "O.3", "H": "H", "N": "N.3"}
    where = mol.GetConformer().GetPositions()
    atoms = [
        f"{i + 1} {a.GetSymbol()}{i + 1} {x:.4f} {y:.4f} {z:.4f} {types[a.GetSymbol()]} 1 LIG 0.0"
        for i, (a, (x, y, z)) in enumerate(zip(mol.GetAtoms(), where, strict=True))
    ]
    bonds = [f"{i + 1} {b.GetBeginAtomIdx() + 1} {b.GetEndAtomIdx() + 1} 1" for i, b in enumerate(mol.GetBonds())]
    return MOL2.format(name=name, atoms=len(atoms), bonds=len(bonds), lines="\n".join(atoms), pairs="\n".join(bonds))


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".GZ", gzip.compress)]
)
@pytest.mark.parametrize("name", ["comma.smi", "chembl.csv", "numtag.sdf"])
def test_packed_files_are_read_as_plain_ones(tmp_path: Path, name: str, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    packed = tmp_path / (name.upper() + suffix)
    packed.write_bytes(pack((FILES / name).read_bytes()))
    plain, unpacked = read_table(FILES / name), read_table(packed)
    assert unpacked.smiles == plain.smiles
    pd.testing.assert_frame_equal(unpacked.columns, plain.columns)


def test_a_zip_is_read_where_it_holds_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.smi.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/a.smi", "CCO\n")
        archive.writestr("__MACOSX/a.smi", "x")
    assert read_smiles(path) == ["CCO"]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b.smi", "CCN\n")
    with pytest.raises(DataError, match=r"this holds 2 \(folder/a\.smi, b\.smi\)"):
        read_smiles(path)


def test_what_an_operating_system_puts_into_a_zip_is_not_counted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "w") as archive:
        for name in ("set/a.csv", "__MACOSX/set/._a.csv", "set/.DS_Store"):
            archive.writestr(name, "smiles\nCCO\n")
    assert read_smiles(tmp_path / "a.csv.zip") == ["CCO"]


def test_a_file_that_is_cut_says_where() -> None:
    with pytest.raises(DataError, match=r"trunc\.smi\.gz: the file is cut after row 13"):
        read_table(FILES / "trunc.smi.gz")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv.gz", b"not gzip", "can't be read as gz"),
        ("a.csv.zip", b"not zip", "damaged"),
        ("a.smi.xz", b"not xz", "damaged"),
        ("a.parquet", b"not parquet", "can't be read as PARQUET"),
        ("a.xlsx", b"not a workbook", "can't be read as XLSX"),
        ("a.cdxml", b"<not", "can't be read as CDXML"),
        ("a.mol2", b"nothing", "no molecules"),
        ("a.mae", b"nothing", "no molecules"),
        ("a.smi", bytes(range(256)), "binary"),
        ("a.smi", b"", "it is empty"),
        ("a.xyz", b"1", "unknown file type '.xyz'; known: .csv"),
        ("a.xls", b"1", "save it as .xlsx"),
        ("a.tar.gz", b"1", "unpack it"),
        ("a.zip", b"1", "name it by what it holds"),
        ("a.csv", gzip.compress(b"smiles\nCCO\n", mtime=0), "begins like .gz"),
        ("a.smi", b"PK\x03\x04...", "begins like .xlsx or .zip"),
        ("a.csv", Chem.MolToMolBlock(Chem.MolFromSmiles("CCO")).encode(), "begins like an SDF"),
    ],
)
def test_what_is_not_what_its_name_says_is_a_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_and_nothing_are_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(DataError, match="a folder"):
        read_table(tmp_path / "a.csv")
    with pytest.raises(DataError, match="no such file"):
        read_table(tmp_path / "b.csv")


def test_a_sheet_gives_text_as_it_stands_and_numbers_as_they_are_shown(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Compound", "SMILES", "n", "value", "when", "flag"])
    book.active.append(["00012", "CCO", 5, 6.1, date(2024, 3, 1), True])
    book.active.append(["NA", "CCN", 2**53, 7.0, None, False])
    book.create_sheet("notes").append(["x"])
    book.save(tmp_path / "a.XLSX")
    table = read_table(tmp_path / "a.XLSX")
    assert table.columns.to_numpy().tolist() == [
        ["00012", "CCO", "5", "6.1", "2024-03-01", "TRUE"],
        ["NA", "CCN", "9007199254740992", "7", "", "FALSE"],
    ]
    assert "is read and not: notes" in table.notes[0]


def test_the_sheet_that_holds_molecules_is_read_and_a_title_above_it_left_out(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Cover"
    book.active.append(["All results"])
    sheet = book.create_sheet("Data")
    for row in (["Results of 2024"], [], ["ID", "SMILES", "IC50"], ["1", "CCO", 5.5], ["2", "CCN", 6]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx")
    assert table.columns.to_dict("list") == {"ID": ["1", "2"], "SMILES": ["CCO", "CCN"], "IC50": ["5.5", "6"]}
    assert table.notes == (
        "sheet 'Data' is read and not: Cover",
        "left out above the names of the columns: Results of 2024",
    )


def test_parquet_with_lists_and_columns_of_one_name_is_read(tmp_path: Path) -> None:
    columns = [pa.array(["CCO", None]), pa.array([[1, 2], None]), pa.array([{"a": 1}, None]), pa.array(["x", "y"])]
    parquet.write_table(pa.Table.from_arrays(columns, names=["smiles", "fp", "facts", "fp"]), tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert table.smiles == ["CCO", ""]
    assert list(table.columns) == ["smiles", "fp", "facts", "fp_2"]
    for suffix in ("csv", "cxsmiles", "sdf", "xlsx"):
        write_table(table, tmp_path / f"b.{suffix}")
        found = read_table(tmp_path / f"b.{suffix}").columns
        assert found["fp"].tolist() == ["[1, 2]", ""]
        assert found["facts"].tolist() == ['{"a": 1}', ""]
        assert found["fp_2"].tolist() == ["x", "y"]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    frame = pd.DataFrame({"Smiles": ["CCO", None], "n": pd.array([9007199254740993, None], "Int64"), "x": [0.5, None]})
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert table.smiles == ["CCO", ""]
    assert table.columns["n"][0] == 9007199254740993
    training = table.training()
    assert training["x"].dtype == float
    assert training["x"].isna().tolist() == [False, True]


def test_mol2_needs_hydrogens(tmp_path: Path) -> None:
    (tmp_path / "a.mol2").write_text(
        "# made by hand\n" + mol2("ethanol", "CCO") + mol2("bare", "CCN", False) + mol2("amine", "CCN")
    )
    table = read_table(tmp_path / "a.mol2")
    assert table.smiles == ["CCO", "", "CCN"]
    assert table.columns["name"].tolist() == ["ethanol", "bare", "amine"]
    assert "needs its hydrogens" in str(table.problem[1])


@pytest.mark.parametrize("name", ["a.mae", "a.maegz", "a.mae.gz"])
def test_maestro_files_keep_titles_and_properties(tmp_path: Path, name: str) -> None:
    plain = tmp_path / "plain.mae"
    with Chem.MaeWriter(str(plain)) as writer:
        for smiles, title in (("CCO", "ethanol"), ("CCN", "amine")):
            mol = Chem.MolFromSmiles(smiles)
            rdDistGeom.EmbedMolecule(mol, 1)
            mol.SetProp("_Name", title)
            mol.SetProp("s_user_ID", "00012")
            writer.write(mol)
    path = tmp_path / name
    path.write_bytes(gzip.compress(plain.read_bytes()) if name.endswith("gz") else plain.read_bytes())
    table = read_table(path)
    assert table.smiles == ["CCO", "CCN"]
    assert table.columns["name"].tolist() == ["ethanol", "amine"]
    assert table.columns["s_user_ID"].tolist() == ["00012", "00012"]


@pytest.mark.parametrize(
    "column", ["r_m_x_coord", "r_m_y_coord", "r_m_z_coord", "i_m_atomic_number", "i_m_from", "i_m_to", "i_m_order"]
)
def test_a_maestro_file_without_a_column_is_a_line_and_no_crash(tmp_path: Path, column: str) -> None:
    path = tmp_path / "a.mae"
    mol = Chem.AddHs(Chem.MolFromSmiles("CO"))
    rdDistGeom.EmbedMolecule(mol, 1)
    with Chem.MaeWriter(str(path)) as writer:
        writer.write(mol)
    path.write_text(path.read_text().replace(column, f"{column}s"))
    with pytest.raises(DataError, match=rf"a\.mae: block m_(atom|bond) has no column {column}$"):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.mae", "f_m_ct {\n s_m_title\n :::\n", "can't be read as Maestro"),
        ("a.mol2", "@<TRIPOS>MOLECULE\na\n-1 0\nSMALL\nNO_CHARGES\n\n@<TRIPOS>ATOM\n 1 C 0 0 0 C.3\n", "a count below 0"),
        (
            "a.cdxml",
            '<CDXML><page><fragment><n id="2" p="0 0"/><b id="3" E="2"/></fragment></page></CDXML>',
            "Begin and an End",
        ),
    ],
)
def test_a_damaged_structure_is_a_line_and_no_hang(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / name)


def test_a_label_that_is_not_drawn_out_is_refused_in_cdxml(tmp_path: Path) -> None:
    mol = Chem.MolFromSmiles("CNC1CC1")
    Chem.rdDepictor.Compute2DCoords(mol)
    drawn = Chem.MolToCDXMLBlock(mol)
    (tmp_path / "a.cdxml").write_text(drawn)
    assert read_smiles(tmp_path / "a.cdxml") == ["CNC1CC1"]
    first = drawn.index("<n\n")
    end = drawn.index("/>", first)
    label = drawn[:end] + ' NodeType="Unspecified"><t><s>Boc</s></t></n>' + drawn[end + 2 :]
    fragment = drawn[drawn.index("<fragment") : drawn.index("</page>")]
    (tmp_path / "b.cdxml").write_text(label.replace("</page>", re.sub(r'\b(id|B|E)="', r'\1="9', fragment) + "</page>"))
    table = read_table(tmp_path / "b.cdxml")
    assert table.smiles[0] == ""
    assert "label 'Boc' isn't drawn out" in str(table.problem[0])
    assert len(table) == 2


@pytest.mark.parametrize(
    ("node", "smiles"),
    [
        ('Element="7" NumHydrogens="2"><t><s>N</s><s>H2</s></t>', "CCN"),
        ("><t><s>H3C</s></t>", "CCC"),
        ("><t><s>Boc</s></t>", ""),
        ('Element="7"><t><s>NHBoc</s></t>', ""),
        ('NodeType="ElementList" ElementList="7 8"><t><s>[N,O]</s></t>', ""),
        ('NodeType="NamedAlternativeGroup"><t><s>R1</s></t>', ""),
        ('NodeType="LinkNode">', ""),
    ],
)
def test_a_label_of_cdxml_is_the_atom_or_refused(tmp_path: Path, node: str, smiles: str) -> None:
    atoms = '<n id="1" p="0 0"/><n id="2" p="14 0"/>'
    bonds = '<b id="4" B="1" E="2"/><b id="5" B="2" E="3"/>'
    fragment = f'<fragment id="6">{atoms}<n id="3" p="28 0" {node}</n>{bonds}</fragment>'
    other = '<fragment id="9"><n id="10" p="0 9"/><n id="11" p="9 9"/><b id="12" B="10" E="11"/></fragment>'
    (tmp_path / "a.cdxml").write_text(f'<CDXML BondLength="14"><page id="8">{fragment}{other}</page></CDXML>')
    table = read_table(tmp_path / "a.cdxml")
    assert table.smiles == [smiles, "CC"]
    assert bool(table.problem[0]) == (not smiles)


def test_suffixes_are_those_of_the_format() -> None:
    assert [kind_of(name) for name in ("a.SDF", "b.v1.CSV.GZ", "c.maegz", "d.smi")] == [".sdf", ".csv", ".mae", ".smi"]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.smi.gz", "a.sdf.gz"])
def test_a_small_file_that_unpacks_to_an_endless_line_is_refused(name: str, tmp_path: Path) -> None:
    """Of 60 MB no more than some pieces of 1 MB are ever held."""
    with gzip.open(tmp_path / name, "wb", compresslevel=1) as stream:
        stream.write(b"smiles\n")
        for _ in range(60):
            stream.write(b"C" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(DataError, match="line 2 has more than 16,777,216 bytes"):
        read_table(tmp_path / name)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20e6


@pytest.fixture
def expanding(tmp_path: Path) -> Path:
    """Files of some kilobytes that are 3 MB unpacked."""
    blanks = b" " * 3_000_000
    frame = pd.DataFrame({"smiles": ["CCO"] * 2, "note": [f"{'x' * 1_500_000}", f"{'y' * 1_500_000}"]})
    frame.to_parquet(tmp_path / "plain.parquet", compression="none", use_dictionary=False)
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress((tmp_path / "plain.parquet").read_bytes()))
    (tmp_path / "a.mae.gz").write_bytes(gzip.compress(b"f_m_ct" + blanks))
    (tmp_path / "a.cdxml.xz").write_bytes(lzma.compress(b"<CDXML>" + blanks + b"</CDXML>"))
    book = Workbook()
    book.active.append(["smiles"])
    book.active.append(["CCO"])
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", blanks)
    return tmp_path


@pytest.mark.parametrize("name", ["a.parquet.gz", "a.mae.gz", "a.cdxml.xz", "a.xlsx"])
def test_a_small_file_that_unpacks_to_more_than_may_be_read_is_refused(
    name: str, expanding: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (expanding / name).stat().st_size < 20_000
    monkeypatch.setenv("MOLGEN_UNPACKED", "1")
    with pytest.raises(DataError, match=f"{name}: more than 1 MB when unpacked, .* allow more with MOLGEN_UNPACKED=MEGABYTES$"):
        read_table(expanding / name)


@pytest.mark.parametrize("name", ["a.parquet.gz", "a.xlsx"])
def test_what_may_be_read_whole_is_a_setting(name: str, expanding: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_UNPACKED", "4")
    assert set(read_table(expanding / name).smiles) == {"CCO"}
    monkeypatch.setenv("MOLGEN_UNPACKED", "much")
    with pytest.raises(ConfigError, match="MOLGEN_UNPACKED=much: must be a whole number of megabytes, such as 2000"):
        read_table(expanding / name)
