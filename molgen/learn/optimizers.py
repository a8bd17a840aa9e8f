"""The optimizer of a training run: Muon for hidden matrices, AdamW for everything else."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


class MuonAdamW:
    """Muon (Jordan et al. 2024) on the matrices of `hidden`, AdamW on all other parameters.

    On ZINC250k it needs fewer epochs than AdamW alone for the same validation loss.
    """

    def __init__(self, module: nn.Module, hidden: Iterable[nn.Parameter], lr: float, weight_decay: float) -> None:
        matrices = list(hidden)
        chosen = {id(parameter) for parameter in matrices}
        rest = [p for p in module.parameters() if id(p) not in chosen]
        self.lr = lr
        self.parts: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
        ]
        if matrices:
            self.parts.append(torch.optim.Muon(matrices, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"))

    def step(self, fraction_of_lr: float) -> None:
        """Update the parameters at `fraction_of_lr` times the learning rate, then clear gradients."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = self.lr * fraction_of_lr
            part.step()
            part.zero_grad(set_to_none=True)


def state_tensors(optimizers: Sequence[torch.optim.Optimizer]) -> dict[str, Tensor]:
    """Every state tensor under a flat name `optimizer.parameter.key`."""
    return {
        f"{i}.{j}.{key}": torch.as_tensor(value)
        for i, optimizer in enumerate(optimizers)
        for j, state in optimizer.state_dict()["state"].items()
        for key, value in state.items()
    }


def load_state_tensors(optimizers: Sequence[torch.optim.Optimizer], tensors: dict[str, Tensor]) -> None:
    """Take back what `state_tensors` gave."""
    states: list[dict[int, dict[str, Tensor]]] = [{} for _ in optimizers]
    for name, tensor in tensors.items():
        i, j, key = name.split(".", 2)
        states[int(i)].setdefault(int(j), {})[key] = tensor
    for optimizer, state in zip(optimizers, states, strict=True):
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
