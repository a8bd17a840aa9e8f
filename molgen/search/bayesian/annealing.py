"""A population that moves freely at first and settles sweep by sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SWEEPS = 10, 80  # of the first annealing, and of the longest
T_INITIAL, T_FINAL = 0.04, 0.004  # temperature of the first sweep and of the last, in units of the score scale
SELECTION_PRESSURE = 4  # times as strongly as the temperature asks for, the better are drawn


@dataclass
class Annealing:
    """Population annealing (Hukushima and Iba, AIP Conf. Proc. 690, 200, 2003) on the acquisition values of molecules.

    A sweep lowers the temperature, resamples the population, the better the likelier, and lets offspring replace their
    parents: better ones always, worse ones more rarely the colder it is. So it gets past what stops a search that keeps the best.

    Attributes
    ----------
    population
        SMILES; some several times.
    sweeps, sweep
        How many there will be, and how many there were.
    runs
        Annealings so far, including this one.
    """

    population: list[str] = field(default_factory=list)
    sweeps: int = 0
    sweep: int = 0
    runs: int = 0

    @property
    def finished(self) -> bool:
        """Whether it is time to begin the next."""
        return self.sweep == self.sweeps

    def next_run(self, values: Mapping[str, float], size: int, scale: float, rng: np.random.Generator) -> "Annealing":
        """An annealing with twice as many sweeps: what a quick one doesn't find, a slower one may.

        Parameters
        ----------
        values
            Acquisition values of the molecules that the population is drawn from.
        size
            Molecules in the population.
        scale
            Unit of the acquisition values.
        """
        shortest, longest = SWEEPS
        population = _resampled(list(values), np.array(list(values.values())) / (T_INITIAL * scale), size, rng)
        return Annealing(population, min(max(2 * self.sweeps, shortest), longest), runs=self.runs + 1)

    def _temperature(self, sweep: int) -> float:
        return float(T_INITIAL * (T_FINAL / T_INITIAL) ** (sweep / self.sweeps))

    def cool(self, values: Mapping[str, float], scale: float, rng: np.random.Generator) -> None:
        """Lower the temperature, and resample the population.

        Parameters
        ----------
        values, scale
            Acquisition value of every molecule of the population, and their unit.
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
            A parent and one of its offspring, each.
        """
        temperature = self._temperature(self.sweep) * scale
        for parent, offspring in pairs:
            if parent in self.population and values[offspring] - values[parent] >= temperature * np.log(rng.random()):
                self.population[self.population.index(parent)] = offspring


def _resampled(population: list[str], log_odds: NDArray[np.float64], size: int, rng: np.random.Generator) -> list[str]:
    """`size` molecules of a population by systematic resampling; by chance alone where all log odds are -inf."""
    odds = np.exp(log_odds - log_odds.max()) if np.isfinite(log_odds).any() else np.ones(len(log_odds))
    places = (rng.random() + np.arange(size)) / size
    drawn = np.searchsorted(np.cumsum(odds), places * odds.sum()).clip(max=len(odds) - 1)
    return [population[i] for i in drawn]
