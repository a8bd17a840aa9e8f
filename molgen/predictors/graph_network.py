"""Graph neural networks for any number of endpoints at once, labels missing or not."""

import tempfile
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from molgen.chem.graphs import batch
from molgen.chem.molecules import Molecules
from molgen.errors import check_between, check_seed
from molgen.learn.saved import Saved
from molgen.learn.trainer import Trainer
from molgen.predictors.bounds import tobit_loss
from molgen.predictors.fold_ensemble import Array, FoldEnsemble
from molgen.predictors.graph_tower import GraphTower

BATCH = 512


class GraphHeads(nn.Module):
    """A graph tower with one output per endpoint: graphs of n molecules -> scores [n, t]."""

    def __init__(self, width: int, channels: int, layers: int, dropout: float, endpoints: int) -> None:
        super().__init__()
        self.tower = GraphTower(width, channels, layers, dropout)
        self.heads = nn.Sequential(nn.SiLU(), nn.Dropout(dropout), nn.Linear(width, endpoints))

    def forward(self, graphs: Any) -> Tensor:
        """See the class."""
        return self.heads(self.tower(graphs))


@dataclass
class GraphNetwork(FoldEnsemble):
    """An ensemble of graph isomorphism networks with edge features (Hu et al., ICLR 2020); it learns from bounds as well.

    Attributes
    ----------
    trainer
        How long and how fast a member is trained; its folder is not used.
    members
        Networks, each trained without another fold of scaffolds.
    width, channels, layers, dropout
        Of a network: its output, its atoms' states, message-passing steps.
    batch
        Molecules in a training step.
    """

    LEARNS_FROM_BOUNDS = True

    trainer: Trainer
    members: int = 5
    width: int = 256
    channels: int = 128
    layers: int = 4
    dropout: float = 0.1
    batch: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        check_between("predictor", 2, 1000, members=self.members)
        check_between("predictor", 1, batch=self.batch, width=self.width, channels=self.channels)
        check_between("predictor", 1, 1000, layers=self.layers)
        check_between("predictor", 0, 0.99, dropout=self.dropout)
        check_seed("predictor", self.seed)

    def _new(self) -> GraphHeads:
        return GraphHeads(self.width, self.channels, self.layers, self.dropout, len(self.endpoints)).eval()

    def _module(self, model: Any) -> nn.Module:
        return model

    def _train(
        self,
        molecules: Molecules,
        values: Array,
        relations: NDArray[np.int8],
        counting: Array,
        train: NDArray[np.int64],
        test: NDArray[np.int64],
        member: int,
    ) -> GraphHeads:
        torch.manual_seed(self.seed + member)
        network = self._new()
        y, sides, weights = torch.from_numpy(values).float(), torch.from_numpy(relations), torch.from_numpy(counting).float()
        numbers = torch.tensor([endpoint.task == "regression" for endpoint in self.endpoints])
        mols = molecules.mols

        def loss(module: nn.Module, rows: Tensor) -> Tensor:
            wanted = y[rows.cpu()].to(rows.device)
            known = ~wanted.isnan()
            scores = module(batch([mols[i] for i in rows.tolist()]).to(rows.device)).float()
            errors = tobit_loss(scores, wanted, sides[rows.cpu()].to(rows.device))
            entropy = F.binary_cross_entropy_with_logits(scores, wanted.nan_to_num().clamp(0, 1), reduction="none")
            counted = weights[rows.cpu()].to(rows.device) * known
            return (torch.where(numbers.to(rows.device), errors, entropy) * counted).sum() / known.sum().clamp(min=1)

        def batches(epoch: int) -> list[Tensor]:
            order = np.random.default_rng([self.seed, epoch]).permutation(train)
            return list(torch.from_numpy(order).split(self.batch))

        with tempfile.TemporaryDirectory() as folder:
            replace(self.trainer, folder=folder).fit(network, loss, [], batches, list(torch.from_numpy(test).split(BATCH)), dict)
        return network.cpu().eval()

    @torch.no_grad()
    def _scores(self, model: Any, molecules: Molecules) -> Array:
        mols = molecules.mols
        return np.concatenate([model(batch(mols[i : i + BATCH])).double().numpy() for i in range(0, len(mols), BATCH)])

    def _settings(self) -> dict[str, Any]:
        names = ("members", "width", "channels", "layers", "dropout", "batch", "seed")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def _from_settings(cls, saved: Saved) -> Self:
        return cls(Trainer(""), **saved.settings("settings", cls, ("trainer",)))

    def _saved_model(self, saved: Saved, prefix: str) -> nn.Module:
        return saved.network(prefix, self._new)
