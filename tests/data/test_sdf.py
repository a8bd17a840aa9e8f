import gzip
from pathlib import Path

import pytest
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.data.readers import read_chunks, read_smiles, read_table
from molgen.errors import DataError

FILES = Path("tests/cases/files")
REAL = Path("tests/cases/real")
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def block(smiles: str, title: str = "") -> str:
    mol = Chem.MolFromSmiles(smiles)
    mol.SetProp("_Name", title)
    return Chem.MolToMolBlock(mol, forceV3000=len(mol.GetStereoGroups()) > 0)


def sdf(folder: Path, *records: str, name: str = "a.sdf") -> Path:
    (folder / name).write_text("".join(records))
    return folder / name


def test_a_record_that_cannot_be_read_keeps_its_row_and_says_why(tmp_path: Path) -> None:
    table = read_table(FILES / "shift.sdf")
    assert table.smiles[0] == "NC(=O)c1ccccc1"
    assert table.smiles[2:] == [
        "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
        "CCCCCCCC",
        "CC(=O)Nc1ccc(O)cc1",
        "CN(C)CCOC(c1ccccc1)c1ccccc1",
    ]
    assert table.smiles[1] == ""
    assert "atom # 5 C, 5, is greater than permitted (record in line 28)" in str(table.problem[1])
    assert [problem is None for problem in table.problem] == [True, False, True, True, True, True]
    (tmp_path / "a.sdf.gz").write_bytes(gzip.compress((FILES / "shift.sdf").read_bytes()))
    assert read_smiles(tmp_path / "a.sdf.gz") == table.smiles


@pytest.mark.parametrize(("name", "rows", "bad"), [("badrec.sdf", 21, 1), ("sd_space.sdf", 20, 0), ("sd_noblank.sdf", 20, 0)])
def test_no_record_is_swallowed_by_the_one_before(name: str, rows: int, bad: int) -> None:
    table = read_table(FILES / name)
    assert len(table) == rows
    assert sum(problem is not None for problem in table.problem) == bad
    assert table.columns["pIC50"].astype(float).between(4, 11).all()
    assert sum(len(part) for part in read_chunks(FILES / name, rows=6)) == rows


def test_the_drawing_is_the_molecule_and_titles_and_tags_keep_their_names() -> None:
    table = read_table(FILES / "smitag.sdf")
    assert table.structure is None
    assert table.smiles[0] == ASPIRIN
    assert list(table.columns) == ["name", "smiles", "SMILES", "ID", "pIC50"]
    assert table.columns.iloc[0].tolist() == ["CPD-0", "CC", "CCO", "X0", "5.40"]
    training = table.training()
    assert list(training) == ["smiles", "name", "smiles_2", "SMILES", "ID", "pIC50"]
    assert training["smiles"][0] == ASPIRIN
    assert read_table(FILES / "numtag.sdf").columns["Active"].tolist()[:2] == ["0", "1"]


def test_all_pieces_have_the_tags_of_all_records() -> None:
    parts = list(read_chunks(REAL / "optional_tags.sdf", rows=4))
    assert [list(part.columns) for part in parts] == [["name", "Energy", "Batch", "Remark"]] * 3


def test_a_tag_called_name_and_a_title_are_two_columns(tmp_path: Path) -> None:
    path = sdf(tmp_path, block("CCO", "title"), ">  <name>\ntag\n\n$$$$\n")
    assert read_table(path).columns.to_dict("list") == {"title": ["title"], "name": ["tag"]}


def test_values_of_several_lines_odd_names_and_a_missing_end(tmp_path: Path) -> None:
    tags = ">  <a (>10)>  (1)\none\n\ntwo\n\n> 25 <b>\r\n>5\r\n\n>  <empty>\n\n>  <last>\nx"
    table = read_table(sdf(tmp_path, block("CCO"), tags))
    assert table.columns.to_dict("list") == {"a (>10)": ["one\n\ntwo"], "b": [">5"], "empty": [""], "last": ["x"]}


def test_a_value_that_begins_like_a_tag_is_one_and_a_record_without_a_drawing_keeps_its_tags(tmp_path: Path) -> None:
    path = sdf(tmp_path, "bare\n>  <a>\n1\n\n$$$$\n", block("CCO"), ">  <a>\n>10 <20>\n\n$$$$\n", "\n\n\n$$$$\n")
    table = read_table(path)
    assert table.columns.to_dict("list") == {"name": ["bare", "", ""], "a": ["1", ">10 <20>", ""]}
    assert table.problem == ["no drawing (record in line 1)", None, "no drawing (record in line 20)"]


def test_stereo_groups_come_as_cxsmiles(tmp_path: Path) -> None:
    path = sdf(tmp_path, block("C[C@H](N)c1ccccc1 |&1:1|"), "$$$$\n", block("C[C@H](N)c1ccccc1"), "$$$$\n")
    assert read_smiles(path) == ["C[C@H](N)c1ccccc1 |&1:1|", "C[C@H](N)c1ccccc1"]
    assert Molecules(read_smiles(path)).mols[0].GetStereoGroups()[0].GetGroupType() == Chem.StereoGroupType.STEREO_AND


def test_what_is_there_for_searching_is_left_out_and_what_is_no_molecule_refused(tmp_path: Path) -> None:
    plain = read_smiles(REAL / "query_fields_ligand_plain.sdf")
    assert read_smiles(REAL / "query_fields_ligand.sdf") == plain == ["CN1CCN(c2ncc(C(=O)Nc3ccccc3F)s2)CC1"]
    query = block("CCO").replace(" O   0", " Q   0")
    listed = block("CCO").replace(" O   0", " L   0").replace("M  END", "M  ALS   3  2 F N   O   \nM  END")
    attached = block("CCO").replace(" O   0", " R#  0").replace("M  END", "M  RGP  1   3   1\nM  END")
    table = read_table(sdf(tmp_path, *(f"{record}$$$$\n" for record in (query, listed, attached, block("CCO")))))
    assert table.smiles == ["", "", "[1*]CC", "CCO"]
    assert all("a query and no molecule" in str(problem) for problem in table.problem[:2])


def test_a_mol_file_is_one_record(tmp_path: Path) -> None:
    table = read_table(sdf(tmp_path, block("CCO", "ethanol"), name="a.mol"))
    assert (table.smiles, table.columns["name"].tolist()) == (["CCO"], ["ethanol"])


def test_what_holds_no_drawing_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.sdf: no molecules in it: no record begins with a drawing"):
        read_table(sdf(tmp_path, "hello\n"))
    with pytest.raises(DataError, match=r"none of its records is a valid molecule; the first: .*line 1"):
        read_table(sdf(tmp_path, block("CCO").replace(" O   0", " Zz  0"), "$$$$\n"))
    with pytest.raises(DataError, match="column=SMILES: the molecules are the drawings"):
        read_table(FILES / "smitag.sdf", "SMILES")


@pytest.mark.parametrize("tags", ["", ">  <x>\n1\n\n"])
def test_a_missing_end_of_a_record_is_an_error_that_names_the_line(tmp_path: Path, tags: str) -> None:
    path = sdf(tmp_path, block("CCO"), tags, block("CCN"), "$$$$\n")
    line = 14 + tags.count("\n")
    with pytest.raises(DataError, match=rf"a\.sdf: line {line} begins a second drawing in a record: a line \$\$\$\$ is missing"):
        read_table(path)
    kept = sdf(tmp_path, block("CCO"), ">  <before>\n", block("CCN"), "\n $$$$\n", block("CCC"), "$$$$ \n", name="b.sdf")
    assert read_smiles(kept) == ["CCO", "CCC"]
