"""What tree models see of a molecule: MapLight's recipe (Notwell and Wood, arXiv:2310.00174), and how it is charged in water."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import joblib
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Avalon import pyAvalonTools
from rdkit.Chem import rdFingerprintGenerator, rdReducedGraphs

from molgen.chem import descriptors
from molgen.chem.molecules import Molecules, parse
from molgen.predictors import ionisation
from molgen.progress import progress

BITS = 1024
ERG_BITS = 315
ECFP4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
NAMES = (
    *(f"ECFP4 bit {i}" for i in range(BITS)),
    *(f"Avalon bit {i}" for i in range(BITS)),
    *(f"ErG {i}" for i in range(ERG_BITS)),
    *descriptors.NAMES,
)
NEUTRAL = len(NAMES)  # features of predictors from before ionisation was one
NAMES = (*NAMES, *ionisation.NAMES)
BLOCKS = {
    "ECFP4": (0, BITS),
    "Avalon": (BITS, 2 * BITS),
    "ErG": (2 * BITS, 2 * BITS + ERG_BITS),
    "descriptors": (2 * BITS + ERG_BITS, NEUTRAL),
    "ionisation": (NEUTRAL, len(NAMES)),
}
FIRST_DESCRIPTOR = BLOCKS["descriptors"][0]
LOGP = descriptors.NAMES.index("MolLogP")
# Below this, starting processes takes longer than they save.
WORTH_PROCESSES = 400
LONG = 1000  # molecules, above which progress is shown: commands predict fewer at a time
BLOCK = 2048  # molecules whose features are scaled at once


def featurize(mol: Chem.Mol) -> NDArray[np.float32]:
    """One row of features of `mol`, in the order of `NAMES`; nan where a descriptor has no value."""
    avalon = np.zeros(BITS, np.float32)
    for bit, count in pyAvalonTools.GetAvalonCountFP(mol, BITS).GetNonzeroElements().items():
        avalon[bit] = count
    described = descriptors.rdkit_descriptors(mol)
    return np.concatenate(
        [
            ECFP4.GetCountFingerprintAsNumPy(mol).astype(np.float32),
            avalon,
            rdReducedGraphs.GetErGFingerprint(mol).astype(np.float32),
            described,
            ionisation.ionisation(mol, float(described[LOGP])),
        ]
    )


def feature_matrix(molecules: Molecules) -> NDArray[np.float32]:
    """Features [n, f] of a batch, nan for invalid molecules; computed once, on all cores if that pays."""
    return molecules.array("features", _compute)


def _compute(molecules: Molecules) -> NDArray[np.float32]:
    """Of the molecules read from canonical SMILES: some descriptors of cages and large rings depend on the order of atoms."""
    if len(molecules) < WORTH_PROCESSES:
        return _rows_of_smiles(molecules.canonical)
    chunks = [molecules.canonical[i : i + 200] for i in range(0, len(molecules), 200)]
    rows = np.empty((len(molecules), len(NAMES)), np.float32)
    with progress("computing features", total=len(rows), visible=len(rows) > LONG) as advance:
        parts = joblib.Parallel(n_jobs=-1, return_as="generator")(joblib.delayed(_rows_of_smiles)(chunk) for chunk in chunks)
        for part in parts:
            rows[advance.done : advance.done + len(part)] = part
            advance(len(part))
    return rows


def _rows_of_smiles(smiles: Sequence[str | None]) -> NDArray[np.float32]:
    return feature_rows([None if text is None else parse(text)[0] for text in smiles])


def feature_rows(mols: Sequence[Chem.Mol | None]) -> NDArray[np.float32]:
    """Features [n, f] of molecules; nan all over for None, what RDKit can't describe, and more than MOST_ATOMS atoms."""
    rows = np.full((len(mols), len(NAMES)), np.nan, np.float32)
    for i, mol in enumerate(mols):
        if mol is not None and mol.GetNumAtoms() <= descriptors.MOST_ATOMS:
            with contextlib.suppress(RuntimeError, ValueError):
                rows[i] = featurize(mol)
    return rows


@dataclass(frozen=True)
class Scaling:
    """Features on one scale, a byte each, for kernels.

    Counts become logarithms, descriptors signed logarithms; all are standardised, limited to five standard deviations and
    rounded to a 25th of one. In `blocks` the features of a kind share the weight that one feature would have.

    Attributes
    ----------
    mean, std : float32 [f]
        Of the training molecules' logarithms.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]

    STEPS: ClassVar[int] = 25

    @classmethod
    def fit(cls, x: NDArray[np.float32]) -> "Scaling":
        """From the features [n, f] of the training molecules."""
        mean, std = np.empty((2, x.shape[1]), np.float32)
        for start in range(0, x.shape[1], BITS):  # of long sets, logarithms of all features at once would fill the memory
            logs = _logarithms(x[:, start : start + BITS])
            mean[start : start + BITS], std[start : start + BITS] = logs.mean(0), logs.std(0)
        return cls(mean, np.where(std > 1e-6, std, 1).astype(np.float32))

    @property
    def size(self) -> int:
        """How many features there are: all of `NAMES`, or the first `NEUTRAL`."""
        return len(self.mean)

    def pack(self, x: NDArray[np.float32]) -> NDArray[np.int8]:
        """Features [n, f] as small integers."""
        packed = np.empty(x.shape, np.int8)
        for start in range(0, len(x), BLOCK):
            scaled = (_logarithms(x[start : start + BLOCK]) - self.mean) / self.std
            packed[start : start + BLOCK] = np.rint(np.clip(scaled, -5, 5) * self.STEPS)
        return packed

    def rounded(self, x: NDArray[np.float32], columns: Sequence[int]) -> NDArray[np.float64]:
        """Some features [n, c] as `pack` rounds them, without its limits."""
        return np.rint((_logarithms(x) - self.mean[columns]) / self.std[columns] * self.STEPS).astype(float)

    def unpack(self, packed: NDArray[Any], columns: Sequence[int]) -> NDArray[np.float64]:
        """Some features [n, c] in their own units, from what `pack` or `rounded` made of them."""
        logs = packed.astype(float) / self.STEPS * self.std[columns] + self.mean[columns]
        return np.sign(logs) * np.expm1(np.abs(logs))

    def blocks(self, packed: NDArray[np.signedinteger]) -> NDArray[np.float32]:
        """Packed features [n, f], or differences between them, as coordinates for a kernel."""
        weights = np.empty(packed.shape[1], np.float32)
        for start, stop in BLOCKS.values():
            weights[start:stop] = 1 / np.sqrt(stop - start)
        return packed.astype(np.float32) * (weights / np.float32(self.STEPS))


def _logarithms(x: NDArray[np.float32]) -> NDArray[np.float32]:
    filled = np.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)
    return np.sign(filled) * np.log1p(np.abs(filled))
