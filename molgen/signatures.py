"""What classes and functions take: a configuration checked against them, before anything is made."""

import dataclasses
import importlib
import inspect
import math
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from molgen import own_code
from molgen.errors import ConfigError, nearest

SPECIAL_KEYS = {"_target_", "_args_", "_partial_", "_recursive_", "_convert_"}
LARGEST = 2**63 - 1  # of whole numbers
TO_THE_LETTER = {"to the letter": True}  # metadata of a field for patterns, in which brackets and commas make no list


def locate(name: str) -> Any:
    """The class or function at a dotted path, or at `/path/file.py:Name`.

    Raises
    ------
    ConfigError
        There is none; the nearest name in its module is suggested.
    """
    module_name, _, attribute = own_code.dotted(name).rpartition(".")
    if not module_name or not attribute:
        raise ConfigError(f"'{name}' is no class with its module, such as my_module.MyClass")
    path = own_code.path_of(name)
    shown = module_name if path is None else path.with_name(f"{path.name}.py")
    try:
        module = importlib.import_module(module_name)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"no module '{shown}' ({error})") from error
    except Exception as error:
        raise ConfigError(f"{shown}: can't be imported ({type(error).__name__}: {str(error).splitlines()[0]})") from error
    if not hasattr(module, attribute):
        raise ConfigError(f"no '{attribute}' in {shown}{nearest(attribute, dir(module))}")
    return getattr(module, attribute)


def hints(target: Any) -> dict[str, Any]:
    """The types of what `target` takes, by name, as far as they are known."""
    try:
        return typing.get_type_hints(target.__init__ if inspect.isclass(target) else target)
    except (NameError, TypeError):  # of something that is imported for type checkers alone; of a builtin
        return {}


def is_text(target: Any, key: str) -> bool:
    """Whether the parameter `key` of `target` is text and nothing else, or patterns, which look like lists."""
    if key in SPECIAL_KEYS:
        return key == "_target_"
    if is_pattern(target, key):
        return True
    choices = _choices(hints(target).get(key, Any))
    return str in choices and set(choices) <= {str, type(None)}


def is_pattern(target: Any, key: str) -> bool:
    """Whether the field `key` of `target` is a pattern or several."""
    fields = dataclasses.fields(target) if dataclasses.is_dataclass(target) else ()
    return any(item.name == key and item.metadata == TO_THE_LETTER for item in fields)


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
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        yield f"{path}._target_: '{node['_target_']}' can't be called with settings"
        return
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    given = {key: value for key, value in node.items() if key not in SPECIAL_KEYS}
    known = hints(target)
    for key, value in given.items():
        if key not in parameters and not open_ended:
            yield f"{path}.{key}: unknown key{nearest(key, parameters)}; {target.__name__} takes: {', '.join(parameters)}"
        elif value == "???":
            yield f"{path}.{key}: must be given ({path}.{key}=...)"
        else:
            yield from _misfits(value, known.get(key, Any), f"{path}.{key}")
    for key, parameter in parameters.items():
        needed = parameter.default is parameter.empty and parameter.kind in (
            parameter.KEYWORD_ONLY,
            parameter.POSITIONAL_OR_KEYWORD,
        )
        if needed and key not in given and not node.get("_partial_"):
            yield f"{path}.{key}: missing; {target.__name__} needs it"


def _misfits(value: Any, hint: Any, path: str) -> Iterator[str]:
    """One line if `value` isn't of type `hint`, or for each of the items of a list or a mapping that isn't what it holds."""
    holders = [choice for choice in _choices(hint) if typing.get_origin(choice) in (Sequence, list, Mapping, dict)]
    if not fits(value, hint):
        missing = " (it has no _target_)" if isinstance(value, dict) and holders == [] else ""
        yield f"{path}: {_misfit(value, hint)}{missing}"
    elif len(holders) == 1 and isinstance(value, list):
        for i, item in enumerate(value):
            yield from _misfits(item, typing.get_args(holders[0])[-1], f"{path}[{i}]")
    elif len(holders) == 1 and isinstance(value, dict) and "_target_" not in value:
        for key, item in value.items():
            yield from _misfits(item, typing.get_args(holders[0])[-1], f"{path}.{key}")


def fits(value: Any, hint: Any) -> bool:
    """Whether what YAML holds can be what a parameter of type `hint` expects; a dict with `_target_` may become any object."""
    if _no_number(value):
        return False
    choices = tuple(typing.get_origin(choice) or choice for choice in _choices(hint))
    if Any in choices or not all(isinstance(choice, type) for choice in choices):
        return True
    if isinstance(value, dict):
        objects = [choice for choice in choices if choice not in (int, float, str, bool, type(None))]
        return bool(objects) if "_target_" in value else any(issubclass(choice, Mapping) for choice in objects)
    if isinstance(value, list):
        return _takes_list(hint)
    return type(value) in choices or (type(value) is int and float in choices)


def _no_number(value: Any) -> bool:
    """Whether `value` is nan, or a whole number beyond what processors compute with."""
    return (type(value) is float and math.isnan(value)) or (type(value) is int and abs(value) > LARGEST)


def _takes_list(hint: Any) -> bool:
    return any((typing.get_origin(choice) or choice) in (Sequence, list, tuple) for choice in _choices(hint))


def _choices(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def type_name(hint: Any) -> str:
    """A type as a user reads it."""
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("collections.abc.", "")


def _misfit(value: Any, hint: Any) -> str:
    """What is wrong with a value of another type."""
    if isinstance(value, str) and _takes_list(hint):
        return f"{value!r} is not a list; write [{value}]"
    if _no_number(value):
        return f"{value} is {'too large a whole number' if isinstance(value, int) else 'not a number'}"
    return f"{value!r} is not a {type_name(hint)}"


def check(plain: Any, path: str = "") -> None:
    """Raise a ConfigError that lists every problem of `problems`, one a line."""
    if found := list(problems(plain, path)):
        raise ConfigError("\n".join(found))


def expect(config: Mapping[str, Any], **hints: Any) -> None:
    """Raise a ConfigError that lists what in `config` isn't of the type that `hints` names."""
    if wrong := [line for key, hint in hints.items() for line in _misfits(config[key], hint, key)]:
        raise ConfigError("\n".join(wrong))
