"""What patterns match, and that every way of giving one means the same."""

import logging
import pickle
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen import Scorer
from molgen.chem.alerts import alerting_atoms, alerts
from molgen.chem.molecules import Molecules
from molgen.chem.smarts import pattern, patterns_in
from molgen.chem.standardize import STANDARD
from molgen.config import compose, to_plain
from molgen.errors import ConfigError, DataError
from molgen.scoring.components.alerts import Alerts
from molgen.scoring.components.substructure import Substructure
from molgen.search.constraints import Constraints
from tests.conftest import ASPIRIN, CAFFEINE

SUBSTRUCTURE = "molgen.scoring.components.substructure.Substructure"
MOLECULES = [ASPIRIN, CAFFEINE, "Fc1ccc(Cl)cc1", "OC[C@H](N)C#N", "C/C=C/C(=O)[O-]", "C1CC2CC1CN2S(C)(=O)=O", "[NH3+]CC(F)(F)F"]
ATOMS = [
    "C",
    "c",
    "N",
    "O",
    "[#6]",
    "[F,Cl]",
    "[C;!R]",
    "[$(C(=O)O)]",
    "[NX3;H2,H1;!$(NC=O)]",
    "[!#6]",
    "[D2,D3]",
    "[+,-]",
    "a",
    "*",
]
BONDS = ["", "-", "=", "#", "~", ":", "-,=", "!@", "@", "-;!@"]


@st.composite
def smarts(draw: st.DrawFn) -> str:
    """A chain of atoms with a branch here and there, perhaps in several parts."""
    parts = []
    for _ in range(draw(st.integers(1, 2))):
        text = draw(st.sampled_from(ATOMS))
        for _ in range(draw(st.integers(0, 3))):
            step = draw(st.sampled_from(BONDS)) + draw(st.sampled_from(ATOMS))
            text += f"({step})" if draw(st.booleans()) else step
        parts.append(text)
    return ".".join(parts)


@pytest.fixture(scope="module")
def goal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    term = {"_target_": "molgen.scoring.scorer.Term", "component": {"_target_": SUBSTRUCTURE, "smarts": "C"}}
    path = tmp_path_factory.mktemp("goals") / "goal.yaml"
    path.write_text(yaml.safe_dump({"_target_": "molgen.scoring.scorer.Scorer", "terms": {"s": term}}))
    return path


@given(text=smarts())
@example(text="[+,-]")
@settings(max_examples=25, deadline=None)
def test_every_way_of_giving_a_pattern_means_what_rdkit_reads(goal: Path, text: str) -> None:
    query = Chem.MolFromSmarts(text)
    assume(query is not None)
    molecules = Molecules(MOLECULES, STANDARD)  # a scorer and constraints look at nothing else
    smiles, mols = [text or "" for text in molecules.canonical], molecules.mols
    expected = [mol.HasSubstructMatch(query) for mol in mols]
    node = yaml.safe_load(goal.read_text())
    node["terms"]["s"]["component"]["smarts"] = text
    within = goal.with_name("within.yaml")
    within.write_text(yaml.safe_dump(node))
    key = "scoring.terms.s.component.smarts"
    scorers = [
        Scorer.from_config(goal, [f"{key}={text}"]),
        Scorer.from_config(goal, [f"{key}='{text}'"]),
        Scorer.from_config(goal, [f"{key}=['{text}']"]),
        Scorer.from_config(within),
    ]
    for scorer in scorers:
        assert scorer(smiles).raw[:, 0].tolist() == expected
    shipped = Scorer.from_config("pmo/valsartan_smarts", [f"scoring.terms.present_1.component.smarts={text}"])
    assert shipped.terms["present_1"].component == Substructure(text)
    assert Substructure(text)(molecules).tolist() == expected
    design = to_plain(compose("design", ["search=surrogate", f"search.constraints.forbid={text}"]))
    assert design["search"]["constraints"]["forbid"] == text
    assert [Constraints(forbid=text)(mol) for mol in mols] == [not there for there in expected]
    assert [Constraints(must_contain=text)(mol) for mol in mols] == expected


