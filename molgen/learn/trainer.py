"""The training loop that every model shares."""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor, nn

from molgen.errors import CheckpointError, ConfigError
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.device import autocast, default_device, keep_freed_memory
from molgen.learn.optimizers import MuonAdamW

Batches = Callable[[int], Sequence[Tensor]]


@dataclass(frozen=True)
class Trainer:
    """How long, how fast and where to train.

    Attributes
    ----------
    folder
        Receives `state.safetensors` (resume), `best.safetensors` (weights) and `history.json`.
    lr
        Peak learning rate; warmed up over `warmup_steps`, then linear to zero at the last step.
    patience
        Epochs without a lower validation loss after which training stops.
    checkpoint_minutes
        Time between two saves of the whole training state.
    compile
        Compile the network with `torch.compile`: worth it for hours of training, needs a C++ compiler.
    """

    folder: str
    epochs: int = 10
    lr: float = 2e-3
    weight_decay: float = 0.05
    warmup_steps: int = 200
    patience: int = 3
    checkpoint_minutes: float = 3.0
    compile: bool = False

    def fit(
        self,
        module: nn.Module,
        loss: Callable[[nn.Module, Tensor], Tensor],
        hidden: Sequence[nn.Parameter],
        train: Batches,
        valid: Sequence[Tensor],
        report: Callable[[], dict[str, float]],
    ) -> list[dict[str, float]]:
        """Train `module` in place and return one record an epoch; a kill resumes from the last save.

        Parameters
        ----------
        loss
            Mean loss of a batch, computed through the module it is given.
        hidden
            The matrices that Muon updates.
        train
            Epoch number -> its batches; the same number must give the same batches.
        valid
            The batches of the validation set.
        report
            Called after an epoch; its figures join the record (samples' validity, say).
        """
        keep_freed_memory()
        device = default_device()
        module.to(device)
        network = torch.compile(module, dynamic=False) if self.compile else module
        torch._dynamo.config.recompile_limit = 64
        optimizer = MuonAdamW(module, hidden, self.lr, self.weight_decay)
        state = Path(self.folder) / "state.safetensors"
        progress = {"epoch": 0, "step": 0, "seconds": 0.0, "history": []}
        if state.exists():
            progress = self._restore(state, module, optimizer)
        history: list[dict[str, float]] = progress["history"]
        started = time.monotonic() - progress["seconds"]
        saved_at = time.monotonic()

        def save(epoch: int, step: int) -> None:
            tensors = {f"model.{k}": v for k, v in module.state_dict().items()}
            tensors |= {f"optimizer.{k}": v for k, v in optimizer.state_tensors().items()}
            seconds = time.monotonic() - started
            save_tensors(state, tensors, {"epoch": epoch, "step": step, "seconds": seconds, "history": history})

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns) as bar:
            for epoch in range(progress["epoch"], self.epochs):
                batches = train(epoch)
                first = progress["step"] if epoch == progress["epoch"] else 0
                task = bar.add_task(f"epoch {epoch + 1}/{self.epochs}", total=len(batches), completed=first)
                running = math.nan
                for step in range(first, len(batches)):
                    running = self._update(network, loss, optimizer, batches[step], epoch + step / len(batches), len(batches), running, device)
                    bar.update(task, advance=1, description=f"epoch {epoch + 1}/{self.epochs} loss {running:.4f}")
                    if time.monotonic() - saved_at > 60 * self.checkpoint_minutes:
                        save(epoch, step + 1)
                        saved_at = time.monotonic()
                record = {"epoch": epoch + 1, "train": running, "valid": self._validate(network, loss, valid, device)}
                record |= report()
                record["minutes"] = (time.monotonic() - started) / 60
                history.append({k: round(float(v), 5) for k, v in record.items()})
                bar.console.print("  ".join(f"{k} {v:g}" for k, v in history[-1].items()))
                (Path(self.folder) / "history.json").write_text(json.dumps(history, indent=1))
                best = min(range(len(history)), key=lambda i: history[i]["valid"])
                if best == len(history) - 1:
                    save_tensors(Path(self.folder) / "best.safetensors", module.state_dict(), {"history": history})
                save(epoch + 1, 0)
                saved_at = time.monotonic()
                if len(history) - 1 - best >= self.patience:
                    bar.console.print(f"no lower validation loss for {self.patience} epochs: stopping")
                    break
        if history:
            module.load_state_dict(load_tensors(Path(self.folder) / "best.safetensors")[0])
        return history

    def _update(
        self,
        network: nn.Module,
        loss: Callable[[nn.Module, Tensor], Tensor],
        optimizer: MuonAdamW,
        batch: Tensor,
        epochs_done: float,
        steps_an_epoch: int,
        running: float,
        device: torch.device,
    ) -> float:
        network.train()
        with autocast(device):
            value = loss(network, batch.to(device))
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        warmup = min(1.0, (epochs_done * steps_an_epoch + 1) / self.warmup_steps)
        optimizer.step(warmup * (1 - epochs_done / self.epochs))
        number = value.item()
        if not math.isfinite(number):
            raise ConfigError(f"the training loss became {number}: lower trainer.lr (now {self.lr})")
        return number if math.isnan(running) else 0.98 * running + 0.02 * number

    @torch.no_grad()
    def _validate(
        self, network: nn.Module, loss: Callable[[nn.Module, Tensor], Tensor], batches: Sequence[Tensor], device: torch.device
    ) -> float:
        network.eval()
        weights = torch.tensor([float(len(batch)) for batch in batches])
        with autocast(device):
            losses = torch.stack([loss(network, batch.to(device)).float().cpu() for batch in batches])
        return float((losses * weights).sum() / weights.sum())

    def _restore(self, state: Path, module: nn.Module, optimizer: MuonAdamW) -> dict[str, Any]:
        tensors, progress = load_tensors(state)
        try:
            module.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
        except RuntimeError as error:
            raise CheckpointError(f"{state}: belongs to another model; choose another trainer.folder") from error
        optimizer.load_state_tensors({k[10:]: v for k, v in tensors.items() if k.startswith("optimizer.")})
        return progress
