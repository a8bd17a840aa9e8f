"""Generators by name or file."""

from pathlib import Path

from molgen.generators.base import Generator
from molgen.learn.shipped import find, kind_in
from molgen.trust import nameable

SHIPPED = ("transformer", "recurrent", "graph_vae", "graph_gan", "latent_gan", "diffusion")
ALIASES = {"prior": "transformer"}


@nameable
def load_generator(name: str = "prior", kind: type[Generator] = Generator) -> Generator:
    """A trained generator: one that ships with molgen, or a .safetensors file that `save` wrote.

    Parameters
    ----------
    name
        `prior` (the transformer trained on ZINC250k), another file in `molgen/weights`, or a path.
    kind
        The class that it must have.

    Raises
    ------
    ConfigError
        No generator of this name is shipped.
    CheckpointError
        The file is missing, damaged, or holds no generator.
    """
    path = file_of_generator(name)
    return kind_in(path, kind, "generator" if kind is Generator else kind.__name__).load(path)


def file_of_generator(name: str) -> Path:
    """The file of a generator: one that ships, or a .safetensors file.

    Raises
    ------
    ConfigError
        No generator of this name is shipped.
    """
    return find(name, "generator", SHIPPED, ALIASES)
