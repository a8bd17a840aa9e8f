"""Trust: files may name molgen's own code, and that of packages which the user trusts."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from molgen.errors import ConfigError

VARIABLE = "MOLGEN_TRUST"
SETTING = "trust="
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
ABILITIES = {
    "cache": "keeps values in a database elsewhere",
    "cluster": "connects to a Ray cluster, whose owner can run code here",
    "command": "starts a program",
    "endpoint": "sends molecules to an address",
}  # what some of molgen's own classes can do; these names don't refer to packages
MADE_BY: set[str] = set()  # dotted names of the functions that files may name
Maker = TypeVar("Maker", bound=Callable[..., Any])


class UntrustedError(ConfigError):
    """A file names code, or needs an ability, that the user hasn't allowed."""


def trusted_names() -> frozenset[str]:
    """Names in MOLGEN_TRUST and in `trust=[...]` on the command line: packages, modules, or abilities such as `command`."""
    return frozenset(re.split(r"[\s,]+", os.environ.get(VARIABLE, "").strip())) - {""}


def trust(names: Iterable[str]) -> None:
    """Trust `names` too, in this process and in those that it starts."""
    os.environ[VARIABLE] = ",".join(sorted(trusted_names() | set(names)))


def is_trusted(target: str) -> bool:
    """Whether a file may cause the class at the dotted path `target` to be imported.

    It may never import users' own files, whose names are below `molgen.own_code` once imported, or Python's library.
    """
    if target.partition(".")[0] in sys.stdlib_module_names or target.startswith("molgen.own_code."):
        return False
    return any(target.startswith(f"{package}.") for package in {"molgen", *(trusted_names() - ABILITIES.keys())})


def is_trusted_module(module: str) -> bool:
    """Whether the user has trusted a Python file of their own, or a package that it is in."""
    return any(module == name or module.startswith(f"{name}.") for name in trusted_names() - ABILITIES.keys())


def ask(ability: str, who: str) -> None:
    """Raise an UntrustedError unless the user has allowed `who` to use `ability`, one of ABILITIES."""
    if ability not in trusted_names():
        raise UntrustedError(f"{who} {ABILITIES[ability]}; if you trust who wrote this, add trust=[{ability}]")


def take_trust(overrides: Sequence[str]) -> list[str]:
    """Remove `trust=[NAME,...]` from typed overrides, and trust those names from now on.

    Never use this for settings that were read from a file.

    Raises
    ------
    ConfigError
        The value isn't a name.
    """
    for text in overrides:
        if text.startswith(SETTING):
            value = text.removeprefix(SETTING).strip()
            names = [name.strip(" '\"") for name in value.removeprefix("[").removesuffix("]").split(",")]
            if wrong := next((name for name in names if not NAME.fullmatch(name)), None):
                raise ConfigError(f"{text}: '{wrong}' is no name; write trust=[my_package], or trust=[{min(ABILITIES)}]")
            if "" in names:
                raise ConfigError(f"{text}: names nothing; write trust=[my_package]")
            trust(names)
    return [text for text in overrides if not text.startswith(SETTING)]


def nameable(function: Maker) -> Maker:
    """Allow files to name `function` as a `_target_`, as they name classes."""
    MADE_BY.add(f"{function.__module__}.{function.__qualname__}")
    return function


def trusting(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` for other processes, carrying this process's trust there without its environment."""
    names = trusted_names()

    def call(*arguments: Any) -> Any:
        trust(names)
        return function(*arguments)

    return call
