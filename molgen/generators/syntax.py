"""Embeddings of what a SMILES prefix leaves open: the depth of its branches, and the sizes of its rings so far."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from molgen.chem.tokens import RING_CLOSURES, Vocabulary

DEEPEST = 7
LARGEST = 15
STACK = 32


class Syntax(nn.Module):
    """Embedding of the depth of the open branches and of every open ring closure with the ring's size so far.

    A network that is told these need not count brackets, digits and atoms to write a valid SMILES. The size
    of a ring is the number of atoms on the way from the atom that opened it, along the spanning tree that
    a SMILES is; 0 stands for a closure that isn't open.
    """

    atom: Tensor
    turn: Tensor
    closure: Tensor

    def __init__(self, vocabulary: Vocabulary, width: int) -> None:
        super().__init__()
        tokens = vocabulary.tokens
        closures = [[token == label for label in RING_CLOSURES] for token in tokens]
        self.register_buffer("atom", torch.tensor([int(token[0].isalpha() or token[0] == "[") for token in tokens]), False)
        self.register_buffer("turn", torch.tensor([(token == "(") - (token == ")") for token in tokens]), False)
        self.register_buffer("closure", torch.tensor(closures), False)
        self.depth = nn.Embedding(DEEPEST + 1, width)
        self.rings = nn.Linear(len(RING_CLOSURES) * (LARGEST + 1), width, bias=False)
        nn.init.normal_(self.depth.weight, std=0.1)
        nn.init.normal_(self.rings.weight, std=0.1)

    def _embed(self, depth: Tensor, sizes: Tensor) -> Tensor:
        """Of `depth` [...] and `sizes` [..., closures]."""
        rings = F.one_hot(sizes.clamp(max=LARGEST), LARGEST + 1).flatten(-2).to(self.rings.weight.dtype)
        return self.depth(depth.clamp(0, DEEPEST)) + self.rings(rings)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embedding [n, t, width] of every prefix of `tokens` [n, t]."""
        t = tokens.shape[1]
        position = torch.arange(t, device=tokens.device)
        depth = self.turn[tokens].cumsum(1)
        before = position[:, None] <= position
        lowest = depth[:, None].expand(-1, t, -1).masked_fill(~before, STACK).cummin(2).values
        on_the_way = before & (lowest >= depth[:, :, None])
        level = (on_the_way & self.atom[tokens].bool()[:, :, None]).sum(1)
        closure = self.closure[tokens]
        last = (closure * position[:, None]).cummax(1).values
        opened = level[:, :, None].expand_as(last).gather(1, last).clamp(min=1)
        sizes = (level[:, :, None] - opened + 1).clamp(min=1) * (closure.cumsum(1) % 2)
        return self._embed(depth, sizes)

    def start(self, n: int) -> Tensor:
        """Memory of `n` empty prefixes.

        Its columns are the depth; the level, i.e. the atoms between the first and this one; the level at
        which each open branch began; and the level at which each open ring closure was opened, or 0.
        """
        return torch.zeros(n, 2 + STACK + len(RING_CLOSURES), dtype=torch.long, device=self.depth.weight.device)

    def step(self, tokens: Tensor, memory: Tensor) -> Tensor:
        """Add one token per prefix [n] to `memory`; return the embedding [n, width]."""
        depth, level, stack, opened = memory.split([1, 1, STACK, len(RING_CLOSURES)], 1)
        level += self.atom[tokens][:, None]
        turn = self.turn[tokens][:, None]
        top = depth.clamp(0, STACK - 1)
        stack.scatter_(1, top, torch.where(turn > 0, level, stack.gather(1, top)))
        depth += turn
        began = stack.gather(1, depth.clamp(0, STACK - 1)) * (depth >= 0)
        level.copy_(torch.where(turn < 0, began, level))
        opened.copy_(torch.where(self.closure[tokens], level.clamp(min=1) * (opened == 0), opened))
        sizes = (level - opened + 1).clamp(min=1) * (opened > 0)
        return self._embed(depth.squeeze(1), sizes)
