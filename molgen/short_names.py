"""Short names of molgen's own classes, such as `double_sigmoid` for DoubleSigmoid: found by walking their packages."""

import ast
import collections.abc
import dataclasses
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from molgen.classes import choices, hints
from molgen.errors import ConfigError

COMPONENT = "molgen.scoring.component.Component"
CONTRACTS = {
    COMPONENT: "molgen.scoring.components",
    "molgen.scoring.transforms.Transform": "molgen.scoring.transforms",
    "molgen.scoring.aggregate.Aggregate": "molgen.scoring.aggregate",
    "molgen.chem.standardize.Standardizer": "molgen.chem.standardize",
}  # and the module or the package with the classes that keep them


def short_name(kind: str) -> str:
    """The name of a class in objectives: `double_sigmoid` for DoubleSigmoid, `sa_score` for SAScore."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()


def dotted(kind: Any) -> str:
    """A class's name with its module."""
    return f"{kind.__module__}.{kind.__qualname__}"


@cache
def short_names(contract: str) -> dict[str, str]:
    """Short name -> dotted name for molgen's classes that keep one of `CONTRACTS`; none of them is imported.

    Raises
    ------
    ConfigError
        Two of them have the same short name.
    """
    found: dict[str, str] = {}
    for module, file in _modules(CONTRACTS[contract]):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            target = f"{module}.{node.name}" if isinstance(node, ast.ClassDef | ast.FunctionDef) and _is_kind(node) else contract
            if target == contract:
                continue
            if (name := short_name(target.rpartition(".")[2])) in found:
                raise ConfigError(f"'{name}' is both {found[name]} and {target}; rename one of them")
            found[name] = target
    return dict(sorted(found.items()))


def _modules(name: str) -> Iterable[tuple[str, Path]]:
    """The module `name`, or all modules of the package `name`, with their files."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    if spec.submodule_search_locations is None:
        return [(name, Path(spec.origin))]
    inner = sorted(module.name for module in pkgutil.iter_modules(spec.submodule_search_locations))
    return [(f"{name}.{module}", Path(spec.origin).with_name(f"{module}.py")) for module in inner]


def _is_kind(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """Whether a statement defines something that files may name: a class with a base or `__call__`, or a marked function."""
    if isinstance(node, ast.FunctionDef):
        return any(isinstance(mark, ast.Name) and mark.id == "nameable" for mark in node.decorator_list)
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    called = any(isinstance(item, ast.FunctionDef) and item.name == "__call__" for item in node.body)
    return not node.name.startswith("_") and not bases & {"Protocol", "NamedTuple"} and (bool(bases) or called)


def settings_of(kind: Any) -> list[str]:
    """Names of the parameters of a class or function."""
    return list(inspect.signature(kind).parameters)


def the_setting(kind: Any) -> str | None:
    """The only required setting of a class, or else its only setting; None if there are several, or none."""
    parameters = list(inspect.signature(kind).parameters.values())
    needed = [item.name for item in parameters if item.default is item.empty]
    return needed[0] if len(needed) == 1 else parameters[0].name if len(parameters) == 1 else None


def contract_of(hint: Any) -> str | None:
    """The one of `CONTRACTS` that objects of type `hint` keep."""
    return next((name for kind in choices(hint) if isinstance(kind, type) and (name := dotted(kind)) in CONTRACTS), None)


def single(hint: Any) -> type | None:
    """The only class of molgen that fits `hint`, if there is exactly one."""
    kinds = [choice for choice in choices(hint) if choice is not type(None)]
    kind = kinds[0] if len(kinds) == 1 else None
    if not isinstance(kind, type) or not dataclasses.is_dataclass(kind) or inspect.isabstract(kind):
        return None
    return None if issubclass(kind, collections.abc.Mapping) or not kind.__module__.startswith("molgen.") else kind


def holder(hint: Any) -> tuple[type, str] | None:
    """The class in `hint`, such as a term, that has a component among its settings, and the name of that setting."""
    kind = single(hint)
    if kind is None:
        return None
    fields = [key for key, item in hints(kind).items() if isinstance(item, type) and dotted(item) == COMPONENT]
    return (kind, fields[0]) if len(fields) == 1 else None
