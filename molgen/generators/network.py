"""The base of generators with a neural network: their device, random numbers and files."""

import copy
from abc import abstractmethod
from dataclasses import dataclass, fields
from typing import Any, Self

import torch
from torch import Tensor, nn

from molgen.errors import ConfigError, check_between, check_seed
from molgen.generators.base import Generator
from molgen.learn.device import default_device, fast_bf16
from molgen.learn.saved import Saved

MOST_LAYERS = 1000


class Learnt:
    """An attribute set by training or from a file; reading it before is a ConfigError."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, generator: Any, owner: type) -> Any:
        if generator is None:
            return self
        if self.name not in vars(generator):
            raise ConfigError(
                f"this {owner.__name__} has learnt nothing yet: train it (fit), or load one that has (load_generator)"
            )
        return vars(generator)[self.name]

    def __set__(self, generator: Any, value: Any) -> None:
        vars(generator)[self.name] = value


@dataclass(eq=False)
class NetworkGenerator(Generator):
    """A generator whose knowledge is a network's weights."""

    seed: int = 0

    network = Learnt()

    def __post_init__(self) -> None:
        check_seed("generator", self.seed)

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """Facts besides the settings that `restore` needs, such as the vocabulary."""

    @abstractmethod
    def restore(self, saved: Saved) -> None:
        """Set the `facts` read from a file."""

    @abstractmethod
    def new_network(self) -> nn.Module:
        """A network with random weights, for the settings and the facts."""

    def begin(self) -> None:
        """Take new random weights."""
        torch.manual_seed(self.seed)
        self.network = self.new_network().to(default_device()).eval()

    @property
    def is_fitted(self) -> bool:
        """Whether it has been trained."""
        return "network" in vars(self)

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
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

    def to_saved(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `Savable.to_saved`."""
        about = {"settings": self.settings()} | self.facts()
        return self.network.state_dict(), about | {"parameters": sum(p.numel() for p in self.network.parameters())}

    @classmethod
    def from_saved(cls, saved: Saved) -> Self:
        """See `Savable.from_saved`."""
        generator = cls(**saved.settings("settings", cls))
        generator.restore(saved)
        generator.network = saved.network("", generator.new_network).to(default_device()).eval()
        return generator


def check_sizes(most: int = 100_000, /, **sizes: int) -> None:
    """Raise ConfigError for the first of a generator's `sizes` that is less than 1 or more than `most`."""
    check_between("generator", 1, most, **sizes)


def check_transformer(width: int, layers: int, heads: int, dropout: float) -> None:
    """Raise ConfigError for the sizes of a transformer that can't be."""
    check_sizes(width=width, heads=heads)
    check_sizes(MOST_LAYERS, layers=layers)
    check_between("generator", 0, 0.99, dropout=dropout)
    if width % heads:
        raise ConfigError(f"generator.width: must be a multiple of generator.heads ({heads}), not {width}")
