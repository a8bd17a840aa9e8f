"""The grammar of objectives: short names are spelled out before anything is checked or made.

    solubility: {descriptor: esol, transform: {sigmoid: {low: -6, high: -3.5}}, weight: 2}

Where a component, a transform, an aggregate or a standardizer is expected, `NAME: SETTINGS` or `NAME` alone stands for one of
molgen's classes; a term or a filter uses its component's name as a key. A plain value instead of settings is that of the only
setting that the class requires. Where only one class is possible, as in `terms`, `_target_` may be omitted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from molgen.classes import held, hints, locate, makes, named_class
from molgen.errors import ConfigError, nearest
from molgen.short_names import (
    COMPONENT,
    contract_of,
    dotted,
    holder,
    settings_of,
    short_name,
    short_names,
    single,
    the_setting,
)

SCORER = "molgen.scoring.scorer.Scorer"  # the class of an objective without a `_target_`
SCORING = re.compile(r"(stages(\[\d+\]|\.\d+)\.)?scoring")  # keys that hold objectives
LIST = "molgen components lists them"


class Spelled(dict[str, Any]):
    """The settings of a class whose short name was spelled out.

    Attributes
    ----------
    at
        Their place in what the user wrote.
    places
        Places of the settings that the user wrote under another key, or under none.
    error
        Why no object can be made of them; empty if one can.
    """

    def __init__(self, settings: Mapping[str, Any], at: str, places: Mapping[str, str] | None = None, error: str = "") -> None:
        super().__init__(settings)
        self.at, self.places, self.error = at, places or {}, error


def place(node: Any, path: str, key: Any) -> str:
    """Where the setting `key` of `node`, which is at `path`, stands in what the user wrote."""
    if isinstance(node, Spelled):
        path = node.at
        if key in node.places:
            return node.places[key]
    return f"{path}.{key}" if path else str(key)


def spelled(node: Any, path: str = "", hint: Any = Any) -> Any:
    """Add `_target_` wherever `node`, which describes an object of type `hint`, means a class.

    What can't be understood becomes a `Spelled` with an error.
    """
    hint = _expected(node, path, hint)
    if isinstance(node, Spelled):
        return node
    if isinstance(node, list):
        return [spelled(item, f"{path}[{i}]", held(hint)) for i, item in enumerate(node)]
    if not isinstance(node, dict | str):
        return node
    try:
        if isinstance(node, str):
            contract = contract_of(hint)
            return (
                _named({node: {}}, path, contract, path) if contract else _term({node: {}}, path, hint) if holder(hint) else node
            )
        if holder(hint):
            return _term(node, path, hint)
        if "_target_" not in node and single(hint):
            return _filled(dotted(single(hint)), node, path)
        if "_target_" not in node and (contract := contract_of(hint)):
            return _named(node, path, contract)
    except ConfigError as error:
        return Spelled({"_target_": None}, path, error=str(error))
    if "_target_" not in node:
        return {key: spelled(value, place(node, path, key), held(hint)) for key, value in node.items()}
    return _inside(node, path, node["_target_"])


def _expected(node: Any, path: str, hint: Any) -> Any:
    """`hint`, or the class of an objective if there is no hint."""
    short = hint is Any and isinstance(node, dict) and "_target_" not in node and SCORING.fullmatch(path)
    return locate(SCORER) if short else hint


def _inside(node: Mapping[str, Any], path: str, target: Any) -> dict[str, Any]:
    """Settings of the class `target`, each spelled out."""
    try:
        known = hints(named_class(target))
    except ConfigError:  # `problems` names it
        return dict(node)
    return {key: spelled(value, place(node, path, key), known.get(key, Any)) for key, value in node.items()}


def _filled(target: Any, settings: Mapping[str, Any], path: str) -> Spelled:
    return Spelled({"_target_": target, **_inside(settings, path, target)}, path)


def _term(node: dict[str, Any], path: str, hint: Any) -> Any:
    """A term or a filter: its own settings plus the name of a component."""
    kind, field = holder(hint) or (type, "")
    own, known, what = settings_of(kind), short_names(COMPONENT), short_name(kind.__name__)
    if "_target_" in node:
        return _own_class(node, path, kind, field)
    if taken := sorted(set(own) & set(known)):
        raise ConfigError(f"{path}: '{taken[0]}' is both a component and a setting of a {what}; rename {known[taken[0]]}")
    names = [key for key in node if key not in own]
    if wrong := [key for key in names if key not in known]:
        close = {key: nearest(str(key), [*own, *known]) for key in wrong}
        raise ConfigError("\n".join(f"{path}.{key}: no setting of a {what}, no component{close[key]}; {LIST}" for key in wrong))
    if len(found := [*names, *({field} & set(node))]) != 1:
        raise ConfigError(f"{path}: a {what} has one component, and here {' and '.join(found) or 'is none'}; {LIST}")
    whole = _filled(dotted(kind), {key: value for key, value in node.items() if key not in names}, path)
    for name in names:
        whole[field] = _of_short(name, node[name], f"{path}.{name}", known)
        whole.places = {field: f"{path}.{name}"}
    return whole


def _own_class(node: dict[str, Any], path: str, kind: type, field: str) -> Any:
    """A term whose `_target_` is its own class, or that of a component whose settings are mixed with the term's."""
    try:
        found = named_class(node["_target_"])
    except ConfigError:  # `problems` names it
        return node
    if makes(found, kind) or not makes(found, locate(COMPONENT)):
        return _inside(node, path, node["_target_"])
    own, what = settings_of(kind), short_name(kind.__name__)
    if shared := [key for key in settings_of(found) if key in own and key in node]:
        raise ConfigError(
            f"{path}.{shared[0]}: is a setting of the {what} and of {found.__name__}; put those of the component below {field}:"
        )
    whole = _filled(dotted(kind), {key: value for key, value in node.items() if key in own}, path)
    whole[field] = _filled(node["_target_"], {key: v for key, v in node.items() if key not in (*own, "_target_")}, path)
    whole.places = {field: path}
    return whole


