"""A surrogate search: a model of the objective chooses among many offspring before any is scored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace

import numpy as np
from threadpoolctl import threadpool_limits

from molgen.errors import check_between, check_seed
from molgen.generators.base import Generator
from molgen.scoring.scorer import Scorer
from molgen.scoring.scores import Scores
from molgen.search.bayesian.acquisition import Acquisition
from molgen.search.bayesian.candidates import Candidates
from molgen.search.bayesian.contributions import FragmentContributions
from molgen.search.bayesian.explorer import Explorer
from molgen.search.bayesian.initial_design import InitialDesign
from molgen.search.bayesian.models.base import SurrogateModel
from molgen.search.bayesian.offspring import Candidate, Operators, diverse
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.bayesian.settings import AcquisitionSettings, BatchChoice, Breeding, ExplorerSettings, Learning
from molgen.search.bayesian.spares import MOST, Spares
from molgen.search.bayesian.stagnation import Stagnation
from molgen.search.constraints import Constraints
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.routes.job import Makeable
from molgen.search.routes.pool import RoutePool
from molgen.search.strategy import Proposal, State, Strategy, named, plain_smiles, state_of

ELITE = 3  # parents are chosen among this many times their number of the best scored molecules
SWEEPS = 3, 8  # fewest and most sweeps of annealing between two choices
PER_SWEEP = 12  # molecules chosen per sweep


class Surrogate(Strategy):
    """A genetic search in which a model of the objective chooses, out of many offspring, the few that are scored.

    The model predicts the raw value of every term, and the rules of the objective turn these into scores; if the rules are
    unknown, it predicts the score. Parents are the best by acquisition value, as are the few of the offspring that are scored.

    Parameters
    ----------
    prior
        Writes the library, which supplies the initial design, grafts, and part of the reference chemistry.
    library, initial_design
        Molecules in the library, and how many of them are scored first: 20 suffice if other molecules are known; on a plateau
        there are more.
    model, learning
        The surrogate model, and what it learns from.
    acquisition
        Weights of uncertainty and rarity beside a predicted score.
    operators, breeding
        How offspring are made, and how many of them.
    explorer
        The exploration population.
    batch
        How many molecules are chosen between two fits of the model.
    constraints
        What every proposed molecule must satisfy.
    diversity
        Withholds the reward of crowded scaffolds.
    makeable
        From what and how every molecule has to be made: syntheses are bred then, and the library is of random ones. None for any
        molecule.
    """

    deliberate = True

    def __init__(
        self,
        prior: Generator,
        model: SurrogateModel,
        operators: Operators,
        constraints: Constraints,
        diversity: ScaffoldFilter,
        library: int = 10_000,
        initial_design: int = 100,
        learning: Learning = Learning(),
        acquisition: AcquisitionSettings = AcquisitionSettings(),
        breeding: Breeding = Breeding(),
        explorer: ExplorerSettings = ExplorerSettings(),
        batch: BatchChoice = BatchChoice(),
        makeable: Makeable | None = None,
        seed: int = 0,
    ) -> None:
        check_between("search", 1, library=library, initial_design=initial_design)
        check_seed("search", seed)
        self.learning, self.breeding, self.batch = learning, breeding, batch
        self.explorer_settings = explorer
        self.operators = operators
        self.rng = np.random.default_rng(seed)
        self.memory = Memory(diversity)
        self.acquisition = Acquisition(model, self.memory, acquisition)
        shared = prior, library, seed, constraints
        self.pool = CandidatePool(*shared) if makeable is None else RoutePool(*shared, makeable)
        self.initial_design = InitialDesign(initial_design, self.pool, self.memory, operators)
        self.explorer = Explorer(explorer.population, self.pool, self.memory, operators)
        self.stagnation = Stagnation()
        self.spares = Spares(self.pool, self.memory, operators)
        self.contributions: FragmentContributions | None = None
        self.values: dict[str, list[float]] = {}
        self.waiting: list[Proposal] = []
        self.asked, self.aliases = set[str](), set[str]()

    def use_rules(self, rules: Scorer) -> None:
        """See `Strategy.use_rules`; constraints may leave something to the objective."""
        super().use_rules(rules)
        self.pool.constraints = self.pool.constraints.under(rules)

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        self.waiting = [each for each in self.waiting if each.smiles not in self.memory.rewards]
        if not self.waiting:
            with threadpool_limits(1, "blas"):  # more threads gain nothing, and spin while offspring are made
                first = self.initial_design.propose(self.values, self.batch_size, self._unseen, self.rng)
                if not first and self.spares.before_choosing(self.rng):
                    return []
                self.waiting = first or (self._choose() if self.memory.rewards else [])
        proposed, self.waiting = self.waiting[:n], self.waiting[n:]
        self.asked.update(plain_smiles(proposed))
        return [replace(each, route=self.pool.route(each.smiles)) for each in proposed]

    def spare(self) -> list[Proposal]:
        """See `Strategy.spare`."""
        return self.spares.give(self._unseen)

    def _choose(self) -> list[Proposal]:
        """Choose what to score next, by steps 2 to 5 of docs/explanation/search.md."""
        training = self._fit_model()
        self.stagnation.observe(self.memory.estimates)
        candidates = Candidates(training, self.acquisition, self.acquisition.settings.draw_kappa(self.rng))
        self.contributions = self.acquisition.contributions() if self.guided_share else None
        bred = self._breed(candidates)
        explored = self._explore(candidates)
        return self._choose_batch(candidates, bred, explored)

    def _fit_model(self) -> list[Candidate]:
        """Step 2: fit the model; return its training set."""
        training = self.pool.candidates(self.learning.training_set(self.memory, self.rng))
        self.acquisition.fit(training, np.array([self.values[each.smiles] for each in training]), self._rules, self.rng)
        return training

    def _breed(self, candidates: Candidates) -> dict[str, float]:
        """Step 3: breed from the best; return the acquisition values of what is bred and of what else is at hand."""
        stock = self.memory.most_rewarded(ELITE * self.breeding.parents)
        parents = candidates.evaluate(self.pool.candidates(stock), 0.0)
        imagined = self._offspring(candidates, parents, self.pool.imagined) if self.pool.projected else {}
        projected = self.pool.project(diverse(candidates.ranked(imagined), self.pool.projected, self.batch.per_scaffold))
        others = candidates.evaluate(self._unseen_candidates([*projected, *self.pool.neighbours]))
        return others | self._offspring(candidates, parents | others, self.pool.offspring)

    def _offspring(
        self, candidates: Candidates, parents: dict[str, float], breed: Callable[..., list[Candidate]]
    ) -> dict[str, float]:
        """Breed from the best of `parents`."""
        chosen = diverse(candidates.ranked(parents), self.breeding.parents, self.batch.per_scaffold)
        names, grafts = [each.smiles for each in chosen], self.explorer.top_of_library
        bred = breed(names, self.breeding.offspring, self.operators, self.rng, grafts, self._guide())
        return candidates.evaluate(self._unseen_candidates(bred))

    def _explore(self, candidates: Candidates) -> dict[str, float]:
        """Step 4: advance the exploration population; return the acquisition values of its new molecules."""
        sweeps = int(np.clip(self.batch_size / PER_SWEEP, *SWEEPS))
        unscored = self._unseen(self.pool.allowed_library)
        visited = self.explorer.explore(candidates, sweeps, unscored, self.rng, self._guide)
        new = self._unseen_candidates(candidates.by_smiles[text] for text in visited)
        return {each.smiles: visited[each.smiles] for each in new}

    def _choose_batch(self, candidates: Candidates, bred: dict[str, float], explored: dict[str, float]) -> list[Proposal]:
        """Step 5: choose the candidates with the highest acquisition values, a share of them from the exploration population."""
        reserved = diverse(candidates.ranked(explored), self.reserved, self.batch.per_scaffold)
        ranked = dict.fromkeys(each.smiles for each in [*reserved, *candidates.ranked(bred | explored)])
        more = MOST if self.spares.wanted else 0
        best = diverse((candidates.by_smiles[text] for text in ranked), self.batch_size + more, self.batch.per_scaffold)
        chosen, rest = best[: self.batch_size], best[self.batch_size :]
        lasting = {*(each.smiles for each in chosen), *self.explorer.annealing.population}
        self.pool.remember(candidates.by_smiles[text] for text in lasting & candidates.by_smiles.keys())
        self.spares.rank(rest, self.rng)
        return [Proposal(each.smiles, each.operator, each.parents) for each in chosen]

    @property
    def _rules(self) -> Scorer | None:
        return self.rules if self.learning.by_term else None

    @property
    def batch_size(self) -> int:
        """Number of molecules to choose at once."""
        return self.batch.size(len(self.memory.rewards))

    @property
    def reserved(self) -> int:
        """Number of a batch reserved for the exploration population: more with stagnation and late in an annealing."""
        annealing, share = self.explorer.annealing, self.explorer_settings.reserved_share
        return round(share * self.batch_size * self.stagnation.degree * annealing.sweep / max(annealing.sweeps, 1))

    @property
    def guided_share(self) -> float:
        """Probability that breeding is guided: it grows with stagnation."""
        return self.breeding.guided_share * self.stagnation.degree

    def _guide(self) -> FragmentContributions | None:
        """The contributions that decide which subgraphs are joined next; None joins any."""
        return self.contributions if self.rng.random() < self.guided_share else None

    def _unseen(self, smiles: Sequence[str]) -> list[str]:
        """The SMILES that are neither scored nor waiting to be."""
        return [text for text in self.memory.new(smiles) if text not in self.asked and text not in self.aliases]

    def _unseen_candidates(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        return [each for each in candidates if self._unseen([each.smiles])]

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.receive`."""
        self.pool.adopt(proposals)
        self.tell(plain_smiles(proposals), scores)

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.memory.add(scores)
        forms = dict(zip(smiles, scores.smiles, strict=True))
        self.pool.scored_as({text: form for text, form in forms.items() if form in self.memory.rewards})
        self.spares.scored(scores.smiles)
        self.asked.difference_update(smiles)
        self.aliases.update(text for text in smiles if text not in self.memory.rewards)  # ions, which are scored in another form
        for text, total, raw in zip(scores.smiles, scores.total, scores.raw, strict=True):
            if text in self.memory.rewards and text not in self.values:
                self.values[text] = [float(total)] if self._rules is None else raw.tolist()

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        waiting = [(each.smiles, each.operator, each.parents) for each in self.waiting]
        own = {"values": self.values, "waiting": waiting, "aliases": sorted(self.aliases), "stagnation": asdict(self.stagnation)}
        own |= {"rng": self.rng.bit_generator.state}
        state = named("model", self.acquisition.model.state_dict())
        return state | self.memory.state_dict() | self.explorer.state_dict() | self.pool.state_dict() | own

    def for_new_objective(self, state: State) -> State:
        """See `Strategy.for_new_objective`."""
        return self.state_dict() | {"rng": state["rng"]}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.acquisition.model.load_state_dict(state_of("model", state))
        self.memory.load_state_dict(state)
        self.values, self.aliases = dict(state["values"]), set(state["aliases"])
        self.stagnation = Stagnation(**state["stagnation"])
        self.explorer.load_state_dict(state)
        self.pool.load_state_dict(state)
        self.waiting = [Proposal(text, operator, tuple(parents)) for text, operator, parents in state["waiting"]]
        self.rng.bit_generator.state = state["rng"]
