"""A run whose goals are weighed otherwise, or which may spend more: a new stage, for which nothing is measured again."""

import copy
import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from molgen.config import check
from molgen.errors import ConfigError, MolgenError
from molgen.files import write_atomically
from molgen.folders import writing
from molgen.runs.database import FILE
from molgen.runs.export import LAST
from molgen.runs.run import Campaign
from molgen.runs.settings import CONFIG, made, read_config
from molgen.runs.store import RunStore
from molgen.scoring.scorer import Scorer, scorer_of

OBJECTIVES = "objectives.yaml"  # those before, each with the calls that it was for
ENDS = ("budget", "until", "stop")  # settings of a campaign that say when it ends


def change_objective(folder: Path, scoring: Mapping[str, Any], ends: Mapping[str, Any] | None = None) -> list[str]:
    """Give a run other weights, transforms, aggregate, or limits of filters, and another end; resumed, it goes on with them.

    What is stored is scored anew once it is resumed, of what has been measured, see `relearn`; the objective before is kept in
    `OBJECTIVES`. One that had ended has not any more: it lacks `top.csv` until it is resumed.

    Parameters
    ----------
    scoring
        The whole objective.
    ends
        Those of `ENDS` that change.

    Returns
    -------
    list of str
        What has changed, in words; nothing is written where there is nothing.

    Raises
    ------
    ConfigError
        It measures something else, can't be made, or may spend less than has been spent.
    CampaignError
        A campaign is running in the folder.
    """
    with writing(folder):
        config, calls = read_config(folder), _calls(folder)
        new = copy.deepcopy(config) | {"scoring": dict(scoring)}
        changes = _other_goals(config["scoring"], scoring, folder) if scoring != config["scoring"] else []
        new["campaign"] |= ends or {}
        changes += _other_end(config["campaign"], new["campaign"], calls)
        if not changes:
            return []
        check(new["scoring"], "scoring")
        entry = {"until_call": calls, "time": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}", "changes": changes}
        history = [*objectives_before(folder), entry | {"scoring": config["scoring"]}]
        write_atomically(folder / OBJECTIVES, yaml.safe_dump(history, sort_keys=False, allow_unicode=True).encode())
        (folder / LAST).unlink(missing_ok=True)  # of the campaign as it was: see `has_ended`
        write_atomically(folder / CONFIG, yaml.safe_dump(new, sort_keys=False).encode())
    return changes


def _calls(folder: Path) -> int:
    if not (folder / FILE).exists():
        return 0
    store = RunStore(folder)
    try:
        return len(store)
    finally:
        store.close()


def _other_goals(now: Any, wanted: Mapping[str, Any], folder: Path) -> list[str]:
    try:
        before, after = scorer_of(now), scorer_of(wanted)
    except MolgenError as error:
        raise ConfigError(str(error)) from error
    _check_same(before, after, folder)
    return differences(before, after)


def _other_end(now: Mapping[str, Any], wanted: Mapping[str, Any], calls: int) -> list[str]:
    """What changes of when a campaign ends, in words.

    Raises
    ------
    ConfigError
        It isn't an end, or has been passed.
    """
    made(dict(wanted), "campaign", Campaign)
    found = {key: (now.get(key), wanted.get(key)) for key in ENDS if now.get(key) != wanted.get(key)}
    if "budget" in found and wanted["budget"] < calls:
        raise ConfigError(f"campaign.budget: {calls:,} calls have been spent; it must be that or more, not {wanted['budget']:,}")
    return [f"{key}: {_word(old)} \N{RIGHTWARDS ARROW} {_word(new)}" for key, (old, new) in found.items()]


def _word(value: Any) -> str:
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def objectives_before(folder: Path) -> list[dict[str, Any]]:
    """The objectives that a run had before, the first first: until which call, when and what was changed."""
    path = folder / OBJECTIVES
    if not path.is_file() or path.is_symlink():
        return []
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: can't be read ({str(error).splitlines()[0]}); move it away, or restore a copy") from error
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def differences(before: Scorer, after: Scorer) -> list[str]:
    """What the goals of two objectives that measure the same differ in, in words."""
    found = []
    for name, term in after.terms.items():
        old = before.terms[name]
        if old.weight != term.weight:
            found.append(f"{name}: weight {old.weight:g} \N{RIGHTWARDS ARROW} {term.weight:g}")
        if old.scale != term.scale:
            found.append(f"{name}: {old.scale!r} \N{RIGHTWARDS ARROW} {term.scale!r}")
    for name, condition in after.filters.items():
        old_limits, limits = [(each.minimum, each.maximum) for each in (before.filters[name], condition)]
        if old_limits != limits:
            found.append(
                f"filter {name}: {old_limits[0]:g} to {old_limits[1]:g} \N{RIGHTWARDS ARROW} {limits[0]:g} to {limits[1]:g}"
            )
    if before.aggregate != after.aggregate:
        found.append(f"aggregate: {before.aggregate!r} \N{RIGHTWARDS ARROW} {after.aggregate!r}")
    return found


def _check_same(before: Scorer, after: Scorer, folder: Path) -> None:
    for kind, old, new in (("terms", before.terms, after.terms), ("filters", before.filters, after.filters)):
        if set(old) != set(new):
            strange = sorted(set(old) ^ set(new))[0]
            raise ConfigError(
                f"scoring.{kind}.{strange}: a campaign that goes on keeps its {kind}; a weight of 0 leaves one out, and a new "
                f"campaign can have others"
            )
        for name in new:
            if old[name].component != new[name].component:
                raise ConfigError(
                    f"scoring.{kind}.{name}: {folder.name} has measured something else; begin a new campaign for that"
                )
    limits = [(each.minimum, each.maximum) for each in before.filters.values()]
    wider = [
        name
        for (name, each), (low, high) in zip(after.filters.items(), limits, strict=True)
        if each.minimum < low or each.maximum > high
    ]
    if wider:
        raise ConfigError(f"scoring.filters.{wider[0]}: can be made narrower only: what it refused was not measured any further")
