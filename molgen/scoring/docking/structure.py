"""A structure file as residues: one model, one conformation, and only what belongs to the receptor."""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.errors import DataError

FORMATS = (".pdb", ".ent", ".cif", ".mmcif")
METALS = ("Mg", "Ca", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Cd", "Hg")  # that Vina knows and that proteins hold in place
SOLVENT_IONS = ("Li", "Na", "K", "Rb", "Cs", "F", "Cl", "Br", "I")
WATERS = ("HOH", "DOD", "WAT", "H2O", "TIP", "TIP3", "SOL")
SHOWN = 6  # residues named in a message


class Notes(dict[str, list[str]]):
    """What was done, and to which residues."""

    def add(self, what: str, residue: object = "") -> None:
        """Say that this was done to a residue, or at all."""
        self.setdefault(what, []).extend([str(residue)] if residue else [])

    def lines(self) -> list[str]:
        """One for each thing done."""
        return [f"{what}: {shortened(residues)}" if residues else what for what, residues in self.items()]


@dataclass(frozen=True)
class Selection:
    """What of a structure file becomes the receptor.

    Attributes
    ----------
    chains
        Of the receptor; None for all.
    drop, keep
        Residues to leave out, and to keep though they are solvent or unknown: `EDO`, `B:201` or `EDO/B:201`.
    """

    chains: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass
class Residue:
    """Atoms of one residue, heavy ones by name."""

    chain: str
    number: str
    name: str
    heavy: dict[str, Any] = field(default_factory=dict)
    hydrogens: list[Any] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Chain and number, as `A:42`."""
        return f"{self.chain}:{self.number}"

    @property
    def sequence(self) -> int:
        """Its number without insertion code."""
        return int(self.number if self.number[-1].isdigit() else self.number[:-1])

    def __str__(self) -> str:
        return f"{self.id} {self.name}"

    def is_called(self, selectors: Iterable[str]) -> bool:
        """Whether one of the `selectors` means this residue."""
        return not {self.name, self.id, f"{self.name}/{self.id}"}.isdisjoint(selectors)

    def positions(self) -> NDArray[np.float64]:
        """Of the heavy atoms, Å, [n, 3]."""
        return np.array([atom.pos.tolist() for atom in self.heavy.values()], float)

    def hydrogens_on(self, name: str) -> int:
        """Hydrogens within 1.3 Å of the heavy atom `name`."""
        atom = self.heavy.get(name)
        return 0 if atom is None else sum(atom.pos.dist(other.pos) < 1.3 for other in self.hydrogens)


def is_structure(name: str) -> bool:
    """Whether a file of this name is a structure that can be prepared."""
    return name.lower().removesuffix(".gz").endswith(FORMATS)


def read_residues(content: bytes, name: str, notes: Notes) -> list[Residue]:
    """All residues of the first model of a PDB or mmCIF file, one conformation of each.

    Raises
    ------
    DataError
        The file can't be read, or has two atoms of one name in a residue.
    """
    structure = _read(content, name)
    if len(structure) > 1:
        notes.add(f"the first of {len(structure)} models taken")
    found: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for chain in structure[0]:
        for part in chain:
            segment = part.segment.strip() if part.segment.strip().isalnum() else ""
            place = (chain.name or segment, str(part.seqid))
            found.setdefault(place, {}).setdefault(part.name, []).append(part)
    residues = []
    for place, by_name in found.items():
        mixed = [kind for kind, parts in by_name.items() if all(atom.altloc != "\0" for part in parts for atom in part)]
        groups = [mixed] * (len(mixed) > 1) + [[kind] for kind in by_name if len(mixed) < 2 or kind not in mixed]
        for group in groups:
            parts = [part for kind in group for part in by_name[kind]]
            residues.append(_one_conformation(Residue(*place, group[0]), parts, name, notes))
    return residues


def receptor_residues(residues: Sequence[Residue], selection: Selection, name: str, notes: Notes) -> list[Residue]:
    """The residues that belong to the receptor.

    Raises
    ------
    DataError
        A chain or residue that is asked for doesn't exist, or two have one number.
    """
    chains = list(dict.fromkeys(residue.chain for residue in residues))
    if unknown := [chain for chain in selection.chains or () if chain not in chains]:
        raise DataError(f"receptor {name}: no chain {unknown[0]}; there are {', '.join(chains)}")
    for what, selectors in (("drop", selection.drop), ("keep", selection.keep)):
        for text in selectors:
            if not any(residue.is_called([text]) for residue in residues):
                raise DataError(f"receptor {name}: {what}={text}: no such residue; write EDO, B:201 or EDO/B:201")
    kept = []
    for residue in residues:
        element = next(iter(residue.heavy.values())).element.name if len(residue.heavy) == 1 else ""
        if selection.chains is not None and residue.chain not in selection.chains:
            notes.add("chains that aren't asked for left out", residue)
        elif residue.is_called(selection.drop):
            notes.add("left out, as asked", residue)
        elif residue.is_called(selection.keep):
            kept.append(residue)
        elif residue.name in WATERS:
            notes.add("water left out", residue)
        elif element in SOLVENT_IONS:
            notes.add("ions of the solvent left out", residue)
        elif residue.heavy:
            kept.append(residue)
    known: dict[str, Residue] = {}
    for residue in kept:
        if (other := known.setdefault(residue.id, residue)) is not residue:
            left_out = f"drop=[{residue.name}/{residue.id}]"
            raise DataError(
                f"receptor {name}: {other} and {residue.name} have one number; give each chain a letter of its own, or {left_out}"
            )
    return kept


def shortened(items: Sequence[Any]) -> str:
    """Some of many, for a message."""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(map(str, items[:SHOWN])) + more


def places_of(text: str, name: str) -> NDArray[np.float64]:
    """Of the atoms in PDB or PDBQT text, Å [n, 3]; `name` is that of its file.

    Raises
    ------
    DataError
        A line has no coordinates.
    """
    places = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("ATOM", "HETATM")):
            try:
                places.append([float(line[start : start + 8]) for start in (30, 38, 46)])
            except ValueError:
                places.append([np.nan])
            if not np.isfinite(places[-1]).all():
                raise DataError(f"receptor {name}: line {number}: no coordinates in columns 31 to 54: {line.strip()}")
    return np.array(places)


def _read(content: bytes, name: str) -> Any:
    import gemmi

    empty = DataError(f"receptor {name}: can't be prepared: no atoms (lines that begin with ATOM or HETATM) in it")
    try:
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        text = plain.decode("utf-8", errors="replace")
        if not re.search("^(ATOM|HETATM)", text, re.MULTILINE):
            raise empty
        structure = gemmi.read_structure_string(text, format=gemmi.CoorFormat.Detect)
    except (OSError, EOFError, zlib.error, ValueError, RuntimeError, IndexError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"receptor {name}: can't be read ({reason}); a .pdb or .cif file as in the PDB is wanted") from error
    if structure.input_format == gemmi.CoorFormat.Pdb:
        places_of(text, name)
    structure.remove_empty_chains()
    if not len(structure) or not sum(len(chain) for chain in structure[0]):
        raise empty
    return structure


def _one_conformation(residue: Residue, parts: Sequence[Any], name: str, notes: Notes) -> Residue:
    """`residue` with the atoms of the conformation that has the highest occupancy; of equals, the first letter.

    An atom that this conformation lacks is taken from the next.

    Raises
    ------
    DataError
        Two atoms of it have one name.
    """
    atoms = [(part.name, _with_element(atom, len(part))) for part in parts for atom in part]
    alike = Counter((kind, atom.name) for kind, atom in atoms)
    occupancies: dict[tuple[str, str], list[float]] = {}
    for kind, atom in atoms:
        if atom.altloc != "\0" or alike[kind, atom.name] > 1:
            occupancies.setdefault((kind, atom.altloc), []).append(atom.occ)
    rank = {key: (-round(float(np.mean(values)), 3), key[1]) for key, values in occupancies.items()}
    residue.name, first = min(rank, key=rank.__getitem__, default=(residue.name, "\0"))
    atoms = [(kind, atom) for kind, atom in atoms if kind == residue.name]
    for kind, atom in sorted(atoms, key=lambda pair: rank.get((pair[0], pair[1].altloc), (0.0, ""))):
        if atom.element.name in ("H", "D"):
            continue
        other = residue.heavy.setdefault(atom.name, atom)
        if other is not atom and other.altloc == atom.altloc:
            twice = sum(alike[kind, one] > 1 for one in residue.heavy) > 1
            remedy = "chains of one letter? give each its own" if twice else "delete one"
            raise DataError(
                f"receptor {name}: {residue} has two atoms {atom.name} that aren't marked as alternate locations; {remedy}"
            )
    letters = sorted({atom.altloc for atom in residue.heavy.values()} - {"\0"}) or [first]
    residue.hydrogens = [atom for _, atom in atoms if atom.element.name in ("H", "D") and atom.altloc in ("\0", *letters)]
    if len(rank) > 1:
        notes.add("alternate location of highest occupancy taken", f"{residue} {'/'.join(letters)}".strip())
    return residue


def _with_element(atom: Any, atoms: int) -> Any:
    """`atom`, one of `atoms` in its residue, with an element by its name where the file's columns don't say: `1HB`, ` ZN`."""
    import gemmi

    if atom.element.name == "X":
        letters = atom.name.lstrip("0123456789")
        atom.element = gemmi.Element(letters if atoms == 1 else letters[:1])
    return atom
