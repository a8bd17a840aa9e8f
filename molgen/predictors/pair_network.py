"""Affinities by a neural network: a tower for the drug, a tower for the protein, a head for what they do together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from molgen.errors import ConfigError, check_between
from molgen.predictors.proteins import AMINO_ACIDS

RESIDUES = 1200
UNKNOWN_RESIDUE = len(AMINO_ACIDS) + 1


@dataclass(frozen=True)
class PairSettings:
    """What a `PairNetwork` is made of.

    Attributes
    ----------
    fingerprint, graph
        What it sees of a drug: fingerprints (`bits` of them), the molecular graph, or both.
    profile, residues
        What it sees of a protein: its likeness to the training targets, its sequence, or both.
    identity
        It has a vector of its own for every training drug and target.
    width
        Of the towers' outputs; the head is twice as wide.
    dropout
        The share of values that training leaves out, 0 to 0.99.
    identity_dropout
        The share of drugs and targets that training shows as new ones, 0 to 0.99.
    """

    fingerprint: bool = True
    graph: bool = False
    profile: bool = True
    residues: bool = False
    identity: bool = True
    width: int = 320
    dropout: float = 0.1
    identity_dropout: float = 0.3

    def __post_init__(self) -> None:
        check_between("predictor.network", 1, width=self.width)
        check_between("predictor.network", 0, 0.99, dropout=self.dropout, identity_dropout=self.identity_dropout)
        for kinds in (("fingerprint", "graph", "identity"), ("profile", "residues", "identity")):
            if not any(getattr(self, kind) for kind in kinds):
                raise ConfigError(f"predictor.network: it sees nothing of one side; one of {', '.join(kinds)} must be true")


@dataclass(frozen=True)
class Drugs:
    """A batch of `n` drugs: fingerprints [n, bits], graphs where the network sees them, training numbers [n] (-1 = new)."""

    bits: Tensor
    graphs: Any
    number: Tensor

    def to(self, device: torch.device) -> "Drugs":
        """The same on `device`."""
        return Drugs(self.bits.to(device), None if self.graphs is None else self.graphs.to(device), self.number.to(device))


@dataclass(frozen=True)
class Targets:
    """A batch of `m` proteins: likeness to the training targets [m, t], residues [m, 1200], training numbers [m] (-1 = new)."""

    profile: Tensor
    residues: Tensor
    number: Tensor

    def to(self, device: torch.device) -> "Targets":
        """The same on `device`."""
        return Targets(self.profile.to(device), self.residues.to(device), self.number.to(device))

    def take(self, rows: Tensor) -> "Targets":
        """The targets at `rows`."""
        return replace(self, profile=self.profile[rows], residues=self.residues[rows], number=self.number[rows])


def encode_residues(sequences: Sequence[str]) -> Tensor:
    """Sequences as numbers [m, 1200]: 1 to 20 for amino acids, 21 for anything else, 0 behind the end; cut at 1,200."""
    codes = {letter: i + 1 for i, letter in enumerate(AMINO_ACIDS)}
    rows = torch.zeros(len(sequences), RESIDUES, dtype=torch.long)
    for row, sequence in zip(rows, sequences, strict=True):
        numbers = [codes.get(letter, UNKNOWN_RESIDUE) for letter in sequence[:RESIDUES]]
        row[: len(numbers)] = torch.tensor(numbers)
    return rows


class ResidueTower(nn.Module):
    """Convolutions over amino acids: residues [m, 1200] -> [m, width]."""

    def __init__(self, width: int, channels: int = 64) -> None:
        super().__init__()
        self.embedding = nn.Embedding(UNKNOWN_RESIDUE + 1, 24, padding_idx=0)
        self.first = nn.Conv1d(24, channels, 8, stride=4)
        self.second = nn.Conv1d(channels, channels, 5, padding=2)
        self.third = nn.Conv1d(channels, 2 * channels, 5, stride=2)
        self.out = nn.Linear(2 * channels, width)

    def forward(self, residues: Tensor) -> Tensor:
        """See the class."""
        x = F.silu(self.first(self.embedding(residues).transpose(1, 2)))
        x = x + F.silu(self.second(x))
        return self.out(F.silu(self.third(x)).amax(dim=2))


class PairNetwork(nn.Module):
    """Drugs and targets to affinities in units of the training affinities' standard deviation.

    Parameters
    ----------
    bits, profile
        Lengths of a drug's fingerprint and of a target's profile.
    drugs, targets
        How many there are in the training set.
    """

    def __init__(self, settings: PairSettings, bits: int, profile: int, drugs: int, targets: int) -> None:
        super().__init__()
        width, dropout = settings.width, settings.dropout
        self.settings = settings
        self.fingerprint = _tower(bits, width, dropout) if settings.fingerprint else None
        self.graph = _graph_tower(width) if settings.graph else None
        self.profile = _tower(2 * profile, width, dropout) if settings.profile else None
        self.residues = ResidueTower(width) if settings.residues else None
        self.drug_identity = _identities(drugs, width) if settings.identity else None
        self.target_identity = _identities(targets, width) if settings.identity else None
        self.drug_norm, self.target_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.from_drug, self.from_target, self.from_both = (nn.Linear(width, 2 * width) for _ in range(3))
        self.head = nn.Sequential(
            nn.SiLU(), nn.Dropout(dropout), nn.Linear(2 * width, width), nn.SiLU(), nn.Dropout(dropout), nn.Linear(width, 1)
        )

    def encode_drugs(self, drugs: Drugs) -> Tensor:
        """Drugs [n] -> [n, width]."""
        parts = []
        if self.fingerprint is not None:
            parts.append(self.fingerprint(drugs.bits))
        if self.graph is not None:
            parts.append(self.graph(drugs.graphs))
        if self.drug_identity is not None:
            parts.append(self._identity(self.drug_identity, drugs.number))
        return self.drug_norm(sum(parts))

    def encode_targets(self, targets: Targets) -> Tensor:
        """Targets [m] -> [m, width]."""
        parts = []
        if self.profile is not None:
            parts.append(self.profile(torch.cat([targets.profile, targets.profile**4], dim=1)))
        if self.residues is not None:
            parts.append(self.residues(targets.residues))
        if self.target_identity is not None:
            parts.append(self._identity(self.target_identity, targets.number))
        return self.target_norm(sum(parts))

    def _identity(self, vectors: nn.Embedding, number: Tensor) -> Tensor:
        """Own vectors [n, width], 0 for what is new and, in training, for some at random."""
        known = number >= 0
        if self.training:
            known = known & (torch.rand(len(number), device=number.device) >= self.settings.identity_dropout)
        return vectors(number.clamp(min=0)) * known[:, None]

    def forward(self, drugs: Tensor, targets: Tensor, drug: Tensor, target: Tensor) -> Tensor:
        """Affinities [p] of pairs (`drug`, `target`) of encoded drugs [n, width] and targets [m, width]."""
        both = self.from_both(drugs[drug] * targets[target])
        return self.head(self.from_drug(drugs)[drug] + self.from_target(targets)[target] + both)[:, 0]


def _graph_tower(width: int) -> nn.Module:
    from molgen.predictors.graph_tower import GraphTower  # torch-geometric takes seconds to import

    return GraphTower(width)


def _tower(inputs: int, width: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, width), nn.LayerNorm(width), nn.SiLU(), nn.Dropout(dropout), nn.Linear(width, width))


def _identities(number: int, width: int) -> nn.Embedding:
    vectors = nn.Embedding(number, width)
    nn.init.normal_(vectors.weight, 0, 0.1)
    return vectors


def pair_batches(drug: NDArray[np.int64], size: int, drugs_at_once: int, seed: int, epoch: int) -> list[Tensor]:
    """Rows of training pairs in batches that share drugs, so that few drugs are encoded at a time; another order each epoch."""
    rng = np.random.default_rng([seed, epoch])
    block = rng.permutation(int(drug.max()) + 1)[drug] // drugs_at_once
    order = np.lexsort((rng.random(len(drug)), block))
    batches = [torch.from_numpy(order[i : i + size]) for i in range(0, len(order) - size + 1, size)] or [torch.from_numpy(order)]
    return [batches[i] for i in rng.permutation(len(batches))]
