"""Mutation of molecular graphs.

A molecule is edited as a Kekulé structure without explicit hydrogens. If the result can't be sanitised
or has a ring that chemists wouldn't make, it is discarded and another edit is tried.

`mutate` takes the result of `editable`, so that a parent of many is prepared once. Atoms and bonds are looked up by index,
since RDKit's iterators take twice as long.
"""

import functools
from collections.abc import Callable, Iterator

import numpy as np
from rdkit import Chem, rdBase

MAX_ATOMS = 60
MAX_RING = 8
ELEMENTS = {"C": 4, "N": 3, "O": 2, "S": 2, "F": 1, "Cl": 1, "Br": 1}
ELEMENT_NAMES = tuple(ELEMENTS)
ELEMENT_ODDS = np.array([0.40, 0.20, 0.20, 0.07, 0.07, 0.05, 0.01])
BONDS = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}

# Groups that a chemist adds in one step, attached by the first atom.
GROUPS = (
    "C(=O)O", "C(=O)N", "C#N", "OC", "N(C)C", "C(F)(F)F", "S(C)(=O)=O", "S(N)(=O)=O", "NC(C)=O", "C1CC1", "c1ccccc1",
    "c1ccncc1", "c1cccnc1", "c1cn[nH]c1", "c1ccsc1", "N1CCOCC1", "N1CCNCC1", "C1CCNCC1", "N1CCCC1", "C(C)C", "C(C)(C)C",
)  # fmt: skip

Edit = Callable[[Chem.RWMol, np.random.Generator], bool]


def editable(mol: Chem.Mol) -> Chem.RWMol:
    """A Kekulé copy whose hydrogens are all implicit and whose stereo marks are gone."""
    copy = Chem.RWMol(mol)
    Chem.Kekulize(copy, clearAromaticFlags=True)
    Chem.RemoveStereochemistry(copy)
    for atom in _atoms(copy):
        if not atom.GetFormalCharge():
            atom.SetNoImplicit(False)
            atom.SetNumExplicitHs(0)
    return copy


def finish(mol: Chem.Mol) -> Chem.Mol | None:
    """An edited molecule, sanitised; None if it isn't one that could be made."""
    with rdBase.BlockLogs():
        try:
            Chem.SanitizeMol(mol)
        except Exception:
            return None
    rings = mol.GetRingInfo()
    if not 3 <= mol.GetNumAtoms() <= MAX_ATOMS or any(len(ring) > MAX_RING for ring in rings.AtomRings()):
        return None
    return None if len(Chem.GetMolFrags(mol)) > 1 or mol.HasSubstructMatch(_impossible()) else mol


def _atoms(mol: Chem.Mol) -> Iterator[Chem.Atom]:
    return map(mol.GetAtomWithIdx, range(mol.GetNumAtoms()))


def _bonds(mol: Chem.Mol) -> Iterator[Chem.Bond]:
    return map(mol.GetBondWithIdx, range(mol.GetNumBonds()))


@functools.cache
def _impossible() -> Chem.Mol:
    """Allenes and alkynes in rings, double bonds between rings of three or four."""
    return Chem.MolFromSmarts("[$([R]=[R]=[R]),$([R]#[R]),$([r3]=[r3]),$([R]=C=[A])]")


def hydrogens_of(mol: Chem.RWMol) -> list[int]:
    """Number of hydrogens on each atom."""
    mol.UpdatePropertyCache(strict=False)
    return [atom.GetTotalNumHs() for atom in _atoms(mol)]


def _pick(rng: np.random.Generator, items: list[int]) -> int:
    return items[int(rng.integers(len(items)))]


