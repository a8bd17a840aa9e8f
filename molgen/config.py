"""Hydra's side of molgen: compose YAML files, check every object in them, make the objects."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, ListConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from molgen import renamed
from molgen.classes import first_line, hints, locate
from molgen.errors import ConfigError, MolgenError, nearest
from molgen.grammar import Spelled, at, expected_at, opened, place, written_as
from molgen.merging import merged
from molgen.overrides import as_text, as_texts, check_interpolations, quoted, read_value
from molgen.short_names import single
from molgen.signatures import check, expect, is_text, listed, problems, setting_at
from molgen.trust import SETTING
from molgen.yaml_files import conf_dir, load, located, options

__all__ = [
    "absolute",
    "build",
    "changed",
    "check",
    "compose",
    "compose_group",
    "conf_dir",
    "expect",
    "group_node",
    "locate",
    "options",
    "problems",
    "to_plain",
]
LOCK = threading.RLock()
TEXTS = {"column", "endpoint", "folder", "init", "known", "label", "lead", "library", "ligand", "model", "output", "picture",
         "prompt", "reactions", "stock", "target", "task"}  # fmt: skip
LISTS = {"fragments", "between", "chains", "drop", "keep"}  # of SMILES or names


def compose(command: str, overrides: Sequence[str]) -> DictConfig:
    """Compose `conf/COMMAND.yaml` with Hydra overrides; `scoring=FILE.yaml`, `data=FILE` and `predictor=FILE` take paths.

    Raises
    ------
    ConfigError
        An override names no key or file; the message suggests the nearest name.
    """  # noqa: DOC501 (raised by another function, or caught here)
    if given := next((text for text in overrides if text.startswith(SETTING)), None):
        raise ConfigError(f"{given}: only whoever types a command can trust; it can't be a setting in a file")
    overrides = renamed.overrides(command, overrides)
    for text in overrides:
        check_interpolations(text, text, typed=True)
    plain, files = _split_files(overrides)
    choices = [_for_hydra(text) for text in plain if "." not in _key(text)]
    changes = [text for text in plain if "." in _key(text)]
    for text in choices:
        _check_choice(text)
    if removed := next((text for text in choices if text.startswith("~")), None):
        raise ConfigError(f"{removed}: can't be left out; {_key(removed)}=... makes it another")
    with LOCK:
        before = GlobalHydra.instance().hydra
        GlobalHydra.instance().hydra = None
        try:
            with initialize_config_dir(str(conf_dir()), version_base="1.3"):
                config = hydra_compose(command, choices)
        except (HydraException, OmegaConfBaseException, TypeError, ValueError) as error:
            raise ConfigError(_explain(command, choices, plain, error)) from error
        finally:
            GlobalHydra.instance().hydra = before
    if command != "group" and (added := [str(key) for key in config if key not in _top_level(command)]):
        raise ConfigError(_unknown_at_top(added[0], command))
    for group, path in files.items():
        if command != "group" and group not in config:
            raise _unknown(group, group, config)
        with open_dict(config):
            config[group] = load(path, group)
    _change_all(config, changes)
    for key in _parts(command):
        try:
            part = config.get(key)
        except OmegaConfBaseException:  # an interpolation of nothing
            part = OmegaConf.to_container(config, resolve=False)[key]  # type: ignore[index,call-overload]
        if not isinstance(part, DictConfig):
            raise ConfigError(f"{key}: is made of settings ({key}.KEY=VALUE), and can't be {part!r}")
    return config


def changed(group: str, node: Any, overrides: Sequence[str]) -> Any:
    """Apply the changes `GROUP.KEY=VALUE` to the plain configuration `node` of a group.

    Raises
    ------
    ConfigError
        An override names no key; the message suggests the nearest name.
    """
    config = OmegaConf.create({group: node})
    _change_all(config, overrides)
    return to_plain(config[group])


def _change_all(config: DictConfig, changes: Sequence[str]) -> None:
    given: dict[str, str] = {}
    for text in changes:
        try:
            key = _change(config, text)
            if (other := given.setdefault(key, _key(text))) != _key(text):
                old = other if _key(text) == key else _key(text)
                raise ConfigError(f"{old}: is now {key}, which is given as well; leave {old} out")
        except (OmegaConfBaseException, ConfigError) as error:
            message = str(error).splitlines()[0]
            raise ConfigError(message if _key(text) in message else f"{text}: {message}") from error


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def _split_files(overrides: Sequence[str]) -> tuple[list[str], dict[str, Path]]:
    """Separate `GROUP=FILE.yaml`, which Hydra doesn't support, from the other overrides."""
    plain, files = [], {}
    for text in overrides:
        key, _, value = text.partition("=")
        if value.endswith((".yaml", ".yml")) and "." not in key and key not in TEXTS:
            files[key] = Path(value).expanduser()
        elif key == "data" and Path(value).suffix:
            plain += ["data=file", f"data.path={value}"]
        elif key == "predictor" and _is_own_predictor(value):
            plain += ["predictor=file", f"predictor.name={value}"]
        else:
            plain.append(text)
    return plain, files


