"""Matched pairs: compounds that differ in one group, and what its exchange did on average.

Pairs as in Hussain and Rea (J. Chem. Inf. Model. 50, 339, 2010): single cuts of acyclic bonds by RDKit's rdMMPA, and a hydrogen
in place of the group.
"""

import functools
import math
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdMMPA

from molgen.project.page.endpoints import PageEndpoint

Interval = tuple[float, float]

LARGEST = 13  # heavy atoms of a group that is exchanged
CUTS = 40  # acyclic single bonds of a molecule that is cut at all
PARTNERS = 300  # compounds with one context that are compared: their pairs grow with the square
DOUBT = 2  # pairs without a change that are added to each mean before exchanges are ranked
HYDROGEN = "[1*][H]"
ATOM = re.compile(r"\[\d*([A-Za-z][a-z]?|\*)[^\]]*\]|(Cl|Br|[BCNOFPSIbcnops])")


@dataclass(frozen=True)
class MatchedPair:
    """Two compounds that differ in one group: `before` has the group `old` where `after` has `new`."""

    before: str
    after: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """What an exchange did to an endpoint.

    Attributes
    ----------
    mean, error
        Of the differences, and the standard error of the mean (nan of one), on the endpoint's scale; of `n` pairs of measured
        values.
    up, down
        Pairs in which the value rose and fell, pairs with bounds included where these say so.
    bounds
        How many pairs with bounds are among those.
    p
        Of the two-sided sign test of `up` against `down`.
    """

    mean: float
    error: float
    n: int
    up: int
    down: int
    bounds: int
    p: float


@dataclass(frozen=True)
class Exchange:
    """A group put in the place of another, with the changes by endpoint and one pair for an example."""

    old: str
    new: str
    changes: Mapping[str, Change]
    example: MatchedPair


def matched_pairs(molecules: Mapping[str, Chem.Mol]) -> list[MatchedPair]:
    """All pairs, each once, by the smallest groups that tell the two apart; from the smaller group to the larger.

    Groups have at most `LARGEST` heavy atoms and no more than what stays the same.
    """
    holders: dict[str, dict[str, str]] = defaultdict(dict)  # by context: the group of each compound
    for name, mol in molecules.items():
        for left, right in _cuts(mol):
            for context, group in ((left, right), (right, left)):
                if _size(group) <= min(LARGEST, _size(context)):
                    holders[context].setdefault(name, group)
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


def change(pairs: Sequence[MatchedPair], values: Mapping[str, Interval]) -> Change | None:
    """What `pairs` of one exchange say of an endpoint; None where they say nothing.

    A pair with a bound isn't part of the mean, and counts as up or down only where the bound leaves no other direction.

    Parameters
    ----------
    values
        By compound, as `intervals` gives them.
    """
    differences, up, down, bounds = [], 0, 0, 0
    for pair in pairs:
        if pair.before not in values or pair.after not in values:
            continue
        (old_low, old_high), (new_low, new_high) = values[pair.before], values[pair.after]
        if old_low == old_high and new_low == new_high:
            differences.append(new_low - old_low)
            up, down = up + (new_low > old_low), down + (new_low < old_low)
        elif new_low >= old_high or new_high <= old_low:
            up, down, bounds = up + (new_low >= old_high), down + (new_high <= old_low), bounds + 1
    n = len(differences)
    if not n and not up + down:
        return None
    mean = sum(differences) / n if n else math.nan
    error = statistics.stdev(differences) / math.sqrt(n) if n > 1 else math.nan
    return Change(mean, error, n, up, down, bounds, sign_test(up, down))


def sign_test(up: int, down: int) -> float:
    """The p of as uneven a split, either way, when both directions are equally likely."""
    tail = sum(math.comb(up + down, k) for k in range(min(up, down) + 1)) / 2 ** (up + down)
    return min(1.0, 2 * tail)


def intervals(endpoint: PageEndpoint) -> dict[str, Interval]:
    """By compound, between what its true value lies on the endpoint's scale by relation alone; a measured value has no width."""
    table = endpoint.measured
    low, high = table["lower"], table["upper"]
    if endpoint.logarithmic:
        with np.errstate(divide="ignore"):
            low, high = endpoint.on_scale(low.clip(lower=0)), endpoint.on_scale(high)
    return dict(zip(table.index, zip(low, high, strict=True), strict=True))


def exchanges(pairs: Iterable[MatchedPair], endpoints: Sequence[PageEndpoint]) -> list[Exchange]:
    """Pairs with the same exchange together."""
    values = {endpoint.name: intervals(endpoint) for endpoint in endpoints}
    groups: dict[tuple[str, str], list[MatchedPair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.old, pair.new].append(pair)
    found = []
    for (old, new), own in sorted(groups.items()):
        changes = {name: told for name, own_values in values.items() if (told := change(own, own_values)) is not None}
        if changes:
            found.append(Exchange(old, new, changes, own[0]))
    return found


def best_exchanges(found: Iterable[Exchange], endpoint: PageEndpoint, number: int) -> tuple[list[Exchange], list[Exchange]]:
    """Those that helped and those that hurt an endpoint most; where it isn't known what is better, that raised and lowered it.

    Exchanges with two pairs and more go before those with one. They are ranked by their mean as if `DOUBT` pairs more had shown
    no change, so that two lucky pairs don't stand before ten.
    """
    sign = endpoint.better or 1

    def gain(exchange: Exchange) -> float:
        told = exchange.changes[endpoint.name]
        return sign * told.mean * told.n / (told.n + DOUBT)

    known = [exchange for exchange in found if endpoint.name in exchange.changes and exchange.changes[endpoint.name].n]
    known.sort(key=lambda exchange: -abs(gain(exchange)))
    known.sort(key=lambda exchange: exchange.changes[endpoint.name].n < 2)
    helped = [exchange for exchange in known if gain(exchange) > 0]
    return helped[:number], [exchange for exchange in known if gain(exchange) < 0][:number]
