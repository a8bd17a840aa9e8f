"""Population annealing against what its rules say."""

from collections import Counter

import numpy as np
import pytest

from molgen.search.bayesian.annealing import SELECTION_PRESSURE, T_FINAL, T_INITIAL, Annealing

LONG = 40
VALUES = {"C": 0.5, "N": 0.48, "O": 0.3}


def test_each_takes_twice_as_many_sweeps_as_the_one_before() -> None:
    annealing, lengths = Annealing(), []
    for _ in range(5):
        assert annealing.finished
        annealing = annealing.next_run({"C": 0.5}, 1, 1.0, np.random.default_rng(0))
        for _ in range(annealing.sweeps):
            assert not annealing.finished
            annealing.cool({"C": 0.5}, 1.0, np.random.default_rng(0))
        lengths.append(annealing.sweeps)
    assert lengths == [10, 20, 40, 80, 80]


def test_a_population_begins_with_what_promises_most() -> None:
    population = Annealing().next_run(VALUES, 300, 0.6, np.random.default_rng(0)).population
    odds = np.array([np.exp(values / (0.6 * T_INITIAL)) for values in VALUES.values()])
    assert [population.count(text) for text in VALUES] == pytest.approx(300 * odds / odds.sum(), abs=1)


def test_molecules_are_drawn_by_boltzmann_factors() -> None:
    """Copies come as close to the odds as whole numbers can, as systematic resampling promises."""
    annealing = Annealing(["C"] * 100 + ["N"] * 100 + ["O"] * 100, LONG)
    annealing.cool(VALUES, 0.6, np.random.default_rng(0))
    step = 1 / (T_INITIAL * (T_FINAL / T_INITIAL) ** (1 / LONG)) - 1 / T_INITIAL
    odds = np.array([np.exp(SELECTION_PRESSURE * step * values / 0.6) for values in VALUES.values()])
    counts = Counter(annealing.population)
    assert [counts[text] for text in VALUES] == pytest.approx(300 * odds / odds.sum(), abs=1)
    assert len(annealing.population) == 300


def test_crowded_molecules_are_not_drawn_and_stay_where_there_is_nothing_else() -> None:
    annealing = Annealing(["C", "O"] * 20, LONG)
    annealing.cool({"C": 0.1, "O": -np.inf}, 1.0, np.random.default_rng(0))
    assert annealing.population == ["C"] * 40
    annealing.cool({"C": -np.inf}, 1.0, np.random.default_rng(0))
    assert annealing.population == ["C"] * 40


def test_offspring_take_places_by_metropolis_rule() -> None:
    rng, scale, worse = np.random.default_rng(0), 0.5, 0.01
    values = {"C": 0.5, "N": 0.5 - worse, "O": 0.6}
    moved = 0
    for _ in range(4000):
        annealing = Annealing(["C"], LONG)
        annealing.move([("C", "N")], values, scale, rng)
        moved += annealing.population == ["N"]
    assert moved / 4000 == pytest.approx(np.exp(-worse / (T_INITIAL * scale)), abs=0.03)
    annealing = Annealing(["C", "N"], LONG)
    annealing.move([("C", "O"), ("C", "N"), ("S", "O")], values, scale, rng)
    assert annealing.population == ["O", "N"]
