"""The command that scores a file."""

import click

from molgen.cli.common import input_file, output_name, run_over, settings_of, with_overrides
from molgen.config import build, expect


@click.command()
@click.argument("molecules", type=click.Path())
@with_overrides
def score(molecules: str, overrides: tuple[str, ...]) -> None:
    """Score MOLECULES, a file of any format: CSV, SMI, SDF, Excel, Parquet, ... (docs/how-to/files.md).

    \b
    molgen score molecules.csv scoring=drug_like
    molgen score library.sdf scoring=pmo/amlodipine_mpo output=scored.parquet
    molgen score assay.csv column=Structure scoring=my_goal.yaml
    molgen score export.txt table.delimiter=';' table.encoding=latin-1 scoring=drug_like

    All columns of the file are kept; the new ones follow them.
    """
    from molgen.data.readers import check_output
    from molgen.scoring.scorer import scorer_of, standardizing

    path = input_file(molecules, "molgen score molecules.csv scoring=drug_like")
    config = settings_of("score", overrides)
    expect(config, output=str | None)
    scorer = standardizing(scorer_of(config["scoring"]), build(config["standardize"], "standardize"))
    output = check_output(config["output"] or output_name(path, "scored"))
    scored = run_over(path, config, output, "scoring", lambda batch: scorer(batch).to_pandas().drop(columns="smiles"))
    invalid = scored["problem"].str.startswith("invalid").sum()
    click.echo(
        f"{len(scored):,} molecules, {invalid} invalid, best {scored['score'].max():.3f}, mean {scored['score'].mean():.3f}"
    )
    click.echo(f"scores: {output}")
