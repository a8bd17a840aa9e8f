"""Any strategy, with molecules that can be made in the place of those that it proposes."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN
from molgen.errors import CampaignError, check_between
from molgen.generators.base import Generator
from molgen.processes import isolated, processors
from molgen.scoring.scorer import Scorer
from molgen.scoring.scores import Scores, joined
from molgen.search.constraints import Constraints
from molgen.search.routes.projection import Projection
from molgen.search.routes.settings import SynthesisSettings
from molgen.search.strategy import Proposal, State, Strategy, as_proposals, named, plain_smiles, state_of

NEIGHBOURS = 50  # makeable molecules near a proposal, of which the nearest new one takes its place
TRIES = 10  # batches in a row that may come to nothing
INVALID = "invalid: "  # how problems begin that no strategy learns from
Learn = Callable[[Sequence[Proposal], Scores], None]
LOG = logging.getLogger(__name__)


class Proposable(ABC):
    """Which molecules a search may propose."""

    @abstractmethod
    def applied(self, strategy: Strategy, constraints: Constraints) -> Strategy:
        """`strategy`, such that it proposes these alone."""


@dataclass(frozen=True)
class AnyMolecule(Proposable):
    """Molecules as strategies propose them."""

    def applied(self, strategy: Strategy, constraints: Constraints) -> Strategy:
        """See `Proposable.applied`."""
        return strategy


@dataclass(frozen=True)
class NearestMakeable(SynthesisSettings, Proposable):
    """The makeable molecules nearest to those that a strategy proposes, with their routes.

    Attributes
    ----------
    effort
        Reactions that are tried per molecule; see `molgen.synthesis.analogs.Analogs`.
    """

    effort: int = 300
    place: ClassVar[str] = "makeable"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_between(self.place, 1, effort=self.effort)

    def applied(self, strategy: Strategy, constraints: Constraints) -> Strategy:
        """See `Proposable.applied`."""
        return MakeableOnly(strategy, self, constraints)

    def near(self, smiles: Sequence[str]) -> dict[str, dict[str, str]]:
        """For each canonical SMILES the makeable molecules that are most like it, the nearest first, with their routes.

        All processors share the work.
        """
        distinct = list(dict.fromkeys(smiles))
        processes = min(processors(), len(distinct))
        jobs = [Projection(self, distinct[i::processes], NEIGHBOURS, self.effort) for i in range(processes)]
        found: dict[str, dict[str, str]] = {}
        for part in isolated(Projection.run, jobs, processes, tries=3) if processes > 1 else map(Projection.run, jobs):
            if isinstance(part, Exception):
                raise part
            found |= part
        return found


class MakeableOnly(Strategy):
    """Proposes, for every molecule that another strategy proposes, the makeable molecule that is most like it and new.

    The other strategy is told the score as that of its own proposal in another form, as it is of an ion that is scored as a
    neutral molecule. What has no makeable neighbour is never scored; the other strategy is told that it is invalid.

    Parameters
    ----------
    strategy
        The other one.
    makeable
        What can be made. Its stock is read, and indexed if need be, when this is made.
    constraints
        What every makeable molecule must satisfy.

    Raises
    ------
    MolgenError
        Nothing can be made as `makeable` says.
    """

    def __init__(self, strategy: Strategy, makeable: NearestMakeable, constraints: Constraints) -> None:
        _ = makeable.editor
        self.strategy, self.makeable, self.constraints = strategy, makeable, constraints
        self.known: dict[str, None] = {}
        self.replaced: dict[str, str] = {}
        self.lost: dict[str, str] = {}
        self.exhausted = False

    def use_rules(self, rules: Scorer) -> None:
        """See `Strategy.use_rules`."""
        super().use_rules(rules)
        self.strategy.use_rules(rules)
        self.constraints = self.constraints.under(rules)

    @property
    def thinking(self) -> Sequence[Any]:
        """See `Strategy.thinking`."""
        return self.strategy.thinking

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`.

        Raises
        ------
        CampaignError
            Nothing that the other strategy proposes at the beginning has a makeable neighbour.
        """
        if self.exhausted:
            return []
        lost = 0
        for _ in range(TRIES):
            asked = as_proposals(self.strategy.ask(n))
            if (found := self._replaced(asked)) or not asked:
                return found
            lost += len(asked)
            self._pass_on(self.strategy.hear, [], Scores([], np.empty(0), []))
        satisfying = " and satisfies the constraints" if self.constraints else ""
        said = f"no new molecule that can be made from {self.makeable.stock} is near any of the last {lost} proposals{satisfying}"
        if not self.known:
            raise CampaignError(f"makeable=true: {said}; take another makeable.stock, or allow more makeable.steps")
        LOG.warning("makeable=true: %s", said)
        self.exhausted = True
        return []

    def _replaced(self, asked: Sequence[Proposal]) -> list[Proposal]:
        """The makeable molecules that take the place of proposals."""
        molecules = Molecules(plain_smiles(asked), self.rules.standardizer if self.rules else AS_GIVEN)
        near = self.makeable.near([text for text in molecules.canonical if text is not None])
        found: list[Proposal] = []
        for each, text, problem in zip(asked, molecules.canonical, molecules.problem, strict=True):
            routes = near[text] if text is not None else {}
            if (smiles := self._first(routes)) is None:
                self.lost[each.smiles] = problem or "no new makeable molecule is near it"
            else:
                self.replaced[smiles] = each.smiles
                found.append(replace(each, smiles=smiles, route=routes[smiles]))
        return found

    def _first(self, routes: Mapping[str, str]) -> str | None:
        """The first new molecule that satisfies the constraints."""
        new = (smiles for smiles in routes if smiles not in self.known and smiles not in self.replaced)
        return next((smiles for smiles in new if self.constraints(Chem.MolFromSmiles(smiles))), None)

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.receive(as_proposals(smiles), scores)

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.receive`."""
        self._pass_on(self.strategy.receive, proposals, scores)

    def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.hear`."""
        self._pass_on(self.strategy.hear, proposals, scores)

    def _pass_on(
        self, learn: Callable[[Sequence[Proposal], Scores], None], proposals: Sequence[Proposal], scores: Scores
    ) -> None:
        """Have the other strategy learn, also of what was lost, by the names under which it has proposed the molecules."""
        self.known |= dict.fromkeys([*plain_smiles(proposals), *scores.smiles])
        self.exhausted = self.exhausted and not proposals
        own = [replace(each, smiles=self.replaced.pop(each.smiles, each.smiles)) for each in proposals]
        problems: list[str | None] = [f"{INVALID}{problem}" for problem in self.lost.values()]
        lost = Scores(list(self.lost), np.zeros(len(self.lost)), problems)
        self.lost = {}
        learn([*own, *map(Proposal, lost.smiles)], joined([(part, i) for part in (scores, lost) for i in range(len(part))]))

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return {"known": list(self.known), "lost": self.lost} | named("strategy", self.strategy.state_dict())

    def for_new_objective(self, state: State) -> State | None:
        """See `Strategy.for_new_objective`."""
        kept = self.strategy.for_new_objective(state_of("strategy", state))
        return None if kept is None else {"known": [], "lost": {}} | named("strategy", kept)

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.known, self.lost = dict.fromkeys(state["known"]), dict(state["lost"])
        self.strategy.load_state_dict(state_of("strategy", state))

    def trained(self) -> Generator | None:
        """See `Strategy.trained`."""
        return self.strategy.trained()
