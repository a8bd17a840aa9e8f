"""An objective: terms, each a component with a transform, hard filters, and an aggregate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD, Standardizer
from molgen.config import build, compose_group
from molgen.errors import ConfigError
from molgen.names import COLUMNS, check_name
from molgen.scoring.aggregate import Aggregate, GeometricMean
from molgen.scoring.component import Component
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.failing import Answer, of_rows
from molgen.scoring.measuring import measure_components
from molgen.scoring.scores import Scores
from molgen.scoring.transforms import Identity, Transform
from molgen.short_names import short_name
from molgen.trust import take_trust

SCALED = "_scaled"
TOLERANCE = 1e-6  # of desirabilities


@dataclass(frozen=True)
class Term:
    """A component whose values are brought to [0, 1] by `transform`, with a weight.

    Attributes
    ----------
    component
        The component that is measured; its short name may stand for this key.
    transform
        Maps its values to [0, 1]; null for the component's own.
    weight
        Weight relative to the other terms, 0 or more.
    """

    component: Component
    transform: Transform | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        _check_component(self.component)
        if self.transform is not None and (not callable(self.transform) or isinstance(self.transform, Component)):
            raise ConfigError(f"transform: must be one of molgen.scoring.transforms, not {self.transform!r}")

    @property
    def scale(self) -> Transform:
        """Its transform, or the component's own.

        Raises
        ------
        ConfigError
            There is neither: the component doesn't know which values are good.
        """
        transform = self.transform or self.component.desirability()
        if transform is None:
            raise ConfigError(f"{short_name(type(self.component).__name__)} needs a transform: {self.component.advice()}")
        return transform

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Desirability [n] of raw values [n]."""
        return self.scale(x)

    def objections(self, x: NDArray[np.float64], scaled: NDArray[np.float64]) -> dict[int, str]:
        """Index in `x` [n] -> reason why a measured value has no valid desirability although the transform returned one."""
        reasons = (
            (_outside(scaled), "its transform makes {1:g} of {0:g}, which is outside 0 to 1"),
            (np.isinf(x) & (scaled > 0), "{0:g} is no value that can be wanted"),
            (isinstance(self.scale, Identity) & _outside(x), "{0:g} is outside 0 to 1; the term needs a transform"),
        )
        return {i: text.format(x[i], scaled[i]) for rows, text in reasons for i in np.flatnonzero(rows).tolist()}


def _check_component(given: Any) -> None:
    if not isinstance(given, Component):
        raise ConfigError(f"component: must be a Component, not {given!r}")


