"""The command that shows what molgen takes structures for."""

from pathlib import Path

import click

from molgen.cli_predictors import OVERRIDES
from molgen.config import build, compose, expect, to_plain
from molgen.errors import ConfigError


@click.command()
@click.argument("molecules", type=click.Path())
@OVERRIDES
def standardize(molecules: str, overrides: tuple[str, ...]) -> None:
    """Show what molgen takes the structures in MOLECULES for: their parents, and their main forms at a pH.

    \b
    molgen standardize molecules.csv
    molgen standardize vendor.smi ph=7.4 output=forms.csv
    molgen standardize molecules.csv standardize.metals=cut standardize.dummies=cap

    All other commands do the same with what they read; docs/structures.md has the rules. The columns of the file are kept;
    given, parent, form, charge, changes and problem come behind them.
    """
    import pandas as pd

    from molgen.chem.changes import summary
    from molgen.chem.molecules import Molecules
    from molgen.data.readers import kind_of, read_table, write_table
    from molgen.predictors.forms import forms

    if "=" in molecules and not Path(molecules).exists():
        raise ConfigError(f"'{molecules}': name the file first: molgen standardize molecules.csv ph=7.4")
    config = to_plain(compose("standardize_file", overrides))
    expect(config, ph=float | None, column=str | None, output=str | None)
    if config["ph"] is not None and not 0 <= config["ph"] <= 14:
        raise ConfigError(f"ph={config['ph']}: must be between 0 and 14")
    output = Path(config["output"] or f"{Path(molecules).name.split('.')[0]}_standardized.csv")
    kind_of(output)
    table = read_table(molecules, config["column"])
    asked = Molecules(table["smiles"].tolist(), build(config["standardize"], "standardize"))
    found = forms(asked, config["ph"])
    write_table(pd.concat([table.drop(columns=[name for name in found if name in table]), found], axis=1), output)
    click.echo(summary(asked.changes) or "no structure was changed")
    click.echo(
        f"{len(found):,} structures, {found['problem'].notna().sum()} with a problem, {found['charge'].ne(0).sum()} charged"
    )
    click.echo(f"structures: {output}")
