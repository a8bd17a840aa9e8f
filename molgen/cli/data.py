"""The commands about public data sets."""

from typing import cast

import click

from molgen.cli.common import public_sets
from molgen.config import compose, compose_group, to_plain
from molgen.errors import ConfigError, nearest


@click.group()
def data() -> None:
    """Public data sets: list them, fetch them.

    \b
    molgen data list
    molgen data fetch zinc250k
    molgen data targets   # proteins that the affinity predictor knows by name
    """


@data.command("list")
def list_data() -> None:
    """List the data sets that have names."""
    for name in public_sets():
        click.echo(f"{name:38s} {to_plain(compose('group', [f'+data={name}']))['data']['about']}")


@data.command()
def targets() -> None:
    """List the proteins that the shipped affinity predictor knows by name."""
    from molgen.predictors.affinity import AffinityPredictor
    from molgen.predictors.shipped import load_predictor

    predictor = cast(AffinityPredictor, load_predictor("affinity"))
    for name in sorted(predictor.targets):
        click.echo(name)


@data.command()
@click.argument("name")
def fetch(name: str) -> None:
    """Fetch data set NAME and compare its checksum; prints where it is.

    The folder in the environment variable MOLGEN_DATA is searched first.

    \b
    molgen data fetch zinc250k
    """
    if name not in (known := public_sets()):
        raise ConfigError(f"no data set '{name}'{nearest(name, known)}; known: {', '.join(known)}")
    click.echo(compose_group("data", name).fetch())
