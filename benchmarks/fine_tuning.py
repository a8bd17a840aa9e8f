"""A network that is trained on, all of it, for one endpoint: a member of the blend in `benchmarks.pretrained`."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

from molgen.data.dataset import Task
from molgen.learn.device import autocast, keep_freed_memory
from scripts.describing_network import DescribingNetwork, Graphs

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
EPOCHS, FEWEST_STEPS, BATCH, LR, WARMUP = 10, 100, 64, 5e-4, 0.1
ASKED = 256  # molecules at once


def fine_tuned(
    network: DescribingNetwork,
    graphs: Graphs,
    train: NDArray[np.int64],
    y: Array,
    asked: NDArray[np.int64],
    task: Task,
    seed: int,
) -> Array:
    """Scores of the molecules `asked` by a copy of `network` with a new head, trained on the labels y of the molecules `train`.

    AdamW for 10 epochs, and 100 steps at least; the learning rate rises in the first tenth and falls to 0. Numbers are
    standardised and learnt by their absolute error.
    """
    keep_freed_memory()
    torch.manual_seed(seed)
    tower = copy.deepcopy(network.tower)
    model = nn.ModuleList([tower, nn.Sequential(nn.SiLU(), nn.Dropout(0.1), nn.Linear(tower.out.out_features, 1))]).train()
    mean, std = (y.mean(), y.std() or 1.0) if task == "regression" else (0.0, 1.0)
    wanted = torch.from_numpy((y - mean) / std).float()
    size = min(BATCH, len(y))
    rng, steps = np.random.default_rng(seed), max(FEWEST_STEPS, EPOCHS * len(y) // size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=0.01)
    order: list[int] = []
    for step in range(steps):
        while len(order) < size:
            order += rng.permutation(len(y)).tolist()
        rows, order = np.array(order[:size]), order[size:]
        for group in optimizer.param_groups:
            group["lr"] = LR * min((step + 1) / (WARMUP * steps), 1 - step / steps)
        with autocast(torch.device("cpu")):
            found = model[1](model[0](graphs.batch(train[rows])))[:, 0].float()
        one = F.l1_loss(found, wanted[rows]) if task == "regression" else F.binary_cross_entropy_with_logits(found, wanted[rows])
        optimizer.zero_grad()
        one.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
    with torch.no_grad(), autocast(torch.device("cpu")):
        parts = [model[1](model[0](graphs.batch(asked[i : i + ASKED])))[:, 0].float() for i in range(0, len(asked), ASKED)]
    return mean + std * torch.cat(parts).double().numpy()
