"""Two processes train what one trains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.errors import ConfigError
from molgen.folders import writing
from molgen.learn.checkpoint import load_tensors
from molgen.learn.trainer import Trainer
from tests.learn.test_trainer import Line, batches, loss


def arguments(folder: Path, molecules: Path, *settings: str) -> list[str]:
    small = [
        "generator=recurrent",
        "generator.width=32",
        "generator.recurrent_layers=1",
        "generator.batch_tokens=400",
    ]
    return ["train", *small, f"data={molecules}", "trainer.epochs=2", f"folder={folder}", "validation=20", *settings]


def begin(folder: Path, molecules: Path, *settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "molgen.cli", *arguments(folder, molecules, *settings)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def history(folder: Path) -> list[dict[str, float]]:
    return json.loads((folder / "history.json").read_text())


def test_two_processes_give_the_loss_and_the_weights_of_one(tmp_path: Path, samples: list[str]) -> None:
    molecules = tmp_path / "molecules.smi"
    molecules.write_text("\n".join(samples[:200]))
    alone = CliRunner().invoke(main, arguments(tmp_path / "one", molecules, "processes=1", "trainer.accumulate=2"))
    assert alone.exit_code == 0, alone.output
    both = begin(tmp_path / "two", molecules, "processes=2")
    assert both.returncode == 0, both.stderr
    assert alone.stdout.count("molecules to train on") == both.stdout.count("molecules to train on") == 1
    one, two = history(tmp_path / "one"), history(tmp_path / "two")
    assert len(one) == len(two) == 2
    for ours, theirs in zip(one, two, strict=True):
        assert ours["train"] == pytest.approx(theirs["train"], rel=1e-3)
        assert ours["valid"] == pytest.approx(theirs["valid"], rel=1e-3)
    assert two[1]["valid"] < two[0]["valid"]
    weights = [load_tensors(tmp_path / name / "generator.safetensors")[0] for name in ("one", "two")]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(weights[1][name], tensor, rtol=0.02, atol=0.002)
    with writing(tmp_path / "two"):
        refused = begin(tmp_path / "two", molecules, "processes=2", "trainer.epochs=3")
    assert refused.returncode == 1
    assert "is writing there" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_accumulated_batches_make_one_step_of_their_mean_loss(tmp_path: Path) -> None:
    def joined(epoch: int) -> list[torch.Tensor]:
        return [torch.cat(pair) for pair in zip(batches(epoch)[::2], batches(epoch)[1::2], strict=True)]

    histories = []
    for name, of, accumulate in (("pairs", batches, 2), ("joined", joined, 1)):
        module = Line()
        trainer = Trainer(str(tmp_path / name), epochs=2, lr=0.05, warmup_steps=5, accumulate=accumulate)
        histories.append(trainer.fit(module, loss, [module.layer.weight], of, batches(999), dict))
    for ours, theirs in zip(*histories, strict=True):
        assert ours["valid"] == pytest.approx(theirs["valid"], rel=0.02)


def test_batches_that_cannot_be_shared_out_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from molgen.learn.parallel import Processes

    monkeypatch.setattr(Processes, "join", lambda device: Processes(0, 2))
    module = Line()
    with pytest.raises(ConfigError, match="3 batches can't be shared out among 2 processes"):
        Trainer(str(tmp_path), accumulate=3).fit(module, loss, [], batches, batches(999), dict)


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, samples: list[str]) -> None:
    molecules = tmp_path / "molecules.smi"
    molecules.write_text("\n".join(samples[:50]))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    refused = CliRunner().invoke(main, ["train", f"data={molecules}", "processes=2"])
    assert refused.exit_code == 1
    assert "2 need as many GPUs, and this machine has 1" in refused.output
