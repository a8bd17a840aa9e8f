"""How right pKa values and charges are for compounds that a model hasn't seen."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem
from sklearn.model_selection import GroupKFold

from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.predictors.pka.measured import Measured, Value, by_compound
from molgen.predictors.pka.predictor import PH, Pka
from molgen.predictors.pka.sites import Kind

Array = NDArray[np.float64]

TEXTBOOK = (
    "well-known values as the CRC Handbook, Perrin, Serjeant and Dempsey, Albert, and drugs' labels give them; written down from "
    "general knowledge and not checked line by line against an edition, so that errors of 0.1 to 0.2 are to be expected"
)
FOLDS = 5
ALIKE = 0.4
MARGIN = 0.7


class HeldOutPka(NamedTuple):
    """A measured value and what a model that hasn't seen its compound says.

    Attributes
    ----------
    compound
        Which of the compounds.
    measured, predicted, std
        pKa, predicted nan where the compound has no group for the value.
    right
        Whether the group has its proton at pH 7.4 as the measured value implies; None where that is within 0.7 of 7.4.
    alone
        Whether it is the only value of its compound.
    """

    compound: int
    measured: float
    predicted: float
    std: float
    right: bool | None
    alone: bool


def literature(table: pd.DataFrame) -> list[Measured]:
    """The compounds of a table with the columns `smiles` and `pKa`, which doesn't say which groups the values belong to."""
    mols = Molecules(table["smiles"].tolist()).mols
    return by_compound((mol, Value(float(pka), None)) for mol, pka in zip(mols, table["pKa"], strict=True))


def textbook() -> list[Measured]:
    """The compounds of `reference.csv`, see `TEXTBOOK`."""
    with Path(__file__).with_name("reference.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    kinds: dict[str, Kind] = {"acid": "acid", "base": "base"}
    return by_compound((Chem.MolFromSmiles(row["smiles"]), Value(float(row["pka"]), kinds[row["kind"]])) for row in rows)


def series_folds(measured: Sequence[Measured], seed: int = 0) -> list[NDArray[np.int64]]:
    """Rows held out in each of five folds; compounds that are alike (Tanimoto 0.4 and more) to a common one stay together."""
    similar = tanimoto_matrix(*(2 * [bit_matrix([item.compound.mol for item in measured])])) >= ALIKE
    group = np.full(len(measured), -1)
    for i in np.argsort(-similar.sum(1), kind="stable"):
        if group[i] < 0:
            group[similar[i] & (group < 0)] = i
    split = GroupKFold(FOLDS, shuffle=True, random_state=seed).split(group, groups=group)
    return [test for _, test in split]


def random_folds(measured: Sequence[Measured], seed: int = 0) -> list[NDArray[np.int64]]:
    """Rows held out in each of five folds, at random."""
    return np.array_split(np.random.default_rng(seed).permutation(len(measured)), FOLDS)


def held_out(
    measured: Sequence[Measured], more: Sequence[Measured], folds: Sequence[NDArray[np.int64]], new: Callable[[], Pka] = Pka
) -> list[HeldOutPka]:
    """Predict each fold by a model that learnt from the others and from those of `more` that aren't in the fold."""
    names = [Chem.MolToSmiles(item.compound.mol) for item in measured]
    found: list[HeldOutPka] = []
    for test in folds:
        hidden = {names[i] for i in test}
        model = new()
        rest = [item for i, item in enumerate(measured) if i not in set(test.tolist())]
        model.learn(rest + [item for item in more if Chem.MolToSmiles(item.compound.mol) not in hidden])
        for i in test:
            found += predict_held_out(int(i), measured[i], model)
    return found


def predict_held_out(number: int, item: Measured, model: Pka) -> list[HeldOutPka]:
    """What a model says to each value of a compound."""
    own = item.compound
    titration = own.titration(model.intrinsic(own))
    std = model.residual.deviation(own.environment.features) if len(own.base) else np.empty(0)
    state = titration.at(PH)
    found = []
    for value, step, group in zip(item.values, item.steps, item.groups, strict=True):
        decided = abs(value.pka - PH) > MARGIN
        if step is None or group is None:
            found.append(HeldOutPka(number, value.pka, np.nan, np.nan, False if decided else None, len(item.values) == 1))
            continue
        right = bool((state[group] == 1) == (value.pka > PH)) if decided else None
        predicted = titration.steps[step][1]
        found.append(HeldOutPka(number, value.pka, predicted, float(std[group]), right, len(item.values) == 1))
    return found


def figures(found: Sequence[HeldOutPka]) -> dict[str, Any]:
    """Errors, and the share of right charges among values more than 0.7 from 7.4."""
    errors = np.array([abs(item.predicted - item.measured) for item in found])
    decided = [item for item in found if item.right is not None]
    alone = [bool(item.right) for item in decided if item.alone]
    return {
        "values": len(found),
        "without a group": int(np.isnan(errors).sum()),
        "mean absolute error": float(np.nanmean(errors)),
        "median absolute error": float(np.nanmedian(errors)),
        "root mean squared error": float(np.sqrt(np.nanmean(errors**2))),
        "charge right, values": float(np.mean([bool(item.right) for item in decided])),
        "values more than 0.7 from 7.4": len(decided),
        "charge right, molecules with one value": float(np.mean(alone)),
        "molecules with one value more than 0.7 from 7.4": len(alone),
    }


def calibration(found: Sequence[HeldOutPka], confidence: float = 0.9) -> float:
    """The factor of the standard deviations with which 90 % of held-out values are in their 90 % interval."""
    known = [item for item in found if not np.isnan(item.predicted)]
    ratio = [abs(item.predicted - item.measured) / item.std for item in known]
    return float(np.quantile(ratio, confidence) / 1.6449)
