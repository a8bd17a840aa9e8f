"""The commands that look for makeable molecules and for routes."""

import json
from pathlib import Path
from typing import Any

import click

from molgen.cli.common import input_file, output_name, progress, reading, settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import ConfigError, check_between


def _chemist(config: dict[str, Any]) -> Any:
    """The chemist of a command's settings; its stock is indexed first, if need be."""
    from molgen.synthesis.chemist import chemist_of

    with progress(f"indexing {config['stock']}") as advance:
        return chemist_of(config["stock"], config["reactions"], advance)


def _checked(config: dict[str, Any]) -> dict[str, Any]:
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
    from molgen.synthesis.many import Wanted, analogs_of

    config = _checked(settings_of("analogs", overrides))
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
    targets = Molecules(given, standardizer)
    _chemist(config)  # so that the stock is indexed once, whatever the number of processes
    known = [text.split()[0] for text in targets.canonical if text is not None]
    wanted = Wanted(config["stock"], config["reactions"], config["steps"], config["effort"], config["n"])
    rows: list[dict[str, Any]] = []
    nearest: list[float] = []
    exact = 0
    with progress("looking for analogs") as advance:
        results = analogs_of(known, wanted, advance)
        for text, smiles, problem in zip(given, targets.canonical, targets.problem, strict=True):
            found = [] if smiles is None else next(results)
            if isinstance(found, Exception):
                found, problem = [], str(found)
            for each in found:
                told = {"similarity": round(each.similarity, 4), "steps": each.steps, "route": each.route}
                rows.append({"target": text, "analog": each.analog, **told, "problem": None})
            if found:
                nearest.append(found[0].similarity)
                exact += found[0].exact
            else:
                rows.append({"target": text, "problem": problem or "no reaction gives anything like it"})
    table = pd.DataFrame(rows, columns=["target", "analog", "similarity", "steps", "route", "problem"])
    table["steps"] = table["steps"].astype("Int64")
    if output is None:
        for row in table.itertuples():
            click.echo(row.problem if row.problem else f"{row.similarity:.2f}  {row.analog}\n      {row.route}")
        return
    write_table(Table.of(table, "target"), output)
    mean = f"; mean similarity of the nearest {sum(nearest) / len(nearest):.3f}" if nearest else ""
    click.echo(f"{len(given):,} molecules: {exact:,} can be made, {len(nearest) - exact:,} have analogs{mean}")
    click.echo(f"analogs: {output}")


@click.command()
@click.argument("smiles")
@with_overrides
def route(smiles: str, overrides: tuple[str, ...]) -> None:
    """Show how the molecule SMILES can be made from a stock: the shortest routes, the cheapest of these first.

    \b
    molgen route 'CC(=O)Nc1ccc(O)cc1'
    molgen route 'COc1ccc(cc1)C(=O)NCc1ccccn1' stock=real_blocks n=3 output=routes.json

    Every route has been run forwards. What a reaction tolerates is stated with it; yields aren't predicted.
    """
    from molgen.chem.molecules import Molecules
    from molgen.files import check_place, write_atomically
    from molgen.synthesis.planning import Planner

    config = _checked(settings_of("route", overrides))
    target = Molecules([smiles], build(config["standardize"], "standardize"))
    if (text := target.canonical[0]) is None:
        raise ConfigError(f"'{smiles}': {target.problem[0]}")
    output = None if config["output"] is None else check_place(config["output"])
    if output is not None and output.suffix != ".json":
        raise ConfigError(f"output={output}: a .json file")
    chemist = _chemist(config)
    found = Planner(chemist, config["steps"], config["effort"])(text.split()[0], config["n"])
    for number, each in enumerate(found, 1):
        click.echo(f"route {number}: {each.steps} steps, {len(each.blocks)} blocks")
        click.echo("".join(f"    {line}\n" for line in each.lines()), nl=False)
    if not found:
        click.echo(f"no route of at most {config['steps']} steps from {len(chemist.index):,} blocks of {config['stock']}")
    if output is not None:
        write_atomically(output, (json.dumps([each.to_dict() for each in found], indent=1) + "\n").encode())
        click.echo(f"routes: {output}")