def _named(node: dict[str, Any], path: str, contract: str, where: str = "") -> Any:
    """The settings that `{NAME: SETTINGS}` stands for; `where` is the name's place, if not below `path`."""
    known, what = short_names(contract), short_name(contract.rpartition(".")[2])
    if len(node) != 1:
        raise ConfigError(
            f"{path}: must be one {what}, and is {' and '.join(map(str, node)) or 'none'}; known: {', '.join(known)}"
        )
    ((name, settings),) = node.items()
    where = where or f"{path}.{name}"
    if name not in known:
        raise ConfigError(f"{where}: no {what} '{name}'{nearest(str(name), known)}; known: {', '.join(known)}")
    return _of_short(name, settings, where, known)


def _of_short(name: str, settings: Any, path: str, known: Mapping[str, str]) -> Spelled:
    """An object of the class that `name` is short for."""
    opened = settings_in(settings, locate(known[name]))
    if opened is None:
        any_of = f"write {name}: {{SETTING: {settings!r}}}, as it could be any; molgen components {name}"
        raise ConfigError(f"{path}: {any_of if settings_of(locate(known[name])) else f'{name} has no settings'}")
    if "_target_" in opened:
        raise ConfigError(f"{path}._target_: {name} is a class already; one of your own is named in its place")
    whole = _filled(known[name], opened, path)
    whole.places = {} if opened is settings else dict.fromkeys(opened, path)
    return whole


def settings_in(value: Any, kind: Any) -> dict[str, Any] | None:
    """The settings of a class for which `value` stands; None if that is ambiguous."""
    if value is None or isinstance(value, dict):
        return value or {}
    return None if (key := the_setting(kind)) is None else {key: value}


def opened(value: Any, hint: Any) -> dict[str, Any] | None:
    """`value`, which describes an object of type `hint`, as a mapping that can be extended; None if it can't be one."""
    if isinstance(value, str) and (contract_of(hint) or holder(hint)):
        return {value: {}}
    return settings_in(value, hint) if isinstance(hint, type) and single(hint) and not holder(hint) else None


def expected_at(plain: Any, keys: Sequence[Any]) -> tuple[Any, Any]:
    """The type of the value at `keys` of a configuration, and the class whose setting the last key is, as far as known."""
    node, path, hint, owner = plain, "", Any, None
    for key in keys:
        hint = _expected(node, path, hint)
        hint, owner = _below(node, hint, key)
        node, path = at(node, [key]), f"{path}.{key}" if path else str(key)
    return _expected(node, path, hint), owner


def _below(node: Any, hint: Any, key: Any) -> tuple[Any, Any]:
    if isinstance(node, list):
        return held(hint), None
    owner: Any = single(hint)
    holds, contract = holder(hint), contract_of(hint)
    if isinstance(node, dict) and "_target_" in node:
        try:
            named = named_class(node["_target_"])
        except ConfigError:  # `problems` names it
            return Any, None
        owner = owner if holds and not makes(named, holds[0]) and key in settings_of(owner) else named
    elif holds or (contract and not owner):
        known = short_names(COMPONENT if holds else contract or "")
        if key in known:
            return locate(known[key]), None
    return (held(hint), None) if owner is None else (hints(owner).get(key, Any), owner)


def at(plain: Any, keys: Sequence[Any]) -> Any:
    """The value at `keys` of a configuration; None if there is none."""
    for key in keys:
        inside = isinstance(plain, dict) or (isinstance(plain, list) and isinstance(key, int))
        plain = (plain.get(key) if isinstance(plain, dict) else plain[key]) if inside else None
    return plain


def written_as(plain: Any, keys: Sequence[str]) -> list[str]:
    """`keys` as they are in `plain`, where a short name replaces `component` and stands between `transform` and `low`."""
    found: list[str] = []
    for number, key in enumerate(keys, 1):
        node, (hint, _) = at(plain, found), expected_at(plain, found)
        holds, contract = holder(hint), None if single(hint) else contract_of(hint)
        if not isinstance(node, dict) or "_target_" in node or key in node:
            found.append(key)
        elif holds and key == holds[1] and number < len(keys):
            found.append(next((name for name in node if name in short_names(COMPONENT)), key))
        elif contract and len(node) == 1 and key not in (known := short_names(contract)) and (name := next(iter(node))) in known:
            found += [name, key]
        else:
            found.append(key)
    return found
