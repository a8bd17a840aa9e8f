"""Activity cliffs: similar molecules of very different value (Stumpfe and Bajorath, J. Med. Chem. 55, 2932, 2012)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from molgen.chem.difference import difference
from molgen.chem.similarity import BLOCK, bit_matrix, tanimoto_matrix
from molgen.data.dataset import Endpoint
from molgen.data.units import parse_unit

SIMILAR = 0.55  # Tanimoto, ECFP4, as Bajorath's group sets it for cliffs
DECADES = 2.0  # a hundredfold, of logarithms of concentrations
SPREADS = 2.0  # standard deviations of all values, of other numbers
NAMED = 6
ALIKE = 0.02  # dissimilarity that pairs with one fingerprint are ranked by


@dataclass(frozen=True)
class Cliff:
    """A pair; `first` has the lower value, and `change` leads from it to `second`."""

    first: str
    second: str
    measured: tuple[float, float]
    similarity: float
    change: str


@dataclass(frozen=True)
class Cliffs:
    """What makes a cliff, in words, how many there are, in how many molecules, and the steepest."""

    rule: str
    number: int
    molecules: int
    pairs: list[Cliff]


def activity_cliffs(rows: pd.DataFrame, endpoint: Endpoint) -> Cliffs:
    """The cliffs among the measured values of an endpoint, the steepest first: by difference over dissimilarity (SALI).

    Guha and Van Drie, J. Chem. Inf. Model. 48, 646, 2008. Of classes, the most similar pairs of which one is 1, the other 0.
    """
    exact = rows[rows["relation"] == ""].drop_duplicates("smiles")
    smiles, values = exact["smiles"].tolist(), exact["value"].to_numpy(float)
    least, rule = _least(values, endpoint)
    mols = [Chem.MolFromSmiles(text) for text in smiles]
    bits = bit_matrix(mols)
    found: list[tuple[float, int, int, float]] = []
    number, part_of = 0, np.zeros(len(smiles), bool)
    for start in range(0, len(smiles), BLOCK):
        for other in range(start, len(smiles), BLOCK):
            similarity = tanimoto_matrix(bits[start : start + BLOCK], bits[other : other + BLOCK])
            gap = np.abs(values[start : start + BLOCK, None] - values[None, other : other + BLOCK])
            i, j = np.nonzero((similarity >= SIMILAR) & (gap >= least) & (gap > 0))
            upper = i + start < j + other
            i, j = i[upper], j[upper]
            number += len(i)
            part_of[i + start], part_of[j + other] = True, True
            steep = gap[i, j] / np.maximum(1 - similarity[i, j], ALIKE)
            best = np.argsort(-steep, kind="stable")[:NAMED]
            found += [(float(steep[k]), int(i[k] + start), int(j[k] + other), float(similarity[i[k], j[k]])) for k in best]
    found.sort(key=lambda each: (-each[0], each[1], each[2]))
    pairs = []
    for _, *both, likeness in found[:NAMED]:
        a, b = sorted(both, key=lambda row: float(values[row]))
        change = difference(mols[a], mols[b]).text
        pairs.append(Cliff(smiles[a], smiles[b], (float(values[a]), float(values[b])), likeness, change))
    return Cliffs(rule, number, int(part_of.sum()), pairs)


def _least(values: np.ndarray, endpoint: Endpoint) -> tuple[float, str]:
    """The least difference of a cliff, and the rule in words."""
    alike = f"a similarity of {SIMILAR} or more (Tanimoto, ECFP4)"
    if endpoint.task == "classification":
        return 0.5, f"{alike} and different classes"
    unit = parse_unit(endpoint.unit)
    if unit is not None and unit.logarithmic:
        return DECADES, f"{alike} and values a hundredfold apart ({DECADES:g} units of the logarithm)"
    least = SPREADS * float(np.std(values)) if len(values) else np.inf
    return least, f"{alike} and values {least:.3g} {endpoint.unit}".rstrip() + f" apart, {SPREADS:g} standard deviations of all"
