"""Trained models by name or file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from molgen.classes import named_class
from molgen.errors import CheckpointError, ConfigError, nearest
from molgen.learn.saved import Saved
from molgen.renamed import class_name

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
    """The class that a model's card names: one of molgen's, or of a package or file that the user trusts.

    Its name is checked before anything is imported, the class before it is called.

    Raises
    ------
    CheckpointError
        The file is missing or damaged, or the class is none of `base`, abstract, or of another package.
    """
    name = Saved.read(path).value("class", str)
    try:
        kind = named_class(class_name(name), base)
    except ConfigError as error:
        raise CheckpointError(f"{path}: its card names the class {name[:100]!r}: {error}") from error
    if not isinstance(kind, type):
        raise CheckpointError(f"{path}: its card names '{name}', which is no {what}")
    return kind
