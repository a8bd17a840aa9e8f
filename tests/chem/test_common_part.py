"""What molecules share, and where they differ."""

import time

import pytest
from rdkit import Chem

from molgen.chem.common_part import SECONDS, common_part

PHENETHYLAMINE, PYRIDINE = "c1ccccc1CCN", "c1ccncc1CCN"


def mols(*smiles: str) -> list[Chem.Mol]:
    return [Chem.MolFromSmiles(text) for text in smiles]


def differing(*smiles: str) -> list[list[str]]:
    found = common_part(mols(*smiles))
    return [[mol.GetAtomWithIdx(i).GetSymbol() for i in atoms] for mol, atoms in zip(mols(*smiles), found.differing, strict=True)]


def test_an_exchanged_atom_and_an_added_group_differ_and_nothing_else() -> None:
    assert differing(PHENETHYLAMINE, PYRIDINE) == [["C"], ["N"]]
    assert differing(PHENETHYLAMINE, "Clc1ccccc1CCN") == [[], ["Cl"]]
    assert differing("CCc1ccccc1", "CCc1ccccc1", "CCc1ccccc1O") == [[], [], ["O"]]
    assert differing(PHENETHYLAMINE, PHENETHYLAMINE) == [[], []]


def test_atoms_of_the_common_part_are_in_one_order() -> None:
    """However a molecule is written, the chain's nitrogen lies on the chain's nitrogen."""
    given = mols(PHENETHYLAMINE, "NCCc1cccnc1")
    found = common_part(given)
    assert len(found.atoms[0]) == 9
    kinds = [[mol.GetAtomWithIdx(i).GetIsAromatic() for i in atoms] for mol, atoms in zip(given, found.atoms, strict=True)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("other", ["CCO", "[Na+].[Cl-]", "N#N"])
def test_molecules_with_too_little_in_common_have_no_common_part(other: str) -> None:
    assert common_part(mols("c1ccc2ccccc2c1", other)).atoms == ((), ())


def test_large_molecules_take_no_longer_than_the_limit() -> None:
    peptides = ["NCC(=O)" * 20 + "O", "N[C@@H](C)C(=O)" * 20 + "O", "NC(CO)C(=O)" * 20 + "O"]
    began = time.process_time()
    common_part(mols(*peptides))
    assert time.process_time() - began < 3 * SECONDS + 2
