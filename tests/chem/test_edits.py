import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molgen.chem import edits
from tests.chem.parents import PARENTS, is_molecule


def prepared(smiles: str) -> Chem.RWMol:
    return edits.editable(Chem.MolFromSmiles(smiles))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PARENTS), st.integers(0, 2**32 - 1))
def test_mutants_are_single_valid_molecules_in_canonical_form(parent: str, seed: int) -> None:
    child = edits.mutate(prepared(parent), np.random.default_rng(seed))
    assert child is None or is_molecule(child)


def test_the_same_draws_give_the_same_molecules() -> None:
    mol = prepared(PARENTS[0])
    draws = ([edits.mutate(mol, rng) for _ in range(20)] for rng in map(np.random.default_rng, (3, 3)))
    first, second = ([Chem.MolToSmiles(child) for child in children if child] for children in draws)
    assert first == second
    assert len(set(first)) > 10


def test_the_parent_is_left_as_it_was() -> None:
    mol = prepared(PARENTS[3])
    before = Chem.MolToSmiles(mol)
    for seed in range(20):
        edits.mutate(mol, np.random.default_rng(seed))
    assert Chem.MolToSmiles(mol) == before


@pytest.mark.parametrize(
    ("edit", "atoms", "bonds"),
    [
        (edits.add_atom, 1, 1),
        (edits.insert_atom, 1, 1),
        (edits.change_element, 0, 0),
        (edits.change_bond, 0, 0),
        (edits.close_ring, 0, 1),
        (edits.open_ring, 0, -1),
        (edits.move_branch, 0, 0),
        (edits.rejoin, 0, 0),
    ],
)
def test_an_edit_changes_as_many_atoms_and_bonds_as_it_says(edit: edits.Edit, atoms: int, bonds: int) -> None:
    mol = Chem.MolFromSmiles("CC(C)Cc1ccc(C(C)C(=O)O)cc1")
    seen = 0
    for seed in range(40):
        copy = edits.editable(mol)
        if not edit(copy, np.random.default_rng(seed)):
            continue
        changed = edits.finish(copy)
        if changed is not None:
            assert changed.GetNumAtoms() - mol.GetNumAtoms() == atoms
            assert changed.GetNumBonds() - mol.GetNumBonds() == bonds
            seen += 1
    assert seen


def test_impossible_rings_are_thrown_away() -> None:
    for smiles in ("C1=C=CC1", "C1#CCCCC1", "C1CCCCCCCC1"):
        assert edits.finish(Chem.RWMol(Chem.MolFromSmiles(smiles))) is None


def test_a_single_atom_can_be_mutated() -> None:
    """It has no bond to change; three atoms are the smallest mutant."""
    mutants = [edits.mutate(edits.editable(Chem.MolFromSmiles("O")), np.random.default_rng(seed)) for seed in range(40)]
    assert all(mol is None or mol.GetNumAtoms() >= 3 for mol in mutants)


def test_what_can_not_be_made_is_left_out_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    """An ammonium's edits have nitrogens with five bonds among them, of which RDKit speaks."""
    mol, rng = prepared("C[NH+](C)CCN1CCOCC1"), np.random.default_rng(0)
    children = [edits.mutate(mol, rng, attempts=1) for _ in range(500)]
    assert None in children
    assert not capfd.readouterr().err
