"""A team's reaction files: what is wrong in them is said in a line."""

from pathlib import Path

import pytest

from benchmarks.check_routes import read_reactions as read_reactions_of_the_checker
from molgen.errors import DataError
from molgen.synthesis.chemist import chemist_of
from molgen.synthesis.reaction_files import read_reactions

AMIDE = "[C:1](=[O:2])-[OX2H1].[NX3;H2:3]>>[C:1](=[O:2])-[N:3]"
EXAMPLE = "CC(=O)O.NCc1ccccc1>>CC(=O)NCc1ccccc1"


def written(
    path: Path, reaction: str = AMIDE, examples: str = f'["{EXAMPLE}"]', more: str = "", name: str = "our coupling"
) -> Path:
    file = path / "ours.yaml"
    file.write_text(f'{name}:\n  class: acylation\n  reaction: "{reaction}"\n  examples: {examples}\n{more}')
    return file


def test_a_file_that_is_right_is_read(tmp_path: Path) -> None:
    (reaction,) = read_reactions(written(tmp_path, more='  without: [[], [thiol, "[OX2H1]-c"]]\n'))
    assert (reaction.name, len(reaction.roles), reaction.examples) == ("our coupling", 2, (EXAMPLE,))
    assert [each.name or each.text for each in reaction.without[1]] == ["thiol", "[OX2H1]-c"]
    (reaction,) = read_reactions(written(tmp_path, more='  without: [&first [thiol], [*first, "[OX2H1]-c"]]\n'))
    assert [each.name or each.text for each in reaction.without[1]] == ["thiol", "[OX2H1]-c"]


def test_a_reactant_that_reacts_with_itself_is_refused_but_where_the_file_says_otherwise(tmp_path: Path) -> None:
    example = '["OC(=O)CC1CCC(N)CC1.NCc1ccccc1>>NC1CCC(CC1)CC(=O)NCc1ccccc1"]'
    with pytest.raises(DataError, match=r"reactant 1 .* would react with itself"):
        read_reactions(written(tmp_path, examples=example))
    assert len(read_reactions(written(tmp_path, examples=example, more="  selective: true\n"))) == 1


