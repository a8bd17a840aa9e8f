"""Train a shipped generator on ZINC250k, measure it, and write it with its card to molgen/weights.

    python scripts/train_prior.py transformer

On two cores with bfloat16 an epoch of the transformer takes 7 minutes, one of the recurrent network or the graph VAE 5, one
of diffusion 4, one of a GAN less than one. The latent GAN needs the graph VAE. A killed run resumes where it stood.
"""

from dataclasses import dataclass
from pathlib import Path

import click

from molgen.chem.molecules import Molecules
from molgen.config import build, compose, to_plain
from molgen.data.splits import held_out_parts
from molgen.generators.shipped import load_generator
from molgen.learn.shipped import WEIGHTS
from molgen.metrics.distribution import sample_quality

SAMPLES = 10_000
VALIDATED = 5000


@dataclass(frozen=True)
class Recipe:
    """How a generator is trained, and whether its weights ship in half precision."""

    epochs: int
    lr: float = 2e-3
    compile: bool = False
    half: bool = True


RECIPES = {
    "transformer": Recipe(7, compile=True),
    "recurrent": Recipe(8),
    "diffusion": Recipe(9),
    "graph_vae": Recipe(9),
    "graph_gan": Recipe(30, lr=4e-4, half=False),
    "latent_gan": Recipe(16, lr=4e-4, half=False),
}


@click.command()
@click.argument("name", type=click.Choice(list(RECIPES)))
@click.option("--epochs", type=int, help=f"By default { {name: recipe.epochs for name, recipe in RECIPES.items()} }.")
@click.option("--folder", help="Training state; by default train/prior-NAME.")
def main(name: str, epochs: int | None, folder: str | None) -> None:
    """Train the prior NAME."""
    recipe = RECIPES[name]
    epochs = epochs or recipe.epochs
    settings = [f"generator={name}", "data=zinc250k", f"trainer.epochs={epochs}", f"trainer.lr={recipe.lr}"]
    settings += [f"folder={folder or f'train/prior-{name}'}", f"trainer.compile={recipe.compile}"]
    config = to_plain(compose("train", settings))
    data = build(config["data"], "data")
    train, test, _ = held_out_parts(data.smiles())
    valid = test[:VALIDATED]
    generator = build(config["generator"], "generator")
    history = generator.fit(train, valid, trainer=build(config["trainer"], "trainer"))
    if recipe.half:
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
    figures = sample_quality(smiles, set(known))
    alive = [text for text in Molecules(smiles).canonical if text]
    return {"samples": SAMPLES, "temperature": 1.0, "seed": 0} | figures | {"mean_length": sum(map(len, alive)) / len(alive)}


if __name__ == "__main__":
    main()
