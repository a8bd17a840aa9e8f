"""The commands that predict: each one thin over the Python API."""

import dataclasses
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import yaml

from molgen.config import build, compose, compose_group, expect, options, to_plain
from molgen.errors import ConfigError, DataError

SCREEN = "screen.yaml"
OVERRIDES = click.argument("overrides", nargs=-1)


def train_predictor(overrides: tuple[str, ...]) -> None:
    """`molgen train predictor=...`."""
    from molgen.data.affinity import DeepDTA
    from molgen.data.curation import read_dataset
    from molgen.predictors import evaluation
    from molgen.predictors.affinity import Affinity

    config = to_plain(compose("train_predictor", overrides))
    expect(config, seed=int, split=str, test=float, folds=int, metric=str | None, leakage=str, folder=str)
    if config["leakage"] not in ("refuse", "allow"):
        raise ConfigError(f"leakage={config['leakage']}: must be refuse or allow")
    if config["folds"] < 0 or config["folds"] == 1:
        raise ConfigError(f"folds={config['folds']}: must be 2 or more, or 0 for no cross-validation")
    data, first = build(config["data"], "data"), build(config["predictor"], "predictor")
    path = Path(config["folder"]) / "predictor.safetensors"
    card = {"data": config["data"], "predictor": config["predictor"]}
    if isinstance(first, Affinity) != isinstance(data, DeepDTA):
        raise ConfigError("predictor=pairs belongs to data=davis or data=kiba, the other predictors to the other data")
    if isinstance(first, Affinity):
        first.trainer = dataclasses.replace(first.trainer, folder=str(path.with_name("networks")))
        figures = first.fit_and_measure(data)
        click.echo("held-out pairs: " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        first.save(path, card | {"held_out": figures})
    else:
        dataset, quality = read_dataset(data)
        for line in quality.lines():
            click.echo(line)
        evaluation.train(
            lambda: build(config["predictor"], "predictor"),
            dataset,
            quality,
            split_by=config["split"],
            test=config["test"],
            folds=config["folds"],
            metric=config["metric"],
            allow_leakage=config["leakage"] == "allow",
            seed=config["seed"],
            path=path,
            card=card,
            say=click.echo,
        )
    click.echo(f"predictor: {path}")


@click.command()
@click.argument("molecules", type=click.Path())
@OVERRIDES
def predict(molecules: str, overrides: tuple[str, ...]) -> None:
    """Predict properties or affinities of MOLECULES, a CSV, SMI, SDF or Parquet file.

    \b
    molgen predict molecules.csv predictor=admet
    molgen predict molecules.csv predictor=admet endpoints=[herg,solubility_aqsoldb] output=herg.csv
    molgen predict molecules.csv predictor=affinity target='ABL1(T315I)'
    molgen predict molecules.csv predictor=affinity target=kinase.fasta
    molgen predict molecules.csv predictor=pka                 pKa values, which atoms have them, the charge at pH 7.4
    molgen predict molecules.csv predictor=train/mine/predictor.safetensors

    Every value comes with a standard deviation, numbers with a 90 % interval, and whether the molecule is in the
    domain of what the predictor learnt from.
    """
    import pandas as pd

    from molgen.data.readers import kind_of, read_table, write_table

    if "=" in molecules and not Path(molecules).exists():
        raise ConfigError(f"'{molecules}': name the file first: molgen predict molecules.csv predictor=admet")
    config = to_plain(compose("predict", overrides))
    expect(config, endpoints=list, target=str | None, column=str | None, output=str | None)
    predictor = _trained(config["predictor"])
    output = Path(config["output"] or f"{Path(molecules).name.split('.')[0]}_predicted.csv")
    kind_of(output)
    table = read_table(molecules, config["column"])
    found = predictor.predict(table["smiles"].tolist(), target=config["target"], endpoints=config["endpoints"])
    predicted = found.to_pandas().drop(columns="smiles")
    write_table(pd.concat([table.drop(columns=[name for name in predicted if name in table]), predicted], axis=1), output)
    failed = predicted["problem"].notna().sum()
    click.echo(
        f"{len(table):,} molecules, {failed} without a prediction, {found.in_domain.mean():.0%} in the domain of all endpoints"
    )
    click.echo(f"predictions: {output}")


def _trained(node: Any) -> Any:
    """The predictor that a config names, which must be a trained one."""
    predictor = build(node, "predictor")
    if not predictor.endpoints:
        raise ConfigError("predictor: this is a recipe; train it with molgen train, then name its predictor.safetensors")
    return predictor


@click.command()
@click.argument("smiles")
@OVERRIDES
def explain(smiles: str, overrides: tuple[str, ...]) -> None:
    """Show which atoms of SMILES made a prediction, and the nearest molecules that were measured.

    \b
    molgen explain "CC(=O)Oc1ccccc1C(=O)O" predictor=admet endpoint=herg
    molgen explain "Cc1ccccc1" predictor=admet endpoint=solubility_aqsoldb output=toluene.png
    molgen explain "CCN1CCN(CC1)c1ccccc1" predictor=affinity target=ABL1

    The picture shows in green what raises the prediction, in pink what lowers it.
    """
    from molgen.campaign.explanation import lines, write_picture
    from molgen.chem.molecules import Molecules

    config = to_plain(compose("explain", overrides))
    expect(config, endpoint=str | None, target=str | None, neighbours=int, output=str)
    predictor = _trained(config["predictor"])
    names = [endpoint.name for endpoint in predictor.endpoints]
    endpoint = config["endpoint"] or (names[0] if len(names) == 1 else None)
    if endpoint is None:
        raise ConfigError(f"endpoint: name one of {', '.join(names)}")
    molecules = Molecules([smiles])
    if molecules.mols[0] is None:
        raise DataError(f"'{smiles}': {molecules.problem[0]}")
    found = predictor.predict(molecules, target=config["target"], endpoints=[endpoint])
    attribution = predictor.attribute(molecules.mols[0], endpoint, config["target"], config["neighbours"])
    write_picture(molecules.mols[0], attribution.atoms, Path(config["output"]), attribution.notes)
    for line in lines(found, attribution, molecules.mols[0]):
        click.echo(line)
    click.echo(f"picture: {config['output']}")


@click.command()
@OVERRIDES
def screen(overrides: tuple[str, ...]) -> None:
    """Score a library of any length and rank its molecules.

    \b
    molgen screen library=fda_approved scoring=abl1_t315i
    molgen screen library=vendor.smi.gz scoring=my_goal.yaml hits=500 folder=runs/vendor
    molgen screen library=assay.csv label=active scoring=drug_like          also measures enrichment
    molgen screen library=vendor.csv.gz scoring=my_goal.yaml cluster=local  on all processors: Ray Data
    molgen screen resume=runs/vendor                                        after a stop or a kill

    LIBRARY is a SMI, CSV, SDF or Parquet file, compressed or not, or a public set. The folder gets scores.csv, hits.csv,
    hits.sdf, pictures of the best (hits.svg) and the distribution of scores (scores.svg).
    """
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    from molgen.campaign.screening import screen as run_screen
    from molgen.data.readers import read_chunks

    folder, config = _screen_settings(overrides)
    scorer, cluster = build(config["scoring"], "scoring"), build(config["cluster"], "cluster")
    path, column = Path(config["library"]), config["column"]
    if config["library"] in options("data"):
        source = compose_group("data", config["library"])
        path, column = source.fetch(), column or source.column
    chunks = partial(read_chunks, path, column, config["batch"])
    next(chunks())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCREEN).write_text(yaml.safe_dump(config, sort_keys=False))
    facts = "{task.completed:,} molecules  {task.fields[rate]:,.0f}/s"
    try:
        with Progress(TextColumn("screening"), BarColumn(), TaskProgressColumn(), TextColumn(facts), TimeElapsedColumn()) as bar:
            task = bar.add_task("", total=None, rate=0.0)

            def progress(molecules: int) -> None:
                bar.advance(task, molecules)
                bar.update(task, rate=bar.tasks[0].speed or 0.0)

            found = run_screen(
                chunks, scorer, folder, hits=config["hits"], label=config["label"], cluster=cluster, progress=progress
            )
    except KeyboardInterrupt:
        click.echo(f"\nstopped; what is scored is kept: molgen screen resume={folder}", err=True)
        sys.exit(130)
    for row in found.hits.head(5).to_dict("records"):
        click.echo(f"{row['score']:.3f}  {row['smiles']}")
    click.echo(f"{found.molecules:,} molecules, {found.invalid} invalid")
    if found.enrichment:
        click.echo(", ".join(f"{name} {value:.3f}" for name, value in found.enrichment.items()))
    click.echo(f"hits: {found.folder / 'hits.csv'}")


