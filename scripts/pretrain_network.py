"""Teach a graph network RDKit's descriptors and fragment counts, for `python -m benchmarks.pretrained` to see what it is worth.

    python scripts/pretrain_network.py             an hour on one core; a killed run resumes where it stood
    python scripts/pretrain_network.py --rates     molecules a second of a training step, by precision

The idea is CheMeleon's (Burns et al., arXiv:2506.15792), with the tower of `predictor=graph_network`. The molecules are those of
ZINC250k and of all sets that `molgen data` knows by name. The official test parts of the ADMET group aren't among them: molecules
of the sets that three of its tasks were made of are left out where they aren't in one of its training files.
"""

import json
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molgen.chem.molecules import canonicalize
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group, options
from molgen.data.affinity import DeepDTA
from molgen.data.catalog import PublicSet
from molgen.files import write_atomically
from molgen.learn.checkpoint import save_tensors
from molgen.learn.device import autocast, default_device
from molgen.learn.trainer import Trainer
from scripts.describing_network import LARGEST, DescribingNetwork, Lesson, described, standardised

SOURCES = {  # sets that a task of the ADMET group was made of, its test part included
    "moleculenet/lipophilicity": "lipophilicity_astrazeneca",
    "moleculenet/bbbp": "bbb_martins",
    "moleculenet/esol": "solubility_aqsoldb",
}
VALIDATED = 2000


def corpus(zinc: int, most: int, seed: int) -> list[str]:
    """Distinct molecules in standard form and random order: `zinc` of ZINC250k, and `most` of each other set, at most."""
    rng = np.random.default_rng(seed)
    trained, source_of_tests, found = set[str](), set[str](), dict[str, None]()
    for name in options("data"):
        texts = _smiles(name)
        if name.startswith("admet/") or name in SOURCES:
            part = [text for text in canonicalize(texts, STANDARD) if text is not None]
            (source_of_tests if name in SOURCES else trained).update(part)
        else:
            chosen = rng.permutation(len(texts))[: zinc if name == "zinc250k" else most]
            part = [text for text in canonicalize([texts[i] for i in chosen], STANDARD) if text is not None]
        found |= dict.fromkeys(part)
        click.echo(f"{name}: {len(part):,} molecules, {len(found):,} distinct so far")
    kept = sorted(found.keys() - (source_of_tests - trained))
    click.echo(f"{len(found) - len(kept):,} left out, which may be in a test part of the ADMET group; {len(kept):,} remain")
    return [kept[i] for i in rng.permutation(len(kept))]


def _smiles(name: str) -> list[str]:
    """The molecules of a set; none of receptors, and of files that a user is to name."""
    if name == "file" or name.startswith("docking/"):
        return []
    source = compose_group("data", name)
    if isinstance(source, DeepDTA):
        return list(json.loads(source.ligands.fetch().read_text()).values())
    return source.smiles() if isinstance(source, PublicSet) else []


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("train/pretrained"), help="Targets, state and weights.")
@click.option("--zinc", default=40_000, help="Molecules of ZINC250k.")
@click.option("--most", default=5_000, help="Molecules of each other set, at most; of the ADMET group's, all.")
@click.option("--molecules", default=70_000, help="Of these, drawn at random, at most.")
@click.option("--width", default=512, help="Of an embedding.")
@click.option("--channels", default=256, help="Of an atom.")
@click.option("--layers", default=5, help="Steps of message passing.")
@click.option("--epochs", default=8)
@click.option("--lr", default=1e-3)
@click.option("--batch", "size", default=256, help="Molecules in a training step.")
@click.option("--seed", default=0)
@click.option("--rates", is_flag=True, help="Only time training steps.")
def main(
    folder: Path,
    zinc: int,
    most: int,
    molecules: int,
    width: int,
    channels: int,
    layers: int,
    epochs: int,
    lr: float,
    size: int,
    seed: int,
    rates: bool,
) -> None:
    """Train the network; a folder keeps the settings that it was begun with."""
    settings = {"zinc": zinc, "most": most, "seed": seed}
    folder.mkdir(parents=True, exist_ok=True)
    smiles = _molecules(folder, settings)[:molecules]
    graphs, raw = described(smiles, folder / "targets")
    targets = standardised(raw)
    small = np.flatnonzero(graphs.sizes[:, 0] <= LARGEST)
    torch.manual_seed(seed)
    shape = {"width": width, "channels": channels, "layers": layers, "targets": targets.shape[1]}
    network = DescribingNetwork(**shape)
    lesson = Lesson(graphs, torch.from_numpy(targets))
    if rates:
        _show_rates(network, lesson, small, size)
        return
    valid, train = small[:VALIDATED], small[VALIDATED:]

    def batches(epoch: int) -> list[Tensor]:
        return list(torch.from_numpy(np.random.default_rng([seed, epoch]).permutation(train)).split(size)[:-1])

    trainer = Trainer(str(folder), epochs, lr, weight_decay=0.01, checkpoint_minutes=2)
    valid_batches = list(torch.from_numpy(valid).split(512))
    history = trainer.fit(network, lesson.loss, network.hidden_matrices(), batches, valid_batches, dict)
    card = {
        "shape": shape,
        "settings": settings,
        "epochs": epochs,
        "lr": lr,
        "molecules": len(train),
        "validated_on": len(valid),
        "history": history,
    }
    save_tensors(folder / "pretrained.safetensors", network.state_dict(), card)
    click.echo(f"{folder / 'pretrained.safetensors'}: {(folder / 'pretrained.safetensors').stat().st_size / 1e6:.1f} MB")


def _molecules(folder: Path, settings: dict[str, Any]) -> list[str]:
    """The corpus, made once for a folder."""
    path = folder / "molecules.json"
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["settings"] != settings:
            raise click.UsageError(f"{folder} was begun with {kept['settings']}, not {settings}: name another --folder")
        return kept["smiles"]
    smiles = corpus(**settings)
    write_atomically(path, json.dumps({"settings": settings, "smiles": smiles}).encode())
    return smiles


def _show_rates(network: DescribingNetwork, lesson: Lesson, rows: NDArray[np.int64], size: int, steps: int = 12) -> None:
    """Molecules a second that a training step takes on."""
    device = default_device()
    for name, context in (("float32", torch.autocast(device.type, enabled=False)), ("bfloat16 where fast", autocast(device))):
        for step in range(steps):
            if step == steps // 3:  # the first ones are slower
                begun = time.perf_counter()
            with context:
                lesson.loss(network, torch.from_numpy(rows[step * size : (step + 1) * size])).backward()
        click.echo(f"{name}: {(steps - steps // 3) * size / (time.perf_counter() - begun):,.0f} molecules a second")


if __name__ == "__main__":
    main()
