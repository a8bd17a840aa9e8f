"""Hydrogen bonds between a pose and a receptor."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from molgen.scoring.docking import receptor_roles
from molgen.scoring.docking.binding_site import BindingSite
from molgen.scoring.docking.pose_roles import PoseRoles

LENGTH = 3.5  # Å between donor and acceptor, at most
AT_HYDROGEN = 120.0  # degrees, donor-hydrogen-acceptor, at least
AT_ACCEPTOR = 90.0  # degrees, donor-acceptor-neighbour of the acceptor, at least
TETRAHEDRAL = 109.47  # degrees, neighbour-donor-hydrogen where the hydrogen turns
TRIGONAL = 120.0  # and where it isn't known
HOLDS = 1.0  # Å from a donor to its hydrogen


class Side(Protocol):
    """The pose or the receptor."""

    @property
    def places(self) -> NDArray[np.float64]:
        """Of its atoms, Å [n, 3]."""

    def neighbours(self, atom: int) -> list[int]:
        """Heavy atoms that an atom is bonded to."""


class HydrogenBond(NamedTuple):
    """A hydrogen bond.

    Attributes
    ----------
    ligand, receptor
        The two heavy atoms.
    donor
        `ligand`, `receptor`, or `either` where both could give it.
    distance
        Between them, Å.
    angle
        Donor-hydrogen-acceptor, degrees; the largest possible where the hydrogen turns; nan for water, whose hydrogens may be
        anywhere.
    """

    ligand: int
    receptor: int
    donor: str
    distance: float
    angle: float


def hydrogen_bonds(pose: PoseRoles, site: BindingSite, near: Sequence[int]) -> Iterator[HydrogenBond]:
    """Hydrogen bonds between a pose and heavy atoms `near` it.

    Donor and acceptor are at most 3.5 Å apart. The angle at the hydrogen is at least 120 degrees (Baker and Hubbard, Prog.
    Biophys. Mol. Biol. 44, 97, 1984), that at the acceptor, between the donor and each of the acceptor's neighbours, at least 90
    (McDonald and Thornton, J. Mol. Biol. 238, 777, 1994). Where the hydrogens of a hydroxyl or ammonium group point to is known
    neither of a receptor nor of a pose of Vina, whose score it doesn't change: they are turned so that the angle is largest.
    """
    near = [i for i in near if site.atoms[i].element in ("N", "O") or site.is_ion(i)]
    their_donors = {i for i in near if receptor_roles.gives(site, i)}
    their_acceptors = {i for i in near if receptor_roles.takes(site, i)}
    donors, acceptors = set(pose.donors), set(pose.acceptors)
    for i in sorted(donors | acceptors):
        lengths = np.linalg.norm(site.places[near] - pose.places[i], axis=1) if near else []
        for j, length in zip(near, lengths, strict=True):
            if length > LENGTH:
                continue
            angles = {}
            if i in donors and j in their_acceptors and _faces(site, j, pose.places[i]):
                angles["ligand"] = _angle(pose, i, pose.hydrogens(i), pose.turns(i), site.places[j])
            if i in acceptors and j in their_donors and _faces(pose, i, site.places[j]):
                held, turns = site.hydrogens.get(j, []), receptor_roles.may_turn(site, j)
                angles["receptor"] = np.nan if site.is_water(j) else _angle(site, j, held, turns, pose.places[i])
            angles = {who: angle for who, angle in angles.items() if not angle < AT_HYDROGEN}
            if angles:
                who = "either" if len(angles) == 2 else next(iter(angles))
                yield HydrogenBond(i, j, who, float(length), _largest(angles.values()))


def _largest(angles: Iterable[float]) -> float:
    """The largest of angles, of which those of waters aren't known."""
    return max((angle for angle in angles if not np.isnan(angle)), default=np.nan)


def _angle(donor: Side, at: int, hydrogens: Sequence[int], turns: bool, goal: NDArray[np.float64]) -> float:
    """The largest angle donor-hydrogen-acceptor that is possible with the acceptor at `goal`, degrees."""
    place = donor.places[at]
    near = donor.places[donor.neighbours(at)]
    if turns or (not hydrogens and len(near) == 1):
        return _turned(place, near[0], goal, TETRAHEDRAL if turns else TRIGONAL)
    if not hydrogens:  # of a donor of which only heavy atoms are known
        ways = -_unit(_unit(near - place).sum(0))[None] if len(near) else _unit(goal - place)[None]
    else:
        ways = _unit(donor.places[list(hydrogens)] - place)
    return max(angle_at(place + HOLDS * way, place, goal) for way in ways)


def _faces(acceptor: Side, to: int, donor: NDArray[np.float64]) -> bool:
    """Whether an acceptor shows a lone pair to a donor."""
    place = acceptor.places[to]
    return all(angle_at(place, donor, acceptor.places[i]) >= AT_ACCEPTOR for i in acceptor.neighbours(to))


def _turned(donor: NDArray[np.float64], neighbour: NDArray[np.float64], acceptor: NDArray[np.float64], opening: float) -> float:
    """The angle at a hydrogen that turns about the bond neighbour-donor and points to the acceptor as well as it can, degrees."""
    away = np.radians(abs(angle_at(donor, neighbour, acceptor) - opening))  # acceptor-donor-hydrogen
    apart = float(np.linalg.norm(acceptor - donor))
    hydrogen, goal = HOLDS * np.array([np.cos(away), np.sin(away), 0.0]), np.array([apart, 0.0, 0.0])
    return angle_at(hydrogen, np.zeros(3), goal)


def angle_at(corner: NDArray[np.float64], one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Angle one-corner-other, degrees."""
    return float(np.degrees(np.arccos(np.clip(_unit(one - corner) @ _unit(other - corner), -1.0, 1.0))))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length == 0, 1.0, length)
