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
from rich.progress import track
from sklearn.model_selection import GroupKFold

from molgen.chem.molecules import Molecules, canonicalize, parse
from molgen.chem.scaffolds import murcko
from molgen.errors import ConfigError, DataError, nearest

SPLITTERS = {
    "scaffold": "ScaffoldSplitter",
    "random": "RandomSplitter",
    "butina": "ButinaSplitter",
    "fingerprint": "FingerprintSplitter",
}
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


def split(molecules: Molecules, kind: str, test: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to train on and rows to test on, by one of DeepChem's splitters.

    Parameters
    ----------
    kind
        `scaffold` (Murcko scaffolds, the rare ones to the test set), `random`, `butina` (clusters) or `fingerprint`
        (the test set as unlike the training set as can be).
    test
        The share of molecules to test on.
    """
    if kind not in SPLITTERS:
        raise ConfigError(f"split={kind}: no such split{nearest(kind, SPLITTERS)}; known: {', '.join(SPLITTERS)}")
    if not 0 < test < 1:
        raise ConfigError(f"test={test}: must be between 0 and 1")
    with quiet_deepchem() as deepchem:
        splitter = getattr(deepchem.splits, SPLITTERS[kind])()
        dataset = deepchem.data.NumpyDataset(np.zeros((len(molecules), 1)), ids=np.array(molecules.smiles, dtype=object))
        train, _, held_out = splitter.split(dataset, frac_train=1 - test, frac_valid=0.0, frac_test=test, seed=seed)
    return np.array(train, dtype=int), np.array(held_out, dtype=int)


def scaffold_folds(molecules: Molecules, folds: int, seed: int) -> list[tuple[Rows, Rows]]:
    """Cross-validation folds (train, test) that keep every Murcko scaffold together, drawn at random.

    An acyclic molecule is a scaffold of its own.
    """
    groups, names = pd.factorize(np.array([murcko(mol) or f"acyclic {i}" for i, mol in enumerate(molecules.mols)]))
    if len(names) < folds:
        raise DataError(f"{len(names)} scaffolds can't be spread over {folds} folds")
    return list(GroupKFold(folds, shuffle=True, random_state=seed).split(groups, groups=groups))


@contextlib.contextmanager
def quiet_deepchem() -> Iterator[Any]:
    """DeepChem, imported now (it takes seconds) and without its warnings about what else could be installed."""
    logging.getLogger("deepchem").setLevel(logging.ERROR)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import deepchem

        yield deepchem
