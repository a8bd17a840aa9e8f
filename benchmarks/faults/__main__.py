"""Whether any fault loses a run.

    python -m benchmarks.faults                       100 kills and every other fault, two kinds at a time
    python -m benchmarks.faults --kills 12 --only sweep --only states

Campaigns with each strategy, on a cluster, sweeps, screens and trainings are killed at random moments and go on, are written
by two processes at once, on a full disk and in a folder that can't be written, and with files that are damaged, missing or of
another time. The objective writes down every molecule that it is asked for. It exits with 1 unless nothing was lost, nothing
was scored twice, there was always a way on (the command went on, or said what to do), and no process was left of a killed one.
"""

import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from benchmarks.faults.damages import CASES
from benchmarks.faults.kills import Tally, kill_often
from benchmarks.faults.subjects import SUBJECTS
from benchmarks.results import save, show


@click.command()
@click.option("--kills", default=100, help="Kills in all.")
@click.option("--only", multiple=True, help="Kinds whose names begin so; all by default.")
@click.option("--jobs", default=2, help="Kinds at a time.")
@click.option("--seed", default=0)
@click.option("--folder", type=click.Path(path_type=Path), help="Where it happens; kept, if it is named.")
@click.option("--list", "listed", is_flag=True, help="Print the kinds and stop.")
def main(kills: int, only: tuple[str, ...], jobs: int, seed: int, folder: Path | None, listed: bool) -> None:
    """Disturb what molgen does, and print what became of it."""
    killed = {f"kills, {name}": make for name, make in SUBJECTS.items()}
    chosen = [kind for kind in (*killed, *CASES) if not only or kind.startswith(only)]
    if listed:
        print("\n".join(chosen))
        return
    number = sum(kind in killed for kind in chosen)

    def disturb(i: int, kind: str, place: Path) -> Tally:
        began = time.monotonic()
        place.mkdir(parents=True)
        if kind in killed:
            tally = kill_often(killed[kind], kind, (kills + i) // number, place, random.Random(f"{seed} {kind}"))
        else:
            tally = CASES[kind](place)
        tally.seconds = round(time.monotonic() - began)
        print(f"{kind}: " + ", ".join(f"{key} {value}" for key, value in tally.row().items() if key != "kind"), flush=True)
        return tally

    with tempfile.TemporaryDirectory(prefix="molgen-faults-") as temporary, ThreadPoolExecutor(jobs) as pool:
        places = [(folder or Path(temporary)).resolve() / str(i) for i in range(len(chosen))]
        rows = [tally.row() for tally in pool.map(disturb, range(len(chosen)), chosen, places)]
    total = {key: sum(row[key] for row in rows) for key in ("faults", "lost", "doubled", "dead_ends", "left", "seconds")}
    show("Faults", [*rows, {"kind": "all", **total, "notes": ""}])
    if not only:
        save("faults", [*rows, {"kind": "all", **total}])
    if total["lost"] or total["doubled"] or total["dead_ends"] or total["left"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
