"""Small molecules as matrices: atom types and bond orders, without aromaticity and stereochemistry."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

AtomType = tuple[str, int]  # element and charge
ORDERS = (Chem.BondType.SINGLE, Chem.BondType.DOUBLE, Chem.BondType.TRIPLE)
_VALENCE = {"B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "P": 5, "S": 6, "Cl": 1, "Br": 1, "I": 1}
ELEMENTS = frozenset(_VALENCE)


def valence(kind: AtomType) -> int:
    """Largest sum of bond orders of an atom of this kind: a positive nitrogen has four, a negative oxygen one."""
    return _VALENCE[kind[0]] + kind[1]


def types_of(mol: Chem.Mol) -> list[AtomType]:
    """Element and charge of every atom."""
    return [(atom.GetSymbol(), atom.GetFormalCharge()) for atom in mol.GetAtoms()]


def matrices(mol: Chem.Mol, types: Sequence[AtomType], largest: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """Atom types [largest], counted from 1, and bond orders [largest, largest], both padded with 0.

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
    """SMILES of the molecule in the matrices; '' if they are empty.

    Bonds are made in order of certainty, each of the order that the valences of its atoms allow. Parts are then joined by
    the most certain single bonds between them; parts that can't be joined to the largest one are left out.
    """
    free = {int(i): valence(types[atoms[i] - 1]) for i in np.flatnonzero(atoms)}
    if not free:
        return ""
    part = dict(zip(free, free, strict=True))
    made: dict[tuple[int, int], int] = {}
    rows, columns = np.triu_indices(len(atoms), 1)
    pairs = [(int(rows[k]), int(columns[k])) for k in np.argsort(-certainty[rows, columns], kind="stable")]
    said = [(i, j, int(bonds[i, j]), False) for i, j in pairs if bonds[i, j]]
    for i, j, wanted, joining in said + [(i, j, 1, True) for i, j in pairs if not bonds[i, j]]:
        order = min(wanted, free.get(i, 0), free.get(j, 0))
        if order and not (joining and part[i] == part[j]):
            made[i, j] = order
            free[i] -= order
            free[j] -= order
            part = {k: part[i] if of == part[j] else of for k, of in part.items()}
    largest = Counter(part.values()).most_common(1)[0][0]
    place = {k: n for n, k in enumerate(k for k, of in part.items() if of == largest)}
    mol = Chem.RWMol()
    for element, charge in (types[atoms[k] - 1] for k in place):
        atom = Chem.Atom(element)
        atom.SetFormalCharge(charge)
        mol.AddAtom(atom)
    for (i, j), order in made.items():
        if i in place:
            mol.AddBond(place[i], place[j], ORDERS[order - 1])
    return Chem.MolToSmiles(mol) if Chem.SanitizeMol(mol, catchErrors=True) == Chem.SanitizeFlags.SANITIZE_NONE else ""
