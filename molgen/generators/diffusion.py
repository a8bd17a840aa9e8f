"""Masked diffusion over molecules as fragments in any order."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor, nn
from torch.nn import functional as F

from molgen.chem import fragments
from molgen.chem.tokens import BOS, EOS, PAD, Vocabulary
from molgen.errors import ConfigError, DataError
from molgen.generators.prompts import attachments, opened, parsed
from molgen.generators.tokens import SHORTEST, TokenGenerator, batches_of_like_length
from molgen.generators.transformer import Block
from molgen.learn.device import keep_freed_memory
from molgen.learn.trainer import Trainer
from molgen.metrics.distribution import quality

LOG = logging.getLogger(__name__)

CHUNK = 2000
REACH = 3
VARIED = 10  # texts that share the attachment points that were put into a prompt
HOPELESS = 4000  # draws without a molecule after which a prompt is given up


class MixingBlock(Block):
    """A block that knows positions only by their distances, and mixes each with its neighbours before attention.

    Pieces of SMILES mean the same wherever they stand, and most of their syntax is in what stands next to what.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__(width, heads, dropout)
        self.neighbours = nn.Parameter(torch.zeros(2 * REACH + 1, width))

    def mixed(self, x: Tensor) -> Tensor:
        """`x` [n, t, width] plus a weighted sum of the positions up to `REACH` to the left and to the right."""
        wide = F.pad(x, (0, 0, REACH, REACH))
        t = x.shape[1]
        return x + sum(wide[:, k : k + t] * weight for k, weight in enumerate(self.neighbours))

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `Block.project`; queries and keys are turned by their positions (Su et al., Neurocomputing 568, 2024)."""
        n, t, _ = x.shape
        q, k, v = super().project(self.mixed(x))
        return _turned(q.view(n, t, self.heads, self.size)).view(n, t * self.heads, self.size), _turned(k[:, :, None])[:, :, 0], v


def _turned(x: Tensor) -> Tensor:
    """Rotary embedding of `x` [n, t, heads, size]."""
    t, half = x.shape[1], x.shape[-1] // 2
    speed = 1000.0 ** -torch.linspace(0, 1, half, device=x.device)
    angle = (torch.arange(t, device=x.device)[:, None] * speed)[:, None]
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    left, right = x[..., :half], x[..., half:]
    return torch.cat([left * cos - right * sin, left * sin + right * cos], -1)


class DiffusionNetwork(nn.Module):
    """A bidirectional transformer that says what stands behind masks: tokens [n, t] -> logits [n, t, vocabulary].

    The mask is the index behind the vocabulary's last. `lengths` [longest + 1] counts the training texts of each length.
    """

    lengths: Tensor

    def __init__(self, vocabulary: Vocabulary, width: int, layers: int, heads: int, dropout: float, longest: int) -> None:
        super().__init__()
        self.mask = len(vocabulary)
        self.register_buffer("lengths", torch.zeros(longest + 1, dtype=torch.long))
        self.token = nn.Embedding(len(vocabulary) + 1, width)
        blocks = [MixingBlock(width, heads, dropout) for _ in range(layers)]
        self.blocks: Any = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(width, bias=False)
        self.head = nn.Linear(width, len(vocabulary))
        nn.init.normal_(self.token.weight, std=0.5)
        for block in blocks:
            nn.init.zeros_(block.mix.weight)
            nn.init.zeros_(block.down.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        """See the class."""
        x = self.token(tokens)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

    def hidden_matrices(self) -> list[nn.Parameter]:
        """The matrices that Muon trains."""
        return [p for name, p in self.blocks.named_parameters() if p.ndim == 2 and "neighbours" not in name]


@dataclass(eq=False)
class Diffusion(TokenGenerator):
    """Masked discrete diffusion (Sahoo et al., NeurIPS 2024) over pieces of SMILES, as GenMol (Lee et al., ICML 2025).

    A text of a length drawn from the training set's begins as masks, and the surest are filled in first. With a prompt its
    pieces stand from the start, and only the rest is filled in. What spells no molecule is half masked and filled in again
    (remasking: Wang et al., arXiv:2503.00307), and in the end thrown away.

    Attributes
    ----------
    steps
        Passes through the network for a text; the fewer, the more tokens are filled in at a time.
    randomness
        Of the order in which masks are filled in: 0 takes the surest first.
    repairs
        How often a text that spells no molecule is half masked and filled in again.
    """

    width: int = 256
    layers: int = 4
    heads: int = 4
    dropout: float = 0.0
    steps: int = 24
    randomness: float = 0.5
    repairs: int = 3

    def build(self, vocabulary: Vocabulary) -> DiffusionNetwork:
        """See `TokenGenerator.build`."""
        return DiffusionNetwork(vocabulary, self.width, self.layers, self.heads, self.dropout, self.max_length + 2)

    # -- training ------------------------------------------------------------------------------

    def fit(self, train: Sequence[str], valid: Sequence[str], *, trainer: Trainer) -> list[dict[str, float]]:
        """See `Generator.fit`; keeps the present weights as the start if there are any."""
        pieces = _pieces_of(train)
        if self.network is None:
            self.initialize(_vocabulary(pieces))
        kept = [parts for parts in pieces if parts and self._fits(fragments.join(parts))]
        held_out = [parts for parts in _pieces_of(valid) if parts and self._fits(fragments.join(parts))]
        if len(kept) < len(train):
            LOG.warning("%d of %d molecules are left out: too long, or with unknown tokens", len(train) - len(kept), len(train))
        if not kept or not held_out:
            raise DataError("no training or no validation molecule can be written with the model's tokens and length")
        lengths = torch.tensor([len(self.vocabulary.encode(fragments.join(parts))) for parts in kept])
        self.network.lengths.copy_(lengths.bincount(minlength=len(self.network.lengths)))
        known = set(train)

        def batches(epoch: int) -> list[Tensor]:
            return list(self._batches(kept, np.random.default_rng([self.seed, epoch]), trainer.compile))

        def figures() -> dict[str, float]:
            drawn = self.draw(min(500, len(kept)), seed=self.seed)
            return quality([text or "" for text in drawn], known)

        return trainer.fit(
            self.network,
            self._loss,
            self.network.hidden_matrices(),
            batches,
            list(self._batches(held_out, np.random.default_rng(self.seed), False)),
            figures,
        )

    def _batches(self, molecules: Sequence[list[str]], rng: np.random.Generator, whole_only: bool) -> Iterator[Tensor]:
        """Texts with their pieces in random order and what of them is masked, stacked [2, n, t]."""
        texts = [fragments.join([parts[i] for i in rng.permutation(len(parts))]) for parts in molecules]
        rows = [self.vocabulary.encode(text) for text in texts]
        for tokens in batches_of_like_length(rows, self.batch_tokens, rng, whole_only=whole_only):
            yield torch.stack([tokens, torch.from_numpy(_hidden(tokens.numpy(), rng))])

    def _loss(self, network: nn.Module, batch: Tensor) -> Tensor:
        """Mean over the molecules' tokens of what each molecule's masked ones cost."""
        tokens, hidden = batch[0], batch[1].bool()
        logits = network(tokens.masked_fill(hidden, len(self.vocabulary)))
        costs = F.cross_entropy(logits.float().transpose(1, 2), tokens, reduction="none") * hidden
        lengths = (tokens > EOS).sum(1)
        return (costs.sum(1) / hidden.sum(1) * lengths).sum() / lengths.sum()

    # -- sampling ------------------------------------------------------------------------------

    def sample(
        self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None, batch: int = 500
    ) -> list[str]:
        """Propose `n` molecules, each with all of `prompt` in it.

        Parameters
        ----------
        temperature
            Divides the logits: below 1 safer and less diverse, above 1 the reverse.
        prompt
            One or several fragments, separated by dots, whose attachment points are marked `*`: two to be linked, one to be
            extended, a scaffold to be decorated. Without any `*` new groups may stand in the place of any hydrogen.
        batch
            Texts drawn side by side.

        Raises
        ------
        ConfigError
            `prompt` is no molecule, has tokens that the model doesn't know, leaves no room, or can't be satisfied.
        """
        random, rng = self.random(seed), np.random.default_rng(seed)
        found: list[str] = []
        tries = 0
        while len(found) < n:
            missing = min(batch, n - len(found) if tries == 0 else int(1.5 * (n - len(found))) + 8)
            found += [text for text in self._draw(missing, rng, random, temperature, prompt) if text]
            tries += missing
            if prompt and not found and tries >= HOPELESS:
                raise ConfigError(f"prompt '{prompt}': none of {tries} draws made a molecule of it")
        return found[:n]

    def draw(self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None) -> list[str | None]:
        """As `sample`, with None for every text that spells no molecule."""
        return self._draw(n, np.random.default_rng(seed), self.random(seed), temperature, prompt)

    def _draw(
        self, n: int, rng: np.random.Generator, random: torch.Generator, temperature: float, prompt: str | None
    ) -> list[str | None]:
        if prompt and "*" not in prompt and n > VARIED:
            parts = [min(VARIED, n - i) for i in range(0, n, VARIED)]
            return [text for part in parts for text in self._draw(part, rng, random, temperature, prompt)]
        keep_freed_memory()
        given = self._given(prompt, rng)
        odds = self.network.lengths.cpu().numpy().astype(float)
        odds[: len(given) + 3] = 0
        if not odds.any():
            raise ConfigError(
                f"prompt '{prompt}': it has {len(given)} tokens; this model's molecules have {len(odds) - 1} at most"
            )
        lengths = np.sort(rng.choice(len(odds), n, p=odds / odds.sum()))
        network = self._inference_copy()
        drawn: list[str | None] = []
        for padded in np.unique(_padded(lengths)):
            group = lengths[_padded(lengths) == padded]
            tokens = torch.full((len(group), int(padded)), PAD, device=self.device)
            for row, length in zip(tokens, group, strict=True):
                row[: len(given)] = torch.tensor(given, device=self.device)
                row[len(given) : length - 1] = network.mask
                row[length - 1] = EOS
            drawn += self._spell(network, tokens, len(given), temperature, random)
        return [drawn[i] for i in rng.permutation(n)]

    def _spell(
        self, network: DiffusionNetwork, tokens: Tensor, given: int, temperature: float, random: torch.Generator
    ) -> list[str | None]:
        """What `tokens` [n, t] spell once their masks are filled in; the first `given` of them stay."""
        found: list[str | None] = [None] * len(tokens)
        open_rows = list(range(len(tokens)))
        for attempt in range(1 + self.repairs):
            part = tokens[open_rows]
            if attempt:
                again = (part > EOS) & (torch.rand(part.shape, generator=random, device=part.device) < 0.5)
                again[:, :given] = False
                part.masked_fill_(again, network.mask)
            self._fill(network, part, temperature, random, self.steps if attempt == 0 else -(-self.steps // 2))
            tokens[open_rows] = part
            for row, text in zip(open_rows, part.tolist(), strict=True):
                found[row] = fragments.whole(self.vocabulary.decode(text[1:]))
            open_rows = [row for row in open_rows if found[row] is None]
            if not open_rows:
                break
        return found

    def _given(self, prompt: str | None, rng: np.random.Generator) -> list[int]:
        """The tokens that a text begins with; attachment points are put at random where a prompt has none."""
        if not prompt:
            return [BOS]
        mol = parsed(prompt)
        mol = mol if attachments(mol) else opened(mol, rng)
        try:
            return self.vocabulary.encode(fragments.join(fragments.fragment(mol)) + ".")[:-1]
        except ValueError as error:
            raise ConfigError(f"prompt '{prompt}': {error}") from error
        except KeyError as error:
            raise ConfigError(f"prompt '{prompt}': the model doesn't know {error}") from error

    @torch.no_grad()
    def _fill(self, network: DiffusionNetwork, tokens: Tensor, temperature: float, random: torch.Generator, steps: int) -> None:
        """Fill in the masks of `tokens` [n, t], each row's in `steps` equal parts."""
        for step in range(steps):
            hidden = tokens == network.mask
            left = hidden.sum(1)
            if not left.any():
                return
            now = torch.ceil(left / (steps - step)).long()
            logits = network(tokens).float() / temperature
            logits[..., : EOS + 1] = -torch.inf
            log_odds = logits.log_softmax(-1)
            noise = _gumbel(logits.shape, random, logits.device)
            drawn = (log_odds + noise).argmax(-1)
            sure = log_odds.gather(-1, drawn[..., None])[..., 0]
            sure = sure + self.randomness * (1 - step / steps) * _gumbel(sure.shape, random, sure.device)
            order = sure.masked_fill(~hidden, -torch.inf).argsort(1, descending=True).argsort(1)
            tokens.copy_(torch.where(hidden & (order < now[:, None]), drawn, tokens))


