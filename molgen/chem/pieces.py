"""Molecules as graphs of pieces: ring systems and small acyclic groups, joined at numbered slots.

A piece is a SMILES with its slots as dummy atoms, `[1*]c1ccc([2*])cc1`, numbered so that equal pieces in equal
surroundings have equal texts. With one slot as its entry, `*c1ccc([1*])cc1`, it can be attached to another piece.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from rdkit import Chem

Link = tuple[int, int]  # a piece and its slot
_SINGLE = Chem.BondType.SINGLE
_PROMPT = 1000  # isotopes from here on mark attachment points that the molecule came with


@dataclass(frozen=True)
class PieceGraph:
    """Pieces and, for each slot of each piece, the piece and slot that it is bonded to; None where it is left open."""

    pieces: list[str]
    links: list[list[Link | None]]


def piece_graph(mol: Chem.Mol, known: Collection[str] | None = None) -> PieceGraph:
    """Cut `mol` (canonical, so that equal molecules give equal graphs) into pieces.

    Cuts are acyclic single bonds that touch a ring or have no terminal atom. A piece that isn't in `known` is cut
    further, down to its atoms if needed. Dummy atoms become open slots.

    Raises
    ------
    ValueError
        `mol` consists of several molecules.
    """
    bonds = {bond.GetIdx() for bond in mol.GetBonds() if _is_joint(bond)}
    graph, members = _cut(mol, bonds)
    if known is None:
        return graph
    for keeps in (_keeps_shape, lambda bond: False):
        strange = [set(atoms) for piece, atoms in zip(graph.pieces, members, strict=True) if piece not in known]
        if not strange:
            break
        inside = [bond for bond in mol.GetBonds() if any({*_ends(bond)} <= atoms for atoms in strange)]
        bonds |= {bond.GetIdx() for bond in inside if not keeps(bond)}
        mol = _in_single_and_double_bonds(mol, inside)
        graph, members = _cut(mol, bonds)
    return graph


def _is_joint(bond: Chem.Bond) -> bool:
    first, second = bond.GetBeginAtom(), bond.GetEndAtom()
    if bond.IsInRing() or bond.GetBondType() != _SINGLE or 0 in (first.GetAtomicNum(), second.GetAtomicNum()):
        return False
    if first.GetFormalCharge() * second.GetFormalCharge() < 0:
        return False
    return first.IsInRing() or second.IsInRing() or min(first.GetDegree(), second.GetDegree()) > 1


def _keeps_shape(bond: Chem.Bond) -> bool:
    return bond.GetBondType() != _SINGLE and not bond.IsInRing()


def _in_single_and_double_bonds(mol: Chem.Mol, bonds: list[Chem.Bond]) -> Chem.Mol:
    """`mol` with these bonds, and their atoms, made non-aromatic."""
    kekulized = Chem.Mol(mol)
    Chem.Kekulize(kekulized, clearAromaticFlags=True)
    copy = Chem.RWMol(mol)
    for index in [bond.GetIdx() for bond in bonds]:
        bond = copy.GetBondWithIdx(index)
        bond.SetBondType(kekulized.GetBondWithIdx(index).GetBondType())
        bond.SetIsAromatic(False)
        for end in _ends(bond):
            copy.GetAtomWithIdx(end).SetIsAromatic(False)
    return copy.GetMol()


def _ends(bond: Chem.Bond) -> tuple[int, int]:
    return bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()


def _cut(mol: Chem.Mol, cuts: Collection[int]) -> tuple[PieceGraph, list[list[int]]]:
    """The graph of the pieces between the bonds `cuts`, and the atoms of each piece."""
    bonds = sorted(cuts)
    ranks = list(Chem.CanonicalRankAtoms(mol))
    marked = Chem.RWMol(mol)
    open_ends = [atom for atom in marked.GetAtoms() if atom.GetAtomicNum() == 0]
    for k, atom in enumerate(open_ends):
        atom.SetIsotope(_PROMPT + k)
    labels = [(1 + k, 1 + k) for k in range(len(bonds))]
    whole = Chem.FragmentOnBonds(marked, bonds, dummyLabels=labels) if bonds else marked.GetMol()
    members: list[tuple[int, ...]] = []
    parts = Chem.GetMolFrags(whole, asMols=True, sanitizeFrags=False, fragsMolAtomMapping=members)
    pieces, joints = [], []
    across = {(k + 1, end): other for k, bond in enumerate(bonds) for end, other in permutations(_ends(mol.GetBondWithIdx(bond)))}
    for part, atoms in zip(parts, members, strict=True):
        part.UpdatePropertyCache(strict=False)
        slots = [atom for atom in part.GetAtoms() if atom.GetAtomicNum() == 0]
        names = [slot.GetIsotope() for slot in slots]
        neighbours = [
            ranks[across.get((name, atoms[slot.GetNeighbors()[0].GetIdx()]), atoms[slot.GetIdx()])]
            for name, slot in zip(names, slots, strict=True)
        ]
        order = _numbered(part, [slot.GetIdx() for slot in slots], neighbours)
        pieces.append(Chem.MolToSmiles(part))
        joints.append([names[i] for i in order])
    links = _links(joints)
    bonded = sum(link is not None for slots_of in links for link in slots_of) // 2
    if len(pieces) > 1 + bonded:
        raise ValueError("several molecules")
    heavy = [[i for i in atoms if i < mol.GetNumAtoms() and mol.GetAtomWithIdx(i).GetAtomicNum()] for atoms in members]
    return PieceGraph(pieces, links), heavy


def _links(joints: list[list[int]]) -> list[list[Link | None]]:
    """For each slot the other one with the same name."""
    ends: dict[int, list[Link]] = {}
    for i, names in enumerate(joints):
        for k, name in enumerate(names):
            ends.setdefault(name, []).append((i, k))
    return [
        [next((end for end in ends[name] if end != (i, k)), None) for k, name in enumerate(names)]
        for i, names in enumerate(joints)
    ]


def _numbered(part: Chem.Mol, slots: list[int], tie_breaks: list[int], entry: int | None = None) -> list[int]:
    """Number the dummy atoms `slots` of `part` by their places in it; return their order. The `entry` has number 0."""
    for slot in slots:
        part.GetAtomWithIdx(slot).SetIsotope(int(slot == entry))
    ranks = list(Chem.CanonicalRankAtoms(part, breakTies=False, includeChirality=False))
    order = sorted(range(len(slots)), key=lambda i: (slots[i] != entry, ranks[slots[i]], tie_breaks[i]))
    for number, i in enumerate(order):
        part.GetAtomWithIdx(slots[i]).SetIsotope(number + (entry is None))
    return order


@lru_cache(maxsize=100_000)
def entered(piece: str, slot: int) -> tuple[str, tuple[int, ...]]:
    """`piece` with `slot` as its entry, and the original numbers of its other slots, in order."""
    mol = Chem.MolFromSmiles(piece)
    dummies = sorted((atom for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0), key=lambda atom: atom.GetIsotope())
    places = [atom.GetIdx() for atom in dummies]
    order = _numbered(mol, places, list(range(len(places))), places[slot])
    return Chem.MolToSmiles(mol), tuple(order[1:])
