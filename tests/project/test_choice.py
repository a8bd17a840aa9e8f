import numpy as np
import pytest

from molgen.errors import ConfigError
from molgen.project.choice.base import ChoiceRule
from molgen.project.choice.greedy import GreedyDiverse
from molgen.project.choice.informative import Informative
from molgen.project.choice.limits import Limits, PerGroup
from molgen.project.choice.probability_of_best import ProbabilityOfBest
from molgen.project.choice.random import AtRandom
from molgen.project.choice.rules import RULES
from molgen.project.choice.selection import choose_batch
from molgen.project.choice.shortlist import promising
from molgen.project.choice.thompson import Guess, Thompson
from molgen.project.choice.ucb import UpperConfidenceBound
from molgen.project.choice.work import Sharing
from molgen.project.posterior import Expected

NONE = np.empty(0, np.intp)


def free(n: int) -> Limits:
    return Limits(np.zeros(n, bool))


def choose(rule: ChoiceRule, draws: np.ndarray, number: int, pending: np.ndarray = NONE, limits: Limits | None = None) -> list:
    limits = limits or free(draws.shape[1])
    return rule.choose(draws, number, np.random.default_rng(0), limits, pending).tolist()


# 0 leads half of all draws, 1 is always just below 0, 2 leads three draws in ten, 3 two in ten; on average 1 is second.
DRAWS = np.array([[9.0, 8.9, 0, 0]] * 5 + [[3.0, 2.9, 9, 0]] * 3 + [[3.0, 2.9, 0, 9]] * 2)


def test_the_probability_of_the_best_passes_over_what_is_second_in_every_draw() -> None:
    assert choose(ProbabilityOfBest(), DRAWS, 3) == [0, 2, 3]


def test_the_probability_of_the_best_asks_for_another_where_none_can_be_best() -> None:
    assert choose(ProbabilityOfBest(), DRAWS, 4) == [0, 2, 3, 1]


def test_the_probability_of_the_best_leaves_what_a_pending_molecule_leads_to_it() -> None:
    limits = Limits(np.arange(4) == 0)
    assert choose(ProbabilityOfBest(), DRAWS, 2, np.array([0]), limits) == [2, 3]


def test_thompson_gives_pending_molecules_their_turn() -> None:
    draws = np.array([[9.0, 8.0, 0.0]] * 9 + [[0.0, 0.0, 5.0]])
    limits = Limits(np.array([True, False, False]))
    with_pending = [int(Thompson().choose(draws, 1, np.random.default_rng(i), limits, np.array([0]))[0]) for i in range(100)]
    without = [int(Thompson().choose(draws, 1, np.random.default_rng(i), limits, NONE)[0]) for i in range(100)]
    assert without.count(2) < with_pending.count(2)


def test_boldness_says_how_far_guesses_go() -> None:
    draws = np.array([[1.0, 0.0], [1.0, 1.8]])  # the second leads one of two draws, and none at half the distance to its mean
    chosen = {
        guess: {int(Thompson((guess,)).choose(draws, 1, np.random.default_rng(i), free(2), NONE)[0]) for i in range(50)}
        for guess in (Guess(), Guess(0.1))
    }
    assert chosen == {Guess(): {0, 1}, Guess(0.1): {0}}


def test_each_molecule_of_a_batch_has_its_guess_in_turn() -> None:
    draws = np.array([[1.0, 0.0, 0.95], [1.0, 1.8, 0.95]])  # means 1, 0.9 and 0.95; only the second is uncertain
    greedy, bold, hopeful = Guess(0.0), Guess(1.0), Guess(0.0, kappa=0.5)
    chosen = {
        turns: {tuple(Thompson(turns).choose(draws, 2, np.random.default_rng(i), free(3), NONE).tolist()) for i in range(50)}
        for turns in ((greedy,), (greedy, bold), (bold, greedy), (greedy, hopeful), (hopeful, greedy))
    }
    assert chosen == {
        (greedy,): {(0, 2)},
        (greedy, bold): {(0, 1), (0, 2)},
        (bold, greedy): {(0, 2), (1, 0)},
        (greedy, hopeful): {(0, 1)},
        (hopeful, greedy): {(1, 0)},
    }


def test_the_informative_are_not_told_by_each_other() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 2000))
    draws = np.stack([3 * a, 2.9 * a + 0.1 * b, b, 0.01 * b], 1)
    assert choose(Informative(), draws, 2) == [0, 2]
    assert choose(Informative(), draws, 1, np.array([0]), Limits(np.arange(4) == 0)) == [2]