def _gumbel(shape: torch.Size, random: torch.Generator, device: torch.device) -> Tensor:
    return -torch.log(-torch.log(torch.rand(shape, generator=random, device=device).clamp(1e-9, 1 - 1e-7)))


def _padded(lengths: Any) -> Any:
    """Lengths of texts, brought up to the few that the network sees."""
    return np.maximum(SHORTEST, -(-np.asarray(lengths) // 8) * 8)


def _hidden(tokens: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of `tokens` [n, t] are masked: any share of a text, or of a stretch of it."""
    hidden = np.zeros_like(tokens)
    levels = (np.arange(len(tokens)) + rng.random(len(tokens))) / len(tokens)
    for row, text, level in zip(hidden, tokens, rng.permutation(levels), strict=True):
        length = int((text > EOS).sum())
        first, last = (0, length) if rng.random() < 0.7 else sorted(rng.choice(length + 1, 2, replace=False))
        chosen = rng.permutation(np.arange(first, last))[: int(np.ceil(level * (last - first)))]
        row[1 + chosen] = 1
    return hidden


def _vocabulary(molecules: Sequence[list[str]]) -> Vocabulary:
    numbers = [f"%{number}" for number in range(fragments.FIRST, fragments.FIRST + fragments.MOST)]
    return Vocabulary.from_smiles([".", *numbers, *(piece for pieces in molecules for piece in pieces)])


def _pieces_of(smiles: Sequence[str]) -> list[list[str]]:
    """The pieces of every molecule; none of one that can't be cut."""
    chunks = [smiles[i : i + CHUNK] for i in range(0, len(smiles), CHUNK)]
    done = joblib.Parallel(n_jobs=-1 if len(chunks) > 1 else 1)(joblib.delayed(_cut)(chunk) for chunk in chunks)
    return [pieces for chunk in done for pieces in chunk]


def _cut(smiles: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for text in smiles:
        try:
            found.append(fragments.fragment(Chem.MolFromSmiles(text)))
        except ValueError:
            found.append([])
    return found
