"""A population that roams at first and settles sweep by sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SWEEPS = 10, 80  # of the first annealing, and of the longest
HOT, COLD = 0.04, 0.004  # temperature of the first sweep and of the last, in units of merit
PRESSURE = 4  # times as strongly as the temperature asks for, the better are drawn


@dataclass
class Annealing:
    """Population annealing (Hukushima and Iba, AIP Conf. Proc. 690, 200, 2003) on the merit of molecules.

    A sweep lowers the temperature, draws the population anew, the better the likelier, and lets offspring take their parents'
    places: better ones always, worse ones the more rarely the colder it is. It gets past what stops a search that keeps the best.

    Attributes
    ----------
    population
        SMILES; some several times.
    sweeps, sweep
        How many there will be, and how many there were.
    begun
        Annealings so far, this one too.
    """

    population: list[str] = field(default_factory=list)
    sweeps: int = 0
    sweep: int = 0
    begun: int = 0

    @property
    def settled(self) -> bool:
        """Whether it is time to begin anew."""
        return self.sweep == self.sweeps

    def anew(self, merit: Mapping[str, float], size: int, unit: float, rng: np.random.Generator) -> "Annealing":
        """One that takes twice as long: what a quick one doesn't find, a slower one may.

        Parameters
        ----------
        merit, size
            Of the molecules from which the population is drawn, and how many there will be in it.
        """
        shortest, longest = SWEEPS
        population = _drawn(list(merit), np.array(list(merit.values())) / (HOT * unit), size, rng)
        return Annealing(population, min(max(2 * self.sweeps, shortest), longest), begun=self.begun + 1)

    def _temperature(self, sweep: int) -> float:
        return float(HOT * (COLD / HOT) ** (sweep / self.sweeps))

    def cool(self, merit: Mapping[str, float], unit: float, rng: np.random.Generator) -> None:
        """Lower the temperature, and draw as many molecules of the population as it has.

        Parameters
        ----------
        merit, unit
            Of every molecule of the population, and what counts as one.
        """
        merits = np.array([merit[text] for text in self.population])
        step = 1 / self._temperature(self.sweep + 1) - 1 / self._temperature(self.sweep)
        self.sweep += 1
        self.population = _drawn(self.population, PRESSURE * step * merits / unit, len(merits), rng)

    def move(self, pairs: Sequence[tuple[str, str]], merit: Mapping[str, float], unit: float, rng: np.random.Generator) -> None:
        """Let offspring take their parents' places, by Metropolis' rule.

        Parameters
        ----------
        pairs
            A parent and its child, each.
        """
        temperature = self._temperature(self.sweep) * unit
        for parent, child in pairs:
            if parent in self.population and merit[child] - merit[parent] >= temperature * np.log(rng.random()):
                self.population[self.population.index(parent)] = child


def _drawn(population: list[str], logs: NDArray[np.float64], size: int, rng: np.random.Generator) -> list[str]:
    """`size` of a population by the logarithms of their odds, in systematic resampling; by chance where all are -inf."""
    odds = np.exp(logs - logs.max()) if np.isfinite(logs).any() else np.ones(len(logs))
    places = (rng.random() + np.arange(size)) / size
    drawn = np.searchsorted(np.cumsum(odds), places * odds.sum()).clip(max=len(odds) - 1)
    return [population[i] for i in drawn]
