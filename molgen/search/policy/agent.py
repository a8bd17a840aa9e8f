"""The agent: a copy of the prior that learns to write molecules that score well."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from molgen.chem.molecules import Molecules, randomize
from molgen.errors import ConfigError, check_between
from molgen.generators.base import LikelihoodGenerator
from molgen.search.memory import Memory
from molgen.search.strategy import State, named, state_of


@dataclass
class Agent:
    """A language model trained on the augmented likelihood.

    The loss of a molecule x with reward r is (log P_prior(x) + sigma r - log P_agent(x))^2 (Olivecrona
    et al., J. Cheminf. 9, 48, 2017), over molecules replayed from memory, some of them rewritten in
    random atom orders (Guo and Schwaller, JACS Au 4, 2160, 2024).

    Attributes
    ----------
    prior
        The language model that the agent starts from; it isn't changed.
    sigma
        Weight of the reward against the prior, in nats.
    lr
        Learning rate (AdamW).
    samples
        SMILES written at a time; those not asked for yet wait for the next batch, since a few take the
        model nearly as long as many.
    updates, replay
        Gradient steps per batch, and molecules per step, drawn by rank from the best `top`.
    randomized
        Share of the replayed molecules that are written in a random atom order.
    sharpness
        See `Memory.draw`.
    top
        Number of best molecules in memory from which replayed ones are drawn.
    """

    prior: LikelihoodGenerator
    sigma: float = 200.0
    lr: float = 5e-4
    samples: int = 32
    updates: int = 2
    replay: int = 32
    top: int = 1000
    randomized: float = 0.0
    sharpness: float = 0.01

    model: Any = field(init=False, repr=False)
    optimizer: torch.optim.Optimizer = field(init=False, repr=False)
    prior_likelihood: dict[str, float] = field(init=False, repr=False, default_factory=dict)
    waiting: list[str] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.prior, LikelihoodGenerator):
            raise ConfigError(f"a {type(self.prior).__name__} has no likelihood: choose a transformer or recurrent prior")
        check_between("search.agent", 1, samples=self.samples, replay=self.replay, top=self.top)
        check_between("search.agent", 0, sigma=self.sigma, lr=self.lr, updates=self.updates, sharpness=self.sharpness)
        check_between("search.agent", 0, 1, randomized=self.randomized)
        self.model = copy.deepcopy(self.prior)
        weights = self.model.network.parameters()
        self.optimizer = torch.optim.AdamW(weights, lr=self.lr, betas=(0.9, 0.99), weight_decay=0.0, fused=True)

    def write(self, n: int, memory: Memory, rng: np.random.Generator, attempts: int = 4) -> list[str]:
        """Write at most `n` new molecules; fewer if the agent keeps repeating itself."""
        self.waiting = memory.new(self.waiting)
        for _ in range(attempts):
            if len(self.waiting) >= n:
                break
            smiles = self.model.sample(max(self.samples, 2 * (n - len(self.waiting))), seed=int(rng.integers(2**31)))
            self.waiting = memory.new([*self.waiting, *Molecules(smiles).canonical])
        written, self.waiting = self.waiting[:n], self.waiting[n:]
        return written

    def learn(self, memory: Memory, rng: np.random.Generator) -> None:
        """Replay molecules from `memory`."""
        if not memory.rewards:
            return
        for _ in range(self.updates):
            self._update(memory.draw(self.replay, rng, self.sharpness, self.top), memory, rng)

    def _update(self, smiles: Sequence[str], memory: Memory, rng: np.random.Generator) -> None:
        rewards = torch.tensor([memory.rewards[text] for text in smiles], device=self.model.device)
        again = rng.random(len(smiles)) < self.randomized
        written = [randomize(text, rng) if other else text for text, other in zip(smiles, again, strict=True)]
        target = self._prior_likelihood(written) + self.sigma * rewards
        likelihood = self.model.log_likelihood(written)
        possible = torch.isfinite(likelihood) & torch.isfinite(target)
        if not possible.any():
            return
        loss = ((target - likelihood)[possible] / 100).square().mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.network.parameters(), 1.0)
        self.optimizer.step()

    @torch.no_grad()
    def _prior_likelihood(self, smiles: Sequence[str]) -> torch.Tensor:
        missing = [text for text in smiles if text not in self.prior_likelihood]
        if missing:
            values = self.prior.log_likelihood(missing).tolist()
            self.prior_likelihood |= dict(zip(missing, values, strict=True))
        return torch.tensor([self.prior_likelihood[text] for text in smiles], device=self.model.device)

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        state = named("agent", self.model.network.state_dict())
        for i, moments in self.optimizer.state_dict()["state"].items():
            state |= named(f"optimizer.{i}", moments)
        likelihood = {k: v for k, v in self.prior_likelihood.items() if np.isfinite(v)}
        return state | {"prior_likelihood": likelihood, "waiting": self.waiting}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.model.network.load_state_dict(state_of("agent", state))
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in state_of("optimizer", state).items():
            i, key = name.split(".")
            moments.setdefault(int(i), {})[key] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.prior_likelihood = dict(state["prior_likelihood"])
        self.waiting = list(state["waiting"])
