"""RDKit's physicochemical descriptors of a molecule, all at once."""

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Descriptors
from rdkit.Chem import rdMolDescriptors as descriptors
from rdkit.Chem.EState import EState_VSA

# Families that RDKit computes together; its names for their members ask for each on its own, which costs ten times the time.
_BCUT = ("MWHI", "MWLOW", "CHGHI", "CHGLO", "LOGPHI", "LOGPLOW", "MRHI", "MRLOW")
_FAMILIES = (
    (tuple(f"BCUT2D_{end}" for end in _BCUT), descriptors.BCUT2D),
    (tuple(f"PEOE_VSA{i}" for i in range(1, 15)), descriptors.PEOE_VSA_),
    (tuple(f"SMR_VSA{i}" for i in range(1, 11)), descriptors.SMR_VSA_),
    (tuple(f"SlogP_VSA{i}" for i in range(1, 13)), descriptors.SlogP_VSA_),
    (tuple(f"EState_VSA{i}" for i in range(1, 12)), EState_VSA.EState_VSA_),
    (tuple(f"VSA_EState{i}" for i in range(1, 11)), EState_VSA.VSA_EState_),
)
_TOGETHER = {name for names, _ in _FAMILIES for name in names}
_SINGLE = tuple((name, function) for name, function in Descriptors.descList if name not in _TOGETHER | {"qed"})

MOST_ATOMS = 300  # of a molecule to describe; the time that some descriptors take grows with their fourth power
NAMES = tuple(name for name, _ in _SINGLE) + tuple(name for names, _ in _FAMILIES for name in names)


def rdkit_descriptors(mol: Chem.Mol) -> NDArray[np.float32]:
    """Descriptors of `mol`, in the order of `NAMES`, nan where RDKit has no value.

    All of RDKit's `Descriptors.descList` but QED, which adds nothing to its own parts.
    """
    values: list[float] = []
    for _, function in _SINGLE:
        values.append(_value(function, mol))
    for names, function in _FAMILIES:
        try:
            values.extend(function(mol))
        except (ValueError, RuntimeError):
            values.extend([np.nan] * len(names))
    with np.errstate(over="ignore"):
        row = np.array(values, dtype=np.float32)
    row[~np.isfinite(row)] = np.nan
    return row


def _value(function: object, mol: Chem.Mol) -> float:
    try:
        return float(function(mol))  # type: ignore[operator]
    except (ValueError, RuntimeError, ZeroDivisionError):
        return np.nan
