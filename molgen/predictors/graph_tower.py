"""A graph neural network over atoms and bonds."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.nn import GINEConv, global_add_pool, global_mean_pool

from molgen.chem.graphs import ATOM_FIELDS, BOND_FIELDS, one_hot


class GraphTower(nn.Module):
    """Graph isomorphism network with edge features (Hu et al., ICLR 2020): graphs of n molecules -> [n, width]."""

    def __init__(self, width: int, channels: int = 96, layers: int = 3, dropout: float = 0.0) -> None:
        super().__init__()
        self.atoms = nn.Linear(sum(ATOM_FIELDS), channels)
        self.bonds = nn.ModuleList([nn.Linear(sum(BOND_FIELDS), channels) for _ in range(layers)])
        self.convolutions = nn.ModuleList([GINEConv(_two_layers(channels, 2 * channels, channels)) for _ in range(layers)])
        self.norms = nn.ModuleList([nn.LayerNorm(channels) for _ in range(layers)])
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * channels, width)

    def forward(self, graphs: Batch) -> Tensor:
        """See the class."""
        x = self.atoms(one_hot(graphs.x, ATOM_FIELDS))
        bonds = one_hot(graphs.edge_attr, BOND_FIELDS)
        for bond, convolution, norm in zip(self.bonds, self.convolutions, self.norms, strict=True):
            x = x + self.dropout(F.silu(norm(convolution(x, graphs.edge_index, bond(bonds)))))
        pooled = [global_mean_pool(x.float(), graphs.batch), global_add_pool(x.float(), graphs.batch) / 20]
        return self.out(torch.cat(pooled, dim=1))


def _two_layers(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, outputs))
