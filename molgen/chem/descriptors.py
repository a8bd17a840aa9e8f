"""RDKit's physicochemical descriptors of a molecule, all at once."""

from contextlib import suppress
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Descriptors, Graphs
from rdkit.Chem import rdMolDescriptors as descriptors
from rdkit.Chem.EState import EState_VSA
from rdkit.ML.InfoTheory.entropy import InfoEntropy


def _information(mol: Chem.Mol) -> tuple[float, float]:
    """Ipc and its average, of the polynomial that both ask for."""
    polynomial = abs(Graphs.CharacteristicPolynomial(mol, np.equal(Chem.GetDistanceMatrix(mol, False), 1).astype(float)))
    average = InfoEntropy(polynomial)
    return sum(polynomial) * average, average


# Families that RDKit computes together; its names for their members ask for each on its own, which costs ten times the time.
# With `force=0` it looks at the E-state indices of a molecule once.
_BCUT = ("MWHI", "MWLOW", "CHGHI", "CHGLO", "LOGPHI", "LOGPLOW", "MRHI", "MRLOW")
_FAMILIES = (
    (tuple(f"BCUT2D_{end}" for end in _BCUT), descriptors.BCUT2D),
    (tuple(f"PEOE_VSA{i}" for i in range(1, 15)), descriptors.PEOE_VSA_),
    (tuple(f"SMR_VSA{i}" for i in range(1, 11)), descriptors.SMR_VSA_),
    (tuple(f"SlogP_VSA{i}" for i in range(1, 13)), descriptors.SlogP_VSA_),
    (tuple(f"EState_VSA{i}" for i in range(1, 12)), partial(EState_VSA.EState_VSA_, force=0)),
    (tuple(f"VSA_EState{i}" for i in range(1, 11)), partial(EState_VSA.VSA_EState_, force=0)),
)
_TOGETHER = {name for names, _ in _FAMILIES for name in names}
_OTHERS = {name: function for name, function in Descriptors.descList if name not in _TOGETHER | {"qed"}}

MOST_ATOMS = 300  # of a molecule to describe; the time that some descriptors take grows with their fourth power
NAMES = (*_OTHERS, *(name for names, _ in _FAMILIES for name in names))
_TWINS = ("Ipc", "AvgIpc")
_SINGLE = tuple(
    (NAMES.index(name), partial(function, force=0) if name.endswith("EStateIndex") else function)
    for name, function in _OTHERS.items()
    if name not in _TWINS
)
_SEVERAL = tuple(([NAMES.index(name) for name in names], function) for names, function in (*_FAMILIES, (_TWINS, _information)))


def rdkit_descriptors(mol: Chem.Mol) -> NDArray[np.float32]:
    """Descriptors of `mol`, in the order of `NAMES`, nan where RDKit has no value.

    All of RDKit's `Descriptors.descList` but QED, which adds nothing to its own parts.
    """
    fresh, values = Chem.Mol(mol), np.full(len(NAMES), np.nan)  # fresh: RDKit has remembered nothing of it
    for place, function in _SINGLE:
        values[place] = _value(function, fresh)
    for places, function in _SEVERAL:
        with suppress(ValueError, RuntimeError):
            values[places] = function(fresh)
    with np.errstate(over="ignore"):
        row = values.astype(np.float32)
    row[~np.isfinite(row)] = np.nan
    return row


def _value(function: object, mol: Chem.Mol) -> float:
    try:
        return float(function(mol))  # type: ignore[operator]
    except (ValueError, RuntimeError, ZeroDivisionError):
        return np.nan