def _outside(x: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (x < -TOLERANCE) | (x > 1 + TOLERANCE)


@dataclass(frozen=True)
class Filter:
    """A condition: the score is 0 unless minimum <= component <= maximum.

    Attributes
    ----------
    component
        The component that is measured; its short name may stand for this key.
    minimum, maximum
        Lowest and highest values that pass, in the component's unit.
    """

    component: Component
    minimum: float = -np.inf
    maximum: float = np.inf

    def __post_init__(self) -> None:
        _check_component(self.component)

    def __call__(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """1 where `x` [n] passes, else 0; nan where it is nan."""
        return np.where(np.isnan(x), np.nan, (self.minimum <= x) & (x <= self.maximum))


@dataclass(frozen=True)
class Unmeasured(Component):
    """Placeholder for a component that was removed.

    Attributes
    ----------
    descriptor
        The name of the descriptor that it was; empty where it was something else.
    """

    descriptor: str = ""

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        """See `Component.__call__`; nothing is known."""
        return np.full(len(molecules), np.nan)


def _in_form(component: Component, standardizer: Standardizer) -> Component:
    """A component whose molecule to compare with has the form that is scored: no salt of it, and charged as that is."""
    given = getattr(component, component.compared) if component.compared else None
    if not given:
        return component
    molecule = Molecules([given]).standardized(standardizer)
    if not molecule.changes[0] or molecule.canonical[0] is None:
        return component
    return replace(component, **{component.compared: molecule.canonical[0]})  # type: ignore[type-var]


def _unmeasured(component: Component) -> Unmeasured:
    if isinstance(component, Unmeasured):
        return component
    return Unmeasured(component.name if isinstance(component, Descriptor) else "")


@dataclass(frozen=True)
class Scorer:
    """Scores molecules by `terms`; a molecule that fails one of `filters` gets 0, the reason, and no further values.

    Molecules are scored in the form that `standardizer` gives them: by default the neutral parent.

    Attributes
    ----------
    terms
        The terms, by names of your choice.
    aggregate
        Combines the terms into one score.
    filters
        Conditions on every molecule, by names of your choice.
    standardizer
        Brings molecules to the form that is scored; `as_given` leaves them as drawn.

    Examples
    --------
    >>> scorer = Scorer.from_config("pmo/amlodipine_mpo")
    >>> scorer(["CCO", "not a molecule"]).to_pandas()
    """

    terms: Mapping[str, Term]
    aggregate: Aggregate = field(default_factory=GeometricMean)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    standardizer: Standardizer = STANDARD

    def __post_init__(self) -> None:
        for kind, group, wanted in (("terms", self.terms, Term), ("filters", self.filters, Filter)):
            for name, entry in group.items():
                check_name(name, f"scoring.{kind}", COLUMNS, "/\\")
                if not isinstance(entry, wanted):
                    raise ConfigError(f"scoring.{kind}.{name}: must be a {wanted.__name__}, not {entry!r}")
        if not callable(self.aggregate) or isinstance(self.aggregate, Component):
            raise ConfigError(f"scoring.aggregate: must be one of molgen.scoring.aggregate, not {self.aggregate!r}")
        for name, term in self.terms.items():
            if not 0 <= term.weight < np.inf:
                raise ConfigError(f"scoring.terms.{name}.weight: must be 0 or more, and finite")
            try:
                _ = term.scale
            except ConfigError as error:
                raise ConfigError(f"scoring.terms.{name}: {error}") from error
        for name, condition in self.filters.items():
            if not condition.minimum <= condition.maximum:
                raise ConfigError(f"scoring.filters.{name}: minimum {condition.minimum:g} is above maximum {condition.maximum:g}")
        if not 0 < sum(term.weight for term in self.terms.values()) < np.inf:
            raise ConfigError(
                "scoring.terms: an objective needs at least one term with a weight above 0, and a finite sum of them"
            )
        if shared := set(self.terms) & set(self.filters):
            raise ConfigError(f"scoring.filters.{min(shared)}: a term has this name already; choose another")
        if taken := [name for name in self.names if name.endswith(SCALED)]:
            raise ConfigError(f"scoring: the name '{taken[0]}' ends as the column of a desirability does; choose another")

    @classmethod
    def from_config(cls, name: str | Path, overrides: Sequence[str] = ()) -> "Scorer":
        """Load the objective `conf/scoring/NAME.yaml`, or one in a YAML file.

        Parameters
        ----------
        name
            Name under `conf/scoring`, or the path of a YAML file.
        overrides
            Such as `scoring.terms.qed.weight=3`; `trust=[my_package]` trusts its code, until the process ends.

        Raises
        ------
        ConfigError
            No such objective, or a wrong key, class or value in it.
        """
        scorer = compose_group("scoring", str(name), take_trust(overrides))
        if not isinstance(scorer, cls):
            raise ConfigError(f"scoring={name}: _target_ must make a {cls.__name__}, made a {type(scorer).__name__}")
        return scorer

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms, then of the filters [c]."""
        return (*self.terms, *self.filters)

    def components(self) -> dict[str, Component]:
        """The component behind each of `names`; molecules that they compare others with are in the form that is scored."""
        return dict(self._components)

    @cached_property
    def _components(self) -> dict[str, Component]:
        rules: dict[str, Any] = {**self.terms, **self.filters}
        return {name: _in_form(rule.component, self.standardizer) for name, rule in rules.items()}

    def at_a_time(self) -> int | None:
        """How many molecules are measured before others are begun, where a component takes seconds; None where none does."""
        return max((n for component in self.components().values() if (n := component.at_a_time())), default=None)

    def descriptors(self) -> set[str]:
        """The names of the descriptors that it asks for."""
        return {name for component in self.components().values() if (name := _unmeasured(component).descriptor)}

    def rules(self) -> "Scorer":
        """The objective without what measures values: transforms, aggregate and filters, small enough to be sent anywhere."""
        terms = {name: Term(_unmeasured(term.component), term.scale, term.weight) for name, term in self.terms.items()}
        filters = {name: replace(each, component=_unmeasured(each.component)) for name, each in self.filters.items()}
        return Scorer(terms, self.aggregate, filters, self.standardizer)

    def __call__(self, smiles: Sequence[str] | Molecules) -> Scores:
        """Score molecules.

        Parameters
        ----------
        smiles
            SMILES [n], or molecules parsed already.

        Returns
        -------
        Scores
            Totals [n] in [0, 1] with values per term; an invalid or refused SMILES gets 0 and a reason.
        """
        molecules = (smiles if isinstance(smiles, Molecules) else Molecules(smiles)).standardized(self.standardizer)
        raw, failures = measure_components(molecules, self.components(), self.filters)
        invalid = [reason and f"invalid: {reason}" for reason in molecules.problem]
        problem = [why or failure for why, failure in zip(invalid, failures, strict=True)]
        scores = self.judged(molecules.smiles, problem, raw)
        return replace(scores, standardized=molecules.used, changes=molecules.changes)

    def judged(self, smiles: Sequence[str], problem: Sequence[str | None], raw: NDArray[np.float64]) -> Scores:
        """Make scores of measured values.

        Parameters
        ----------
        smiles
            SMILES [n].
        problem
            Why a molecule has no score [n], else None; those with a problem get 0.
        raw
            Values [n, c] of the components.
        """
        problem = list(problem)
        scaled, reasons = self._scaled(raw)
        for i, reason in reasons.items():
            problem[i] = problem[i] or reason
        for j, (name, term) in enumerate(self.terms.items()):
            for i, objection in term.objections(raw[:, j], scaled[:, j]).items():
                problem[i], scaled[i, j] = problem[i] or f"{name}: {objection}", np.nan
        for i in np.flatnonzero(self._refused(scaled)).tolist():
            problem[i] = problem[i] or self._problem(raw[i], scaled[i])
        total, raised = self._aggregated(scaled)
        for i in np.flatnonzero(~np.isfinite(total)).tolist():
            problem[i] = problem[i] or f"aggregate: {f'raised {raised[i]}' if raised[i] else f'made {total[i]:g} of the terms'}"
        return Scores(smiles, np.where([reason is None for reason in problem], total, 0.0), problem, self.names, raw, scaled)

    def totals(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """The scores alone [n] of raw values [n, c], without reasons."""
        scaled = self.desirabilities(raw)
        total, _ = self._aggregated(scaled)
        return np.where(self._refused(scaled) | ~np.isfinite(total), 0.0, total)

    def desirabilities(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """The desirabilities [n, c] of raw values [n, c]; nan where there is none, 0 or 1 of a filter."""
        return self._scaled(raw)[0]

    def _scaled(self, raw: NDArray[np.float64]) -> tuple[NDArray[np.float64], dict[int, str]]:
        """Desirabilities [n, c], and row -> reason why a transform returned none."""
        scaled = np.empty(raw.shape)
        reasons: dict[int, str] = {}
        rules: dict[str, Any] = {name: term.scale for name, term in self.terms.items()} | dict(self.filters)
        for j, (name, rule) in enumerate(rules.items()):
            scaled[:, j], raised = of_rows(rule, raw[:, j], f"{name}: {type(rule).__name__}")
            measured = np.flatnonzero(~np.isnan(raw[:, j])).tolist()
            reasons |= {i: f"{name}: its transform raised {raised[i]}" for i in measured if raised[i] and i not in reasons}
        return scaled, reasons

    def _aggregated(self, scaled: NDArray[np.float64]) -> Answer:
        weights = np.array([term.weight for term in self.terms.values()])
        return of_rows(self.aggregate, scaled[:, : len(weights)], f"aggregate: {type(self.aggregate).__name__}", weights)

    def _refused(self, scaled: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.isnan(scaled).any(1) | (scaled[:, len(self.terms) :] == 0).any(1)

    def _problem(self, raw: NDArray[np.float64], scaled: NDArray[np.float64]) -> str | None:
        for j, name in sorted(enumerate(self.names), key=lambda item: item[1] in self.terms):
            if np.isnan(scaled[j]):
                return f"{name}: failed"
            if name in self.filters and not scaled[j]:
                limits = self.filters[name]
                bound = f"below {limits.minimum:g}" if raw[j] < limits.minimum else f"above {limits.maximum:g}"
                return f"filter {name}: {raw[j]:g} is {bound}"
        return None


def scorer_of(node: Any) -> Scorer:
    """Make the objective that the settings `node` describe.

    Raises
    ------
    ConfigError
        It can't be made, or is no Scorer.
    """
    made = build(node, "scoring")
    if not isinstance(made, Scorer):
        raise ConfigError(f"scoring: _target_ must make a Scorer, made a {type(made).__name__}")
    return made


def standardizing(objective: Any, standardizer: Standardizer) -> Any:
    """`objective` with the standardizer that the user named, or with its own if that is the default."""
    return (
        replace(objective, standardizer=standardizer) if standardizer != STANDARD and isinstance(objective, Scorer) else objective
    )
