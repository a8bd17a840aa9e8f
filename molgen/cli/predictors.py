"""The commands that predict: each one thin over the Python API."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from molgen import __version__
from molgen.cli.common import input_file, output_name, run_over, settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import ConfigError, check_between, check_seed
from molgen.files import check_place


def train_predictor(overrides: tuple[str, ...]) -> None:
    """`molgen train predictor=...`."""
    from molgen.data.affinity import DeepDTA
    from molgen.data.curation import read_dataset
    from molgen.predictors import evaluation, held_out
    from molgen.predictors.affinity import AffinityPredictor
    from molgen.reports.predictor_card.page import FILE as CARD
    from molgen.reports.predictor_card.page import write_card

    config = settings_of("train_predictor", overrides)
    expect(config, seed=int, split=str, test=float, folds=int, metric=str | None, leakage=str, folder=str)
    expect(config, threshold=float, learning_curve=bool, column=str | None, dates=str | None)
    check_between("", 0, 1, threshold=config["threshold"])
    check_seed("", config["seed"])
    if config["leakage"] not in ("refuse", "allow"):
        raise ConfigError(f"leakage={config['leakage']}: must be refuse or allow")
    if config["folds"] < 0 or config["folds"] == 1:
        raise ConfigError(f"folds={config['folds']}: must be 2 or more, or 0 for no cross-validation")
    timeline = _timeline(config)
    data, first = build(config["data"], "data"), build(config["predictor"], "predictor")
    if first.endpoints:
        raise ConfigError("predictor: this one is trained already; name a recipe: boosted, graph_network, deepchem or pairs")
    path = Path(config["folder"]) / "predictor.safetensors"
    page = path.with_name(CARD)
    for file in (path, path.with_suffix(".json"), path.with_name(held_out.FILE), page):
        check_place(file)
    card = {"data": config["data"], "predictor": config["predictor"], "threshold": config["threshold"]}
    card["version"] = __version__
    if isinstance(first, AffinityPredictor) != isinstance(data, DeepDTA):
        raise ConfigError("predictor=pairs belongs to data=davis or data=kiba, the other predictors to the other data")
    if isinstance(first, AffinityPredictor):
        if timeline:
            raise ConfigError(f"split={timeline.kind}: predictor=pairs has a test set of its own")
        first.trainer = dataclasses.replace(first.trainer, folder=str(path.with_name("networks")))
        figures = first.fit_and_measure(data)
        click.echo("held-out pairs: " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        first.save(path, card | {"held_out": figures})
    else:
        dataset, quality = read_dataset(data, build(config["standardize"], "standardize"), timeline)
        for line in quality.lines():
            click.echo(line)
        evaluation.train_and_evaluate(
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
            with_curve=config["learning_curve"],
            timeline=timeline,
            threshold=config["threshold"],
        )
        write_card(path, page)
        click.echo(f"card: {page}")
    click.echo(f"predictor: {path}")


def _timeline(config: Mapping[str, Any]) -> Any:
    """The column that `split=time` and `split=rounds` go by; None for other splits.

    Raises
    ------
    ConfigError
        There is no such split, it needs a column, or a column is named that it doesn't need.
    """
    from molgen.data.chronology import ORDERED, Timeline
    from molgen.data.splits import check_split

    check_split(config["split"])
    if config["split"] in ORDERED:
        if config["column"] is None:
            raise ConfigError(f"split={config['split']}: name the column that says when molecules were measured: column=...")
        return Timeline(config["split"], config["column"], config["dates"])
    for key in ("column", "dates"):
        if config[key] is not None:
            raise ConfigError(f"{key}={config[key]}: is for split={' or split='.join(ORDERED)}, not split={config['split']}")
    return None


@click.command()
@click.argument("molecules", type=click.Path())
@with_overrides
def predict(molecules: str, overrides: tuple[str, ...]) -> None:
    """Predict properties or affinities of MOLECULES, a file of any format: CSV, SMI, SDF, Parquet, ... (docs/how-to/files.md).

    \b
    molgen predict molecules.csv predictor=admet
    molgen predict molecules.csv predictor=admet endpoints=[herg,solubility_aqsoldb] output=herg.csv
    molgen predict molecules.csv predictor=activity endpoints=[thrombin,factor_xa]   # pKi; nine targets
    molgen predict molecules.csv predictor=toxicity   # the twelve assays of Tox21, each a probability of being active
    molgen predict molecules.csv predictor=affinity target='ABL1(T315I)'
    molgen predict molecules.csv predictor=affinity target=kinase.fasta
    molgen predict molecules.csv predictor=affinity target='ABL1(G250E)' known=measured.csv   # a mutant, a few values of it
    molgen predict molecules.csv predictor=pka   # pKa values, which atoms have them, the charge at pH 7.4
    molgen predict molecules.csv predictor=train/mine
    molgen predict molecules.csv predictor=[thrombin=train/thrombin,fxa=train/fxa]   # and their difference: selectivity
    molgen predict fda_approved predictor=admet percentiles=true                     # a public set: molgen data list

    Every value comes with a standard deviation, numbers with a 90 % interval, and whether the molecule is in the
    domain of what the predictor learnt from; with its unit, and poor, fair or good where the literature says so.
    """
    from molgen.chem.molecules import Molecules
    from molgen.cli.several import chosen_predictor, percentiles_of
    from molgen.data.readers import check_output
    from molgen.predictors.described import described_table
    from molgen.predictors.named import NamedPredictors
    from molgen.predictors.ranges import sources

    path = input_file(molecules, "molgen predict molecules.csv predictor=admet")
    config, predictor = chosen_predictor(overrides)
    expect(config, endpoints=list[str], target=str | None, percentiles=bool, output=str | None)
    expect(config, known=str | None, label=str | None)
    output = check_output(config["output"] or output_name(path, "predicted"))
    standardizer = build(config["standardize"], "standardize")
    if isinstance(predictor, NamedPredictors):
        for note in predictor.notes:
            click.echo(note)
    predictor = _knowing(config, predictor, standardizer)
    drugs = percentiles_of(config, predictor) if config["percentiles"] else None
    inside: list[Any] = []
    shown: dict[Any, None] = {}

    def results(batch: Molecules) -> Any:
        asked = batch.standardized(standardizer)
        found = predictor.predict(asked, target=config["target"], endpoints=config["endpoints"])
        inside.extend(found.in_domain)
        shown.update(dict.fromkeys(found.endpoints))
        return described_table(found, drugs).drop(columns="smiles")

    predicted = run_over(path, config, output, "predicting", results)
    failed = predicted["problem"].notna().sum()
    share = sum(inside) / len(inside)
    for line in sources(list(shown)):
        click.echo(line)
    click.echo(f"{len(predicted):,} molecules, {failed} without a prediction, {share:.0%} in the domain of all endpoints")
    click.echo(f"predictions: {output}")


def _knowing(config: Mapping[str, Any], predictor: Any, standardizer: Any) -> Any:
    """The predictor, and what `known=` says of targets; without it the predictor as it is.

    Raises
    ------
    ConfigError
        It is one that no measured values can be added to.
    """
    from molgen.data.catalog import Molfile
    from molgen.data.target_values import read_target_values
    from molgen.predictors.affinity import AffinityPredictor

    if (file := config["known"]) is None:
        if config["label"] is not None:
            raise ConfigError(f"label={config['label']}: is a column of known=, which isn't given")
        return predictor
    if not isinstance(predictor, AffinityPredictor):
        raise ConfigError(f"known={file}: goes with predictor=affinity alone; train another one with these values instead")
    if config["percentiles"]:
        raise ConfigError("percentiles: are of what was learnt alone; leave out percentiles or known")
    found = read_target_values(Molfile(path=file), standardizer, config["label"])
    for line in found.notes:
        click.echo(line)
    named = [name or config["target"] for name in found.targets]
    if None in named:
        raise ConfigError(f"target: name the protein that {file} was measured with, or name one in each row of its column target")
    for target in dict.fromkeys(named):
        rows = [i for i, name in enumerate(named) if name == target]
        predictor = predictor.with_measurements(target, found.molecules.take(rows), [found.values[i] for i in rows])
        click.echo(f"known: {len(rows)} measured affinities to {target}")
    return predictor


def trained(node: Any) -> Any:
    """The predictor that a config names, which must be a trained one."""
    predictor = build(node, "predictor")
    if not predictor.endpoints:
        raise ConfigError("predictor: this is a recipe; train it with molgen train, then name its folder")
    return predictor
