"""A gated recurrent network over SMILES tokens."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from molgen.chem.tokens import Vocabulary
from molgen.errors import ConfigError
from molgen.generators.autoregressive import AutoregressiveGenerator, Network
from molgen.generators.network import MOST_LAYERS, check_sizes
from molgen.generators.syntax import Syntax

CELLS = {"gru": nn.GRU, "lstm": nn.LSTM}


@dataclass
class HiddenState:
    """The hidden state of the layers, as PyTorch has it: [layer, n, width], or two of these; `Syntax`'s memory."""

    hidden: Tensor | tuple[Tensor, ...]
    syntax: Tensor


class RecurrentNetwork(Network):
    """Token and syntax embedding, a stack of LSTM or GRU layers, a linear head."""

    def __init__(self, vocabulary: Vocabulary, cell: str, embedding: int, width: int, layers: int) -> None:
        super().__init__()
        self.token = nn.Embedding(len(vocabulary), embedding)
        self.syntax = Syntax(vocabulary, embedding)
        self.stack = CELLS[cell](embedding, width, layers, batch_first=True)
        self.head = nn.Linear(width, len(vocabulary))

    def train(self, mode: bool = True) -> Self:
        """Stay in training mode, which differs in nothing but that cuDNN gives gradients in it."""
        return super().train(True)

    def forward(self, tokens: Tensor) -> Tensor:
        """See `Network.forward`."""
        return self.head(self.stack(self.token(tokens) + self.syntax(tokens))[0])

    def start(self, n: int, dtype: torch.dtype) -> HiddenState:
        """See `Network.start`."""
        zeros = torch.zeros(self.stack.num_layers, n, self.stack.hidden_size, dtype=dtype, device=self.head.weight.device)
        return HiddenState(zeros if isinstance(self.stack, nn.GRU) else (zeros, zeros), self.syntax.start(n))

    def step(self, tokens: Tensor, state: HiddenState) -> Tensor:
        """See `Network.step`."""
        x = self.token(tokens) + self.syntax.step(tokens, state.syntax)
        output, state.hidden = self.stack(x[:, None], state.hidden)
        return self.head(output[:, 0])

    def keep(self, state: HiddenState, rows: Tensor) -> HiddenState:
        """See `Network.keep`."""
        if isinstance(state.hidden, tuple):
            return HiddenState(tuple(part[:, rows].contiguous() for part in state.hidden), state.syntax[rows])
        return HiddenState(state.hidden[:, rows].contiguous(), state.syntax[rows])

    def hidden_matrices(self) -> list[nn.Parameter]:
        """None: AdamW trains recurrent weights better than Muon."""
        return []


@dataclass(eq=False)
class Recurrent(AutoregressiveGenerator):
    """A SMILES LSTM (or GRU); the defaults make 3.5 million parameters.

    Attributes
    ----------
    cell
        `lstm` or `gru`.
    embedding
        Width of the token embedding.
    width
        Width of the network's state.
    recurrent_layers
        Number of layers.
    """

    cell: str = "lstm"
    embedding: int = 128
    width: int = 512
    recurrent_layers: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes(embedding=self.embedding, width=self.width)
        check_sizes(MOST_LAYERS, recurrent_layers=self.recurrent_layers)
        if self.cell not in CELLS:
            raise ConfigError(f"generator.cell: must be one of {', '.join(CELLS)}, not {self.cell}")

    def build(self, vocabulary: Vocabulary) -> RecurrentNetwork:
        """See `AutoregressiveGenerator.build`."""
        return RecurrentNetwork(vocabulary, self.cell, self.embedding, self.width, self.recurrent_layers)
