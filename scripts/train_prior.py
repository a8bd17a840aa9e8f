"""Train a shipped prior on ZINC250k, measure it, and write it with its card to molgen/weights.

    python scripts/train_prior.py transformer
    python scripts/train_prior.py recurrent
    python scripts/train_prior.py diffusion
    python scripts/train_prior.py graph_vae

On two cores with bfloat16 an epoch of the transformer takes 7 minutes, one of the recurrent network 5, one of diffusion
10. A killed run resumes where it stood.
"""

from pathlib import Path

import click

from molgen.chem.molecules import Molecules
from molgen.config import build, compose, to_plain
from molgen.data.splits import held_out_parts
from molgen.generators.shipped import load_generator
from molgen.learn.shipped import WEIGHTS
from molgen.metrics.distribution import quality

SAMPLES = 10_000
VALIDATED = 5000
COMPILED = ("transformer", "diffusion")
EPOCHS = {"transformer": 7, "recurrent": 8, "diffusion": 7, "graph_vae": 10}


@click.command()
@click.argument("name", type=click.Choice(list(EPOCHS)))
@click.option("--epochs", type=int, help=f"By default {EPOCHS}.")
@click.option("--folder", help="Training state; by default train/prior-NAME.")
def main(name: str, epochs: int | None, folder: str | None) -> None:
    """Train the prior NAME."""
    lr = 2e-3
    epochs = epochs or EPOCHS[name]
    settings = [f"generator={name}", "data=zinc250k", f"trainer.epochs={epochs}", f"trainer.lr={lr}"]
    settings += [f"trainer.folder={folder or f'train/prior-{name}'}", f"trainer.compile={name in COMPILED}"]
    config = to_plain(compose("train", settings))
    data = build(config["data"], "data")
    train, test, _ = held_out_parts(data.smiles())
    valid = test[:VALIDATED]
    generator = build(config["generator"], "generator")
    history = generator.fit(train, valid, trainer=build(config["trainer"], "trainer"))
    generator.network.bfloat16()
    path = WEIGHTS / f"{name}.safetensors"
    card = {
        "data": {key: config["data"][key] for key in ("name", "url", "sha256", "about")},
        "trained_on": len(train),
        "validated_on": len(valid),
        "trained_by": f"scripts/train_prior.py {name} --epochs {epochs}",
        "training_minutes": round(history[-1]["minutes"], 1),
        "hardware": "two CPU cores with bfloat16 matrix units",
        "history": history,
    }
    generator.save(path, card)
    generator.save(path, card | {"metrics": measure(path, train)})
    click.echo(Path(path.with_suffix(".json")).read_text())


def measure(path: Path, known: list[str]) -> dict[str, float]:
    """Quality of samples of the generator in `path`, as a user will load it."""
    smiles = load_generator(str(path)).sample(SAMPLES, seed=0)
    figures = quality(smiles, set(known))
    alive = [text for text in Molecules(smiles).canonical if text]
    return {"samples": SAMPLES, "temperature": 1.0, "seed": 0} | figures | {"mean_length": sum(map(len, alive)) / len(alive)}


if __name__ == "__main__":
    main()
