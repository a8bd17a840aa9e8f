from pathlib import Path

import pytest

from molgen.data.readers import read_chunks, read_smiles, read_table
from molgen.errors import DataError

FILES = Path("tests/cases/files")
REAL = Path("tests/cases/real")
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def written(folder: Path, name: str, content: str, encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(content.encode(encoding))
    return folder / name


@pytest.mark.parametrize(
    ("name", "column", "rows"),
    [
        ("chembl.csv", "Smiles", 20),
        ("bindingdb.tsv", "Ligand SMILES", 20),
        ("pubchem.csv", "PUBCHEM_EXT_DATASOURCE_SMILES", 20),
        ("trailrow.csv", "SMILES", 20),
        ("tabs_as.csv", "SMILES", 20),
        ("latin1.csv", "SMILES", 20),
    ],
)
def test_tables_as_databases_export_them_are_read(name: str, column: str, rows: int) -> None:
    table = read_table(FILES / name)
    assert (table.structure, len(table)) == (column, rows)
    assert table.smiles[0] == ASPIRIN
    assert table.problem == [None] * rows


def test_a_delimiter_behind_every_row_shifts_nothing() -> None:
    table = read_table(FILES / "trailrow.csv")
    assert list(table.columns) == ["SMILES", "pIC50"]
    assert table.columns["pIC50"].tolist() == [f"{5 + i / 10:.2f}" for i in range(20)]


def test_text_stays_to_the_letter() -> None:
    table = read_table(FILES / "passthru.csv").columns
    assert table["ID"].tolist() == ["00012", "00700", "1E5"]
    assert table["CID"].tolist() == ["2519", "", "9007199254740993"]
    assert table["Series"].tolist() == ["NA", "None", "nan"]
    assert table["Comment"].tolist() == ["line1\nline2", "a, b", "null"]
    assert table["pIC50"].tolist() == ["6.10", "7.00", "1e-7"]
    assert read_table(FILES / "ids.csv").columns["id"].tolist() == ["000123", "NA"]
    assert read_table(FILES / "bindingdb.tsv").columns["IC50 (nM)"].tolist()[:3] == [">10000", " 830.48", "3938.70"]
    assert read_table(FILES / "chembl.csv").columns["Standard Relation"][0] == "'>'"


def test_pubchems_rows_of_description_are_left_out_and_the_units_kept(tmp_path: Path) -> None:
    table = read_table(FILES / "pubchem.csv")
    assert table.columns["PUBCHEM_RESULT_TAG"].tolist() == [str(i) for i in range(1, 21)]
    assert table.units == {"IC50": "MICROMOLAR"}
    assert table.training().attrs["units"] == {"IC50": "MICROMOLAR"}
    lines = (FILES / "pubchem.csv").read_text().splitlines()
    more = [lines[0], *lines[1:4], "RESULT_ATTR_CONC_MICROMOL" + "," * 9, *lines[4:]]
    assert len(read_table(written(tmp_path, "more.csv", "\n".join(more)))) == 20
    parts = list(read_chunks(FILES / "pubchem.csv", rows=7))
    assert [len(part) for part in parts] == [7, 7, 6]
    assert all(part.units == table.units for part in parts)


@pytest.mark.parametrize("suffix", [".csv", ".txt", ".tsv"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_whatever_the_suffix(tmp_path: Path, delimiter: str, suffix: str) -> None:
    rows = [["Id", "Smiles", "pIC50"], ["1", "C[C@H](N)C(=O)O.Cl", "5.3"], ["2", "F/C=C/F", "6.25"]]
    path = written(tmp_path, f"a{suffix}", "\n".join(delimiter.join(row) for row in rows) + "\n")
    table = read_table(path)
    assert table.columns.to_numpy().tolist() == rows[1:]
    assert table.smiles == [row[1] for row in rows[1:]]


def test_decimal_commas_between_semicolons_stay(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "SMILES;pIC50;note\nCCO;5,3;a, b\nCCN;6,1;c\nCC(=O)N;7,25;d\n")
    table = read_table(path)
    assert table.columns["pIC50"].tolist() == ["5,3", "6,1", "7,25"]
    assert "';', guessed" in table.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
@pytest.mark.parametrize("text", ["EC50 (µM)", "Größe", "37 °C ± 1", "naïve"])
def test_encodings_are_found_and_said(tmp_path: Path, encoding: str, text: str) -> None:
    table = read_table(written(tmp_path, "a.csv", f"smiles,{text}\nCCO,{text}\n", encoding))
    assert table.columns.to_dict("list") == {"smiles": ["CCO"], text: [text]}
    assert bool(table.notes) == (not encoding.startswith("utf-8"))


def test_an_encoding_that_shows_late_is_found(tmp_path: Path) -> None:
    content = "smiles,x\n" + "CCO,aaaaaaaaaaaaaaaa\n" * 60_000 + "CCN,5 µM\n"
    assert read_table(written(tmp_path, "a.csv", content, "latin-1")).columns["x"].iloc[-1] == "5 µM"


def test_what_the_user_says_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "smiles:имя\nCCO:Аспирин\n", "cp1251")
    table = read_table(path, delimiter=":", encoding="cp1251")
    assert table.columns.to_dict("list") == {"smiles": ["CCO"], "имя": ["Аспирин"]}
    with pytest.raises(DataError, match=r"a\.csv: row 1 or later isn't utf-8; name the encoding with table\.encoding="):
        read_table(path, encoding="utf-8")
    with pytest.raises(DataError, match="no such encoding"):
        read_table(path, encoding="latin-11")
    with pytest.raises(DataError, match=r"table\.delimiter=::: must be one character"):
        read_table(path, delimiter="::")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("id,SMILES,Structure", "SMILES"),
        ("id,Canonical SMILES,x", "Canonical SMILES"),
        ("id,x,canonical_smiles", "canonical_smiles"),
        ("isosmiles,x,y", "isosmiles"),
        ("id,Structure,MW", "Structure"),
        ("mol,x,y", "mol"),
        ("x,Compound SMILES (neutral),y", "Compound SMILES (neutral)"),
    ],
)
def test_the_column_is_found_by_its_name(tmp_path: Path, header: str, column: str) -> None:
    place = header.split(",").index(column)
    cells = [["CCO" if i == place else str(i) for i in range(3)], ["CCN" if i == place else str(i) for i in range(3)]]
    path = written(tmp_path, "a.csv", "\n".join([header, *map(",".join, cells)]))
    table = read_table(path)
    assert (table.structure, table.smiles) == (column, ["CCO", "CCN"])


