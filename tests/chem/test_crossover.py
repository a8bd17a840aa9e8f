from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.crossover import Parent, Subgraph, crossover, linked
from tests.chem.parents import PARENTS, is_molecule


def parent(smiles: str) -> Parent:
    return Parent(Chem.MolFromSmiles(smiles))


FLUORINATED, BROMINATED = parent("Fc1ccccc1CCC(F)F"), parent("Brc1ccncc1CCC(Br)Br")


def symbols(mol: Chem.Mol) -> list[str]:
    return [atom.GetSymbol() for atom in mol.GetAtoms()]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PARENTS), st.sampled_from(PARENTS), st.integers(0, 2**32 - 1))
def test_children_are_single_valid_molecules_in_canonical_form(a: str, b: str, seed: int) -> None:
    child = crossover(parent(a), parent(b), np.random.default_rng(seed))
    assert child is None or is_molecule(child)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PARENTS), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_subgraph_is_what_stays_connected_when_its_bonds_are_cut(smiles: str, in_ring: bool, seed: int) -> None:
    whole = parent(smiles)
    subgraph = whole.subgraph(in_ring, np.random.default_rng(seed))
    if subgraph is None:
        return
    atoms = subgraph.atoms
    crossing = [bond for bond in whole.graph.GetBonds() if (bond.GetBeginAtomIdx() in atoms) != (bond.GetEndAtomIdx() in atoms)]
    assert {(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in crossing} == set(subgraph.cuts)
    assert len(subgraph.cuts) == 1 + in_ring
    graph, opened = whole.detached(subgraph)
    assert symbols(graph) == [symbols(whole.graph)[i] for i in subgraph.atoms]
    assert all(len({subgraph.atoms[i]} & set(cut)) == 1 for i, cut in zip(opened, subgraph.cuts, strict=True))


def test_a_child_has_parts_of_both_parents() -> None:
    """Fluorine comes only from one parent, bromine only from the other."""
    children = [crossover(FLUORINATED, BROMINATED, np.random.default_rng(seed)) for seed in range(60)]
    assert any({"F", "Br"} <= set(symbols(child)) for child in children if child)


def test_subgraphs_with_better_odds_are_joined_more_often() -> None:
    """Fluorine comes only from one parent, bromine only from the other; bromine counts ten times as much."""

    def halogens(lefts: Sequence[Subgraph], rights: Sequence[Subgraph]) -> NDArray[np.float64]:
        fluorine, bromine = (
            np.array([sum(whole.graph.GetAtomWithIdx(i).GetSymbol() == name for i in subgraph.atoms) for subgraph in subgraphs])
            for whole, name, subgraphs in ((FLUORINATED, "F", lefts), (BROMINATED, "Br", rights))
        )
        return fluorine[:, None] + 10.0 * bromine

    def mean(weight: float | None, name: str) -> float:
        odds = None if weight is None else (lambda *sides: weight * halogens(*sides))
        children = [crossover(FLUORINATED, BROMINATED, np.random.default_rng(seed), odds) for seed in range(100)]
        return float(np.mean([symbols(child).count(name) for child in children if child]))

    for name in ("F", "Br"):
        few, any_, many = (mean(weight, name) for weight in (-20.0, None, 20.0))
        assert few < any_ - 0.5 < any_ + 0.5 < many


def test_what_cannot_be_cut_has_no_children() -> None:
    assert crossover(parent("CC=C"), parent("C#N"), np.random.default_rng(0)) is None


@pytest.mark.parametrize("pair", [("c1ccccc1C(=O)N", "CCOC"), ("C1CC1", "c1ccncc1")])
def test_two_in_one_have_the_parts_of_both(pair: tuple[str, str]) -> None:
    a, b = map(Chem.MolFromSmiles, pair)
    both = linked(a, b, np.random.default_rng(0))
    assert both is not None
    assert both.GetNumAtoms() == a.GetNumAtoms() + b.GetNumAtoms()
    assert both.GetNumBonds() == a.GetNumBonds() + b.GetNumBonds() + 1
    assert both.HasSubstructMatch(a)
    assert both.HasSubstructMatch(b)


def test_what_has_no_hydrogen_or_would_be_too_large_is_not_linked() -> None:
    rng = np.random.default_rng(0)
    assert linked(Chem.MolFromSmiles("FC(F)(F)F"), Chem.MolFromSmiles("C"), rng) is None
    assert linked(Chem.MolFromSmiles("C" * 40), Chem.MolFromSmiles("C" * 40), rng) is None


def test_a_mixture_is_cut_between_its_sides_or_not_at_all() -> None:
    """Two bonds of a fused ring can be cut without taking the molecule apart: then the water beside it is no side of the cut."""
    mixture, rng = parent("C1CCC2CCCCC2C1.O"), np.random.default_rng(0)
    found = [side for _ in range(200) if (side := mixture.subgraph(in_ring=True, rng=rng))]
    assert all((begin in side.atoms) != (end in side.atoms) for side in found for begin, end in side.cuts)
    for seed in range(50):
        crossover(mixture, parent("c1ccccc1CCO"), np.random.default_rng(seed))
