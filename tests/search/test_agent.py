import numpy as np
import pytest

from molgen.generators.shipped import load_generator
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.policy.agent import Agent


def test_what_is_not_asked_for_waits_for_the_next_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    agent, memory, rng = Agent(load_generator("prior"), samples=40), Memory(ScaffoldFilter()), np.random.default_rng(0)
    written: list[int] = []
    sample = agent.model.sample

    def counted(n: int, **settings: object) -> list[str]:
        written.append(n)
        return sample(n, **settings)  # type: ignore[no-any-return]

    monkeypatch.setattr(agent.model, "sample", counted)
    first = agent.write(8, memory, rng)
    known = agent.waiting[0]
    memory.rewards[known] = 0.5
    second = agent.write(8, memory, rng)
    assert written == [40]
    assert len({*first, *second}) == 16
    assert known not in second