@pytest.mark.parametrize(
    ("reaction", "message"),
    [
        ("C(=O)-[OX2H1].[NX3;H2]>>C(=O)-N", "no mapped atoms"),
        ("[C:1](=O)-[OX2H1].[NX3;H2]>>[C:1]=O", "a reactant without mapped atoms"),
        ("[C:1](=[O:2])-[OX2H1].[NX3;H2:3]>>[C:1](=[O:2])-[*:3]-*", "unmapped atom in its product"),
        ("[C:1](=[O:2])-[OX2H1:4].[NX3;H2:3]>>[C:1](=[O:2])-[N:3].[O:4]", "has 2 products; one is needed"),
        ("[C:1].[N:2].[O:3]>>[C:1]-[N:2]-[O:3]", "has 3 reactants; one or two are needed"),
        ("[C:1]-[OX2H1].[N:2]>>[C:1]-[N:3]", "atom map numbers on one side only: 2, 3"),
        ("[C:1]-[C:1].[N:2]>>[C:1]-[N:2]", "an atom map number twice in its reactants"),
        ("[C:1](=O>>[C:1]", "is no reaction SMARTS"),
        ("CC", "is no reaction SMARTS"),
        ("([C:1]=O.[N:2])>>[C:1]-[N:2]", "groups components in round brackets, which isn't supported"),
        ("([C:1]=O).([N:2])>>[C:1]-[N:2]", "groups components in round brackets"),
        ("[C:1]=O.[N:2]>>([C:1].[N:2])", "groups components in round brackets"),
    ],
)
def test_a_reaction_that_cannot_be_run_both_ways(tmp_path: Path, reaction: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as raised:
        read_reactions(written(tmp_path, reaction))
    assert str(raised.value).startswith(f"{tmp_path / 'ours.yaml'}: our coupling: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ("[]", "examples missing; an example is `A.B>>C`"),
        (f'"{EXAMPLE}"', "examples: needs a list of texts"),
        ('["CC(=O)O.NCc1ccccc1>>CC(=O)OCc1ccccc1"]', r"gives CC\(=O\)NCc1ccccc1"),
        ('["CC(=O)O.CN(C)C>>CC(=O)N(C)C"]', r"reactant 2 \(CN\(C\)C\) has no"),
        ('["CC(=O)O>>CC(=O)N"]', "the reaction has 2 reactants, not 1"),
        ('["CC(=O)O.NCC>>CC(=O)NCC.O"]', "has 2 products; one is needed"),
        ('["CC(=O)O.NC"]', "must be reactants>>product"),
        ('["CC(=O)O.NCC(>>CC(=O)NC"]', "not SMILES"),
        ('["OC(=O)CC(C)C(=O)O.NC>>CNC(=O)CC(C)C(=O)O"]', "gives several products: "),
    ],
)
def test_examples_that_are_missing_or_fail(tmp_path: Path, examples: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_reactions(written(tmp_path, examples=examples))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("  withot: [[], []]\n", "unknown key 'withot', did you mean 'without'"),
        ("  without: [[thiol]]\n", "without: needs a list per reactant, 2 in all"),
        ("  without: thiol\n", "without: needs a list per reactant, 2 in all"),
        ("  without: [[], [thiols]]\n", "no group 'thiols', nor is it SMARTS, did you mean 'thiol'"),
        ('  without: [[], ["[OX2H1"]]\n', "is not a SMARTS pattern"),
        ("  caution: thiol\n", "caution: needs a list"),
        ("  selective: maybe\n", "selective: needs true or false, not maybe"),
        ("  geometry: e\n", "geometry: no 'e'; known: E, Z, mixture"),
        ('  fails: ["CC(=O)O.NC"]\n', r"'CC\(=O\)O.NC' should be refused, but gives"),
        ('  fails: ["CC(=O)O"]\n', r"'CC\(=O\)O': the reaction has 2 reactants, not 1"),
        ('  fails: ["CC(=O)OC"]\n', r"'CC\(=O\)OC': the reaction has 2 reactants, not 1"),
        ('  fails: ["CC(=O)OC.NC.NC"]\n', r"'CC\(=O\)OC.NC.NC': the reaction has 2 reactants, not 3"),
        ("  class: amidation\n", "line 5: class is there twice"),
        (f'our coupling:\n  class: x\n  reaction: "{AMIDE}"\n', "line 5: our coupling is there twice"),
        ("  conditions: [DMF, 80]\n", r"conditions: needs a text, in quotes, not \['DMF', 80\]"),
        ("  protect: {amines: Boc}\n", "protect: needs a text, in quotes, not"),
        (f'other:\n  class: [a, b]\n  reaction: "{AMIDE}"\n  examples: [a]\n', "other: class: needs a text, in quotes, not"),
        ("  conditions: [DMF\n", "not a YAML file .line "),
        ("second:\n", "second: has no settings below it"),
    ],
)
def test_keys(tmp_path: Path, capfd: pytest.CaptureFixture[str], more: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as raised:
        read_reactions(written(tmp_path, more=more))
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")  # RDKit says nothing beside


NAMED = """patterns:
  acyl: "$(C-[#6])"
  acid: "C;{acyl}"
our coupling:
  class: acylation
  reaction: "[{acid}:1](=[O:2])-[OX2H1].[NX3;H2:3]>>[C;{acyl}:1](=[O:2])-[N:3]"
  without: [["[{acid}]-Cl"], [thiol]]
  caution: ["[OX2H1]-[{acid}]", "[D{2-3};N]"]
  examples: ["CC(=O)O.NCc1ccccc1>>CC(=O)NCc1ccccc1"]
"""


def test_parts_of_smarts_have_names(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(NAMED)
    (reaction,) = read_reactions(tmp_path / "ours.yaml")
    assert reaction.smarts == "[C;$(C-[#6]):1](=[O:2])-[OX2H1].[NX3;H2:3]>>[C;$(C-[#6]):1](=[O:2])-[N:3]"
    assert reaction.without[0][0].text == "[C;$(C-[#6])]-Cl"
    assert [each.text for each in reaction.caution] == ["[OX2H1]-[C;$(C-[#6])]", "[D{2-3};N]"]
    assert read_reactions_of_the_checker([tmp_path / "ours.yaml"]).keys() == {"our coupling"}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("[{acid}:1]", "[{acids}:1]", "our coupling: .* refers to {acids}, and no pattern is 'acids', did you mean 'acid'"),
        ('"[{acid}]-Cl"', '"[{sulfonyl}]-Cl"', "our coupling: .* refers to {sulfonyl}, .*; known: acyl, acid$"),
        ('"C;{acyl}"', '"C;{acid}"', "patterns: .* refers to {acid}, and no pattern is 'acid'"),
        ('"$(C-[#6])"', "3", "patterns: acyl: needs a part of SMARTS, in quotes, not 3"),
        ('  acyl: "$', '  1a: "$', "patterns: '1a' can't be a name: write letters, digits and _, a letter first"),
        ('  acid: "C', '  acyl: "C', "line 3: acyl is there twice"),
        (NAMED.partition("our")[0], "patterns: [a]\n", "patterns: needs a name and a part of SMARTS, in quotes"),
        (NAMED.partition("our")[0], "", "refers to {acid}, and no pattern is 'acid'; name it under patterns"),
        (NAMED.partition("our")[2], "", "no reactions in it"),
    ],
)
def test_named_parts_that_are_wrong(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in NAMED
    (tmp_path / "ours.yaml").write_text(NAMED.replace(right, wrong).removesuffix("our"))
    with pytest.raises(DataError, match=message) as raised:
        read_reactions(tmp_path / "ours.yaml")
    assert str(raised.value).startswith(str(tmp_path / "ours.yaml"))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no reactions in it"),
        (b"- a\n- b\n", "no reactions in it"),
        (b"a: 1\n", "a: has no settings below it"),
        (b"a:\n  class: x\n  reaction: [C:1]>>[C:1]\n", "line 3: .*need quotes"),
        (b"a:\n  class: x\n  reaction: 3\n  examples: [b]\n", "reaction: needs reaction SMARTS, in quotes, not 3"),
        (b"\xff\xfe\x00", "can't be read"),
    ],
)
def test_files_that_are_no_reactions(tmp_path: Path, text: bytes, message: str) -> None:
    file = tmp_path / "ours.yaml"
    file.write_bytes(text)
    with pytest.raises(DataError, match=message):
        read_reactions(file)
    with pytest.raises(DataError, match="no such file"):
        read_reactions(tmp_path / "theirs.yaml")


def test_a_name_of_molgens_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="amide coupling is a reaction of molgen's own; give it another name"):
        chemist_of("common_blocks", str(written(tmp_path, name="amide coupling")))
