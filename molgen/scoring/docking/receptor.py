"""What is docked into: a receptor as PDBQT, and the box."""

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pooch
from rdkit import Chem

from molgen.config import compose_group, options
from molgen.errors import ConfigError, DataError, nearest
from molgen.learn.checkpoint import write_atomically
from molgen.scoring.isolation import isolated

PADDING = 5.0  # Å around a reference ligand
READERS = {".sdf": Chem.MolFromMolFile, ".mol": Chem.MolFromMolFile, ".mol2": Chem.MolFromMol2File, ".pdb": Chem.MolFromPDBFile}


def receptor_file(receptor: str) -> Path:
    """The PDBQT file of a receptor: a .pdbqt file, a .pdb file that is prepared first, or a public one such as docking/parp1.

    Raises
    ------
    ConfigError, DataError
        There is no such file or public set, or it can't be prepared.
    """
    path = Path(receptor).expanduser()
    if path.suffix in (".pdbqt", ".pdb", ".ent"):
        if not path.is_file():
            raise DataError(f"receptor {receptor}: no such file")
        return path.resolve() if path.suffix == ".pdbqt" else _prepared(path.read_text(), receptor)
    public = [name for name in options("data") if name.startswith("docking/")]
    if receptor not in public:
        raise ConfigError(
            f"receptor '{receptor}': a .pdbqt or .pdb file, or one of {', '.join(public)}{nearest(receptor, public)}"
        )
    return compose_group("data", receptor).fetch()


@functools.cache
def _prepared(pdb: str, name: str) -> Path:
    """A PDB text as PDBQT, by Meeko; kept in the user's cache folder."""
    path = Path(pooch.os_cache("molgen")) / "receptors" / f"{hashlib.sha256(pdb.encode()).hexdigest()[:16]}.pdbqt"
    if path.is_file():
        return path
    [pdbqt] = isolated(_prepare, [pdb], processes=1)
    if isinstance(pdbqt, Exception):
        hint = "leave only protein and metals in it, or prepare a .pdbqt yourself"
        raise DataError(f"receptor {name}: can't be prepared ({str(pdbqt).splitlines()[0]}); {hint}")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, pdbqt.encode())
    return path


def _prepare(pdb: str) -> str:
    from meeko import MoleculePreparation, PDBQTWriterLegacy, Polymer, ResidueChemTemplates

    templates = ResidueChemTemplates.create_from_defaults()
    polymer = Polymer.from_pdb_string(pdb, templates, MoleculePreparation(), default_altloc="A")
    return PDBQTWriterLegacy.write_from_polymer(polymer)[0]


def as_pdb(pdbqt: Path) -> str:
    """A receptor for viewers: atoms that aren't hydrogens, as PDB."""
    lines = [line[:66] for line in pdbqt.read_text().splitlines() if line.startswith(("ATOM", "HETATM"))]
    return "\n".join(line for line in lines if not line[12:16].strip().lstrip("0123456789").startswith("H")) + "\nEND\n"


def ligand_box(ligand: str, padding: float = PADDING) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Centre [3] and edges [3], Å, of the box that holds a ligand in a .sdf, .mol, .mol2 or .pdb file and `padding` around it.

    Raises
    ------
    DataError
        The file is missing or holds no molecule in three dimensions.
    """
    path = Path(ligand).expanduser()
    if path.suffix not in READERS:
        raise ConfigError(f"ligand {ligand}: a {', '.join(READERS)} file")
    if not path.is_file():
        raise DataError(f"ligand {ligand}: no such file")
    mol = READERS[path.suffix](str(path), sanitize=False)
    if mol is None or not mol.GetNumConformers():
        raise DataError(f"ligand {ligand}: no molecule with coordinates in it")
    places = mol.GetConformer().GetPositions()
    if np.ptp(places[:, 2]) == 0 and len(places) > 3:
        raise DataError(f"ligand {ligand}: a flat drawing, not a molecule in three dimensions")
    low, high = places.min(0), places.max(0)
    return tuple(((low + high) / 2).round(3).tolist()), tuple((high - low + 2 * padding).round(3).tolist())


def checked_box(center: Sequence[float], size: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Centre and edges as tuples.

    Raises
    ------
    ConfigError
        They aren't three numbers each, or an edge isn't above 0.
    """
    if len(center) != 3 or len(size) != 3 or min(size) <= 0:
        given = f"{[*center]} and {[*size]}"
        raise ConfigError(f"docking: center and size are three numbers (Å) each, sizes above 0, not {given}")
    return tuple(map(float, center)), tuple(map(float, size))
