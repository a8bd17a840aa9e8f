"""Hydra's side of molgen: compose YAML files, check every object in them, make the objects."""

import importlib
import inspect
import threading
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from molgen.errors import ConfigError, MolgenError, nearest
from molgen.overrides import quoted

LOCK = threading.RLock()
SPECIAL_KEYS = {"_target_", "_args_", "_partial_", "_recursive_", "_convert_"}


def conf_dir() -> Path:
    """The folder of YAML files: `conf/` beside the package in a checkout, within the package where molgen is installed."""
    beside = Path(__file__).parents[1] / "conf"
    return beside if (beside / "design.yaml").is_file() else Path(__file__).with_name("conf")


def options(group: str) -> list[str]:
    """Names of the YAML files in a group, those in folders as `folder/name`."""
    folder = conf_dir() / group
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.yaml"))


def compose(command: str, overrides: Sequence[str]) -> DictConfig:
    """Compose `conf/COMMAND.yaml` with Hydra overrides; `scoring=FILE.yaml`, `data=FILE` and `predictor=FILE` take paths.

    Raises
    ------
    ConfigError
        An override names no key or file; the nearest name is suggested.
    """
    plain, files = _split_files(overrides)
    plain = [quoted(text) for text in plain]
    choices = [text for text in plain if "." not in _key(text)]
    changes = [text for text in plain if text not in choices]
    with LOCK:
        before = GlobalHydra.instance().hydra
        GlobalHydra.instance().hydra = None
        try:
            with initialize_config_dir(str(conf_dir()), version_base="1.3"):
                config = hydra_compose(command, choices)
                if changes:
                    _check_keys(config, changes)
                    config = hydra_compose(command, choices + [text if text[0] in "+~" else f"++{text}" for text in changes])
        except (HydraException, OmegaConfBaseException, ValueError) as error:
            raise ConfigError(_explain(command, choices, plain, error)) from error
        finally:
            GlobalHydra.instance().hydra = before
    for group, (path, below) in files.items():
        node = _load(path)
        _check_keys(node, below)
        try:
            with open_dict(config):
                config[group] = OmegaConf.merge(node, OmegaConf.from_dotlist(below))
        except (OmegaConfBaseException, yaml.YAMLError) as error:
            raise ConfigError(f"{', '.join(below)}: {str(error).splitlines()[0]}") from error
    return config


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def _split_files(overrides: Sequence[str]) -> tuple[list[str], dict[str, tuple[Path, list[str]]]]:
    """Set aside `GROUP=FILE.yaml` and the overrides below GROUP, which Hydra can't take."""
    plain, files = [], {}
    for text in overrides:
        key, _, value = text.partition("=")
        if value.endswith((".yaml", ".yml")):
            files[key] = (Path(value), [o.removeprefix(f"{key}.") for o in overrides if o.startswith(f"{key}.")])
        elif key == "data" and Path(value).suffix:
            plain += ["data=file", f"data.path='{value}'"]
        elif key == "predictor" and Path(value).suffix:
            plain += ["predictor=file", f"predictor.name='{value}'"]
        else:
            plain.append(text)
    return [text for text in plain if text.partition("=")[0].partition(".")[0] not in files], files


def _load(path: Path) -> Any:
    try:
        node = OmegaConf.load(path)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file") from error
    except Exception as error:
        raise ConfigError(f"{path}: not a YAML file ({str(error).splitlines()[0]})") from error
    if not isinstance(node, DictConfig) or "_target_" not in node:
        raise ConfigError(f"{path}: no _target_ at the top; start from a file under conf/scoring")
    return node


def _check_keys(config: DictConfig, changes: Sequence[str]) -> None:
    """Refuse a change below a key that isn't there; the last key of each is checked with its class, in `problems`."""
    for text in changes:
        if "=" not in text and text[0] != "~":
            raise ConfigError(f"'{text}': settings are written key=value")
        node: Any = config
        for part in _key(text).split(".")[:-1]:
            if not isinstance(node, DictConfig) or part not in node:
                known = [str(key) for key in node] if isinstance(node, DictConfig) else []
                raise ConfigError(
                    f"unknown key '{_key(text)}'{nearest(part, known)}; known here: {', '.join(known) or 'nothing'}"
                )
            node = node._get_node(part)


def _explain(command: str, choices: Sequence[str], overrides: Sequence[str], error: Exception) -> str:
    """One line for what Hydra found wrong with `overrides`, of which `choices` are at the top level."""
    base = OmegaConf.to_container(OmegaConf.load(conf_dir() / f"{command}.yaml"))
    assert isinstance(base, dict)
    known = [key for item in base.pop("defaults", []) if isinstance(item, dict) for key in item] + list(base)
    for text in choices:
        key, value = _key(text), text.partition("=")[2]
        if "=" not in text:
            return f"'{text}': settings are written key=value"
        if (conf_dir() / key).is_dir() and value not in options(key):
            return f"{key}={value}: no such {key}{nearest(value, options(key))}; known: {', '.join(options(key))}"
        if key not in known:
            return f"unknown key '{key}'{nearest(key, known)}; known here: {', '.join(known)}"
    return f"{', '.join(overrides)}: {str(error).splitlines()[0]}"


