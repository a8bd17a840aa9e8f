"""When a search stagnates."""

from molgen.search.bayesian.stagnation import Stagnation


def test_the_ten_best_stagnate_until_their_mean_rises_by_two_percent() -> None:
    stagnation = Stagnation()
    choices = []
    estimates: dict[str, float] = {}
    for text, score in {"C": 0.5, "CC": 0.505, "CCC": 0.509, "CO": 0.511, "CCO": 0.52, "CN": 0.522}.items():
        for _ in range(10):
            estimates[f"{text} {len(estimates)}"] = score
        stagnation.observe(estimates)
        choices.append(stagnation.choices)
    assert choices == [0, 1, 2, 0, 1, 0]  # 2 % above 0.5 is 0.51, and 2 % above 0.511 is 0.5212


def test_the_ten_best_rise_where_their_estimates_fall_and_others_rise() -> None:
    stagnation = Stagnation()
    stagnation.observe({"C": 0.8, "CC": 0.2})
    stagnation.observe({"C": 0.3, "CC": 0.2})
    assert stagnation.choices == 1
    stagnation.observe({"C": 0.3, "CC": 0.2, "CCC": 0.6})
    assert stagnation.choices == 0
