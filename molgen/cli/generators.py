"""The commands that train and sample generators: each one thin over the Python API."""

import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from molgen.cli.benchmark import naming_a_model
from molgen.cli.common import settings_of, stopping, with_overrides
from molgen.cli.predictors import train_predictor
from molgen.config import build, expect
from molgen.errors import ConfigError, check_above, check_between, check_seed
from molgen.files import check_place


@click.command()
@with_overrides
def train(overrides: tuple[str, ...]) -> None:
    """Train a generator on SMILES, or a predictor on measured molecules.

    \b
    molgen train generator=transformer data=zinc250k trainer.epochs=10
    molgen train init=prior data=my.smi trainer.epochs=3 trainer.lr=3e-4   # transfer learning
    molgen train data=my.smi generator.augment=0.5                         # half of the SMILES randomised
    molgen train data=my.smi folder=train/mine                             # again: resumes after a kill
    molgen train data=my.smi processes=2   # by two processes; all GPUs are the default
    \b
    molgen train predictor=boosted data=admet/herg   # a public set: molgen data list
    molgen train predictor=boosted data=my.csv data.labels=[pIC50] split=random folds=0
    molgen train predictor=boosted data=my.csv data.labels=[active] threshold=0.3 learning_curve=true
    molgen train predictor=boosted data=my.csv split=time column=measured_on   # judged on what was measured last
    molgen train predictor=graph_network data=moleculenet/tox21
    molgen train predictor=pairs data=davis          # affinities to proteins

    A generator's folder gets generator.safetensors, its card, history.json and the training state; a predictor's
    predictor.safetensors and a card, as JSON and as a page (card.html): the quality of the data, figures with intervals
    beside simple guesses, calibration, the worst misses, activity cliffs. evaluation.csv has what these are made of.
    """
    if any(text.startswith("predictor=") for text in overrides):
        train_predictor(overrides)
    else:
        _train_generator(overrides)


def _train_generator(overrides: tuple[str, ...]) -> None:
    import torch.distributed as dist
    import torch.distributed.run
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    from molgen.data.splits import train_valid
    from molgen.generators.shipped import load_generator
    from molgen.learn.parallel import is_first, number_of_processes

    config = settings_of("train", overrides)
    expect(config, init=str | None, validation=int, seed=int, processes=int | None, folder=str)
    check_between("", 1, validation=config["validation"], processes=1 if config["processes"] is None else config["processes"])
    check_seed("", config["seed"])
    typed = any(text.startswith(("folder=", "trainer.folder=")) for text in overrides)
    if typed or config["trainer"].get("folder", "???") == "???":  # a file of settings may name it, too
        config["trainer"]["folder"] = config["folder"]
    data, trainer = build(config["data"], "data"), build(config["trainer"], "trainer")
    processes = number_of_processes(config["processes"])
    settings = [*(text for text in overrides if not text.startswith(("folder=", "trainer.folder="))), f"folder={trainer.folder}"]
    again = f"what is trained is kept: molgen train {shlex.join(settings)}"
    if processes > 1 and not dist.is_torchelastic_launched():
        torchrun = ["--standalone", f"--nproc-per-node={processes}", "-m", "molgen.cli", "train"]
        try:
            with stopping(again, trainer.folder):
                torch.distributed.run.main([*torchrun, *settings])
        except SignalException as end:  # of torchrun's own handlers; its processes have said what is kept, or what was wrong
            sys.exit(128 + end.sigval)
        except ChildFailedError:
            sys.exit(1)
        return
    path = Path(trainer.folder) / "generator.safetensors"
    places = path, path.with_suffix(".json"), path.with_name("state.safetensors"), path.with_name("history.json")
    for place in places if is_first() else ():  # which makes folders and takes them away: one process at a time
        check_place(place)
    generator = load_generator(config["init"]) if config["init"] else build(config["generator"], "generator")
    table = data.table()
    train, valid = train_valid(table["smiles"].tolist(), config["validation"], config["seed"])
    if is_first():
        for note in table.attrs.get("notes", []):
            click.echo(note)
        click.echo(f"{len(table):,} rows: {len(train):,} distinct molecules to train on, {len(valid):,} to validate")
    with stopping(again, trainer.folder) if is_first() else nullcontext():
        history = generator.fit(train, valid, trainer=trainer)
    if not is_first():
        return
    generator.save(path, {"data": config["data"], "init": config["init"], "trainer": config["trainer"], "history": history})
    click.echo(f"generator: {path}")


