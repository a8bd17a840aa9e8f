"""Evolution of points in a generator's latent space."""

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from cmaes import CMA
from torch import Tensor

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN
from molgen.errors import ConfigError, DataError, check_between, check_seed
from molgen.generators.base import Generator, LatentGenerator
from molgen.scoring.scores import Scores
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.strategy import Proposal, State, Strategy, named, state_of

EMPTY = 30  # generations without a new molecule after which nothing more is proposed


class Latent(Strategy):
    """CMA-ES (Hansen, arXiv 1604.00772, 2016) over the latent space of a generator.

    It begins at the best of `initial_design` sampled molecules. After `patience` generations without improvement, it
    restarts at one of the best molecules so far. Points whose molecule is known cost no call.

    Parameters
    ----------
    prior
        A `LatentGenerator`, such as a graph VAE.
    population
        Points per generation.
    sigma
        Initial step length in every dimension; molecules fill a standard normal distribution.
    patience
        Generations without a better molecule before a restart.
    top, sharpness
        Restart points are drawn by rank from the best `top` molecules; see `Memory.draw`.
    initial_design
        Molecules of the prior that are scored before the first generation.
    """

    def __init__(
        self,
        prior: Generator,
        diversity: ScaffoldFilter,
        initial_design: int = 100,
        population: int = 16,
        sigma: float = 0.5,
        patience: int = 10,
        top: int = 100,
        sharpness: float = 0.01,
        seed: int = 0,
    ) -> None:
        if not isinstance(prior, LatentGenerator):
            raise ConfigError(f"search.prior: a {type(prior).__name__} has no latent space; graph_vae and latent_gan have one")
        check_between("search", 2, population=population)
        check_between("search", 1, patience=patience, initial_design=initial_design, top=top)
        check_between("search", 1e-3, 10, sigma=sigma)
        check_between("search", 0, sharpness=sharpness)
        self.prior = prior
        self.memory = Memory(diversity)
        self.initial_design, self.population, self.sigma = initial_design, population, sigma
        self.patience, self.top, self.sharpness = patience, top, sharpness
        check_seed("search", seed)
        self.rng = np.random.default_rng(seed)
        self.optimizer: CMA | None = None
        self.points = np.zeros((0, prior.dimensions))
        self.molecules: list[str | None] = []
        self.origin = ""
        self.best = -np.inf
        self.stagnation = 0

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        if (missing := self.initial_design - len(self.memory.rewards)) > 0:
            smiles = self.prior.sample(min(n, missing), seed=int(self.rng.integers(2**31)))
            return [Proposal(text, "prior") for text in self.memory.new(Molecules(smiles).canonical)]
        for _ in range(EMPTY):
            self._learn()
            if self.optimizer is None or self.stagnation >= self.patience:
                self._restart()
            if not self.molecules:
                self._draw()
            if new := self.memory.new(self.molecules):
                return [Proposal(text, "latent", (self.origin,)) for text in new[:n]]
        return []

    def _restart(self) -> None:
        """Start a new optimizer at one of the best molecules that the generator can encode."""
        likely = self.memory.draw(self.top, self.rng, self.sharpness, self.top) if self.optimizer else self.memory.ranked
        start = None
        for self.origin in likely:
            with contextlib.suppress(DataError):
                start = self.prior.encode([self.origin])[0].cpu().double().numpy()
                break
        if start is None:
            raise ConfigError("search.prior: it can encode none of the best molecules so far")
        self.optimizer = CMA(mean=start, sigma=self.sigma, population_size=self.population)
        self.molecules, self.stagnation, self.best = [], 0, -np.inf

    def _draw(self) -> None:
        """Draw the next generation's points, and decode them to molecules in the form that is scored."""
        assert self.optimizer is not None
        self.optimizer.reseed_rng(int(self.rng.integers(2**31)))
        self.points = np.stack([self.optimizer.ask() for _ in range(self.population)])
        made = self.prior.decode(torch.from_numpy(self.points).float(), candidates=1)
        self.molecules = list(Molecules(made, self.rules.standardizer if self.rules else AS_GIVEN).canonical)

    def _learn(self) -> None:
        """Tell the optimizer the rewards of a generation once all are known."""
        if self.optimizer is None or not self.molecules or self.memory.new(self.molecules):
            return
        rewards = [self.memory.rewards[text] if text else 0.0 for text in self.molecules]
        self.optimizer.tell([(point, -reward) for point, reward in zip(self.points, rewards, strict=True)])
        self.stagnation = 0 if max(rewards) > self.best else self.stagnation + 1
        self.best = max(self.best, *rewards)
        self.molecules = []

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`; a point has the score of its molecule in the form that was scored."""
        self.memory.add(scores)
        told = zip(smiles, scores.smiles, scores.problem, strict=True)
        forms = {text: None if (problem or "").startswith("invalid") else form for text, form, problem in told}
        self.molecules = [forms.get(text, text) if text else None for text in self.molecules]

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        state = self.memory.state_dict() | {"rng": self.rng.bit_generator.state, "points": torch.from_numpy(self.points)}
        state |= {"molecules": self.molecules, "origin": self.origin, "best": self.best, "stagnation": self.stagnation}
        held = {key: value for key, value in vars(self.optimizer).items() if key != "_rng"} if self.optimizer else {}
        tensors = {key: torch.from_numpy(value) if isinstance(value, np.ndarray) else value for key, value in held.items()}
        return state | named("cma", tensors)

    def for_new_objective(self, state: State) -> State:
        """See `Strategy.for_new_objective`; molecules of the initial design aren't sampled again."""
        return self.state_dict() | {"rng": state["rng"]}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.memory.load_state_dict(state)
        self.rng.bit_generator.state = state["rng"]
        self.points = state["points"].numpy()
        self.molecules, self.origin = list(state["molecules"]), state["origin"]
        self.best, self.stagnation = state["best"], state["stagnation"]
        held = {key: _plain(value) for key, value in state_of("cma", state).items()}
        self.optimizer = None
        if held:  # CMA's own `__getstate__` keeps half of the covariances, but the last bit of the others matters
            self.optimizer = CMA(mean=np.zeros(self.prior.dimensions), sigma=self.sigma, population_size=self.population)
            vars(self.optimizer).update(held)


def _plain(value: Any) -> Any:
    return value.numpy() if isinstance(value, Tensor) else value
