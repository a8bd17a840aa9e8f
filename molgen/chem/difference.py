"""What changed from one molecule to another, as chemists write it: `[*]OC -> [*]Cl`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rdkit import Chem, rdBase
from rdkit.Chem import rdFMCS

COMMON = 0.5  # share of the heavy atoms of both molecules that stay; with fewer in common, nothing can be said to have changed
ALIGNED = 200  # ways of laying the common part on a molecule that are compared
STEPS = 1500  # of the search for the common part: few pairs need more, and some of these seconds; the largest so far is taken
HYDROGEN, ANCHOR = "[*][H]", "anchor"


@dataclass(frozen=True)
class Difference:
    """What changed from a molecule to another.

    Attributes
    ----------
    text
        Groups before and after, `[*]OC -> [*]Cl`, several separated by semicolons; attachment points have numbers where a group
        has several. `stereochemistry` where nothing else differs; empty where nothing does, or less than half stays.
    atoms
        Of the second molecule: those that changed, and those that lost a group.
    """

    text: str = ""
    atoms: tuple[int, ...] = ()


class _Group(NamedTuple):
    """A part of a molecule outside the common one: its SMILES, where it is attached to the common part, and its atoms."""

    smiles: str
    places: tuple[int, ...]
    atoms: tuple[int, ...]


def difference(before: Chem.Mol, after: Chem.Mol) -> Difference:
    """What changed from `before` to `after`, stereochemistry left out.

    A single group is found by cutting every acyclic bond (a matched molecular pair; Hussain and Rea, J. Chem. Inf. Model. 50,
    339, 2010), several by the maximum common substructure with whole rings.
    """
    with rdBase.BlockLogs():
        (flat_before, _), (flat_after, order) = _flat(before), _flat(after)
        flat = flat_before, flat_after
        texts = [Chem.MolToSmiles(mol) for mol in flat]
        if texts[0] == texts[1]:
            return Difference("stereochemistry" if Chem.MolToSmiles(before) != Chem.MolToSmiles(after) else "")
        found = _one_group(*flat, *texts) or _several_groups(*flat) or Difference()
    return Difference(found.text, tuple(sorted(order[atom] for atom in found.atoms)))


def _flat(mol: Chem.Mol) -> tuple[Chem.Mol, list[int]]:
    """A molecule without stereochemistry, and where its atoms stand in `mol`.

    It is read from canonical SMILES, so that nothing depends on how the atoms and bonds of `mol` are numbered.
    """
    flat = Chem.Mol(mol)
    Chem.RemoveStereochemistry(flat)
    text = Chem.MolToSmiles(flat)
    return Chem.MolFromSmiles(text), list(flat.GetPropsAsDict(True, True)["_smilesAtomOutputOrder"])


class _Cut(NamedTuple):
    """A molecule cut at one bond: what stays, what is exchanged, and the atoms of that; the bond's atom in what stays."""

    core: Chem.Mol
    smiles: str
    group: _Group
    anchor: int


def _one_group(before: Chem.Mol, after: Chem.Mol, text: str, other: str) -> Difference | None:
    """The smallest exchange of one group for another, or for hydrogen; None where there is none."""
    found: list[tuple[int, Difference]] = []
    cuts, of_before = list(_cuts(after)), {cut.smiles: cut for cut in _cuts(before)}
    for cut in cuts:
        if (same := of_before.get(cut.smiles)) is not None:
            found.append((cut.core.GetNumAtoms(), Difference(f"{same.group.smiles} -> {cut.group.smiles}", cut.group.atoms)))
        if cut.core.GetNumHeavyAtoms() == before.GetNumHeavyAtoms() and Chem.MolToSmiles(_capped(cut)) == text:
            found.append((cut.core.GetNumAtoms() + 1, Difference(f"{HYDROGEN} -> {cut.group.smiles}", cut.group.atoms)))
    for cut in of_before.values():
        if cut.core.GetNumHeavyAtoms() == after.GetNumHeavyAtoms() and Chem.MolToSmiles(capped := _capped(cut)) == other:
            places = zip(capped.GetAtoms(), after.GetSubstructMatch(capped), strict=True)
            atoms = tuple(place for atom, place in places if atom.HasProp(ANCHOR))
            found.append((cut.core.GetNumAtoms() + 1, Difference(f"{cut.group.smiles} -> {HYDROGEN}", atoms)))
    return max(found, key=lambda each: each[0])[1] if found else None


def _cuts(mol: Chem.Mol) -> Iterator[_Cut]:
    """`mol` cut at each of its acyclic single bonds, where most of it stays."""
    for bond in mol.GetBonds():
        if bond.GetBondType() != Chem.BondType.SINGLE or bond.IsInRing():
            continue
        cut = Chem.FragmentOnBonds(mol, [bond.GetIdx()], dummyLabels=[(0, 0)])
        where: list[tuple[int, ...]] = []
        parts = Chem.GetMolFrags(cut, asMols=True, sanitizeFrags=False, fragsMolAtomMapping=where)
        for core, group, own, taken in ((parts[0], parts[1], *where), (parts[1], parts[0], where[1], where[0])):
            if core.GetNumHeavyAtoms() < COMMON * mol.GetNumHeavyAtoms():
                continue
            ends = {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()}
            atoms = tuple(i for i in taken if i < mol.GetNumAtoms())
            anchor = next(place for place, i in enumerate(own) if i in ends)
            yield _Cut(core, Chem.MolToSmiles(core), _Group(_written(group), (0,), atoms), anchor)


