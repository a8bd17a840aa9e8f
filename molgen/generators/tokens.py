"""The base of generators of token sequences: vocabulary, batches of similar length."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from molgen.chem.tokens import PAD, SPECIAL, Vocabulary
from molgen.generators.network import Learnt, NetworkGenerator, check_sizes
from molgen.learn.saved import Saved

SHORTEST = 32


@dataclass(eq=False)
class TokenGenerator(NetworkGenerator):
    """A network over the tokens of SMILES.

    Attributes
    ----------
    max_length
        Longest SMILES, in tokens, for training and sampling.
    batch_tokens
        Tokens per training batch.
    """

    max_length: int = 100
    batch_tokens: int = 8192

    vocabulary = Learnt()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(max_length=self.max_length)
        check_sizes(10**9, batch_tokens=self.batch_tokens)

    @abstractmethod
    def build(self, vocabulary: Vocabulary) -> nn.Module:
        """A network with new weights."""

    def initialize(self, vocabulary: Vocabulary) -> None:
        """Take `vocabulary` and new random weights."""
        self.vocabulary = vocabulary
        self.begin()

    def new_network(self) -> nn.Module:
        """See `NetworkGenerator.new_network`."""
        return self.build(self.vocabulary)

    def facts(self) -> dict[str, Any]:
        """See `NetworkGenerator.facts`."""
        return {"vocabulary": list(self.vocabulary.tokens[len(SPECIAL) :])}

    def restore(self, saved: Saved) -> None:
        """See `NetworkGenerator.restore`."""
        tokens = saved.value("vocabulary", list[str])
        if len({*tokens, *SPECIAL, ""}) != len(tokens) + len(SPECIAL) + 1:
            raise saved.error("in its card, vocabulary has a token twice, or an empty one")
        self.vocabulary = Vocabulary(SPECIAL + tuple(tokens))

    def _fits(self, text: str) -> bool:
        return bool(text) and self.vocabulary.knows(text) and len(self.vocabulary.encode(text)) <= self.max_length + 2


def batches_of_like_length(
    rows: Sequence[Sequence[int]], tokens: int, rng: np.random.Generator, *, whole_only: bool
) -> Iterator[Tensor]:
    """Rows of token indices in batches [n, t], padded to one more than a multiple of 8, in random order.

    Parameters
    ----------
    tokens
        In a batch.
    whole_only
        Leave the last, smaller batch of every length out, so that few shapes occur.
    """
    buckets: dict[int, list[int]] = {}
    for i in rng.permutation(len(rows)):
        buckets.setdefault(max(SHORTEST, -(-(len(rows[i]) - 1) // 8) * 8), []).append(int(i))
    groups = []
    for length, members in sorted(buckets.items()):
        size = max(1, tokens // length)
        cuts = [(length, members[i : i + size]) for i in range(0, len(members), size)]
        groups += [cut for cut in cuts if not whole_only or len(cut[1]) == size]
    for i in rng.permutation(len(groups)):
        length, members = groups[i]
        batch = torch.full((len(members), length + 1), PAD)
        for row, member in enumerate(members):
            batch[row, : len(rows[member])] = torch.tensor(rows[member])
        yield batch
