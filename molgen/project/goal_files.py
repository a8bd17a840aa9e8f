"""goals.yaml: goals as a chemist writes them.

goals:
  potency:    {measured: pIC50, at_least: 8, weight: 2}
  clearance:  {measured: CLint, lowest: true}
  solubility: {predicted: {predictor: admet, endpoint: solubility_aqsoldb}, at_least: -4}
  tpsa:       {computed: {descriptor: tpsa}, between: [40, 120]}
endpoints:
  CLint: {unit: uL/min/mg, columns: [Clint HLM], noise: 5, log: true}
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from molgen.config import build
from molgen.errors import ConfigError, MolgenError, nearest
from molgen.grammar import spelled
from molgen.names import COLUMNS, check_name
from molgen.predictors.shipped import load_predictor
from molgen.project.goals import COMPUTED, KINDS, MEASURED, PREDICTED, Goal, Goals, MeasuredEndpoint
from molgen.project.wanted import MARGIN, Wanted
from molgen.scoring.component import Component
from molgen.scoring.transforms import ReverseSigmoid, Sigmoid
from molgen.yaml_files import located, mapping, read_tree

WANTED = ("at_least", "at_most", "between", "highest", "lowest")
KEYS = (*KINDS, *WANTED, "weight", "hard", "tolerance", "prior", "assay")
EXAMPLE = "goals: {potency: {measured: pIC50, at_least: 8}}"


def read_goals(path: Path) -> Goals:
    """The goals in a YAML file.

    Raises
    ------
    ConfigError
        There is no such file; or an entry of it can't be meant: file, key and what would be right are named.
    """
    plain = mapping(path)
    if unknown := [key for key in plain if key not in ("goals", "endpoints")]:
        raise ConfigError(
            f"{path}: unknown key '{unknown[0]}'{nearest(str(unknown[0]), ('goals', 'endpoints'))}; write {EXAMPLE}"
        )
    entries = plain.get("goals")
    if not isinstance(entries, dict) or not entries:
        raise ConfigError(f"{path}: goals: there are none; write {EXAMPLE}")
    endpoints = _endpoints(plain.get("endpoints") or {}, path)
    goals = {}
    for name, entry in entries.items():
        where = f"{path}: goals.{name}"
        check_name(name, f"{path}: goals", COLUMNS, "/\\")
        goals[name] = _goal(name, entry, where)
        if measured := goals[name].endpoint:
            if other := next((each for each in endpoints if each.lower() == measured.lower() != "" and each != measured), None):
                raise ConfigError(f"{where}.measured: '{measured}' and '{other}' differ by their case only; write one of them")
            endpoints.setdefault(measured, MeasuredEndpoint(measured))
    if not any(goal.weight for goal in goals.values()):
        raise ConfigError(f"{path}: goals: one at least needs a weight above 0")
    return Goals(goals, endpoints)


def copied(path: Path) -> str:
    """The text of a file of goals, comments and all, in which the names of files are absolute: it can be put anywhere."""
    text = path.read_text(encoding="utf-8-sig")
    left, found = [read_tree(text)], []
    while left:
        node = left.pop()
        if isinstance(node, yaml.MappingNode):
            left += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value
        elif isinstance(node, yaml.ScalarNode) and (place := located(node.value, path.absolute().parent)) != node.value:
            found.append((node.start_mark.index, node.end_mark.index, place))
    for start, end, place in sorted(found, reverse=True):
        text = f"{text[:start]}{json.dumps(place)}{text[end:]}"
    return text


def _endpoints(entries: Any, path: Path) -> dict[str, MeasuredEndpoint]:
    if not isinstance(entries, dict):
        raise ConfigError(f"{path}: endpoints: must be names with settings, such as CLint: {{unit: uL/min/mg}}, not {entries!r}")
    found = {}
    for name, given in entries.items():
        check_name(name, f"{path}: endpoints")
        entry, known = given or {}, ("unit", "columns", "noise", "log")
        where = f"{path}: endpoints.{name}"
        if not isinstance(entry, dict):
            raise ConfigError(f"{where}: must be settings, such as {{unit: nM}}, not {entry!r}")
        if unknown := [key for key in entry if key not in known]:
            raise ConfigError(f"{where}.{unknown[0]}: unknown key{nearest(str(unknown[0]), known)}; known: {', '.join(known)}")
        columns, noise = entry.get("columns", ()), entry.get("noise")
        columns = (columns,) if isinstance(columns, str) else columns
        if not isinstance(columns, list | tuple) or not all(isinstance(column, str) for column in columns):
            raise ConfigError(f"{where}.columns: must be a list of names of columns, not {columns!r}")
        if noise is not None and not _number(noise, f"{where}.noise") > 0:
            raise ConfigError(f"{where}.noise: must be above 0, not {noise:g}")
        if not isinstance(unit := entry.get("unit", ""), str):
            raise ConfigError(f"{where}.unit: must be text, such as nM, not {unit!r}")
        if not isinstance(log := entry.get("log"), bool | None):
            raise ConfigError(f"{where}.log: must be true or false, not {log!r}")
        found[name] = MeasuredEndpoint(name, unit, tuple(columns), noise, log)
    return found


def _goal(name: str, entry: Any, where: str) -> Goal:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: must be settings, such as {{measured: pIC50, at_least: 8}}, not {entry!r}")
    if unknown := [key for key in entry if key not in KEYS]:
        raise ConfigError(f"{where}.{unknown[0]}: unknown key{nearest(str(unknown[0]), KEYS)}; known: {', '.join(KEYS)}")
    kinds = [kind for kind in KINDS if kind in entry]
    if len(kinds) != 1:
        raise ConfigError(f"{where}: must be one of {', '.join(KINDS)}, and is {' and '.join(kinds) or 'none of them'}")
    kind, (of,) = kinds[0], [entry[kinds[0]]]
    if kind == MEASURED and (not isinstance(of, str) or not of.strip()):
        raise ConfigError(f"{where}.measured: must be the name of an endpoint, such as pIC50, not {of!r}")
    if kind == MEASURED:
        check_name(of, f"{where}.measured")
    component = None if kind == MEASURED else _component(kind, of, f"{where}.{kind}")
    hard, weight = entry.get("hard", False), _number(entry.get("weight", 1.0), f"{where}.weight")
    if not isinstance(hard, bool):
        raise ConfigError(f"{where}.hard: must be true or false, not {hard!r}")
    if not 0 <= weight < math.inf:
        raise ConfigError(f"{where}.weight: must be 0 or more, and finite, not {weight:g}")
    wanted = _wanted(name, entry, where, component, 0.0 if kind == COMPUTED else MARGIN)
    if hard and wanted.direction:
        raise ConfigError(f"{where}.hard: a limit needs at_least, at_most or between; {wanted} has none")
    prior = None
    if (given := entry.get("prior")) is not None:
        if kind != MEASURED:
            raise ConfigError(f"{where}.prior: goes with a measured endpoint; a {kind} value needs none")
        prior = _component(PREDICTED, given, f"{where}.prior")
    assay = entry.get("assay")
    if assay is not None and (kind != MEASURED or not isinstance(assay, str | int) or isinstance(assay, bool)):
        raise ConfigError(f"{where}.assay: goes with a measured endpoint, and is the name of an assay of it, not {assay!r}")
    about = None if assay is None else " ".join(str(assay).split())
    return Goal(name, kind, wanted, of if kind == MEASURED else "", component, weight, hard, prior, about)


def _component(kind: str, of: Any, where: str) -> Component:
    """What predicts or computes a value, by the grammar of objectives."""
    try:
        if kind == PREDICTED and isinstance(of, Mapping) and isinstance(of.get("endpoint"), str):
            known = [each.name for each in load_predictor(of.get("predictor", "admet")).endpoints]
            alike = [name for name in known if name.lower() == of["endpoint"].lower()]
            of = {"property": {**of, "endpoint": alike[0] if len(alike) == 1 else of["endpoint"]}}
        made = build(spelled(of, where, Component), where)
    except MolgenError as error:
        first = str(error).splitlines()[0]
        raise ConfigError(first if first.startswith(where) else f"{where}: {first}") from error
    if not isinstance(made, Component):
        example = "{predictor: admet, endpoint: herg}" if kind == PREDICTED else "{descriptor: tpsa}"
        raise ConfigError(f"{where}: must be a component, such as {example}, not {of!r}; molgen components lists them")
    return made


def _wanted(name: str, entry: Mapping[str, Any], where: str, component: Component | None, margin: float) -> Wanted:
    given = [key for key in WANTED if entry.get(key) is not None and entry[key] is not False]
    if not given:
        raise ConfigError(f"{where}: nothing says which values are wanted; write {name}: {_line(entry, component)}")
    if len(given) > 1 and given != ["at_least", "at_most"]:
        raise ConfigError(f"{where}: {' and '.join(given)} can't both be wanted; give one of them")
    tolerance = None if entry.get("tolerance") is None else _number(entry["tolerance"], f"{where}.tolerance")
    try:
        if (key := given[0]) in ("highest", "lowest"):
            if entry[key] is not True:
                raise ConfigError(f"{key}: must be true, not {entry[key]!r}; a threshold is at_least or at_most")
            if tolerance is not None:
                raise ConfigError(f"tolerance: goes with a threshold, and {key} has none")
            return Wanted(direction=1 if key == "highest" else -1)
        if key == "between":
            if not isinstance(entry[key], list) or len(entry[key]) != 2:
                raise ConfigError(f"between: must be two numbers, such as [40, 120], not {entry[key]!r}")
            least, most = (_number(value, f"{where}.between") for value in entry[key])
        else:
            least = _number(entry["at_least"], f"{where}.at_least") if "at_least" in given else -math.inf
            most = _number(entry["at_most"], f"{where}.at_most") if "at_most" in given else math.inf
        return Wanted(least, most, tolerance=tolerance, margin=margin)
    except ConfigError as error:
        raise ConfigError(str(error) if str(error).startswith(where) else f"{where}: {error}") from error


def _line(entry: Mapping[str, Any], component: Component | None) -> str:
    """The entry with what is wanted: what a project would call good where the predictor knows that, else an example."""
    wanted = "at_least: 8"
    if component is not None:
        wanted = "between: [LOW, HIGH]"
        usual = component.desirability()
        if isinstance(usual, Sigmoid | ReverseSigmoid):
            wanted = f"at_least: {usual.high:g}" if isinstance(usual, Sigmoid) else f"at_most: {usual.low:g}"
    written = yaml.safe_dump({key: entry[key] for key in entry}, default_flow_style=True, width=math.inf, sort_keys=False).strip()
    return f"{written[:-1]}, {wanted}}} (or at_least, at_most, between: [LOW, HIGH], highest: true, lowest: true)"


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{where}: must be a number, not {value!r}")
    return float(value)
