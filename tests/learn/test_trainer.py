import errno
import os
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from molgen.errors import CampaignError, CheckpointError, ConfigError
from molgen.folders import writing
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.resuming import training_in
from molgen.learn.trainer import Trainer


class Line(nn.Module):
    """y = w x, to be fitted to y = 2 x."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


History = list[dict[str, float]]


class KilledError(Exception):
    pass


def loss(module: nn.Module, x: Tensor) -> Tensor:
    return (module(x) - 2 * x).float().square().mean()


def batches(epoch: int) -> list[Tensor]:
    return list(torch.randn(20, 8, 4, generator=torch.Generator().manual_seed(epoch)))


def fit(folder: Path, module: Line, *, die_at: int = 0, lr: float = 0.05, epochs: int = 4, patience: int = 3) -> History:
    """Train; `die_at` raises in that step, right after a checkpoint."""
    steps = 0

    def counted(module: nn.Module, x: Tensor) -> Tensor:
        nonlocal steps
        steps += module.training
        if steps == die_at:
            raise KilledError
        return loss(module, x)

    trainer = Trainer(str(folder), epochs=epochs, lr=lr, warmup_steps=5, patience=patience, checkpoint_minutes=0.0)
    return trainer.fit(module, counted, [module.layer.weight], batches, batches(999), lambda: {"figure": 1.0})


def test_training_lowers_the_validation_loss_and_records_every_epoch(tmp_path: Path) -> None:
    module = Line()
    before = loss(module, torch.cat(batches(999))).item()
    history = fit(tmp_path, module)
    assert [record["epoch"] for record in history] == [1, 2, 3, 4]
    assert history[-1]["valid"] < 0.5 * before
    assert history[-1]["figure"] == 1.0


@pytest.mark.parametrize("step", [7, 33])
def test_a_killed_training_ends_with_the_weights_of_an_undisturbed_one(tmp_path: Path, step: int) -> None:
    undisturbed, killed, resumed = Line(), Line(), Line()
    fit(tmp_path / "a", undisturbed)
    with pytest.raises(KilledError):
        fit(tmp_path / "b", killed, die_at=step)
    history = fit(tmp_path / "b", resumed)
    torch.testing.assert_close(resumed.layer.weight, undisturbed.layer.weight, rtol=0, atol=0)
    assert len(history) == 4


def test_training_stops_early_and_keeps_the_best_weights(tmp_path: Path) -> None:
    """A learning rate that overshoots: the loss gets worse, two epochs later it is over."""
    module = Line()
    history = fit(tmp_path, module, lr=3.0, epochs=20, patience=2)
    losses = [record["valid"] for record in history]
    best = losses.index(min(losses))
    assert len(history) in (20, best + 3)
    assert loss(module.eval(), torch.cat(batches(999))).item() == pytest.approx(min(losses), rel=0.05)


def test_a_state_of_another_model_is_refused(tmp_path: Path) -> None:
    fit(tmp_path, Line())
    other = Line()
    other.layer = nn.Linear(5, 5)
    with pytest.raises(CheckpointError, match="another model"):
        fit(tmp_path, other)


def test_a_damaged_state_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "state.safetensors").write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match=r"state\.safetensors"):
        fit(tmp_path, Line())


@pytest.mark.parametrize(
    "card",
    [{"epoch": "2"}, {"epoch": -1}, {"history": 3}, {"history": [{"train": 1}]}, {"seconds": "long"}, {"era": 1}],
)
def test_a_state_whose_card_holds_something_else_is_refused(tmp_path: Path, card: dict[str, object]) -> None:
    fit(tmp_path, Line())
    state = tmp_path / "state.safetensors"
    tensors, progress = load_tensors(state)
    save_tensors(state, tensors, progress | card)
    with pytest.raises(CheckpointError, match=r"state\.safetensors: damaged or of another model \(.*\); choose another"):
        fit(tmp_path, Line())


def test_only_one_process_trains_in_a_folder(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(CampaignError, match="is writing there"):
        fit(tmp_path, Line())
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_loss_that_is_no_number_stops_with_advice(tmp_path: Path) -> None:
    module = Line()
    trainer = Trainer(str(tmp_path))
    with pytest.raises(ConfigError, match=r"lower trainer\.lr"):
        trainer.fit(module, lambda m, x: m(x).sum() * float("nan"), [], batches, batches(1), dict)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [(errno.ENOSPC, "free space"), (errno.EFBIG, "allow larger files"), (errno.EACCES, "allow writing there")],
)
def test_what_keeps_a_training_from_writing_is_named_and_how_it_goes_on(tmp_path: Path, error: int, remedy: str) -> None:
    with pytest.raises(CampaignError, match=f"{remedy}.*then give the same command again"), training_in(str(tmp_path)):
        raise OSError(error, os.strerror(error))