def test_the_informative_tell_of_others_rather_than_of_themselves() -> None:
    rng = np.random.default_rng(0)
    series, outlier, own = rng.standard_normal(2000), rng.standard_normal(2000), rng.standard_normal((2000, 4))
    draws = np.column_stack([series[:, None] + 0.5 * own, 1.5 * outlier])  # they tell 3.3 and 2.1 of a variance of 7.25
    assert choose(Informative(), draws, 1)[0] in range(4)
    assert choose(Informative(), draws, 2)[1] == 4


def test_the_upper_confidence_bound_adds_deviations() -> None:
    draws = np.array([[1.0, 0.0], [1.0, 1.8]])  # means 1 and 0.9, deviations 0 and 0.9
    assert choose(UpperConfidenceBound(0), draws, 1) == [0]
    assert choose(UpperConfidenceBound(1), draws, 1) == [1]


def test_greedy_leaves_copies_out() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 1000))
    draws = np.stack([3 + a, 2.9 + a, 2.8 + b], 1)
    assert choose(GreedyDiverse(0), draws, 2) == [0, 1]
    assert choose(GreedyDiverse(0.5), draws, 2) == [0, 2]
    assert choose(GreedyDiverse(0.5), draws, 1, np.array([0])) == [2]


def test_thompson_chooses_as_often_as_draws_are_led() -> None:
    first = [choose_with(seed) for seed in range(400)]
    np.testing.assert_allclose(np.bincount(first, minlength=4) / 400, [0.5, 0, 0.3, 0.2], atol=0.08)


def choose_with(seed: int) -> int:
    return int(Thompson().choose(DRAWS, 1, np.random.default_rng(seed), free(4), NONE)[0])


def test_random_is_random_and_repeats() -> None:
    assert sorted(choose(AtRandom(), DRAWS, 4)) == [0, 1, 2, 3]
    assert choose(AtRandom(), DRAWS, 4) == choose(AtRandom(), DRAWS, 4)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
