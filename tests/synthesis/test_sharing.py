"""What routes have in common, counted by hand."""

from typing import Any

from molgen.synthesis.sharing import SharedPart, needs_of, shared_parts, shared_with, work_line
from molgen.synthesis.trees import Tree


def block(smiles: str, name: str = "") -> dict[str, Any]:
    return {"smiles": smiles, "id": name or smiles}


def made(smiles: str, reaction: str, *reactants: Tree) -> dict[str, Any]:
    return {"smiles": smiles, "reaction": reaction, "conditions": "", "reactants": list(reactants)}


ANILINE = made("CCOc1ccc(N)cc1", "nitro reduction", block("CCOc1ccc([N+](=O)[O-])cc1", "B-1"))
ACETAMIDE = made("CCOc1ccc(NC(C)=O)cc1", "amide coupling", block("CC(=O)O", "B-2"), ANILINE)
BENZAMIDE = made("CCOc1ccc(NC(=O)c2ccccc2)cc1", "amide coupling", block("O=C(O)c1ccccc1"), ANILINE)
SULFONAMIDE = made("CC(=O)NS(C)(=O)=O", "acylation", block("CC(=O)O", "B-2"), block("CS(N)(=O)=O"))
BATCH = {"p-1": ACETAMIDE, "p-2": BENZAMIDE, "p-3": SULFONAMIDE}


def test_a_route_needs_reactions_kinds_of_reaction_and_blocks() -> None:
    needs = needs_of(ACETAMIDE)
    assert sorted(kind for kind, _ in needs) == ["block"] * 2 + ["kind of reaction"] * 2 + ["reaction"] * 2
    assert {which for kind, which in needs if kind == "block"} == {"CC(=O)O", "CCOc1ccc([N+](=O)[O-])cc1"}
    assert len(needs & needs_of(BENZAMIDE)) == 4  # the reduction and its kind, its block, and the kind of the coupling
    assert needs_of(block("CC(=O)O")) == {("block", "CC(=O)O")}


def test_what_is_shared_comes_with_those_that_share_it() -> None:
    both = ("p-1", "p-2")
    assert shared_parts(BATCH) == [
        SharedPart("intermediate", "CCOc1ccc(N)cc1", "", both),  # its block goes without saying
        SharedPart("block", "CC(=O)O", "B-2", ("p-1", "p-3")),
        SharedPart("last reaction", "", "amide coupling", both),
    ]
    assert shared_with("p-3", shared_parts(BATCH)) == "block B-2 with p-1"
    said = shared_with("p-2", shared_parts(BATCH))
    assert said == "intermediate CCOc1ccc(N)cc1 with p-1; last reaction amide coupling with p-1"
    assert not shared_parts({"p-1": ACETAMIDE})


def test_a_compound_on_the_way_to_another_is_shared() -> None:
    further = made("CCOc1ccc(N(C)C(C)=O)cc1", "N-methylation", ACETAMIDE)
    assert SharedPart("intermediate", ACETAMIDE["smiles"], "", ("a", "b")) in shared_parts({"a": ACETAMIDE, "b": further})


def test_many_that_share_something_are_counted() -> None:
    acids = {f"p-{i}": made(f"{'C' * i}C(=O)NC", "amide coupling", block(f"{'C' * i}C(=O)O"), block("CN")) for i in range(1, 8)}
    said = shared_with("p-1", shared_parts(acids))
    assert said == "block CN with p-2, p-3, p-4, p-5 and 2 more; last reaction amide coupling with p-2, p-3, p-4, p-5 and 2 more"


def test_the_work_of_a_batch_in_a_line() -> None:
    line = "3 routes: 4 reactions of 3 kinds and 4 blocks; 5 reactions and 6 blocks if nothing were shared"
    assert work_line(list(BATCH.values())) == line
