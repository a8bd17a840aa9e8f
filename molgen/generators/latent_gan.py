"""A GAN in the latent space of another generator: drug-sized molecules from a small network."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from molgen.errors import ConfigError, MolgenError
from molgen.generators.base import LatentGenerator
from molgen.generators.graph_vae import GraphVAE
from molgen.generators.network import NetworkGenerator, check_sizes
from molgen.generators.shipped import load_generator
from molgen.learn.adversarial import fit_wasserstein
from molgen.learn.saved import Saved
from molgen.learn.trainer import Trainer
from molgen.metrics.distribution import sample_quality


class LatentNetwork(nn.Module):
    """Noise [n, noise] -> points of the latent space [n, latent], in units of the training set's mean and deviation."""

    center: Tensor
    spread: Tensor

    def __init__(self, noise: int, latent: int, width: int) -> None:
        super().__init__()
        self.noise = noise
        self.layers = _perceptron(noise, width, latent)
        self.register_buffer("center", torch.zeros(latent))
        self.register_buffer("spread", torch.ones(latent))

    def points(self, noise: Tensor) -> Tensor:
        """See the class."""
        return self.layers(noise)

    def forward(self, n: int) -> tuple[Tensor]:
        """`n` points, drawn."""
        return (self.points(torch.randn(n, self.noise, device=self.center.device)),)


def _perceptron(inputs: int, width: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size in (inputs, width, width):
        layers += [nn.Linear(size, width), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear(width, outputs))


@dataclass(eq=False)
class LatentGAN(NetworkGenerator, LatentGenerator):
    """A Wasserstein GAN over the points of molecules in a graph VAE's latent space (Prykhodko et al., J. Cheminform. 2019).

    What a VAE encodes does not fill its prior evenly; this learns where molecules are.

    Attributes
    ----------
    vae
        The graph VAE, by name or file.
    noise
        Dimensions of the noise.
    width
        Width of the networks' vectors.
    batch
        Molecules per training batch.
    critic_steps
        Critic steps per generator step.
    """

    vae: str = "graph_vae"
    noise: int = 64
    width: int = 512
    batch: int = 512
    critic_steps: int = 3

    space: Any = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(noise=self.noise, width=self.width)
        check_sizes(10**9, batch=self.batch, critic_steps=self.critic_steps)
        try:
            self.space = load_generator(self.vae, GraphVAE)
        except MolgenError as error:
            raise ConfigError(f"generator.vae: {error}") from error

    @property
    def dimensions(self) -> int:
        """See `LatentGenerator.dimensions`: of the VAE's latent space."""
        return self.space.dimensions

    def facts(self) -> dict[str, Any]:
        """See `NetworkGenerator.facts`."""
        return {}

    def restore(self, saved: Saved) -> None:
        """See `NetworkGenerator.restore`."""
        if saved.array("spread", self.dimensions).min() <= 0:
            raise saved.error("its tensor 'spread' must hold numbers above 0")

    def new_network(self) -> LatentNetwork:
        """See `NetworkGenerator.new_network`."""
        return LatentNetwork(self.noise, self.dimensions, self.width)

    def fit(self, train: Sequence[str], valid: Sequence[str], *, trainer: Trainer) -> list[dict[str, float]]:
        """See `Generator.fit`; molecules that the VAE doesn't know are left out."""
        if not self.is_fitted:
            self.begin()
        points = self.space.points([graph for graph in self.space.vocabulary.graphs(train) if graph])
        self.network.center.copy_(points.mean(0))
        self.network.spread.copy_(points.std(0))
        points = (points - self.network.center) / self.network.spread
        torch.manual_seed(self.seed)
        critic = _perceptron(self.dimensions, self.width, 1)
        known = set(train)

        def batches(epoch: int) -> list[tuple[Tensor]]:
            order = torch.from_numpy(np.random.default_rng([self.seed, epoch]).permutation(len(points)))
            return [(points[part],) for part in order.split(self.batch)]

        def figures() -> dict[str, float]:
            return sample_quality(self.sample(min(1000, len(points)), seed=self.seed), known)

        return fit_wasserstein(self.network, critic, batches, trainer, figures, critic_steps=self.critic_steps)

    def encode(self, smiles: Sequence[str]) -> Tensor:
        """See `LatentGenerator.encode`."""
        return self.space.encode(smiles)

    def decode(self, z: Tensor, *, prompt: str | None = None, candidates: int = 8) -> list[str]:
        """See `LatentGenerator.decode`."""
        return self.space.decode(z, prompt=prompt, candidates=candidates)

    def sample(self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None) -> list[str]:
        """Propose `n` molecules; see `GraphVAE.sample`."""
        random = self.random(seed)
        with torch.no_grad():
            drawn = self.network.points(torch.randn(n, self.noise, generator=random, device=self.device))
        return self.space.written(drawn * self.network.spread + self.network.center, temperature, prompt, random)
