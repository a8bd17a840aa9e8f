"""What a project expects of compounds: the values of all its goals, by measurements, predictors and components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.data.units import limits
from molgen.predictors.domain import Words
from molgen.predictors.trust import Z90
from molgen.project.assays import asked_assay
from molgen.project.facts import Measurement, units_of
from molgen.project.goals import MEASURED, Goal, Goals
from molgen.project.models.base import EndpointModel, Observations, Values
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.project.models.logarithmic_process import LogarithmicProcess
from molgen.search.bayesian.models.features import Features, describe_molecules, stack

ASSAYS = 5  # besides the one that a goal is about, those with the most measurements
TINY = 1e-12
HALF = 16  # draws of a marginal utility, and as many antithetic ones


@dataclass(frozen=True, eq=False)
class Expected:
    """What is expected of a goal's values of compounds [n].

    Attributes
    ----------
    mean : float64 [n]
        nan where a predictor or a component fails, and of an endpoint of which nothing is known.
    error : float64 [n]
        Standard deviation of what a measurement will give; nan where nobody knows it, and of endpoints that are learnt by their
        logarithms, as it would differ above and below; None of computed values.
    low, high : float64 [n]
        The 90 % interval of a measurement; nan where nobody knows it, None of computed values.
    outside : object [n]
        Why a compound is outside the predictor's domain, in words, empty where it isn't; None where nobody says so.
    """

    mean: Values
    error: Values | None = None
    low: Values | None = None
    high: Values | None = None
    outside: Words | None = None

    @property
    def deviation(self) -> Values:
        """Errors [n] that values are drawn with: an unknown one is as large as the largest known one of these compounds."""
        if self.error is None:
            return np.zeros(1)
        return np.nan_to_num(self.error, nan=float(np.nanmax(self.error, initial=0.0)))


@dataclass(frozen=True, eq=False)
class Posterior:
    """All that a project knows, as expectations and draws of its goals' values.

    Attributes
    ----------
    goals
        On the scale of what was measured; see `Goals.scaled`.
    models
        Of the measured goals, by their names.
    ranges
        What values of their endpoints can be, by their names: the limits of the unit, unless something was measured beyond.
    unknown
        Those of which nothing is known yet, neither a measurement nor a predictor.
    """

    goals: Goals
    models: Mapping[str, EndpointModel]
    ranges: Mapping[str, tuple[float, float]]
    unknown: frozenset[str]

    @classmethod
    def of(cls, goals: Goals, measurements: Sequence[Measurement]) -> "Posterior":
        """Learn from measurements that hold."""
        goals = goals.in_units(units_of(measurements))
        molecules = Molecules(list(dict.fromkeys(fact.compound for fact in measurements)))
        x = _features(molecules)
        values: dict[str, list[float]] = {}
        for fact in measurements:
            values.setdefault(fact.endpoint, []).append(fact.value)
        asked = [goal for goal in goals.goals.values() if goal.kind == MEASURED]
        models = {goal.name: _fitted(goal, goals, measurements, molecules, x) for goal in asked}
        ranges = {goal.name: _range(goals.endpoints[goal.endpoint].unit, values.get(goal.endpoint, [])) for goal in asked}
        unknown = frozenset(goal.name for goal in asked if goal.prior is None and goal.endpoint not in values)
        scaled = goals.scaled({name: np.array(found) for name, found in values.items()})
        return cls(scaled, models, ranges, unknown)

    def expect(self, molecules: Molecules) -> dict[str, Expected]:
        """What is expected of each goal, of valid compounds [n] in standard form."""
        x = _features(molecules)
        return {name: self._expected(goal, molecules, x) for name, goal in self.goals.goals.items()}

    def _expected(self, goal: Goal, molecules: Molecules, x: Features) -> Expected:
        if goal.kind == MEASURED:
            mean, deviation = self._measured(goal, molecules, x)
            model = self.models[goal.name]
            error = np.hypot(deviation, model.noise[0])
            low, middle, high = (model.values(mean + by * error) for by in (-Z90, 0.0, Z90))
            nobody = np.full(len(molecules), np.nan)
            if goal.name in self.unknown:
                return Expected(nobody, nobody, nobody, nobody)
            low, middle, high = (np.clip(values, *self.ranges[goal.name]) for values in (low, middle, high))
            return Expected(middle, nobody if isinstance(model, LogarithmicProcess) else error, low, high)
        assert goal.component is not None
        prediction = goal.component.prediction(molecules)
        if prediction is None or prediction.endpoints[0].task != "regression":
            outside = None if prediction is None else prediction.outside[:, 0]
            return Expected(goal.component(molecules), outside=outside)
        parts = (getattr(prediction, name)[:, 0] for name in ("mean", "std", "low", "high", "outside"))
        return Expected(*parts)

    def _measured(self, goal: Goal, molecules: Molecules, x: Features) -> tuple[Values, Values]:
        """Means [n] and standard deviations [n] of a goal's true values on its model's scale; nan where its predictor fails."""
        prior, unknown = _prior(goal, molecules)
        mean, deviation = self.models[goal.name].predict(x, prior)
        return np.where(unknown, np.nan, mean), deviation

    def draw(self, molecules: Molecules, number: int, rng: np.random.Generator) -> dict[str, Values]:
        """Joint draws of all goals' values of valid compounds in standard form, each [number, n]; of computed ones [n]."""
        x = _features(molecules)
        drawn: dict[str, Values] = {}
        for name, goal in self.goals.goals.items():
            if goal.kind == MEASURED:
                prior, unknown = _prior(goal, molecules)
                drawn[name] = np.where(unknown, np.nan, self.models[name].draw(x, number, rng, prior))
                continue
            expected = self._expected(goal, molecules, x)
            normal = rng.standard_normal((number, len(molecules))) if expected.error is not None else 0.0
            drawn[name] = expected.mean + normal * expected.deviation
        return drawn

    def utility(self, molecules: Molecules) -> tuple[Values, Values]:
        """Mean [n] and standard deviation [n] of the utility of valid compounds in standard form, each by itself."""
        draws = self._utilities(molecules, repeated=False)
        return draws.mean(0), draws.std(0)

    def utility_after_repeat(self, molecules: Molecules) -> Values:
        """Draws [draws, n] of the utility that compounds would be expected to have if each were measured once more, by itself.

        A value known to a variance s², measured with noise of variance t², is then expected somewhere with a variance of
        s⁴ / (s² + t²) about what is expected now.
        """
        return self._utilities(molecules, repeated=True)

    def _utilities(self, molecules: Molecules, repeated: bool) -> Values:
        """Marginal draws [draws, n]: of the utility, or of what would be expected of it once the measurements were `repeated`."""
        x = _features(molecules)
        rng, values = np.random.default_rng(0), dict[str, Values]()
        for name, goal in self.goals.goals.items():
            if goal.kind == MEASURED:
                mean, deviation = self._measured(goal, molecules, x)
                if repeated:
                    deviation = deviation**2 / np.maximum(np.hypot(deviation, self.models[name].noise[0]), TINY)
            else:
                expected = self._expected(goal, molecules, x)
                mean, deviation = expected.mean, np.zeros(1) if repeated else expected.deviation
            half = rng.standard_normal((HALF, 1))
            values[name] = mean + np.concatenate([half, -half]) * deviation
            if goal.kind == MEASURED:
                values[name] = self.models[name].values(values[name])
        return self.goals.utility(values)


