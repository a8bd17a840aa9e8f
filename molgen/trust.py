"""Whose code a file may name: molgen's own, and that of packages which the user trusts."""

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
}  # what some of molgen's own classes can do; these names mean no package
MADE_BY: set[str] = set()  # dotted names of the functions that files may name
Maker = TypeVar("Maker", bound=Callable[..., Any])


class UntrustedError(ConfigError):
    """A file names code, or asks for something, that the user hasn't allowed."""


def trusted_names() -> frozenset[str]:
    """What MOLGEN_TRUST and `trust=[...]` of the command line name: packages, modules, or abilities such as `command`."""
    return frozenset(re.split(r"[\s,]+", os.environ.get(VARIABLE, "").strip())) - {""}


def trust(names: Iterable[str]) -> None:
    """Trust `names` too, in this process and in those that it starts."""
    os.environ[VARIABLE] = ",".join(sorted(trusted_names() | set(names)))


def is_trusted(target: str) -> bool:
    """Whether the class at the dotted path `target` may be imported because a file names it.

    Users' own files, which have names below `molgen.own_code` once they are imported, and Python's library never may.
    """
    if target.partition(".")[0] in sys.stdlib_module_names or target.startswith("molgen.own_code."):
        return False
    return any(target.startswith(f"{package}.") for package in {"molgen", *(trusted_names() - ABILITIES.keys())})


def is_trusted_module(module: str) -> bool:
    """Whether a user's own Python file, or a package that it is in, has been named by the user."""
    return any(module == name or module.startswith(f"{name}.") for name in trusted_names() - ABILITIES.keys())


def ask(ability: str, who: str) -> None:
    """Raise an UntrustedError unless the user has allowed what `who` wants to do, one of ABILITIES."""
    if ability not in trusted_names():
        raise UntrustedError(f"{who} {ABILITIES[ability]}; if you trust who wrote this, add trust=[{ability}]")


def take_trust(overrides: Sequence[str]) -> list[str]:
    """What the user types, without `trust=[NAME,...]`: those names are trusted from now on.

    Never of settings that were read from a file.

    Raises
    ------
    ConfigError
        What is to be trusted is no name.
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
    """Let files name `function` as a `_target_`, as they name classes."""
    MADE_BY.add(f"{function.__module__}.{function.__qualname__}")
    return function


def trusting(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` for other processes, which trust there what this one does, without its environment."""
    names = trusted_names()

    def call(*arguments: Any) -> Any:
        trust(names)
        return function(*arguments)

    return call
