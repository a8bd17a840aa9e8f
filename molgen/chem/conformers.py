"""Molecules in three dimensions: stereoisomers enumerated, embedded, with the shapes of their rings."""

from collections.abc import Collection, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers
from rdkit.Chem.EnumerateStereoisomers import EnumerateStereoisomers, GetStereoisomerCount, StereoEnumerationOptions

MAX_STEPS = 1000  # of minimisation
MOST_ISOMERS = 256  # considered per molecule
RING_CONFORMERS = 10  # embedded per requested shape
SAME_SHAPE = 0.4  # Å between the ring atoms of two conformers, and what is bonded to them, after the best overlay
TOO_STRAINED = 8.0  # kcal/mol above the best conformer
ATTEMPTS = 20  # at embedding, with each of:
FALLBACKS: tuple[dict[str, bool], ...] = (
    {},
    {"useRandomCoords": True},
    {"useBasicKnowledge": False, "useExpTorsionAnglePrefs": False},  # for rings that can't be as flat as ETKDG expects
)


def isomers(mol: Chem.Mol) -> Iterator[Chem.Mol]:
    """Stereoisomers that `mol` may be and that can exist; `mol` itself if its stereochemistry is complete.

    Open are centres and double bonds without a configuration, and groups of racemates and relative configurations, whose
    centres invert together. Protonated nitrogens are no centres: they lose the proton and invert.
    """
    bare, charged = _without_protons(mol)
    options = StereoEnumerationOptions(maxIsomers=MOST_ISOMERS, onlyUnassigned=True, unique=True, rand=0)
    if GetStereoisomerCount(bare, options) == 1:
        yield mol
        return
    none = True
    for isomer in EnumerateStereoisomers(bare, options):
        if not _exists(isomer):
            continue
        found = Chem.RWMol(isomer)
        found.SetStereoGroups([])
        for i in charged:
            atom = found.GetAtomWithIdx(i)
            atom.SetFormalCharge(1)
            atom.SetNumExplicitHs(atom.GetNumExplicitHs() + 1)
        Chem.SanitizeMol(found)
        none = False
        yield found.GetMol()
    if none:
        yield mol


def most_isomers(mol: Chem.Mol) -> int:
    """Number of stereoisomers that `mol` may be, including those that can't exist."""
    return int(GetStereoisomerCount(_without_protons(mol)[0], StereoEnumerationOptions(onlyUnassigned=True)))


def _without_protons(mol: Chem.Mol) -> tuple[Chem.Mol, list[int]]:
    """`mol` without the protons of the nitrogens that invert, and these nitrogens."""
    bare = Chem.RWMol(mol)
    charged = [atom.GetIdx() for atom in mol.GetAtoms() if _turns_over(atom)]
    for i in charged:
        atom = bare.GetAtomWithIdx(i)
        atom.SetFormalCharge(0)
        atom.SetNumExplicitHs(max(0, atom.GetNumExplicitHs() - 1))
    Chem.SanitizeMol(bare)
    return bare, charged


def _exists(isomer: Chem.Mol) -> bool:
    """Whether it can be embedded, since a bridgehead has only one possible configuration."""
    if not isomer.GetRingInfo().NumRings():
        return True
    solid = Chem.AddHs(isomer)
    return any(rdDistGeom.EmbedMolecule(solid, parameters) == 0 for parameters in islice(_parameters(0), 2))


def _turns_over(atom: Chem.Atom) -> bool:
    return (
        atom.GetAtomicNum() == 7
        and atom.GetFormalCharge() == 1
        and atom.GetTotalNumHs() > 0
        and not atom.GetIsAromatic()
        and all(bond.GetBondType() == Chem.BondType.SINGLE for bond in atom.GetBonds())
    )


def embedded(mol: Chem.Mol, n: int = 1, seed: int = 0) -> Chem.Mol:
    """`mol` with hydrogens and `n` conformers by ETKDGv3, minimised.

    Raises
    ------
    ValueError
        The molecule can't be embedded.
    """
    return minimised(unminimised(mol, n, seed))[0]


