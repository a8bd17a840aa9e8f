"""Predictors by name or file."""

import functools
from pathlib import Path

from molgen.config import locate
from molgen.errors import CheckpointError, ConfigError, nearest
from molgen.learn.checkpoint import load_tensors
from molgen.predictors.base import Predictor

WEIGHTS = Path(__file__).parents[1] / "weights"


def load_predictor(name: str = "admet") -> Predictor:
    """A trained predictor: one that ships with molgen, or a .safetensors file that `save` wrote; kept for the next call.

    Parameters
    ----------
    name
        `admet` (22 endpoints), `affinity` (kinases), or a path.

    Raises
    ------
    ConfigError
        Nothing of this name ships.
    CheckpointError
        The file is missing, damaged, or holds no predictor.
    """
    path = Path(name)
    if path.suffix != ".safetensors":
        shipped = ["admet", "affinity"]
        if name not in shipped:
            raise ConfigError(
                f"no predictor '{name}'{nearest(name, shipped)}; known: {', '.join(shipped)}, or a .safetensors file"
            )
        path = WEIGHTS / f"{name}.safetensors"
    return _load(path, path.stat().st_mtime_ns if path.is_file() else 0)


@functools.lru_cache(maxsize=8)
def _load(path: Path, changed: int) -> Predictor:
    card = load_tensors(path)[1]
    try:
        kind = locate(card["class"])
    except (ConfigError, KeyError) as error:
        raise CheckpointError(f"{path}: its card names no class that is installed here ({error})") from error
    if not (isinstance(kind, type) and issubclass(kind, Predictor)):
        raise CheckpointError(f"{path}: its card names '{card['class']}', which is no predictor")
    return kind.load(path)
