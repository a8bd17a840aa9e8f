"""What of DeepChem may be built because a setting or a model's card names it."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

from molgen.config import locate
from molgen.errors import ConfigError
from molgen.trust import trusted_names

DOTTED = re.compile(r"deepchem(\.[A-Za-z]\w*)+")
WORD = re.compile(r"[\w ()\-]*|.")  # no path, no address, no class; or one character, as of an alphabet
ACTIVATIONS = (
    "celu",
    "elu",
    "gelu",
    "leaky_relu",
    "linear",
    "mish",
    "prelu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "tanh",
)
# What writes, fetches or reports besides computing.
REACHING = re.compile(r"dir|path|file|url|wandb|tensorboard|logger|tokenizer|pretrain|device", re.IGNORECASE)
ASKS_A_SERVER = ("PubChemFingerprint",)
OURS = ("model_dir", "device")  # parameters that DeepChem's models have and that are filled in here


def zoo_class(name: str, folder: str, base: str, key: str) -> Any:
    """The class `name` of DeepChem, a concrete subclass of `base` below `folder`; nothing else is imported.

    Raises
    ------
    ConfigError
        It is none, or one that reads files or asks servers, and DeepChem isn't trusted.
    """
    if not DOTTED.fullmatch(name) or not name.startswith(f"{folder}."):
        raise ConfigError(f"{key}: {name[:100]!r} is not below {folder}, and isn't imported")
    found, wanted = locate(name), locate(base)
    if not isinstance(found, type) or not issubclass(found, wanted) or not found.__module__.startswith("deepchem."):
        raise ConfigError(f"{key}: {name} is no {base.rpartition('.')[2]} of DeepChem")
    if found is wanted or inspect.isabstract(found):
        raise ConfigError(f"{key}: {name} is what the others are made from, and none itself")
    parameters = set(inspect.signature(found).parameters) - set(OURS)
    if not _trusted() and (found.__name__ in ASKS_A_SERVER or any(map(REACHING.search, parameters))):
        raise ConfigError(f"{key}: {name} reads files or asks servers; if you trust whoever names it, add trust=[deepchem]")
    return found


def check_settings(settings: Mapping[str, Any], key: str) -> None:
    """Raise ConfigError for a setting of a class of DeepChem that is more than numbers and plain words."""
    for name, value in settings.items():
        if REACHING.search(str(name)) and not _trusted():
            raise ConfigError(f"{key}.{name}: may write or fetch; if you trust whoever sets it, add trust=[deepchem]")
        _check(value, f"{key}.{name}", ACTIVATIONS if "activation" in str(name) else None)


def _check(value: Any, key: str, known: tuple[str, ...] | None) -> None:
    if isinstance(value, Mapping):
        for name, item in value.items():
            _check(name, key, None)
            _check(item, f"{key}.{name}", known)
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            _check(item, f"{key}[{i}]", known)
    elif isinstance(value, str):
        if known is not None and value not in known:
            raise ConfigError(f"{key}: no activation {value[:60]!r}; known: {', '.join(known)}")
        if not WORD.fullmatch(value) and not _trusted():
            raise ConfigError(f"{key}: {value[:60]!r} is no plain word; if you trust whoever sets it, add trust=[deepchem]")
    elif not isinstance(value, int | float | None):
        raise ConfigError(f"{key}: {value!r} is no number, word, list or mapping of these")


def _trusted() -> bool:
    return "deepchem" in trusted_names()