def _capped(cut: _Cut) -> Chem.Mol:
    """What stays, with hydrogen at the cut, where an atom has the property `ANCHOR`."""
    whole = Chem.RWMol(cut.core)
    whole.GetAtomWithIdx(cut.anchor).SetBoolProp(ANCHOR, True)
    for atom in whole.GetAtoms():
        if atom.GetAtomicNum() == 0:
            atom.SetAtomicNum(1)
    capped = whole.GetMol()
    Chem.SanitizeMol(capped)
    return Chem.RemoveHs(capped)


def _written(group: Chem.Mol) -> str:
    """SMILES of a group from its attachment point on, or with numbered ones."""
    points = [atom.GetIdx() for atom in group.GetAtoms() if atom.GetAtomicNum() == 0]
    text = Chem.MolToSmiles(group, rootedAtAtom=points[0])
    return f"[*]{text[1:]}" if text.startswith("*") else text


def _several_groups(before: Chem.Mol, after: Chem.Mol) -> Difference | None:
    """What lies outside the common part of two molecules; None where that is too small."""
    settings = whole_rings()
    settings.ProgressCallback = _Steps()
    found = rdFMCS.FindMCS([before, after], settings)
    largest = max(before.GetNumHeavyAtoms(), after.GetNumHeavyAtoms())
    if found.numAtoms < COMMON * largest:
        return None
    common = Chem.MolFromSmarts(found.smartsString)
    old = _outside(before, before.GetSubstructMatch(common))
    matches = after.GetSubstructMatches(common, uniquify=False, maxMatches=ALIGNED)
    aligned = [(_outside(after, match), match) for match in matches]
    new, match = min(aligned, key=lambda each: len(_places(each[0]) ^ _places(old)))
    return _told(old, new, after, match)


class _Steps(rdFMCS.MCSProgress):
    """Ends a search after `STEPS`: by the clock, a busy machine would find something else."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __call__(self, *_: Any) -> bool:
        """Whether the search goes on."""
        self.number += 1
        return self.number < STEPS


def whole_rings() -> rdFMCS.MCSParameters:
    """How common parts are found: neither bonds nor atoms of a ring without the whole of it."""
    settings = rdFMCS.MCSParameters()
    settings.BondCompareParameters.RingMatchesRingOnly = settings.BondCompareParameters.CompleteRingsOnly = True
    settings.AtomCompareParameters.RingMatchesRingOnly = settings.AtomCompareParameters.CompleteRingsOnly = True
    return settings


def _outside(mol: Chem.Mol, match: Sequence[int]) -> list[_Group]:
    """What of `mol` lies outside the common part, of which `match` has the atoms."""
    place = {atom: k for k, atom in enumerate(match)}
    bonds, labels = [], []
    for bond in mol.GetBonds():
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if (ends[0] in place) != (ends[1] in place):
            bonds.append(bond.GetIdx())
            labels.append((place[ends[0] if ends[0] in place else ends[1]] + 1,) * 2)
    if not bonds:
        return []
    where: list[tuple[int, ...]] = []
    parts = Chem.GetMolFrags(
        Chem.FragmentOnBonds(mol, bonds, dummyLabels=labels), asMols=True, sanitizeFrags=False, fragsMolAtomMapping=where
    )
    groups = []
    for part, atoms in zip(parts, where, strict=True):
        own = tuple(i for i in atoms if i < mol.GetNumAtoms())
        if not own or own[0] in place:
            continue
        points = [atom for atom in part.GetAtoms() if atom.GetAtomicNum() == 0]
        places = tuple(sorted(atom.GetIsotope() - 1 for atom in points))
        for atom in points:
            atom.SetAtomMapNum(atom.GetIsotope() if len(points) > 1 else 0)
            atom.SetIsotope(0)
        groups.append(_Group(_written(part), places, own))
    return groups


def _places(groups: Sequence[_Group]) -> set[tuple[int, ...]]:
    return {group.places for group in groups}


def _told(old: Sequence[_Group], new: Sequence[_Group], after: Chem.Mol, match: Sequence[int]) -> Difference | None:
    """Groups before and after, those together that share a place."""
    site: dict[int, int] = {}
    for group in (*old, *new):
        sites = {site.get(place, place) for place in group.places}
        for place in [*group.places, *(known for known, first in site.items() if first in sites)]:
            site[place] = min(sites)
    sides: list[defaultdict[int, list[_Group]]] = []
    for groups in (old, new):
        sides.append(defaultdict(list))
        for group in groups:
            sides[-1][site[group.places[0]]].append(group)
    texts, atoms = [], {atom for group in new for atom in group.atoms}
    for first in sorted(set(site.values())):
        left, right = (side[first] for side in sides)
        before, later = sorted(group.smiles for group in left), sorted(group.smiles for group in right)
        if before == later:
            atoms -= {atom for group in right for atom in group.atoms}
            continue
        missing = len(before) - len(later)
        texts.append(f"{_side(before, -missing)} -> {_side(later, missing)}")
        if not right:
            atoms |= {match[place] for group in left for place in group.places}
    return Difference("; ".join(texts), tuple(sorted(atoms))) if texts else None


def _side(groups: Sequence[str], missing: int) -> str:
    """Groups at one site, with hydrogens in the place of those that the other side has more of."""
    return ".".join([*groups, *[HYDROGEN] * max(missing, 0)])
