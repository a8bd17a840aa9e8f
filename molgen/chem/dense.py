"""Small molecules as matrices: atom types and bond orders, without aromaticity and stereochemistry."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.sparse.csgraph import connected_components

AtomType = tuple[str, int]  # element and charge
ORDERS = (Chem.BondType.SINGLE, Chem.BondType.DOUBLE, Chem.BondType.TRIPLE)
_VALENCE = {"B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "P": 5, "S": 6, "Cl": 1, "Br": 1, "I": 1}


def valence(kind: AtomType) -> int:
    """The most bonds, by order, that an atom of this kind has; a positive nitrogen has four, a negative oxygen one."""
    return _VALENCE[kind[0]] + kind[1]


def types_of(mol: Chem.Mol) -> list[AtomType]:
    """Element and charge of every atom."""
    return [(atom.GetSymbol(), atom.GetFormalCharge()) for atom in mol.GetAtoms()]


def matrices(mol: Chem.Mol, types: Sequence[AtomType], largest: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """Atom types [largest], counted from 1, and bond orders [largest, largest], both 0 where nothing is.

    None where the molecule is too large, has other types, or bonds beyond `valence`.
    """
    kinds = types_of(mol)
    if len(kinds) > largest or not set(kinds) <= set(types):
        return None
    kekulized = Chem.Mol(mol)
    Chem.Kekulize(kekulized, clearAromaticFlags=True)
    atoms = np.zeros(largest, dtype=np.uint8)
    bonds = np.zeros((largest, largest), dtype=np.uint8)
    atoms[: len(kinds)] = [1 + types.index(kind) for kind in kinds]
    for bond in kekulized.GetBonds():
        if bond.GetBondType() not in ORDERS:
            return None
        i, j = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        bonds[i, j] = bonds[j, i] = 1 + ORDERS.index(bond.GetBondType())
    limits = [valence(kind) for kind in kinds]
    return (atoms, bonds) if (bonds.sum(1)[: len(kinds)] <= limits).all() else None


def molecule(
    atoms: NDArray[np.integer], bonds: NDArray[np.integer], certainty: NDArray[np.floating], types: Sequence[AtomType]
) -> str:
    """SMILES of the largest connected part of what the matrices say; '' where there is none.

    Bonds are made from the most certain on, each with the order that the valences of its atoms leave.
    """
    there = np.flatnonzero(atoms)
    free = {int(i): valence(types[atoms[i] - 1]) for i in there}
    rows, columns = np.nonzero(np.triu(bonds, 1))
    made: list[tuple[int, int, int]] = []
    for k in np.argsort(-certainty[rows, columns], kind="stable"):
        i, j = int(rows[k]), int(columns[k])
        order = min(int(bonds[i, j]), free.get(i, 0), free.get(j, 0))
        if order:
            made.append((i, j, order))
            free[i] -= order
            free[j] -= order
    linked = np.zeros(bonds.shape)
    for i, j, _ in made:
        linked[i, j] = 1
    _, part = connected_components(linked, directed=False)
    if not len(there):
        return ""
    kept = np.flatnonzero((part == np.bincount(part[there]).argmax()) & (atoms > 0))
    place = {int(i): k for k, i in enumerate(kept)}
    mol = Chem.RWMol()
    for element, charge in (types[atoms[i] - 1] for i in kept):
        atom = Chem.Atom(element)
        atom.SetFormalCharge(charge)
        mol.AddAtom(atom)
    for i, j, order in made:
        if i in place:
            mol.AddBond(place[i], place[j], ORDERS[order - 1])
    return Chem.MolToSmiles(mol) if Chem.SanitizeMol(mol, catchErrors=True) == Chem.SanitizeFlags.SANITIZE_NONE else ""