def _is_own_predictor(value: str) -> bool:
    """Whether it is a file, or the folder of a training, and no name of `conf/predictor`, which has no / in it."""
    return bool(Path(value).suffix) or "/" in value or (value not in options("predictor") and Path(value).is_dir())


def _for_hydra(choice: str) -> str:
    """A top-level override, quoted where Hydra needs it: an option of a group may be called `true`."""
    key = _key(choice)
    if choice.partition("=")[2] in ("true", "false") and (conf_dir() / key).is_dir():
        return as_text(choice)
    return as_text(choice) if key in TEXTS else as_texts(choice) if key in LISTS else quoted(choice)


def _check_choice(choice: str) -> None:
    """Refuse a path where Hydra expects a name, since Hydra would follow it out of `conf/`."""
    group, value = _key(choice).partition("@")[0], choice.partition("=")[2].strip("'\"")
    outside = ".." in value.split("/") or value.startswith("/") or "://" in value
    if ".." in group.split("/") or (outside and (conf_dir() / group).is_dir()):
        raise ConfigError(f"{choice}: no such {group}; the path of a file ends with .yaml")


def _change(config: DictConfig, override: str) -> str:
    """Make a change below the top level: `KEY=VALUE`, `+KEY=VALUE`, `++KEY=VALUE` or `~KEY`; return the key's current name."""
    key, equals, value = override.lstrip("+~").partition("=")
    removes, adds = override[0] == "~", override[0] == "+"
    if not equals and not removes:
        raise ConfigError(f"'{override}': settings are written key=value")
    *above, last = _opened(config, key.split("."))
    key = ".".join([*above, last])
    node, present = _below(config, above, key, missing=adds), _key(override)
    if isinstance(node, DictConfig) and (name := renamed.setting(node.get("_target_"), last)) is not None:
        renamed.say(override, {last: name})
        *above, last = key.split(".")[:-1] + name.split(".")
        key = present = ".".join([*above, last])
        node = _below(config, above, key, missing=adds)
    found = isinstance(node, DictConfig) and last in node
    if above[0] not in config:
        raise _unknown(key, above[0], config)
    if (removes and not found) or (not adds and not isinstance(node, DictConfig)):
        raise _unknown(key, last, node)
    if adds and found and not override.startswith("++") and not isinstance(node._get_node(last), DictConfig):
        raise ConfigError(f"{override}: '{key}' is there already; without the + it is changed")
    with open_dict(config):
        if removes:
            del node[last]
        else:
            plain, keys = OmegaConf.to_container(config), [*above, last]
            expected, _ = expected_at(plain, keys)
            settings = value.startswith("{") and single(expected) is not None
            made = read_value(value, text=not settings and is_text(*setting_at(plain, keys)))
            made = renamed.current({last: made}, override)[last]
            OmegaConf.update(config, key, merged(at(plain, keys), made, expected), merge=False, force_add=True)
    return present


def _below(config: DictConfig, keys: Sequence[str], whole: str, *, missing: bool) -> Any:
    """The node at `keys`; None if there is none and `missing` allows it."""
    node: Any = config
    for part in keys:
        if not isinstance(node, DictConfig) or part not in node:
            if missing:
                return None
            raise _unknown(whole, part, node)
        node = node._get_node(part)
    return node


def _unknown(key: str, part: str, node: Any) -> ConfigError:
    known = [str(name) for name in node] if isinstance(node, DictConfig) else []
    return ConfigError(f"unknown key '{key}'{nearest(part, known)}; known here: {', '.join(known) or 'nothing'}")


def _opened(config: DictConfig, keys: Sequence[str]) -> list[str]:
    """`keys` as they are in `config`, after shorthand values above the last key have been turned into mappings."""
    keys = written_as(OmegaConf.to_container(config), keys)
    for end in range(1, len(keys)):
        node = _below(config, keys[:end], ".".join(keys), missing=True)
        if node is None or isinstance(node, DictConfig):
            continue
        plain: Any = OmegaConf.to_container(config)
        mapping = opened(at(plain, keys[:end]), expected_at(plain, keys[:end])[0])
        if mapping is not None:
            with open_dict(config):
                OmegaConf.update(config, ".".join(keys[:end]), mapping, merge=False, force_add=True)
    return keys


