import pytest
from rdkit import Chem

from molgen.chem.difference import difference


def changed(before: str, after: str) -> tuple[str, set[str]]:
    """What is written, and the symbols of the atoms that are marked."""
    mol = Chem.MolFromSmiles(after)
    found = difference(Chem.MolFromSmiles(before), mol)
    return found.text, {mol.GetAtomWithIdx(i).GetSymbol() for i in found.atoms}


@pytest.mark.parametrize(
    ("before", "after", "text", "atoms"),
    [
        ("COc1ccccc1", "Clc1ccccc1", "[*]OC -> [*]Cl", {"Cl"}),
        ("c1ccccc1", "Clc1ccccc1", "[*][H] -> [*]Cl", {"Cl"}),
        ("Clc1ccccc1", "c1ccccc1", "[*]Cl -> [*][H]", {"C"}),
        ("Cc1cccc(Cl)c1", "Cc1cccc(OC)c1", "[*]Cl -> [*]OC", {"O", "C"}),  # meta, whichever way round the ring is numbered
        ("Cc1ccc(C(F)(F)F)cc1CN1CCOCC1", "Cc1ccc(C)cc1CN1CCOCC1", "[*]C(F)(F)F -> [*]C", {"C"}),
        ("C[C@H](N)c1ccccc1", "C[C@@H](N)c1ccccc1", "stereochemistry", set()),
        ("CCO", "c1ccccc1CCN", "", set()),
        ("C[C@H](N)c1ccccc1", "N[C@@H](C)c1ccccc1", "", set()),  # one drawing of the same molecule and another
    ],
)
def test_one_group_for_another_is_written_as_a_matched_pair(before: str, after: str, text: str, atoms: set[str]) -> None:
    assert changed(before, after) == (text, atoms)


def test_several_groups_are_told_apart_and_rings_are_whole() -> None:
    text, atoms = changed("CC(C)c1ccc(NC(=O)c2ccccc2)cc1F", "CC(C)c1ccc(NC(=O)c2ccncc2)cc1Cl")
    assert set(text.split("; ")) == {"[*]F -> [*]Cl", "[*]c1ccccc1 -> [*]c1ccncc1"}
    assert atoms == {"Cl", "C", "N"}


def test_the_same_pair_gives_the_same_text_however_its_atoms_are_numbered() -> None:
    before, after = "O=C(Nc1ccc(N2CCOCC2)cc1)c1ccc(F)cc1", "O=C(Nc1ccc(N2CCNCC2)cc1)c1ccccc1"
    written = [Chem.MolToSmiles(Chem.MolFromSmiles(after), doRandom=True) for _ in range(5)]
    parts = {frozenset(changed(before, text)[0].split("; ")) for text in written}
    assert parts == {frozenset({"[*]N1CCOCC1 -> [*]N1CCNCC1", "[*]F -> [*][H]"})}