def test_the_column_is_found_by_what_it_holds(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", "code,what,flag\nA1,c1ccccc1O,C\nA2,CCNCC,N\n"))
    assert table.structure == "what"
    assert "the only one that holds SMILES" in table.notes[0]
    structure = written(tmp_path, "b.csv", "Structure,draw\nS-1,c1ccccc1O\nS-2,CCNCC\n")
    assert read_table(structure).structure == "draw"
    with pytest.raises(DataError, match=r"name it with column=NAME.*found: code, one, other"):
        read_table(written(tmp_path, "c.csv", "code,one,other\nA1,c1ccccc1O,CCCCC\nA2,CCNCC,CCCN\n"))


def test_one_of_two_columns_is_taken_and_the_other_kept() -> None:
    table = read_table(REAL / "two_smiles_columns.csv")
    assert table.structure == "smiles"
    assert "not from 'canonical_smiles'" in table.notes[0]
    other = read_table(REAL / "two_smiles_columns.csv", "canonical_smiles")
    assert other.smiles[0] == "CCOc1ccccc1"
    assert list(other.columns) == ["id", "smiles", "canonical_smiles", "value"]
    training = other.training()
    assert list(training) == ["smiles", "id", "smiles_2", "value"]
    assert (training["smiles"][0], training["smiles_2"][0]) == ("CCOc1ccccc1", "CCCOc1ccccc1")


def test_a_table_without_a_header_loses_no_row(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", "CCO,1,x\nCCN,2,y\n"))
    assert table.smiles == ["CCO", "CCN"]
    assert list(table.columns) == ["smiles", "name", "column_3"]
    assert "no line of column names" in table.notes[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("smiles,x\nCCO,1,2\nCCN,2\n", r"line 2 has 3 fields and not 2 \(CCO \| 1 \| 2\)"),
        ("smiles,x,y\nCCO,1,2\nCCN,2\n", "line 3 has 2 fields and not 3"),
        ('smiles,x\n"CCO,1\nCCN,2\n', "a quote in line 3 or before isn't closed"),
        (
            "smiles,foo\nxx,2\nyy,3\n",
            r"no valid SMILES in column 'smiles'; it begins: xx 2 \| yy 3; name the column",
        ),
        ("structur,x\n1,2\n", "no column 'smiles', and none that alone holds SMILES"),
        ("", "it is empty"),
        ("smiles\n", "no molecules"),
        ("smiles,x\0\nCCO,1\n", "binary file"),
    ],
)
def test_what_cannot_be_meant_is_a_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_table(written(tmp_path, "a.csv", content))
    assert "a.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_of_one_name_are_told_apart_and_an_unnamed_one_is_kept(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", ",smiles,x,x\n0,CCO,1,2\n"))
    assert table.columns.to_dict("list") == {"": ["0"], "smiles": ["CCO"], "x": ["1"], "x_2": ["2"]}
    assert "x_2" in table.notes[0]


def test_a_column_that_is_named_is_found_or_the_nearest_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "Structure,x\nCCO,CCN\n,CCC\n")
    assert read_smiles(path) == ["CCO", ""]
    assert read_smiles(path, "X") == ["CCN", "CCC"]
    with pytest.raises(DataError, match="did you mean 'Structure'"):
        read_table(path, "structur")


