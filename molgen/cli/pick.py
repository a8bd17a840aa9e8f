"""The command that picks a batch from a run."""

from pathlib import Path
from typing import Any

import click

from molgen.cli.common import input_file, library, output_name, reading, settings_of, with_overrides
from molgen.cli.errors import printable
from molgen.config import expect
from molgen.errors import ConfigError

SHOWN = 5  # rows of a file that is read which are named, at most


@click.command()
@click.argument("run", type=click.Path())
@with_overrides
def pick(run: str, overrides: tuple[str, ...]) -> None:
    """Pick a batch to make and measure from RUN, the folder of a campaign or a screen, also of one that goes on.

    \b
    molgen pick runs/soluble                                                     # 24 molecules, as a workbook with pictures
    molgen pick runs/soluble n=48 diverse=0.5 per_scaffold=2 output=batch.xlsx
    molgen pick runs/soluble known=measured.csv output=[batch.xlsx,batch.html]   # nothing that was measured
    molgen pick runs/vendor n=96 stock=vendor.smi.gz output=order.sdf

    The best by score, greedily, without those that are too similar to a better one. Each has its terms with their errors, the
    nearest known compound and what changed from it, alerts, and where it can be bought, as far as these are known.
    """
    from molgen.data.readers import read_table
    from molgen.project.export import check_export, export
    from molgen.project.nearest import KnownCompounds
    from molgen.project.pick import pick as pick_batch
    from molgen.project.picking import Picking
    from molgen.project.scored import ScoredMolecules

    input_file(run, "molgen pick runs/soluble known=measured.csv")
    config = settings_of("pick", overrides)
    expect(config, n=int, diverse=float, per_scaffold=int | None, known=str | None, labels=list, alerts=list, stock=str | None)
    picking = Picking(config["n"], config["diverse"], config["per_scaffold"])
    outputs = [check_export(name) for name in _outputs(config["output"], run)]
    known, said = None, reading(config)
    if (file := config["known"]) is not None:
        if any(path.exists() and Path(file).exists() and path.samefile(file) for path in outputs):
            raise ConfigError(f"output={file}: this is the file that known= reads; name another")
        table = read_table(file, **said)
        known = KnownCompounds.of_table(table, Path(file).name, config["labels"])
        for line in (*table.notes, *_few(known.notes, Path(file).name)):
            click.echo(printable(line))
    stock, column = (None, None) if config["stock"] is None else _stock(config["stock"])
    scored = ScoredMolecules.read(Path(run))
    for line in scored.notes:
        click.echo(f"without {printable(line)}", err=True)
    batch = pick_batch(scored, picking, known, alert_sets=config["alerts"], stock=stock, column=column)
    for line in batch.notes:
        click.echo(printable(line))
    for path in outputs:
        export(batch, path)
        click.echo(f"batch: {path}")


def _outputs(given: Any, run: str) -> list[str]:
    """The files to be written.

    Raises
    ------
    ConfigError
        They aren't names, or one is there twice.
    """
    default = output_name(Path(run).resolve().name, "batch", ".xlsx")
    names = [default] if given is None else given
    if isinstance(names, str):  # to the letter, as in all commands
        names = [part.strip() for part in names[1:-1].split(",")] if names[:1] == "[" and names[-1:] == "]" else [names]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise ConfigError(f"output={given}: name a file, or several: output=[batch.xlsx,batch.html]")
    if twice := next((name for i, name in enumerate(names) if name in names[:i]), None):
        raise ConfigError(f"output: {twice} is there twice")
    return names


def _few(lines: tuple[str, ...], file: str) -> list[str]:
    """The first lines, and how many more there are."""
    more = [f"{file}: {len(lines) - SHOWN} more rows left out"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def _stock(name: str) -> tuple[str, str | None]:
    """A supplier's file and the column of its SMILES."""
    path, said = library(name, {"column": None})
    return path, said["column"]
