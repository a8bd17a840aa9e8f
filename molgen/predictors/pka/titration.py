"""Groups that feel each other's charges: which of their forms is there at a pH, and where one follows another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.predictors.pka.environment import FAR, Environment

Array = NDArray[np.float64]
States = NDArray[np.int8]

# By how much one charge shifts the pKa of a group so many bonds away (ethylenediamine 3, succinic acid 5); from the
# differences of textbook pKa of diamines, diacids and amino acids, less the statistical factor.
COUPLING = np.array([0.0, 8.0, 4.3, 2.1, 1.2, 0.75, 0.5, 0.3, 0.2, 0.15, 0.1])
# Opposite charges that are neighbours don't help each other more than this.
OPPOSITE = 2.2
# As often as this a charge is felt where more shortest ways than one lead to it.
WAYS = 3
# The two groups of a biguanide (metformin 12.4 and 2.8) or of a proton sponge share one proton.
BIGUANIDE = 9.0
ONE_PROTON = ("biguanide", "proton sponge")
# Up to this number of groups all forms are enumerated.
EXACT = 10


def couplings(mol: Chem.Mol, environment: Environment) -> tuple[Array, Array]:
    """By how much the groups' pKa shift each other [n, n], and by how much permanent charges shift them [n]."""
    n = len(environment.sites)
    table = np.append(COUPLING, np.zeros(FAR))
    atoms = [site.atom for site in environment.sites]
    base = np.array([site.type.kind == "base" for site in environment.sites], dtype=bool)
    found = table[environment.distance[:, atoms]] * np.minimum(environment.paths[:, atoms], WAYS)
    found = np.where(base[:, None] != base[None, :], np.minimum(found, OPPOSITE), found)
    sharing = np.array([site.type.name in ONE_PROTON for site in environment.sites], dtype=bool)
    one = environment.distance[:, atoms] <= 4  # bonds between the ends of one biguanide
    found = np.where(sharing[:, None] & sharing[None, :] & one, BIGUANIDE, found)
    np.fill_diagonal(found, 0.0)
    shift = np.zeros(n)
    for atom in mol.GetAtoms():
        charge = atom.GetFormalCharge()
        if charge and not any(x.GetFormalCharge() * charge < 0 for x in atom.GetNeighbors()):
            i = atom.GetIdx()
            shift -= charge * np.minimum(table[environment.distance[:, i]] * environment.paths[:, i], OPPOSITE)
    return found, shift


@dataclass(frozen=True, eq=False)
class Titration:
    """What happens to a molecule's groups from the lowest pH to the highest.

    Attributes
    ----------
    states : int8 [n + 1, n]
        The most populated form with 0, 1, ... n protons on the groups: 1 where a group has its proton.
    weight : float64 [n + 1]
        log10 of the weight of all forms with so many protons at pH 0.
    steps : list of (int, float)
        The group that gives up its proton and the macroscopic pKa, from the first to the last.
    """

    states: States
    weight: Array
    steps: list[tuple[int, float]]

    def at(self, ph: float) -> NDArray[np.int8]:
        """The main form at this pH [n]: the number of protons that is most populated, and its most populated form."""
        protons = np.arange(len(self.weight))
        return self.states[int(np.argmax(self.weight - ph * protons))]


def titrate(intrinsic: Array, base: NDArray[np.bool_], coupling: Array) -> Titration:
    """Follow groups from all protonated to none.

    Parameters
    ----------
    intrinsic
        pKa of each group while all others are neutral [n].
    base
        Which of them are bases [n]: charged with their proton, while acids are charged without it.
    coupling
        By how much a charge on one shifts the pKa of another [n, n].
    """
    n = len(intrinsic)
    if n <= EXACT:
        states = ((np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1).astype(np.int8)
        energy = _energy(states, intrinsic, base, coupling)
        groups = [np.flatnonzero(states.sum(1) == k) for k in range(n + 1)]
    else:
        states, energy, groups = _followed(intrinsic, base, coupling)
    best, weight, occupied = [], np.empty(n + 1), np.empty((n + 1, n))
    for k, rows in enumerate(groups):
        relative = -energy[rows]
        top = relative.max()
        share = 10.0 ** (relative - top)
        weight[k] = top + np.log10(share.sum())
        occupied[k] = share @ states[rows] / share.sum()
        best.append(states[rows[int(np.argmax(np.round(relative, 9)))]])
    steps: list[tuple[int, float]] = []
    for k in range(n, 0, -1):
        lost = np.round(occupied[k] - occupied[k - 1], 6)
        lost[[group for group, _ in steps]] = -np.inf
        steps.append((int(np.argmax(lost)), float(weight[k] - weight[k - 1])))
    return Titration(np.array(best, dtype=np.int8).reshape(n + 1, n), weight, steps)


def _energy(states: States, intrinsic: Array, base: NDArray[np.bool_], coupling: Array) -> Array:
    """Free energy of states [m, n] at pH 0 in units of RT ln 10."""
    charge = states - ~base
    return -(states @ intrinsic) + 0.5 * np.einsum("mi,ij,mj->m", charge, coupling, charge)


def _followed(intrinsic: Array, base: NDArray[np.bool_], coupling: Array) -> tuple[States, Array, list[NDArray[np.intp]]]:
    """For many groups: the best form of each number of protons, from the one before, better by exchanges of a proton."""
    n = len(intrinsic)
    state = np.ones(n, dtype=np.int8)
    found = [state]
    for _ in range(n):
        on = np.flatnonzero(state)
        tries = np.repeat(state[None], len(on), axis=0)
        tries[np.arange(len(on)), on] = 0
        state = tries[int(np.argmin(np.round(_energy(tries, intrinsic, base, coupling), 9)))]
        state = _exchanged(state, intrinsic, base, coupling)
        found.append(state)
    states = np.array(found[::-1], dtype=np.int8)
    return states, _energy(states, intrinsic, base, coupling), [np.array([k]) for k in range(n + 1)]


def _exchanged(state: NDArray[np.int8], intrinsic: Array, base: NDArray[np.bool_], coupling: Array) -> NDArray[np.int8]:
    for _ in range(len(state)):
        on, off = np.flatnonzero(state), np.flatnonzero(state == 0)
        pairs = [(i, j) for i in on for j in off]
        tries = np.repeat(state[None], len(pairs) + 1, axis=0)
        for row, (i, j) in enumerate(pairs, 1):
            tries[row, i], tries[row, j] = 0, 1
        best = int(np.argmin(np.round(_energy(tries, intrinsic, base, coupling), 9)))
        if best == 0:
            break
        state = tries[best]
    return state
