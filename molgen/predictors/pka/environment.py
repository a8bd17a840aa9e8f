"""What surrounds a group, as numbers: the rule's value of its pKa, and the features that a model corrects it by."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.predictors.pka.sites import TYPES, Site, SiteType, find_sites
from molgen.predictors.pka.substituents import DECAY, INDUCTION, REACH, SIGMA, induction_class, ring_substituents

Array = NDArray[np.float64]

_INDUCTION = {name: i for i, name in enumerate(INDUCTION)}
DONORS = ("NR2", "NAr", "OR", "OH", "alkyl")
_ORTHO = ("Cl", "OH", "OR", "NO2", "NR2", "CO2H", "alkyl", "aza", "oxo", "CON", "aryl")
NAMES = tuple(dict.fromkeys(kind.name for kind in TYPES))
_SHAPE = 14
_SIZES = {
    "type": len(NAMES),
    "base induction": len(INDUCTION),
    "acid induction": len(INDUCTION),
    "sigma": 4,
    "ortho": len(_ORTHO),
    "shape": _SHAPE,
}
_ENDS = np.cumsum([*_SIZES.values()])
BLOCKS = {name: slice(int(end) - size, int(end)) for (name, size), end in zip(_SIZES.items(), _ENDS, strict=True)}
WIDTH = int(_ENDS[-1])
FAR = 99
_SP3 = Chem.HybridizationType.SP3


@dataclass(frozen=True, eq=False)
class Environment:
    """The groups of a molecule and what surrounds them.

    Attributes
    ----------
    sites
        n groups.
    rule : float64 [n]
        pKa of each by its type and its substituents' tabulated effects, all other groups neutral.
    features : float64 [n, WIDTH]
    distance, paths : int64 [n, a]
        Bonds from each group's atom to every atom, and by how many shortest ways.
    """

    sites: tuple[Site, ...]
    rule: Array
    features: Array
    distance: NDArray[np.int64]
    paths: NDArray[np.int64]


def environment(mol: Chem.Mol) -> Environment:
    """The groups of a neutral molecule and what surrounds them."""
    sites = tuple(find_sites(mol))
    a = mol.GetNumAtoms()
    rule, features = np.zeros(len(sites)), np.zeros((len(sites), WIDTH))
    distance, paths = np.full((len(sites), a), FAR), np.zeros((len(sites), a), dtype=int)
    if sites:
        bonds = [[x.GetIdx() for x in atom.GetNeighbors()] for atom in mol.GetAtoms()]
        classes = [induction_class(atom) for atom in mol.GetAtoms()]
        for i, site in enumerate(sites):
            distance[i], paths[i] = _shortest(bonds, site.atom)
            rule[i], features[i] = _describe(mol, site, bonds, classes, distance[i].tolist(), paths[i].tolist())
    return Environment(sites, rule, features, distance, paths)


def _shortest(bonds: list[list[int]], start: int) -> tuple[list[int], list[int]]:
    distance, paths = [FAR] * len(bonds), [0] * len(bonds)
    distance[start], paths[start] = 0, 1
    queue = deque([start])
    while queue:
        i = queue.popleft()
        for j in bonds[i]:
            if distance[j] == FAR:
                distance[j] = distance[i] + 1
                queue.append(j)
            if distance[j] == distance[i] + 1:
                paths[j] += paths[i]
    return distance, paths


def _describe(
    mol: Chem.Mol, site: Site, bonds: list[list[int]], classes: list[str | None], distance: list[int], paths: list[int]
) -> tuple[float, Array]:
    kind, core = site.type, frozenset(site.match)
    ring_atom = next((i for i in site.match if mol.GetAtomWithIdx(i).GetIsAromatic()), None) if kind.ring else None
    induction = np.zeros(len(INDUCTION))
    shape = np.zeros(_SHAPE)
    behind = _behind(mol, bonds, site.atom, ring_atom) if ring_atom is not None else set()
    for j, name in enumerate(classes):
        d = distance[j]
        if d > REACH or d < 2 or j in behind:
            continue
        if name is None:
            if d <= 4 and j not in core:
                shape[d - 2] += paths[j]
        elif j not in core:
            induction[_INDUCTION[name]] += paths[j] * DECAY[d]
    sigma, ortho = np.zeros(4), np.zeros(len(_ORTHO))
    if ring_atom is not None:
        _hammett(mol, site, ring_atom, core, sigma, ortho)
    rule = kind.pka - kind.ring * sigma.sum() - kind.chain * float(induction @ _INDUCTION_VALUES)
    _shape(mol, site, shape)
    one_hot = np.zeros(len(NAMES))
    one_hot[NAMES.index(kind.name)] = 1.0
    acid = kind.kind == "acid"
    scaled = kind.chain * induction
    parts = [one_hot, scaled * (not acid), scaled * acid, kind.ring * sigma, min(kind.ring, 3.0) * ortho, shape]
    return rule, np.concatenate(parts)


_INDUCTION_VALUES = np.array(list(INDUCTION.values()))


def _behind(mol: Chem.Mol, bonds: list[list[int]], start: int, ring_atom: int) -> set[int]:
    """Atoms that Hammett's constants stand for: the aromatic system, and what is bound to it but by a saturated carbon."""
    system, stack = {ring_atom}, [ring_atom]
    while stack:
        i = stack.pop()
        new = [j for j in bonds[i] if j not in system and mol.GetBondBetweenAtoms(i, j).GetIsAromatic()]
        system.update(new)
        stack += new
    beyond = [mol.GetAtomWithIdx(j) for i in system for j in bonds[i] if j not in system]
    reached = {x.GetIdx() for x in beyond if x.GetSymbol() == "C" and x.GetHybridization() == _SP3} | ({start} - system)
    stack = list(reached)
    while stack:
        new = [j for j in bonds[stack.pop()] if j not in reached and j not in system]
        reached.update(new)
        stack += new
    return set(range(len(bonds))) - reached


def _hammett(mol: Chem.Mol, site: Site, ring_atom: int, core: frozenset[int], sigma: Array, ortho: Array) -> None:
    """Add up sigma for ortho, meta, para and farther positions, and ortho substituents by class."""
    kind: SiteType = site.type
    minus = kind.kind == "acid" or "amine" in kind.name
    for d, name in ring_substituents(mol, ring_atom, core):
        o, m, p, p_minus = SIGMA[name]
        if minus and (kind.ring > 1.5 or name in DONORS):
            p = p_minus
        if d == 1:
            sigma[0] += o
            if name in _ORTHO:
                ortho[_ORTHO.index(name)] += 1
        elif d == 2:
            sigma[1] += m
        elif d == 3:
            sigma[2] += p
        else:
            sigma[3] += 0.35 * m


def _shape(mol: Chem.Mol, site: Site, shape: Array) -> None:
    atom = mol.GetAtomWithIdx(site.atom)
    rings = mol.GetRingInfo()
    sizes = list(rings.AtomRingSizes(site.atom))
    shape[3] = atom.GetTotalNumHs()
    shape[4] = len(sizes)
    for k, size in enumerate((3, 4, 5, 6, 7)):
        shape[5 + k] = size in sizes
    shape[10] = site.type.kind == "acid"
    shape[11] = atom.GetIsAromatic()
    shape[12] = site.type.ring > 0
    shape[13] = any(x.GetIsAromatic() for x in atom.GetNeighbors())
