"""Which atoms made a predictor say what it said."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.errors import DataError

Array = NDArray[np.float64]
MOST_ATOMS = 120  # a minute or so with trees, whose features of each are computed


@dataclass(frozen=True, eq=False)
class Attribution:
    """A prediction shared out among atoms.

    Attributes
    ----------
    atoms : float64 [a]
        Contributions, in the model's own scale (log-odds for classes).
    method
        How they were found, one line.
    neighbours
        The nearest training molecules: SMILES, measured value, similarity.
    notes
        What a picture writes beside an atom, by atom.
    """

    atoms: Array
    method: str
    neighbours: list[tuple[str, float, float]]
    notes: dict[int, str] = field(default_factory=dict)


def check_size(mol: Chem.Mol) -> None:
    """Raise a DataError for a molecule too large to leave out each of its atoms in turn, and to draw."""
    if mol.GetNumAtoms() > MOST_ATOMS:
        raise DataError(f"a molecule of {mol.GetNumAtoms():,} atoms can't be explained: {MOST_ATOMS} at most")


def masked(mol: Chem.Mol) -> list[Chem.Mol]:
    """`mol` with each atom in turn made a dummy: what a model would see if it didn't know the atom."""
    check_size(mol)
    found = []
    for atom in range(mol.GetNumAtoms()):
        copy = Chem.RWMol(mol)
        copy.GetAtomWithIdx(atom).SetAtomicNum(0)
        copy.UpdatePropertyCache(strict=False)
        found.append(copy.GetMol())
    return found


def share_out(contributions: Array, whole: NDArray[np.float32], without: NDArray[np.float32]) -> Array:
    """Share features' contributions [f] among atoms [a], in proportion to how much a feature changes without the atom.

    Parameters
    ----------
    whole
        Features [f] of the molecule.
    without
        Of the molecule with each atom masked, [a, f].
    """
    change = np.abs(np.nan_to_num(without) - np.nan_to_num(whole))
    total = change.sum(0)
    return change[:, total > 0] @ (contributions[total > 0] / total[total > 0])


def occlusion(score: Callable[[list[Chem.Mol]], Array], mol: Chem.Mol) -> Array:
    """How much the score falls without each atom, [a]."""
    values = score([mol, *masked(mol)])
    return values[0] - values[1:]
