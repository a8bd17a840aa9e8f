"""The command that writes a predictor's card."""

from pathlib import Path

import click

from molgen.cli.common import input_file, settings_of, with_overrides
from molgen.config import expect
from molgen.errors import check_between
from molgen.files import check_place


@click.command()
@click.argument("folder", type=click.Path())
@with_overrides
def card(folder: str, overrides: tuple[str, ...]) -> None:
    """Write the card of a trained predictor again: how good it is, for whom it errs, and what it was made of.

    \b
    molgen card train/mine
    molgen card train/mine threshold=0.3      # classes at another threshold
    molgen card train/mine output=card.html

    FOLDER is that of molgen train predictor=..., which writes the same page, or the predictor's .safetensors file. The page
    is one file that opens offline. Nothing is predicted anew: what a predictor of an older version doesn't have is named on it.
    """
    from molgen.predictors.shipped import SHIPPED, file_of
    from molgen.reports.predictor_card.page import FILE, write_card

    config = settings_of("card", overrides)
    path = file_of(input_file(folder, "molgen card train/mine", "folder"))
    expect(config, threshold=float | None, output=str | None)
    if config["threshold"] is not None:
        check_between("", 0, 1, threshold=config["threshold"])
    page = check_place(config["output"] or (f"{folder}_{FILE}" if folder in SHIPPED else path.with_name(FILE)))
    contents = write_card(path, Path(page), config["threshold"])
    for line in contents.missing:
        click.echo(f"not on the card: {line}")
    click.echo(f"card: {page}")
