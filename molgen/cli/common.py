"""Shared parts of the commands that read or write files of molecules."""

import itertools
import logging
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd
import yaml

from molgen.config import check, compose, compose_group, expect, options, to_plain
from molgen.errors import ConfigError, nearest
from molgen.interruption import interruptible
from molgen.progress import progress

SETTINGS = ("delimiter", "encoding")
SHOW = f"{__name__}.show"
BATCH = 500  # molecules scored or predicted at a time


def with_overrides(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that takes settings, and `--show`, which `settings_of` answers."""
    show = click.option("--show", is_flag=True, help="Print all settings and stop.", expose_value=False, callback=_remember)
    return click.argument("overrides", nargs=-1)(show(command))


def _remember(context: click.Context, option: click.Parameter, show: bool) -> None:
    context.meta[SHOW] = show


def settings_of(name: str, overrides: Sequence[str]) -> dict[str, Any]:
    """The settings of the command of `conf/NAME.yaml`; with `--show`, print them and end the command."""
    config: dict[str, Any] = to_plain(compose(name, overrides))
    show_if_asked(config)
    return config


def show_if_asked(config: Mapping[str, Any]) -> None:
    """Print all settings and end the command if it was given `--show`."""
    context = click.get_current_context()
    if context.meta.get(SHOW):
        check(config)
        click.echo(yaml.safe_dump(dict(config), sort_keys=False), nl=False)
        context.exit()


def exists(name: str) -> bool:
    """Whether there is a file or folder of this name; none is as long as the SMILES of a large molecule."""
    try:
        return Path(name).exists()
    except OSError:
        return False


def input_file(molecules: str, example: str, kind: str = "file") -> str:
    """The file, or other `kind`, that is a command's first argument; `example` shows the usage if a setting stands there."""
    if re.match(r"[\w.+/~@-]+=", molecules) and not exists(molecules):
        raise ConfigError(f"'{molecules}': name the {kind} first: {example}")
    return molecules


def output_name(molecules: str, ending: str, suffix: str = ".csv") -> str:
    """Default name of an output: that of its input, with a number if such a file exists already."""
    stem = Path(molecules.partition("?")[0]).name.split(".")[0]
    name = f"{stem if stem and '*' not in stem else 'molecules'}_{ending}"
    numbers = itertools.chain([""], (f"_{number}" for number in itertools.count(2)))
    return next(path for number in numbers if not exists(path := f"{name}{number}{suffix}"))


def reading(config: Mapping[str, Any]) -> dict[str, str | None]:
    """What a command's settings state about its file: `column`, `table.delimiter` and `table.encoding`."""
    table = config["table"]
    for key in table:
        if key not in SETTINGS:
            raise ConfigError(f"table.{key}: unknown key{nearest(key, SETTINGS)}; table takes: {', '.join(SETTINGS)}")
    found = {"column": config["column"], "delimiter": table.get("delimiter"), "encoding": table.get("encoding")}
    expect(found, column=str | None, delimiter=str | None, encoding=str | None)
    return found


def public_sets() -> list[str]:
    """Names under `conf/data`."""
    return [name for name in options("data") if name != "file"]


def library(name: str, said: Mapping[str, str | None]) -> tuple[str, dict[str, str | None]]:
    """The file of a library, given as a file or the name of a public set, and what is stated about it (`reading`).

    Raises
    ------
    ConfigError
        The set holds no library, or a file has the same name.
    """
    from molgen.data.catalog import PublicSet

    if name not in public_sets():
        return name, dict(said)
    if Path(name).exists():
        raise ConfigError(f"{name}: a public set and a file here have this name; name the file ./{name}")
    source = compose_group("data", name)
    if not isinstance(source, PublicSet):
        raise ConfigError(f"{name}: pairs of molecules and proteins, no library")
    return str(source.fetch()), {**said, "column": said["column"] or source.column}


@contextmanager
def stopping(kept: str, folder: Path | str) -> Iterator[None]:
    """Answer Ctrl-C, SIGTERM and SIGHUP with a line, and with a shell's exit code (130, 143, 129).

    The line says what is `kept`, if there is a `folder` that keeps it.
    """
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # to which an interruption while it tidies up is an error
    usual = (signal.SIG_DFL, signal.default_int_handler)  # nohup ignores some
    ours = [number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) in usual]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    with interruptible(ours) as received:
        try:
            yield
        except (KeyboardInterrupt, SystemExit) as end:
            if isinstance(end, SystemExit) and end.code != signal.SIGTERM:  # with which Ray's handler ends the process
                raise
            last = signal.SIGTERM if isinstance(end, SystemExit) else [signal.SIGINT, *received][-1]
            click.echo(f"\nstopped; {kept if Path(folder).exists() else 'nothing had begun'}", err=True)
            sys.exit(128 + last)


def run_over(
    path: str,
    config: Mapping[str, Any],
    output: Path,
    what: str,
    results: Callable[[Any], pd.DataFrame],
    rows: int = BATCH,
) -> pd.DataFrame:
    """Write `output`: a library plus the columns that `results` computes for its molecules; return the results.

    Guesses, renamed columns and omissions are reported.

    Parameters
    ----------
    results
        Maps `Molecules` to columns, of which `problem` says why a molecule has no result.
    rows
        How many are read and given to `results` at a time.
    """
    from molgen.chem.changes import summary
    from molgen.chem.molecules import Molecules
    from molgen.data.libraries import files_of
    from molgen.data.readers import read_chunks, write_table
    from molgen.data.results import beside, left_out, renamed, stacked

    path, said_of_file = library(path, reading(config))
    chunks = read_chunks(path, rows=rows, **said_of_file)
    if output.exists() and any(map(output.samefile, files_of(path))):
        raise ConfigError(f"output={output}: this is the file that is read; name another")
    parts: list[Any] = []
    found: list[pd.DataFrame] = []
    said: list[str] = []
    with progress(what) as advance:
        for table in chunks:
            if not parts:
                for note in table.notes:
                    click.echo(note)
            molecules = Molecules(table.smiles)
            columns = results(molecules)
            if (line := renamed(table, columns)) and line not in said:
                said.append(line)
                click.echo(line)
            parts.append(beside(table, columns))
            found.append(columns)
            advance(len(table))
    whole = stacked(parts)
    if line := left_out(whole, output):
        click.echo(line)
    write_table(whole, output)
    columns = pd.concat(found, ignore_index=True)
    if "changes" in columns:
        click.echo(summary(columns["changes"].fillna("")))
    return columns
