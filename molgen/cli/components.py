"""The command that lists what an objective can be made of."""

import sys

import click

from molgen.errors import ConfigError, nearest


@click.command()
@click.argument("name", required=False)
@click.option("--markdown", is_flag=True, help="Print the whole catalogue as a page.")
def components(name: str | None, markdown: bool) -> None:
    """List what an objective can be made of, or show NAME with an example.

    \b
    molgen components
    molgen components similarity
    """
    from rich.console import Console
    from rich.table import Table

    from molgen.scoring.catalogue import as_markdown, catalogue

    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    known = catalogue()
    if name is None:
        table = Table("component", "unit", "settings", "what it says", box=None)
        for key, entry in known.items():
            table.add_row(key, entry.kind.unit, ", ".join(setting for setting, _, _ in entry.settings), entry.about)
        Console(width=None if sys.stdout.isatty() else 160).print(table)
        click.echo("\nmolgen components NAME shows the settings and an example")
        return
    if name.lower() not in known:
        raise ConfigError(f"no component '{name}'{nearest(name.lower(), known)}; known: {', '.join(known)}")
    entry = known[name.lower()]
    click.echo(f"{entry.documentation}\n\n  unit: {entry.kind.unit}")
    for setting, kind, default in entry.settings:
        click.echo(f"  {setting}: {kind}, {default if default == 'required' else f'default {default}'}")
    for line in entry.kind.notes():
        click.echo(f"  {line}")
    click.echo(f"\n{entry.example}")