class TestEveryRule:
    draws = np.random.default_rng(1).normal(size=(200, 30)) + np.linspace(0, 2, 30)

    def test_chooses_distinct_ones_and_repeats_them(self, rule: ChoiceRule) -> None:
        chosen = choose(rule, self.draws, 10)
        assert len(set(chosen)) == 10
        assert choose(rule, self.draws, 10) == chosen

    def test_keeps_to_the_limits(self, rule: ChoiceRule) -> None:
        scaffolds = [str(i // 6) for i in range(30)]
        prices = np.where(np.arange(30) % 2, 10.0, 25.0)
        prices[29] = np.nan
        closed = np.arange(30) == 27
        pending = np.array([25, 26])
        limits = Limits(closed | np.isin(np.arange(30), pending), (PerGroup("per_scaffold", scaffolds, 2),), prices, 100.0)
        chosen = choose(rule, self.draws, 12, pending, limits)
        assert chosen
        assert not {25, 26, 27, 29} & set(chosen)
        assert max(np.bincount([int(scaffolds[i]) for i in chosen])) <= 2
        assert prices[chosen].sum() <= 100

    def test_gives_what_there_is(self, rule: ChoiceRule) -> None:
        limits = Limits(np.arange(30) > 2)
        assert sorted(choose(rule, self.draws, 10, limits=limits)) == [0, 1, 2]


def test_a_group_without_a_name_has_no_limit() -> None:
    assert choose(UpperConfidenceBound(), DRAWS, 3, limits=Limits(np.zeros(4, bool), (PerGroup("per_series", [""] * 4, 1),)))


def test_a_budget_without_prices_is_refused() -> None:
    with pytest.raises(ConfigError, match="have no prices"):
        Limits(np.zeros(4, bool), budget=100.0)


def test_the_promising_have_high_upper_bounds() -> None:
    mean, deviation = np.array([1.0, 0.0, 2.0, 0.5]), np.array([0.0, 1.5, 0.0, 0.0])
    assert promising(mean, deviation, 2, np.ones(4, bool)).tolist() == [1, 2]
    assert promising(mean, deviation, 2, np.array([True, True, False, True])).tolist() == [0, 1]
    assert promising(mean, deviation, 9, np.array([True, True, False, True])).tolist() == [0, 1, 3]


def test_a_batch_has_shares_to_improve_to_learn_and_controls() -> None:
    draws = np.random.default_rng(1).normal(size=(300, 40))
    limits = Limits(np.arange(40) >= 38, (PerGroup("per_scaffold", [str(i // 2) for i in range(40)], 1),))

    batch = choose_batch(draws, 12, np.random.default_rng(0), limits, explore=0.3, controls=np.array([38, 39]))

    roles = [each.role for each in batch]
    assert (roles.count("improve"), roles.count("learn"), roles.count("control")) == (7, 3, 2)
    rows = [each.row for each in batch if each.role != "control"]
    assert len({row // 2 for row in rows}) == 10
    assert batch == choose_batch(draws, 12, np.random.default_rng(0), limits, explore=0.3, controls=np.array([38, 39]))


@pytest.mark.parametrize(
    ("rule", "explore", "measured", "proposed", "waiting", "learning"),
    [
        (Thompson(learn=15), None, 0, 0, 0, 10),
        (Thompson(learn=15), None, 8, 0, 0, 7),
        (Thompson(learn=15), None, 8, 3, 3, 4),
        (Thompson(learn=15), None, 15, 0, 3, 0),
        (Thompson(learn=15, first=9), None, 8, 8, 0, 7),
        (Thompson(learn=15, first=9), None, 9, 9, 0, 0),
        (Thompson(learn=15), 0.2, 0, 0, 0, 2),
        (Thompson(learn=15, first=9), 0.2, 9, 9, 0, 2),
        (Thompson(), None, 0, 0, 0, 0),
        (ProbabilityOfBest(), None, 0, 0, 0, 0),
    ],
)
def test_first_batches_are_there_to_learn_until_enough_is_measured_or_proposed(
    rule: ChoiceRule, explore: float | None, measured: int, proposed: int, waiting: int, learning: int
) -> None:
    draws = np.random.default_rng(1).normal(size=(300, 40))
    limits = Limits(np.arange(40) < waiting)
    rng = np.random.default_rng(0)
    batch = choose_batch(
        draws, 10, rng, limits, np.arange(waiting), rule=rule, explore=explore, measured=measured, proposed=proposed
    )
    assert [each.role for each in batch] == ["improve"] * (10 - learning) + ["learn"] * learning


def test_more_controls_than_wells_are_refused() -> None:
    with pytest.raises(ConfigError, match="2 of them leave no room in a batch of 1"):
        choose_batch(DRAWS, 1, np.random.default_rng(0), free(4), controls=np.array([0, 1]))


def sharing(weight: float) -> Sharing:
    """The first two candidates share a reaction, its kind and a block; the third shares nothing; the last has no route."""
    common = {("reaction", "a"), ("kind of reaction", "A"), ("block", "x")}
    needs = [common | {("block", "y")}, common | {("block", "z")}, {("reaction", "b"), ("kind of reaction", "B"), ("block", "w")}]
    return Sharing([*map(frozenset, needs), frozenset()], weight)


def test_work_is_what_a_candidate_adds_to_a_batch() -> None:
    work = sharing(0.5).begin()
    assert work.added.tolist() == [4, 4, 3, 0]
    work.take(0)
    assert work.added.tolist() == [0, 1, 3, 0]
    values, among = np.array([9.0, 1.0, 3.0, 2.0]), np.array([False, True, True, True])
    deviation = np.sqrt(2 / 3)  # of 1, 3 and 2
    assert work.charged(values, among) == pytest.approx([9, 1 - deviation / 2, 3 - 3 * deviation / 2, 2])


@pytest.mark.parametrize("name", ["careful_thompson", "thompson", "ucb", "greedy"])
def test_what_shares_work_is_chosen_before_what_is_a_little_better(name: str) -> None:
    draws = np.tile([1.0, 0.9, 0.95, -5.0], (8, 1))
    closed, first = np.array([False, False, False, True]), np.array([0], np.intp)
    second = [choose(RULES[name], draws, 1, limits=Limits(closed, taken=first, sharing=sharing(w))) for w in (0.0, 2.0)]
    assert second == [[2], [1]]  # 0.025 is the deviation of what is open: 0.95 - 3 * 0.05 < 0.9 - 0.05


def test_an_error_that_nobody_knows_is_no_certainty() -> None:
    """Values far beyond what a predictor learnt from have no error: they are drawn with the largest that is known."""
    mean = np.zeros(3)
    assert Expected(mean, np.array([0.1, np.nan, 0.4])).deviation.tolist() == [0.1, 0.4, 0.4]
    assert Expected(mean).deviation.tolist() == [0]  # of computed values
