"""A surrogate search in which an agent writes too."""

import torch

from molgen.search.oracle import Oracle
from molgen.search.policy.agent import Agent
from molgen.search.strategy import plain_smiles
from tests.search.conftest import count_carbons
from tests.search.small import make

SETTINGS = ["search.agent_samples=60", "search.constraints.forbid=[F]"]


def test_what_the_agent_writes_is_chosen_from_learnt_from_and_within_the_constraints() -> None:
    strategy = make(*SETTINGS, name="hybrid")
    assert isinstance(strategy.agent, Agent)
    prior = next(strategy.agent.prior.network.parameters()).clone()
    oracle, operators = Oracle(count_carbons, 240), set()
    while "agent" not in operators and oracle.remaining:  # another processor writes other molecules
        asked = strategy.ask(20)
        operators |= {each.operator for each in asked}
        assert not any("F" in text for text in plain_smiles(asked))
        strategy.receive(asked, oracle(plain_smiles(asked)))
    assert "agent" in operators
    assert len(operators & {"crossover", "mutation", "graft"}) > 1
    learnt = next(strategy.agent.model.network.parameters())
    assert not torch.equal(learnt, prior)
    assert strategy.trained() is strategy.agent.model


def test_a_surrogate_alone_keeps_no_agent() -> None:
    assert make().trained() is None
