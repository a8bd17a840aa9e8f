"""The base of SMILES generators, which write a molecule token by token from left to right."""

import logging
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from molgen.chem.molecules import randomize
from molgen.chem.tokens import BOS, EOS, PAD, Vocabulary
from molgen.errors import ConfigError, DataError, check_between
from molgen.generators.base import LikelihoodGenerator
from molgen.generators.prompts import as_beginning
from molgen.generators.tokens import TokenGenerator, batches_of_like_length
from molgen.learn.device import autocast, keep_freed_memory
from molgen.learn.trainer import Trainer
from molgen.metrics.distribution import sample_quality

LOG = logging.getLogger(__name__)
State = Any


class Network(nn.Module):
    """A causal network over tokens that can also be run one position at a time."""

    @abstractmethod
    def forward(self, tokens: Tensor) -> Tensor:
        """Logits [n, t, vocabulary] of the next token after every prefix of `tokens` [n, t]."""

    @abstractmethod
    def start(self, n: int, dtype: torch.dtype) -> State:
        """Empty memory of `n` sequences."""

    @abstractmethod
    def step(self, tokens: Tensor, state: State) -> Tensor:
        """Add one token per sequence [n] to `state`; return logits [n, vocabulary] of the next."""

    @abstractmethod
    def keep(self, state: State, rows: Tensor) -> State:
        """The memory of the sequences at `rows`."""

    @abstractmethod
    def hidden_matrices(self) -> list[nn.Parameter]:
        """The matrices that Muon trains."""


