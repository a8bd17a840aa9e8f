"""Where predictions lie among those for approved drugs, which are worked out once for each predictor and kept in the cache."""

import functools
import hashlib
import io
from pathlib import Path

import numpy as np
import pooch
import rdkit
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.catalog import PublicSet
from molgen.files import write_atomically
from molgen.predictors.base import Predictor
from molgen.progress import progress

Array = NDArray[np.float64]

FEWEST = 100  # drugs that must have a value
TOGETHER = 500  # drugs predicted at a time


def percentiles(values: Array, drugs: Array) -> Array:
    """The share of `drugs` [m] below each of `values` [n], in %, ties counting half; nan for nan, and with under 100 drugs."""
    known = np.sort(drugs[np.isfinite(drugs)])
    if len(known) < FEWEST:
        return np.full(len(values), np.nan)
    places = (np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")) / 2
    return np.where(np.isnan(values), np.nan, 100 * places / len(known))


def of_approved_drugs(predictor: Predictor, path: Path, drugs: PublicSet, version: str, target: str | None = None) -> Array:
    """What a predictor says of approved drugs, [m, t].

    Parameters
    ----------
    path
        The file of the predictor, by whose content the values are known again.
    drugs
        The set; fetched where it isn't here.
    version
        Of molgen: another one may predict otherwise.
    target
        As for `Predictor.predict`.

    Raises
    ------
    DataError
        The set can't be fetched.
    """
    asked = Path(target).read_text() if target and target.endswith((".fasta", ".fa")) and Path(target).is_file() else target
    key = "\n".join([version, rdkit.__version__, hashlib.sha256(path.read_bytes()).hexdigest(), drugs.sha256, str(asked)])
    kept = Path(pooch.os_cache("molgen")) / "drugs" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npy"
    if (found := _kept(kept, len(predictor.endpoints))) is not None:
        return found
    molecules = _molecules(drugs)
    parts = []
    with progress("predicting approved drugs", total=len(molecules)) as advance:
        for start in range(0, len(molecules), TOGETHER):
            rows = range(start, min(start + TOGETHER, len(molecules)))
            parts.append(predictor.predict(molecules.take(rows), target).mean)
            advance(len(rows))
    values = np.concatenate(parts)
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    write_atomically(kept, content.getvalue(), sync=False)
    return values


@functools.lru_cache(maxsize=1)
def _molecules(drugs: PublicSet) -> Molecules:
    """The distinct molecules of a set, whose features several predictors share."""
    return Molecules(list(dict.fromkeys(drugs.smiles())), STANDARD)


def _kept(path: Path, endpoints: int) -> Array | None:
    """What was kept before; None where nothing was, or it is damaged."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError):
        return None
    return found if found.ndim == 2 and found.shape[1] == endpoints and found.dtype == float else None
