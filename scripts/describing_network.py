"""Molecules as graphs, RDKit's descriptors of them, and the network that `scripts/pretrain_network.py` teaches these."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch_geometric.data import Data

from molgen.chem.descriptors import NAMES, rdkit_descriptors
from molgen.chem.graphs import ATOM_FIELDS, BOND_FIELDS, atom_codes, bond_codes
from molgen.chem.molecules import parse
from molgen.predictors.graph_tower import GraphTower
from molgen.processes import processors
from molgen.progress import progress

Features = NDArray[np.float32]
LARGEST = 100  # atoms of a molecule to learn from
CHUNK = 1000
TAIL, WIDEST = 0.001, 6.0  # quantile, then standard deviations, at which targets are cut


@dataclass(frozen=True, eq=False)
class Graphs:
    """Molecules as graphs, laid end to end: a batch of them is a few slices.

    Attributes
    ----------
    atoms : uint8 [a, 8]
    ends : int16 [b, 2]
        Atoms of each bond, counted within its molecule.
    bonds : uint8 [b, 3]
    sizes : int64 [n, 2]
        Numbers of atoms and bonds of each molecule.
    """

    atoms: NDArray[np.uint8]
    ends: NDArray[np.int16]
    bonds: NDArray[np.uint8]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, mols: Sequence[Any]) -> "Graphs":
        """From RDKit molecules [n]."""
        atoms = [atom_codes(atom) for mol in mols for atom in mol.GetAtoms()]
        bonds = [bond for mol in mols for bond in mol.GetBonds()]
        ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in bonds]
        return cls(
            np.array(atoms, np.uint8).reshape(-1, len(ATOM_FIELDS)),
            np.array(ends, np.int16).reshape(-1, 2),
            np.array([bond_codes(bond) for bond in bonds], np.uint8).reshape(-1, len(BOND_FIELDS)),
            np.array([(mol.GetNumAtoms(), mol.GetNumBonds()) for mol in mols], np.int64).reshape(-1, 2),
        )

    @classmethod
    def joined(cls, parts: Sequence["Graphs"]) -> "Graphs":
        """One after another."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("atoms", "ends", "bonds", "sizes")))

    def __len__(self) -> int:
        return len(self.sizes)

    def batch(self, rows: Sequence[int] | NDArray[np.int64]) -> Data:
        """Some of them, as `molgen.chem.graphs.batch` has them."""
        starts = np.cumsum(self.sizes, axis=0) - self.sizes if not hasattr(self, "_starts") else self._starts
        object.__setattr__(self, "_starts", starts)
        sizes, begin = self.sizes[rows], starts[rows]
        atoms, bonds = (_ranges(begin[:, k], sizes[:, k]) for k in (0, 1))
        shift = np.repeat(np.cumsum(sizes[:, 0]) - sizes[:, 0], sizes[:, 1])
        edges = torch.from_numpy((self.ends[bonds] + shift[:, None]).T)
        codes = torch.from_numpy(self.bonds[bonds].astype(np.int64))
        return Data(
            x=torch.from_numpy(self.atoms[atoms].astype(np.int64)),
            edge_index=torch.cat([edges, edges.flip(0)], dim=1),
            edge_attr=torch.cat([codes, codes]),
            batch=torch.from_numpy(np.repeat(np.arange(len(sizes)), sizes[:, 0])),
        )


def _ranges(begin: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers begin, ..., begin + size - 1 of each, in one row."""
    return np.arange(sizes.sum()) + np.repeat(begin - np.cumsum(sizes) + sizes, sizes)


def described(smiles: Sequence[str], folder: Path) -> tuple[Graphs, Features]:
    """Graphs, and RDKit's descriptors [n, 216] with nan where there is none; kept in `folder`, chunk by chunk."""
    folder.mkdir(parents=True, exist_ok=True)
    chunks = [(smiles[i : i + CHUNK], folder / f"{i // CHUNK:05}.npz") for i in range(0, len(smiles), CHUNK)]
    with progress("computing descriptors", "molecules", len(smiles)) as advance:
        parts = joblib.Parallel(n_jobs=processors(), return_as="generator")(joblib.delayed(_chunk)(*chunk) for chunk in chunks)
        found = []
        for part in parts:
            found.append(part)
            advance(len(part[1]))
    return Graphs.joined([graphs for graphs, _ in found]), np.concatenate([targets for _, targets in found])


def _chunk(smiles: Sequence[str], path: Path) -> tuple[Graphs, Features]:
    if not path.exists():
        mols = [parse(text)[0] for text in smiles]
        rows = [rdkit_descriptors(mol) if mol.GetNumAtoms() <= LARGEST else np.full(len(NAMES), np.nan) for mol in mols]
        graphs, targets = Graphs.of(mols), np.array(rows, np.float32)
        temporary = path.with_name(f".{path.name}")
        with temporary.open("wb") as file:
            np.savez_compressed(file, targets=targets, **vars(graphs))
        temporary.replace(path)
    with np.load(path) as file:
        return Graphs(*(file[name] for name in ("atoms", "ends", "bonds", "sizes"))), file["targets"]


class DescribingNetwork(nn.Module):
    """A graph tower, and what it makes of RDKit's descriptors: graphs of n molecules -> [n, t] standardised targets.

    Attributes
    ----------
    tower
        Its output [n, width] is the embedding.
    """

    def __init__(self, width: int, channels: int, layers: int, targets: int) -> None:
        super().__init__()
        self.tower = GraphTower(width, channels, layers)
        self.heads = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, targets))

    def forward(self, graphs: Data) -> Tensor:
        """See the class."""
        return self.heads(self.tower(graphs))

    def hidden_matrices(self) -> list[nn.Parameter]:
        """What Muon updates."""
        return [parameter for name, parameter in self.named_parameters() if "convolutions" in name and parameter.ndim == 2]


def standardised(targets: Features) -> Features:
    """Targets [n, t] with their tails cut, on one scale; those that don't vary are left out, nan stays."""
    low, high = np.nanquantile(targets, (TAIL, 1 - TAIL), axis=0)
    varying = np.flatnonzero(high > low)
    cut = np.clip(targets[:, varying], low[varying], high[varying])
    scaled = (cut - np.nanmean(cut, axis=0)) / np.nanstd(cut, axis=0)
    return np.clip(scaled, -WIDEST, WIDEST).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the network learns from: graphs and standardised targets [n, t]."""

    graphs: Graphs
    targets: Tensor

    def loss(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Mean squared error of some molecules over the targets that are known."""
        wanted = self.targets[rows.cpu()].to(rows.device)
        known = ~wanted.isnan()
        found = module(self.graphs.batch(rows.cpu().numpy()).to(rows.device)).float()
        return ((found - wanted.nan_to_num()) ** 2 * known).sum() / known.sum().clamp(min=1)


def embeddings(network: DescribingNetwork, graphs: Graphs, size: int = 512) -> Features:
    """What the network's tower makes of molecules [n, width]."""
    network.eval()
    with torch.no_grad():
        rows = np.arange(len(graphs))
        parts = [network.tower(graphs.batch(rows[i : i + size])).float().numpy() for i in range(0, len(rows), size)]
    return np.concatenate(parts)
