"""The training loop of Wasserstein GANs with gradient penalty (Gulrajani et al., NeurIPS 2017)."""

import copy
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from molgen.files import write_atomically
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.device import default_device, keep_freed_memory
from molgen.learn.optimizers import load_state_tensors, state_tensors
from molgen.learn.resuming import Progress, of_this_model, training_in
from molgen.learn.trainer import Trainer, progress_bar

Sample = tuple[Tensor, ...]  # parts of like samples, [n, ...] each
PENALTY = 10.0
MEMORY = 0.99  # of the average of the generator's weights


def fit_wasserstein(
    generator: nn.Module,
    critic: nn.Module,
    batches: Callable[[int], Sequence[Sample]],
    trainer: Trainer,
    report: Callable[[], dict[str, float]],
    *,
    critic_steps: int = 3,
) -> list[dict[str, float]]:
    """Train `generator` in place against `critic`, and return one record an epoch; a kill resumes from the last save.

    The generator's weights become an average over its past steps, which is smoother than the last ones.

    Parameters
    ----------
    generator
        A number n -> n drawn samples; differentiable.
    critic
        Samples -> [n], higher for what looks real.
    batches
        Epoch number -> its batches of real samples.
    report
        Called after an epoch with the averaged weights in `generator`; its figures join the record.
    critic_steps
        For every step of the generator.
    """
    keep_freed_memory()
    device = default_device()
    generator.to(device)
    critic.to(device)
    modules = {"generator": generator, "critic": critic, "average": copy.deepcopy(generator)}
    optimizers = {
        name: torch.optim.Adam(modules[name].parameters(), lr=trainer.lr, betas=(0.0, 0.9)) for name in ("generator", "critic")
    }
    path = Path(trainer.folder) / "state.safetensors"
    at: dict[str, Any] = _restore(path, modules, optimizers) if path.exists() else {"epoch": 0, "seconds": 0.0, "history": []}
    started = time.monotonic() - at["seconds"]
    steps = 0
    with training_in(trainer.folder), progress_bar() as bar:
        for epoch in range(at["epoch"], trainer.epochs):
            generator.train()
            remaining = 1 - epoch / trainer.epochs
            for optimizer in optimizers.values():
                optimizer.param_groups[0]["lr"] = trainer.lr * min(1.0, 2 * remaining)
            distances = []
            real_batches = batches(epoch)
            for real in bar.track(real_batches, description=f"epoch {epoch + 1}/{trainer.epochs}"):
                distances.append(_critic_step(generator, critic, optimizers["critic"], tuple(part.to(device) for part in real)))
                steps += 1
                if steps % critic_steps == 0:
                    _generator_step(generator, critic, optimizers["generator"], len(real[0]))
                    _average(modules["average"], generator)
            last = copy.deepcopy(generator.state_dict())
            generator.load_state_dict(modules["average"].state_dict())
            generator.eval()
            record = {"epoch": epoch + 1, "distance": math.fsum(distances) / max(1, len(distances))} | report()
            generator.load_state_dict(last)
            record["minutes"] = (time.monotonic() - started) / 60
            at["history"].append({k: round(float(v), 5) for k, v in record.items()})
            bar.console.print("  ".join(f"{k} {v:g}" for k, v in at["history"][-1].items()), soft_wrap=True)
            at |= {"epoch": epoch + 1, "seconds": time.monotonic() - started}
            _save(path, modules, optimizers, at)
            write_atomically(path.with_name("history.json"), json.dumps(at["history"], indent=1).encode())
    generator.load_state_dict(modules["average"].state_dict())
    generator.eval()
    history: list[dict[str, float]] = at["history"]
    return history


def _critic_step(generator: nn.Module, critic: nn.Module, optimizer: torch.optim.Optimizer, real: Sample) -> float:
    """One step of the critic; the Wasserstein distance that it sees."""
    with torch.no_grad():
        drawn = generator(len(real[0]))
    share = torch.rand(len(real[0]), device=real[0].device)
    between = tuple(
        torch.lerp(a, b, share.view(-1, *[1] * (a.ndim - 1))).requires_grad_() for a, b in zip(real, drawn, strict=True)
    )
    slopes = torch.autograd.grad(critic(*between).sum(), between, create_graph=True)
    steepness = sum(slope.flatten(1).square().sum(1) for slope in slopes).add(1e-12).sqrt()  # type: ignore[union-attr]
    distance = critic(*real).mean() - critic(*drawn).mean()
    optimizer.zero_grad(set_to_none=True)
    (PENALTY * (steepness - 1).square().mean() - distance).backward()
    optimizer.step()
    return distance.item()


def _generator_step(generator: nn.Module, critic: nn.Module, optimizer: torch.optim.Optimizer, n: int) -> None:
    optimizer.zero_grad(set_to_none=True)
    (-critic(*generator(n)).mean()).backward()
    nn.utils.clip_grad_norm_(generator.parameters(), 5.0)
    optimizer.step()


@torch.no_grad()
def _average(average: nn.Module, generator: nn.Module) -> None:
    for old, new in zip(average.parameters(), generator.parameters(), strict=True):
        old.lerp_(new, 1 - MEMORY)


def _save(path: Path, modules: dict[str, nn.Module], optimizers: dict[str, torch.optim.Adam], at: dict[str, Any]) -> None:
    tensors = {f"{name}.{k}": v for name, module in modules.items() for k, v in module.state_dict().items()}
    tensors |= {f"optimizer.{k}": v for k, v in state_tensors(list(optimizers.values())).items()}
    save_tensors(path, tensors, at)


def _restore(path: Path, modules: dict[str, nn.Module], optimizers: dict[str, torch.optim.Adam]) -> dict[str, Any]:
    tensors, at = load_tensors(path)
    with of_this_model(path):
        for name, module in modules.items():
            module.load_state_dict({k.removeprefix(f"{name}."): v for k, v in tensors.items() if k.startswith(f"{name}.")})
        held = {k.removeprefix("optimizer."): v for k, v in tensors.items() if k.startswith("optimizer.")}
        load_state_tensors(list(optimizers.values()), held)
        return asdict(Progress.read(at))
