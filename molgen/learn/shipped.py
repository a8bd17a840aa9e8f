"""Trained models by name or file."""

import inspect
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from molgen import own_code
from molgen.config import locate
from molgen.errors import CheckpointError, ConfigError, nearest
from molgen.learn.saved import Saved
from molgen.trust import VARIABLE, is_trusted

WEIGHTS = Path(__file__).parents[1] / "weights"
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")  # of a class, not of a file
OWN_CODE = f"{own_code.__name__}."  # under it any file of Python can be imported


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
    """The class that a model's card names: one of molgen's, or of a package that the user trusts.

    Its name is checked before anything is imported, the class before it is called.

    Raises
    ------
    CheckpointError
        The file is missing or damaged, or the class is none of `base`, abstract, or of another package.
    """
    name = Saved.read(path).value("class", str)
    if not NAME.fullmatch(name) or name.startswith(OWN_CODE) or not is_trusted(name):
        raise CheckpointError(
            f"{path}: its card names the class {name[:100]!r}, which is none of molgen's; nothing of it was imported. "
            f"If you trust the file and the package, set {VARIABLE} to the package's name"
        )
    try:
        kind = locate(name)
    except ConfigError as error:
        raise CheckpointError(f"{path}: its card names no class that is installed here ({error})") from error
    if not isinstance(kind, type) or not issubclass(kind, base) or f"{kind.__module__}.{kind.__qualname__}" != name:
        raise CheckpointError(f"{path}: its card names '{name}', which is no {what}")
    if inspect.isabstract(kind):
        raise CheckpointError(f"{path}: its card names '{name}', which is a contract of {what}s and none itself")
    return kind
