"""How much of a molecule can be bought."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pooch
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molgen.chem.blocks import cores, fragments
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.scoring.component import Component
from molgen.scoring.stock import stock
from molgen.scoring.transforms import Identity, Transform

VERSION = "2"  # of the cached fragments; raised whenever their derivation changes


@dataclass(frozen=True)
class BuildingBlocks(Component):
    """Share of a molecule's heavy atoms in BRICS fragments that can be bought as building blocks, 0 to 1.

    A block stands for itself without the groups that couplings remove (halides, boronic acids, acid OH), and for its own
    fragments. A salt stands for its parent; stereochemistry is ignored. No synthetic route is sought.

    Attributes
    ----------
    path
        A file of building blocks, or a public set: `sigma_stock`.
    column
        Column of the SMILES in the file, if it can't be guessed.
    """

    path: str = "sigma_stock"
    column: str | None = None
    unit: ClassVar[str] = "share of heavy atoms"
    example: ClassVar[dict[str, Any]] = {"path": "blocks.smi"}

    def __post_init__(self) -> None:
        _cores(self.path, self.column)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(self._cover)

    def _cover(self, mol: Chem.Mol) -> float:
        known = _cores(self.path, self.column)
        return sum(size for smiles, size in fragments(mol) if smiles in known) / mol.GetNumHeavyAtoms()

    def desirability(self) -> Transform:
        return Identity()


@functools.lru_cache(maxsize=4)
def _cores(path: str, column: str | None) -> frozenset[str]:
    """Fragments that the blocks in a file stand for, cached in the user's folder, since 20,000 blocks take half a minute."""
    smiles = stock(path, column)
    key = "\n".join([*smiles, repr(STANDARD), rdBase.rdkitVersion, VERSION])
    kept = Path(pooch.os_cache("molgen")) / "blocks" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.txt"
    if kept.is_file():
        return frozenset(kept.read_text().split())
    found = cores(mol for mol in Molecules(smiles, STANDARD).mols if mol is not None)
    if not found:
        raise DataError(f"{path}: no building block in it")
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(kept, "\n".join(sorted(found)).encode())
    return frozenset(found)
