"""Goals that only some strategies keep to: the others say so."""

from collections.abc import Sequence

import pytest

from molgen import design
from molgen.config import options
from molgen.errors import ConfigError
from molgen.runs.settings import design_config
from molgen.search.strategy import State, Strategy

GOALS = ["start=CCO", "similarity=0.5", "forbid=F"]
KEEP = ["routes", "surrogate"]


@pytest.mark.parametrize("name", [name for name in options("search") if name not in KEEP])
def test_a_strategy_that_keeps_to_no_constraints_says_so_by_name(name: str) -> None:
    for goal in GOALS:
        key = goal.partition("=")[0]
        hint = rf"^{key}=: search={name} keeps to no constraints; search=surrogate and routes do"
        with pytest.raises(ConfigError, match=hint):
            design_config([f"search={name}", goal])
    with pytest.raises(ConfigError, match=hint):
        design(len, 4, name, overrides=[goal])
    with pytest.raises(ConfigError, match=r"campaign\.start=\.\.\. gives known molecules to begin from"):
        design_config([f"search={name}", "start=CCO"])


@pytest.mark.parametrize("name", KEEP)
def test_the_others_take_them(name: str) -> None:
    constraints = design_config([f"search={name}", *GOALS])["search"]["constraints"]
    assert (constraints["lead"], constraints["similarity"], constraints["forbid"]) == ("CCO", 0.5, "F")


class Own(Strategy):
    """A user's."""

    def ask(self, n: int) -> list[str]:
        return []

    def tell(self, smiles: Sequence[str], scores: object) -> None: ...

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None: ...


def test_a_strategy_of_ones_own_is_named_too() -> None:
    with pytest.raises(ConfigError, match=r"^similarity=: strategy=Own\(...\) keeps to no constraints"):
        design(len, 4, Own(), overrides=["similarity=0.4"])
