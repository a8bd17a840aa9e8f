"""Trained models by name or file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from molgen.config import locate
from molgen.errors import CheckpointError, ConfigError, nearest
from molgen.learn.checkpoint import load_tensors

WEIGHTS = Path(__file__).parents[1] / "weights"


def find(name: str, what: str, shipped: Iterable[str], aliases: Mapping[str, str] = {}) -> Path:
    """The file of a model that ships, or the path of a .safetensors file as it is.

    Raises
    ------
    ConfigError
        Nothing of this name ships.
    """
    if Path(name).suffix == ".safetensors":
        return Path(name)
    known = sorted({*aliases, *shipped})
    if name not in known:
        raise ConfigError(f"no {what} '{name}'{nearest(name, known)}; known: {', '.join(known)}, or a .safetensors file")
    return WEIGHTS / f"{aliases.get(name, name)}.safetensors"


def kind_in(path: Path, base: type, what: str) -> Any:
    """The class that a model's card names.

    Raises
    ------
    CheckpointError
        The file is missing or damaged, or the class is none of `base`.
    """
    card = load_tensors(path)[1]
    try:
        kind = locate(card["class"])
    except (ConfigError, KeyError) as error:
        raise CheckpointError(f"{path}: its card names no class that is installed here ({error})") from error
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise CheckpointError(f"{path}: its card names '{card['class']}', which is no {what}")
    return kind
