"""How many routes of a campaign today's reactions refuse: those of older runs may rest on what has been refused since.

python -m benchmarks.refused_routes runs/mine
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
from rdkit import Chem

from molgen.progress import progress
from molgen.synthesis.reaction_files import known_reactions

BEST = (10, 100)
Step = tuple[str, tuple[str, ...]]


def steps_in(route: dict[str, Any]) -> Iterator[Step]:
    """The name and the reactants of each reaction of a route."""
    if "reaction" in route:
        yield route["reaction"], tuple(part["smiles"] for part in route["reactants"])
        for part in route["reactants"]:
            yield from steps_in(part)


@click.command()
@click.argument("folder", type=Path)
@click.option("--reactions", help="The team's own, beside molgen's.")
def main(folder: Path, reactions: str | None) -> None:
    """Run the routes of the campaign in FOLDER again, the best molecules first."""
    known = {reaction.name: reaction for reaction in known_reactions(reactions)}

    @cache
    def refused(step: Step) -> bool:
        name, reactants = step
        return name not in known or known[name].run([Chem.MolFromSmiles(text) for text in reactants]) is None

    database = sqlite3.connect(f"file:{folder / 'campaign.sqlite'}?mode=ro", uri=True)
    tables = "molecules join routes on routes.molecule = molecules.id"
    rows = database.execute(f"select route from {tables} where route is not null order by score desc").fetchall()
    numbers, why = [], Counter[str]()
    with progress("running routes again", "routes", len(rows)) as advance:
        for (text,) in rows:
            names = {step[0] for step in steps_in(json.loads(text)) if refused(step)}
            numbers.append(bool(names))
            why.update(names)
            advance()
    for most in (*BEST, len(numbers)):
        click.echo(f"refused of the {min(most, len(numbers)):,} best: {sum(numbers[:most]):,}")
    for name, number in why.most_common(5):
        click.echo(f"  {number:,} by {name}")


if __name__ == "__main__":
    main()
