"""Merging configurations: a file's changes to its `defaults`, and changes by `KEY={...}` on the command line."""

from collections.abc import Mapping
from typing import Any

from molgen.classes import held, hints, locate, named_class
from molgen.errors import ConfigError
from molgen.grammar import opened, settings_in
from molgen.short_names import COMPONENT, contract_of, dotted, holder, short_names, single

ANY_UNIT = "weight"  # the setting that applies whatever a term measures


def merged(under: Any, over: Any, hint: Any = Any) -> Any:
    """Apply the changes `over` to `under`, which describes an object of type `hint`.

    Settings are merged one by one; lists and other values are replaced. A class is replaced by another class; a new component
    also discards the transform and the limits of its term, which are in the old component's unit.
    """
    if holder(hint) or (contract_of(hint) and single(hint) is None):
        below, above = _mapping(under, hint), _mapping(over, hint)
        if below is None or above is None:
            return over
        return _term(below, above, hint) if holder(hint) else _one(below, above, contract_of(hint) or "")
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    kind = single(hint)
    target = under.get("_target_", dotted(kind) if kind else None)
    if over.get("_target_", target) != target:
        return over
    return _each(under, over, _hints(target) if target else None, held(hint))


def _mapping(value: Any, hint: Any) -> dict[str, Any] | None:
    """A value in the place of a term, transform or the like, as a mapping."""
    if isinstance(value, str) and "${" in value:
        return None
    return value if isinstance(value, dict) else opened(value, hint)


def _hints(target: Any) -> dict[str, Any]:
    try:
        return hints(named_class(target))
    except ConfigError:  # `problems` names it
        return {}


def _each(under: dict[str, Any], over: dict[str, Any], known: Mapping[str, Any] | None, other: Any = Any) -> dict[str, Any]:
    """Merge key by key; `known` are the types of settings, `other` is the type of those that aren't known."""
    types = {key: other if known is None else known.get(key, Any) for key in over}
    return under | {key: merged(under[key], value, types[key]) if key in under else value for key, value in over.items()}


def _named(under: dict[str, Any], over: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Merge the settings of classes that both call by a short name in `names`."""
    found = {}
    for key in under.keys() & over.keys() & names.keys():
        kind = locate(names[key])
        below, above = settings_in(under[key], kind), settings_in(over[key], kind)
        found[key] = over[key] if below is None or above is None else _each(below, above, hints(kind))
    return found


def _one(under: dict[str, Any], over: dict[str, Any], contract: str) -> dict[str, Any]:
    """Merge a transform or the like: the same class with other settings, or another class."""
    if "_target_" in under:
        settings = "_target_" not in over and not over.keys() & short_names(contract).keys()
        same = settings or over.get("_target_") == under["_target_"]
        return _each(under, over, _hints(under["_target_"])) if same else over
    return over | _named(under, over, short_names(contract)) if under.keys() == over.keys() else over


def _term(under: dict[str, Any], over: dict[str, Any], hint: Any) -> dict[str, Any]:
    """Merge a term or a filter, with the same component or another one."""
    kind, field = holder(hint) or (type, "")
    below, above = (
        {key: value for key, value in node.items() if (key, value) != ("_target_", dotted(kind))} for node in (under, over)
    )
    had, has = _component(below, field), _component(above, field)
    if has not in (None, had):
        return {key: value for key, value in below.items() if key == ANY_UNIT} | above
    return _each(below, above, hints(kind)) | _named(below, above, short_names(COMPONENT))


def _component(node: dict[str, Any], field: str) -> Any:
    """What identifies a term's component: its short name, its class, or the setting `field`."""
    if "_target_" in node:
        return node["_target_"]
    return next((key for key in node if key == field or key in short_names(COMPONENT)), None)
