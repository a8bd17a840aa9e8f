"""A decoder-only transformer over SMILES tokens."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from molgen.chem.tokens import Vocabulary
from molgen.generators.autoregressive import AutoregressiveGenerator, Network
from molgen.generators.network import check_transformer
from molgen.generators.syntax import Syntax

CHUNK = 16


class Block(nn.Module):
    """Causal self-attention and a squared-ReLU perceptron, each behind a norm and a residual.

    All heads share one key and one value (multi-query attention, Shazeer, arXiv 1911.02150, 2019): while
    sampling, time goes into reading the keys and values of earlier positions, and these are a fourth.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.size = width // heads
        self.attention_norm = nn.LayerNorm(width, bias=False)
        self.qkv = nn.Linear(width, width + 2 * self.size, bias=False)
        self.mix = nn.Linear(width, width, bias=False)
        self.perceptron_norm = nn.LayerNorm(width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)
        self.dropout = nn.Dropout1d(dropout)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries [n, t * heads, size], keys and values [n, t, size] of `x` [n, t, width]."""
        n, t, width = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).split([width, self.size, self.size], -1)
        return q.reshape(n, t * self.heads, self.size) * self.size**-0.5, k, v

    def drop(self, x: Tensor) -> Tensor:
        """Dropout of `x` [n, t, width] with one mask for all positions (Gal and Ghahramani, arXiv 1512.05287, 2016)."""
        return self.dropout(x.transpose(1, 2)).transpose(1, 2)

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """Add what attention [n, t * heads, size] found, then the perceptron, to `x` [n, t, width]."""
        x = x + self.drop(self.mix(attended.reshape(x.shape)))
        hidden = F.relu_(self.up(self.perceptron_norm(x)))
        return x + self.drop(self.down(hidden * hidden))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """All positions at once; `mask` [t, 1, t] is true where a position may not look, by default nowhere.

        Attention is spelt out: on CPUs the backward pass of PyTorch's fused bfloat16 kernel takes
        five times as long as these three lines.
        """
        n, t, _ = x.shape
        q, k, v = self.project(x)
        weights = (q @ k.transpose(1, 2)).view(n, t, self.heads, t)
        weights = (weights if mask is None else weights.masked_fill(mask, -1e4)).softmax(-1)
        return self.finish(x, weights.to(v.dtype).view(n, -1, t) @ v)


@dataclass
class KeyValueCache:
    """Keys and values [layer, 2, n, room, size], of which the first `used` positions are filled; `Syntax`'s memory.

    The room grows by `CHUNK`. Attention reads all of it, since copying the filled part out of it would
    cost more than it saves.
    """

    memory: Tensor
    syntax: Tensor
    used: int = 0


class TransformerNetwork(Network):
    """Learned token, syntax and position embeddings, `layers` blocks, a linear head."""

    def __init__(self, vocabulary: Vocabulary, width: int, layers: int, heads: int, length: int, dropout: float) -> None:
        super().__init__()
        self.token = nn.Embedding(len(vocabulary), width)
        self.syntax = Syntax(vocabulary, width)
        self.position = nn.Embedding(length, width)
        blocks = [Block(width, heads, dropout) for _ in range(layers)]
        self.blocks: Any = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(width, bias=False)
        self.head = nn.Linear(width, len(vocabulary))
        nn.init.normal_(self.token.weight, std=0.5)
        nn.init.normal_(self.position.weight, std=0.1)
        for block in blocks:
            nn.init.zeros_(block.mix.weight)
            nn.init.zeros_(block.down.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        """See `Network.forward`."""
        t = tokens.shape[1]
        mask = torch.ones(t, t, dtype=torch.bool, device=tokens.device).triu(1)[:, None]
        x = self.token(tokens) + self.syntax(tokens) + self.position.weight[:t]
        for block in self.blocks:
            x = block(x, mask)
        return self.head(self.norm(x))

    def start(self, n: int, dtype: torch.dtype) -> KeyValueCache:
        """See `Network.start`."""
        shape = (len(self.blocks), 2, n, CHUNK, self.blocks[0].size)
        return KeyValueCache(torch.zeros(shape, dtype=dtype, device=self.head.weight.device), self.syntax.start(n))

    def step(self, tokens: Tensor, state: KeyValueCache) -> Tensor:
        """See `Network.step`."""
        t = state.used
        if t == state.memory.shape[3]:
            state.memory = F.pad(state.memory, (0, 0, 0, CHUNK))
        empty = torch.zeros(state.memory.shape[3], dtype=state.memory.dtype, device=tokens.device)
        empty[t + 1 :] = -1e4
        x = (self.token(tokens) + self.syntax.step(tokens, state.syntax) + self.position.weight[t])[:, None]
        for block, memory in zip(self.blocks, state.memory, strict=True):
            q, k, v = block.project(x)
            memory[0, :, t], memory[1, :, t] = k[:, 0], v[:, 0]
            weights = torch.baddbmm(empty, q, memory[0].transpose(1, 2)).softmax(-1)
            x = block.finish(x, weights @ memory[1])
        state.used += 1
        return self.head(self.norm(x[:, 0]))

    def keep(self, state: KeyValueCache, rows: Tensor) -> KeyValueCache:
        """See `Network.keep`."""
        return KeyValueCache(state.memory[:, :, rows], state.syntax[rows], state.used)

    def hidden_matrices(self) -> list[nn.Parameter]:
        """See `Network.hidden_matrices`."""
        return [p for p in self.blocks.parameters() if p.ndim == 2]


@dataclass(eq=False)
class Transformer(AutoregressiveGenerator):
    """A SMILES transformer; the defaults make 2.8 million parameters.

    Attributes
    ----------
    width
        Width of the network's vectors; a multiple of `heads`.
    layers
        Number of layers.
    heads
        Number of attention heads.
    dropout
        Dropout: share of values that training leaves out, 0 to below 1.
    """

    width: int = 256
    layers: int = 4
    heads: int = 4
    dropout: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_transformer(self.width, self.layers, self.heads, self.dropout)

    def build(self, vocabulary: Vocabulary) -> TransformerNetwork:
        """See `AutoregressiveGenerator.build`."""
        return TransformerNetwork(vocabulary, self.width, self.layers, self.heads, self.max_length + 2, self.dropout)
