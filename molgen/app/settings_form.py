"""Settings that were written by hand, brought back into the fields of the form as far as it has fields for them."""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from molgen.app.draft import STRATEGIES, WINDOWS, Draft
from molgen.app.objective_draft import OWN
from molgen.app.workspace import Workspace
from molgen.errors import MolgenError
from molgen.runs.settings import design_config

IGNORED = ("campaign.folder", "campaign.title")  # the form's name makes them
KEPT = ("name", "price_hour", "price_call")  # of the form as it was: settings don't have them


def fields_of(config: dict[str, Any], draft: Draft, workspace: Workspace) -> tuple[dict[str, str], list[str]]:
    """The fields that stand for settings.

    Parameters
    ----------
    config
        Settings, checked.
    draft
        The form as it was before; its objective stays where the settings have it.

    Returns
    -------
    dict, list
        Values by field, and the keys of what the settings say beyond the form.
    """
    campaign, search = config["campaign"], config["search"]
    fields = {name: draft[name] for name in KEPT}
    fields |= {"budget": str(campaign.get("budget", "")), "seed": str(config.get("seed", 0)), "strategy": _strategy(search)}
    fields |= _constraints(search.get("constraints") or {}, campaign.get("start") or [])
    fields |= _blocks(search.get("makeable"))
    fields |= _objective(config["scoring"], draft, workspace)
    try:
        back = Draft(fields).settings(workspace)
    except MolgenError:
        return fields, ["something"]
    return fields, [key for key in _differing(config, back) if not key.startswith(IGNORED)]


def _objective(scoring: Mapping[str, Any], draft: Draft, workspace: Workspace) -> dict[str, str]:
    """The objective that was chosen, with its goals as they were changed, where it is this one; else its text."""
    names = [key for key in draft.fields if key.startswith("goal")]
    chosen = {
        key: draft.fields.get(key, "") for key in ("objective", "scoring", "added", "left_out", "liked", "liked_weight", *names)
    }
    try:
        if Draft({"name": draft["name"], **chosen}).settings(workspace)["scoring"] == scoring:
            return chosen
    except MolgenError:
        pass
    text = yaml.safe_dump(dict(scoring), sort_keys=False, allow_unicode=True)
    return {"objective": OWN, "scoring": text, "added": "", "left_out": "", "liked": ""}


@functools.cache
def _usual(strategy: str) -> dict[str, Any]:
    search: dict[str, Any] = design_config([f"search={strategy}"])["search"]
    return search


def _strategy(search: Mapping[str, Any]) -> str:
    """The strategy whose settings are the nearest to these."""

    def apart(name: str) -> tuple[bool, int]:
        usual = _usual(name)
        other_kind = any(bool(search.get(key)) != bool(usual.get(key)) for key in ("makeable", "constraints"))
        return other_kind, len(list(_differing(dict(search), usual)))

    return min(STRATEGIES, key=apart)


def _constraints(node: Mapping[str, Any], start: Any) -> dict[str, str]:
    leads = node.get("lead") or []
    leads = [leads] if isinstance(leads, str) else leads
    start = [start] if isinstance(start, str) else start
    fields = {
        "lead": "\n".join(map(str, leads or start)),
        "similarity": f"{node.get('similarity', 0.4)}" if leads else "0" if start else "0.4",
        "must_contain": "\n".join(map(str, node.get("must_contain") or [])),
        "forbid": "\n".join(map(str, node.get("forbid") or [])),
    }
    windows = node.get("windows") or {}
    for name in WINDOWS:
        low, high = windows.get(name) or (None, None)
        fields |= {f"windows.{name}.low": _text(low), f"windows.{name}.high": _text(high)}
    return fields


def _blocks(node: Any) -> dict[str, str]:
    if not isinstance(node, Mapping) or "stock" not in node:
        return {}  # any molecule may be proposed, and the fields stay as they are
    fields = {name: _text(node.get(name)) for name in ("stock", "steps", "reactions", "price_limit")}
    return fields | {"without": "\n".join(map(str, node.get("without") or []))}


def _text(value: Any) -> str:
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def _differing(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Keys below which two settings differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in {**one, **other}:
            yield from _differing(one.get(key), other.get(key), f"{at}.{key}" if at else str(key))
    elif _plain(one) != _plain(other):
        yield at


def _plain(value: Any) -> str:
    return json.dumps(value, default=str)
