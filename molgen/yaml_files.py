"""Users' YAML files: the files that they name are looked up beside them."""

import contextlib
import shlex
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf

from molgen import own_code, renamed
from molgen.classes import first_line
from molgen.errors import ConfigError, nearest
from molgen.grammar import expected_at
from molgen.merging import merged
from molgen.overrides import check_interpolations
from molgen.signatures import is_pattern, setting_at

SELF = "_self_"
MOST = 1_000_000  # values in a file
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast, where PyYAML was built with it


def conf_dir() -> Path:
    """The folder of YAML files: `conf/` beside the package in a checkout, within the package where molgen is installed."""
    beside = Path(__file__).parents[1] / "conf"
    return beside if (beside / "design.yaml").is_file() else Path(__file__).with_name("conf")


def options(group: str) -> list[str]:
    """Names of the YAML files in a group; those in folders as `folder/name`."""
    folder = conf_dir() / group
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.yaml"))


def load(path: Path, group: str = "scoring", within: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Load the configuration of a group's object from a file, with absolute paths and its `defaults` merged in.

    Parameters
    ----------
    path, group
        The file, and the group of the object, such as `scoring`.
    within
        The files whose `defaults` name this one.

    Raises
    ------
    ConfigError
        There is no such file, or no object in it.
    """
    if path.resolve() in within:
        raise ConfigError(f"{path}: its defaults lead back to it")
    tree, plain = _read(path)
    check_interpolations(plain, str(path))
    folder = path.absolute().parent
    defaults = [_default(entry, path, group, (*within, path.resolve())) for entry in _defaults(plain.pop("defaults", []), path)]
    parent: Any = next((part for part in reversed(defaults) if part is not None), {})
    own = located(renamed.current(plain, str(path), parent), folder)
    whole, *rest = (own if part is None else part for part in defaults)
    for part in rest:
        whole = merged(whole, part, expected_at({group: whole}, [group])[0])
    _check_patterns(tree, [], path, {group: whole})
    if "_target_" not in whole and not (group == "scoring" and "terms" in whole):
        what = "no terms in it; molgen new goal writes a file with some" if group == "scoring" else "no _target_ at the top"
        raise ConfigError(f"{path}: {what}")
    return whole


def mapping(path: Path) -> dict[Any, Any]:
    """What a YAML file that isn't Hydra's holds, with the names of files in it as paths.

    Raises
    ------
    ConfigError
        There is no such file, or no mapping in it.
    """
    _, plain = _read(path)
    check_interpolations(plain, str(path))
    return located(plain, path.absolute().parent)


def _read(path: Path) -> tuple[Any, dict[Any, Any]]:
    """The node tree of a YAML file, and the plain values."""
    try:
        return yaml_values(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read ({error.strerror})") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: not a YAML file ({error})") from error
    except ValueError as error:
        raise ConfigError(f"{path}: not a YAML file ({first_line(error)})") from error


def yaml_values(text: str) -> tuple[Any, dict[Any, Any]]:
    """The node tree of YAML, and the plain values; none where it is no mapping.

    Raises
    ------
    ConfigError
        It is no YAML, or has a key twice; the line is named.
    """
    try:
        tree = read_tree(text)
        node = OmegaConf.create(text) if isinstance(tree, yaml.MappingNode) else None
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: {error.problem}" if error.problem_mark else str(error.problem)
        hint = "" if "duplicate" in where else "; SMARTS and SMILES need quotes"
        raise ConfigError(f"{where}{hint}") from error
    except Exception as error:
        raise ConfigError(first_line(error)) from error
    plain = OmegaConf.to_container(node) if isinstance(node, DictConfig) else {}
    assert isinstance(plain, dict)
    return tree, plain


def _defaults(entries: Any, path: Path) -> list[str]:
    """Names in the entries of `defaults`; later ones override earlier ones, and this file is last unless `_self_` is named."""
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise ConfigError(f"{path}: defaults: must be a list of names and files, such as [drug_like, _self_], not {entries}")
    names = [entry.removesuffix("@_here_") for entry in entries]
    return names if SELF in names else [*names, SELF]


def _default(name: str, path: Path, group: str, within: tuple[Path, ...]) -> dict[str, Any] | None:
    """The configuration that an entry of `defaults` names; None for this file itself."""
    if name == SELF:
        return None
    if name.endswith((".yaml", ".yml")):
        return load(path.parent / Path(name).expanduser(), group, within)
    if name not in (known := options(group)):
        raise ConfigError(f"{path}: defaults: no {group} '{name}'{nearest(name, known)}; the path of a file ends with .yaml")
    return load(conf_dir() / group / f"{name}.yaml", group, within)


def read_tree(text: str) -> Any:
    """Parse text as a YAML node tree.

    Raises
    ------
    yaml.YAMLError
        It is no YAML, or its aliases (`*name`) expand beyond `MOST` values: ten lines can mean a thousand million nodes.
    """
    tree = yaml.compose(text, LOADER)
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


def _check_patterns(node: Any, keys: list[Any], path: Path, plain: Any) -> None:
    """Refuse a SMARTS such as [F,Cl] without quotes in the settings `plain`, since YAML reads it as a list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _check_patterns(value, [*keys, key.value], path, plain)
    if not isinstance(node, yaml.SequenceNode):
        return
    if node.flow_style and node.value and all(map(_is_unquoted, node.value)) and is_pattern(*setting_at(plain, [*plain, *keys])):
        texts = [str(item.value) for item in node.value]
        one, several = f"'[{','.join(texts)}]'", f"[{', '.join(map(repr, texts))}]"
        raise ConfigError(
            f"{path}: line {node.start_mark.line + 1}: {keys[-1]}: without quotes this is a list; "
            f"write {one} for one pattern, {several} for a list"
        )
    for place, item in enumerate(node.value):
        _check_patterns(item, [*keys, place], path, plain)


def _is_unquoted(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style  # None, or "" from libyaml


def located(plain: Any, folder: Path, *, classes: bool = True) -> Any:
    """`plain` with the names of files in `folder`, or else in the working directory, replaced by their paths.

    Parameters
    ----------
    classes
        Whether classes in Python files in `folder` are replaced as well.
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
    if (given := plain.get("preferences")) is not None:  # files, or run folders
        found["preferences"] = [_there(each, folder) for each in given] if isinstance(given, list) else _there(given, folder)
    return found


def _there(given: Any, folder: Path) -> Any:
    """The path of a file or folder, in `folder` or else in the working directory."""
    for base in (folder, Path.cwd()) if isinstance(given, str) else ():
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            if (path := base / Path(given).expanduser()).exists():
                return str(path.absolute())
    return given


def _located_file(text: str, folder: Path) -> str:
    if "." not in text and "/" not in text:
        return text
    for base in (folder, Path.cwd()):
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # not a valid file name
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