def unminimised(mol: Chem.Mol, n: int = 1, seed: int = 0) -> Chem.Mol:
    """`mol` with hydrogens and `n` unminimised conformers by ETKDGv3, since minimised in vacuum, chains would fold.

    Raises
    ------
    ValueError
        The molecule can't be embedded.
    """
    solid = Chem.AddHs(mol)
    for parameters in _parameters(seed):
        if rdDistGeom.EmbedMultipleConfs(solid, n, parameters):
            return solid
    raise ValueError("can't be embedded in three dimensions")


def _parameters(seed: int) -> Iterator[rdDistGeom.EmbedParameters]:
    """Parameters of successive attempts at embedding."""
    parameters = rdDistGeom.ETKDGv3()
    parameters.randomSeed = seed
    parameters.maxIterations = ATTEMPTS
    for change in FALLBACKS:
        for name, value in change.items():
            setattr(parameters, name, value)
        yield parameters


def minimised(solid: Chem.Mol) -> tuple[Chem.Mol, list[float]]:
    """`solid` with its n conformers minimised in vacuum by MMFF94s (UFF for atoms that it doesn't know), and energies, kcal/mol.

    If the force fields lack its atoms, it stays as it is and the energies are 0.
    """
    relaxed = Chem.Mol(solid)
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(relaxed):
        found = rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(relaxed, maxIters=MAX_STEPS, mmffVariant="MMFF94s")
    elif rdForceFieldHelpers.UFFHasAllMoleculeParams(relaxed):
        found = rdForceFieldHelpers.UFFOptimizeMoleculeConfs(relaxed, maxIters=MAX_STEPS)
    else:
        found = [(0, 0.0)] * relaxed.GetNumConformers()
    return relaxed, [energy for _, energy in found]


def ring_shapes(mol: Chem.Mol, n: int, sizes: Collection[int], seed: int = 0) -> Chem.Mol:
    """`mol` with hydrogens and at most `n` conformers, minimised, whose rings of these sizes have different shapes.

    The best by energy comes first; if no such ring can bend, there is one conformer.

    Raises
    ------
    ValueError
        The molecule can't be embedded.
    """
    rings = [ring for ring in mol.GetRingInfo().AtomRings() if len(ring) in sizes and _bends(mol, ring)]
    if not rings:
        return embedded(mol, 1, seed)
    solid, energies = minimised(unminimised(mol, n * RING_CONFORMERS, seed))
    atoms = {i for ring in rings for i in ring}
    shown = sorted(atoms | {other.GetIdx() for i in atoms for other in mol.GetAtomWithIdx(i).GetNeighbors()})
    ids = [conformer.GetId() for conformer in solid.GetConformers()]
    places = {i: solid.GetConformer(i).GetPositions()[shown] for i in ids}
    chosen: list[int] = []
    for place in np.argsort(energies, kind="stable"):
        new = all(_distance(places[ids[place]], places[i]) > SAME_SHAPE for i in chosen)
        if new and energies[place] - min(energies) < TOO_STRAINED and len(chosen) < n:
            chosen.append(ids[place])
    picked = Chem.Mol(solid)
    picked.RemoveAllConformers()
    for i in chosen:
        picked.AddConformer(solid.GetConformer(i), assignId=True)
    return picked


def _bends(mol: Chem.Mol, ring: tuple[int, ...]) -> bool:
    """Whether any bond of the ring is single and not aromatic."""
    bonds = [mol.GetBondBetweenAtoms(a, b) for a, b in zip(ring, (*ring[1:], ring[0]), strict=True)]
    return any(bond.GetBondType() == Chem.BondType.SINGLE for bond in bonds)


def _distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Root mean square deviation after the best overlay, Å (Kabsch, Acta Cryst. A 32, 922, 1976)."""
    first, second = first - first.mean(0), second - second.mean(0)
    u, s, vt = np.linalg.svd(first.T @ second)
    s[-1] *= np.sign(np.linalg.det(u @ vt))
    return float(np.sqrt(max(0.0, (first**2).sum() + (second**2).sum() - 2 * s.sum()) / len(first)))
