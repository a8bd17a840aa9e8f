"""Samples of the shipped generators beside held-out molecules of ZINC250k.

    python -m benchmarks.distribution                  all of them, some minutes each
    python -m benchmarks.distribution diffusion        one, whose row is renewed in the results

Pictures go to runs/distribution-NAME. The priors `transformer` and `recurrent` were trained before these parts were set
apart, on all but 5,000 molecules at random: most of what they are compared with they have seen. Theirs is therefore also the
distance to those 5,000.
"""

import json
from pathlib import Path

import click

from benchmarks.results import save, show
from molgen import load_generator
from molgen.config import compose_group
from molgen.data.splits import train_valid
from molgen.generators.shipped import SHIPPED
from molgen.metrics.population import Population, chemnet_distance
from molgen.reports.distribution import HeldOut, assess

RESULTS = Path(__file__).parent / "results" / "distribution.json"
SAMPLES = 10_000
OLDER = ("transformer", "recurrent")
NEVER_SEEN = "FCD, 5,000 never seen"
SHOWN = ("validity", "uniqueness", "novelty", "samples/s", "quality", "FCD, test", "FCD, new scaffolds", NEVER_SEEN)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(SHIPPED))
def main(names: tuple[str, ...]) -> None:
    """Measure the generators NAMES, by default all that ship."""
    smiles = compose_group("data", "zinc250k").smiles()
    held_out = HeldOut.of(smiles)
    rows = {row["generator"]: row for row in json.loads(RESULTS.read_text())["figures"]} if RESULTS.exists() else {}
    for name in names or SHIPPED:
        folder = Path(f"runs/distribution-{name}")
        figures = assess(load_generator(name), held_out, n=SAMPLES, seed=0, folder=folder)
        if name in OLDER:
            made = Population((folder / "samples.smi").read_text().splitlines())
            figures[NEVER_SEEN] = chemnet_distance(made, Population(train_valid(smiles, 5000, seed=0)[1]))
        rows[name] = {"generator": name} | figures
        save("distribution", [rows[each] for each in SHIPPED if each in rows])
    show(
        "10,000 samples beside held-out molecules",
        [{key: row[key] for key in ("generator", *SHOWN) if key in row} for row in rows.values()],
    )


if __name__ == "__main__":
    main()