def _fitted(goal: Goal, goals: Goals, measurements: Sequence[Measurement], molecules: Molecules, x: Features) -> EndpointModel:
    """The model of a measured goal, which has learnt from the measurements of all `molecules`."""
    by_ratios = goals.endpoints[goal.endpoint].by_ratios([fact.value for fact in measurements if fact.endpoint == goal.endpoint])
    model = LogarithmicProcess() if by_ratios else EndpointProcess()
    prior, unknown = _prior(goal, molecules)
    without = {molecules.smiles[i] for i in np.flatnonzero(unknown)}
    told = [fact for fact in measurements if fact.compound not in without and (fact.value > 0 or not by_ratios)]
    observed = _observations(goal, goals, asked_assay(goal, measurements), told, molecules.smiles)
    model.fit(x, observed, prior, goal.wanted.middle)
    return model


def _range(unit: str, measured: Sequence[float]) -> tuple[float, float]:
    lowest, highest = limits(unit)
    return (
        -np.inf if lowest is None else min([lowest, *measured]),
        np.inf if highest is None else max([highest, *measured]),
    )


def _features(molecules: Molecules) -> Features:
    return stack(describe_molecules(molecules.mols))


def _prior(goal: Goal, molecules: Molecules) -> tuple[Values | None, NDArray[np.bool_]]:
    """What a goal's predictor says of compounds [n], and of which it says nothing [n]: there the value is of no meaning."""
    if goal.prior is None:
        return None, np.zeros(len(molecules), bool)
    values = goal.prior(molecules)
    known = np.isfinite(values)
    return np.where(known, values, values[known].mean() if known.any() else 0.0), ~known


def _observations(
    goal: Goal, goals: Goals, assay: str | None, measurements: Sequence[Measurement], compounds: Sequence[str]
) -> Observations:
    """What tells of a goal: its endpoint's measurements by their assays, and those of other endpoints in the same unit.

    Predictions are about `assay`. Where the endpoint itself was never measured nobody knows how it goes with others.
    """
    if all(fact.endpoint != goal.endpoint for fact in measurements):
        measurements = ()
    unit = goals.endpoints[goal.endpoint].unit
    counts: dict[tuple[str, str], int] = {}
    for fact in measurements:
        if fact.endpoint == goal.endpoint or (unit and fact.unit == unit):
            counts[fact.endpoint, fact.assay] = counts.get((fact.endpoint, fact.assay), 0) + 1
    order = sorted(counts, key=lambda each: (each[0] != goal.endpoint, -counts[each], each))
    own = (goal.endpoint, assay or "")
    assays = {each: i for i, each in enumerate([own, *[each for each in order if each != own][:ASSAYS]])}
    place = {smiles: i for i, smiles in enumerate(compounds)}
    used = [fact for fact in measurements if (fact.endpoint, fact.assay) in assays]
    return Observations(
        np.array([place[fact.compound] for fact in used], np.intp),
        np.array([fact.value for fact in used], float),
        np.array([fact.relation for fact in used], np.int8),
        np.array([assays[fact.endpoint, fact.assay] for fact in used], np.intp),
    )
