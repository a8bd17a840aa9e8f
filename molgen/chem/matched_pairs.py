"""Matched molecular pairs: molecules that differ in one group.

Pairs as in Hussain and Rea (J. Chem. Inf. Model. 50, 339, 2010): single cuts of acyclic bonds by RDKit's rdMMPA, and a hydrogen
in place of the group.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from rdkit import Chem
from rdkit.Chem import rdMMPA

LARGEST = 13  # heavy atoms of a group that is exchanged
CUTS = 40  # acyclic single bonds of a molecule that is cut at all
PARTNERS = 300  # compounds with one context that are compared: their pairs grow with the square
HYDROGEN = "[1*][H]"
ATOM = re.compile(r"\[\d*([A-Za-z][a-z]?|\*)[^\]]*\]|(Cl|Br|[BCNOFPSIbcnops])")


@dataclass(frozen=True)
class MatchedPair:
    """Two compounds that differ in one group: `before` has the group `old` where `after` has `new`."""

    before: str
    after: str
    old: str
    new: str


def matched_pairs(molecules: Mapping[str, Chem.Mol], advance: Callable[[], None] = lambda: None) -> list[MatchedPair]:
    """All pairs, each once, by the smallest groups that tell the two apart; from the smaller group to the larger.

    Groups have at most `LARGEST` heavy atoms and no more than what stays the same.

    Parameters
    ----------
    molecules
        By name.
    advance
        Called after each molecule that was cut.
    """
    holders: dict[str, dict[str, str]] = defaultdict(dict)  # by context: the group of each compound
    for name, mol in molecules.items():
        for left, right in _cuts(mol):
            for context, group in ((left, right), (right, left)):
                if _size(group) <= min(LARGEST, _size(context)):
                    holders[context].setdefault(name, group)
        advance()
    for context, name in _with_hydrogen(holders, molecules):
        holders[context][name] = HYDROGEN
    pairs: dict[tuple[str, str], tuple[int, MatchedPair]] = {}
    for context in sorted(holders):
        for (one, first), (other, second) in combinations(sorted(holders[context].items())[:PARTNERS], 2):
            if first == second:
                continue
            (_, old, before), (_, new, after) = sorted([(_size(first), first, one), (_size(second), second, other)])
            size, key = _size(old) + _size(new), (min(one, other), max(one, other))
            if key not in pairs or size < pairs[key][0]:
                pairs[key] = size, MatchedPair(before, after, rooted(old), rooted(new))
    return [pair for _, pair in pairs.values()]


def _with_hydrogen(contexts: Iterable[str], molecules: Mapping[str, Chem.Mol]) -> list[tuple[str, str]]:
    """Contexts that are a molecule when the group is a hydrogen, with the name of that molecule.

    Not where an acyclic carbon would carry it: methyl and ethyl differ as these, not as a hydrogen and methyl.
    """
    written = {name: Chem.MolToSmiles(mol) for name, mol in molecules.items()}
    names = {smiles: name for name, smiles in written.items()}
    compositions = {_composition(smiles) for smiles in names}
    found = []
    for context in contexts:
        if _composition(context) not in compositions:  # most aren't, and to parse them all takes long
            continue
        mol = Chem.MolFromSmiles(context)
        point = next(atom for atom in mol.GetAtoms() if not atom.GetAtomicNum())
        [carrier] = point.GetNeighbors()
        if carrier.GetAtomicNum() == 6 and not carrier.IsInRing():
            continue
        point.SetAtomicNum(1)
        point.SetAtomMapNum(0)
        if (name := names.get(Chem.MolToSmiles(Chem.RemoveHs(mol)))) is not None:
            found.append((context, name))
    return found


@functools.lru_cache(100_000)
def _composition(smiles: str) -> str:
    """The elements of all heavy atoms in order: `CCO`."""
    atoms = (bracket or plain for bracket, plain in ATOM.findall(smiles))
    return ",".join(sorted(atom.capitalize() for atom in atoms if atom not in "*H"))


def _size(group: str) -> int:
    """Heavy atoms."""
    composition = _composition(group)
    return composition.count(",") + 1 if composition else 0


def _cuts(mol: Chem.Mol) -> Iterable[tuple[str, str]]:
    for _, both in rdMMPA.FragmentMol(mol, minCuts=1, maxCuts=1, maxCutBonds=CUTS, resultsAsMols=False):
        if both.count(".") == 1:  # more are salts and mixtures, of which nothing says which part is meant
            left, right = both.split(".")
            yield left, right


@functools.lru_cache(10_000)
def rooted(group: str) -> str:
    """A group of rdMMPA's, `C[*:1]`, with its attachment point first: `[1*]C`."""
    if group == HYDROGEN:
        return group
    mol = Chem.MolFromSmiles(group)
    point = next(atom for atom in mol.GetAtoms() if not atom.GetAtomicNum())
    point.SetAtomMapNum(0)
    point.SetIsotope(1)
    return Chem.MolToSmiles(mol, rootedAtAtom=point.GetIdx())
