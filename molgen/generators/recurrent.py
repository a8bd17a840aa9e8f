"""A gated recurrent network over SMILES tokens."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from molgen.chem.tokens import Vocabulary
from molgen.generators.autoregressive import AutoregressiveGenerator, Network


class RecurrentNetwork(Network):
    """Token embedding, a stack of GRU or LSTM layers, a linear head.

    The state is a one-element list that holds what the PyTorch layer calls its hidden state.
    """

    def __init__(self, tokens: int, cell: str, embedding: int, width: int, layers: int) -> None:
        super().__init__()
        self.token = nn.Embedding(tokens, embedding)
        self.stack = {"gru": nn.GRU, "lstm": nn.LSTM}[cell](embedding, width, layers, batch_first=True)
        self.head = nn.Linear(width, tokens)

    def forward(self, tokens: Tensor) -> Tensor:
        """See `Network.forward`."""
        return self.head(self.stack(self.token(tokens))[0])

    def start(self, n: int, dtype: torch.dtype) -> list[Tensor | tuple[Tensor, ...]]:
        """See `Network.start`."""
        zeros = torch.zeros(self.stack.num_layers, n, self.stack.hidden_size, dtype=dtype, device=self.head.weight.device)
        return [zeros if isinstance(self.stack, nn.GRU) else (zeros, zeros)]

    def step(self, tokens: Tensor, state: list[Tensor | tuple[Tensor, ...]]) -> Tensor:
        """See `Network.step`."""
        output, state[0] = self.stack(self.token(tokens)[:, None], state[0])
        return self.head(output[:, 0])

    def keep(self, state: list[Tensor | tuple[Tensor, ...]], rows: Tensor) -> list[Tensor | tuple[Tensor, ...]]:
        """See `Network.keep`."""
        memory = state[0]
        if isinstance(memory, tuple):
            return [tuple(part[:, rows].contiguous() for part in memory)]
        return [memory[:, rows].contiguous()]

    def hidden_matrices(self) -> list[nn.Parameter]:
        """None: AdamW trains recurrent weights better than Muon."""
        return []


@dataclass(eq=False)
class Recurrent(AutoregressiveGenerator):
    """A SMILES GRU (or LSTM); the defaults make 4.3 million parameters."""

    cell: str = "gru"
    embedding: int = 128
    width: int = 512
    recurrent_layers: int = 3

    def build(self, vocabulary: Vocabulary) -> RecurrentNetwork:
        """See `AutoregressiveGenerator.build`."""
        return RecurrentNetwork(len(vocabulary), self.cell, self.embedding, self.width, self.recurrent_layers)
