"""Molecules cut into pieces and written from them again."""

import numpy as np
import pytest
from rdkit import Chem

from molgen.chem.assembly import CLOSINGS, FREE, OPEN, piece_named, pieces_of
from molgen.chem.dense import matrices, molecule, types_of
from molgen.chem.pieces import entered, piece_graph
from tests.conftest import assembled

DRUGS = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1CCC[C@H]1c1cccnc1",
    "C[C@@H](O)[C@H](N)C(=O)O",
    "O[C@H]1CC[C@@H](C(=O)Nc2ccc(F)cc2)CC1",
    "C/C=C/C(=O)N/N=C/c1ccccc1",
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "C[N+](C)(C)CC(=O)[O-]",
    "O=[N+]([O-])c1ccc(S(=O)(=O)NC2CC2)cc1",
    "c1ccc2c(c1)ccc1ccccc12",
    "CC(C)(C)c1nnc(SC[C@]2(C)CCCO2)s1",
    "C",
]
ALL_ATOMS: frozenset[str] = frozenset()


def written(names: list[str]) -> str:
    return Chem.CanonSmiles(assembled(names).smiles())


@pytest.mark.parametrize("smiles", DRUGS)
def test_pieces_spell_the_molecule_from_any_root(smiles: str) -> None:
    graph = piece_graph(Chem.MolFromSmiles(smiles))
    for root in range(len(graph.pieces)):
        assert written(pieces_of(graph, root)) == Chem.CanonSmiles(smiles)


@pytest.mark.parametrize("smiles", DRUGS)
def test_atoms_spell_the_molecule_but_for_double_bond_geometry(smiles: str) -> None:
    graph = piece_graph(Chem.MolFromSmiles(smiles), ALL_ATOMS)
    assert all(Chem.MolFromSmiles(piece).GetNumHeavyAtoms() - piece.count("*") <= 1 for piece in graph.pieces)
    flat = smiles.replace("/", "")
    for root in range(len(graph.pieces)):
        assert written(pieces_of(graph, root)) == Chem.CanonSmiles(flat)


@pytest.mark.parametrize("smiles", DRUGS)
def test_equal_molecules_have_equal_pieces(smiles: str) -> None:
    mol = Chem.MolFromSmiles(smiles)
    expected = sorted(piece_graph(mol).pieces)
    order = np.random.default_rng(0).permutation(mol.GetNumAtoms()).tolist()
    assert sorted(piece_graph(Chem.RenumberAtoms(mol, order)).pieces) == expected


def test_aspirin_is_a_ring_an_ester_oxygen_and_two_acids() -> None:
    graph = piece_graph(Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O"))
    assert sorted(graph.pieces) == ["[1*]C(=O)O", "[1*]C(C)=O", "[1*]O[2*]", "[1*]c1ccccc1[2*]"]


def test_equivalent_slots_make_one_entry() -> None:
    phenylene = "[1*]c1ccc([2*])cc1"
    assert entered(phenylene, 0)[0] == entered(phenylene, 1)[0] == "*c1ccc([1*])cc1"
    pyridine = "[1*]c1ccc([2*])nc1"
    assert entered(pyridine, 0)[0] != entered(pyridine, 1)[0]


def test_only_what_is_unknown_is_cut_further() -> None:
    mol = Chem.MolFromSmiles("Cc1ccc(C2CC2)cc1")
    graph = piece_graph(mol, frozenset({"[1*]C", "[1*]c1ccc([2*])cc1"}))
    assert "[1*]c1ccc([2*])cc1" in graph.pieces
    assert graph.pieces.count("[1*]C[2*]") == 2
    assert OPEN in pieces_of(graph, 0)
    assert CLOSINGS[0] in pieces_of(graph, 0)


def test_several_molecules_are_refused() -> None:
    with pytest.raises(ValueError, match="several"):
        piece_graph(Chem.MolFromSmiles("CC.CC"))


def test_attachment_points_stay_free() -> None:
    graph = piece_graph(Chem.MolFromSmiles("*c1ccc(C(=O)*)cc1"))
    assert sorted(graph.pieces) == ["[1*]C([2*])=O", "[1*]c1ccc([2*])cc1"]
    assert pieces_of(graph, 0).count(FREE) == 2


def test_bond_orders_of_slots() -> None:
    piece = piece_named("*=C([1*])[2*]")
    assert piece.entry == 2
    assert piece.slots == (1, 1)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["[1*]c1ccccc1", OPEN], "c1ccccc1"),
        (["[1*]C([2*])=O", "*C", OPEN], "CC=O"),
        (["[1*]C=[2*]", "*C", OPEN], "C=CC"),
        (["[1*]C[2*]", "*C[1*]", OPEN, "close 0"], "CC"),
        (["[1*]C[2*]", "*C[1*]", "*C[1*]", OPEN, "close 0"], "C1CC1"),
    ],
)
def test_what_is_left_has_hydrogens_and_no_bond_is_made_twice(names: list[str], expected: str) -> None:
    assert written(names) == expected


def test_closings_count_back_among_slots_of_the_same_order() -> None:
    assembly = assembled(["[1*]C([2*])[3*]", OPEN, "*C([1*])[2*]", OPEN, "*C[1*]"])
    assert [slot.piece for slot in assembly.closable()] == [1, 0]
    assembly.add("close 1")
    assert [slot.piece for slot in assembly.left] == [1]


@pytest.mark.parametrize("smiles", ["CC(=O)Oc1ccccc1", "C[N+](C)(C)CC(=O)[O-]", "CS(=O)(=O)c1ccccc1", "C#CCN"])
def test_matrices_hold_the_molecule(smiles: str) -> None:
    mol = Chem.MolFromSmiles(smiles)
    types = sorted(set(types_of(mol)))
    pair = matrices(mol, types, 12)
    assert pair is not None
    assert molecule(*pair, np.ones((12, 12)), types) == Chem.CanonSmiles(smiles)


def test_bonds_beyond_the_valence_are_left_out_from_the_least_certain_on() -> None:
    atoms = np.array([1, 4, 3, 4])
    bonds = np.array([[0, 1, 1, 2], [1, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0]])
    certainty = np.array([[0, 0.9, 0.2, 0.8]] + [[0.0] * 4] * 3)
    assert molecule(atoms, bonds, certainty, [("O", 0), ("C", 0), ("N", 0), ("F", 0)]) == "FOF"


def test_parts_are_joined_where_a_bond_is_likeliest_and_valences_allow() -> None:
    atoms = np.array([1, 1, 2, 0, 3])
    bonds = np.zeros((5, 5), int)
    bonds[0, 1] = bonds[1, 0] = 1
    certainty = np.full((5, 5), 0.1)
    certainty[1, 2] = certainty[1, 4] = 0.3
    certainty[2, 4] = 0.4
    types = [("C", 0), ("O", 0), ("F", 0)]
    assert molecule(atoms, bonds, certainty, types) == "CCOF"
    assert molecule(np.array([3, 3, 3, 0, 1]), bonds, certainty, types) == "FF"


def test_matrices_refuse_what_is_too_large_or_of_other_atoms() -> None:
    ethanol = Chem.MolFromSmiles("CCO")
    assert matrices(ethanol, [("C", 0)], 9) is None
    assert matrices(ethanol, [("C", 0), ("O", 0)], 2) is None
