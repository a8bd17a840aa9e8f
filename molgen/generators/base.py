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
        """Train on molecules.

        Parameters
        ----------
        train, valid
            SMILES to train on, and to validate with.
        trainer
            Runs the training: epochs, learning rate, precision, folder.

        Returns
        -------
        list
            One record of figures per epoch.
        """

    @abstractmethod
    def sample(self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None) -> list[str]:
        """Write SMILES.

        Parameters
        ----------
        n
            Number of SMILES.
        temperature
            1 samples the learnt distribution; lower values favour likely molecules, higher ones variety.
        prompt
            What every SMILES must begin with, or the scaffold that every molecule must have; see the generator.
        seed
            Of the random numbers; None draws a new one.

        Returns
        -------
        list
            `n` SMILES, which may be invalid or repeat.
        """


class LikelihoodGenerator(Generator):
    """A generator that knows how probable it is to write a SMILES."""

    @abstractmethod
    def log_likelihood(self, smiles: Sequence[str]) -> Tensor:
        """Log-probability of each SMILES, shape [n], in nats, differentiable; -inf if it can't be written."""


class LatentGenerator(Generator):
    """A generator whose molecules are points in a space that can be searched.

    The points of molecules follow about a standard normal distribution.
    """

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Number of dimensions of the latent space."""

    @abstractmethod
    def encode(self, smiles: Sequence[str]) -> Tensor:
        """Points of molecules [n, dimensions].

        Parameters
        ----------
        smiles
            Molecules [n].


        Raises
        ------
        DataError
            The generator can't write one of the molecules, which the message names.
        """

    @abstractmethod
    def decode(self, z: Tensor, *, prompt: str | None = None, candidates: int = 8) -> list[str]:
        """Molecules at points of the latent space, as SMILES [n].

        Parameters
        ----------
        z
            Points [n, dimensions].
        prompt
            A scaffold that every molecule must have.
        candidates
            Molecules made per point, of which the one whose own point is nearest is taken. 1 takes the likeliest and is fastest.
        """
