"""A decoder-only transformer over SMILES tokens."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from molgen.chem.tokens import Vocabulary
from molgen.generators.autoregressive import AutoregressiveGenerator, Network


class Block(nn.Module):
    """Causal self-attention and a squared-ReLU perceptron, each behind a norm and a residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.RMSNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.mix = nn.Linear(width, width, bias=False)
        self.perceptron_norm = nn.RMSNorm(width)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values [n, heads, t, width / heads] of `x` [n, t, width]."""
        n, t, _ = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return q * q.shape[-1] ** -0.5, k, v

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """Add what attention [n, heads, t, width / heads] found, then the perceptron, to `x`."""
        x = x + self.mix(attended.transpose(1, 2).reshape(x.shape))
        return x + self.down(F.relu(self.up(self.perceptron_norm(x))).square())

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """All positions at once.

        Attention is spelt out: on CPUs the backward pass of PyTorch's fused bfloat16 kernel takes
        five times as long as these three lines.
        """
        q, k, v = self.project(x)
        weights = (q @ k.transpose(-1, -2)).masked_fill(mask, -1e4).softmax(-1)
        return self.finish(x, weights.to(v.dtype) @ v)


@dataclass
class Cache:
    """Keys and values [layer, 2, n, heads, length, width / heads] of the first `used` positions."""

    memory: Tensor
    used: int = 0


class TransformerNetwork(Network):
    """Learned token and position embeddings, `layers` blocks, a linear head."""

    def __init__(self, tokens: int, width: int, layers: int, heads: int, length: int) -> None:
        super().__init__()
        self.heads = heads
        self.token = nn.Embedding(tokens, width)
        self.position = nn.Embedding(length, width)
        blocks = [Block(width, heads) for _ in range(layers)]
        self.blocks: Any = nn.ModuleList(blocks)
        self.norm = nn.RMSNorm(width)
        self.head = nn.Linear(width, tokens)
        nn.init.normal_(self.token.weight, std=0.5)
        nn.init.normal_(self.position.weight, std=0.1)
        for block in blocks:
            nn.init.zeros_(block.mix.weight)
            nn.init.zeros_(block.down.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        """See `Network.forward`."""
        t = tokens.shape[1]
        mask = torch.ones(t, t, dtype=torch.bool, device=tokens.device).triu(1)
        x = self.token(tokens) + self.position.weight[:t]
        for block in self.blocks:
            x = block(x, mask)
        return self.head(self.norm(x))

    def start(self, n: int, length: int, dtype: torch.dtype) -> Cache:
        """See `Network.start`."""
        width = self.token.embedding_dim
        shape = (len(self.blocks), 2, n, self.heads, length, width // self.heads)
        return Cache(torch.empty(shape, dtype=dtype, device=self.token.weight.device))

    def step(self, tokens: Tensor, state: Cache) -> Tensor:
        """See `Network.step`."""
        t = state.used
        x = (self.token(tokens) + self.position.weight[t])[:, None]
        for i, block in enumerate(self.blocks):
            memory = state.memory[i]
            q, k, v = block.project(x)
            memory[0, :, :, t : t + 1] = k
            memory[1, :, :, t : t + 1] = v
            keys, values = memory[:, :, :, : t + 1]
            weights = (q @ keys.transpose(-1, -2)).softmax(-1)
            x = block.finish(x, weights @ values)
        state.used += 1
        return self.head(self.norm(x[:, 0]))

    def keep(self, state: Cache, rows: Tensor) -> Cache:
        """See `Network.keep`."""
        kept = torch.empty_like(state.memory[:, :, : len(rows)])
        kept[..., : state.used, :] = state.memory[:, :, rows, :, : state.used]
        return Cache(kept, state.used)

    def hidden_matrices(self) -> list[nn.Parameter]:
        """See `Network.hidden_matrices`."""
        return [p for p in self.blocks.parameters() if p.ndim == 2]


@dataclass(eq=False)
class Transformer(AutoregressiveGenerator):
    """A SMILES transformer; the defaults make 4.8 million parameters."""

    width: int = 256
    layers: int = 6
    heads: int = 4

    def build(self, vocabulary: Vocabulary) -> TransformerNetwork:
        """See `AutoregressiveGenerator.build`."""
        return TransformerNetwork(len(vocabulary), self.width, self.layers, self.heads, self.max_length + 2)
