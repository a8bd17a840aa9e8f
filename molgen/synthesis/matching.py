"""Substructure searches in one molecule: none of them twice, and few that find nothing."""

import functools
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from rdkit import Chem

# What atoms and bonds may say for a `Screen` to look at them.
ATOM = re.compile(r"\[([*aA]|#\d+|[A-Z][a-z]?|[bcnops]|[XDHR]\d?|[+-]\d?|r\d+|[!&,;])+\]|\*|[A-Z][a-z]?|[bcnops]")
BOND = re.compile(r"[-=#:~@!&,;]*")
MAP = re.compile(r":\d+\]")  # atom map numbers
Match = tuple[int, ...] | set[int]


@dataclass
class Seen:
    """What has been looked for in one molecule.

    Attributes
    ----------
    matches
        Atoms, by pattern.
    outlines
        Whether an outline is there, by its text.
    forms
        Normal forms, by pattern.
    """

    matches: dict[str, Sequence[Match]] = field(default_factory=dict)
    outlines: dict[str, bool] = field(default_factory=dict)
    forms: dict[str, list[str]] = field(default_factory=dict)

    def look(self, mol: Chem.Mol, smarts: str, search: Callable[[Chem.Mol], Sequence[Match]]) -> Sequence[Match]:
        """What `search` finds of a pattern; it is called where the outline of the pattern is there, and only once."""
        if smarts not in self.matches:
            self.matches[smarts] = search(mol) if self.outlined(mol, smarts) else ()
        return self.matches[smarts]

    def form(self, smarts: str, make: Callable[[], list[str]]) -> list[str]:
        """The normal forms for a pattern, made only once."""
        if smarts not in self.forms:
            self.forms[smarts] = make()
        return self.forms[smarts]

    def outlined(self, mol: Chem.Mol, smarts: str) -> bool:
        """Whether the outline of a pattern is there: if not, the pattern isn't, either."""
        text, query = _outline(smarts)
        if query is None:
            return True
        if text not in self.outlines:
            self.outlines[text] = mol.HasSubstructMatch(query)
        return self.outlines[text]


def unmapped(smarts: str) -> str:
    """SMARTS without atom map numbers."""
    return MAP.sub("]", smarts)


def outline(smarts: str) -> str:
    """SMARTS without what is nested in them: `$()` and `!$()` become `*`, so they match wherever `smarts` do.

    RDKit matches what is nested with every atom first, however seldom the pattern around it is there.
    """
    parts: list[str] = []
    depth = 0
    for letter, following in zip(smarts, smarts[1:] + " ", strict=True):
        if depth:
            depth += (letter == "(") - (letter == ")")
            depth -= depth == 1  # the bracket that belongs to $
        elif letter == "$" and following == "(":
            while parts and parts[-1] == "!":
                parts.pop()
            parts.append("*")
            depth = 1
        else:
            parts.append(letter)
    return "".join(parts)


@functools.cache
def _outline(smarts: str) -> tuple[str, Chem.Mol | None]:
    """The outline of a pattern, also as a query: None if it is the pattern itself, or has hydrogens among its atoms."""
    text = outline(smarts)
    query = Chem.MolFromSmarts(text) if text != smarts else None
    return text, None if query is None or Chem.HasQueryHs(query)[0] else query


class Screen:
    """Rules most patterns out for a molecule at a glance: those with an atom or a bond that is none of the molecule's.

    Parameters
    ----------
    patterns
        Queries.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        parts = [_parts(each) for each in patterns]
        self._atoms = {name: atom for atoms, _ in parts for name, atom in atoms.items()}
        self._bonds = {name: bond for _, bonds in parts for name, bond in bonds.items()}
        self._bits = {name: 1 << place for place, name in enumerate([*self._atoms, *self._bonds])}
        self._needed = [sum(self._bits[name] for name in (*atoms, *bonds)) for atoms, bonds in parts]
        self._fitting: dict[Hashable, set[str]] = {}  # the patterns' atoms that an atom of a kind may be
        self._found: dict[Hashable, int] = {}  # those, or the patterns' bonds that a bond of a kind may be, a bit for each

    def __call__(self, mol: Chem.Mol) -> list[int]:
        """Places of the patterns that may be in `mol`."""
        rings, kinds = mol.GetRingInfo(), []
        for atom in mol.GetAtoms():
            kind = _kind(atom, rings)
            kinds.append(kind)
            if kind not in self._found:
                self._fitting[kind] = {name for name, query in self._atoms.items() if query.Match(atom)}
                self._found[kind] = sum(self._bits[name] for name in self._fitting[kind])
        there = 0
        for kind in kinds:
            there |= self._found[kind]
        for bond in mol.GetBonds():
            ends = kinds[bond.GetBeginAtomIdx()], kinds[bond.GetEndAtomIdx()]
            pair = *ends, bond.GetBondType(), bond.IsInRing()
            if pair not in self._found:
                self._found[pair] = sum(self._bits[name] for name in self._joined(*ends) if self._bonds[name].Match(bond))
            there |= self._found[pair]
        return [place for place, needed in enumerate(self._needed) if not needed & ~there]

    def _joined(self, begin: Hashable, end: Hashable) -> Iterator[tuple[str, str, str]]:
        """The patterns' bonds whose ends two kinds of atoms may be."""
        these, those = self._fitting[begin], self._fitting[end]
        return (
            each for each in self._bonds if (each[0] in these and each[2] in those) or (each[0] in those and each[2] in these)
        )


def _parts(pattern: Chem.Mol) -> tuple[dict[str, Chem.Atom], dict[tuple[str, str, str], Chem.Bond]]:
    """The atoms and the bonds that a molecule must have for a pattern to be in it, by what they (and their ends) say."""
    query = Chem.MolFromSmarts(outline(unmapped(Chem.MolToSmarts(pattern))))
    if Chem.HasQueryHs(query)[0]:
        return {}, {}
    atoms = {name: atom for atom in query.GetAtoms() if ATOM.fullmatch(name := atom.GetSmarts())}
    bonds = {}
    for bond in query.GetBonds():
        begin, end = bond.GetBeginAtom().GetSmarts(), bond.GetEndAtom().GetSmarts()
        if BOND.fullmatch(bond.GetSmarts()) and begin in atoms and end in atoms:
            bonds[begin, bond.GetSmarts(), end] = bond
    return atoms, bonds


def _kind(atom: Chem.Atom, rings: Chem.RingInfo) -> Hashable:
    """All that `ATOM` lets a pattern ask of an atom."""
    place = atom.GetIdx()
    degrees = atom.GetDegree(), atom.GetTotalDegree(), atom.GetTotalNumHs(includeNeighbors=True)
    circles = rings.NumAtomRings(place), rings.MinAtomRingSize(place)
    return atom.GetAtomicNum(), atom.GetIsAromatic(), atom.GetFormalCharge(), degrees, circles
