"""The command that shows how molgen reads structures."""

import click

from molgen.cli.common import input_file, output_name, run_over, settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import ConfigError


@click.command()
@click.argument("molecules", type=click.Path())
@with_overrides
def standardize(molecules: str, overrides: tuple[str, ...]) -> None:
    """Show how molgen reads the structures in MOLECULES: their parents, and their main forms at a pH.

    \b
    molgen standardize molecules.csv
    molgen standardize vendor.smi ph=7.4 output=forms.csv
    molgen standardize molecules.csv standardize.metals=cut standardize.dummies=cap

    All other commands read structures in the same way; docs/explanation/structures.md has the rules. The columns of the file
    are kept; given, parent, form, charge, changes and problem follow them.
    """
    from molgen.data.readers import check_output
    from molgen.predictors.forms import forms

    path = input_file(molecules, "molgen standardize molecules.csv ph=7.4")
    config = settings_of("standardize_file", overrides)
    expect(config, ph=float | None, output=str | None)
    if config["ph"] is not None and not 0 <= config["ph"] <= 14:
        raise ConfigError(f"ph={config['ph']}: must be between 0 and 14")
    output = check_output(config["output"] or output_name(path, "standardized"))
    standardizer = build(config["standardize"], "standardize")

    found = run_over(path, config, output, "standardizing", lambda batch: forms(batch.standardized(standardizer), config["ph"]))
    click.echo(
        f"{len(found):,} structures, {found['problem'].notna().sum()} with a problem, {found['charge'].ne(0).sum()} charged"
    )
    click.echo(f"structures: {output}")
