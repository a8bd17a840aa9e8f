"""The command that compares a new table with what a predictor learnt from."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from molgen import __version__
from molgen.cli.common import input_file, library, reading, settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import ConfigError, check_between
from molgen.files import check_place

ALARM = 3  # exit status
SHOWN = 3  # reasons of molecules outside the domain


@click.command()
@click.argument("molecules", type=click.Path())
@with_overrides
def monitor(molecules: str, overrides: tuple[str, ...]) -> None:
    """Compare a new table with what a predictor learnt from: features, domain, predictions, and errors.

    \b
    molgen monitor new.csv predictor=train/mine                      # are these molecules like those learnt from?
    molgen monitor new.csv predictor=train/mine label=pIC50          # and are they predicted as well as promised?
    molgen monitor new.csv predictor=train/mine threshold=0.001      # fewer false alarms
    molgen monitor new.csv predictor=admet endpoints=[herg]          # a shipped predictor: features and domain

    An alarm ends with exit status 3. Each table adds a line to monitor.jsonl beside the predictor (history=...), which
    monitor.html shows as a curve.
    """
    from molgen.data.readers import read_table
    from molgen.predictors.drift_history import append_history, read_history
    from molgen.predictors.monitoring import Reference, distinct_molecules, judge_all, monitored
    from molgen.reports.drift_page import drift_lines, write_drift_page
    from molgen.reports.predictor_card.contents import read_card

    given = input_file(molecules, "molgen monitor new.csv predictor=train/mine", "table")
    config = settings_of("monitor", overrides)
    expect(config, endpoints=list[str], target=str | None, label=str | None, unit=str | None, threshold=float, effect=float)
    expect(config, history=str | None, output=str | None)
    check_between("", 0, 1, threshold=config["threshold"], effect=config["effect"])
    predictor, path = _predictor(config)
    endpoints = [predictor.endpoints[j] for j in predictor.positions(config["endpoints"])]
    if config["label"] is not None and len(endpoints) > 1:
        raise ConfigError(f"label={config['label']}: measures one endpoint; name it: endpoints=[{endpoints[0].name}]")
    history = check_place(config["history"] or _history_of(config, path))
    page = check_place(config["output"] or history.with_suffix(".html"))
    before, problems = read_history(history)
    file, said = library(given, reading(config))
    table = read_table(file, **said)
    molecules_read = distinct_molecules(table.smiles, build(config["standardize"], "standardize"))
    measured = _measured(config, file, said, predictor, endpoints) if config["label"] is not None else None
    card = read_card(path)
    found = []
    for endpoint in endpoints:
        reference = Reference.of(predictor, endpoint, config["target"], card.table)
        predicted = predictor.predict(molecules_read, target=config["target"], endpoints=[endpoint.name])
        found.append(monitored(reference, molecules_read, predicted, measured))
    found = judge_all(found, config["threshold"], config["effect"])
    entry = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "table": Path(given).name,
        "rows": len(table),
        "molecules": len(molecules_read),
        "threshold": config["threshold"],
        "effect": config["effect"],
        "alarm": any(one.alarms for one in found),
        "endpoints": {one.endpoint.name: one.plain() for one in found},
        "version": __version__,
    }
    for line in (*table.notes, *problems, *drift_lines(entry, found, SHOWN)):
        click.echo(line)
    append_history(history, entry)
    write_drift_page(page, path, [*before, entry], found)
    click.echo(f"history: {history}\npage: {page}")
    if entry["alarm"]:
        sys.exit(ALARM)


def _predictor(config: Mapping[str, Any]) -> tuple[Any, Path]:
    """The predictor, and its file."""
    from molgen.cli.predictors import trained
    from molgen.predictors.shipped import SHIPPED, file_of

    if config.get("predictor") is None:
        raise ConfigError(f"predictor: name one: predictor=train/mine, or {', '.join(SHIPPED)}")
    predictor = trained(config["predictor"])
    if "name" not in config["predictor"]:
        raise ConfigError("predictor: only one that is in a file can be monitored; train it with molgen train")
    return predictor, file_of(config["predictor"]["name"])


def _history_of(config: Mapping[str, Any], path: Path) -> Path:
    """Beside the predictor; of a shipped one, here."""
    from molgen.predictors.drift_history import HISTORY
    from molgen.predictors.shipped import SHIPPED

    name = config["predictor"]["name"]
    return Path(f"{name}_{HISTORY}") if name in SHIPPED else path.with_name(HISTORY)


def _measured(config: Mapping[str, Any], file: str, said: Mapping[str, str | None], predictor: Any, endpoints: Any) -> Any:
    """Molecules with their measured values, in the endpoint's unit, and what is predicted of them."""
    from molgen.data.catalog import Molfile
    from molgen.data.curation import read_dataset
    from molgen.data.units import parse_unit
    from molgen.predictors.monitoring import in_the_unit_of

    (endpoint,) = endpoints
    unit = parse_unit(endpoint.unit)
    source = Molfile(
        labels=[config["label"]],
        log=unit is not None and unit.kind == "p",
        censored="bound",
        relation=None,
        unit=config["unit"],
        path=file,
        **said,
    )
    dataset, quality = read_dataset(source, build(config["standardize"], "standardize"))
    dataset, notes = in_the_unit_of(dataset, endpoint)
    for line in (*quality.notes, *notes):
        click.echo(line)
    return dataset, predictor.predict(dataset.molecules, target=config["target"], endpoints=[endpoint.name])
