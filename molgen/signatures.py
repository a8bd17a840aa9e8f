"""Checks a configuration against the signatures of classes and functions before anything is made."""

import collections.abc
import dataclasses
import inspect
import json
import math
import typing
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from molgen.classes import abilities, choices, held, hints, holders, locate, named_class, type_name
from molgen.errors import ConfigError, nearest
from molgen.grammar import Spelled, expected_at, place, spelled
from molgen.short_names import single, the_setting
from molgen.trust import UntrustedError, ask

ROOTS = {
    "app": "molgen.app.settings.AppSettings",
    "campaign": "molgen.runs.run.Campaign",
    "cluster": "molgen.cluster.base.Cluster",
    "generator": "molgen.generators.base.Generator",
    "launcher": "molgen.cluster.jobs.Launcher",
    "predictor": "molgen.predictors.base.Predictor",
    "scoring": "collections.abc.Callable",
    "search": "molgen.search.strategy.Strategy",
    "service": "molgen.serve.app.Service",
    "standardize": "molgen.chem.standardize.Standardizer",
    "sweeper": "molgen.runs.sweep.Sweeper",
    "trainer": "molgen.learn.trainer.Trainer",
}  # config group -> class of its object
LARGEST = 2**63 - 1  # largest whole number
TO_THE_LETTER = {"to the letter": True}  # field metadata for patterns, whose brackets and commas don't make a list


def is_text(target: Any, key: str) -> bool:
    """Whether the parameter `key` of `target` is only ever text, or patterns, which look like lists."""
    if key == "_target_" or is_pattern(target, key):
        return True
    kinds = choices(hints(target).get(key, Any))
    return str in kinds and set(kinds) <= {str, type(None)}


def setting_at(plain: Any, keys: Sequence[Any]) -> tuple[Any, Any]:
    """The class whose setting is at `keys` of a configuration, as far as known, and the class's name for the setting."""
    expected, owner = expected_at(plain, keys)
    kind: Any = single(expected)
    return (owner, keys[-1]) if kind is None else (kind, the_setting(kind))


def is_pattern(target: Any, key: str) -> bool:
    """Whether the field `key` of `target` holds one or more patterns."""
    fields = dataclasses.fields(target) if dataclasses.is_dataclass(target) else ()
    return any(item.name == key and item.metadata == TO_THE_LETTER for item in fields)


def problems(node: Any, path: str = "", hint: Any = Any) -> Iterator[str]:
    """One line per wrong class, key and type below `node`, which describes an object of type `hint`."""
    for _, line in _problems(spelled(node, path, hint), path, hint):
        yield line


def _problems(node: Any, path: str, hint: Any) -> Iterator[tuple[type[ConfigError], str]]:
    """Problems, each with its kind of error."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from _problems(item, f"{path}[{i}]", held(hint))
        return
    if not isinstance(node, dict):
        return
    if isinstance(node, Spelled):
        path = node.at
        if node.error:
            yield from ((ConfigError, line) for line in node.error.splitlines())
            return
    known: dict[str, Any] = {}
    if "_target_" in node:
        try:
            target = named_class(node["_target_"], locate(ROOTS[path]) if path in ROOTS else hint)
        except ConfigError as error:
            yield type(error), f"{path}._target_: {error}".removeprefix(".")
            return
        try:
            for ability in abilities(target, node):
                ask(ability, target.__name__)
        except ConfigError as error:
            yield type(error), f"{path or '_target_'}: {error}"
            return
        known = hints(target)
        for line in _call_problems(node, target, known, path):
            yield ConfigError, line
    for key, value in node.items():
        below = known.get(key, Any) if "_target_" in node else held(hint)
        yield from _problems(value, place(node, path, key), below)


def _call_problems(node: dict[str, Any], target: Any, known: dict[str, Any], path: str) -> Iterator[str]:
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        yield f"{path}._target_: '{node['_target_']}' can't be called with settings"
        return
    named = {key: p for key, p in parameters.items() if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    given = {key: value for key, value in node.items() if key != "_target_"}
    for key, value in given.items():
        where = place(node, path, key)
        if (key not in named and not open_ended) or not isinstance(key, str):
            yield f"{where}: unknown key{nearest(str(key), named)}; {target.__name__} takes: {', '.join(named) or 'nothing'}"
        elif value == "???":
            yield f"{where}: must be given ({where}=...)"
        else:
            yield from _misfits(value, known.get(key, Any), where)
    for key, parameter in named.items():
        if parameter.default is parameter.empty and key not in given:
            yield f"{path}.{key}: missing; {target.__name__} needs it".removeprefix(".")


def _misfits(value: Any, hint: Any, path: str) -> Iterator[str]:
    """One line if `value` isn't of type `hint`, or per wrong item of a list or mapping."""
    holding = holders(hint)
    if not fits(value, hint):
        missing = " (it has no _target_)" if isinstance(value, dict) and holding == [] else ""
        yield f"{path}: {_misfit(value, hint)}{missing}"
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _misfits(item, held(hint), f"{path}[{i}]")
    elif isinstance(value, dict) and "_target_" not in value:
        for key, item in value.items():
            yield from _misfits(item, held(hint), f"{path}.{key}")


