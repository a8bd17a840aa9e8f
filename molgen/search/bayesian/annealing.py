"""A population that moves freely at first and settles sweep by sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SWEEPS = 10, 80  # in the first annealing and in the longest
T_INITIAL, T_FINAL = 0.04, 0.004  # temperatures of the first and the last sweep, in units of the score scale
SELECTION_PRESSURE = 4  # resampling favours better molecules this many times as strongly as the temperature implies


@dataclass
class Annealing:
    """Population annealing (Hukushima and Iba, AIP Conf. Proc. 690, 200, 2003) on the acquisition values of molecules.

    A sweep lowers the temperature, resamples the population in favour of better molecules, and lets offspring replace their
    parents: better ones always, worse ones less often the colder it is. This escapes local optima that stop a greedy search.

    Attributes
    ----------
    population
        SMILES; some may occur several times.
    sweeps, sweep
        Total number of sweeps, and number done so far.
    runs
        Number of annealings so far, including this one.
    """

    population: list[str] = field(default_factory=list)
    sweeps: int = 0
    sweep: int = 0
    runs: int = 0

    @property
    def finished(self) -> bool:
        """Whether the next annealing is due."""
        return self.sweep == self.sweeps

    def next_run(self, values: Mapping[str, float], size: int, scale: float, rng: np.random.Generator) -> "Annealing":
        """Start an annealing with twice as many sweeps, since a slower one may find what a quick one misses.

        Parameters
        ----------
        values
            Acquisition values of the molecules from which the population is drawn.
        size
            Number of molecules in the population.
        scale
            Unit of the acquisition values, as `Acquisition.score_scale`.
        """
        shortest, longest = SWEEPS
        population = _resampled(list(values), np.array(list(values.values())) / (T_INITIAL * scale), size, rng)
        return Annealing(population, min(max(2 * self.sweeps, shortest), longest), runs=self.runs + 1)

    def _temperature(self, sweep: int) -> float:
        return float(T_INITIAL * (T_FINAL / T_INITIAL) ** (sweep / self.sweeps))

    def cool(self, values: Mapping[str, float], scale: float, rng: np.random.Generator) -> None:
        """Lower the temperature and resample the population.

        Parameters
        ----------
        values, scale
            Acquisition value of every molecule in the population, and the unit of these values.
        """
        held = np.array([values[text] for text in self.population])
        step = 1 / self._temperature(self.sweep + 1) - 1 / self._temperature(self.sweep)
        self.sweep += 1
        self.population = _resampled(self.population, SELECTION_PRESSURE * step * held / scale, len(held), rng)

    def move(self, pairs: Sequence[tuple[str, str]], values: Mapping[str, float], scale: float, rng: np.random.Generator) -> None:
        """Let offspring replace their parents by the Metropolis rule.

        Parameters
        ----------
        pairs
            A parent and one of its offspring per pair.
        values, scale
            Acquisition values of all of them, and the unit of these values.
        """
        temperature = self._temperature(self.sweep) * scale
        for parent, offspring in pairs:
            if parent in self.population and values[offspring] - values[parent] >= temperature * np.log(rng.random()):
                self.population[self.population.index(parent)] = offspring


def _resampled(population: list[str], log_odds: NDArray[np.float64], size: int, rng: np.random.Generator) -> list[str]:
    """`size` molecules of a population by systematic resampling; uniform if all log odds are -inf."""
    odds = np.exp(log_odds - log_odds.max()) if np.isfinite(log_odds).any() else np.ones(len(log_odds))
    places = (rng.random() + np.arange(size)) / size
    drawn = np.searchsorted(np.cumsum(odds), places * odds.sum()).clip(max=len(odds) - 1)
    return [population[i] for i in drawn]
