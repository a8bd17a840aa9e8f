"""What holds a pose in its site: hydrogen bonds, salt bridges, stacking, metals, hydrophobic contacts; and what clashes.

>>> table = interactions(pose, open("poses/docking.pdb").read())
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem

from molgen.scoring.docking import receptor_roles
from molgen.scoring.docking.binding_site import CATIONS, BindingSite, SiteAtom
from molgen.scoring.docking.hydrogen_bonds import angle_at, hydrogen_bonds
from molgen.scoring.docking.pose_roles import PoseRoles, with_hydrogens

COLUMNS = ["kind", "residue", "chain", "number", "receptor_atoms", "ligand_atoms", "distance", "angle", "donor"]
SALT_BRIDGE = 4.0  # Å between charged atoms, at most
STACKED, TILT, OFFSET = 5.5, 30.0, 2.0  # Å between centres, degrees from parallel or upright, Å of shift, all at most
CATION_PI = 6.0  # Å from a charge to a ring's centre, at most
CONTACT = 4.0  # Å between carbons, at most
HALOGEN_BOND, AT_HALOGEN = 3.5, 140.0  # Å at most, and degrees at least
CLASH, LARGEST = 0.75, 5.0  # of the sum of van der Waals radii; the largest sum, Å
REACH = 7.5  # Å from a pose to atoms that are looked at: rings that stack have their centre within 5.5 Å
KINDS = ("hydrogen bond", "salt bridge", "metal coordination", "halogen bond", "pi stacking", "cation-pi", "hydrophobic", "clash")


@dataclass(frozen=True)
class Interaction:
    """Something between a pose and a residue.

    Attributes
    ----------
    kind
        One of `KINDS`.
    residue
        Any atom of it.
    receptor_atoms, ligand_atoms
        By name; those of ligands are element and number in the pose's record, from 1: O5.
    distance
        Å: between the two atoms, or from and to the centres of rings.
    angle
        Degrees: at the hydrogen of a hydrogen bond, at the halogen of a halogen bond, between the planes of rings; else nan.
    donor
        Who gives a hydrogen bond: ligand, receptor, or either; else empty.
    start, end
        Where it is drawn: in the pose, and in the receptor.
    """

    kind: str
    residue: SiteAtom
    receptor_atoms: tuple[str, ...]
    ligand_atoms: tuple[str, ...]
    distance: float
    start: tuple[float, ...]
    end: tuple[float, ...]
    angle: float = float("nan")
    donor: str = ""

    def row(self) -> dict[str, object]:
        """As a row of a table; see `interactions`."""
        own = {"residue": self.residue.residue, "chain": self.residue.chain, "number": self.residue.number}
        atoms = {"receptor_atoms": " ".join(self.receptor_atoms), "ligand_atoms": " ".join(self.ligand_atoms)}
        sizes = {"distance": round(self.distance, 2), "angle": round(self.angle, 0), "donor": self.donor}
        return {"kind": self.kind} | own | atoms | sizes


def interactions(pose: Chem.Mol, receptor: str) -> pd.DataFrame:
    """What is between a pose and a receptor, as a table.

    Parameters
    ----------
    pose
        With coordinates; hydrogens are added where it lacks them.
    receptor
        Text of a PDB file with polar hydrogens, such as `poses/NAME.pdb` of a run. Without any, donors are known by the names of
        amino acids' atoms, and a histidine's nitrogens both give and take.

    Returns
    -------
    DataFrame
        A row per interaction with `COLUMNS`; see `find_interactions`. `number` is text: it may have an insertion code.

    Raises
    ------
    DataError
        The pose or the receptor has no coordinates.
    """
    rows = [found.row() for found in find_interactions(with_hydrogens(pose), BindingSite(receptor))]
    return pd.DataFrame(rows, columns=COLUMNS)


def find_interactions(pose: PoseRoles, site: BindingSite) -> list[Interaction]:
    """What is between a pose and a receptor, in the order of `KINDS`, the shortest first.

    Hydrogen bonds: see `hydrogen_bonds`. The others are recognised by these criteria:

    - salt bridge: oppositely charged atoms within 4.0 Å (Barlow and Thornton, J. Mol. Biol. 168, 867, 1983), once per pair of
      groups; its hydrogen bonds are told as well
    - metal coordination: a metal within 3.0 Å of an atom with a lone pair (Harding, Acta Cryst. D57, 401, 2001)
    - halogen bond: Cl, Br or I within 3.5 Å of an oxygen or a nitrogen that takes hydrogen bonds, and at least 140 degrees at the
      halogen (Auffinger et al., PNAS 101, 16789, 2004)
    - pi stacking: centres of aromatic rings within 5.5 Å (McGaughey et al., J. Biol. Chem. 273, 15458, 1998), planes within 30
      degrees of parallel or upright, one centre above the other ring by less than 2.0 Å of shift (Salentin et al., Nucleic Acids
      Res. 43, W443, 2015)
    - cation-pi: a charge within 6.0 Å of a ring's centre (Gallivan and Dougherty, PNAS 96, 9459, 1999), shifted by up to 2.0 Å
    - hydrophobic: carbons within 4.0 Å that are bonded to carbon and hydrogen alone (Salentin et al.), the nearest pair of a
      residue
    - clash: heavy atoms nearer than 0.75 of the sum of their van der Waals radii (Buttenschoen et al., Chem. Sci. 15, 3130, 2024)
      that no hydrogen bond or metal holds there
    """
    near = site.near(pose.places[pose.heavy], REACH)
    finder = _Finder(pose, site, near)
    kinds = (finder.hydrogen, finder.salt, finder.metals, finder.halogens, finder.stacked, finder.cation_pi, finder.hydrophobic)
    found = [each for kind in kinds for each in kind()]
    found += finder.clashes(found)
    return sorted(found, key=lambda each: (KINDS.index(each.kind), each.distance))


class _Finder:
    """Looks for interactions of a pose with the heavy atoms `near` it."""

    def __init__(self, pose: PoseRoles, site: BindingSite, near: Sequence[int]) -> None:
        self.pose, self.site, self.near = pose, site, near
        self.charges = list(receptor_roles.charged_groups(site, near))
        self.rings = [(ring, *_plane(pose.places[ring])) for ring in pose.rings]
        self.their_rings = [(ring, *_plane(site.places[ring])) for ring in receptor_roles.rings(site, near)]

    def _between(self, kind: str, mine: int, theirs: int, angle: float = float("nan"), donor: str = "") -> Interaction:
        """An interaction of an atom with an atom."""
        start, end = self.pose.places[mine], self.site.places[theirs]
        atom = self.site.atoms[theirs]
        apart, ends = float(np.linalg.norm(end - start)), (tuple(start.tolist()), tuple(end.tolist()))
        return Interaction(kind, atom, (atom.name,), (self.pose.name(mine),), apart, *ends, angle, donor)

    def _pairs(self, mine: Sequence[int], theirs: Sequence[int], most: float) -> Iterator[tuple[int, int]]:
        """Atoms of the pose and of the receptor that are within `most` Å, the nearest first."""
        if len(mine) and len(theirs):
            apart = np.linalg.norm(self.pose.places[list(mine)][:, None] - self.site.places[list(theirs)][None], axis=2)
            rows, columns = np.nonzero(apart <= most)
            for k in np.argsort(apart[rows, columns], kind="stable"):
                yield mine[rows[k]], theirs[columns[k]]

    def hydrogen(self) -> Iterator[Interaction]:
        on_metal = {each.ligand_atoms for each in self.metals() if each.ligand_atoms[0].startswith("N")}
        for bond in hydrogen_bonds(self.pose, self.site, self.near):
            if bond.donor == "receptor" and (self.pose.name(bond.ligand),) in on_metal:
                continue  # its one lone pair is taken
            yield self._between("hydrogen bond", bond.ligand, bond.receptor, bond.angle, bond.donor)

    def salt(self) -> Iterator[Interaction]:
        for charge, group in self.pose.charged:
            for other, atoms in self.charges:
                if charge * other < 0 and (pair := next(self._pairs(group, atoms, SALT_BRIDGE), None)):
                    yield self._between("salt bridge", *pair)

    def metals(self) -> Iterator[Interaction]:
        ions = [i for i in self.near if self.site.atoms[i].element in CATIONS]
        for pair in self._pairs(self.pose.coordinating, ions, receptor_roles.TO_METAL):
            yield self._between("metal coordination", *pair)

    def halogens(self) -> Iterator[Interaction]:
        takers = [i for i in self.near if self.site.atoms[i].element in ("N", "O") and receptor_roles.takes(self.site, i)]
        holds = dict(self.pose.halogens)
        for mine, theirs in self._pairs([*holds], takers, HALOGEN_BOND):
            angle = angle_at(self.pose.places[mine], self.pose.places[holds[mine]], self.site.places[theirs])
            if angle >= AT_HALOGEN:
                yield self._between("halogen bond", mine, theirs, angle)

    def stacked(self) -> Iterator[Interaction]:
        for ring, centre, normal in self.rings:
            for other, their_centre, their_normal in self.their_rings:
                angle = float(np.degrees(np.arccos(min(1.0, abs(float(normal @ their_normal))))))
                shift = min(_shift(centre, normal, their_centre), _shift(their_centre, their_normal, centre))
                if np.linalg.norm(centre - their_centre) <= STACKED and shift <= OFFSET and (angle <= TILT or angle >= 90 - TILT):
                    yield self._of_ring("pi stacking", ring, other, centre, their_centre, angle)

    def cation_pi(self) -> Iterator[Interaction]:
        for charge, group in self.charges:
            place = self.site.places[group].mean(0)
            for ring, centre, normal in self.rings if charge > 0 else ():
                if np.linalg.norm(place - centre) <= CATION_PI and _shift(centre, normal, place) <= OFFSET:
                    yield self._of_ring("cation-pi", ring, group, centre, place)
        for ring, centre, normal in self.their_rings:
            for charge, group in self.pose.charged:
                place = self.pose.places[group].mean(0)
                if charge > 0 and np.linalg.norm(place - centre) <= CATION_PI and _shift(centre, normal, place) <= OFFSET:
                    yield self._of_ring("cation-pi", group, ring, place, centre)

    def _of_ring(
        self,
        kind: str,
        mine: Sequence[int],
        theirs: Sequence[int],
        start: NDArray[np.float64],
        end: NDArray[np.float64],
        angle: float = float("nan"),
    ) -> Interaction:
        names = tuple(self.site.atoms[i].name for i in theirs), tuple(self.pose.name(i) for i in mine)
        apart = float(np.linalg.norm(start - end))
        return Interaction(kind, self.site.atoms[theirs[0]], *names, apart, tuple(start.tolist()), tuple(end.tolist()), angle)

    def hydrophobic(self) -> Iterator[Interaction]:
        carbons = [i for i in self.near if self.site.atoms[i].element == "C"]
        seen: set[str] = set()
        for mine, theirs in self._pairs(self.pose.hydrophobic, carbons, CONTACT):
            label = self.site.atoms[theirs].label
            if label not in seen and receptor_roles.is_hydrophobic(self.site, theirs):
                seen.add(label)
                yield self._between("hydrophobic", mine, theirs)

    def clashes(self, known: Sequence[Interaction]) -> Iterator[Interaction]:
        held = {
            (each.ligand_atoms, each.receptor_atoms, each.residue.label)
            for each in known
            if each.kind in ("hydrogen bond", "metal coordination")
        }
        table = Chem.GetPeriodicTable()
        for mine, theirs in self._pairs(self.pose.heavy, self.near, CLASH * LARGEST):
            found = self._between("clash", mine, theirs)
            elements = self.pose.mol.GetAtomWithIdx(mine).GetSymbol(), found.residue.element.capitalize()
            least = CLASH * sum(float(table.GetRvdw(element)) for element in elements)
            if found.distance < least and (found.ligand_atoms, found.receptor_atoms, found.residue.label) not in held:
                yield found


def _plane(places: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and unit normal of the plane through points [n, 3]."""
    centre = places.mean(0)
    return centre, np.linalg.svd(places - centre)[2][2]


def _shift(centre: NDArray[np.float64], normal: NDArray[np.float64], place: NDArray[np.float64]) -> float:
    """How far a point is from the axis through a ring's centre, Å."""
    way = place - centre
    return float(np.linalg.norm(way - (way @ normal) * normal))
