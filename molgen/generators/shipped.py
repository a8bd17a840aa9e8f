"""Generators by name or file."""

from pathlib import Path

from molgen.config import locate
from molgen.errors import CheckpointError, ConfigError, nearest
from molgen.generators.base import Generator
from molgen.learn.checkpoint import load_tensors

WEIGHTS = Path(__file__).parents[1] / "weights"
ALIASES = {"prior": "transformer"}


def load_generator(name: str = "prior") -> Generator:
    """A trained generator: one that ships with molgen, or a .safetensors file that `save` wrote.

    Parameters
    ----------
    name
        `prior` (the transformer trained on ZINC250k), another file in `molgen/weights`, or a path.

    Raises
    ------
    ConfigError
        Nothing of this name ships.
    CheckpointError
        The file is missing, damaged, or holds no generator.
    """
    path = Path(name)
    if path.suffix != ".safetensors":
        shipped = sorted([*ALIASES, *(file.stem for file in WEIGHTS.glob("*.safetensors"))])
        if name not in shipped:
            raise ConfigError(
                f"no generator '{name}'{nearest(name, shipped)}; known: {', '.join(shipped)}, or a .safetensors file"
            )
        path = WEIGHTS / f"{ALIASES.get(name, name)}.safetensors"
    card = load_tensors(path)[1]
    try:
        kind = locate(card["class"])
    except (ConfigError, KeyError) as error:
        raise CheckpointError(f"{path}: its card names no class that is installed here ({error})") from error
    if not (isinstance(kind, type) and issubclass(kind, Generator)):
        raise CheckpointError(f"{path}: its card names '{card['class']}', which is no generator")
    return kind.load(path)
