"""Predictors by name or file."""

import functools
from pathlib import Path

from molgen.errors import ConfigError
from molgen.learn.shipped import find, kind_in
from molgen.predictors.base import Predictor
from molgen.trust import nameable

FILE = "predictor.safetensors"
PROPERTIES = ("admet", "activity", "toxicity")  # of a molecule alone
SHIPPED = (*PROPERTIES, "affinity", "pka")


@nameable
def load_predictor(name: str = "admet") -> Predictor:
    """A trained predictor: one that ships with molgen, or a .safetensors file that `save` wrote; kept for the next call.

    Parameters
    ----------
    name
        `admet` (22 endpoints), `activity` (9 targets), `toxicity` (12 Tox21 assays), `affinity` (kinases), `pka`, or a path: of
        the file, or of the folder that it was trained in.

    Raises
    ------
    ConfigError
        Nothing of this name ships.
    CheckpointError
        The file is missing, damaged, or holds no predictor.
    """
    path = file_of(name)
    return _load(path, path.stat().st_mtime_ns if path.is_file() else 0)


def file_of(name: str) -> Path:
    """The file of a predictor: one that ships, a .safetensors file, or the one in a folder of `molgen train`.

    Raises
    ------
    ConfigError
        There is no such predictor.
    """
    if name not in SHIPPED and (folder := Path(name).expanduser()).is_dir():
        if not (folder / FILE).exists():
            raise ConfigError(f"{name}: no {FILE} in this folder; name one that molgen train predictor=... wrote")
        return folder / FILE
    return find(name, "predictor", SHIPPED)


@functools.lru_cache(maxsize=8)
def _load(path: Path, changed: int) -> Predictor:
    return kind_in(path, Predictor, "predictor").load(path)