def fits(value: Any, hint: Any) -> bool:
    """Whether a YAML value fits a parameter of type `hint`; a dict with `_target_` may become any object.

    One text or number does where a list of these is meant: `listed` makes it one.
    """
    if _no_number(value):
        return False
    kinds = tuple(typing.get_origin(choice) or choice for choice in choices(hint))
    if Any in kinds or object in kinds or not all(isinstance(kind, type) for kind in kinds):
        return True
    if isinstance(value, dict):
        objects = [kind for kind in kinds if kind not in (int, float, str, bool, type(None))]
        return bool(objects) if "_target_" in value else any(issubclass(kind, Mapping) for kind in objects)
    if isinstance(value, list):
        return _takes_list(hint)
    return type(value) in kinds or (type(value) is int and float in kinds) or listed(value, hint) is not value


def listed(value: Any, hint: Any) -> Any:
    """`[value]` where `value` is a text or number and a parameter of type `hint` takes lists of such only; else `value`."""
    lists = [kind for kind in holders(hint) if typing.get_origin(kind) in (Sequence, list)]
    if type(value) not in (str, int, float) or len(lists) != 1 or len(holders(hint)) != 1:
        return value
    accepted = {*choices(hint)} | ({int} if float in choices(hint) else set())
    return [value] if type(value) not in accepted and fits(value, held(hint)) else value


def _no_number(value: Any) -> bool:
    """Whether `value` is nan, or an integer too large for a processor."""
    return (type(value) is float and math.isnan(value)) or (type(value) is int and abs(value) > LARGEST)


def _takes_list(hint: Any) -> bool:
    lists = (Sequence, list, tuple, collections.abc.Iterable, collections.abc.Collection)
    return any((typing.get_origin(choice) or choice) in lists for choice in choices(hint))


def _misfit(value: Any, hint: Any) -> str:
    """What is wrong with a value of the wrong type."""
    if isinstance(value, str) and _takes_list(hint):
        return f"{value!r} is not a list; write [{value}]"
    if _no_number(value):
        return f"{value} is {'too large a whole number' if isinstance(value, int) else 'not a number'}"
    return f"{_written(value)} is not {type_name(hint)}"


def _written(value: Any) -> str:
    """A value as written in YAML; for a spelled-out value, a description."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "a list"
    return json.dumps(value) if value is None or isinstance(value, bool) else repr(value)


def check(plain: Any, path: str = "", hint: Any = Any) -> Any:
    """Spell out the short names in `plain`, and check that an object of type `hint` can be made of it.

    Raises
    ------
    ConfigError
        Lists every problem, one per line; an UntrustedError if all concern trust.
    """
    try:
        whole = spelled(plain, path, hint)
        found = list(_problems(whole, path, hint))
    except RecursionError as error:
        raise ConfigError(f"{path or 'the configuration'}: holds itself, or is too deep") from error
    if found:
        untrusted = all(issubclass(kind, UntrustedError) for kind, _ in found)
        raise (UntrustedError if untrusted else ConfigError)("\n".join(line for _, line in found))
    return whole


def expect(config: MutableMapping[str, Any], **hints: Any) -> None:
    """Raise a ConfigError that lists the values in `config` that aren't of the types given by `hints`; see `listed`."""
    if wrong := [line for key, hint in hints.items() for line in _misfits(config[key], hint, key)]:
        raise ConfigError("\n".join(wrong))
    for key, hint in hints.items():
        config[key] = listed(config[key], hint)
