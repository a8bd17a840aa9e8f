"""An objective as a form changes it: goals that are added or left out, their weights, and their transforms."""

import copy
import dataclasses
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from molgen.app.drawings import LONGEST
from molgen.app.form_fields import FieldError, FormFields
from molgen.app.goal_offers import FIELDS, GoalOffer, goal_offers, name_for, offered
from molgen.app.pattern_limits import check_pattern_of
from molgen.app.reference_sets import Values, reference_values
from molgen.app.shapes import ABOUT, KINDS, NUMBERS, Slider, begin_shape, settings_as_node, shape_of, sliders_of
from molgen.app.workspace import Workspace
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN
from molgen.errors import MolgenError
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.scorer import Scorer, Term, scorer_of
from molgen.short_names import short_name

HEAVIEST = 3.0  # weight that a slider shows, where nothing weighs more
SUBJECTS = {  # settings that say what a component is about
    "similarity": "target", "scaffold": "target", "shape": "reference", "substructure": "smarts", "affinity": "target",
    "selectivity": "target", "docking": "receptor", "novelty": "path",
}  # fmt: skip
OWN = "own"  # the objective that was written into the settings by hand


@dataclass(frozen=True)
class GoalRow:
    """A term as the form shows it.

    Attributes
    ----------
    about
        What is measured.
    given
        The molecule, substructure, protein or file that it is about; empty where it is about none.
    is_molecule
        Whether that can be drawn.
    shape
        Of its transform, among `shapes`; empty for a transform that isn't molgen's.
    sliders
        The numbers of its transform.
    """

    name: str
    about: str
    given: str
    is_molecule: bool
    unit: str
    weight: float
    heaviest: float
    shape: str
    shapes: Mapping[str, str]
    sliders: list[Slider]


def of_objective(draft: FormFields) -> str:
    """What the fields about goals are about: those of another objective don't count."""
    own = draft["objective"] == OWN
    return f"{OWN} {zlib.crc32(draft['scoring'].encode())}" if own else draft["objective"]


def with_goals(draft: FormFields, scoring: dict[str, Any], workspace: Workspace) -> dict[str, Any]:
    """An objective as the form has changed it.

    Raises
    ------
    FieldError
        A number is none, nothing is left, or what is added isn't offered.
    MolgenError
        A goal can't be made of what was said of it.
    """
    if draft["goal_of"] != of_objective(draft) or not isinstance(scoring.get("terms"), dict):
        return copy.deepcopy(scoring)
    found = copy.deepcopy(scoring)
    terms: dict[str, Any] = found["terms"]
    offers = goal_offers(workspace) if draft["added"] else []
    for text in draft.lines("added"):
        offer, node = added_goal(text, offers, workspace)
        terms[name_for(offer, [*terms, *(found.get("filters") or {})])] = node
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
        about, given, unit = about_component(term), given_to(term), term.component.value_unit()
        is_molecule = 0 < len(given) <= LONGEST and Molecules([given], AS_GIVEN).mols[0] is not None
        rows.append(GoalRow(name, about, given, is_molecule, unit, term.weight, heaviest, shape, shapes, sliders))
    return rows


def known_values(term: Term) -> Values:
    """What its component measures of known molecules; nothing where that would take long, or can't be measured."""
    if term.component.slow:
        return {}
    try:
        check_pattern_of(term.component)
        return reference_values(term.component)
    except MolgenError:
        return {}


def about_component(term: Term) -> str:
    """What a term measures, in a few words."""
    component = term.component
    kind = short_name(type(component).__name__)
    named = next((str(getattr(component, key)) for key in ("endpoint", "wanted") if hasattr(component, key)), "")
    named = component.name if isinstance(component, Descriptor) else named
    return f"{kind} {named}".strip().replace("_", " ")


def given_to(term: Term) -> str:
    """What a term is about, such as the molecule to be like; empty where it is about none."""
    found = getattr(term.component, SUBJECTS.get(short_name(type(term.component).__name__), ""), "")
    text = found if isinstance(found, str) else ", ".join(map(str, found))
    return Path(text).name if Path(text).is_absolute() else text


def _is_share(values: Values) -> bool:
    return all(len(each) == 0 or (each.min() >= 0 and each.max() <= 1) for each in values.values())


def added_goal(text: str, offers: Sequence[GoalOffer], workspace: Workspace) -> tuple[GoalOffer, dict[str, Any]]:
    """A goal that the form asks for, as objectives write it.

    Where its component doesn't know what is good, its transform tells known molecules apart.

    Raises
    ------
    FieldError
        It isn't offered, or nothing is said of it.
    MolgenError
        It can't be made of what is said of it.
    """
    offer, said = offered(text, offers)
    node = offer.written(said, workspace)
    kind, what = next(iter(node.items()))
    if kind == "descriptor":
        node["transform"] = {"double_sigmoid": begin_shape("double_sigmoid", reference_values(Descriptor(what)))}
    elif kind == "sa_score":
        node["transform"] = {"linear": {"low": 6.0, "high": 2.5}}
    else:
        component = scorer_of({"terms": {"x": node | {"transform": "identity"}}}).terms["x"].component
        if component.desirability() is None:
            node["transform"] = {"sigmoid": begin_shape("sigmoid", reference_values(component))}
    return offer, node


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
