"""The command that looks for routes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from molgen.cli.common import exists, output_name, reading, settings_of, with_overrides
from molgen.cli.synthesis import checked, chemist_for, is_molecule, output_beside, with_others
from molgen.config import build, expect
from molgen.errors import ConfigError, check_above
from molgen.progress import progress

OTHERS = 3  # other ways to do a step that are printed
COLUMNS = ["target", "steps", "price", "route", "problem"]


@click.command()
@click.argument("molecules", type=click.Path())
@with_overrides
def route(molecules: str, overrides: tuple[str, ...]) -> None:
    """Show how MOLECULES, a SMILES or a file, can be made from a stock: the shortest routes, the cheapest of these first.

    \b
    molgen route 'CC(=O)Nc1ccc(O)cc1'
    molgen route 'COc1ccc(cc1)C(=O)NCc1ccccn1' stock=real_blocks n=3 output=routes.svg
    molgen route 'COc1ccc(cc1)C(=O)NCc1ccccn1' output=order.csv scale=0.5 yield=0.6
    molgen route molecules.csv output=routes.csv

    Every route has been run forwards. Below a step: what else could be used for the same bonds, and what often lowers its yield;
    yields aren't predicted. The search for a molecule ends after `seconds` of a processor's time, and says so.

    The ending of output says what is written: .json (read again by molgen.synthesis.route), .csv (what to order), .svg or .png
    (drawn), .rdf (all steps, for laboratory notebooks) or .rxn (a file per step of the first route).
    """
    config = checked(settings_of("route", overrides))
    expect(config, seconds=int | float)
    check_above("", seconds=config["seconds"])
    if is_molecule(molecules, "molgen route 'CC(=O)Nc1ccc(O)cc1'") or not ("." in molecules or exists(molecules)):
        _of_molecule(molecules, config)
    else:
        _of_file(molecules, config)


def _of_molecule(given: str, config: dict[str, Any]) -> None:
    from molgen.chem.molecules import Molecules
    from molgen.files import check_place
    from molgen.synthesis.planning import Planner
    from molgen.synthesis.route_files import Scale

    expect(config, scale=int | float, **{"yield": int | float})
    scale = Scale(config["scale"], config["yield"])
    target = Molecules([given], build(config["standardize"], "standardize"))
    if target.mols[0] is None:
        raise ConfigError(f"'{given}': {target.problem[0]}")
    output = None if config["output"] is None else check_place(config["output"])
    write = None if output is None else _writer(output, scale)
    chemist = chemist_for(config)
    planner, limit = Planner(chemist, config["steps"], config["effort"]), f"{config['seconds']:g} s"
    with chemist.clock.within(config["seconds"]):
        found = planner(_plain(target.mols[0]), config["n"])
        for number, each in enumerate(found, 1):
            click.echo("\n" * (number > 1) + "\n".join([_title(number, each), f"  {each.sentence()}", *_steps(chemist, each)]))
    if planner.stopped:
        told = "there may be further routes: the search ended after" if found else "no route was found within"
        click.echo(f"{told} {limit}; seconds= sets the limit")
    elif not found:
        steps, blocks = config["steps"], len(chemist.index)
        limits = f"at most {steps} step{'s' * (steps > 1)} from {blocks:,} block{'s' * (blocks != 1)}"
        click.echo(f"no route of {limits} of {config['stock']}")
    if found and write is not None:
        click.echo(f"routes: {', '.join(map(str, write(found)))}")


def _plain(mol: Any) -> str:
    """The SMILES of a molecule, in which a racemate leaves its stereocentres open."""
    from rdkit import Chem

    from molgen.chem.inventory import certain

    return Chem.MolToSmiles(certain(mol) if mol.GetStereoGroups() else mol)


def _title(number: int, route: Any) -> str:
    if not route.steps:
        return f"route {number}: can be bought"
    blocks = len(route.blocks)
    price = f", price {route.price:g}" if route.price >= 0 else ""
    return f"route {number}: {route.steps} step{'s' * (route.steps > 1)}, {blocks} block{'s' * (blocks > 1)}{price}"


def _steps(chemist: Any, whole: Any) -> list[str]:
    """What is printed of the steps of a route: conditions, alternatives, and what is to be minded."""
    from molgen.synthesis.alternatives import alternatives
    from molgen.synthesis.clock import OutOfTimeError
    from molgen.synthesis.steps import doubts, isomers_formed, protections

    found = []
    for number, (step, line) in enumerate(zip(whole.reactions(), whole.lines(), strict=False), 1):
        found.append(f"  {number}. {line}")
        try:
            others = alternatives(chemist, step)
        except OutOfTimeError:
            found.append("       other ways to do this step weren't looked for: the time was over")
            others = []
        found += [f"       or {each.name} of {each.charged()}" for each in others[:OTHERS]]
        if len(others) > OTHERS:
            found.append(f"       or {len(others) - OTHERS} more")
        reactants = [chemist.mol(part.smiles) for part in step.reactants]
        found += [f"       low confidence: {text}" for text in isomers_formed(step.reaction, reactants)]
        if minded := doubts(step.reaction, reactants):
            groups = ", ".join(f"{name} in {step.reactants[place].smiles}" for name, place in minded)
            found.append(f"       low confidence: {groups} often lowers the yield")
            if protected := protections(step.reaction, (name for name, _ in minded)):
                found.append(f"       usually protected in this reaction: {', '.join(protected)}")
    return found


def _writer(output: Path, scale: Any) -> Callable[[Sequence[Any]], list[Path]]:
    """What writes routes to `output`, by its ending, and returns the files that it has written."""
    from molgen.files import write_atomically
    from molgen.reports.routes import route_png, route_svg
    from molgen.synthesis.route_files import as_json, order_csv, rdf, rxn

    def drawn(picture: Callable[..., str | bytes], routes: Sequence[Any]) -> bytes:
        made = picture([each.to_dict() for each in routes], [_title(i, each) for i, each in enumerate(routes, 1)])
        return made.encode() if isinstance(made, str) else made

    kinds: dict[str, Callable[[Sequence[Any]], bytes]] = {
        ".json": lambda routes: as_json(routes).encode(),
        ".csv": lambda routes: order_csv(scale.order([each.to_dict() for each in routes])).encode(),
        ".svg": lambda routes: drawn(route_svg, routes),
        ".png": lambda routes: drawn(route_png, routes),
        ".rdf": lambda routes: rdf(routes).encode(),
    }
    kind = output.suffix.lower()
    if kind not in (*kinds, ".rxn"):
        raise ConfigError(f"output={output}: write one of {', '.join((*kinds, '.rxn'))}")

    def write(routes: Sequence[Any]) -> list[Path]:
        if kind != ".rxn":
            write_atomically(output, kinds[kind](routes))
            return [output]
        steps = list(routes[0].reactions())
        if not steps:
            raise ConfigError(f"output={output}: the molecule can be bought, there is no reaction to write")
        files = [output if len(steps) == 1 else output.with_stem(f"{output.stem}_{i}") for i in range(1, len(steps) + 1)]
        for file, step in zip(files, steps, strict=True):
            write_atomically(file, rxn(step).encode())
        return files

    return write


def _of_file(path: str, config: dict[str, Any]) -> None:
    import pandas as pd

    from molgen.chem.molecules import Molecules
    from molgen.data.readers import read_table, write_table
    from molgen.data.tables.table import Table
    from molgen.synthesis.planning import Planner

    output = output_beside(config["output"] or output_name(path, "routes"), path)
    table = read_table(path, **reading(config))
    given = table.smiles
    targets = Molecules(given, build(config["standardize"], "standardize"))
    chemist = chemist_for(config)
    planner = Planner(chemist, config["steps"], config["effort"])
    rows: list[dict[str, Any]] = []
    with progress("looking for routes") as advance:
        for text, mol, problem in zip(given, targets.mols, targets.problem, strict=True):
            with chemist.clock.within(config["seconds"]):
                found = [] if mol is None else planner(_plain(mol), 1)
            if found:
                price = float(f"{found[0].price:.12g}") if found[0].price >= 0 else None
                rows.append({"target": text, "steps": found[0].steps, "price": price, "route": str(found[0])})
            else:
                none = f"no route found within {config['seconds']:g} s" if planner.stopped else "no route found"
                rows.append({"target": text, "problem": problem or none})
            advance(1)
    results = pd.DataFrame(rows, columns=COLUMNS).astype({"steps": "Int64"})
    write_table(Table.of(with_others(results, table, range(len(table))), "target"), output)
    made = int(results["steps"].notna().sum())
    click.echo(f"{len(table):,} molecules: {made:,} can be made, {int((results['steps'] == 0).sum()):,} of them bought")
    click.echo(f"routes: {output}")
