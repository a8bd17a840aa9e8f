"""A receptor's atoms as arrays: which residue each belongs to, what it is bonded to, and which hydrogens it holds."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.spatial import cKDTree

from molgen.errors import DataError
from molgen.scoring.docking.states import NAMED_STATES
from molgen.scoring.docking.structure import METALS, SOLVENT_IONS, WATERS

NEAR = 4.5  # Å between heavy atoms of a pose and of a residue that it touches, at most
BONDED = 2.2  # Å between bonded heavy atoms that are no metals, at most
SLACK = 0.4  # Å that a bond may be longer than the sum of its atoms' covalent radii
TO_HYDROGEN = 1.4  # Å from an atom to a hydrogen that it holds, at most
HALIDES = ("F", "CL", "BR", "I")
CATIONS = tuple(name.upper() for name in (*METALS, *SOLVENT_IONS) if name.upper() not in HALIDES)
ELEMENTS = {"H", "D", "B", "C", "N", "O", "P", "S", "SE", "SI", "U", *HALIDES, *CATIONS}
HYBRID = 10 * 36**3 - 10_000  # by which numbers of hybrid-36 are larger than those that they stand for


@dataclass(frozen=True)
class SiteAtom:
    """An atom of a receptor.

    Attributes
    ----------
    name, element
        As in the PDB: `OG1`, and in capitals `O`.
    chain, residue, number
        Of its residue: `A`, `THR`, `52A`; the chain may have no letter, the number an insertion code.
    line
        As it stands in the file.
    """

    name: str
    element: str
    chain: str
    residue: str
    number: str
    line: str = field(repr=False, default="")

    @property
    def label(self) -> str:
        """Of its residue: THR A52A."""
        return f"{self.residue} {self.chain}{self.number}"

    @property
    def parent(self) -> str:
        """The residue that its residue is a form of: HIS for HID."""
        return NAMED_STATES.get(self.residue, (self.residue, ""))[0]


class BindingSite:
    """The receptor that poses lie in.

    Parameters
    ----------
    pdb
        Text of a PDB file. Of several models the first counts, and of a residue's alternate locations that of the highest
        occupancy, or the first letter among equals. Polar hydrogens say which atoms give hydrogen bonds.

    Attributes
    ----------
    atoms
        [n], without those of other models and locations.
    places
        [n, 3], Å.
    heavy
        Indices of what is no hydrogen.

    Raises
    ------
    DataError
        A line has no coordinates.
    """

    def __init__(self, pdb: str) -> None:
        lines = list(_one_model(pdb))
        self.atoms = [_atom(line) for line in lines]
        self.places = np.array([_place(line) for line in lines], float).reshape(-1, 3)
        elements = np.array([atom.element for atom in self.atoms], dtype="U2")
        self.heavy = np.flatnonzero(elements != "H")
        self._hydrogens = np.flatnonzero(elements == "H")
        self._bonds: dict[int, list[int]] = {}
        self._tree = cKDTree(self.places[self.heavy])

    @functools.cached_property
    def hydrogens(self) -> dict[int, list[int]]:
        """Indices of the hydrogens on each heavy atom that holds any."""
        found: dict[int, list[int]] = {}
        if len(self._hydrogens) and len(self.heavy):
            distances, nearest = self._tree.query(self.places[self._hydrogens], distance_upper_bound=TO_HYDROGEN)
            for hydrogen, distance, i in zip(self._hydrogens, distances, nearest, strict=True):
                if np.isfinite(distance):
                    found.setdefault(int(self.heavy[i]), []).append(int(hydrogen))
        return found

    @property
    def has_hydrogens(self) -> bool:
        """Whether hydrogens are known, so that an atom without any gives no hydrogen bond."""
        return bool(self.hydrogens)

    def neighbours(self, atom: int) -> list[int]:
        """Heavy atoms that a heavy atom is bonded to, by their distances; bonds to metals and ions don't count."""
        if (known := self._bonds.get(atom)) is not None:
            return known
        if self.is_ion(atom):
            return []
        table = Chem.GetPeriodicTable()
        near = self.heavy[self._tree.query_ball_point(self.places[atom], BONDED)]
        found = []
        for other in map(int, near):
            if other != atom and not self.is_ion(other):
                longest = sum(table.GetRcovalent(self.atoms[i].element.capitalize()) for i in (atom, other)) + SLACK
                if np.linalg.norm(self.places[other] - self.places[atom]) <= longest:
                    found.append(other)
        self._bonds[atom] = found
        return found

    def is_ion(self, atom: int) -> bool:
        """Whether it is a metal, or a halide on its own."""
        one = self.atoms[atom]
        return one.element in CATIONS or (one.element in HALIDES and one.residue.upper().startswith(one.element))

    def is_water(self, atom: int) -> bool:
        """Whether it belongs to a water."""
        return self.atoms[atom].residue in WATERS

    def near(self, places: NDArray[np.float64], distance: float = NEAR) -> list[int]:
        """Heavy atoms within `distance` Å of any of the points [n, 3], in the file's order."""
        if not len(self.heavy):
            return []
        return sorted({int(self.heavy[i]) for found in self._tree.query_ball_point(places, distance) for i in found})

    def touched(self, places: NDArray[np.float64], distance: float = NEAR) -> list[str]:
        """Labels of residues with a heavy atom within `distance` Å of any of the points [n, 3], in the file's order."""
        return list(dict.fromkeys(self.atoms[i].label for i in self.near(places, distance)))

    @functools.cached_property
    def residues(self) -> dict[str, list[int]]:
        """Indices of the atoms of each residue, hydrogens among them, by its label."""
        found: dict[str, list[int]] = {}
        for i, atom in enumerate(self.atoms):
            found.setdefault(atom.label, []).append(i)
        return found


