import numpy as np
import pytest
from rdkit import Chem

from molgen.chem.fragments import cuttable, fragment, join, whole


def test_an_amide_and_an_ether_are_cut_where_brics_says() -> None:
    """Degen et al.: L1-L5 between acyl and amine, L3-L16 between oxygen and aromatic ring, L4-L5 between amine and alkyl."""
    mol = Chem.MolFromSmiles("CC(=O)NCCOc1ccccc1")
    bonds = [mol.GetBondWithIdx(i) for i in cuttable(mol)]
    symbols = {tuple(sorted((bond.GetBeginAtom().GetSymbol(), bond.GetEndAtom().GetSymbol()))) for bond in bonds}
    assert symbols == {("C", "N"), ("C", "O")}


def test_pieces_in_any_order_are_the_molecule(samples: list[str]) -> None:
    rng = np.random.default_rng(0)
    assert any("@" in text for text in samples)
    for text in samples:
        pieces = fragment(Chem.MolFromSmiles(text))
        assert whole(join([pieces[i] for i in rng.permutation(len(pieces))])) == text


def test_attachments_are_numbered_in_the_order_of_their_appearance() -> None:
    assert join(["C%14%12", "O%12", "c1%14cccc1"]) == "C%10%11.O%11.c1%10cccc1"


def test_dummy_atoms_are_attachments_that_nothing_closes() -> None:
    text = join(fragment(Chem.MolFromSmiles("*c1ccc(NC(=O)*)cc1")))
    assert whole(text) is None
    numbers = {text[i + 1 : i + 3] for i, letter in enumerate(text) if letter == "%"}
    unclosed = [number for number in numbers if text.count(f"%{number}") == 1]
    assert len(unclosed) == 2
    assert whole(text + f".C%{unclosed[0]}.F%{unclosed[1]}") in {
        Chem.CanonSmiles("Cc1ccc(NC(=O)F)cc1"),
        Chem.CanonSmiles("Fc1ccc(NC(C)=O)cc1"),
    }


@pytest.mark.parametrize("text", ["", "C%10", "CC.CC", "c1ccc"])
def test_what_spells_no_molecule_or_several_is_nothing(text: str) -> None:
    assert whole(text) is None
