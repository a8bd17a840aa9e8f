"""Groups that take up or give off a proton: patterns, and the pKa that each has without substituents."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from rdkit import Chem

Kind = Literal["acid", "base"]


@dataclass(frozen=True)
class SiteType:
    """A kind of group.

    Attributes
    ----------
    name
        What chemists call it.
    smarts
        Its pattern; the first atom is the one that takes up or gives off the proton. An aromatic atom in it is where
        Hammett's constants count from.
    pka
        Of the group with hydrogens and alkyl groups around it, in water at 25 C, from textbooks (Perrin, Dempsey and
        Serjeant, "pKa Prediction for Organic Acids and Bases", 1981; CRC Handbook).
    ring
        Hammett's rho: how much pKa falls by a substituent of sigma 1 on the aromatic ring.
    chain
        The same for induction along bonds; 1 is an aliphatic amine or carboxylic acid.
    """

    name: str
    kind: Kind
    smarts: str
    pka: float
    ring: float = 0.0
    chain: float = 1.0


class Site(NamedTuple):
    """A group of a molecule."""

    type: SiteType
    atom: int
    match: tuple[int, ...]


def _read() -> tuple[SiteType, ...]:
    kinds: dict[str, Kind] = {"acid": "acid", "base": "base"}
    with Path(__file__).with_name("groups.csv").open(newline="") as lines:
        return tuple(
            SiteType(row["name"], kinds[row["kind"]], row["smarts"], *(float(row[name]) for name in ("pka", "ring", "chain")))
            for row in csv.DictReader(lines)
        )


# An atom is the acid, and the base, of the first pattern in this order that it matches.
TYPES = _read()

# What patterns begin with: a molecule without such an atom needs no search for them.
_FIRST = {
    start: f"[{start}]" for start in ("OX2H1", "SX2H1", "NX2", "NX3H1", "NX3H2", "NX3", "nX2", "nH", "#7H1")
} | {"CX4": "[CX4;R;$(CC=O)]"}  # fmt: skip


@functools.cache
def _patterns() -> tuple[tuple[str, SiteType, Chem.Mol], ...]:
    """The patterns of `TYPES` in their order, each with what it begins with."""
    found = []
    for kind in TYPES:
        start = next(start for start in _FIRST if kind.smarts.startswith(f"[{start}"))
        found.append((start, kind, Chem.MolFromSmarts(kind.smarts)))
    return tuple(found)


@functools.cache
def _first_atoms() -> dict[str, Chem.Mol]:
    return {start: Chem.MolFromSmarts(smarts) for start, smarts in _FIRST.items()}


def find_sites(mol: Chem.Mol) -> list[Site]:
    """The groups of a neutral molecule in the order of their atoms, each atom by the first pattern that it matches."""
    taken: dict[tuple[Kind, int], Site] = {}
    present = {start for start, pattern in _first_atoms().items() if mol.HasSubstructMatch(pattern)}
    for start, kind, pattern in _patterns():
        if start in present:
            for match in mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=1000):
                if mol.GetAtomWithIdx(match[0]).GetFormalCharge() == 0:
                    taken.setdefault((kind.kind, match[0]), Site(kind, match[0], match))
    return sorted(taken.values(), key=lambda site: (site.atom, site.type.kind))
