"""What several molecules have in common, and where each of them differs."""

from collections.abc import Sequence
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem import rdFMCS

from molgen.chem.difference import whole_rings

SECONDS = 2  # of the search, at most: the largest part found by then is taken
FEWEST, SHARE = 4, 0.3  # atoms of a common part at least, and of the smallest molecule
ALIGNED = 500  # ways of laying the common part on a molecule that are compared


@dataclass(frozen=True)
class CommonPart:
    """The common part of molecules [n].

    Attributes
    ----------
    atoms
        For each molecule its atoms in the common part, in one order; empty where they have too little in common.
    differing
        For each molecule the atoms outside the common part, and those in it that are of another kind in another molecule.
    """

    atoms: tuple[tuple[int, ...], ...]
    differing: tuple[tuple[int, ...], ...]


def common_part(mols: Sequence[Chem.Mol]) -> CommonPart:
    """The largest common part, in which atoms may be of different elements, rings being whole."""
    nothing = CommonPart(((),) * len(mols), ((),) * len(mols))
    if len(mols) < 2:
        return nothing
    settings = whole_rings()
    settings.AtomTyper = rdFMCS.AtomCompare.CompareAny
    settings.Timeout = SECONDS
    with rdBase.BlockLogs():
        found = rdFMCS.FindMCS(list(mols), settings)
    smallest = min(mol.GetNumHeavyAtoms() for mol in mols)
    if found.numAtoms < max(FEWEST, SHARE * smallest):
        return nothing
    pattern = Chem.MolFromSmarts(found.smartsString)
    first = mols[0].GetSubstructMatch(pattern)
    if not first:
        return nothing
    atoms = [first, *(_alike(mols[0], first, mol, pattern) for mol in mols[1:])]
    if not all(atoms):
        return nothing
    same = [len({_kind(mol, match[k]) for mol, match in zip(mols, atoms, strict=True)}) == 1 for k in range(len(first))]
    differing = []
    for mol, match in zip(mols, atoms, strict=True):
        shared = {atom for atom, is_same in zip(match, same, strict=True) if is_same}
        differing.append(tuple(i for i in range(mol.GetNumAtoms()) if i not in shared))
    return CommonPart(tuple(atoms), tuple(differing))


def _alike(first: Chem.Mol, match: tuple[int, ...], mol: Chem.Mol, pattern: Chem.Mol) -> tuple[int, ...]:
    """The way of laying the common part on `mol` by which the fewest atoms differ, and what is attached is attached alike."""
    ways = mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=ALIGNED)

    def unlike(way: tuple[int, ...]) -> tuple[int, int]:
        kinds = sum(_kind(first, a) != _kind(mol, b) for a, b in zip(match, way, strict=True))
        degrees = [
            abs(first.GetAtomWithIdx(a).GetDegree() - mol.GetAtomWithIdx(b).GetDegree()) for a, b in zip(match, way, strict=True)
        ]
        return kinds, sum(degrees)

    return min(ways, key=unlike, default=())


def _kind(mol: Chem.Mol, atom: int) -> tuple[int, int, bool]:
    found = mol.GetAtomWithIdx(atom)
    return found.GetAtomicNum(), found.GetFormalCharge(), found.GetIsAromatic()
