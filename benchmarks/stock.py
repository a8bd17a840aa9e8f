"""What it costs to read a stock and to index it for all reactions, and to read the index back.

python -m benchmarks.stock                              139,493 blocks, in two processes: three minutes
python -m benchmarks.stock sigma_stock our_blocks.csv   others; each in a new cache
python -m benchmarks.stock --lines 200000               a stock that is made up: blocks of real_blocks, and their homologues
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import click
import psutil

from benchmarks.results import save, show
from molgen.cli.common import progress
from molgen.config import compose_group
from molgen.synthesis.catalogue import read_catalogue
from molgen.synthesis.index import read_index
from molgen.synthesis.reaction_files import own_reactions


class Cost:
    """Seconds that pass, and seconds of the processor in this process and those that it has started."""

    def __init__(self) -> None:
        self.begun, self.used = time.monotonic(), self._used()

    def seconds(self, what: str) -> dict[str, float]:
        """Since the beginning, as cells of a row."""
        wall, processor = time.monotonic() - self.begun, self._used() - self.used
        return {f"{what}, s": round(wall, 2), f"{what}, s of CPU": round(processor, 2)}

    def _used(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in _processes())


def _processes() -> list[psutil.Process]:
    return [psutil.Process(), *psutil.Process().children(recursive=True)]


def _peaks() -> list[int]:
    """The most memory that each process has held, MB: this one's first (of Linux)."""
    texts = [Path(f"/proc/{each.pid}/status").read_text() for each in _processes()]
    return [int(text.split("VmHWM:")[1].split()[0]) // 1024 for text in texts]


def measured(stock: str, processes: int, reactions: int | None) -> dict[str, Any]:
    """A row of the table."""
    own = own_reactions()[:reactions]
    roles = {role for reaction in own for role in reaction.roles}
    cost = Cost()
    catalogue = read_catalogue(stock, processes, progress)
    row: dict[str, Any] = {"stock": Path(stock).name, "processes": processes, "blocks": len(catalogue)}
    row |= {"reactions": len(own), "reactants": len(roles), **cost.seconds("reading")}
    cost = Cost()
    index = read_index(stock, own, progress, processes)
    row |= {"fitting": sum(len(index.fitting(role)) for role in roles), **cost.seconds("indexing")}
    first, *others = _peaks()
    row |= {"peak, MB": first, "peaks of workers, MB": max(others, default=0)}
    cost = Cost()
    read_index(stock, own, progress, processes)
    return row | cost.seconds("reading back")


@contextmanager
def _made_up(lines: int) -> Iterator[str]:
    """A file with as many blocks as are wanted: a block, and the same with more and more carbons on its last atom."""
    known = compose_group("data", "real_blocks").smiles()
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write("smiles,id,price\n")
        for i, text in enumerate(islice(cycle(known), lines)):
            file.write(f"{text}{'C' * (i // len(known))},B{i},{1 + i % 97}.50\n")
    yield file.name
    Path(file.name).unlink()


@click.command()
@click.argument("stocks", nargs=-1)
@click.option("--processes", default=2, show_default=True)
@click.option("--reactions", type=int, help="Only the first ones.")
@click.option("--lines", type=int, help="Of a stock that is made up.")
@click.option("--alone", is_flag=True, hidden=True)
def main(stocks: tuple[str, ...], processes: int, reactions: int | None, lines: int | None, alone: bool) -> None:
    """Measure each stock in a process and a cache of its own."""
    if alone:
        print(json.dumps(measured(stocks[0], processes, reactions)))
        return
    options = ["--processes", str(processes), *(["--reactions", str(reactions)] if reactions else [])]

    def row(stock: str) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, "-m", "benchmarks.stock", stock, "--alone", *options]
            said = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"XDG_CACHE_HOME": cache}
            )
        found: dict[str, Any] = json.loads(said.stdout)
        return found

    if lines:
        with _made_up(lines) as file:
            rows = [row(file)]
    else:
        rows = [row(stock) for stock in stocks or ("real_blocks",)]
    show("stocks", rows)
    save("stock-made-up" if lines else "stock", rows)


if __name__ == "__main__":
    main()
