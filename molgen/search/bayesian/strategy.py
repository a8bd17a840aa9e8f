"""Offspring chosen by a model of the objective, which costs thought instead of oracle calls."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
from rdkit import Chem
from threadpoolctl import threadpool_limits

from molgen.errors import check_above, check_between, check_seed
from molgen.generators.base import Generator
from molgen.scoring.scorer import Scorer
from molgen.scoring.scores import Scores
from molgen.search.bayesian.acquisition import Appraiser
from molgen.search.bayesian.annealing import Annealing
from molgen.search.bayesian.candidates import Candidates
from molgen.search.bayesian.contributions import Worth
from molgen.search.bayesian.explorer import BEGINNING, Apart
from molgen.search.bayesian.models.base import SurrogateModel
from molgen.search.bayesian.offspring import Child, Operators, describe_all, spread
from molgen.search.bayesian.pool import Nursery, by_turns
from molgen.search.bayesian.restart import Lineage
from molgen.search.constraints import Constraints
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.policy.agent import Agent
from molgen.search.strategy import Proposal, State, Strategy, named, state_of

CHOSEN = 10, 200  # molecules, at least and at most
YOUNG = 0.5  # of all that is scored: so much a young lineage counts, when the number to be chosen is worked out
FEW = 20  # founders, where the search has something else to begin from
ELITE = 3  # times as many of the best scored molecules as are bred from may become parents
SWEEPS = 3, 8  # of annealing between two choices, at least and at most
PER_SWEEP = 12  # molecules chosen
STANDSTILL = 6  # choices without a rise after which it is complete


class Surrogate(Strategy):
    """A genetic search in which a model of the objective chooses, out of many offspring, the few that are scored.

    The model predicts the raw value of every term, and the rules of the objective make scores of these; where the rules are
    unknown it predicts the score. Offspring of offspring are bred by their predicted scores before any is scored.

    Parameters
    ----------
    prior
        Writes a library: the founders, what is grafted, and what chemistry is familiar.
    library, founders
        Molecules in it, and how many of these are scored first; 20 do where there is something else to begin from. More are
        while none is better than another and something that counts has been the same for all: there is nothing to learn from.
    chosen
        Molecules chosen between two fits of the model, as a share of those scored in the lineage, or of half of all; 10 at
        least, 200 at most. So most is thought where a call counts most, in the beginning.
    children, generations
        Offspring of a generation, and generations bred before a choice.
    training
        Molecules that the model learns from: half the best, half the latest; others at random where these are the same.
    parents, per_scaffold
        Molecules bred from, and how many of these, and of the chosen, may share a scaffold (0: any number).
    exploration
        Standard deviations added to the predicted score, on average: every choice draws its own, now cautious, now bold.
    patience
        Choices without a rise of the ten best by 2 % after which, 1,000 molecules at least, a lineage of its own begins with what
        the model likes of the library: parents come from it alone, and so do the ten best that have to rise, until they don't.
        Then all is bred from again, and so on, until nothing of the library is left.
    prior_weight
        What a molecule loses whose every atom is strange to ZINC and the library, in units of the ten best scores; 0: nothing.
    annealed, apart
        Molecules of a population that leads away from where the search stands: it begins with what the model likes of the
        library, or every other time of the scored, and is annealed by predicted scores, again and again; 0: none. The longer the
        ten best stand still, and the colder it is, the more of the chosen come from there whatever others promise, up to the
        share `apart`.
    guided
        Share of generations, after a standstill, in which two molecules are joined by what their parts are worth together.
    by_term
        False: the model learns the score alone, even where it is known how terms make it.
    agent, written
        Learns to write what scores well, and how many molecules it writes before a choice, to be chosen from and bred from like
        offspring; None: all are bred.
    """

    def __init__(
        self,
        prior: Generator,
        model: SurrogateModel,
        operators: Operators,
        constraints: Constraints,
        diversity: ScaffoldFilter,
        library: int = 10_000,
        founders: int = 100,
        chosen: float = 0.06,
        children: int = 150,
        generations: int = 3,
        training: int = 2000,
        parents: int = 100,
        per_scaffold: int = 3,
        exploration: float = 0.6,
        patience: int = 8,
        prior_weight: float = 0.2,
        annealed: int = 160,
        apart: float = 0.4,
        guided: float = 1.0,
        by_term: bool = True,
        agent: Agent | None = None,
        written: int = 100,
        seed: int = 0,
    ) -> None:
        check_between("search", 0, 1, apart=apart, guided=guided)
        check_above("search", 1, chosen=chosen)
        check_between("search", 0, annealed=annealed, exploration=exploration, written=written)
        check_between("search", 0, per_scaffold=per_scaffold, prior_weight=prior_weight)
        check_between("search", 1, library=library, founders=founders, training=training, parents=parents)
        check_between("search", 1, children=children, generations=generations, patience=patience)
        self.operators = operators
        self.constraints = constraints
        self.memory = Memory(diversity)
        self.appraiser = Appraiser(model, self.memory, prior_weight)
        self.founders = founders
        self.chosen, self.children, self.generations = chosen, children, generations
        self.training, self.parents, self.per_scaffold = training, parents, per_scaffold
        self.exploration, self.patience = exploration, patience
        self.share_apart, self.guided, self.by_term = apart, guided, by_term
        self.agent, self.written = agent, written
        check_seed("search", seed)
        self.rng = np.random.default_rng(seed)
        self.nursery = Nursery(prior, library, seed, constraints)
        self.values: dict[str, list[float]] = {}
        self.waiting: list[Proposal] = []
        self.apart = Apart(annealed, self.nursery, self.memory, operators)
        self.asked: set[str] = set()
        self.lineage = Lineage()
        self.worth: Worth | None = None

    @property
    def _rules(self) -> Scorer | None:
        return self.rules if self.by_term else None

    def ask(self, n: int) -> list[str]:
        """See `Strategy.ask`."""
        self.waiting = [text for text in self.waiting if text not in self.memory.rewards]
        if not self.waiting:
            with threadpool_limits(1, "blas"):  # more threads gain nothing, and spin where offspring are being made
                self.waiting = self._founders() or self._choice()
        proposed, self.waiting = self.waiting[:n], self.waiting[n:]
        self.asked.update(proposed)
        return list[str](proposed)

    def _founders(self) -> list[Proposal]:
        """Leads and molecules of the library, or offspring of leads where the constraints refuse it; none if enough are known."""
        scored = self.memory.rewards
        enough = len(scored) >= self.founders or (len(scored) >= FEW and any(text not in self.nursery.library for text in scored))
        if enough and not self._blind:
            return []
        missing = self._number if enough else min(FEW, self.founders - len(scored))
        seeds = [text for text in self.constraints.seeds if self.constraints(Chem.MolFromSmiles(text))]
        known = self._unscored([*seeds, *self.nursery.home])
        if enough:
            known = by_turns(known, self._unscored(self.nursery.pairs))
        if known or enough:
            return [Proposal(text, "prior") for text in known[:missing]]
        parents = list(dict.fromkeys([*self.memory.ranked, *self.constraints.seeds])) or self.nursery.library
        return [
            Proposal(child.smiles, child.operator, [text for text in child.parents if text in scored])
            for child in self._new(self.nursery.offspring(parents, missing, self.operators, self.rng))
        ]

    def _unscored(self, smiles: Sequence[str]) -> list[str]:
        """Those that are neither scored nor about to be."""
        return [text for text in self.memory.new(smiles) if text not in self.asked]

    @property
    def _blind(self) -> bool:
        """Whether no molecule is better than another, and something that counts has been the same for all."""
        alike = len(set(self.memory.rewards.values())) < 2
        return alike and any(len(set(column)) < 2 for column in zip(*self.values.values(), strict=True))

    @property
    def _number(self) -> int:
        """Molecules to choose at once."""
        scored = len(self.memory.rewards)
        return int(np.clip(self.chosen * max(scored - self.lineage.begun, YOUNG * scored), *CHOSEN))

    def _choice(self) -> list[Proposal]:
        """What to score next: the model's favourites among several generations of offspring, or what a lineage begins with."""
        scored = [self.nursery.child(text) for text in self._training()]
        self.appraiser.learn(scored, np.array([self.values[child.smiles] for child in scored]), self._rules, self.rng)
        self.lineage.watch(self.memory.standing)
        if self.lineage.over(len(self.memory.rewards), self.patience) and (first := self._next_lineage()):
            return first
        pool = Candidates(scored, self.appraiser, self._boldness())
        self.worth = self.appraiser.worth() if self.guided * self._standstill else None
        offspring = self._evolved(pool)
        annealed = self._annealed(pool)
        reserved = spread(pool.ranked(annealed), self._reserved, self.per_scaffold)
        ranked = dict.fromkeys(child.smiles for child in [*reserved, *pool.ranked(offspring | annealed)])
        best = spread((pool.children[text] for text in ranked), self._number, self.per_scaffold)
        lasting = {*(child.smiles for child in best), *self.apart.annealing.population}
        self.nursery.keep(pool.children[text] for text in lasting & pool.children.keys())
        return [Proposal(child.smiles, child.operator, child.parents) for child in best]

    def _next_lineage(self) -> list[Proposal]:
        """What a lineage of its own begins with, if the last one was of all that is scored; else that is bred from again."""
        scored = len(self.memory.rewards)
        unscored = self._unscored(self.nursery.home)
        if self.lineage.born:
            self.lineage = Lineage(begun=scored)
        elif unscored:
            self.lineage, self.apart.annealing = Lineage(scored, scored), Annealing()
            pool = Candidates((), self.appraiser, 0.0)
            some = [self.nursery.child(text) for text in self.rng.permutation(unscored)[:BEGINNING].tolist()]
            return [Proposal(child.smiles, "prior") for child in spread(pool.ranked(pool.promise(some)), FEW, 1)]
        return []

    @property
    def _bred_from(self) -> list[str]:
        """The best that were scored since the lineage began; of all, while none was. By scores, which vary more than beliefs."""
        rewards = self.memory.rewards
        lineage = list(rewards)[self.lineage.born :] or rewards
        return sorted(lineage, key=lambda text: (-rewards[text], text))[: ELITE * self.parents]

    @property
    def _reserved(self) -> int:
        """How many of the chosen are annealed whatever the others promise: more after a standstill, and when it is cold."""
        annealing = self.apart.annealing
        return round(self.share_apart * self._number * self._standstill * annealing.sweep / max(annealing.sweeps, 1))

    @property
    def _standstill(self) -> float:
        """0 where the last choice brought something, 1 where none did for long."""
        return min(1, self.lineage.still / STANDSTILL)

    def _guide(self) -> Worth | None:
        """What tells which parts are worth joining; the longer the ten best stand still, the more offspring are joined by it."""
        return self.worth if self.rng.random() < self.guided * self._standstill else None

    def _evolved(self, pool: Candidates) -> dict[str, float]:
        """Merit of several generations of offspring that begin with the best of the lineage."""
        merit = pool.promise([self.nursery.child(text) for text in self._bred_from], 0.0)
        offspring = pool.promise(self._written())
        for _ in range(self.generations):
            parents = spread(pool.ranked(merit | offspring), self.parents, self.per_scaffold)
            names = [child.smiles for child in parents]
            brood = self.nursery.offspring(names, self.children, self.operators, self.rng, self.apart.liked, self._guide())
            offspring |= pool.promise(self._new(brood))
        return offspring

    def _written(self) -> list[Child]:
        """What the agent writes, as far as the constraints allow it; nothing in a lineage, of which it knows nothing."""
        if not self.agent or self.lineage.born:
            return []
        smiles = self.agent.propose(self.written, self.memory, self.rng)
        written = describe_all(smiles, self.constraints, self.nursery.familiar)
        return self._new(child._replace(operator="agent") for child in written)

    def _annealed(self, pool: Candidates) -> dict[str, float]:
        """Merit of what is new of what the population apart meets."""
        sweeps = int(np.clip(self._number / PER_SWEEP, *SWEEPS))
        unscored = self._unscored(self.nursery.home)
        merit = self.apart.meets(pool, sweeps, unscored, self.lineage.born > 0, self.rng, self._guide)
        return {child.smiles: merit[child.smiles] for child in self._new(pool.children[text] for text in merit)}

    def _new(self, children: Iterable[Child]) -> list[Child]:
        """Those that are neither scored nor about to be."""
        return [child for child in children if child.smiles not in self.memory.rewards and child.smiles not in self.asked]

    def _training(self) -> list[str]:
        """Scored molecules for the model to learn from, the best first."""
        half = self.training // 2
        told = list(self.memory.rewards)
        chosen = dict.fromkeys([*self.memory.ranked[:half], *told[::-1][:half]])
        rest = [text for text in told if text not in chosen]
        return [*chosen, *self.rng.permutation(rest)[: self.training - len(chosen)].tolist()]

    def _boldness(self) -> float:
        """Standard deviations that this choice adds, from an exponential distribution (Berk et al., IJCAI 2021)."""
        return float(self.rng.exponential(self.exploration))

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.memory.add(scores)
        # what is scored in another form, as ions are, isn't known again by its own: it stays among what was asked
        self.asked.difference_update(text for text, scored in zip(smiles, scores.smiles, strict=True) if text == scored)
        for text, total, raw in zip(scores.smiles, scores.total, scores.raw, strict=True):
            if text in self.memory.rewards and text not in self.values:
                self.values[text] = [float(total)] if self._rules is None else raw.tolist()
        if self.agent:
            self.agent.learn(self.memory, self.rng)

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        state = named("model", self.appraiser.model.state_dict())
        waiting = [(str(each), each.operator, each.parents) for each in self.waiting]
        own = {"values": self.values, "waiting": waiting, "rng": self.rng.bit_generator.state}
        state |= named("writer", self.agent.state_dict()) if self.agent else {}
        return state | self.memory.state_dict() | self.apart.state_dict() | own | {"lineage": asdict(self.lineage)}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.appraiser.model.load_state_dict(state_of("model", state))
        self.memory.load_state_dict(state)
        if self.agent:
            self.agent.load_state_dict(state_of("writer", state))
        self.values = dict(state["values"])
        self.lineage = Lineage(**state["lineage"])
        self.apart.load_state_dict(state)
        self.waiting = [Proposal(text, operator, parents) for text, operator, parents in state["waiting"]]
        self.rng.bit_generator.state = state["rng"]

    def trained(self) -> Generator | None:
        """See `Strategy.trained`."""
        return self.agent.model if self.agent else None