@dataclass(eq=False)
class AutoregressiveGenerator(TokenGenerator, LikelihoodGenerator):
    """A SMILES language model.

    Attributes
    ----------
    augment
        Probability with which a training SMILES is rewritten in a random atom order, afresh each epoch.
    """

    augment: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_between("generator", 0, 1, augment=self.augment)

    @abstractmethod
    def build(self, vocabulary: Vocabulary) -> Network:
        """A network with new weights."""

    # -- likelihood ----------------------------------------------------------------------------

    def encode(self, smiles: Sequence[str]) -> Tensor:
        """Token indices [n, t], BOS first, EOS last, padded; raises KeyError for an unknown token."""
        rows = [torch.tensor(self.vocabulary.encode(text)) for text in smiles]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)

    def log_likelihood(self, smiles: Sequence[str]) -> Tensor:
        """See `LikelihoodGenerator.log_likelihood`."""
        can = [i for i, text in enumerate(smiles) if self._fits(text)]
        result = torch.full((len(smiles),), -torch.inf, device=self.device)
        if not can:
            return result
        keep_freed_memory()
        tokens = self.encode([smiles[i] for i in can])
        padding = min((1 - tokens.shape[1]) % 8, self.max_length + 3 - tokens.shape[1])
        tokens = F.pad(tokens, (0, padding), value=PAD).to(self.device)
        with autocast(self.device):
            values = token_log_likelihood(self.network, tokens).sum(1)
        return result.index_put((torch.tensor(can, device=self.device),), values)

    # -- training ------------------------------------------------------------------------------

    def fit(self, train: Sequence[str], valid: Sequence[str], *, trainer: Trainer) -> list[dict[str, float]]:
        """See `Generator.fit`; training starts from the current weights, if any."""
        if not self.is_fitted:
            self.initialize(Vocabulary.from_smiles(train))
        given = len(train)
        train = [text for text in train if self._fits(text)]
        valid = [text for text in valid if self._fits(text)]
        if len(train) < given:
            LOG.warning("%d of %d molecules are left out: too long, or with unknown tokens", given - len(train), given)
        if not train or not valid:
            raise DataError("no training or no validation molecule can be written with the model's tokens and length")
        known = set(train)

        def batches(epoch: int) -> list[Tensor]:
            return list(self.training_batches(train, np.random.default_rng([self.seed, epoch]), trainer.compile))

        def figures() -> dict[str, float]:
            return sample_quality(self.sample(1000, seed=self.seed), known)

        return trainer.fit(
            self.network,
            lambda network, tokens: -token_log_likelihood(network, tokens).sum() / (tokens[:, 1:] != PAD).sum(),
            self.network.hidden_matrices(),
            batches,
            list(self.training_batches(valid, np.random.default_rng(self.seed), False, augment=0.0)),
            figures,
        )

    def training_batches(
        self, smiles: Sequence[str], rng: np.random.Generator, whole_only: bool, augment: float | None = None
    ) -> Iterator[Tensor]:
        """Batches of sequences of similar length, padded to a multiple of 8, in random order."""
        chosen = rng.random(len(smiles)) < (self.augment if augment is None else augment)
        texts = [randomize(s, rng) if again else s for s, again in zip(smiles, chosen, strict=True)]
        rows = [self.vocabulary.encode(text if self._fits(text) else s) for text, s in zip(texts, smiles, strict=True)]
        yield from batches_of_like_length(rows, self.batch_tokens, rng, whole_only=whole_only)

    # -- sampling ------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(
        self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None, batch: int = 1000
    ) -> list[str]:
        """Write `n` SMILES, each beginning with `prompt`.

        Parameters
        ----------
        temperature
            Divides the logits: values below 1 give likelier and less diverse molecules, above 1 the reverse.
        prompt
            The beginning of a SMILES, or a fragment with `*` where it is to be extended.
        seed
            The same seed gives the same SMILES on the same machine; None draws a new one.
        batch
            Sequences written at a time.

        Raises
        ------
        ConfigError
            `prompt` has a token that the model doesn't know, or asks for what can't be written from left to right.
        """
        try:
            start = self.vocabulary.encode(as_beginning(prompt or ""))[:-1]
        except KeyError as error:
            raise ConfigError(f"prompt '{prompt}': the model doesn't know {error}") from error
        keep_freed_memory()
        rng = self.random(seed)
        self.network.eval()
        written: list[str] = []
        network = self._inference_copy()
        while len(written) < n:
            rows = self._write(network, min(batch, n - len(written)), start, temperature, rng)
            written += [self.vocabulary.decode(row) for row in rows.tolist()]
        return written

    def _write(self, network: Network, n: int, start: list[int], temperature: float, rng: torch.Generator) -> Tensor:
        length = self.max_length + 1
        tokens = torch.full((n, length + 1), EOS, device=self.device)
        tokens[:, : len(start)] = torch.tensor(start, device=self.device)
        alive = torch.arange(n, device=self.device)
        state = network.start(n, next(network.parameters()).dtype)
        for t in range(length):
            logits = network.step(tokens[alive, t], state)
            if t + 1 < len(start):
                continue
            logits = logits.float() / temperature
            logits[:, [PAD, BOS]] = -torch.inf
            cumulative = logits.softmax(-1).cumsum(-1)
            levels = torch.rand(len(logits), 1, device=self.device, generator=rng) * cumulative[:, -1:]
            drawn = torch.searchsorted(cumulative, levels, right=True).squeeze(1).clamp_(max=logits.shape[1] - 1)
            drawn[tokens[alive, t] == EOS] = EOS
            tokens[alive, t + 1] = drawn
            going = (drawn != EOS).nonzero().squeeze(1)
            if not len(going):
                break
            if len(going) < 0.75 * len(alive):
                state = network.keep(state, going)
                alive = alive[going]
        return tokens[:, 1:]


def token_log_likelihood(network: Any, tokens: Tensor) -> Tensor:
    """Log-probability [n, t-1] of every token of `tokens` [n, t] given those before it; 0 at padding."""
    logits = network(tokens[:, :-1])
    targets = tokens[:, 1:]
    return -F.cross_entropy(logits.float().transpose(1, 2), targets, ignore_index=PAD, reduction="none")