def _base(command: str) -> DictConfig:
    """The contents of `conf/COMMAND.yaml`."""
    base = OmegaConf.load(conf_dir() / f"{command}.yaml")
    assert isinstance(base, DictConfig)
    return base


def _top_level(command: str) -> list[str]:
    """The keys of `conf/COMMAND.yaml`."""
    base = OmegaConf.to_container(_base(command))
    assert isinstance(base, dict)
    defaults = [key for item in base.pop("defaults", []) if isinstance(item, dict) for key in item]
    return list(dict.fromkeys(defaults + list(base)))


def _parts(command: str) -> list[str]:
    """The keys of `conf/COMMAND.yaml` that have keys below them; groups that may be left out aren't among them."""
    base = _base(command)
    chosen = [item for item in base.get("defaults", []) if isinstance(item, DictConfig)]
    groups = [str(key) for item in chosen for key, option in item.items() if option is not None]
    return groups + [str(key) for key in base if isinstance(base._get_node(key), DictConfig)]


def _unknown_at_top(key: str, command: str) -> str:
    known = _top_level(command)
    return f"unknown key '{key}'{nearest(key, known)}; known here: {', '.join(known)}"


def _explain(command: str, choices: Sequence[str], overrides: Sequence[str], error: Exception) -> str:
    """Explain in one line what Hydra found wrong with `overrides`, of which `choices` are at the top level."""
    known = _top_level(command)
    for text in choices:
        key, value = _key(text), text.partition("=")[2]
        if "=" not in text or not key:
            return f"'{text}': settings are written key=value"
        if (conf_dir() / key).is_dir() and (option := value.strip("'\"")) not in options(key):
            return f"{key}={option}: no such {key}{nearest(option, options(key))}; known: {', '.join(options(key))}"
        if key not in known:
            return _unknown_at_top(key, command)
        try:
            read_value(value)
        except ConfigError as unread:
            return f"{text}: {unread}"
        if isinstance(_base(command).get(key), ListConfig):
            return f"{key}: {value} is not a list; write [{value}]"
    return f"{', '.join(overrides)}: {str(error).splitlines()[0]}"


def to_plain(node: Any) -> Any:
    """A config as dicts and lists, its interpolations resolved.

    Raises
    ------
    ConfigError
        An interpolation refers to nothing.
    """
    try:
        return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def build(node: Any, path: str = "") -> Any:
    """Make the objects that a config describes.

    Only what `named_class` allows is made; Hydra's `instantiate` would call anything and resolve interpolations once more.

    Raises
    ------
    ConfigError
        Lists all problems found, one per line, before anything is made; or a constructor's objection.
    """
    return _made(check(to_plain(node), path), path, path)


def _made(plain: Any, where: str, path: str) -> Any:
    """`plain`, which is at `where` below `path`, with settings replaced by the objects they describe."""
    if isinstance(plain, list):
        return [_made(item, f"{where}[{i}]", path) for i, item in enumerate(plain)]
    if not isinstance(plain, dict):
        return plain
    where = plain.at if isinstance(plain, Spelled) else where
    settings = {key: _made(value, place(plain, where, key), path) for key, value in plain.items()}
    if "_target_" not in settings:
        return settings
    name = settings.pop("_target_")
    try:
        target = locate(name)
        known = hints(target)
        return target(**{key: listed(value, known.get(key, Any)) for key, value in settings.items()})
    except MolgenError as error:
        named = not where or str(error).startswith(path or where)
        raise type(error)(str(error) if named else f"{where}: {error}") from error
    except Exception as error:
        raise ConfigError(f"{where}: '{name}' can't be made ({first_line(error)})".removeprefix(": ")) from error


def absolute(plain: Any) -> Any:
    """`plain` with absolute file paths, so that it can be read from any folder."""
    return located(plain, Path.cwd(), classes=False)


def compose_group(group: str, name: str, overrides: Sequence[str] = ()) -> Any:
    """Make the object that `conf/GROUP/NAME.yaml`, or a YAML file at the path `name`, describes."""
    return build(group_node(group, name, overrides), group)


def group_node(group: str, name: str, overrides: Sequence[str] = ()) -> Any:
    """Load the plain configuration in `conf/GROUP/NAME.yaml`, or in a YAML file at the path `name`."""
    choice = f"{group}={name}" if name.endswith((".yaml", ".yml")) else f"+{group}={name}"
    return to_plain(compose("group", [choice, *overrides])[group])
