"""Predictors by name or file."""

import functools
from pathlib import Path

from molgen.learn.shipped import find, kind_in
from molgen.predictors.base import Predictor
from molgen.trust import nameable

SHIPPED = ("admet", "affinity", "pka")


@nameable
def load_predictor(name: str = "admet") -> Predictor:
    """A trained predictor: one that ships with molgen, or a .safetensors file that `save` wrote; kept for the next call.

    Parameters
    ----------
    name
        `admet` (22 endpoints), `affinity` (kinases), `pka`, or a path.

    Raises
    ------
    ConfigError
        Nothing of this name ships.
    CheckpointError
        The file is missing, damaged, or holds no predictor.
    """
    path = find(name, "predictor", SHIPPED)
    return _load(path, path.stat().st_mtime_ns if path.is_file() else 0)


@functools.lru_cache(maxsize=8)
def _load(path: Path, changed: int) -> Predictor:
    return kind_in(path, Predictor, "predictor").load(path)