@click.command()
@with_overrides
def sample(overrides: tuple[str, ...]) -> None:
    """Sample molecules from a generator.

    \b
    molgen sample n=1000 output=samples.csv
    molgen sample model=runs/soluble/agent.safetensors n=5000 temperature=1.2 seed=1
    molgen sample prompt='C=CC(=O)N' n=20                                           # SMILES that begin so
    molgen sample generator=diffusion task=linker fragments='[*c1ccccc1,*N1CCOCC1]'
    molgen sample generator=diffusion task=motif fragments='[*c1ccc2ncccc2c1]'
    molgen sample generator=graph_vae lead='CCOc1ccc(C(N)=O)cc1' radius=0.5 n=100   # around a molecule
    molgen sample generator=graph_vae between='[CCOc1ccccc1,CCNc1ccncc1]' n=10      # from one to another

    Tasks are linker and morphing (join fragments), motif (extend one), decoration (fill all attachment points of a
    scaffold) and superstructure (add to a molecule anywhere). Attachment points are written *.
    """
    import pandas as pd

    from molgen.data.readers import check_output, write_table
    from molgen.generators.prompts import prompt_of
    from molgen.generators.shipped import load_generator
    from molgen.metrics.distribution import sample_quality

    config = settings_of("sample", naming_a_model(overrides))
    expect(config, model=str, n=int, temperature=float, prompt=str | None, task=str | None, fragments=list[str] | None)
    expect(config, lead=str | None, radius=float, between=list[str] | None, seed=int | None, output=str)
    check_between("", 1, n=config["n"])
    check_above("", temperature=config["temperature"], radius=config["radius"])
    check_seed("", config["seed"])
    output = check_output(config["output"])
    prompt = config["prompt"]
    if config["task"] or config["fragments"]:
        if prompt or not config["task"]:
            raise ConfigError("task and fragments belong together, and take the place of a prompt")
        prompt = prompt_of(config["task"], config["fragments"] or [])
    generator = load_generator(config["model"])
    if config["lead"] or config["between"]:
        smiles = _walk(generator, config, prompt)
    else:
        smiles = generator.sample(config["n"], temperature=config["temperature"], prompt=prompt, seed=config["seed"])
    write_table(pd.DataFrame({"smiles": smiles}), output)
    figures = sample_quality(smiles, ())
    click.echo(f"{len(smiles):,} SMILES, {figures['validity']:.1%} valid, {figures['uniqueness']:.1%} of these unique")
    click.echo(f"samples: {output}")


def _walk(generator: Any, config: dict[str, Any], prompt: str | None) -> list[str]:
    """Molecules around a lead, or between two."""
    from molgen.generators.base import LatentGenerator
    from molgen.generators.latent_space import around, between

    if not isinstance(generator, LatentGenerator):
        raise ConfigError(f"lead and between take a generator with a latent space: graph_vae, not {config['model']}")
    if config["lead"] and config["between"]:
        raise ConfigError("lead and between: one of them")
    if config["lead"]:
        return around(generator, config["lead"], config["n"], radius=config["radius"], prompt=prompt, seed=config["seed"])
    if prompt or len(config["between"]) != 2:
        raise ConfigError("between takes two molecules and no prompt: between='[CCO,CCN]'")
    first, second = config["between"]
    return between(generator, first, second, config["n"])
