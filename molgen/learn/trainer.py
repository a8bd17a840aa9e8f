"""The training loop that every model shares."""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from torch import Tensor, nn

from molgen.errors import ConfigError, check_above, check_between
from molgen.files import write_atomically
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.device import autocast, default_device, keep_freed_memory
from molgen.learn.optimizers import MuonAdamW, load_state_tensors, state_tensors
from molgen.learn.parallel import Processes
from molgen.learn.resuming import Progress, of_this_model, training_in

Batch = Any  # a tensor, or what has its `to` and `len`
Batches = Callable[[int], Sequence[Batch]]


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
    accumulate
        Batches of which the mean loss makes one step, shared out among the processes of a training; one each by default.
    compile
        Compile the network with `torch.compile`: worth it for hours of training, needs a C++ compiler.
    epochs
        Passes through the training set, at least 1.
    weight_decay
        AdamW's, 0 or more.
    warmup_steps
        Steps in which the learning rate rises to `lr`, at least 1.
    """

    folder: str
    epochs: int = 10
    lr: float = 2e-3
    weight_decay: float = 0.05
    warmup_steps: int = 200
    patience: int = 3
    checkpoint_minutes: float = 3.0
    accumulate: int | None = None
    compile: bool = False

    def __post_init__(self) -> None:
        check_between("trainer", 1, epochs=self.epochs, warmup_steps=self.warmup_steps, patience=self.patience)
        check_between("trainer", 1, accumulate=1 if self.accumulate is None else self.accumulate)
        check_above("trainer", lr=self.lr)
        check_between("trainer", 0, weight_decay=self.weight_decay, checkpoint_minutes=self.checkpoint_minutes)

    def fit(
        self,
        module: nn.Module,
        loss: Callable[[nn.Module, Batch], Tensor],
        hidden: Sequence[nn.Parameter],
        train: Batches,
        valid: Sequence[Batch],
        report: Callable[[], dict[str, float]],
    ) -> list[dict[str, float]]:
        """Train `module` in place and return one record an epoch; a kill resumes from the last save.

        Processes that torchrun began train one model together (`python -m torch.distributed.run`, or `molgen train processes=2`).

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
            Called after each epoch; its figures, such as the samples' validity, join the record.

        Raises
        ------
        ConfigError
            Its batches can't be shared out among the processes.
        """
        keep_freed_memory()
        device = default_device()
        processes = Processes.join(device)
        together = self.accumulate or processes.count
        if together % processes.count:
            raise ConfigError(f"trainer.accumulate: {together} batches can't be shared out among {processes.count} processes")
        module.to(device)
        processes.share_weights(module)
        network: nn.Module = torch.compile(module, dynamic=False) if self.compile else module  # type: ignore[assignment]
        torch._dynamo.config.recompile_limit = 64
        optimizer = MuonAdamW(module, hidden, self.lr, self.weight_decay)
        state = Path(self.folder) / "state.safetensors"
        best = Path(self.folder) / "best.safetensors"
        at = self._restore(state, module, optimizer) if state.exists() else Progress()
        started = time.monotonic() - at.seconds
        saved = time.monotonic()

        def save() -> None:
            nonlocal saved
            tensors = {f"model.{k}": v for k, v in module.state_dict().items()}
            tensors |= {f"optimizer.{k}": v for k, v in state_tensors(optimizer.parts).items()}
            at.seconds = time.monotonic() - started
            save_tensors(state, tensors, asdict(at))
            saved = time.monotonic()

        with training_in(self.folder, first=processes.rank == 0), progress_bar(visible=processes.rank == 0) as bar:
            while at.epoch < self.epochs and not self._should_stop(at.history):
                batches = train(at.epoch)
                name = f"epoch {at.epoch + 1}/{self.epochs}"
                steps = max(1, len(batches) // together)
                task = bar.add_task(name, total=steps, completed=at.step)
                running = math.nan
                while at.step < steps:
                    done = at.epoch + at.step / steps
                    group = batches[at.step * together : (at.step + 1) * together]
                    value = self._update(network, loss, optimizer, group, device, processes, done, steps)
                    running = value if math.isnan(running) else 0.98 * running + 0.02 * value
                    at.step += 1
                    bar.update(task, advance=1, description=f"{name} loss {running:.4f}")
                    if processes.rank == 0 and time.monotonic() - saved > 60 * self.checkpoint_minutes:
                        save()
                at.epoch, at.step = at.epoch + 1, 0
                record = {"epoch": at.epoch, "train": running, "valid": self._validate(network, loss, valid, device, processes)}
                record |= (report() if processes.rank == 0 else {}) | {"minutes": (time.monotonic() - started) / 60}
                at.history.append({k: round(float(v), 5) for k, v in record.items()})
                bar.console.print("  ".join(f"{k} {v:g}" for k, v in at.history[-1].items()), soft_wrap=True)
                if processes.rank:
                    continue
                if record["valid"] <= min(past["valid"] for past in at.history) + 1e-5:
                    save_tensors(best, module.state_dict(), {"history": at.history})
                save()
                write_atomically(Path(self.folder) / "history.json", json.dumps(at.history, indent=1).encode())
            if at.epoch < self.epochs:
                bar.console.print(f"no lower validation loss for {self.patience} epochs: stopped")
        processes.wait()
        if best.exists():
            with of_this_model(best):
                module.load_state_dict(load_tensors(best)[0])
        return at.history

    def _should_stop(self, history: Sequence[dict[str, float]]) -> bool:
        losses = [record["valid"] for record in history]
        return bool(losses) and len(losses) - 1 - losses.index(min(losses)) >= self.patience

    def _update(
        self,
        network: nn.Module,
        loss: Callable[[nn.Module, Batch], Tensor],
        optimizer: MuonAdamW,
        group: Sequence[Batch],
        device: torch.device,
        processes: Processes,
        epochs_done: float,
        steps_an_epoch: int,
    ) -> float:
        """One gradient step on a group of batches, of which this process does its share; the loss before it."""
        network.train()
        total = torch.zeros((), device=device)
        for batch in group[processes.rank :: processes.count]:
            with autocast(device):
                value = loss(network, batch.to(device)) / len(group)
            value.backward()
            total += value.detach()
        processes.add_gradients(network)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        warmup = min(1.0, (epochs_done * steps_an_epoch + 1) / self.warmup_steps)
        optimizer.step(warmup * (1 - epochs_done / self.epochs))
        number = processes.sum(total).item()
        return self._finite("training", number)

    def _finite(self, kind: str, loss: float) -> float:
        if not math.isfinite(loss):
            raise ConfigError(f"the {kind} loss became {loss}: lower trainer.lr (now {self.lr})")
        return loss

    @torch.no_grad()
    def _validate(
        self,
        network: nn.Module,
        loss: Callable[[nn.Module, Batch], Tensor],
        batches: Sequence[Batch],
        device: torch.device,
        processes: Processes,
    ) -> float:
        network.eval()
        sums = torch.zeros(2, dtype=torch.float64)
        for batch in batches[processes.rank :: processes.count]:
            with autocast(device):
                value = loss(network, batch.to(device)).float().item()
            sums += torch.tensor([value * len(batch), len(batch)], dtype=torch.float64)
        losses, weights = processes.sum(sums.to(device)).tolist()
        return self._finite("validation", losses / weights)

    def _restore(self, state: Path, module: nn.Module, optimizer: MuonAdamW) -> Progress:
        tensors, progress = load_tensors(state)
        with of_this_model(state):
            module.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
            load_state_tensors(optimizer.parts, {k[10:]: v for k, v in tensors.items() if k.startswith("optimizer.")})
            return Progress.read(progress, "valid")


def progress_bar(*, visible: bool = True) -> Bar:
    """Of a training."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    return Bar(*columns, console=Console(quiet=not visible))
