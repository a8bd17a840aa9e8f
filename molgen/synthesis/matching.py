"""Substructure searches in one molecule: none of them twice, and few that find nothing."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.DataStructs import ConvertToNumpyArray

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
    """Rules most patterns out for a molecule at a glance, by RDKit's pattern fingerprint.

    Parameters
    ----------
    patterns
        Queries.
    """

    def __init__(self, patterns: Sequence[Chem.Mol]) -> None:
        self._bits = np.array(list(map(_bits, patterns)), np.uint64).reshape(len(patterns), -1)

    def __call__(self, mol: Chem.Mol) -> list[int]:
        """Places of the patterns that may be in `mol`."""
        found: list[int] = np.flatnonzero(~(self._bits & ~_bits(mol)).any(1)).tolist()
        return found


def _bits(mol: Chem.Mol) -> NDArray[np.uint64]:
    """The pattern fingerprint, packed."""
    found = np.zeros(0, np.uint8)
    ConvertToNumpyArray(Chem.PatternFingerprint(mol), found)
    return np.packbits(found).view(np.uint64)
