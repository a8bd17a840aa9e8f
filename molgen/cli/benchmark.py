"""The commands that measure: each one thin over the Python API."""

from pathlib import Path

import click

from molgen.cli.common import settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import check_between, check_seed
from molgen.files import check_folder


def naming_a_model(overrides: tuple[str, ...]) -> list[str]:
    """`generator=NAME` as `model=NAME`, where a trained generator is meant and not a recipe of `conf/generator`."""
    return [f"model={text.removeprefix('generator=')}" if text.startswith("generator=") else text for text in overrides]


@click.group()
def benchmark() -> None:
    """Measure what molgen makes.

    \b
    molgen benchmark distribution generator=diffusion   # samples beside held-out molecules
    """


@benchmark.command()
@with_overrides
def distribution(overrides: tuple[str, ...]) -> None:
    """Compare a generator's samples with held-out molecules.

    \b
    molgen benchmark distribution model=prior
    molgen benchmark distribution model=train/mine/generator.safetensors data=my.csv n=2000

    Prints validity, uniqueness, novelty, diversity, and MOSES' and GuacaMol's figures beside a random tenth and a tenth
    with scaffolds of its own; the folder gets them as figures.json, with properties.svg and samples.svg.
    """
    from molgen.generators.shipped import load_generator
    from molgen.reports.distribution import HeldOut, assess

    config = settings_of("benchmark", naming_a_model(overrides))
    expect(config, model=str, n=int, seed=int, folder=str)
    check_between("", 100, n=config["n"])
    check_seed("", config["seed"])
    check_folder(config["folder"])
    generator = load_generator(config["model"])
    held_out = HeldOut.of(build(config["data"], "data").smiles())
    figures = assess(generator, held_out, n=config["n"], seed=config["seed"], folder=Path(config["folder"]))
    for name, value in figures.items():
        click.echo(f"{name:28s} {value:,.4g}")
    click.echo(f"figures and pictures: {config['folder']}")