def test_brackets_and_a_comma_are_one_pattern(goal: Path) -> None:
    smiles = ["Fc1ccccc1", "Clc1ccccc1", "Fc1ccc(Cl)cc1", "c1ccccc1"]
    scorer = Scorer.from_config(goal, ["scoring.terms.s.component.smarts=[F,Cl]"])
    assert scorer(smiles).total.tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("[H]N", "CN", "CN(C)C"),
        ("[#1]N", "CN", "CN(C)C"),
        ("[H]c1ccccc1", "Cc1ccccc1", "Cc1c(C)c(C)c(C)c(C)c1C"),
        ("[H]N[H]", "CN", "CNC"),
        ("[H][ND2]C", "CNC", "CN(C)C"),  # D counts heavy neighbours with and without a hydrogen beside
        ("[$([H]O)]", "CO", "COC"),
        ("[O,S][#1,#9]", "CO", "COC"),
        ("[2H]C", "[2H]C(Cl)(Cl)Cl", "C(Cl)(Cl)Cl"),
        ("[H]C=O", "CC=O", "CC(C)=O"),
        ("[C@]([H])(F)(Cl)Br", "F[C@@H](Cl)Br", "F[C@H](Cl)Br"),
        ("F[C@H](Cl)Br", "F[C@H](Cl)Br", "F[C@@H](Cl)Br"),
        ("F[C@H](Cl)Br", "F[C@H](Cl)Br", "FC(Cl)Br"),
        ("F[C@@H](Cl)Br", "F[C@H](Cl)Br |&1:1|", "F[C@H](Cl)Br"),  # a racemate holds both
        ("[$(F[C@H](Cl)Br)]", "F[C@H](Cl)Br", "F[C@@H](Cl)Br"),
        ("F/C=C/F", "F/C=C/F", "F/C=C\\F"),
        ("FC(Cl)Br", "F[C@H](Cl)Br", "FCBr"),
        ("[F;$(FC=C)].N", "FC=CCN", "FC=CC"),
    ],
)
def test_hydrogens_and_stereo_match(text: str, yes: str, no: str) -> None:
    there, absent = Chem.MolFromSmiles(yes), Chem.MolFromSmiles(no)
    assert pattern(text)(there)
    assert not pattern(text)(absent)
    assert pattern(text).count(there) > 0 == pattern(text).count(absent)
    assert pattern(text).atoms(there) <= set(range(there.GetNumAtoms()))
    assert pickle.loads(pickle.dumps(pattern(text)))(there)
    assert not Constraints(forbid=text)(there)
    assert Constraints(forbid=text)(absent)


def test_hydrogens_are_counted_one_by_one_and_their_neighbours_marked() -> None:
    methylamine = Chem.MolFromSmiles("CN")
    assert pattern("[H]N").count(methylamine) == 2
    assert pattern("[H]N").atoms(methylamine) == {1}
    assert pattern("[#1]").count(methylamine) == 5
    assert pattern("CC").count(Chem.MolFromSmiles("CCCC")) == 3


