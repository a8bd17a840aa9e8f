"""The nearest makeable molecule to a given one: how near it is, how often it is the molecule itself, and how long it takes.

    python -m benchmarks.analogs                       100 molecules of ChEMBL, and 200 products of random blocks
    python -m benchmarks.analogs --limit 20            samples of them
    python -m benchmarks.analogs --stock sigma_stock   from another stock

The products are made by molgen's own reactions, in one to three steps, from random blocks, and then given as SMILES only.
Similarity is Tanimoto's of ECFP4 (2,048 bits); exact means the same canonical SMILES. One process; seconds are its CPU time.
PrexSyn's published figures stand beside them; its 1,000 molecules of ChEMBL are others, and its products are of Enamine REAL.
"""

import os
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import psutil
from rdkit import Chem

from benchmarks.results import save, show
from molgen.synthesis.analogs import Analogs
from molgen.synthesis.chemist import Chemist, chemist_of
from molgen.synthesis.edits import RouteEditor

PRODUCTS = 200
LONGEST = 3  # steps of a random product
SEED = 0
PUBLISHED = {"ChEMBL": (0.753, 0.283), "random products": (0.986, 0.9406)}


def chembl() -> list[str]:
    """100 molecules of ChEMBL, canonical."""
    folder = os.environ.get("MOLGEN_DATA")
    if folder is None:
        raise click.ClickException("MOLGEN_DATA: set it to the folder that has projection/chembl_100.smi")
    lines = (Path(folder) / "projection" / "chembl_100.smi").read_text().splitlines()
    return [Chem.CanonSmiles(line.split()[0]) for line in lines if line.strip()]


def products(chemist: Chemist, number: int) -> list[str]:
    """Distinct products of random blocks."""
    editor, rng = RouteEditor(chemist, LONGEST), np.random.default_rng(SEED)
    found: dict[str, None] = {}
    while len(found) < number:
        found.setdefault(editor.random(rng).smiles)
    return list(found)


def measure(name: str, targets: list[str], find: Analogs) -> dict[str, Any]:
    """Figures of a set of molecules."""
    similarities, exact, seconds = [], 0, []
    for target in targets:
        begun = time.process_time()
        found = find(target, 1)
        seconds.append(time.process_time() - begun)
        similarities.append(found[0].similarity if found else 0.0)
        exact += bool(found) and found[0].route.smiles == target
    return {
        "molecules": name,
        "number": len(targets),
        "similarity": float(np.mean(similarities)),
        "exact": exact / len(targets),
        "CPU s, mean": float(np.mean(seconds)),
        "CPU s, most": max(seconds),
        "PrexSyn: similarity": PUBLISHED[name][0],
        "PrexSyn: exact": PUBLISHED[name][1],
    }


@click.command()
@click.option("--stock", default="real_blocks", show_default=True)
@click.option("--limit", default=None, type=click.IntRange(min=1), help="Most molecules of each set.")
@click.option("--steps", default=4, show_default=True)
@click.option("--effort", default=2000, show_default=True)
def main(stock: str, limit: int | None, steps: int, effort: int) -> None:
    """Measure both sets."""
    chemist = chemist_of(stock)
    given = {"ChEMBL": chembl()[:limit], "random products": products(Chemist(chemist.reactions, chemist.index), PRODUCTS)[:limit]}
    figures = [
        measure(name, targets, Analogs(Chemist(chemist.reactions, chemist.index), steps, effort))
        for name, targets in given.items()
    ]
    show(f"Nearest makeable molecules, {len(chemist.index):,} blocks of {stock}, {len(chemist.reactions)} reactions", figures)
    memory = psutil.Process().memory_info().rss / 2**20
    print(f"memory: {memory:,.0f} MB")
    if limit is None:
        told = {"stock": stock, "blocks": len(chemist.index), "reactions": len(chemist.reactions), "steps": steps}
        save(f"analogs-{Path(stock).stem}", told | {"effort": effort, "memory MB": memory, "sets": figures})


if __name__ == "__main__":
    main()
