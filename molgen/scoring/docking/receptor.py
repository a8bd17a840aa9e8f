"""Receptors as PDBQT, from a file or a public set."""

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path

import pooch

from molgen.config import compose_group, options
from molgen.errors import ConfigError, DataError, nearest
from molgen.files import write_atomically
from molgen.processes import isolated
from molgen.scoring.docking.prepare import PROTOCOL, Prepared, notes_of, prepare
from molgen.scoring.docking.states import TYPES
from molgen.scoring.docking.structure import FORMATS, Selection, is_structure

LIGAND_TAGS = ("ROOT", "BRANCH", "TORSDOF")
ELEMENTS = {"A": "C", "NA": "N", "OA": "O", "SA": "S", "HD": "H"}  # of AutoDock's types that aren't called as their element
ALL = Selection()


def read_receptor(receptor: str, selection: Selection = ALL) -> Prepared:
    """Read a receptor: its PDBQT text, and notes on how it was prepared.

    Parameters
    ----------
    receptor
        A .pdbqt file; a .pdb, .ent, .cif or .mmcif file, also gzipped, which is prepared; or a public set such as docking/parp1.

    Raises
    ------
    ConfigError
        It is neither such a file nor a public set.
    DataError
        The file isn't there, or can't be prepared.
    """
    path = Path(receptor).expanduser()
    if is_structure(path.name):
        return _prepared(_content(path, receptor), path.name, selection)
    if selection != ALL:
        raise ConfigError(f"receptor {receptor}: chains, drop and keep are for .pdb and .cif files; a .pdbqt is taken as it is")
    if path.suffix.lower() == ".pdbqt":
        return _checked(_content(path, receptor), receptor)
    public = [name for name in options("data") if name.startswith("docking/")]
    if receptor not in public:
        kinds = f"a .pdbqt, {', '.join(FORMATS)} file"
        raise ConfigError(f"receptor '{receptor}': {kinds}, or one of {', '.join(public)}{nearest(receptor, public)}")
    return _checked(compose_group("data", receptor).fetch().read_bytes(), receptor)


def _content(path: Path, receptor: str) -> bytes:
    if not path.is_file():
        raise DataError(f"receptor {receptor}: no such file")
    return path.read_bytes()


@functools.lru_cache(maxsize=8)
def _checked(content: bytes, receptor: str) -> Prepared:
    """A .pdbqt as it stands.

    Raises
    ------
    DataError
        It has no atoms, or some that Vina doesn't know, or is a ligand's.
    """
    text = content.decode("utf-8", errors="replace")
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith(LIGAND_TAGS):
            raise DataError(f"receptor {receptor}: line {number}: {line.split()[0]} is a ligand's; a rigid receptor has none")
        if line.startswith(("ATOM", "HETATM")) and (kind := line[77:].strip()) not in TYPES:
            raise DataError(f"receptor {receptor}: line {number}: '{kind}' in columns 78 and 79 is no atom type that Vina knows")
    if not any(line.startswith(("ATOM", "HETATM")) for line in lines):
        raise DataError(f"receptor {receptor}: no lines that begin with ATOM or HETATM in it")
    return Prepared(text, notes_of(text))


@functools.lru_cache(maxsize=8)
def _prepared(content: bytes, name: str, selection: Selection) -> Prepared:
    """A structure as PDBQT; kept in the user's cache folder under all that it depends on."""
    depends = (name.lower().removesuffix(".gz")[-4:], selection, PROTOCOL, version("meeko"), version("gemmi"))
    key = hashlib.sha256(repr(depends).encode() + content).hexdigest()[:20]
    path = Path(pooch.os_cache("molgen")) / "receptors" / f"{key}.pdbqt"
    if path.is_file():
        return _checked(path.read_bytes(), name)
    [found] = isolated(prepare, [(content, name, selection)], processes=1)
    if isinstance(found, Exception):
        reason = (str(found).splitlines() or [type(found).__name__])[0]
        hint = "prepare a .pdbqt with another program, and give that"
        raise DataError(f"receptor {name}: can't be prepared (Meeko: {reason}); {hint}")
    write_atomically(path, found.pdbqt.encode())
    return found


def as_pdb(pdbqt: str, hydrogens: bool = False) -> str:
    """A receptor as PDB with its elements, which its atoms' types say, without or with the hydrogens that it has."""
    lines = []
    for line in pdbqt.splitlines():
        if line.startswith(("ATOM", "HETATM")):
            kind = line[77:].strip()
            element = ELEMENTS.get(kind, kind)
            if hydrogens or element != "H":
                lines.append(f"{line[:66]:<76}{element.upper():>2}")
    return "\n".join(lines) + "\nEND\n"
