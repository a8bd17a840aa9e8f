"""A project played again on measured data, to see what its rounds would have found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.data.dataset import Dataset
from molgen.errors import ConfigError, DataError, check_between
from molgen.project.choice.base import ChoiceRule
from molgen.project.choice.limits import Limits
from molgen.project.choice.selection import choose_batch
from molgen.project.choice.shortlist import promising
from molgen.project.goals import MeasuredEndpoint
from molgen.project.models.base import EndpointModel, Observations, Values
from molgen.search.bayesian.models.features import Features, describe, stack

BEST = 0.02  # share of the pool that is to be found
NINETY = 1.6448536269514722  # deviations around the mean that hold 90 % of a normal distribution
DRAWS = 500
JOINTLY = 1000  # candidates of a joint draw


@dataclass(frozen=True, eq=False)
class MeasuredPool:
    """Molecules whose values are all known, and are told one batch at a time.

    Attributes
    ----------
    features
        Of all molecules [n].
    values : float64 [n]
        Higher is better.
    predicted : float64 [n]
        What a predictor says of them, where there is one.
    log
        Whether values are decadic logarithms of those that were measured.
    """

    features: Features
    values: Values
    predicted: Values | None = None
    log: bool = False

    @classmethod
    def of(cls, dataset: Dataset, lower: bool = False) -> "MeasuredPool":
        """The molecules of a data set with one endpoint that have a value; `lower` ones may be the better.

        Values count by their logarithms where they do in a project.

        Raises
        ------
        DataError
            Fewer than 50 have one.
        """
        known = dataset.measured(0)
        if len(known) < 50:
            raise DataError(f"{known.endpoints[0].name}: {len(known)} molecules have a value; a replay needs 50 at least")
        mols = [mol for mol in known.molecules.mols if isinstance(mol, Chem.Mol)]
        values, endpoint = known.labels[:, 0], known.endpoints[0]
        log = MeasuredEndpoint(endpoint.name, endpoint.unit).by_ratios(values)
        values = np.log10(values) if log else values
        return cls(stack([describe(mol) for mol in mols]), values * (-1 if lower else 1), log=log)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def best(self) -> NDArray[np.bool_]:
        """Which are among the best, ties included [n]."""
        return self.values >= np.sort(self.values)[-max(1, round(BEST * len(self)))]


@dataclass(frozen=True)
class ReplaySettings:
    """How a project is played.

    Parameters
    ----------
    n, rounds
        Molecules of a batch, and batches.
    start
        Molecules that are measured at first, drawn from the worse half; by default as many as in a batch.
    noise
        Standard deviation of a measurement's error.
    censored
        The share of the pool, its lowest values, that is told as a bound only: `< limit`.
    seed
        Of everything that is drawn.

    Raises
    ------
    ConfigError
        A setting out of its range.
    """

    n: int = 24
    rounds: int = 10
    start: int | None = None
    noise: float = 0.0
    censored: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_between("replay", 1, n=self.n, rounds=self.rounds)
        check_between("replay", 0, noise=self.noise, seed=self.seed)
        check_between("replay", 0, 0.9, censored=self.censored)
        if self.start is not None:
            check_between("replay", 0, start=self.start)


class ReplayedBatch(NamedTuple):
    """Molecules to measure next, and what measurements of them are expected to give; nan where nothing is said."""

    rows: NDArray[np.intp]
    mean: Values
    deviation: Values


class Proposer(Protocol):
    """Proposes a batch, knowing what was measured."""

    def __call__(
        self, pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int
    ) -> ReplayedBatch:
        """At most `number` molecules of the pool that weren't measured yet, after results of `proposed` ones."""


@dataclass(frozen=True)
class ByModel:
    """Proposes by a model and a rule, as a project does.

    Attributes
    ----------
    model
        Makes the model, anew for each round.
    """

    model: Callable[[], EndpointModel]
    rule: ChoiceRule

    def __call__(
        self, pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int
    ) -> ReplayedBatch:
        """See `Proposer`."""
        model = self.model()
        model.fit(pool.features, observed, pool.predicted)
        mean, deviation = model.predict(pool.features, pool.predicted)
        closed = np.zeros(len(pool), bool)
        closed[observed.rows] = True
        some = promising(mean, deviation, JOINTLY, ~closed)
        part = Features(pool.features.fragments[some], pool.features.composition[some])
        draws = model.draw(part, DRAWS, rng, None if pool.predicted is None else pool.predicted[some])
        limits, measured = Limits(np.zeros(len(some), bool)), len(np.unique(observed.rows))
        batch = choose_batch(draws, number, rng, limits, rule=self.rule, measured=measured, proposed=proposed)
        rows = some[[each.row for each in batch]]
        return ReplayedBatch(rows, mean[rows], np.sqrt(np.square(deviation[rows]) + model.noise[0] ** 2))


@dataclass
class ReplayResult:
    """What a replay found.

    Attributes
    ----------
    curve
        The share of the best that is measured after each round.
    inside, predicted
        Measurements that lay in the 90 % intervals of their predictions, of so many that were no bounds.
    seconds
        That choosing took, by round.
    """

    curve: list[float] = field(default_factory=list)
    inside: int = 0
    predicted: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def area(self) -> float:
        """The mean of the curve."""
        return float(np.mean(self.curve))

    @property
    def coverage(self) -> float:
        """The share of measurements in their 90 % intervals; nan without a prediction."""
        return self.inside / self.predicted if self.predicted else float("nan")


def replay(
    pool: MeasuredPool, proposer: Proposer, campaign: ReplaySettings, done: Callable[[int, float], None] | None = None
) -> ReplayResult:
    """Play a project: measure some of the worse half, then batch by batch what is proposed.

    Parameters
    ----------
    done
        Told the number of each finished round, and the share of the best found by then.

    Raises
    ------
    ConfigError
        The pool has too few molecules for these rounds.
    """
    start = campaign.n if campaign.start is None else campaign.start
    if start > len(pool) // 2 or start + campaign.n * campaign.rounds > len(pool):
        raise ConfigError(f"n={campaign.n} rounds={campaign.rounds}: more molecules than the pool's {len(pool):,} allow")
    first, errors, choices = (np.random.default_rng(each) for each in np.random.SeedSequence(campaign.seed).spawn(3))
    rows = first.permutation(np.argsort(pool.values, kind="stable")[: len(pool) // 2])[:start]
    told = pool.values + campaign.noise * errors.standard_normal(len(pool))
    limit = float(np.quantile(pool.values, campaign.censored)) if campaign.censored else -np.inf
    below = told < limit
    told, relations = np.maximum(told, limit), np.where(below, -1, 0).astype(np.int8)
    result = ReplayResult()
    for number in range(1, campaign.rounds + 1):
        began = time.perf_counter()
        proposal = proposer(pool, Observations(rows, told[rows], relations[rows]), campaign.n, choices, len(rows) - start)
        result.seconds.append(time.perf_counter() - began)
        new = proposal.rows
        judged = np.isfinite(proposal.mean) & ~below[new]
        inside = np.abs(told[new] - proposal.mean) <= NINETY * proposal.deviation
        result.inside, result.predicted = result.inside + int(inside[judged].sum()), result.predicted + int(judged.sum())
        rows = np.concatenate([rows, new])
        result.curve.append(float(pool.best[rows].sum() / pool.best.sum()))
        if done is not None:
            done(number, result.curve[-1])
    return result
