"""The networks of the graph GAN: noise -> graphs, and graphs -> a number."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from molgen.chem.dense import ORDERS
from molgen.generators.transformer import Block

HEADS = 4
Graphs = tuple[Tensor, Tensor]  # atom types [n, largest, types], bond orders [n, largest, largest, orders]; zeros for nothing
# Of types [n, largest, types] and of orders [n, largest, largest, 1 + orders], and which atoms there are.
Logits = tuple[Tensor, Tensor, Tensor]


class GraphGenerator(nn.Module):
    """Noise for every atom, which attention makes into atom types and bonds; `sizes` [largest + 1] counts the training set's."""

    sizes: Tensor

    def __init__(self, types: int, largest: int, noise: int, width: int, layers: int) -> None:
        super().__init__()
        self.largest, self.noise = largest, noise
        self.register_buffer("sizes", torch.zeros(largest + 1))
        self.whole = nn.Linear(noise, width)
        self.each = nn.Linear(noise, width)
        self.size = nn.Embedding(largest + 1, width)
        self.blocks: Any = nn.ModuleList(Block(width, HEADS, 0.0) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.types = nn.Linear(width, types)
        self.ends = nn.Linear(width, 2 * width)
        self.orders = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1 + len(ORDERS)))

    @torch.no_grad()
    def begin_at(self, atoms: Tensor, bonds: Tensor) -> None:
        """Take the sizes and the shares of types and bonds of graphs, [n, largest] and [n, largest, largest], as a start."""
        there = atoms > 0
        self.sizes.copy_(there.sum(1).bincount(minlength=self.largest + 1))
        pairs = bonds[there[:, :, None] & there[:, None]]
        last: Any = self.orders[-1]
        for layer, numbers in ((self.types, atoms[there] - 1), (last, pairs)):
            counts = numbers.bincount(minlength=len(layer.bias)).float()
            layer.bias.copy_((counts + 1).log() - counts.sum().log())
            layer.weight.mul_(0.3)

    def logits(self, n: int, random: torch.Generator | None = None) -> Logits:
        """`n` times, from new noise."""
        device = self.sizes.device
        sizes = torch.multinomial(self.sizes, n, replacement=True, generator=random)
        there = torch.arange(self.largest, device=device) < sizes[:, None]
        x = self.whole(torch.randn(n, 1, self.noise, device=device, generator=random)) + self.size(sizes)[:, None]
        x = x + self.each(torch.randn(n, self.largest, self.noise, device=device, generator=random))
        absent = ~there[:, None, None, :]
        for block in self.blocks:
            x = block(x, absent)
        x = self.norm(x)
        left, right = self.ends(x).chunk(2, -1)
        pairs = left[:, :, None] * left[:, None] + right[:, :, None] + right[:, None]
        return self.types(x), self.orders(pairs), there

    def draw(self, logits: Logits, temperature: float = 1.0, random: torch.Generator | None = None) -> tuple[Graphs, Tensor]:
        """Graphs whose types and orders are drawn, differentiable straight through, and how sure each pair's bond is."""
        types, orders, there = logits
        atoms = _draw(types / temperature, random) * there[..., None]
        upper = torch.ones(self.largest, self.largest, device=types.device).triu(1)[..., None]
        bonds = _draw(orders / temperature, random) * upper
        bonds = (bonds + bonds.transpose(1, 2))[..., 1:] * (there[:, :, None] & there[:, None])[..., None]
        return (atoms, bonds), 1 - orders.softmax(-1)[..., 0]

    def forward(self, n: int) -> Graphs:
        """`n` graphs."""
        return self.draw(self.logits(n))[0]


def _draw(logits: Tensor, random: torch.Generator | None) -> Tensor:
    """One-hot draws with the gradient of the probabilities (straight-through Gumbel softmax: Jang et al., ICLR 2017)."""
    uniform = torch.rand(logits.shape, device=logits.device, generator=random).clamp(1e-9, 1 - 1e-7)
    soft = (logits - (-uniform.log()).log()).softmax(-1)
    hard = F.one_hot(soft.argmax(-1), logits.shape[-1]).to(soft.dtype)
    return hard + soft - soft.detach()


class GraphCritic(nn.Module):
    """A relational graph network (Schlichtkrull et al., ESWC 2018): graphs -> numbers [n].

    Message passing can't count rings, so atoms also know how many closed walks of three to six bonds begin at them.
    `packed` graphs are judged together, which shows a generator that always draws the same (Lin et al., NeurIPS 2018).
    """

    def __init__(self, types: int, width: int, layers: int, packed: int) -> None:
        super().__init__()
        self.packed = packed
        self.start = nn.Linear(types + 6, width)
        self.own: Any = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.messages: Any = nn.ModuleList(nn.Linear(width, len(ORDERS) * width, bias=False) for _ in range(layers))
        self.gate = nn.Linear(width + types, 2 * width)
        self.head = nn.Sequential(nn.Linear(packed * width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1))

    def forward(self, atoms: Tensor, bonds: Tensor) -> Tensor:
        """See the class; where graphs are packed, all of a pack get its number."""
        n, size, _ = atoms.shape
        h = self.start(torch.cat([atoms, _environment(bonds)], -1))
        flat = bonds.permute(0, 1, 3, 2).reshape(n, size, -1)
        for own, message in zip(self.own, self.messages, strict=True):
            sent = message(h).view(n, size, len(ORDERS), -1).transpose(1, 2).reshape(n, len(ORDERS) * size, -1)
            h = h + F.leaky_relu(own(h) + flat @ sent, 0.2)
        gate, value = self.gate(torch.cat([h, atoms], -1)).chunk(2, -1)
        there = atoms.sum(-1, keepdim=True)
        pooled = (gate.sigmoid() * value.tanh() * there).sum(1) / 4
        packs = pooled[: n // self.packed * self.packed].reshape(-1, self.packed * pooled.shape[1])
        return self.head(packs)[:, 0].repeat_interleave(self.packed)


def _environment(bonds: Tensor) -> Tensor:
    """Valence, degree and closed walks of every atom, [n, largest, 6]."""
    orders = torch.arange(1.0, 1 + bonds.shape[-1], device=bonds.device)
    linked = bonds.sum(-1)
    two = linked @ linked
    three = two @ linked
    walks = [three.diagonal(dim1=1, dim2=2), (two * two).sum(-1), (two * three).sum(-1), (three * three).sum(-1)]
    numbers = torch.stack([(bonds * orders).sum((2, 3)), linked.sum(-1), *(walk.clamp(min=0).log1p() for walk in walks)], -1)
    return numbers / 2