def _screen_settings(overrides: Sequence[str]) -> tuple[Path, dict[str, Any]]:
    """The folder of a screen, begun or to be continued, and its settings."""
    from molgen.campaign.run import check_free
    from molgen.campaign.screening import PARTS

    resume = next((text.partition("=")[2] for text in overrides if text.startswith("resume=")), None)
    if resume is not None:
        if len(overrides) > 1:
            raise ConfigError("resume=FOLDER takes no other settings: a screen goes on as it began")
        if not (Path(resume) / PARTS).is_dir() or not (Path(resume) / SCREEN).is_file():
            raise DataError(f"{resume}: no screen that could go on: it has ended, or never begun")
        return Path(resume), yaml.safe_load((Path(resume) / SCREEN).read_text())
    config = to_plain(compose("screen", overrides))
    expect(config, library=str, column=str | None, label=str | None, hits=int, batch=int, folder=str)
    if config["hits"] < 1 or config["batch"] < 1:
        raise ConfigError("hits and batch must be positive integers")
    if config["library"] == "???":
        raise ConfigError("library: name a file or a public set: molgen screen library=fda_approved")
    if Path(config["library"]).exists():
        config["library"] = str(Path(config["library"]).resolve())
    check_free(Path(config["folder"]), "screen", "folder")
    return Path(config["folder"]), config
