import pytest
from rdkit import Chem

from molgen.errors import ConfigError
from molgen.generators.prompts import as_beginning, parsed, prompt_of


@pytest.mark.parametrize(
    ("task", "fragments", "prompt"),
    [
        ("linker", ["*c1ccccc1", "*CC"], "*c1ccccc1.*CC"),
        ("morphing", ["*C", "*O", "*N"], "*C.*O.*N"),
        ("motif", ["*c1ccccc1"], "*c1ccccc1"),
        ("decoration", ["*c1ccc(*)cc1"], "*c1ccc(*)cc1"),
        ("superstructure", ["c1ccccc1"], "c1ccccc1"),
    ],
)
def test_tasks_become_prompts(task: str, fragments: list[str], prompt: str) -> None:
    assert prompt_of(task, fragments) == prompt


@pytest.mark.parametrize(
    ("task", "fragments", "message"),
    [
        ("linkr", ["*C", "*C"], "did you mean 'linker'"),
        ("linker", ["*C"], "takes two or more, not 1"),
        ("linker", [], "takes two or more, not 0"),
        ("linker", ["*C", "CC"], r"'CC' has 0 attachment points '\*', not 1"),
        ("motif", ["*C", "*C"], "takes one fragment, not 2"),
        ("motif", ["*C*"], "has 2 attachment points"),
        ("decoration", ["CC"], "not one or more"),
        ("superstructure", ["*C"], "has 1 attachment points"),
        ("motif", ["c1cc"], "prompt 'c1cc': "),
        ("motif", ["C*C"], "has one bond"),
    ],
)
def test_fragments_that_do_not_fit_are_refused(task: str, fragments: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        prompt_of(task, fragments)


@pytest.mark.parametrize("fragment", ["*c1ccc2ncccc2c1", "CC(=O)N*", "*[C@@H](C)F", "C1CCN(*)CC1"])
def test_a_fragment_is_written_with_its_attachment_point_last(fragment: str) -> None:
    beginning = as_beginning(fragment)
    assert Chem.CanonSmiles(beginning + "Cl") == Chem.CanonSmiles(Chem.MolToSmiles(parsed(fragment)).replace("*", "Cl"))


def test_a_beginning_stays_as_it_is() -> None:
    assert as_beginning("C=CC(=O") == "C=CC(=O"


@pytest.mark.parametrize("prompt", ["*c1ccccc1.*C", "*c1ccc(*)cc1"])
def test_what_cannot_be_written_from_left_to_right_is_refused(prompt: str) -> None:
    with pytest.raises(ConfigError, match="generator=diffusion joins several"):
        as_beginning(prompt)


@pytest.mark.parametrize("scaffold", ["[*:0]Cc1ccc(C[*:1])cc1", "[1*]Cc1ccc(C[2*])cc1", "[*:7]Cc1ccc(C*)cc1"])
def test_numbered_attachment_points_are_attachment_points(scaffold: str) -> None:
    assert Chem.MolToSmiles(parsed(prompt_of("decoration", [scaffold]))) == Chem.CanonSmiles("*Cc1ccc(C*)cc1")
    assert as_beginning("[*:1]c1ccccc1") == as_beginning("[3*]c1ccccc1") == as_beginning("*c1ccccc1")
