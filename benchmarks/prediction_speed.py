"""How fast the shipped predictors predict, features and parsing included, and what a long screen takes of memory.

python -m benchmarks.prediction_speed                    10,000 molecules by 22 endpoints, and by one target
python -m benchmarks.prediction_speed --library 1000000  also screens a library of that many rows
"""

import resource
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import click

from benchmarks.results import save, show
from molgen import Scorer, load_generator, load_predictor
from molgen.data.readers import read_chunks
from molgen.screening.screen import screen

N, CHUNK = 10_000, 2000


def timed(name: str, smiles: list[str], predict: Any) -> dict[str, Any]:
    """One row of the table."""
    start = time.perf_counter()
    predict(smiles)
    seconds = time.perf_counter() - start
    return {"what": name, "molecules": len(smiles), "seconds": seconds, "molecules/s": len(smiles) / seconds}


def peak_gib() -> float:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@click.command()
@click.option("--library", type=int, default=0, help="Rows of a library to screen for drug-likeness.")
def main(library: int) -> None:
    """Measure, print, save."""
    smiles = load_generator("prior").sample(N, seed=0)
    admet, affinity = load_predictor("admet"), load_predictor("affinity")
    admet.predict(smiles[:500])
    affinity.predict(smiles[:10], target="ABL1(T315I)")
    rows = [
        timed("22 ADMET endpoints", smiles, admet.predict),
        timed("affinity to one target", smiles, lambda batch: affinity.predict(batch, target="ABL1(T315I)")),
    ]
    if library:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "library.smi"
            with path.open("w") as lines:
                lines.writelines(f"{smiles[i % N]}\n" for i in range(library))
            before = peak_gib()
            scorer = Scorer.from_config("drug_like")
            run = timed(
                "screen for drug_like",
                [""] * library,
                lambda _: screen(partial(read_chunks, path, rows=CHUNK), scorer, Path(folder), hits=100),
            )
            rows.append(run | {"what": f"{run['what']}: peak memory {before:.2f} GiB before, {peak_gib():.2f} GiB after"})
    show("Speed of the shipped predictors", rows)
    save("prediction_speed", rows)


if __name__ == "__main__":
    main()