def change_element(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Replace an atom by another element that can hold its bonds."""
    atom = mol.GetAtomWithIdx(int(rng.integers(mol.GetNumAtoms())))
    order = sum(bond.GetBondTypeAsDouble() for bond in atom.GetBonds())
    fit = np.array([valence >= order and name != atom.GetSymbol() for name, valence in ELEMENTS.items()])
    if not fit.any() or atom.GetFormalCharge():
        return False
    odds = ELEMENT_ODDS * fit
    new = ELEMENT_NAMES[int(rng.choice(len(odds), p=odds / odds.sum()))]
    atom.SetAtomicNum(Chem.GetPeriodicTable().GetAtomicNumber(new))
    return True


def add_atom(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Bond a new atom to an atom that has a hydrogen."""
    sites = [i for i, count in enumerate(hydrogens_of(mol)) if count]
    if not sites:
        return False
    new = mol.AddAtom(Chem.Atom(ELEMENT_NAMES[int(rng.choice(len(ELEMENT_ODDS), p=ELEMENT_ODDS))]))
    mol.AddBond(_pick(rng, sites), new, BONDS[1])
    return True


def add_group(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Bond a common substituent to an atom that has a hydrogen."""
    sites = [i for i, count in enumerate(hydrogens_of(mol)) if count]
    if not sites:
        return False
    group = _group(int(rng.integers(len(GROUPS))))
    first = mol.GetNumAtoms()
    mol.InsertMol(group)
    mol.AddBond(_pick(rng, sites), first, BONDS[1])
    return True


@functools.cache
def _group(i: int) -> Chem.RWMol:
    return editable(Chem.MolFromSmiles(GROUPS[i]))


def insert_atom(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Put C, N, O or S between two bonded atoms; in a ring, this enlarges it."""
    singles = [b.GetIdx() for b in _bonds(mol) if b.GetBondType() == BONDS[1]]
    if not singles:
        return False
    bond = mol.GetBondWithIdx(_pick(rng, singles))
    a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
    new = mol.AddAtom(Chem.Atom(ELEMENT_NAMES[int(rng.choice(4, p=ELEMENT_ODDS[:4] / ELEMENT_ODDS[:4].sum()))]))
    mol.RemoveBond(a, b)
    mol.AddBond(a, new, BONDS[1])
    mol.AddBond(new, b, BONDS[1])
    return True


def delete_atom(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Take out an atom with one or two neighbours; two neighbours are joined."""
    sites = [atom.GetIdx() for atom in _atoms(mol) if atom.GetDegree() <= 2]
    if not sites:
        return False
    site = _pick(rng, sites)
    neighbours = [atom.GetIdx() for atom in mol.GetAtomWithIdx(site).GetNeighbors()]
    if len(neighbours) == 2:
        if mol.GetBondBetweenAtoms(*neighbours) is not None:
            return False
        mol.AddBond(*neighbours, BONDS[1])
    mol.RemoveAtom(site)
    return True


def delete_branch(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Cut a bond outside rings and drop the smaller side."""
    Chem.FastFindRings(mol)
    cuts = [b.GetIdx() for b in _bonds(mol) if not b.IsInRing()]
    if not cuts:
        return False
    bond = mol.GetBondWithIdx(_pick(rng, cuts))
    mol.RemoveBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
    smaller = min(Chem.GetMolFrags(mol), key=len)
    for i in sorted(smaller, reverse=True):
        mol.RemoveAtom(i)
    return True


def change_bond(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Raise or lower the order of a bond by one."""
    if not mol.GetNumBonds():
        return False
    bond = mol.GetBondWithIdx(int(rng.integers(mol.GetNumBonds())))
    order = int(bond.GetBondTypeAsDouble())
    hydrogens = hydrogens_of(mol)
    can_rise = order < 3 and hydrogens[bond.GetBeginAtomIdx()] and hydrogens[bond.GetEndAtomIdx()]
    if order == 1 and not can_rise:
        return False
    up = can_rise and (order == 1 or rng.random() < 0.5)
    bond.SetBondType(BONDS[order + 1 if up else order - 1])
    return True


def close_ring(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Bond two atoms that have hydrogens and are two to six bonds apart; five- and six-rings preferred."""
    hydrogens = hydrogens_of(mol)
    distance = Chem.GetDistanceMatrix(mol)
    odds = np.array([0, 0, 0.1, 0.1, 1.0, 1.0, 0.1])
    pairs = [
        (i, j) for i in range(len(hydrogens)) for j in range(i) if hydrogens[i] and hydrogens[j] and 2 <= distance[i, j] <= 6
    ]
    if not pairs:
        return False
    weights = odds[[int(distance[pair]) for pair in pairs]]
    mol.AddBond(*pairs[int(rng.choice(len(pairs), p=weights / weights.sum()))], BONDS[1])
    return True


def open_ring(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Remove a ring bond."""
    Chem.FastFindRings(mol)
    ring_bonds = [b.GetIdx() for b in _bonds(mol) if b.IsInRing()]
    if not ring_bonds:
        return False
    bond = mol.GetBondWithIdx(_pick(rng, ring_bonds))
    mol.RemoveBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
    return True


def move_branch(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Cut a substituent off and bond it to a nearby atom that has a hydrogen."""
    Chem.FastFindRings(mol)
    cuts = [b.GetIdx() for b in _bonds(mol) if not b.IsInRing() and b.GetBondType() == BONDS[1]]
    if not cuts:
        return False
    bond = mol.GetBondWithIdx(_pick(rng, cuts))
    a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
    distance = Chem.GetDistanceMatrix(mol)
    mol.RemoveBond(a, b)
    if b not in min(Chem.GetMolFrags(mol), key=len):
        a, b = b, a
    branch = next(set(fragment) for fragment in Chem.GetMolFrags(mol) if b in fragment)
    sites = [i for i, h in enumerate(hydrogens_of(mol)) if h and i not in branch and i != a and distance[a, i] <= 3]
    if not sites:
        return False
    mol.AddBond(_pick(rng, sites), b, BONDS[1])
    return True


@functools.cache
def chain_bond() -> Chem.Mol:
    """A single bond outside rings."""
    return Chem.MolFromSmarts("*-;!@*")


def rejoin(mol: Chem.RWMol, rng: np.random.Generator) -> bool:
    """Cut a bond outside rings, and bond one of its atoms to another atom of the other side."""
    Chem.FastFindRings(mol)
    bonds = mol.GetSubstructMatches(chain_bond())
    if not bonds:
        return False
    kept, moved = rng.permutation(bonds[int(rng.integers(len(bonds)))]).tolist()
    mol.RemoveBond(kept, moved)
    side = next(fragment for fragment in Chem.GetMolFrags(mol) if moved in fragment)
    hydrogens = hydrogens_of(mol)
    sites = [i for i in side if hydrogens[i] and i != moved]
    if not sites:
        return False
    mol.AddBond(kept, _pick(rng, sites), BONDS[1])
    return True


MUTATIONS: dict[Edit, float] = {
    change_element: 3, add_atom: 3, add_group: 1, insert_atom: 2, delete_atom: 3, delete_branch: 0.5,
    change_bond: 2, close_ring: 1.5, open_ring: 1, move_branch: 2, rejoin: 2,
}  # fmt: skip
_EDITS = list(MUTATIONS)
_EDIT_ODDS = np.array(list(MUTATIONS.values())) / sum(MUTATIONS.values())


def mutate(mol: Chem.RWMol, rng: np.random.Generator, attempts: int = 10) -> Chem.Mol | None:
    """`mol` after one random edit; None if `attempts` edits all failed."""
    for _ in range(attempts):
        copy = Chem.RWMol(mol)
        edit = _EDITS[int(rng.choice(len(_EDITS), p=_EDIT_ODDS))]
        if edit(copy, rng) and (child := finish(copy)):
            return child
    return None
