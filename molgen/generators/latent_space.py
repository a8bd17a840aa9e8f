"""Walks through the latent space of a generator: around a molecule, and between two molecules."""

import torch

from molgen.generators.base import LatentGenerator


def around(
    generator: LatentGenerator,
    lead: str,
    n: int,
    *,
    radius: float = 0.5,
    prompt: str | None = None,
    seed: int | None = None,
) -> list[str]:
    """Sample molecules at `n` points around that of `lead`.

    Parameters
    ----------
    radius
        Standard deviation in every dimension; molecules fill a standard normal distribution.
    prompt
        A scaffold that every molecule must have.
    seed
        Of the random numbers; None draws a new one.
    """
    random = torch.Generator()
    random.manual_seed(seed) if seed is not None else random.seed()
    steps = torch.randn(n, generator.dimensions, generator=random)
    return generator.decode(generator.encode([lead]).cpu() + radius * steps, prompt=prompt)


def between(generator: LatentGenerator, first: str, second: str, n: int) -> list[str]:
    """The molecules at `n` points on the straight line from `first` to `second`, both included."""
    ends = generator.encode([first, second]).cpu()
    return generator.decode(torch.lerp(ends[:1], ends[1:], torch.linspace(0, 1, n)[:, None]))
