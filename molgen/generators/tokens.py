"""What generators of token sequences share: vocabulary, weights, batches of like length, files."""

import copy
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from molgen.chem.tokens import PAD, SPECIAL, Vocabulary
from molgen.errors import CheckpointError
from molgen.generators.base import Generator
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.device import default_device, fast_bf16

SHORTEST = 32


@dataclass(eq=False)
class TokenGenerator(Generator):
    """A network over the tokens of SMILES.

    Attributes
    ----------
    max_length
        Longest text, in tokens, that is trained on and sampled.
    batch_tokens
        Tokens in a training batch.
    """

    max_length: int = 100
    batch_tokens: int = 8192
    seed: int = 0

    network: Any = field(init=False, repr=False, default=None)
    vocabulary: Any = field(init=False, repr=False, default=None)

    @abstractmethod
    def build(self, vocabulary: Vocabulary) -> nn.Module:
        """A network with new weights."""

    def initialize(self, vocabulary: Vocabulary) -> None:
        """Take `vocabulary` and new random weights."""
        torch.manual_seed(self.seed)
        self.vocabulary = vocabulary
        self.network = self.build(vocabulary).to(default_device()).eval()

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device

    def random(self, seed: int | None) -> torch.Generator:
        """A generator of random numbers beside the weights; None draws a new seed."""
        rng = torch.Generator(self.device)
        rng.manual_seed(seed) if seed is not None else rng.seed()
        return rng

    def _fits(self, text: str) -> bool:
        return bool(text) and self.vocabulary.knows(text) and len(self.vocabulary.encode(text)) <= self.max_length + 2

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
        about = {
            "class": f"{type(self).__module__}.{type(self).__qualname__}",
            "settings": self.settings(),
            "vocabulary": list(self.vocabulary.tokens[len(SPECIAL) :]),
            "parameters": sum(p.numel() for p in self.network.parameters()),
        }
        save_tensors(Path(path), self.network.state_dict(), about | (card or {}))

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """See `Generator.load`."""
        tensors, card = load_tensors(Path(path))
        try:
            generator = cls(**card["settings"])
            generator.initialize(Vocabulary(SPECIAL + tuple(card["vocabulary"])))
            generator.network.load_state_dict(tensors)
        except (KeyError, TypeError, RuntimeError) as error:
            raise CheckpointError(f"{path}: not the weights of a {cls.__name__} ({error})") from error
        return generator


def batches_of_like_length(
    rows: Sequence[Sequence[int]], tokens: int, rng: np.random.Generator, *, whole_only: bool, further: int = 0
) -> Iterator[Tensor]:
    """Rows of token indices in batches [n, t], padded to a multiple of 8 plus `further`, in random order.

    Parameters
    ----------
    tokens
        In a batch.
    whole_only
        Leave the last, smaller batch of every length out, so that few shapes occur.
    """
    buckets: dict[int, list[int]] = {}
    for i in rng.permutation(len(rows)):
        buckets.setdefault(max(SHORTEST, -(-(len(rows[i]) - further) // 8) * 8), []).append(int(i))
    groups = []
    for length, members in sorted(buckets.items()):
        size = max(1, tokens // length)
        cuts = [(length, members[i : i + size]) for i in range(0, len(members), size)]
        groups += [cut for cut in cuts if not whole_only or len(cut[1]) == size]
    for i in rng.permutation(len(groups)):
        length, members = groups[i]
        batch = torch.full((len(members), length + further), PAD)
        for row, member in enumerate(members):
            batch[row, : len(rows[member])] = torch.tensor(rows[member])
        yield batch