@pytest.mark.parametrize(
    ("above", "note"),
    [
        ("sep=;\n", ""),
        ('"sep=;"\n', ""),
        ("# exported;2024\n# by me\n", "# exported 2024 | # by me"),
        ("Results of plate 7\n\n", "Results of plate 7"),
        ("Results;;\n;;\n", "Results"),
        ("SMILES of plate 7\n", "SMILES of plate 7"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".txt"])
def test_titles_remarks_and_excels_separator_are_no_rows(tmp_path: Path, above: str, note: str, suffix: str) -> None:
    table = read_table(written(tmp_path, f"a{suffix}", f"{above}SMILES;ID;pIC50\nCCO;1;5,3\nCCN;2;6,1\n"))
    assert table.columns.to_dict("list") == {"SMILES": ["CCO", "CCN"], "ID": ["1", "2"], "pIC50": ["5,3", "6,1"]}
    said = [line for line in table.notes if line.startswith("left out")]
    assert said == ([f"left out above the names of the columns: {note}"] if note and (suffix == ".csv" or note[0] != "#") else [])


def test_excels_separator_is_no_row_where_columns_have_no_names_or_others(tmp_path: Path) -> None:
    assert read_smiles(written(tmp_path, "a.csv", "sep=;\nCCO;1\nCCN;2\n")) == ["CCO", "CCN"]
    named = read_table(written(tmp_path, "b.csv", "sep=;\ncode;what\nA;CCO\nB;CCN\n"))
    assert named.columns.to_dict("list") == {"code": ["A", "B"], "what": ["CCO", "CCN"]}


def test_rows_and_columns_without_anything_in_them_are_left_out(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", "ID,SMILES,x,,\n1,CCO,5,,\n,,,,\n2,,6,,\n,,,,\n"))
    assert table.columns.to_dict("list") == {"ID": ["1", "2"], "SMILES": ["CCO", ""], "x": ["5", "6"]}


@pytest.mark.parametrize(("delimiter", "suffix"), [(",", ".csv"), (";", ".csv"), (",", ".smi"), (";", ".smi")])
@pytest.mark.parametrize("header", ["smiles{0}id\n", ""])
def test_an_extension_that_holds_the_delimiter_belongs_to_the_molecule(
    tmp_path: Path, delimiter: str, suffix: str, header: str
) -> None:
    extended = ["C[C@H](N)c1ccccc1 |&1:1,r|", "C[C@H](N)CC |(0,0,;1,0,;2,1,;1,2,;3,0,),&1:1|"]
    lines = [f"{smiles}{delimiter}Z{i}\n" for i, smiles in enumerate(extended)]
    table = read_table(written(tmp_path, f"a{suffix}", header.format(delimiter) + "".join(lines)))
    assert table.smiles == extended
    assert table.columns.iloc[:, 1].tolist() == ["Z0", "Z1"]


def test_bars_in_text_and_between_columns_stay(tmp_path: Path) -> None:
    quoted = read_table(written(tmp_path, "a.csv", 'smiles,t\nCCO,"a,b |x,y|,c"\nCCN,d |e|\n'))
    assert quoted.columns["t"].tolist() == ["a,b |x,y|,c", "d |e|"]
    assert read_table(written(tmp_path, "b.csv", "smiles |id|x\nCCO |1|2\nCCN |3|4\n")).columns["x"].tolist() == ["2", "4"]


def test_a_field_may_be_as_long_as_a_picture(tmp_path: Path) -> None:
    picture = "A" * 200_000
    assert read_table(written(tmp_path, "a.csv", f"smiles,picture\nCCO,{picture}\n")).columns["picture"].tolist() == [picture]


def test_a_column_alone_is_not_parted_at_the_bars_of_a_cxsmiles_far_below(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("smiles\n" + "CCO\n" * 150 + "C[C@H](N)c1ccccc1 |&1:1|\n")
    assert read_table(path).smiles[-1] == "C[C@H](N)c1ccccc1 |&1:1|"


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".smi", ".cxsmiles"])
def test_a_column_may_be_called_like_a_molecule(tmp_path: Path, suffix: str) -> None:
    sign = "," if suffix == ".csv" else "\t"
    lines = [["smiles", "B", "N"], ["CCO", "", "1"], ["CCN", "", "2"]]
    table = read_table(written(tmp_path, f"a{suffix}", "\n".join(map(sign.join, lines)) + "\n"))
    assert (table.smiles, table.columns["N"].tolist()) == (["CCO", "CCN"], ["1", "2"])


def test_a_molecule_may_be_called_smiles(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.smi", "CCO\tsmiles\nCCN\tC\nCCC\tother\n"))
    assert (table.smiles, table.columns["name"].tolist()) == (["CCO", "CCN", "CCC"], ["smiles", "C", "other"])