def _one_model(pdb: str) -> Iterable[str]:
    """Lines of the first model's atoms, one location of each residue."""
    lines = []
    for line in pdb.splitlines():
        if line.startswith("ENDMDL"):
            break
        if line.startswith(("ATOM", "HETATM")):
            lines.append(line)
    letters: dict[str, dict[str, list[float]]] = {}
    for line in lines:
        if line[16:17].strip():
            letters.setdefault(line[20:27], {}).setdefault(line[16], []).append(_occupancy(line))
    chosen = {
        where: min(found, key=lambda letter, found=found: (-round(float(np.mean(found[letter])), 3), letter))  # type: ignore[misc]
        for where, found in letters.items()
    }
    return [line for line in lines if not line[16:17].strip() or line[16] == chosen[line[20:27]]]


def _occupancy(line: str) -> float:
    try:
        return float(line[54:60])
    except ValueError:
        return 1.0


def _place(line: str) -> list[float]:
    try:
        place = [float(line[i : i + 8]) for i in (30, 38, 46)]
    except ValueError:
        place = [np.nan]
    if not np.isfinite(place).all():
        raise DataError(f"receptor: no coordinates in columns 31 to 54: {line.strip()[:80]}")
    return place


def _atom(line: str) -> SiteAtom:
    return SiteAtom(line[12:16].strip(), _element(line), line[20:22].strip(), line[17:20].strip(), _number(line[22:27]), line)


def _number(text: str) -> str:
    """A residue's number with its insertion code; numbers from 10,000 on are written as in hybrid-36: A000."""
    digits = text[:4]
    if digits[:1].isalpha() and digits.isalnum() and digits.isupper():
        return f"{int(digits, 36) - HYBRID}{text[4:].strip()}"
    return text.strip()


def _element(line: str) -> str:
    """Of an atom; where its columns don't say, by its name: `1HB`, ` CA ` of an amino acid, `ZN` of a zinc."""
    given = line[76:78].strip().upper()
    if given in ELEMENTS:
        return "H" if given == "D" else given
    name, residue = line[12:16].strip().lstrip("0123456789").upper(), line[17:20].strip().upper()
    alone = name.rstrip("0123456789+-")
    if alone in ELEMENTS and residue.rstrip("0123456789+-") == alone:  # an ion is called as its residue
        return alone
    return "H" if name.startswith("D") else name[:1]