@pytest.mark.parametrize("text", ["[H]N", "[H]N[H]", "[H]CC", "[H]C[H]", "[H]CO[H]", "[H]c1ccccc1", "[#1]", "[H]C(=O)O"])
def test_counts_are_those_of_a_molecule_with_all_its_hydrogens(text: str) -> None:
    for smiles in [*MOLECULES, "CC", "CCO", "OCO", "Cc1ccccc1", "C=O"]:
        mol = Chem.MolFromSmiles(smiles)
        assert pattern(text).count(mol) == len(Chem.AddHs(mol).GetSubstructMatches(Chem.MolFromSmarts(text)))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "not a SMARTS pattern"),
        ("[C", "not a SMARTS pattern"),
        ("C N", "not a SMARTS pattern"),
        ("[C=O,C#N]", r"has quotes: \['C=O','C#N'\]"),
        ("(C).(N)", "no grouping of components"),
        ("[$(F/C=C/F)]", "write it outside"),
    ],
)
def test_what_is_no_pattern_is_refused_with_what_would_be(text: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        pattern(text)


def test_a_hydrogen_that_a_recursion_begins_with_stays_an_atom() -> None:
    methylamine = Chem.MolFromSmiles("CN")
    assert not pattern("[$([H]N)]C")(methylamine)
    assert pattern("[$([#1]N)]N")(methylamine)
    assert pattern("[$([H]N)]").count(methylamine) == 2


class TestFiles:
    def test_one_bad_line_is_named_and_the_others_used(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        path = tmp_path / "own.smarts"
        path.write_text("# my alerts\n[F,Cl] halogen\n[C broken one\n\n[H]O\thydroxyl\n")
        with caplog.at_level(logging.WARNING):
            found = patterns_in(path)
        assert [(each.text, each.name) for each in found] == [("[F,Cl]", "halogen"), ("[H]O", "hydroxyl")]
        assert "1 of 3 patterns left out: row 3 (broken one): '[C' is not a SMARTS pattern" in caplog.text
        mol = Chem.MolFromSmiles("OCCF")
        assert alerts(mol, str(path)) == ["halogen", "hydroxyl"]
        assert alerting_atoms(mol, str(path)) == {0, 3}
        assert Alerts([str(path), "PAINS"])(Molecules(["OCCF", "CC"])).tolist() == [2, 0]
        assert Alerts([str(path)]).highlight(mol) == [0, 3]
        assert not Constraints(forbid=str(path))(mol)
        assert Constraints(must_contain=str(path))(mol)

    def test_a_table_has_a_column_smarts(self, tmp_path: Path) -> None:
        path = tmp_path / "own.csv"
        path.write_text('id,description,SMARTS\n1,"acid, free","[CX3](=O)[OX2H1]"\n2,halide,"[F,Cl]"\n')
        assert [each.name for each in patterns_in(path)] == ["acid, free", "halide"]
        assert Substructure(str(path))(Molecules([ASPIRIN])).tolist() == [0.5]

    @pytest.mark.parametrize(
        ("name", "content", "hint"),
        [
            ("a.csv", "x,y\n1,2\n", "no column called smarts"),
            ("b.smarts", "[C\n", r"no SMARTS pattern in it \(row 1"),
            ("c.sma", "", "no SMARTS"),
        ],
    )
    def test_a_file_without_patterns_is_refused(self, tmp_path: Path, name: str, content: str, hint: str) -> None:
        (tmp_path / name).write_text(content)
        with pytest.raises(DataError, match=hint):
            patterns_in(tmp_path / name)
        with pytest.raises(DataError, match=r"search\.constraints\.forbid: .*no such file"):
            Constraints(forbid=str(tmp_path / f"no{name}"))


@pytest.mark.parametrize("text", ["[c1ccncc1]", "[cn]", "[CO]C", "[#6&#7]", "[C;N;X4]"])
def test_an_atom_of_two_elements_is_no_pattern(text: str) -> None:
    """RDKit takes them, as SMARTS does, and finds them nowhere: conditions within brackets hold together."""
    assert Chem.MolFromSmarts(text) is not None
    with pytest.raises(ConfigError, match="asks for an atom of several elements at once"):
        pattern(text)


@pytest.mark.parametrize(
    "text", ["[c,n]", "[#6,#7;a]", "[!c&!n]", "[!#6;n]", "[$(CO)&N]", "[#6;c]", "[CX4;!$(C=[O,S])]", "[*;N]"]
)
def test_an_atom_that_may_be_of_several_elements_is_a_pattern(text: str) -> None:
    pattern(text)
