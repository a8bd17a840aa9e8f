"""A JSON schema of objectives, generated from the classes' signatures, by which editors complete and check files."""

import collections.abc
import inspect
import math
import typing
from typing import Any

from molgen.chem.standardize import Standardizer
from molgen.classes import choices, hints, locate
from molgen.explained import explained
from molgen.scoring.aggregate import Aggregate
from molgen.scoring.scorer import Filter, Scorer, Term
from molgen.scoring.transforms import Transform
from molgen.short_names import COMPONENT, contract_of, settings_of, short_name, short_names, single, the_setting

JSON: dict[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
OWN = {"type": "object", "required": ["_target_"], "properties": {"_target_": {"type": "string"}}}  # a class of one's own


def objective_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a YAML file with an objective."""
    said = explained(Scorer)
    parts = {name: _part(name, said.get(name, "")) for name in ("terms", "filters", "aggregate", "standardizer")}
    kinds = {
        "term": _holder(Term),
        "filter": _holder(Filter),
        "transform": _one_of(contract_of(Transform) or ""),
        "aggregate": _one_of(contract_of(Aggregate) or ""),
        "component": _one_of(COMPONENT),
        **{f"{name} settings": _settings(locate(target)) for name, target in short_names(COMPONENT).items()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An objective of molgen",
        "type": "object",
        "properties": {"_target_": {"type": "string"}, "defaults": {"type": "array", "items": {"type": "string"}},
                       **dict.fromkeys(parts, True)},
        "anyOf": [{"required": ["terms"]}, {"required": ["defaults"]}, {"required": ["_target_"]}],
        "if": {"required": ["defaults"]},
        "then": {"properties": _changes(parts)},
        "else": {"properties": parts},
        "additionalProperties": False,
        "$defs": kinds | {f"changed {name}": _changes(kind) for name, kind in kinds.items()},
    }  # fmt: skip


def _part(name: str, about: str) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "terms": {"type": "object", "additionalProperties": {"$ref": "#/$defs/term"}, "minProperties": 1},
        "filters": {"type": "object", "additionalProperties": {"$ref": "#/$defs/filter"}},
        "aggregate": {"$ref": "#/$defs/aggregate"},
        "standardizer": {"anyOf": [{"enum": list(short_names(contract_of(Standardizer) or ""))}, _settings(Standardizer), OWN]},
    }
    return kinds[name] | ({"description": about} if about else {})


def _holder(kind: Any) -> dict[str, Any]:
    """A term or a filter: one component by its short name, beside settings of its own."""
    known, own = short_names(COMPONENT), _settings(kind)["properties"]
    components = {name: _value(locate(target), name) for name, target in known.items()}
    one = {"type": "object", "properties": own | components, "additionalProperties": False}
    one["oneOf"] = [{"required": [name]} for name in (*known, "component")]
    return {"anyOf": [{"enum": _alone(known)}, one, OWN]}


def _one_of(contract: str) -> dict[str, Any]:
    """A class by its short name, with or without settings."""
    known = short_names(contract)
    named = [
        {"type": "object", "properties": {name: _value(locate(target), name if contract == COMPONENT else "")},
         "required": [name], "additionalProperties": False}
        for name, target in known.items()
    ]  # fmt: skip
    return {"anyOf": [{"enum": _alone(known)}, *named, OWN]}


def _alone(known: dict[str, str]) -> list[str]:
    """The short names that need no settings."""
    return [name for name, target in known.items() if not _settings(locate(target))["required"]]


def _changes(node: Any) -> Any:
    """The schema `node` without what must be there, for what a file with `defaults` changes."""
    if isinstance(node, list):
        return [_changes(item) for item in node]
    if not isinstance(node, dict) or node == OWN:
        return node
    loose = {key: _changes(value) for key, value in node.items() if key not in ("required", "oneOf", "minProperties")}
    if isinstance(loose.get("$ref"), str):
        loose["$ref"] = loose["$ref"].replace("#/$defs/", "#/$defs/changed ")
    return loose


def _value(kind: Any, name: str) -> dict[str, Any]:
    """What may follow a short name: settings, or the value of the one setting that there must be."""
    forms = [{"$ref": f"#/$defs/{name} settings"} if name else _settings(kind)]
    if (key := the_setting(kind)) is not None:
        forms.append(_typed(hints(kind).get(key, Any)))
    elif not any(item.default is item.empty for item in inspect.signature(kind).parameters.values()):
        forms.append({"type": "null"})
    return {"description": (inspect.getdoc(kind) or "").splitlines()[0], "anyOf": forms}


def _settings(kind: Any) -> dict[str, Any]:
    parameters, known, said = inspect.signature(kind).parameters, hints(kind), explained(kind)
    properties = {}
    for name in settings_of(kind):
        properties[name] = _typed(known.get(name, Any)) | ({"description": said[name]} if said.get(name) else {})
        default = parameters[name].default
        if isinstance(default, bool | int | str) or (isinstance(default, float) and math.isfinite(default)):
            properties[name]["default"] = default
    required = [name for name, item in parameters.items() if item.default is item.empty]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _typed(hint: Any) -> dict[str, Any]:
    forms = [form for choice in choices(hint) for form in _forms(choice)]
    return {} if {} in forms else forms[0] if len(forms) == 1 else {"anyOf": forms}


def _forms(hint: Any) -> list[dict[str, Any]]:
    kind = typing.get_origin(hint) or hint
    if kind in JSON:
        return [{"type": JSON[kind]}]
    if contract := contract_of(hint):
        return [{"$ref": f"#/$defs/{short_name(contract.rpartition('.')[2])}"}]
    if single(hint) is not None:
        return [_settings(hint), OWN]
    if isinstance(kind, type) and issubclass(kind, collections.abc.Mapping):
        return [{"type": "object"}]
    if isinstance(kind, type) and issubclass(kind, collections.abc.Iterable):
        inner = [item for item in typing.get_args(hint) if item is not ...]
        return [{"type": "array", "items": _typed(inner[-1]) if inner else {}}]
    return [{}]
