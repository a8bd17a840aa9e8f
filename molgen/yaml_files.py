"""YAML files of users: what they name is looked for beside them."""

import contextlib
import shlex
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from molgen import own_code
from molgen.errors import ConfigError


def load(path: Path) -> DictConfig:
    """An object's configuration in a file, with the paths in it made absolute.

    Raises
    ------
    ConfigError
        There is no such file, or no object in it.
    """
    try:
        node = OmegaConf.load(path)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read ({error.strerror})") from error
    except Exception as error:
        raise ConfigError(f"{path}: not a YAML file ({str(error).splitlines()[0]})") from error
    if not isinstance(node, DictConfig) or "_target_" not in node:
        raise ConfigError(f"{path}: no _target_ at the top; start from a file under conf/scoring")
    return OmegaConf.create(located(OmegaConf.to_container(node), path.absolute().parent))


def located(plain: Any, folder: Path) -> Any:
    """`plain` with the names of files in `folder`, or else in the working directory, and of classes in files there, as paths."""
    if isinstance(plain, list):
        return [located(item, folder) for item in plain]
    if not isinstance(plain, dict):
        return _located_file(plain, folder) if isinstance(plain, str) else plain
    found = {key: located(value, folder) for key, value in plain.items()}
    if isinstance(target := plain.get("_target_"), str):
        found["_target_"] = own_code.beside(target, folder)
    if isinstance(command := plain.get("command"), str):
        found["command"] = _located_command(command, folder)
    return found


def _located_file(text: str, folder: Path) -> str:
    if "." not in text and "/" not in text:
        return text
    for path in (folder / text, Path.cwd() / text):
        with contextlib.suppress(OSError, ValueError):  # no possible name
            if path.is_file():
                return str(path.absolute())
    return text


def _located_command(command: str, folder: Path) -> str:
    try:
        words = shlex.split(command)
    except ValueError:  # the component says what is wrong
        return command
    found = [_located_file(word, folder) for word in words]
    return command if found == words else shlex.join(found)
