"""An objective as a form changes it: goals that are added or left out, their weights, and their transforms."""

import copy
import dataclasses
import functools
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from molgen.app.form_fields import FieldError, FormFields
from molgen.app.reference_sets import Values, reference_values
from molgen.app.shapes import ABOUT, KINDS, NUMBERS, Slider, begin_shape, settings_as_node, shape_of, sliders_of
from molgen.errors import MolgenError
from molgen.predictors.shipped import file_of
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.expensive import Expensive
from molgen.scoring.scorer import Scorer, Term, scorer_of
from molgen.short_names import short_name

COMPUTED = (
    "qed", "sa_score", "descriptor molecular_weight", "descriptor logp", "descriptor tpsa", "descriptor hb_donors",
    "descriptor hb_acceptors", "descriptor rotatable_bonds", "descriptor fraction_sp3", "descriptor aromatic_rings",
    "descriptor stereocentres", "descriptor formal_charge", "descriptor esol",
)  # fmt: skip
HEAVIEST = 3.0  # weight that a slider shows, where nothing weighs more
OWN = "own"  # the objective that was written into the settings by hand
FIELDS = "goal"  # fields are goal.WHAT.NAME, where the name may have points in it


@dataclass(frozen=True)
class GoalRow:
    """A term as the form shows it.

    Attributes
    ----------
    about
        What is measured.
    shape
        Of its transform, among `shapes`; empty for a transform that isn't molgen's.
    sliders
        The numbers of its transform.
    """

    name: str
    about: str
    unit: str
    weight: float
    heaviest: float
    shape: str
    shapes: Mapping[str, str]
    sliders: list[Slider]


@functools.cache
def known_goals() -> dict[str, list[tuple[str, str]]]:
    """What can be added without more being said, by kind: as the form sends it, and what it is called."""
    computed = [(text, text.rpartition(" ")[2].replace("_", " ")) for text in COMPUTED]
    card = json.loads(file_of("admet").with_suffix(".json").read_text(encoding="utf-8"))  # its models take seconds to read
    endpoints = [(f"property {each['name']}", each["about"] or each["name"]) for each in card["endpoints"]]
    return {"Computed": computed, "Predicted": endpoints}


def of_objective(draft: FormFields) -> str:
    """What the fields about goals are about: those of another objective don't count."""
    own = draft["objective"] == OWN
    return f"{OWN} {zlib.crc32(draft['scoring'].encode())}" if own else draft["objective"]


def with_goals(draft: FormFields, scoring: dict[str, Any]) -> dict[str, Any]:
    """An objective as the form has changed it.

    Raises
    ------
    FieldError
        A number is none, or nothing is left.
    """
    if draft["goal_of"] != of_objective(draft) or not isinstance(scoring.get("terms"), dict):
        return copy.deepcopy(scoring)
    found = copy.deepcopy(scoring)
    terms: dict[str, Any] = found["terms"]
    for text in draft.lines("added"):
        terms[_free(text, terms, found.get("filters") or {})] = _added(text)
    for name in draft.lines("left_out"):
        terms.pop(name, None)
    if not terms:
        raise FieldError(FIELDS, "no goal is left; add one")
    made = scorer_of(found).terms
    for name in terms:
        terms[name] = _changed(draft, name, terms[name], made[name])
    return found


def goal_rows(scorer: Scorer) -> list[GoalRow]:
    """The terms of an objective, as the form shows them."""
    rows = []
    heaviest = max([HEAVIEST, *(term.weight for term in scorer.terms.values())])
    for name, term in scorer.terms.items():
        shape = shape_of(term.scale)
        values = known_values(term)
        shapes = {key: about for key, about in ABOUT.items() if key == shape or key != "identity" or _is_share(values)}
        sliders = sliders_of(term.scale, values) if shape else []
        about = about_component(term)
        rows.append(GoalRow(name, about, term.component.value_unit(), term.weight, heaviest, shape, shapes, sliders))
    return rows


def known_values(term: Term) -> Values:
    """What its component measures of known molecules; nothing where that would take long, or can't be measured."""
    if isinstance(term.component, Expensive):
        return {}
    try:
        return reference_values(term.component)
    except MolgenError:
        return {}


def about_component(term: Term) -> str:
    """What a term measures, in a few words."""
    component = term.component
    kind = short_name(type(component).__name__)
    named = component.name if isinstance(component, Descriptor) else getattr(component, "endpoint", "")
    return f"{kind} {named}".strip().replace("_", " ")


def _is_share(values: Values) -> bool:
    return all(len(each) == 0 or (each.min() >= 0 and each.max() <= 1) for each in values.values())


def _free(text: str, terms: Mapping[str, Any], filters: Mapping[str, Any]) -> str:
    name = text.rpartition(" ")[2]
    names = [name, *(f"{name}_{number}" for number in range(2, 99))]
    return next(each for each in names if each not in terms and each not in filters)


def _added(text: str) -> dict[str, Any]:
    """A goal that the form offers, as objectives write it."""
    if text not in [each for group in known_goals().values() for each, _ in group]:
        raise FieldError(FIELDS, f"'{text[:60]}' can't be added here; write it into the settings")
    kind, _, what = text.partition(" ")
    node: dict[str, Any] = {kind: what or {}}
    if kind == "descriptor":
        node["transform"] = {"double_sigmoid": begin_shape("double_sigmoid", reference_values(Descriptor(what)))}
    elif kind == "sa_score":
        node["transform"] = {"linear": {"low": 6.0, "high": 2.5}}
    elif kind == "property":
        component = scorer_of({"terms": {"x": node | {"transform": "identity"}}}).terms["x"].component
        if component.desirability() is None:
            node["transform"] = {"sigmoid": begin_shape("sigmoid", reference_values(component))}
    return node


def _changed(draft: FormFields, name: str, node: Any, term: Term) -> Any:
    """A term with the weight and the transform of the form; as it was written where these are what it has."""

    def number(what: str) -> float | None:
        key = f"{FIELDS}.{what}.{name}"
        value: float | None = draft.number(key, float)
        return value

    new: dict[str, Any] = {}
    weight = number("weight")
    if weight is not None and weight != term.weight:
        if not 0 <= weight < math.inf:
            raise FieldError(FIELDS, f"{name}: its weight must be 0 or more, not {weight:g}")
        new["weight"] = weight
    now, shape = shape_of(term.scale), draft[f"{FIELDS}.shape.{name}"]
    if shape and shape not in KINDS:
        raise FieldError(FIELDS, f"{name}: no transform '{shape[:40]}'")
    if shape and shape != draft[f"{FIELDS}.was.{name}"]:
        new["transform"] = {shape: begin_shape(shape, known_values(term))} if shape != "identity" else shape
    elif shape and now:
        base = {} if shape == now else begin_shape(shape, known_values(term))
        wanted = {
            key: value for key in NUMBERS if (value := number(key)) is not None and (key in base or hasattr(term.scale, key))
        }
        if shape != now:
            new["transform"] = {shape: base | wanted}
        elif any(value != getattr(term.scale, key) for key, value in wanted.items()):
            try:
                new["transform"] = settings_as_node(dataclasses.replace(term.scale, **wanted))  # type: ignore[type-var]
            except MolgenError as error:
                raise FieldError(FIELDS, f"{name}: {error}") from error
    if not new:
        return node
    return {**({node: {}} if isinstance(node, str) else node), **new}
