"""Measured values brought to one unit: nM and uM, ug/mL by the molecular weight, logarithms."""

from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit.Chem.Descriptors import MolWt

from molgen.chem.molecules import parse
from molgen.data.units import P_UNIT, Unit

Array = NDArray[np.float64]


def family(unit: Unit | None) -> str:
    """What units that convert to each other share."""
    return "" if unit is None else "concentration" if unit.concentration else unit.text


def common_unit(counts: Counter[Unit]) -> Unit:
    """The unit for concentrations in several: the commonest, molar where moles are mixed with masses or logarithms."""
    linear = Counter({unit: count for unit, count in counts.items() if not unit.logarithmic})
    molar = Counter({unit: count for unit, count in linear.items() if unit.kind == "molar"})
    if not linear:
        return Unit(P_UNIT, "p") if any(unit.kind == "p" for unit in counts) else next(iter(counts))
    if len(linear) < len(counts) and not molar:
        return Unit("M", "molar")
    return (molar or linear).most_common(1)[0][0]


def convert(values: Array, unit: Unit, target: Unit, smiles: pd.Series) -> Array:
    """Concentrations [n] of molecules in another unit; nan where a molecule is needed and can't be read, or a logarithm fails."""
    weights = molecular_weights(smiles) if (unit.kind == "mass") != (target.kind == "mass") else np.ones(len(values))
    match unit.kind:
        case "mass":
            amount = values * unit.factor / weights
        case "molar":
            amount = values * unit.factor * (weights if target.kind == "mass" else 1.0)
        case _:
            amount = 10.0 ** (-values if unit.kind == "p" else values) * (weights if target.kind == "mass" else 1.0)
    if not target.logarithmic:
        return amount / target.factor
    return np.log10(np.where(amount > 0, amount, np.nan)) * (-1 if target.kind == "p" else 1)


def turns(unit: Unit, target: Unit) -> bool:
    """Whether what is above in one unit is below in the other."""
    return (unit.kind == "p") != (target.kind == "p")


def molecular_weights(smiles: pd.Series) -> Array:
    """Molecular weights [n] in g/mol of what was given, salts and all, for that was weighed; nan where it can't be read."""
    mols = [parse(text)[0] for text in smiles]
    return np.array([np.nan if mol is None else MolWt(mol) for mol in mols])
