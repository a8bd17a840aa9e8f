"""The contracts of the generators."""

from abc import abstractmethod
from collections.abc import Sequence

from torch import Tensor

from molgen.learn.savable import Savable
from molgen.learn.trainer import Trainer


class Generator(Savable):
    """Learns from molecules and proposes new ones."""

    @abstractmethod
    def fit(self, train: Sequence[str], valid: Sequence[str], *, trainer: Trainer) -> list[dict[str, float]]:
        """Train on SMILES and return one record of figures an epoch."""

    @abstractmethod
    def sample(self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None) -> list[str]:
        """Propose `n` SMILES; they may be invalid or repeat."""


class LikelihoodGenerator(Generator):
    """A generator that knows how probable it is to write a SMILES."""

    @abstractmethod
    def log_likelihood(self, smiles: Sequence[str]) -> Tensor:
        """Log-probability of each SMILES, shape [n], in nats, differentiable; -inf if it can't be written."""


class LatentGenerator(Generator):
    """A generator whose molecules are points in a space that can be searched.

    Molecules fill about a standard normal distribution of it.
    """

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Of the latent space."""

    @abstractmethod
    def encode(self, smiles: Sequence[str]) -> Tensor:
        """The points of molecules, [n, dimensions].

        Raises
        ------
        DataError
            A molecule that it can't write, named.
        """

    @abstractmethod
    def decode(self, z: Tensor, *, prompt: str | None = None, candidates: int = 8) -> list[str]:
        """The molecule at each point of `z` [n, dimensions], with `prompt` in it.

        Parameters
        ----------
        candidates
            Molecules made of a point, of which that is taken whose own point is nearest. 1 takes the likeliest, and is fastest.
        """
