"""The docking box: made from numbers or around a ligand, and checked for whether it can hold one."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molgen.chem.solid import FORMATS as LIGANDS
from molgen.chem.solid import read_elements, read_places
from molgen.errors import ConfigError, DataError
from molgen.scoring.docking.structure import Notes, Residue, is_structure, places_of, read_residues

PADDING = 5.0  # Å around a reference ligand
LEAST = 8.0  # Å, shortest edge; no drug fits into a smaller box
MOST = 125_000.0  # Å³: the grids of a larger box take more than 1 GB
REACH = 4.0  # Å from the box to the nearest atom of the receptor, at most


class Box(NamedTuple):
    """Centre and edges, Å, of a box along the axes."""

    center: tuple[float, ...]
    size: tuple[float, ...]

    def distances(self, places: ArrayLike) -> NDArray[np.float64]:
        """Distances of points [n, 3] from the box, Å [n]; 0 inside."""
        outside = np.abs(np.asarray(places, float) - self.center) - np.array(self.size) / 2
        return np.linalg.norm(np.maximum(outside, 0), axis=1)


def given_box(center: Sequence[float], size: Sequence[float]) -> Box:
    """The box with this centre and these edges.

    Raises
    ------
    ConfigError
        They aren't three numbers each.
    """
    if len(center) != 3 or len(size) != 3 or not np.all(np.isfinite([*center, *size])) or min(size) <= 0:
        given = f"{[*center]} and {[*size]}"
        raise ConfigError(f"docking: center and size are three numbers (Å) each, sizes above 0, not {given}")
    return Box(tuple(map(float, center)), tuple(map(float, size)))


def box_around(places: NDArray[np.float64], padding: float = PADDING) -> Box:
    """The box that holds points [n, 3], Å, with `padding` Å around them."""
    low, high = places.min(0), places.max(0)
    return Box(tuple(((low + high) / 2).round(3).tolist()), tuple((high - low + 2 * padding).round(3).tolist()))


def ligand_places(ligand: str, receptor: str) -> tuple[NDArray[np.float64], str | None]:
    """Positions of a ligand's heavy atoms, Å [n, 3], and its name if it is a residue of the receptor's file.

    Parameters
    ----------
    ligand
        A file, or a residue of `receptor`: `STI`, `A:401` or `STI/A:401`.

    Raises
    ------
    ConfigError
        `ligand` is neither a file nor a residue of a structure.
    DataError
        There is no such file or residue, or there are several.
    """
    if ligand.lower().endswith(LIGANDS):
        return read_places(ligand), None
    residue = _own_residue(ligand, receptor)
    return residue.positions(), f"{residue.name}/{residue.id}"


def reference_ligand(ligand: str, receptor: str) -> str:
    """A ligand as of `ligand_places`, its heavy atoms as PDB; its residue is that of the receptor's file, or LIG."""
    if ligand.lower().endswith(LIGANDS):
        name, places, elements = "LIG", read_places(ligand), read_elements(ligand)
    else:
        residue = _own_residue(ligand, receptor)
        name, places = residue.name, residue.positions()
        elements = [atom.element.name for atom in residue.heavy.values()]
    atoms = [pair for pair in zip(places.tolist(), elements, strict=True) if pair[1] not in ("H", "D")]
    own, rest = f"   {name[:3]:>3s}     1    ", f"{1:6.2f}{0:6.2f}{'':10s}"
    lines = [
        f"HETATM{i % 100_000:5d} {element:>2s}{own}{x:8.3f}{y:8.3f}{z:8.3f}{rest}{element:>2s}"
        for i, ((x, y, z), element) in enumerate(atoms, 1)
    ]
    return "\n".join([*lines, "END", ""])


def _own_residue(ligand: str, receptor: str) -> Residue:
    """The residue of a structure that is called `ligand`."""
    path = Path(receptor).expanduser()
    if not is_structure(path.name):
        raise ConfigError(f"ligand {ligand}: a {', '.join(LIGANDS)} file, or a residue of a .pdb or .cif receptor: STI/A:401")
    if not path.is_file():
        raise DataError(f"receptor {receptor}: no such file")
    residues = read_residues(path.read_bytes(), path.name, Notes())
    meant = [residue for residue in residues if residue.is_called([ligand])]
    if len(meant) != 1:
        if meant:
            names = ", ".join(f"{one.name}/{one.id}" for one in meant)
            raise DataError(f"ligand {ligand}: {path.name} has {len(meant)} residues of this name; name one: {names}")
        raise DataError(
            f"ligand {ligand}: no such residue in {path.name}; name it as in STI/A:401, or a {', '.join(LIGANDS)} file"
        )
    return meant[0]


def check_box(box: Box, pdbqt: str, receptor: str) -> None:
    """Raise ConfigError if nothing sensible can be docked into `box`; the message gives numbers that would work."""
    numbers = f"center {[*box.center]}, size {[*box.size]}"
    if min(box.size) < LEAST:
        raise ConfigError(f"docking: {numbers}: an edge of {min(box.size):g} Å holds no ligand; edges are {LEAST:g} Å or more")
    if (volume := float(np.prod(box.size))) > MOST:
        raise ConfigError(
            f"docking: {numbers}: {volume:,.0f} Å³ are too many for Vina's grids; at most {MOST:,.0f}, such as 50 x 50 x 50"
        )
    places = places_of(pdbqt, receptor)
    if (nearest := float(box.distances(places).min())) > REACH:
        low, high = places.min(0).round(1).tolist(), places.max(0).round(1).tolist()
        raise ConfigError(
            f"docking: {numbers}: {nearest:.0f} Å from the nearest atom of {receptor}, which lies between {low} and {high}"
        )
