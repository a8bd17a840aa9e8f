"""The command that looks for makeable molecules, and what it shares with the one that looks for routes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from molgen.cli.common import exists, input_file, output_name, reading, settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import ConfigError, check_between
from molgen.progress import progress

ISOMER = "differs in stereo"


def chemist_for(config: dict[str, Any]) -> Any:
    """The chemist of a command's settings; its stock is indexed first, if need be."""
    from molgen.synthesis.chemist import chemist_of

    return chemist_of(config["stock"], config["reactions"], progress)


def checked(config: dict[str, Any]) -> dict[str, Any]:
    """The settings of a command whose common ones are of the right kind."""
    expect(config, n=int, stock=str, reactions=str | None, steps=int, effort=int, output=str | None)
    check_between("", 1, n=config["n"], steps=config["steps"], effort=config["effort"])
    return config


def is_molecule(given: str, example: str) -> bool:
    """Whether a command's first argument is a SMILES; if it isn't, a setting in its place is refused, as by `input_file`."""
    from rdkit import Chem, rdBase

    if not given.strip():
        raise ConfigError(f"'{given}': name a molecule or file, as in {example}")
    with rdBase.BlockLogs():
        if not exists(given) and Chem.MolFromSmiles(given) is not None:
            return True
    input_file(given, example, "molecule or file")
    return False


def output_beside(name: str, given: str) -> Path:
    """The place of a command's output, which isn't the file that it reads."""
    from molgen.data.readers import check_output

    output = check_output(name)
    if output.exists() and exists(given) and output.samefile(Path(given).expanduser()):
        raise ConfigError(f"output={output}: this is the file that is read; name another")
    return output


def with_others(found: Any, given: Any, of: Sequence[int]) -> Any:
    """A frame of results, with the other columns of the table that was read behind it.

    Parameters
    ----------
    of
        The row of the table that each result is of. A column that is called as a result is gets a number.
    """
    import pandas as pd

    from molgen.data.tables.columns import free_name

    others = given.columns if given.structure is None else given.columns.drop(columns=given.structure)
    names = {name: free_name(name, [*found.columns, *others.columns]) for name in others.columns if name in found.columns}
    return pd.concat([found, others.rename(columns=names).iloc[list(of)].reset_index(drop=True)], axis=1)


def _flat(smiles: str | None) -> str:
    """SMILES without stereo."""
    from rdkit import Chem

    mol = Chem.MolFromSmiles(smiles or "")
    return str(Chem.MolToSmiles(mol, isomericSmiles=False))


@click.command()
@click.argument("molecules", type=click.Path())
@with_overrides
def analogs(molecules: str, overrides: tuple[str, ...]) -> None:
    """Find the nearest molecules to MOLECULES, a SMILES or a file, that can be made from a stock, with their routes.

    \b
    molgen analogs 'CC(=O)Nc1ccc(OCCN)cc1' n=5
    molgen analogs molecules.csv n=1 stock=real_blocks output=analogs.csv
    molgen analogs molecules.csv stock=our_blocks.csv reactions=our_reactions.yaml steps=2

    A molecule for which a route is found is its own analog, with similarity 1. Similarities are Tanimoto's, on ECFP4, which sees
    no stereo: the column `problem` says what differs in nothing else. The other columns of the file follow.
    """
    import pandas as pd

    from molgen.chem.molecules import Molecules
    from molgen.data.readers import check_output, read_table, write_table
    from molgen.data.tables.table import Table
    from molgen.synthesis.many import AnalogSettings, analogs_of

    config = checked(settings_of("analogs", overrides))
    standardizer = build(config["standardize"], "standardize")
    if is_molecule(molecules, "molgen analogs molecules.csv n=1"):
        table = Table.of(pd.DataFrame({"target": [molecules]}), "target")
        output = None if config["output"] is None else check_output(config["output"])
    else:
        output = output_beside(config["output"] or output_name(molecules, "analogs"), molecules)
        table = read_table(molecules, **reading(config))
    given = table.smiles
    targets = Molecules(given, standardizer)
    chemist_for(config)  # so that the stock is indexed once, whatever the number of processes
    known = [text.split()[0] for text in targets.canonical if text is not None]
    wanted = AnalogSettings(config["stock"], config["reactions"], config["steps"], config["effort"], config["n"])
    rows: list[dict[str, Any]] = []
    of: list[int] = []
    nearest: list[float] = []
    exact = 0
    with progress("looking for analogs") as advance:
        results = analogs_of(known, wanted, advance)
        for row, (text, smiles, problem) in enumerate(zip(given, targets.canonical, targets.problem, strict=True)):
            found = [] if smiles is None else next(results)
            if isinstance(found, Exception):
                found, problem = [], str(found)
            of += [row] * max(1, len(found))
            for each in found:
                told = {"similarity": round(each.similarity, 4), "steps": each.steps, "route": each.route}
                isomer = not each.exact and _flat(each.analog) == _flat(smiles)
                rows.append({"target": text, "analog": each.analog, **told, "problem": ISOMER if isomer else None})
            if found:
                nearest.append(found[0].similarity)
                exact += found[0].exact
            else:
                rows.append({"target": text, "problem": problem or "no reaction gives anything like it"})
    made = pd.DataFrame(rows, columns=["target", "analog", "similarity", "steps", "route", "problem"])
    made["steps"] = made["steps"].astype("Int64")
    if output is None:
        for each in made.itertuples():
            note = f" ({each.problem})" if each.problem else ""
            click.echo(each.problem if not each.analog else f"{each.similarity:.2f}  {each.analog}{note}\n      {each.route}")
        return
    write_table(Table.of(with_others(made, table, of), "target"), output)
    mean = f"; mean similarity of the nearest {sum(nearest) / len(nearest):.3f}" if nearest else ""
    click.echo(f"{len(given):,} molecules: {exact:,} can be made, {len(nearest) - exact:,} have analogs{mean}")
    click.echo(f"analogs: {output}")
