"""Classes that files name: found, and checked before they are called."""

import collections.abc
import dataclasses
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from molgen import extras, own_code, trust
from molgen.errors import ConfigError, nearest

WORDS: dict[Any, str] = {
    int: "a whole number", float: "a number", str: "text", bool: "true or false", type(None): "null",
}  # fmt: skip
PLAIN = tuple(WORDS)


def locate(name: str) -> Any:
    """Import the object at a dotted path, or at `/path/file.py:Name`; this runs its module, so `named_class` checks it first.

    Raises
    ------
    ConfigError
        There is none; the message suggests the nearest name in its module.
    """
    module_name, _, attribute = own_code.dotted_name(name).rpartition(".")
    if not module_name or not attribute:
        raise ConfigError(f"'{name}' is no class with its module, such as my_module.MyClass")
    path = own_code.path_of(name)
    shown = module_name if path is None else path.with_name(f"{path.name}.py")
    try:
        module = importlib.import_module(module_name)
    except (ImportError, ValueError) as error:
        missing = extras.hint(error) if isinstance(error, ImportError) else ""
        raise ConfigError(f"'{name}': {missing}" if missing else f"no module '{shown}' ({error})") from error
    except Exception as error:
        raise ConfigError(f"{shown}: can't be imported ({first_line(error)})") from error
    if not hasattr(module, attribute):
        raise ConfigError(f"no '{attribute}' in {shown}{nearest(attribute, dir(module))}")
    return getattr(module, attribute)


def first_line(error: Exception) -> str:
    """The type of an error and the first line of its message."""
    return ": ".join([type(error).__name__, *str(error).splitlines()[:1]])


def named_class(name: Any, hint: Any = Any) -> Any:
    """Find the class that a file names, or one of the functions that files may name.

    It is checked first whether the module may be imported, then what the class is; nothing is called.

    Parameters
    ----------
    name
        Its dotted name, or `/path/file.py:Name`.
    hint
        The type that its objects must have.

    Raises
    ------
    UntrustedError
        It is code that the user hasn't trusted.
    ConfigError
        There is no such class, files may not name its kind, or it isn't of the expected type.
    """
    if not isinstance(name, str):
        raise ConfigError(f"{name!r} is not a class name; write a dotted name, such as my_module.MyClass")
    _check_trust(name)
    found = locate(name)
    dotted = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', '')}"
    made: Any = found
    if dotted in trust.MADE_BY:
        made = typing.get_type_hints(found).get("return", Any)
    elif not isinstance(found, type):
        raise ConfigError(f"'{name}' is no class")
    elif not (trust.is_trusted(dotted) or own_code.is_own(dotted)):
        raise trust.UntrustedError(f"'{name}' comes from {found.__module__}, which isn't trusted")
    elif inspect.isabstract(found) or getattr(found, "_is_protocol", False):
        raise ConfigError(f"'{name}' is a contract; name a class that keeps it")
    elif dotted.startswith("molgen.") and not (own_code.is_own(dotted) or _is_part(found)):
        raise ConfigError(f"'{name}' is neither a dataclass nor of a kind that files may name")
    if not (makes(made, hint) or (found is not made and _may_make(made, hint))):
        raise ConfigError(f"'{name}' is not {type_name(hint)}")
    return found


def _check_trust(name: str) -> None:
    """Raise an UntrustedError if the module of a class may not be imported."""
    path = own_code.path_of(name)
    if path is not None:
        _check_file(path)
        return
    package = name.partition(".")[0]
    if trust.is_trusted(name) or "." not in name.strip("."):
        return
    if package in sys.stdlib_module_names or not package.isidentifier() or package == "molgen":
        raise trust.UntrustedError(f"'{name}' can't be named in a file")
    raise trust.UntrustedError(f"'{name}' is not of molgen; if you trust {package}, add trust=[{package}]")


def _check_file(path: Path) -> None:
    module, file = own_code.module_of(path), path.with_name(f"{path.name}.py")
    if own_code.is_shadow(path):
        raise trust.UntrustedError(f"{file}: there is another '{module.partition('.')[0]}' on this machine; rename the file")
    if not trust.is_trusted_module(module):
        raise trust.UntrustedError(f"{file} is code that would run; if you trust who wrote it, add trust=[{module}]")


def _is_part(found: type) -> bool:
    """Whether a class of molgen is public, and a dataclass or one that keeps a contract."""
    keeps = any(getattr(base, "__abstractmethods__", None) for base in found.__mro__)
    return not found.__name__.startswith("_") and (keeps or dataclasses.is_dataclass(found))


def makes(made: Any, hint: Any) -> bool:
    """Whether objects of the class `made` fit a parameter of type `hint`, as far as this can be known."""
    if not isinstance(made, type):
        return True
    for kind in _kinds(hint):
        if kind in (Any, object) or not isinstance(kind, type):
            return True
        try:
            if issubclass(made, kind):
                return True
        except TypeError:  # a protocol that can't be compared with
            return True
    return False


def _may_make(made: Any, hint: Any) -> bool:
    """Whether some objects known to be of type `made` fit what is expected."""
    return any(isinstance(kind, type) and issubclass(kind, made) for kind in _kinds(hint))


def _kinds(hint: Any) -> list[Any]:
    """The classes in a type, without containers, plain numbers and texts."""
    return [kind for choice in choices(hint) if (kind := typing.get_origin(choice) or choice) not in PLAIN]


def choices(hint: Any) -> tuple[Any, ...]:
    """The types in a union; a single type as it is."""
    return typing.get_args(hint) if typing.get_origin(hint) in (types.UnionType, typing.Union) else (hint,)


def hints(target: Any) -> dict[str, Any]:
    """Parameter name -> type for `target`, as far as known."""
    try:
        return typing.get_type_hints(target.__init__ if inspect.isclass(target) else target)
    except Exception:  # raised by imports for type checkers only, builtins, and mistaken annotations
        return {}


def held(hint: Any) -> Any:
    """The type of the items in a list or mapping of type `hint`, if known."""
    found = holders(hint)
    return typing.get_args(found[0])[-1] if len(found) == 1 else Any


def holders(hint: Any) -> list[Any]:
    """The list and mapping types in `hint` that state the type of their items."""
    kinds = (Sequence, list, Mapping, dict)
    return [choice for choice in choices(hint) if typing.get_origin(choice) in kinds and typing.get_args(choice)]


def type_name(hint: Any) -> str:
    """A type in words, such as `a whole number or null`."""
    return " or ".join(dict.fromkeys(_in_words(choice) for choice in choices(hint)))


def _in_words(hint: Any) -> str:
    kind = typing.get_origin(hint) or hint
    if kind in WORDS:
        return WORDS[kind]
    if not isinstance(kind, type):
        return str(hint)
    if issubclass(kind, collections.abc.Mapping):
        return "settings (KEY: VALUE)"
    if issubclass(kind, collections.abc.Iterable) and kind.__module__ in ("builtins", "collections.abc"):
        return "a list"
    return f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"


def abilities(found: Any, settings: Mapping[str, Any]) -> collections.abc.Iterable[str]:
    """Abilities, such as `command`, that objects of a class with these settings use and that the user must allow."""
    needs = getattr(found, "needs_trust", None)
    return needs(settings) if needs is not None else ()
