"""The contract of a search strategy."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from molgen.errors import ConfigError
from molgen.generators.base import Generator
from molgen.scoring.scorer import Scorer
from molgen.scoring.scores import Scores

State = dict[str, Any]
KNOWN, CARRIED = "start", "stage"  # operators of molecules that no search proposed: the start, and those of an earlier stage
SHOWN = 60  # characters shown of a wrong return value of a strategy


def named(name: str, state: Mapping[str, Any]) -> State:
    """Prefix the state of the part `name`, so that it can be stored in the state of the whole."""
    return {f"{name}.{key}": value for key, value in state.items()}


def state_of(name: str, state: State) -> State:
    """The state of the part `name`, as stored in `state` by `named`."""
    start = f"{name}."
    return {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}


@dataclass(frozen=True)
class Proposal:
    """A molecule to score, and where it comes from.

    Attributes
    ----------
    smiles
        As the strategy wrote it.
    operator
        What proposed it: `agent`, `crossover`, `mutation`, ...
    parents
        Canonical SMILES of the molecules it was made from.
    island
        Number of the island that proposed it, from 0; None where there is one strategy.
    route
        How it is made, as JSON of `molgen.synthesis.route.Route.to_dict`; empty where that isn't known.

    Raises
    ------
    ConfigError
        `smiles`, `operator`, `route` or a parent isn't text.
    """

    smiles: str
    operator: str = "given"
    parents: tuple[str, ...] = ()
    island: int | None = None
    route: str = ""

    def __post_init__(self) -> None:
        for name in ("smiles", "operator", "route"):
            if not isinstance(getattr(self, name), str):
                raise ConfigError(f"search: the {name} of a Proposal must be text, not {_shown(getattr(self, name))}")
        if not isinstance(self.parents, tuple | list) or not all(isinstance(text, str) for text in self.parents):
            raise ConfigError(f"search: the parents of a Proposal must be a tuple of SMILES, not {_shown(self.parents)}")


def as_proposals(asked: Iterable[Proposal | str]) -> list[Proposal]:
    """Convert what a strategy's `ask` returned, which may be plain SMILES, to proposals.

    Raises
    ------
    ConfigError
        It is anything else; a single text would make a molecule of every letter.
    """
    if isinstance(asked, str) or not isinstance(asked, Iterable):
        raise ConfigError(f"search: ask must return a list of SMILES or of Proposal, not {_shown(asked)}")
    found = [Proposal(str(each)) if isinstance(each, str) else each for each in asked]
    if wrong := [each for each in found if not isinstance(each, Proposal)]:
        raise ConfigError(f"search: ask must return a list of SMILES or of Proposal; {_shown(wrong[0])} is neither")
    return found


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'} ({type(value).__name__})"


def plain_smiles(proposals: Iterable[Proposal]) -> list[str]:
    """The SMILES of `proposals`."""
    return [each.smiles for each in proposals]


class Strategy(ABC):
    """Proposes molecules and learns from their scores.

    All its randomness comes from its own random generator, so that `state_dict` captures it fully.

    Attributes
    ----------
    rules
        The objective, where it is known: set by `use_rules`.
    deliberate
        Whether it thinks for so long that scores are better waited for meanwhile, by a process of its own.
    """

    rules: Scorer | None = None
    deliberate: bool = False

    def use_rules(self, rules: Scorer) -> None:
        """Receive the objective; called once, before anything is asked or told."""
        self.rules = rules

    @property
    def thinking(self) -> Sequence[Any]:
        """What an `AsynchronousScorer` can wait for while the strategy computes elsewhere and `ask` returns nothing yet."""
        return ()

    @abstractmethod
    def ask(self, n: int) -> Sequence[Proposal] | Sequence[str]:
        """Propose molecules to score next.

        Parameters
        ----------
        n
            Most molecules to propose.

        Returns
        -------
        Sequence
            At most `n` proposals, preferably of new molecules; plain SMILES if their origin is unknown.
        """

    def spare(self) -> list[Proposal]:
        """The molecules that the last `ask` ranked behind those that it chose, the best first; each is given once.

        A search that doesn't wait for scores has them scored where workers would be idle until the next choice.
        """
        return []

    @abstractmethod
    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """Learn from scored molecules.

        Parameters
        ----------
        smiles
            The SMILES [m] that were scored, as proposed: the first m of those asked if the budget ran out.
        scores
            Their scores [m], 0 to 1 with problems and values per term; `scores.smiles` are canonical.
        """

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """Called by a search with the scored proposals [n]; by default it calls `tell` with their SMILES."""
        self.tell(plain_smiles(proposals), scores)

    def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """Learn from scored molecules [n] that another strategy proposed; by default as in `receive`."""
        self.receive(proposals, scores)

    @abstractmethod
    def state_dict(self) -> State:
        """Everything that the next `ask` depends on: tensors and JSON-serialisable values, by flat names."""

    @abstractmethod
    def load_state_dict(self, state: State) -> None:
        """Continue where the strategy that returned `state` stood."""

    def for_new_objective(self, state: State) -> State | None:
        """Select the part of `state` worth loading when the objective changes, as it does between stages.

        Called on a fresh strategy. What depends on scores of the old objective is dropped; what was learnt about molecules
        is kept.

        Parameters
        ----------
        state
            The `state_dict` of a strategy of the same settings.

        Returns
        -------
        State | None
            A state for `load_state_dict`; None if nothing is worth keeping, so that the strategy starts fresh.
        """
        return None

    def trained(self) -> Generator | None:
        """The generator that this search has trained, which is saved with the run; None if there is none."""
        return None