def locate(name: str) -> Any:
    """The class or function at a dotted path.

    Raises
    ------
    ConfigError
        There is none; the nearest name in its module is suggested.
    """
    module_name, _, attribute = name.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"no module '{module_name}' ({error})") from error
    if not hasattr(module, attribute):
        raise ConfigError(f"no '{attribute}' in {module_name}{nearest(attribute, dir(module))}")
    return getattr(module, attribute)


def problems(node: Any, path: str = "") -> Iterator[str]:
    """One line for every wrong class, key and type below `node`."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from problems(item, f"{path}[{i}]")
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        yield from _call_problems(node, path)
    for key, value in node.items():
        yield from problems(value, f"{path}.{key}" if path else str(key))


def _call_problems(node: dict[str, Any], path: str) -> Iterator[str]:
    try:
        target = locate(str(node["_target_"]))
    except ConfigError as error:
        yield f"{path}._target_: {error}"
        return
    signature = inspect.signature(target)
    parameters = signature.parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    given = {key: value for key, value in node.items() if key not in SPECIAL_KEYS}
    hints = typing.get_type_hints(target.__init__ if inspect.isclass(target) else target)
    for key, value in given.items():
        if key not in parameters and not open_ended:
            yield f"{path}.{key}: unknown key{nearest(key, parameters)}; {target.__name__} takes: {', '.join(parameters)}"
        elif value == "???":
            yield f"{path}.{key}: must be given ({path}.{key}=...)"
        elif not _fits(value, hints.get(key, Any)):
            yield f"{path}.{key}: {value!r} is not a {_type_name(hints[key])}"
    for key, parameter in parameters.items():
        needed = parameter.default is parameter.empty and parameter.kind in (
            parameter.KEYWORD_ONLY,
            parameter.POSITIONAL_OR_KEYWORD,
        )
        if needed and key not in given and not node.get("_partial_"):
            yield f"{path}.{key}: missing; {target.__name__} needs it"


def _fits(value: Any, hint: Any) -> bool:
    """Whether what YAML holds can be what a parameter of type `hint` expects; a dict may become any object."""
    hints = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    choices = tuple(typing.get_origin(choice) or choice for choice in hints)
    if not all(isinstance(choice, type) for choice in choices):
        return True
    if isinstance(value, dict):
        return any(choice not in (int, float, str, bool, type(None)) for choice in choices)
    if isinstance(value, list):
        return any(choice in (Sequence, list, tuple) for choice in choices)
    return type(value) in choices or (type(value) is int and float in choices)


def _type_name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("collections.abc.", "")


def to_plain(node: Any) -> Any:
    """A config as dicts and lists, its interpolations resolved.

    Raises
    ------
    ConfigError
        An interpolation leads nowhere.
    """
    try:
        return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def check(plain: Any, path: str = "") -> None:
    """Raise a ConfigError that lists every problem of `problems`, one a line."""
    if found := list(problems(plain, path)):
        raise ConfigError("\n".join(found))


def expect(config: Mapping[str, Any], **hints: Any) -> None:
    """Raise a ConfigError that lists what in `config` isn't of the type that `hints` names."""
    wrong = [f"{key}: {config[key]!r} is not a {_type_name(hint)}" for key, hint in hints.items() if not _fits(config[key], hint)]
    if wrong:
        raise ConfigError("\n".join(wrong))


def build(node: Any, path: str = "") -> Any:
    """Make the objects of a checked config.

    Raises
    ------
    ConfigError
        Every problem found, one a line, before anything is made; or what a constructor objected to.
    """
    plain = to_plain(node)
    check(plain, path)
    try:
        return instantiate(plain, _convert_="all")
    except HydraException as error:
        cause = error.__cause__
        while cause is not None and not isinstance(cause, MolgenError):
            cause = cause.__cause__
        if cause is not None:
            raise type(cause)(f"{path}: {cause}" if path and not str(cause).startswith(path) else str(cause)) from error
        lines = str(error).splitlines()
        raise ConfigError(f"{path}: {lines[0]} {lines[1] if len(lines) > 1 else ''}".strip()) from error


def compose_group(group: str, name: str, overrides: Sequence[str] = ()) -> Any:
    """The object that `conf/GROUP/NAME.yaml`, or a YAML file at the path `name`, describes."""
    return build(group_node(group, name, overrides), group)


def group_node(group: str, name: str, overrides: Sequence[str] = ()) -> Any:
    """The plain configuration in `conf/GROUP/NAME.yaml`, or in a YAML file at the path `name`."""
    choice = f"{group}={name}" if name.endswith((".yaml", ".yml")) else f"+{group}={name}"
    return to_plain(compose("group", [choice, *overrides])[group])
