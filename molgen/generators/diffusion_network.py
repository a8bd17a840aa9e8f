"""The network of the diffusion model: it predicts the masked pieces of a molecule."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from molgen.generators.transformer import Block

PLACES = 10  # slots of a piece that are told apart
DEPTHS = 16


class TreeBlock(Block):
    """A block that mixes every step with the one whose slot it fills, and with those that fill its own."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__(width, heads, dropout)
        self.from_parent = nn.Parameter(torch.zeros(PLACES, width))
        self.to_parent = nn.Parameter(torch.zeros(PLACES, width))

    def mixed(self, x: Tensor, parents: Tensor, slots: Tensor) -> Tensor:
        """`x` [n, t, width] plus its parent's and children's rows, weighted by slot; `parents` and `slots` [n, t]."""
        parents = parents[..., None].expand_as(x)
        above = x.gather(1, parents) * self.from_parent[slots]
        below = torch.zeros_like(x).scatter_add(1, parents, (x * self.to_parent[slots]).to(x.dtype))
        return x + above + below


class DiffusionNetwork(nn.Module):
    """A bidirectional transformer over the steps that write molecules.

    Attributes
    ----------
    mask
        The token of a step that is not known: the number behind the last name.
    skeletons, counts
        Those of the training set [skeletons, longest], filled up with 0, and how often each occurs.
    sizes
        How many molecules of the training set have how many heavy atoms.
    """

    skeletons: Tensor
    counts: Tensor
    sizes: Tensor

    def __init__(self, names: int, shapes: int, width: int, layers: int, heads: int, dropout: float, longest: int) -> None:
        super().__init__()
        self.mask = names
        self.register_buffer("skeletons", torch.zeros(0, longest, dtype=torch.uint8))
        self.register_buffer("counts", torch.zeros(0, dtype=torch.int32))
        self.register_buffer("sizes", torch.zeros(0, dtype=torch.int32))
        self.token = nn.Embedding(names + 1, width)
        self.fields: Any = nn.ModuleList(nn.Embedding(size, width) for size in (shapes, PLACES, DEPTHS, longest))
        blocks = [TreeBlock(width, heads, dropout) for _ in range(layers)]
        self.blocks: Any = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(width, bias=False)
        self.head = nn.Linear(width, names)
        for embedding in (self.token, *self.fields):
            nn.init.normal_(embedding.weight, std=0.3)
        for block in blocks:
            nn.init.zeros_(block.mix.weight)
            nn.init.zeros_(block.down.weight)

    def remember(self, skeletons: Sequence[Sequence[int]], counts: Sequence[int], sizes: Sequence[int]) -> None:
        """Take what the class calls by these names."""
        longest = self.skeletons.shape[1]
        rows = [[*skeleton, *[0] * (longest - len(skeleton))] for skeleton in skeletons]
        device = self.head.weight.device
        self.skeletons = torch.tensor(rows, dtype=torch.uint8, device=device)
        self.counts = torch.tensor(counts, dtype=torch.int32, device=device)
        self.sizes = torch.tensor(sizes, dtype=torch.int32, device=device)

    def remembered(self) -> tuple[list[tuple[int, ...]], list[int], list[int]]:
        """What `remember` took."""
        rows = [tuple(shape for shape in row if shape) for row in self.skeletons.tolist()]
        return rows, self.counts.tolist(), self.sizes.tolist()

    def forward(self, steps: Tensor, asked: Tensor) -> Tensor:
        """What stands at the places `asked` [n, t] (true, m times) of `steps` [n, 5, t]: logits [m, names].

        A step is its token (or `mask`), its shape, the step whose slot it fills, the slot's number, and its depth.
        """
        token, shape, parents, slots, depth = steps.unbind(1)
        slots = slots.clamp(max=PLACES - 1)
        place = torch.arange(token.shape[1], device=token.device)
        x = self.token(token)
        for embedding, index in zip(self.fields, (shape, slots, depth.clamp(max=DEPTHS - 1), place), strict=True):
            x = x + embedding(index)
        for block in self.blocks:
            x = block(block.mixed(x, parents, slots))
        return self.head(self.norm(x[asked]))

    def hidden_matrices(self) -> list[nn.Parameter]:
        """The matrices that Muon trains."""
        return [p for name, p in self.blocks.named_parameters() if p.ndim == 2 and "parent" not in name]
