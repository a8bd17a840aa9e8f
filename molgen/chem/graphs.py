"""Molecules as graphs for torch-geometric."""

from collections.abc import Sequence

import torch
from rdkit import Chem
from torch import Tensor
from torch_geometric.data import Batch, Data

ELEMENTS = (6, 7, 8, 9, 15, 16, 17, 35, 53, 5, 14, 34)
ATOM_FIELDS = (
    len(ELEMENTS) + 1,  # element, others together
    6,  # neighbours
    5,  # charge, -2 to 2
    5,  # hydrogens
    4,  # hybridisation: others, sp, sp2, sp3
    2,  # aromatic
    2,  # in a ring
    3,  # chirality: none, clockwise, anticlockwise
)
BOND_FIELDS = (5, 2, 2)  # none of these, single, double, triple, aromatic; conjugated; in a ring
_ELEMENT = {number: i for i, number in enumerate(ELEMENTS)}
_HYBRID = {Chem.HybridizationType.SP: 1, Chem.HybridizationType.SP2: 2, Chem.HybridizationType.SP3: 3}
_ORDER = {Chem.BondType.SINGLE: 1, Chem.BondType.DOUBLE: 2, Chem.BondType.TRIPLE: 3, Chem.BondType.AROMATIC: 4}


def atom_codes(atom: Chem.Atom) -> tuple[int, ...]:
    """One category for each of `ATOM_FIELDS`."""
    return (
        _ELEMENT.get(atom.GetAtomicNum(), len(ELEMENTS)),
        min(atom.GetDegree(), 5),
        max(-2, min(2, atom.GetFormalCharge())) + 2,
        min(atom.GetTotalNumHs(), 4),
        _HYBRID.get(atom.GetHybridization(), 0),
        int(atom.GetIsAromatic()),
        int(atom.IsInRing()),
        min(int(atom.GetChiralTag()), 2),
    )


def bond_codes(bond: Chem.Bond) -> tuple[int, int, int]:
    """One category for each of `BOND_FIELDS`."""
    return _ORDER.get(bond.GetBondType(), 0), int(bond.GetIsConjugated()), int(bond.IsInRing())


def graph(mol: Chem.Mol) -> Data:
    """Categories: atoms `x` [atoms, 8], bonds in both directions `edge_index` [2, 2 bonds], `edge_attr` [2 bonds, 3]."""
    atoms = torch.tensor([atom_codes(atom) for atom in mol.GetAtoms()], dtype=torch.long)
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in mol.GetBonds()]
    edges = torch.tensor(ends, dtype=torch.long).reshape(-1, 2).T
    codes = torch.tensor([bond_codes(bond) for bond in mol.GetBonds()], dtype=torch.long).reshape(-1, len(BOND_FIELDS))
    return Data(x=atoms, edge_index=torch.cat([edges, edges.flip(0)], dim=1), edge_attr=torch.cat([codes, codes]))


def batch(mols: Sequence[Chem.Mol]) -> Batch:
    """The graphs of molecules as one batch."""
    return Batch.from_data_list([graph(mol) for mol in mols])


def one_hot(codes: Tensor, fields: Sequence[int]) -> Tensor:
    """Categories [n, k] as ones and zeros [n, sum(fields)]."""
    return torch.cat([torch.nn.functional.one_hot(codes[:, i], size) for i, size in enumerate(fields)], dim=1).float()
