"""How far routes reach, beside twelve disconnections, and whether the first suggestions are what chemists did.

    python -m benchmarks.routes --drugs 60 --zinc 60 --stock sigma_stock
    python -m benchmarks.routes --drugs 1397 --zinc 1000 --stock real_blocks      all of it: hours

Samples of FDA-approved drugs and of ZINC250k: the share for which a route from the stock is found within the time limit, and the
time of a processor per molecule. The twelve disconnections (`benchmarks.disconnections`) are searched by Retro* of Syntheseus,
100 molecules expanded; they aren't run forwards, and ignore selectivity. Molecules that can be bought count as routes for both,
and are counted apart.

Of 30 drugs the last steps as they were published (`reference/last_steps.csv`): whether the reactants are among the first five
suggestions of one step back, whatever the halide, and the acid or its chloride.
"""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from rdkit import Chem, rdBase

from benchmarks.disconnections import Disconnections
from benchmarks.results import save, show
from molgen.chem.inventory import Inventory
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group
from molgen.scoring.retrosynthesis import Routes
from molgen.scoring.stock import stock as stock_of
from molgen.synthesis.chemist import chemist_of
from molgen.synthesis.planning import Planner
from molgen.synthesis.steps import pieces

LAST_STEPS = Path(__file__).with_name("reference") / "last_steps.csv"
FIRST = 5
HALIDE, ACID = Chem.MolFromSmarts("[F,Cl,Br,I]"), Chem.MolFromSmarts("[$([OX2H1]-C=O),$([Cl,Br]-C=O)]")


def sample(name: str, number: int, rng: np.random.Generator) -> list[str]:
    """Canonical SMILES of some molecules of a public set, in standard form."""
    given = compose_group("data", name).smiles()
    chosen = [given[i] for i in rng.permutation(len(given))[: 2 * number]]
    with rdBase.BlockLogs():
        valid = [text for text in Molecules(chosen, STANDARD).canonical if text is not None]
    return [text.split()[0] for text in valid[:number]]


def reach(steps: Callable[[str], int | None], molecules: list[str], limit: float, name: str) -> dict[str, Any]:
    """For how many molecules a route is found in time, and how long it takes."""
    found: list[int] = []
    seconds = []
    for smiles in molecules:
        begun = time.process_time()
        with rdBase.BlockLogs():
            made = steps(smiles)
        seconds.append(time.process_time() - begun)
        if made is not None and seconds[-1] <= limit:
            found.append(made)
    bought, n = found.count(0), len(molecules)
    shares = {
        "n": n,
        "routes": len(found) / n,
        "bought": bought / n,
        "made, of those not bought": (len(found) - bought) / max(n - bought, 1),
    }
    return {"by": name, **shares, "mean steps": float(np.mean([each for each in found if each])) if any(found) else None,
            "s per molecule": float(np.mean(seconds)), "s at most": max(seconds)}  # fmt: skip


def likened(smiles: str) -> str:
    """A reactant whatever its halide, and an acid for its chloride; without stereo."""
    mol = Chem.MolFromSmiles(smiles)
    acids = {match[0] for match in mol.GetSubstructMatches(ACID)}
    for (atom,) in mol.GetSubstructMatches(HALIDE):
        if atom not in acids:
            mol.GetAtomWithIdx(atom).SetAtomicNum(17)
    for atom in acids:
        mol.GetAtomWithIdx(atom).SetAtomicNum(8)
    return Chem.CanonSmiles(Chem.MolToSmiles(mol, isomericSmiles=False))


def rank(planner: Planner, smiles: str, precursors: str) -> int | None:
    """The place, from 1, of the suggestion with given reactants; None if there is none.

    Reactions of two reactants that make the same bonds are one suggestion.
    """
    wanted = [sorted(map(likened, text.split("."))) for text in precursors.split("|")]
    ranked: dict[object, None] = {}
    found: object = None
    for each in planner.suggestions(Chem.CanonSmiles(smiles)):
        bonds = pieces(each.reaction, [Chem.MolFromSmiles(text) for text in each.reactants])
        key = bonds if len(each.reactants) > 1 else each.reaction
        ranked.setdefault(key)
        if found is None and sorted(map(likened, each.reactants)) in wanted:
            found = key
    return None if found is None else list(ranked).index(found) + 1


@click.command()
@click.option("--stock", default="sigma_stock", show_default=True)
@click.option("--drugs", default=60, show_default=True)
@click.option("--zinc", default=60, show_default=True)
@click.option("--steps", default=4, show_default=True)
@click.option("--seconds", default=10.0, show_default=True, help="Of a processor, per molecule.")
@click.option("--effort", default=150, show_default=True, help="Molecules disconnected, per target.")
@click.option("--seed", default=0, show_default=True)
@click.option("--baseline/--no-baseline", default=True, show_default=True)
def main(stock: str, drugs: int, zinc: int, steps: int, seconds: float, effort: int, seed: int, baseline: bool) -> None:
    """Look for routes, and for published last steps."""
    rng = np.random.default_rng(seed)
    planner = Planner(chemist_of(stock), steps, effort)
    with LAST_STEPS.open() as file:
        ranks = {row["drug"]: rank(planner, row["smiles"], row["precursors"]) for row in csv.DictReader(file)}
    print(ranks)
    first = sum(place is not None and place <= FIRST for place in ranks.values())
    print(f"published last steps among the first {FIRST}: {first} of {len(ranks)}")

    def molgen(smiles: str) -> int | None:
        with planner.chemist.clock.within(seconds):
            return next((route.steps for route in planner(smiles, 1)), None)

    searches: dict[str, Callable[[str], int | None]] = {"molgen": molgen}
    if baseline:
        searches["twelve disconnections"] = Routes(Disconnections(), Inventory(stock_of(stock)), 100, steps).steps
    rows = []
    for name, number in (("fda_approved", drugs), ("zinc250k", zinc)):
        molecules = sample(name, number, rng) if number else []
        if molecules:
            rows += [{"molecules": name, **reach(find, molecules, seconds, by)} for by, find in searches.items()]
    show(f"Routes of at most {steps} steps from {stock}, within {seconds:g} s", rows)
    settings = {"stock": stock, "steps": steps, "seconds": seconds, "effort": effort, "seed": seed}
    save(f"routes-{stock}", settings | {"reach": rows, "last steps": ranks, "among the first five": first})


if __name__ == "__main__":
    main()
