"""Training and validation sets."""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.ML.Cluster import Butina
from rich.progress import track
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from molgen.chem.molecules import Molecules, canonicalize, parse
from molgen.chem.scaffolds import murcko
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.data.chronology import ORDERED, TOLERANCE, Timeline, past_and_future
from molgen.data.dataset import Dataset
from molgen.errors import ConfigError, DataError, nearest

SPLITS = ("scaffold", "random", "butina", "fingerprint", *ORDERED)
CUTOFF = 0.4  # Tanimoto distance (ECFP4) to the centre of a Butina cluster
Rows = NDArray[np.int64]
CHUNK = 5000


def train_valid(smiles: Sequence[str], held_out: int, seed: int) -> tuple[list[str], list[str]]:
    """Distinct canonical SMILES in random order, `held_out` of them (a tenth at most) set aside.

    Raises
    ------
    DataError
        There are fewer than ten valid molecules.
    """
    reading = track(smiles, "reading molecules", disable=len(smiles) < 10_000)
    canonical = list(dict.fromkeys(text for text in canonicalize(reading) if text is not None))
    if len(canonical) < 10:
        raise DataError(f"{len(canonical)} valid, distinct molecules of {len(smiles)}: ten are the least to train on")
    order = np.random.default_rng(seed).permutation(len(canonical))
    n = min(held_out, len(canonical) // 10)
    return [canonical[i] for i in order[n:]], [canonical[i] for i in order[:n]]


def held_out_parts(smiles: Sequence[str], share: float = 0.1, seed: int = 0) -> tuple[list[str], list[str], list[str]]:
    """Distinct canonical SMILES in random order: to learn from, a random `share`, and a `share` with scaffolds of its own.

    What a generator is measured against: MOSES' test set and its scaffold test set (Polykovskiy et al., Front. Pharmacol. 11,
    565644, 2020). Molecules without rings are one scaffold.
    """
    chunks = [smiles[i : i + CHUNK] for i in range(0, len(smiles), CHUNK)]
    done = joblib.Parallel(n_jobs=-1)(joblib.delayed(_with_scaffolds)(chunk) for chunk in chunks)
    scaffold_of = {text: scaffold for chunk in done for text, scaffold in chunk}
    rng = np.random.default_rng(seed)
    texts = np.array(sorted(scaffold_of), dtype=object)
    texts = texts[rng.permutation(len(texts))]
    number, names = pd.factorize(np.array([scaffold_of[text] for text in texts], dtype=object))
    order = rng.permutation(len(names))
    chosen = order[np.bincount(number, minlength=len(names))[order].cumsum() <= share * len(texts)]
    own = np.isin(number, chosen)
    rest, held_out = texts[~own], int(share * len(texts))
    return rest[held_out:].tolist(), rest[:held_out].tolist(), texts[own].tolist()


def _with_scaffolds(smiles: Sequence[str]) -> list[tuple[str, str]]:
    mols = [mol for mol, _ in map(parse, smiles) if mol is not None]
    return [(Chem.MolToSmiles(mol), murcko(mol) or "") for mol in mols]


def split_dataset(dataset: Dataset, kind: str, test: float, seed: int, timeline: Timeline | None = None) -> tuple[Rows, Rows]:
    """As `split`, or by the `timeline` that the data set was read with: see `past_and_future`."""
    if timeline is None:
        return split(dataset.molecules, kind, test, seed)
    _check_share(test)
    return past_and_future(dataset.when, test, timeline)


def split(molecules: Molecules, kind: str, test: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to train on and rows to test on.

    Parameters
    ----------
    kind
        `scaffold` (Murcko scaffolds) and `butina` (clusters) keep groups together, of which the largest train and the
        smallest test; `random`; `fingerprint` (DeepChem's: the test set as unlike the training set as can be).
    test
        The share of molecules to test on.

    Raises
    ------
    ConfigError
        No such split, or a share that isn't between 0 and 1.
    DataError
        Groups are so large that the test set would have less than half or more than twice the share.
    """
    check_split(kind)
    if kind in ORDERED:
        raise ConfigError(f"split={kind}: is by a column of a table, which molecules alone don't have")
    _check_share(test)
    if kind in GROUPINGS:
        groups = GROUPINGS[kind](molecules)
        train, held_out = _by_size(groups, test, seed)
        if not _near(held_out, test, len(molecules)):
            largest = np.bincount(groups).max()
            others = {other: _by_size(group(molecules), test, seed)[1] for other, group in GROUPINGS.items() if other != kind}
            instead = [other for other, rows in others.items() if _near(rows, test, len(groups))]
            raise DataError(
                f"split={kind}: {groups.max() + 1} groups, the largest of {largest} molecules, leave {len(train)} to "
                f"train on and {len(held_out)} to test on where test={test:g} asks for {test * len(molecules):.0f}; "
                f"choose split={' or split='.join([*instead, 'random'])}"
            )
        return train, held_out
    if kind == "random":
        order = np.random.default_rng(seed).permutation(len(molecules))
        n = min(max(round(test * len(molecules)), 1), len(molecules) - 1)
        return np.sort(order[n:]), np.sort(order[:n])
    with quiet_deepchem() as deepchem:
        dataset = deepchem.data.NumpyDataset(np.zeros((len(molecules), 1)), ids=np.array(molecules.smiles, dtype=object))
        splitter = deepchem.splits.FingerprintSplitter()
        first, _, second = splitter.split(dataset, frac_train=1 - test, frac_valid=0.0, frac_test=test, seed=seed)
    return np.array(first, dtype=int), np.array(second, dtype=int)


def check_split(kind: str) -> None:
    """Raise ConfigError if there is no such split."""
    if kind not in SPLITS:
        raise ConfigError(f"split={kind}: no such split{nearest(kind, SPLITS)}; known: {', '.join(SPLITS)}")


def _check_share(test: float) -> None:
    if not 0 < test < 1:
        raise ConfigError(f"test={test}: must be between 0 and 1")


def _by_size(groups: Rows, test: float, seed: int) -> tuple[Rows, Rows]:
    """Rows of the largest groups, as many as fit into the training part but one at least, and of the others."""
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(sizes))  # decides between groups of one size
    room, train = (1 - test) * len(groups), set[int]()
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        if not train or sizes[group] <= room:
            train.add(int(group))
            room -= sizes[group]
    inside = np.isin(groups, list(train))
    return np.flatnonzero(inside), np.flatnonzero(~inside)


def _near(held_out: Rows, test: float, molecules: int) -> bool:
    """Whether a test set has about the size that was asked for."""
    return len(held_out) > 0 and 1 / TOLERANCE <= len(held_out) / (test * molecules) <= TOLERANCE


def scaffolds(molecules: Molecules) -> Rows:
    """The number of each molecule's Murcko scaffold [n]; an acyclic molecule and its stereoisomers have one of their own."""
    names = [murcko(mol) or f"acyclic {Chem.MolToSmiles(mol, isomericSmiles=False)}" for mol in molecules.mols]
    return np.asarray(pd.factorize(np.array(names, dtype=object))[0], dtype=np.int64)


def clusters(molecules: Molecules, distance: float = CUTOFF) -> Rows:
    """The number of each molecule's cluster [n] (Butina, J. Chem. Inf. Comput. Sci. 39, 747, 1999), on ECFP4.

    Parameters
    ----------
    distance
        Of a molecule to the centre of its cluster at most, 1 less the Tanimoto similarity.
    """
    bits = bit_matrix(molecules.mols)
    found = Butina.ClusterData(1 - tanimoto_matrix(bits, bits), len(bits), distance, isDistData=True, reordering=True)
    number = np.empty(len(bits), np.int64)
    for i, members in enumerate(found):
        number[list(members)] = i
    return number


GROUPINGS = {"scaffold": scaffolds, "butina": clusters}


def scaffold_folds(
    molecules: Molecules, folds: int, seed: int, labels: NDArray[np.float64] | None = None
) -> list[tuple[Rows, Rows]]:
    """See `grouped_folds`, of which these are the folds."""
    return grouped_folds(molecules, folds, seed, labels)[1]


def grouped_folds(
    molecules: Molecules, folds: int, seed: int, labels: NDArray[np.float64] | None = None
) -> tuple[str, list[tuple[Rows, Rows]]]:
    """Cross-validation folds (train, test), and what they keep together.

    Murcko scaffolds (`scaffold`), drawn at random, where no fold then tests on more molecules than it trains on; else Butina
    clusters (`butina`) in folds as even as can be; where that can't be done either, nothing (`random`).

    Parameters
    ----------
    labels
        Of one endpoint, [n]: each fold then trains on several values, for which classes are spread evenly where need be.

    Raises
    ------
    DataError
        There are fewer molecules than folds.
    """
    if len(molecules) < folds:
        raise DataError(f"{len(molecules)} molecules can't be spread over {folds} folds")
    for kind, group in GROUPINGS.items():
        groups = group(molecules)
        if len(np.unique(groups)) >= folds:
            drawn = GroupKFold(folds, shuffle=True, random_state=seed) if kind == "scaffold" else GroupKFold(folds)
            parts = list(drawn.split(groups, groups=groups))
            if all(len(train) >= len(test) and _vary(labels, train) for train, test in parts):
                return kind, parts
    rows = np.arange(len(molecules))
    if labels is None or len(np.unique(labels)) > 2:
        return "random", list(KFold(folds, shuffle=True, random_state=seed).split(rows))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")
        return "random", list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(rows, labels))


def _vary(labels: NDArray[np.float64] | None, rows: Rows) -> bool:
    return labels is None or len(np.unique(labels[rows])) > 1


@contextlib.contextmanager
def quiet_deepchem() -> Iterator[Any]:
    """DeepChem, imported now (it takes seconds) and without its warnings about what else could be installed."""
    logging.getLogger("deepchem").setLevel(logging.ERROR)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import deepchem

        yield deepchem
