"""YAML files of users: what they name is looked for beside them."""

import contextlib
import shlex
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf

from molgen import own_code
from molgen.classes import first_line, named_class
from molgen.errors import ConfigError
from molgen.overrides import check_interpolations
from molgen.signatures import is_pattern

MOST = 1_000_000  # values in a file


def load(path: Path) -> DictConfig:
    """An object's configuration in a file, with the paths in it made absolute.

    Raises
    ------
    ConfigError
        There is no such file, or no object in it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = read_tree(text)
        node = OmegaConf.create(text) if isinstance(tree, yaml.MappingNode) else None
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read ({error.strerror})") from error
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: {error.problem}" if error.problem_mark else str(error.problem)
        hint = "" if "duplicate" in where else "; SMARTS and SMILES need quotes"
        raise ConfigError(f"{path}: not a YAML file ({where}{hint})") from error
    except Exception as error:
        raise ConfigError(f"{path}: not a YAML file ({first_line(error)})") from error
    plain = OmegaConf.to_container(node) if isinstance(node, DictConfig) else None
    if not isinstance(plain, dict) or "_target_" not in plain:
        raise ConfigError(f"{path}: no _target_ at the top; start from a file under conf/scoring")
    check_interpolations(plain, str(path))
    folder = path.absolute().parent
    _check_patterns(tree, path, folder)
    return OmegaConf.create(located(plain, folder))


def read_tree(text: str) -> Any:
    """The nodes of a YAML file.

    Raises
    ------
    yaml.YAMLError
        It is none, or its aliases (`*name`) make more of it than anybody writes: ten lines can mean a thousand million nodes.
    """
    tree = yaml.compose(text, yaml.SafeLoader)
    left, count = [tree], 0
    while left and "*" in text:
        node = left.pop()
        count += 1
        if count > MOST:
            raise yaml.YAMLError(f"its aliases make more than {MOST:,} values")
        if isinstance(node, yaml.MappingNode):
            left += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value
    return tree


def _check_patterns(node: Any, path: Path, folder: Path) -> None:
    """Refuse a SMARTS such as [F,Cl] without quotes: to YAML it is a list."""
    items = dict(node.value) if isinstance(node, yaml.MappingNode) else {}
    target = next((value.value for key, value in items.items() if key.value == "_target_"), None)
    target = target if isinstance(target, str) else None
    for key, value in items.items():
        plain = isinstance(value, yaml.SequenceNode) and value.flow_style and all(map(_is_unquoted, value.value))
        if plain and value.value and target is not None and _is_pattern(own_code.in_folder(target, folder), key.value):
            texts = [str(item.value) for item in value.value]
            one, several = f"'[{','.join(texts)}]'", f"[{', '.join(map(repr, texts))}]"
            raise ConfigError(
                f"{path}: line {value.start_mark.line + 1}: {key.value}: without quotes this is a list; "
                f"write {one} for one pattern, {several} for a list"
            )
    for child in items.values() if items else node.value if isinstance(node, yaml.SequenceNode) else ():
        _check_patterns(child, path, folder)


def _is_unquoted(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None


def _is_pattern(target: str, key: str) -> bool:
    try:
        return is_pattern(named_class(target), key)
    except ConfigError:  # `problems` names it
        return False


def located(plain: Any, folder: Path, *, classes: bool = True) -> Any:
    """`plain` with the names of files in `folder`, or else in the working directory, as paths.

    Parameters
    ----------
    classes
        And with those of classes in Python files in `folder`.
    """
    if isinstance(plain, list):
        return [located(item, folder, classes=classes) for item in plain]
    if not isinstance(plain, dict):
        return _located_file(plain, folder) if isinstance(plain, str) else plain
    found = {key: located(value, folder, classes=classes) for key, value in plain.items()}
    if isinstance(target := plain.get("_target_"), str):
        found["_target_"] = own_code.in_folder(target, folder) if classes else target
    if isinstance(command := plain.get("command"), str):
        found["command"] = _located_command(command, folder)
    return found


def _located_file(text: str, folder: Path) -> str:
    if "." not in text and "/" not in text:
        return text
    for base in (folder, Path.cwd()):
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # no possible name
            path = base / Path(text).expanduser()
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
