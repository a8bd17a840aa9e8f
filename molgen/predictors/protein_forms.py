"""Mutants and phosphorylated forms of proteins as they are written: `ABL1(T315I)`, `EGFR(L858R/T790M)`, `ABL1p`."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from Bio import SeqIO

from molgen.errors import ConfigError

NUMBERED = Path(__file__).with_name("numbering.fasta")
PHOSPHORYLATED, DUPLICATION = "phosphorylated", "ITD"
DELETED = "deleted"
RESIDUE = "[ACDEFGHIKLMNPQRSTVWY]"
CHANGE = re.compile(
    rf"(?P<first>{RESIDUE})(?P<begin>\d+)(?:[_-]?(?P<last>{RESIDUE})(?P<end>\d+))?DEL|(?P<before>{RESIDUE})(?P<place>\d+)(?P<after>{RESIDUE})"
    rf"|(?P<duplication>{DUPLICATION})"
)
BETWEEN = re.compile(r"[-/,;+ ]*")
FORM = re.compile(r"(?P<base>.+?)(?:\((?P<changes>[^()]+)\))?(?P<mark>p?)", re.DOTALL)


@dataclass(frozen=True, order=True)
class ResidueChange:
    """One change of a protein.

    Attributes
    ----------
    place
        Number of the (first) residue; 0 for a phosphorylation or duplication, whose residues aren't named.
    before
        The residues that are named as being there: place to letter.
    after
        The residue that is there instead, or a word for what is.
    """

    place: int
    before: tuple[tuple[int, str], ...]
    after: str

    def __str__(self) -> str:
        if not self.place:
            return self.after
        named = "".join(f"{letter}{place}" for place, letter in self.before)
        return f"{named}del" if self.after == DELETED else named + self.after


ResidueChanges = frozenset[ResidueChange]


@dataclass(frozen=True)
class ProteinForm:
    """A mutant or phosphorylated form.

    Attributes
    ----------
    protein
        The sequence of the wild type in which the changes are numbered: see `canonical_sequence`.
    changes
        At least one.
    """

    protein: str
    changes: ResidueChanges

    def __str__(self) -> str:
        return ", ".join(map(str, sorted(self.changes)))


def read_form(text: str) -> tuple[str, ResidueChanges] | None:
    """The protein that a form is written to be made from, and the changes; None for what isn't written as a form."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        return None
    changes = read_changes(found["changes"]) if found["changes"] else set()
    if changes is None or not (changes or found["mark"]):
        return None
    marked = {ResidueChange(0, (), PHOSPHORYLATED)} if found["mark"] else set()
    return found["base"], frozenset(changes | marked)


def read_changes(text: str) -> set[ResidueChange] | None:
    """Substitutions, deletions and internal tandem duplications, one behind the other; None for anything else."""
    text, at = text.strip().upper(), 0
    changes: set[ResidueChange] = set()
    while at < len(text):
        found = CHANGE.match(text, at)
        if found is None:
            return None
        if found["duplication"]:
            changes.add(ResidueChange(0, (), DUPLICATION))
        elif found["place"]:
            changes.add(ResidueChange(int(found["place"]), ((int(found["place"]), found["before"]),), found["after"]))
        else:
            ends = [(int(found["begin"]), found["first"])]
            ends += [(int(found["end"]), found["last"])] if found["last"] else []
            changes.add(ResidueChange(ends[0][0], tuple(ends), DELETED))
        between = BETWEEN.match(text, found.end())
        at = between.end() if between else found.end()
    return changes or None


def canonical_sequence(name: str | None, sequence: str) -> str:
    """The sequence of a protein in whose numbering its mutants are named: UniProt's, where Davis' own is of another isoform."""
    return _numbered().get(name or "", sequence)


@functools.cache
def _numbered() -> dict[str, str]:
    return {record.id: str(record.seq) for record in SeqIO.parse(NUMBERED, "fasta")}


def check_changes(changes: ResidueChanges, sequence: str, name: str) -> None:
    """Refuse changes of residues that a sequence doesn't have at their places, and those that change nothing.

    Raises
    ------
    ConfigError
        Says what is there instead, and where the residue nearest to that place is.
    """
    for change in sorted(changes):
        for place, letter in change.before:
            if not 1 <= place <= len(sequence):
                raise ConfigError(f"target: {change}: {name} has {len(sequence)} residues, none at {place}")
            if sequence[place - 1] != letter:
                there, near = f"{sequence[place - 1]}{place}", _nearest(sequence, place, letter)
                counted = "counted from 1 in the sequence that is known or given"
                raise ConfigError(f"target: {change}: {name} has {there}, not {letter}{place}{near}; residues are {counted}")
        places = [place for place, _ in change.before]
        if places != sorted(set(places)):
            raise ConfigError(f"target: {change}: a deletion goes from its first residue to its last")
        if change.place and change.after == change.before[0][1]:
            raise ConfigError(f"target: {change}: changes nothing")
    taken = [place for change in changes for place, _ in change.before]
    if twice := next((place for place in taken if taken.count(place) > 1), None):
        raise ConfigError(f"target: residue {twice} of {name} is changed twice")


def _nearest(sequence: str, place: int, letter: str) -> str:
    """Where the nearest residue of a kind is."""
    found = [i for i, residue in enumerate(sequence, start=1) if residue == letter]
    return f" (the nearest {letter} is {letter}{min(found, key=lambda i: abs(i - place))})" if found else ""


def forms_among(names: Sequence[str], sequences: Sequence[str]) -> dict[int, tuple[int, ProteinForm]]:
    """The targets that are forms of others which stand beside them: number to the number of the wild type, and the form."""
    number = {name.upper(): i for i, name in enumerate(names)}
    found = {}
    for i, name in enumerate(names):
        base, changes = read_form(name) or ("", frozenset())
        wild = number.get(base.upper(), i)
        if wild != i and sequences[wild] == sequences[i]:
            found[i] = wild, ProteinForm(canonical_sequence(names[wild], sequences[wild]), changes)
    return found
