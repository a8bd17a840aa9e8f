"""What generators with a neural network share: where it is, its random numbers, its file."""

import copy
from abc import abstractmethod
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import torch

from molgen.errors import CheckpointError, ConfigError, check_between, check_seed
from molgen.generators.base import Generator
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.device import fast_bf16

WIDEST, DEEPEST = 16_384, 256  # of a network: what is beyond is a slip, and memory that no machine has


@dataclass(eq=False)
class NetworkGenerator(Generator):
    """A generator whose knowledge is a network's weights."""

    seed: int = 0

    network: Any = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        check_seed("generator", self.seed)

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What, beside the settings, `restore` needs to know: the vocabulary, say."""

    @abstractmethod
    def restore(self, facts: dict[str, Any]) -> None:
        """Take `facts` and new random weights."""

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device

    def random(self, seed: int | None) -> torch.Generator:
        """A generator of random numbers beside the weights; None draws a new seed."""
        rng = torch.Generator(self.device)
        rng.manual_seed(seed) if seed is not None else rng.seed()
        return rng

    def _inference_copy(self) -> Any:
        """The network in the precision that is fastest for sampling."""
        if fast_bf16(self.device.type):
            return copy.deepcopy(self.network).bfloat16()
        return self.network

    def settings(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}

    def save(self, path: Path | str, card: dict[str, Any] | None = None) -> None:
        """See `Generator.save`."""
        about = {"class": f"{type(self).__module__}.{type(self).__qualname__}", "settings": self.settings()} | self.facts()
        about["parameters"] = sum(p.numel() for p in self.network.parameters())
        save_tensors(Path(path), self.network.state_dict(), about | (card or {}))

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """See `Generator.load`."""
        tensors, card = load_tensors(Path(path))
        try:
            generator = cls(**card["settings"])
            generator.restore(card)
            generator.network.load_state_dict(tensors)
        except (KeyError, TypeError, RuntimeError) as error:
            raise CheckpointError(f"{path}: not the weights of a {cls.__name__} ({error})") from error
        return generator


def check_attention(width: int, layers: int, heads: int, dropout: float) -> None:
    """Raise ConfigError for the size of a network with attention that can't be made."""
    check_between("generator", 1, WIDEST, width=width, heads=heads)
    check_between("generator", 1, DEEPEST, layers=layers)
    check_between("generator", 0, 1, dropout=dropout)
    if width % heads:
        raise ConfigError(f"generator.heads: {heads} heads can't share a width of {width}; it must be a multiple of them")
