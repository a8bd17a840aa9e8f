"""Generators as functions: a token and what was before -> the next token's logits and what is kept, for export."""

from typing import Any

import torch
from torch import Tensor, nn

from molgen.generators.autoregressive import Network
from molgen.generators.recurrent import RecurrentNetwork
from molgen.generators.transformer import TransformerNetwork

Named = dict[str, tuple[str | int, ...]]


class TokenStep(nn.Module):
    """One step of a SMILES generator: tokens [n] and a memory -> logits [n, vocabulary] and the memory after; inputs stay.

    Attributes
    ----------
    memory
        Inputs besides the tokens [n], with their shapes: a number, or a name where it varies. `syntax` holds int64, others
        float32; a sequence begins with zeros, with none at all along `before`. Each is an output, too: what the next step takes.
    """

    memory: Named

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def start(self, n: int, before: int = 0) -> dict[str, Tensor]:
        """Zeros for the inputs of n sequences."""
        sizes = {"n": n, "before": before}
        shapes = {name: [size if isinstance(size, int) else sizes[size] for size in shape] for name, shape in self.memory.items()}
        return {name: torch.zeros(shape, dtype=torch.long if name == "syntax" else torch.float) for name, shape in shapes.items()}


class TransformerStep(TokenStep):
    """Tokens [n], keys and values of earlier positions, and `Syntax`'s memory."""

    def __init__(self, network: TransformerNetwork) -> None:
        super().__init__(network)
        keys_and_values = len(network.blocks), 2, "n", "before", network.blocks[0].size
        self.memory = {"cache": keys_and_values, "syntax": ("n", network.syntax.start(1).shape[1])}

    def forward(self, tokens: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
        """See `TokenStep`."""
        network: Any = self.network
        cache, syntax = memory
        syntax = syntax.clone()
        x = network.token(tokens) + network.syntax.step(tokens, syntax) + network.position.weight[cache.shape[3]]
        x, kept = x[:, None], []
        for number, block in enumerate(network.blocks):
            q, k, v = block.project(x)
            keys, values = torch.cat([cache[number, 0], k], 1), torch.cat([cache[number, 1], v], 1)
            x = block.finish(x, (q @ keys.transpose(1, 2)).softmax(-1) @ values)
            kept.append(torch.stack([keys, values]))
        return network.head(network.norm(x[:, 0])), torch.stack(kept), syntax


class RecurrentStep(TokenStep):
    """Tokens [n], the layers' hidden states (and cells, of an LSTM), and `Syntax`'s memory."""

    def __init__(self, network: RecurrentNetwork) -> None:
        super().__init__(network)
        states = ("hidden", "cell") if isinstance(network.stack, nn.LSTM) else ("hidden",)
        self.memory = dict.fromkeys(states, (network.stack.num_layers, "n", network.stack.hidden_size))
        self.memory |= {"syntax": ("n", network.syntax.start(1).shape[1])}

    def forward(self, tokens: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
        """See `TokenStep`."""
        network: Any = self.network
        *states, syntax = memory
        syntax = syntax.clone()
        x = network.token(tokens) + network.syntax.step(tokens, syntax)
        output, after = network.stack(x[:, None], tuple(states) if len(states) > 1 else states[0])
        return network.head(output[:, 0]), *(after if isinstance(after, tuple) else (after,)), syntax
