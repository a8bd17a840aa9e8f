"""Substructure searches in one molecule: none of them twice, and few that find nothing."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.synthesis.templates import ELEMENT, outside_nested

LAST = 53  # iodine: elements of which atoms are counted
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
    """Rules most patterns out for a molecule at a glance: by the atoms of each element that they need, and by rings.

    Parameters
    ----------
    patterns
        Queries.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        rings = [each.GetNumBonds() - each.GetNumAtoms() + 1 for each in patterns]
        pairs = zip(patterns, rings, strict=True)
        self._needed = np.array([_counted(each, number, map(_sure, each.GetAtoms())) for each, number in pairs], np.int16)

    def __call__(self, mol: Chem.Mol) -> list[int]:
        """Places of the patterns that may be in `mol`."""
        kinds = ((atom.GetAtomicNum(), atom.GetIsAromatic()) for atom in mol.GetAtoms())
        there = _counted(mol, mol.GetRingInfo().NumRings(), kinds)
        found: list[int] = np.flatnonzero((self._needed <= there).all(1)).tolist()
        return found


def _counted(mol: Chem.Mol, rings: int, atoms: Iterable[tuple[int, bool]]) -> NDArray[np.int16]:
    """Atoms, rings, and per element all atoms and the aromatic ones, of which 0 are any."""
    found = np.zeros(2 * LAST + 2, np.int16)
    found[:2] = mol.GetNumAtoms(), rings
    for element, aromatic in atoms:
        if element <= LAST:
            found[2 * element] += element > 0
            found[2 * element + 1] += element > 0 and aromatic
    return found


def _sure(atom: Chem.Atom) -> tuple[int, bool]:
    """Element of the atoms that a query matches, and whether they are aromatic; 0 and False where that isn't sure."""
    text = outside_nested(atom.GetSmarts())
    element = None if re.search("[,!]", text) else ELEMENT.search(re.sub(r":\d+\]$", "", text))
    if element is None:
        return 0, False
    if element[1]:
        return int(element[1]), False
    return Chem.GetPeriodicTable().GetAtomicNumber(element[2].capitalize()), element[2].islower()
