"""The networks of the graph VAE: molecules as graphs of pieces -> latent vectors -> molecules, piece by piece."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import GINEConv, global_add_pool

from molgen.chem.assembly import Assembly
from molgen.chem.pieces import PieceGraph
from molgen.generators.piece_vocabulary import NOTHING, PieceVocabulary
from molgen.generators.transformer import Block

PLACES = 10  # slots of a piece that are told apart
DEPTHS = 16
COUNTS = 12
FIELDS = 6  # what `view` says


@dataclass(frozen=True)
class PieceBatch:
    """Graphs of pieces, and the steps that write them.

    Attributes
    ----------
    nodes, owners
        Piece and molecule of every node, [nodes].
    edges, slots
        Links in both directions: nodes [2, links] and their slots [links, 2].
    views, targets
        What is seen before every step [n, t, FIELDS], and what is written there [n, t], 0 behind the end.
    """

    nodes: Tensor
    owners: Tensor
    edges: Tensor
    slots: Tensor
    views: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def to(self, device: torch.device) -> "PieceBatch":
        """The same on another device."""
        return replace(self, **{f.name: getattr(self, f.name).to(device) for f in fields(self)})


def view(assembly: Assembly, last: str, vocabulary: PieceVocabulary) -> list[int]:
    """What the decoder is told of a molecule under construction.

    The last step, the piece that the next slot belongs to, its number there, its bond order and its depth, and how much is
    to be filled yet.
    """
    if not assembly.stack:
        return [vocabulary.index[last], 0, 0, 0, 0, 0]
    slot = assembly.stack[-1]
    parent = vocabulary.index.get(assembly.pieces[slot.piece].name, 0)
    open_slots = len(assembly.stack) + len(assembly.left)
    return [
        vocabulary.index.get(last, 0),
        parent,
        min(slot.number, PLACES - 1),
        slot.order,
        min(slot.depth + 1, DEPTHS - 1),
        min(open_slots, COUNTS - 1),
    ]


def views(names: Sequence[str], vocabulary: PieceVocabulary) -> list[list[int]]:
    """`view` before each of `names`."""
    assembly, last, rows = Assembly(), NOTHING, []
    for name in names:
        rows.append(view(assembly, last, vocabulary))
        assembly.add(name)
        last = name
    return rows


def graph_tensors(graphs: Sequence[PieceGraph], vocabulary: PieceVocabulary) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`nodes`, `owners`, `edges` and `slots` of a `PieceBatch`."""
    nodes: list[int] = []
    owners: list[int] = []
    edges: list[tuple[int, int]] = []
    slots: list[tuple[int, int]] = []
    for i, graph in enumerate(graphs):
        first = len(nodes)
        nodes += [vocabulary.index[piece] for piece in graph.pieces]
        owners += [i] * len(graph.pieces)
        for a, links in enumerate(graph.links):
            for k, link in enumerate(links):
                if link is not None:
                    edges.append((first + link[0], first + a))
                    slots.append((min(link[1] + 1, PLACES - 1), min(k + 1, PLACES - 1)))
    pairs = torch.tensor(edges, dtype=torch.long).reshape(-1, 2).T
    return torch.tensor(nodes), torch.tensor(owners), pairs, torch.tensor(slots, dtype=torch.long).reshape(-1, 2)


class Encoder(nn.Module):
    """Message passing between pieces: a `PieceBatch`'s graphs -> means and log variances, [n, latent] each."""

    def __init__(self, pieces: int, width: int, layers: int, latent: int) -> None:
        super().__init__()
        self.piece = nn.Embedding(pieces, width)
        self.mine = nn.Embedding(PLACES, width)
        self.theirs = nn.Embedding(PLACES, width)
        self.norms: Any = nn.ModuleList(nn.LayerNorm(width, bias=False) for _ in range(layers))
        self.layers: Any = nn.ModuleList(
            GINEConv(nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))) for _ in range(layers)
        )
        self.pool = nn.Sequential(nn.Linear((layers + 1) * width, 2 * width), nn.GELU())
        self.head = nn.Linear(2 * width, 2 * latent)
        nn.init.normal_(self.piece.weight, std=0.5)

    def forward(self, nodes: Tensor, owners: Tensor, edges: Tensor, slots: Tensor, n: int) -> tuple[Tensor, Tensor]:
        """See the class."""
        x = self.piece(nodes)
        joints = self.theirs(slots[:, 0]) + self.mine(slots[:, 1])
        seen = [x]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = x + layer(norm(x), edges, joints)
            seen.append(x)
        total = global_add_pool(self.pool(torch.cat(seen, -1)), owners, n)
        mean, log_variance = self.head(total / 8).float().chunk(2, -1)
        return mean, log_variance.clamp(-8, 4)


class Decoder(nn.Module):
    """A causal transformer over steps: views [n, t, FIELDS] and latent vectors [n, latent] -> logits [n, t, names]."""

    def __init__(self, names: int, width: int, layers: int, heads: int, latent: int, length: int, dropout: float) -> None:
        super().__init__()
        self.piece = nn.Embedding(names, width)
        self.parent = nn.Linear(width, width, bias=False)
        self.fields: Any = nn.ModuleList(nn.Embedding(size, width) for size in (PLACES, 4, DEPTHS, COUNTS))
        self.latent = nn.Linear(latent, width)
        self.position = nn.Embedding(length, width)
        blocks = [Block(width, heads, dropout) for _ in range(layers)]
        self.blocks: Any = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(width, bias=False)
        self.head = nn.Linear(width, names)
        for embedding in (self.piece, *self.fields, self.position):
            nn.init.normal_(embedding.weight, std=0.3)
        for block in blocks:
            nn.init.zeros_(block.mix.weight)
            nn.init.zeros_(block.down.weight)

    def hidden(self, views: Tensor, z: Tensor) -> Tensor:
        """What the head reads [n, t, width]."""
        t = views.shape[1]
        mask = torch.ones(t, t, dtype=torch.bool, device=views.device).triu(1)[:, None]
        x = self.position.weight[:t] + self.latent(z)[:, None]
        x = x + self.piece(views[..., 0]) + self.parent(self.piece(views[..., 1]))
        for i, embedding in enumerate(self.fields):
            x = x + embedding(views[..., 2 + i])
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x)

    def forward(self, views: Tensor, z: Tensor) -> Tensor:
        """See the class."""
        return self.head(self.hidden(views, z))


class GraphVAENetwork(nn.Module):
    """`Encoder` and `Decoder`."""

    def __init__(
        self, pieces: int, names: int, width: int, layers: int, heads: int, latent: int, length: int, dropout: float
    ) -> None:
        super().__init__()
        self.encoder = Encoder(pieces, width, layers, latent)
        self.decoder = Decoder(names, width, layers, heads, latent, length, dropout)

    def forward(self, batch: PieceBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [n, t, names] under a drawn latent vector (its mean in evaluation), means and log variances."""
        mean, log_variance = self.encoder(batch.nodes, batch.owners, batch.edges, batch.slots, len(batch))
        z = mean + torch.randn_like(mean) * (log_variance / 2).exp() if self.training else mean
        return self.decoder(batch.views, z), mean, log_variance

    def hidden_matrices(self) -> list[nn.Parameter]:
        """The matrices that Muon trains."""
        modules = (self.encoder.layers, self.encoder.pool, self.decoder.blocks)
        return [p for module in modules for p in module.parameters() if p.ndim == 2]
