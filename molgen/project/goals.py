"""What a project wants: goals on measured, predicted and computed values, and how good draws of these are together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from molgen.data.units import P_UNIT, is_logarithmic, is_p_value, is_signed, limits, parse_unit, split_name
from molgen.errors import ConfigError
from molgen.project.wanted import Values, Wanted
from molgen.scoring.component import Component

MEASURED, PREDICTED, COMPUTED = KINDS = ("measured", "predicted", "computed")
P_NOISE = 0.3  # log units: the usual standard deviation of one assay's repeats
WIDE = 10.0  # how many times the value below which 5 % lie is that above which 5 % lie, where a scale is of logarithms


@dataclass(frozen=True)
class MeasuredEndpoint:
    """Something that the laboratory measures.

    Attributes
    ----------
    name
        The project's name for it, `hERG pIC50`.
    unit
        Of its values; "" until the first measurement says it, -log10(mol/L) where the name is that of a p-value.
    columns
        Further names that columns of it have in tables.
    noise
        Standard deviation of one measurement, in `unit`; None where it isn't known.
    log
        Whether values are compared by their ratios; None where they tell it themselves, see `by_ratios`.
    """

    name: str
    unit: str = ""
    columns: tuple[str, ...] = ()
    noise: float | None = None
    log: bool | None = None

    def __post_init__(self) -> None:
        if not self.unit:
            own = P_UNIT if is_p_value(self.name) else unit.text if (unit := split_name(self.name)[1]) else ""
            object.__setattr__(self, "unit", own)
        if (known := parse_unit(self.unit)) is not None:
            object.__setattr__(self, "unit", known.text)

    @property
    def usual_noise(self) -> float | None:
        """`noise`, or what is usual of p-values."""
        return P_NOISE if self.noise is None and self.unit == P_UNIT else self.noise

    def by_ratios(self, measured: Values | Sequence[float]) -> bool:
        """Whether ratios of values count, and not differences, where these [n] were measured; then their logarithms are learnt.

        Unless `log` says so: where all are above 0, and are amounts, times or rates, or spread over a decade in a unit of which
        nothing is known.

        Raises
        ------
        ConfigError
            `log` is true, and a value has no logarithm.
        """
        values = np.asarray(measured, float)
        if self.log and (values <= 0).any():
            raise ConfigError(
                f"endpoints.{self.name}.log: {(values <= 0).sum()} of {len(values)} measured values are 0 or below and have no "
                "logarithm; report them as bounds (<0.1), or leave log out"
            )
        if self.log is not None:
            return self.log
        lowest, highest = limits(self.unit)
        unit = parse_unit(self.unit)
        are_logarithms = is_logarithmic(self.name) or (unit is not None and unit.logarithmic)
        if are_logarithms or highest is not None or is_signed(self.unit) or (values <= 0).any():
            return False
        return lowest == 0 or spread_over_decades(values)


def spread_over_decades(values: Values) -> bool:
    """Whether values [n], all above 0, spread so far that differences of them say nothing, ratios do."""
    low, high = np.quantile(values, [0.05, 0.95]) if len(values) else (1.0, 1.0)
    return bool(high >= WIDE * low)


@dataclass(frozen=True)
class Goal:
    """One goal.

    Attributes
    ----------
    kind
        `measured`, `predicted` or `computed`.
    endpoint
        What is measured; "" for the other kinds.
    component
        What predicts or computes the value; None for a measured one.
    weight
        How much it counts beside the others.
    hard
        Whether a compound that misses it is worth nothing.
    assay
        Which assay of the endpoint it is about; None for the one with the most measurements.
    prior
        What predicts the values of a measured goal, in whatever unit: the model begins with it. None for nothing.
    """

    name: str
    kind: str
    wanted: Wanted
    endpoint: str = ""
    component: Component | None = None
    weight: float = 1.0
    hard: bool = False
    prior: Component | None = None
    assay: str | None = None


@dataclass(frozen=True)
class Goals:
    """All goals of a project, by their names, and the endpoints that are measured.

    Examples
    --------
    >>> goals = read_goals(Path("goals.yaml"))
    >>> utility = goals.utility({"potency": potency_draws, "tpsa": tpsa})  # [draws, n]
    """

    goals: Mapping[str, Goal]
    endpoints: Mapping[str, MeasuredEndpoint] = field(default_factory=dict)

    def utility(self, values: Mapping[str, Values]) -> Values:
        """How good compounds are in each of several joint draws of their values, [draws, n]; higher is better, 0 worthless.

        The weighted geometric mean of the goals' desirabilities (`Wanted.logarithm`), 0 where a hard goal is missed or a value
        is nan. Of a single goal `highest` it rises strictly with the value.

        Parameters
        ----------
        values
            Of every goal by its name: [draws, n], or [n] where all draws share them.
        """
        draws = self._together(values)
        weights = {name: goal.weight for name, goal in self.goals.items()}
        logarithm = sum(weights[name] * goal.wanted.logarithm(draws[name]) for name, goal in self.goals.items() if goal.weight)
        utility = np.exp(logarithm / (sum(weights.values()) or 1.0))
        kept = np.ones(utility.shape, bool)
        for name, goal in self.goals.items():
            kept &= goal.wanted.met(draws[name]) if goal.hard else ~np.isnan(draws[name])
        return np.where(kept, utility, 0.0)

    def met(self, values: Mapping[str, Values]) -> NDArray[np.bool_]:
        """Whether compounds keep to all thresholds in each draw, bool [draws, n]; goals without thresholds don't count."""
        draws = self._together(values)
        met = [goal.wanted.met(draws[name]) for name, goal in self.goals.items() if not goal.wanted.direction]
        return np.all(met, axis=0) if met else np.ones(next(iter(draws.values())).shape, bool)

    def chance(self, values: Mapping[str, Values]) -> Values:
        """The probability that a compound meets all goals: the share of the draws in which it does, [n].

        nan where no goal has a threshold, as there is nothing to be met.
        """
        if all(goal.wanted.direction for goal in self.goals.values()):
            return np.full(self._together(values)[next(iter(self.goals))].shape[-1], np.nan)
        return self.met(values).mean(axis=0)

    def scaled(self, measured: Mapping[str, Values]) -> "Goals":
        """These goals, where those without thresholds count from the middle of the values that endpoints [m] were measured at.

        So that goals in different units weigh alike, by logarithms where ratios count; their order of values is the same.
        """
        found = dict(self.goals)
        for name, goal in self.goals.items():
            values = np.asarray(measured.get(goal.endpoint, ()), float)
            values = values[np.isfinite(values)]
            if goal.wanted.direction and len(values) > 1 and np.ptp(values) > 0:
                log = self.endpoints.get(goal.endpoint, MeasuredEndpoint(goal.endpoint)).by_ratios(values)
                values = np.log10(values) if log else values
                wanted = replace(goal.wanted, log=log, centre=float(np.median(values)), scale=float(values.std()))
                found[name] = replace(goal, wanted=wanted)
        return replace(self, goals=found)

    def in_units(self, units: Mapping[str, str]) -> "Goals":
        """These goals, with the `units` that endpoints, by their names, were measured in where the goals say none."""
        endpoints = {name: replace(each, unit=each.unit or units.get(name, "")) for name, each in self.endpoints.items()}
        return replace(self, endpoints=endpoints)

    def _together(self, values: Mapping[str, Values]) -> dict[str, Values]:
        """Values of all goals, all [draws, n]."""
        arrays = [np.atleast_2d(np.asarray(values[name], float)) for name in self.goals]
        return dict(zip(self.goals, np.broadcast_arrays(*arrays), strict=True))
