"""Numbers beside the parts of a drawn molecule, where they cover nothing."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

Array = NDArray[np.float64]
Text = tuple[float, float, str, str]

DIRECTIONS = np.array([(np.cos(angle), np.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False)])
DISTANCES = (0.65, 0.8, 1.0, 1.25)  # from an atom, in bonds
NEAREST = 16.0  # px from an atom, at least
ALONE = 45.0  # px, as the length of bonds where there is none
FREE = 0.42  # bonds from all else that are enough
WIDE = 0.35  # bonds that letters such as NH2 reach to the side of their atom
FLAT = np.array([0.5, 1.0])  # a number is about twice as wide as it is high
MARGIN = np.array([18.0, 8.0])  # px from the edge


def numbers_beside(mol: Chem.Mol, places: Array, numbers: Mapping[tuple[int, ...], str], size: tuple[float, float]) -> list[Text]:
    """Where numbers stand: x, y, SVG's text-anchor, text. In the middle of a ring if there is room, else beside an atom.

    Parameters
    ----------
    places
        Of the atoms on the drawing, px [a, 2].
    numbers
        By the atoms of the part that they belong to.
    size
        Width and height of what is drawn on, px.
    """
    ends = [places[[bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()]] for bond in mol.GetBonds()]
    step = float(np.median([np.linalg.norm(first - second) for first, second in ends])) if ends else ALONE
    covered = np.array([*places, *(pair.mean(0) for pair in ends), *_letters(mol, places, step)]).reshape(-1, 2)
    enough = max(NEAREST * 0.8, FREE * step)
    found: list[Text] = []
    for atoms, text in numbers.items():
        candidates = _candidates(mol, places, atoms, step)
        inside = ((candidates >= MARGIN) & (candidates <= np.array(size) - MARGIN)).all(axis=1)
        candidates = candidates[inside] if inside.any() else candidates
        room = np.linalg.norm((candidates[:, None] - covered[None]) * FLAT, axis=2).min(1)
        best = candidates[int(np.argmax(np.minimum(room, enough)))]  # the first of those with room enough
        covered = np.vstack([covered, best])
        found.append((float(best[0]), float(best[1]), "middle", text))
    return found


def _letters(mol: Chem.Mol, places: Array, step: float) -> Iterator[Array]:
    """What the letters of hetero atoms cover besides their places."""
    for atom in mol.GetAtoms():
        if (atom.GetTotalNumHs() and (atom.GetAtomicNum() != 6 or not atom.GetDegree())) or len(atom.GetSymbol()) > 1:
            yield places[atom.GetIdx()] + (WIDE * step, 0)
            yield places[atom.GetIdx()] - (WIDE * step, 0)


def _candidates(mol: Chem.Mol, places: Array, atoms: Sequence[int], step: float) -> Array:
    """Places for a number, the best kinds first [n, 2]."""
    own = set(atoms)
    rings = [places[list(ring)].mean(0) for ring in mol.GetRingInfo().AtomRings() if own.issuperset(ring)]
    steps = [max(NEAREST, distance * step) * direction for distance in DISTANCES for direction in DIRECTIONS]
    return np.vstack([*rings, *(places[list(atoms)] + way for way in steps)])
