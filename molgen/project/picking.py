"""The best molecules that are unlike each other, and unlike what is known: greedily, by score."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from rdkit import Chem

from molgen.chem.compounds import twin_key
from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.chem.standardize import STANDARD
from molgen.errors import check_between
from molgen.project.nearest import KnownCompounds

BLOCK = 512  # molecules that are compared at a time
ROUNDING = 1e-6  # of similarities, which are single numbers


@dataclass(frozen=True)
class Picking:
    """How a batch is picked.

    Attributes
    ----------
    n
        Molecules.
    diverse
        The greatest Tanimoto similarity, on bits of ECFP4, between any two.
    per_scaffold
        Molecules of one Murcko scaffold at most; acyclic ones have none. None for any number.

    Raises
    ------
    ConfigError
        One of them is out of its range.
    """

    n: int = 24
    diverse: float = 0.6
    per_scaffold: int | None = None

    def __post_init__(self) -> None:
        check_between("", 1, n=self.n, per_scaffold=1 if self.per_scaffold is None else self.per_scaffold)
        check_between("", 0, 1, diverse=self.diverse)

    def __call__(self, smiles: Sequence[str], known: Sequence[KnownCompounds]) -> "Picked":
        """Choose among molecules [m] that are given best first.

        None is chosen that is, or is a salt or a stereoisomer of, a known compound or one that was chosen before.
        """
        picked = _Choosing(self, known)
        for first in range(0, len(smiles), BLOCK):
            picked.go_through(smiles[first : first + BLOCK], first)
            if len(picked.rows) == self.n:
                break
        return Picked(tuple(picked.rows), tuple(picked.scaffolds), picked.left_out)


@dataclass(frozen=True)
class Picked:
    """Rows [k] of the chosen molecules, their scaffolds, and how many of the molecules before the last weren't, by reason."""

    rows: tuple[int, ...]
    scaffolds: tuple[str, ...]
    left_out: Counter[str] = field(default_factory=Counter)


class _Choosing:
    """What has been chosen so far."""

    def __init__(self, picking: Picking, known: Sequence[KnownCompounds]) -> None:
        self.picking, self.known = picking, known
        self.rows: list[int] = []
        self.scaffolds: list[str] = []
        self.left_out: Counter[str] = Counter()
        self._bits: list[np.ndarray] = []
        self._keys: set[str] = set()
        self._counts: Counter[str] = Counter()

    def go_through(self, smiles: Sequence[str], first: int) -> None:
        """Choose among the next molecules, of which the first is row `first`."""
        molecules = Molecules(smiles, STANDARD)
        bits = bit_matrix(molecules.mols)
        near = tanimoto_matrix(bits, np.stack(self._bits)).max(1) if self._bits else np.zeros(len(smiles), np.float32)
        for i, mol in enumerate(molecules.mols):
            if len(self.rows) == self.picking.n:
                return
            if reason := self._objection(mol, float(near[i])):
                self.left_out[reason] += 1
                continue
            self.rows.append(first + i)
            self._bits.append(bits[i])
            near = np.maximum(near, tanimoto_matrix(bits, bits[i : i + 1])[:, 0])

    def _objection(self, mol: Chem.Mol | None, similarity: float) -> str:
        """Why a molecule can't be chosen; empty where it is chosen, which is taken note of."""
        if mol is None:
            return "no molecule"
        if similarity > self.picking.diverse + ROUNDING:
            return "too similar to one of these"
        scaffold = murcko(mol)
        if scaffold and self._counts[scaffold] == self.picking.per_scaffold:
            return "of a scaffold of which there are enough"
        if (holder := next((each for each in self.known if each.hold(mol)), None)) is not None:
            return f"in {holder.source}"
        if (key := twin_key(mol)) in self._keys:
            return "a stereoisomer or another form of one of these"
        self._keys.add(key)
        self._counts[scaffold] += 1
        self.scaffolds.append(scaffold)
        return ""
