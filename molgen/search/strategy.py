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
KNOWN, CARRIED = (
    "start",
    "stage",
)  # operators of what no search proposed: molecules to begin from, those of an earlier stage
SHOWN = 60  # characters of what a strategy may not return


def named(name: str, state: Mapping[str, Any]) -> State:
    """The state of a part, by names that tell it from the whole's."""
    return {f"{name}.{key}": value for key, value in state.items()}


def state_of(name: str, state: State) -> State:
    """What `named` put into the whole's `state`."""
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

    Raises
    ------
    ConfigError
        What must be text is something else.
    """

    smiles: str
    operator: str = "given"
    parents: tuple[str, ...] = ()
    island: int | None = None

    def __post_init__(self) -> None:
        for name in ("smiles", "operator"):
            if not isinstance(getattr(self, name), str):
                raise ConfigError(f"search: the {name} of a Proposal must be text, not {_shown(getattr(self, name))}")
        if not isinstance(self.parents, tuple | list) or not all(isinstance(text, str) for text in self.parents):
            raise ConfigError(f"search: the parents of a Proposal must be a tuple of SMILES, not {_shown(self.parents)}")


def as_proposals(asked: Iterable[Proposal | str]) -> list[Proposal]:
    """What a strategy asked for, which may be plain SMILES.

    Raises
    ------
    ConfigError
        It is something else: of a single text every letter would be a molecule.
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
    """The SMILES of proposals."""
    return [each.smiles for each in proposals]


class Strategy(ABC):
    """Proposes molecules and learns from their scores.

    All its randomness comes from its own generator, so that `state_dict` holds all there is to it.

    Attributes
    ----------
    rules
        How raw values make the score, where that is known: what `use_rules` was given.
    """

    rules: Scorer | None = None

    def use_rules(self, rules: Scorer) -> None:
        """Take in how raw values make the score; called once, before anything is asked or told."""
        self.rules = rules

    @property
    def thinking(self) -> Sequence[Any]:
        """What an `AsynchronousScorer` can wait for while the strategy thinks elsewhere and `ask` gives nothing yet."""
        return ()

    @abstractmethod
    def ask(self, n: int) -> Sequence[Proposal] | Sequence[str]:
        """At most `n` molecules to score next, preferably new ones; plain SMILES where nothing is known of their origin."""

    @abstractmethod
    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """Learn the scores [n] of the SMILES [n] that were scored: those asked, cut at the budget."""

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """What a search calls: `tell` with the SMILES of the proposals [n]."""
        self.tell(plain_smiles(proposals), scores)

    def hear(self, smiles: Sequence[str], scores: Scores) -> None:
        """Take in molecules that another strategy has proposed."""
        self.tell(smiles, scores)

    @abstractmethod
    def state_dict(self) -> State:
        """Everything that the next `ask` depends on: tensors and what JSON can hold, by flat names."""

    @abstractmethod
    def load_state_dict(self, state: State) -> None:
        """Go on where the strategy that gave `state` stood."""

    def for_new_objective(self, state: State) -> State | None:
        """What of `state` is worth loading where the objective changes, as it does between stages.

        Called on a fresh strategy. What only the scores of the last objective said is left out; what was learnt of molecules
        stays.

        Parameters
        ----------
        state
            The `state_dict` of a strategy of the same settings.

        Returns
        -------
        State | None
            What `load_state_dict` can be given; None where nothing is worth it, so that the strategy begins afresh.
        """
        return None

    def trained(self) -> Generator | None:
        """The generator that this search has trained, to be kept with the run; None if there is none."""
        return None
