"""The command that looks for makeable molecules, and what it shares with the one that looks for routes."""

from pathlib import Path
from typing import Any

import click

from molgen.cli.common import input_file, output_name, progress, reading, settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import check_between


def chemist_for(config: dict[str, Any]) -> Any:
    """The chemist of a command's settings; its stock is indexed first, if need be."""
    from molgen.synthesis.chemist import chemist_of

    return chemist_of(config["stock"], config["reactions"], progress)


def checked(config: dict[str, Any]) -> dict[str, Any]:
    """The settings of a command whose common ones are of the right kind."""
    expect(config, n=int, stock=str, reactions=str | None, steps=int, effort=int, output=str | None)
    check_between("", 1, n=config["n"], steps=config["steps"], effort=config["effort"])
    return config


@click.command()
@click.argument("molecules", type=click.Path())
@with_overrides
def analogs(molecules: str, overrides: tuple[str, ...]) -> None:
    """Find the nearest molecules to MOLECULES, a SMILES or a file, that can be made from a stock, with their routes.

    \b
    molgen analogs 'CC(=O)Nc1ccc(OCCN)cc1' n=5
    molgen analogs molecules.csv n=1 stock=real_blocks output=analogs.csv
    molgen analogs molecules.csv stock=our_blocks.csv reactions=our_reactions.yaml steps=2

    A molecule for which a route is found is its own analog, with similarity 1. Similarities are Tanimoto's, on ECFP4.
    """
    import pandas as pd
    from rdkit import Chem, rdBase

    from molgen.chem.molecules import Molecules
    from molgen.data.readers import check_output, read_table, write_table
    from molgen.data.tables.table import Table
    from molgen.synthesis.analogs import Analogs

    config = checked(settings_of("analogs", overrides))
    path = input_file(molecules, "molgen analogs molecules.csv n=1", "molecule or file")
    standardizer = build(config["standardize"], "standardize")
    output = None
    with rdBase.BlockLogs():
        alone = not Path(path).exists() and Chem.MolFromSmiles(path) is not None
    if alone:
        given = [path]
        output = None if config["output"] is None else check_output(config["output"])
    else:
        output = check_output(config["output"] or output_name(path, "analogs"))
        given = read_table(path, **reading(config)).smiles
    find = Analogs(chemist_for(config), config["steps"], config["effort"])
    targets = Molecules(given, standardizer)
    rows: list[dict[str, Any]] = []
    with progress("looking for analogs") as advance:
        for text, smiles, problem in zip(given, targets.canonical, targets.problem, strict=True):
            found = [] if smiles is None else find(smiles.split()[0], config["n"])
            for each in found:
                told = {"similarity": round(each.similarity, 4), "steps": each.route.steps, "route": str(each.route)}
                rows.append({"target": text, "analog": each.route.smiles, **told, "problem": None})
            if not found:
                rows.append({"target": text, "problem": problem or "no reaction gives anything like it"})
            advance(1)
    table = pd.DataFrame(rows, columns=["target", "analog", "similarity", "steps", "route", "problem"])
    if output is None:
        for row in table.itertuples():
            click.echo(row.problem if row.problem else f"{row.similarity:.2f}  {row.analog}\n      {row.route}")
        return
    write_table(Table.of(table, "target"), output)
    first = table.drop_duplicates("target")
    exact = int((first["similarity"] == 1).sum())
    click.echo(
        f"{len(first):,} molecules: {exact:,} can be made; mean similarity of the nearest {first['similarity'].mean():.3f}"
    )
    click.echo(f"analogs: {output}")
