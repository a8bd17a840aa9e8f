"""A structure file as residues: one model, one conformation, and only what belongs to the receptor."""

import gzip
import zlib
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
        return [f"{what}: {listed(residues)}" if residues else what for what, residues in self.items()]


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
    found: dict[tuple[str, str], list[Any]] = {}
    for chain in structure[0]:
        for part in chain:
            found.setdefault((chain.name, str(part.seqid)), []).append(part)
    return [_one_conformation(Residue(*key, parts[0].name), parts, name, notes) for key, parts in found.items()]


def receptor_residues(residues: Sequence[Residue], selection: Selection, name: str, notes: Notes) -> list[Residue]:
    """The residues that belong to the receptor.

    Raises
    ------
    DataError
        A chain or residue that is asked for doesn't exist.
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
    return kept


def listed(items: Sequence[Any]) -> str:
    """Some of many, for a message."""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(map(str, items[:SHOWN])) + more


def _read(content: bytes, name: str) -> Any:
    import gemmi

    try:
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        text = plain.decode("utf-8", errors="replace")
        if name.lower().removesuffix(".gz").endswith((".cif", ".mmcif")):
            structure = gemmi.make_structure_from_block(gemmi.cif.read_string(text)[0])
        else:
            structure = gemmi.read_pdb_string(text)
    except (OSError, EOFError, zlib.error, ValueError, RuntimeError, IndexError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"receptor {name}: can't be read ({reason}); a .pdb or .cif file as in the PDB is wanted") from error
    structure.remove_empty_chains()
    if not len(structure) or not sum(len(chain) for chain in structure[0]):
        raise DataError(f"receptor {name}: can't be prepared: no atoms (lines that begin with ATOM or HETATM) in it")
    return structure


def _one_conformation(residue: Residue, parts: Sequence[Any], name: str, notes: Notes) -> Residue:
    """`residue` with the atoms of the conformation that has the highest occupancy; of equals, the first letter."""
    atoms = [(part.name, atom) for part in parts for atom in part]
    occupancies: dict[tuple[str, str], list[float]] = {}
    for kind, atom in atoms:
        if atom.altloc != "\0":
            occupancies.setdefault((kind, atom.altloc), []).append(atom.occ)
    rank = {key: (-round(float(np.mean(values)), 3), key[1]) for key, values in occupancies.items()}
    residue.name, letter = min(rank, key=rank.__getitem__, default=(atoms[0][0], "\0"))
    for kind, atom in atoms:
        if kind != residue.name or atom.altloc not in ("\0", letter):
            continue
        if atom.element.name in ("H", "D"):
            residue.hydrogens.append(atom)
        elif residue.heavy.setdefault(atom.name, atom) is not atom:
            raise DataError(
                f"receptor {name}: {residue} has two atoms {atom.name} that aren't marked as alternate locations; delete one"
            )
    if len(rank) > 1:
        notes.add("alternate location of highest occupancy taken", f"{residue} {letter}")
    return residue
