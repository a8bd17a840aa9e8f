"""What predictors say of molecules that they haven't learnt from, beside the simplest guesses: what their cards are made of."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, nearest_neighbours
from molgen.data.dataset import Dataset
from molgen.files import write_atomically
from molgen.predictors.base import Prediction

FILE = "evaluation.csv"
HELD_OUT, CURVE, TRAINING = "held-out", "learning curve", "training"  # parts, besides fold 1, fold 2, ...
TEXTS = ("smiles", "endpoint", "part", "relation", "nearest", "outside")
NUMBERS = ("value", "mean", "std", "low", "high", "similarity", "guess_nearest", "guess_mean", "trained_on")
SIGNS = {0: "", 1: ">", -1: "<"}


def held_out_table(found: Prediction, known: Dataset, test: Dataset, part: str) -> pd.DataFrame:
    """What a predictor that learnt from `known` says of `test`: a row for each molecule and endpoint with a value or a bound.

    Returns
    -------
    Columns `smiles`, `endpoint`, `part`; `relation` (`>` or `<` of a bound, else empty) and `value`; `mean`, `std`, `low` and
    `high` as in `Prediction`; `in_domain`, and `outside`, why it isn't; `similarity` to the most similar measured molecule that
    was learnt from (Tanimoto, ECFP4), `nearest`, its SMILES, and `guess_nearest`, its value; `guess_mean`, the mean of all values
    learnt from, of which there are `trained_on`.
    """
    values, _ = test.values_and_relations()
    asked = _bits(test.molecules)
    tables = []
    for j in range(len(test.endpoints)):
        rows, learnt = np.flatnonzero(~np.isnan(values[:, j])), np.flatnonzero(~np.isnan(known.labels[:, j]))
        if not len(rows) or not len(learnt):
            continue
        similarity, index = nearest_neighbours(asked[rows], _bits(known.molecules)[learnt])
        columns = {name: getattr(found, name)[rows, j] for name in ("mean", "std", "low", "high")}
        columns |= {"in_domain": found.in_endpoint_domain[rows, j], "outside": found.outside[rows, j]}
        columns["similarity"] = similarity.astype(float)
        columns |= {"nearest": [known.molecules.smiles[i] for i in learnt[index]], "trained_on": len(learnt)}
        labels = known.labels[learnt, j]
        columns |= {"guess_mean": labels.mean(), "guess_nearest": labels[index]}
        tables.append(_labelled(test, j, rows, part).assign(**columns))
    return pd.concat(tables, ignore_index=True) if tables else untested(test.take([]))


def untested(known: Dataset) -> pd.DataFrame:
    """The values and bounds of molecules that were only learnt from, in the first columns of `held_out_table`."""
    values, _ = known.values_and_relations()
    rows = [np.flatnonzero(~np.isnan(values[:, j])) for j in range(len(known.endpoints))]
    return pd.concat([_labelled(known, j, rows[j], TRAINING) for j in range(len(rows))], ignore_index=True)


def _labelled(dataset: Dataset, j: int, rows: NDArray[np.int64], part: str) -> pd.DataFrame:
    values, relations = dataset.values_and_relations()
    return pd.DataFrame(
        {
            "smiles": [dataset.molecules.smiles[i] for i in rows],
            "endpoint": dataset.endpoints[j].name,
            "part": part,
            "relation": [SIGNS[int(sign)] for sign in relations[rows, j]],
            "value": values[rows, j],
        }
    )


def _bits(molecules: Molecules) -> NDArray[np.uint8]:
    return molecules.array("ECFP4 as bits", lambda whole: bit_matrix(whole.mols))


def write_held_out(folder: Path, tables: Sequence[pd.DataFrame]) -> str:
    """Write `evaluation.csv`; returns its checksum (SHA-256), by which a card knows it again."""
    table = pd.concat([table for table in tables if len(table)], ignore_index=True)
    content = table.to_csv(index=False, float_format="%.7g", lineterminator="\n").encode()
    write_atomically(folder / FILE, content)
    return hashlib.sha256(content).hexdigest()


def tested(rows: pd.DataFrame) -> pd.DataFrame:
    """The measured values of rows of `held_out_table` that were predicted by what hadn't learnt from them; each molecule once."""
    return rows[(rows["relation"] == "") & ~rows["part"].isin((TRAINING, CURVE)) & np.isfinite(rows["mean"])]


def cross_validated(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `tested` rows those of the folds."""
    return rows[rows["part"].str.startswith("fold ")]


def kept_apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `tested` rows those of the last, held-out part."""
    return rows[rows["part"] == HELD_OUT]
