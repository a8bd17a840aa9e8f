"""Training and validation sets."""

from collections.abc import Sequence

import numpy as np
from rich.progress import track

from molgen.chem.molecules import canonicalize
from molgen.errors import DataError


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
