"""The command that lists what an objective can be made of."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import click

from molgen.errors import ConfigError, nearest

if TYPE_CHECKING:
    from molgen.scoring.catalogue import Entry


@click.command()
@click.argument("words", nargs=-1)
@click.option("--markdown", is_flag=True, help="Print the whole catalogue as a page.")
@click.option("--schema", is_flag=True, help="Print a JSON schema of objectives, with which editors complete and check them.")
def components(words: tuple[str, ...], markdown: bool, schema: bool) -> None:
    """List the components, transforms and aggregates of objectives, or show one with an example, or all that mention WORDS.

    \b
    molgen components
    molgen components similarity
    molgen components tpsa
    molgen components --schema > goal.schema.json
    """
    from molgen.scoring.catalogue import as_markdown, catalogue
    from molgen.scoring.schema import objective_schema

    if markdown or schema:
        click.echo(as_markdown() if markdown else json.dumps(objective_schema(), indent=2) + "\n", nl=False)
        return
    known = catalogue()
    name = " ".join(words)
    plain = {key.replace("_", ""): key for key in known}
    if found := known.get(plain.get(re.sub("[_ ]", "", name.lower()), "")):
        _show(found)
        return
    entries = [entry for entry in known.values() if entry.mentions(name)]
    if not entries:
        raise ConfigError(f"nothing mentions '{name}'{nearest(name.lower(), known)}; known: {', '.join(known)}")
    _list(entries)


def _show(entry: Entry) -> None:
    click.echo(f"{entry.description}\n")
    if entry.unit:
        click.echo(f"  unit: {entry.unit}")
    for setting, kind, default, about in entry.settings:
        click.echo(f"  {setting}: {kind}, {default if default == 'required' else f'default {default}'}")
        if about:
            click.echo(click.wrap_text(about, 110, "      ", "      "))
    for line in getattr(entry.kind, "notes", tuple)():
        click.echo(f"  {line}")
    click.echo(f"\n{entry.example}")


def _list(entries: list[Entry]) -> None:
    from rich.console import Console
    from rich.table import Table

    for what in dict.fromkeys(entry.what for entry in entries):
        table = Table(what, "unit", "settings", "what it says", box=None)
        for entry in entries:
            if entry.what == what:
                table.add_row(entry.name, entry.unit, ", ".join(row[0] for row in entry.settings), entry.about)
        Console(width=None if sys.stdout.isatty() else 160).print(table)
        click.echo()
    click.echo("molgen components NAME shows the settings and an example, molgen components WORD all that mention it")
