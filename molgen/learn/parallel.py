"""Training by several processes side by side, each on batches of its own (torch.distributed)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn

from molgen.errors import CampaignError, ConfigError


@dataclass(frozen=True)
class Processes:
    """The processes of a training that torchrun began; one where it didn't.

    Attributes
    ----------
    rank
        Number of this process, from 0.
    count
        Of all.
    """

    rank: int = 0
    count: int = 1

    @classmethod
    def join(cls, device: torch.device) -> "Processes":
        """Meet the others."""
        if not dist.is_torchelastic_launched():
            return cls()
        if not dist.is_initialized():
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        return cls(dist.get_rank(), dist.get_world_size())

    def share_weights(self, module: nn.Module) -> None:
        """Give all processes the weights of the first."""
        if self.count > 1:
            with _together():
                for tensor in module.state_dict().values():
                    dist.broadcast(tensor, 0)

    def add_gradients(self, module: nn.Module) -> None:
        """Give all processes the sum of their gradients."""
        if self.count > 1:
            weights = [weight for weight in module.parameters() if weight.requires_grad]
            gradients = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights]
            flat = self.sum(torch.cat([gradient.flatten() for gradient in gradients]))
            for weight, part in zip(weights, flat.split([weight.numel() for weight in weights]), strict=True):
                weight.grad = part.view_as(weight).clone()

    def sum(self, values: Tensor) -> Tensor:
        """The sum of every process's `values`."""
        if self.count > 1:
            with _together():
                dist.all_reduce(values)
        return values

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            with _together():
                dist.barrier()


@contextmanager
def _together() -> Iterator[None]:
    """Turn what gloo and NCCL say into a line where another process has ended, which has said why."""
    try:
        yield
    except RuntimeError as error:
        raise CampaignError("another process of this training has ended, for its own reason") from error


def number_of_processes(asked: int | None) -> int:
    """As many as are asked for, or else as this machine has GPUs.

    Raises
    ------
    ConfigError
        If it has fewer GPUs than are asked for; without any, processes train on the CPU.
    """
    gpus = torch.cuda.device_count()
    if asked is None:
        return gpus
    if 0 < gpus < asked:
        raise ConfigError(f"processes: {asked} need as many GPUs, and this machine has {gpus}")
    return asked


def is_first() -> bool:
    """Whether this process is the one that writes and prints."""
    return os.environ.get("RANK", "0") == "0"
