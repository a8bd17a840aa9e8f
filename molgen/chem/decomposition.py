"""Molecules as a medicinal chemist takes them apart: ring systems, functional groups, alkyl groups.

Every cut is an acyclic single bond, so the parts form a tree; grown from its core, each subtree is a molecule.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rdkit import Chem

SINGLE = Chem.BondType.SINGLE
POINT = "attachment"  # the property of a dummy atom that stands for a part that isn't there
SMALL_ALKYL = 4  # heavy atoms, up to which an alkyl group at a functional group's end belongs to it: methoxy, diethylamino


@dataclass(frozen=True)
class Decomposition:
    """A molecule and its parts, each after the one that it is attached to.

    Attributes
    ----------
    parts : tuple of tuples of int
        Atoms of each part; that of the core first.
    parents : tuple of int
        The part nearer to the core that each part is attached to; -1 for the core.
    """

    mol: Chem.Mol
    parts: tuple[tuple[int, ...], ...]
    parents: tuple[int, ...]

    def smiles(self, part: int) -> str:
        """A part without stereochemistry, `*` where it is attached to others: `*OC`, `*c1ccc(*)cc1`."""
        atoms = set(self.parts[part])
        kept, _ = _cut_out(self.mol, atoms)
        Chem.RemoveStereochemistry(kept)
        points = [atom.GetIdx() for atom in kept.GetAtoms() if atom.HasProp(POINT)]
        return Chem.MolToSmiles(kept, rootedAtAtom=points[0] if len(points) == 1 else -1)

    def grown(self, parts: Collection[int]) -> str:
        """SMILES of the molecule that these parts make with hydrogens in place of the others.

        Raises
        ------
        ValueError
            It is no molecule.
        """
        if len(parts) == len(self.parts):
            return Chem.MolToSmiles(self.mol)
        kept, ends = _cut_out(self.mol, {atom for part in parts for atom in self.parts[part]})
        for end in ends:
            _release_charge(kept, kept.GetAtomWithIdx(end))
        for atom in kept.GetAtoms():
            if atom.HasProp(POINT):
                atom.SetAtomicNum(1)
        Chem.SanitizeMol(kept)
        return Chem.MolToSmiles(Chem.RemoveHs(kept))


def take_apart(mol: Chem.Mol, seeds: Collection[int] = ()) -> Decomposition:
    """Take a molecule apart.

    Rings that share atoms are one part, with what is bonded to them by double bonds. Functional groups are connected hetero
    atoms, unsaturated carbons and carbons with several hetero atoms (Ertl, J. Cheminform. 9, 36, 2017), with small alkyl groups
    at their ends. The rest are alkyl groups. The core is the largest ring system, or the largest part where there is no ring; of
    several the most central one.

    Parameters
    ----------
    seeds
        Atoms whose parts are joined and become the core; the parts between them too.
    """
    parts = _units(mol)
    if seeds:
        parts = _with_core(mol, parts, set(seeds))
        core = next(part for part in parts if not part.isdisjoint(seeds))
    else:
        core = max(parts, key=lambda part: _importance(mol, part)) if parts else set()
    return _rooted(mol, parts, core)


def with_neighbours(mol: Chem.Mol, atoms: Collection[int]) -> set[int]:
    """`atoms` and their neighbours."""
    return {*atoms, *(other.GetIdx() for atom in atoms for other in mol.GetAtomWithIdx(atom).GetNeighbors())}


def _units(mol: Chem.Mol) -> list[set[int]]:
    """Connected atoms of one kind."""
    functional = [_is_functional(atom) for atom in mol.GetAtoms()]

    def joins(bond: Chem.Bond) -> bool:
        first, second = bond.GetBeginAtom(), bond.GetEndAtom()
        if bond.IsInRing() or bond.GetBondType() != SINGLE or 1 in (first.GetAtomicNum(), second.GetAtomicNum()):
            return True
        return not first.IsInRing() and not second.IsInRing() and functional[first.GetIdx()] == functional[second.GetIdx()]

    cuts = {bond.GetIdx() for bond in mol.GetBonds() if not joins(bond)}
    units = _connected(mol, cuts)
    place = {atom: i for i, unit in enumerate(units) for atom in unit}
    beside: list[set[int]] = [set() for _ in units]
    for bond in map(mol.GetBondWithIdx, cuts):
        first, second = place[bond.GetBeginAtomIdx()], place[bond.GetEndAtomIdx()]
        beside[first].add(second)
        beside[second].add(first)

    def is_ring(i: int) -> bool:
        return any(mol.GetAtomWithIdx(atom).IsInRing() for atom in units[i])

    def is_functional(i: int) -> bool:
        return not is_ring(i) and any(functional[atom] for atom in units[i])

    def is_end(i: int) -> bool:
        return len(beside[i]) == 1 and _heavy(mol, units[i]) <= SMALL_ALKYL and not is_ring(i) and not is_functional(i)

    for i in range(len(units)):
        if is_functional(i) and not all(map(is_end, beside[i])):
            for end in filter(is_end, sorted(beside[i])):
                units[i] |= units[end]
                units[end] = set()
    return [unit for unit in units if unit]


def _is_functional(atom: Chem.Atom) -> bool:
    if atom.GetAtomicNum() != 6:
        return True
    if any(bond.GetBondType() != SINGLE for bond in atom.GetBonds()):
        return True
    return sum(other.GetAtomicNum() not in (1, 6) for other in atom.GetNeighbors()) > 1


def _connected(mol: Chem.Mol, cuts: Collection[int]) -> list[set[int]]:
    """Sets of atoms that bonds other than `cuts` connect."""
    found: list[set[int]] = []
    seen: set[int] = set()
    for start in range(mol.GetNumAtoms()):
        if start in seen:
            continue
        group, waiting = {start}, [start]
        while waiting:
            for bond in mol.GetAtomWithIdx(waiting.pop()).GetBonds():
                for end in (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()):
                    if bond.GetIdx() not in cuts and end not in group:
                        group.add(end)
                        waiting.append(end)
        seen |= group
        found.append(group)
    return found


def _heavy(mol: Chem.Mol, atoms: Collection[int]) -> int:
    return sum(mol.GetAtomWithIdx(atom).GetAtomicNum() > 1 for atom in atoms)


def _importance(mol: Chem.Mol, part: set[int]) -> tuple[bool, int, float, str]:
    distances = Chem.GetDistanceMatrix(mol)[sorted(part)]
    in_ring = any(mol.GetAtomWithIdx(atom).IsInRing() for atom in part)
    return in_ring, _heavy(mol, part), -float(distances.min(0).sum()), Chem.MolFragmentToSmiles(mol, sorted(part))


def _with_core(mol: Chem.Mol, parts: Sequence[set[int]], seeds: set[int]) -> list[set[int]]:
    """The parts, those that hold `seeds` joined, with those on the way from one to another."""
    first = min(seeds)
    wanted = set(seeds)
    for seed in seeds - {first}:
        wanted |= set(Chem.GetShortestPath(mol, first, seed))
    core = set().union(*(part for part in parts if not part.isdisjoint(wanted)))
    return [core, *(part for part in parts if part.isdisjoint(wanted))]


def _rooted(mol: Chem.Mol, parts: Sequence[set[int]], core: set[int]) -> Decomposition:
    """The tree of the parts from the core outwards; the first part of another molecule, as in a salt, is attached to the core."""
    place = {atom: i for i, part in enumerate(parts) for atom in part}
    order = sorted(range(len(parts)), key=lambda i: (parts[i] is not core, min(parts[i])))
    parents: dict[int, int] = {}
    ordered: list[int] = []
    for start in order:
        waiting = [(start, order[0] if ordered else -1)]
        while waiting:
            part, parent = waiting.pop(0)
            if part in parents:
                continue
            parents[part] = parent
            ordered.append(part)
            ends = sorted({o.GetIdx() for atom in parts[part] for o in mol.GetAtomWithIdx(atom).GetNeighbors()} - parts[part])
            waiting.extend((place[end], part) for end in ends)
    number = {part: i for i, part in enumerate(ordered)} | {-1: -1}
    return Decomposition(
        mol, tuple(tuple(sorted(parts[part])) for part in ordered), tuple(number[parents[part]] for part in ordered)
    )


def _cut_out(mol: Chem.Mol, atoms: Collection[int]) -> tuple[Chem.RWMol, list[int]]:
    """`atoms` with a dummy atom in place of each bond to another atom, and which of them have such."""
    cuts = [bond.GetIdx() for bond in mol.GetBonds() if (bond.GetBeginAtomIdx() in atoms) != (bond.GetEndAtomIdx() in atoms)]
    whole = Chem.FragmentOnBonds(mol, cuts, dummyLabels=[(0, 0)] * len(cuts)) if cuts else mol
    kept = Chem.RWMol(whole)
    for atom in kept.GetAtoms():
        if atom.GetIdx() >= mol.GetNumAtoms():
            atom.SetBoolProp(POINT, True)
    kept.BeginBatchEdit()
    for atom in kept.GetAtoms():
        if atom.GetIdx() >= mol.GetNumAtoms():
            inside = all(other.GetIdx() in atoms for other in atom.GetNeighbors())
        else:
            inside = atom.GetIdx() in atoms
        if not inside:
            kept.RemoveAtom(atom.GetIdx())
    kept.CommitBatchEdit()
    ends = [other.GetIdx() for atom in kept.GetAtoms() if atom.HasProp(POINT) for other in atom.GetNeighbors()]
    return kept, ends


def _release_charge(mol: Chem.RWMol, atom: Chem.Atom) -> None:
    """An ammonium that lost a carbon is an amine: the proton that would take its place leaves, and the charge with it."""
    if atom.GetFormalCharge() != 1 or atom.GetAtomicNum() != 7:
        return
    if any(other.GetFormalCharge() < 0 for other in atom.GetNeighbors()):
        return
    point = next((other for other in atom.GetNeighbors() if other.HasProp(POINT)), None)
    if point is not None:
        mol.RemoveAtom(point.GetIdx())
        atom.SetFormalCharge(0)
        atom.SetNumExplicitHs(0)
        atom.SetNoImplicit(False)
