"""A small, standard set of physico-chemical descriptors: size, lipophilicity, polarity, flexibility, rings, charges."""

import contextlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Descriptors

# RDKit's names, as `molgen.chem.descriptors.NAMES` has them, and what they are called for reading.
PHYSICOCHEMICAL = {
    "MolWt": "molecular weight",
    "MolLogP": "logP",
    "TPSA": "TPSA",
    "NumHAcceptors": "hydrogen-bond acceptors",
    "NumHDonors": "hydrogen-bond donors",
    "NumRotatableBonds": "rotatable bonds",
    "RingCount": "rings",
    "NumAromaticRings": "aromatic rings",
    "FractionCSP3": "sp3 share of carbons",
    "MaxPartialCharge": "highest partial charge",
    "MinPartialCharge": "lowest partial charge",
}
_FUNCTIONS = [dict(Descriptors.descList)[name] for name in PHYSICOCHEMICAL]


def physicochemical(mols: Sequence[Chem.Mol | None]) -> NDArray[np.float64]:
    """The descriptors of `PHYSICOCHEMICAL` of molecules, [n, 11].

    Molecular weight in g/mol, TPSA in square angstroms, charges (Gasteiger and Marsili, Tetrahedron 36, 3219, 1980) in
    elementary charges. nan for None and where RDKit has no value, such as charges of metals.
    """
    found = np.full((len(mols), len(_FUNCTIONS)), np.nan)
    for i, mol in enumerate(mols):
        if mol is not None:
            for j, function in enumerate(_FUNCTIONS):
                with contextlib.suppress(ValueError, RuntimeError, ZeroDivisionError):
                    found[i, j] = function(mol)
    found[~np.isfinite(found)] = np.nan
    return found
