"""What the command line makes of settings and files that nobody would mean.

    python -m benchmarks.fuzz --cases 2000

For every key that a command's configuration and the constructors behind it know, hypothesis draws values of its type and of any
other; beside it sometimes another setting, or a damaged file of each kind that molgen reads, or an objective put together from
components at random. Every case runs in a process and a folder of its own, for `--seconds` of a processor at most: what is at
work by then was accepted if one of its numbers is large. A traceback, a signal or what is left by a refused case is a fault, and
so is what takes longer than `--patience` for 24 small molecules, or waits ten times as long. Ray, the net and public data sets
stay out of it.
"""

import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import click

from benchmarks.fuzz.cases import COMMANDS, drawn
from benchmarks.fuzz.running import Outcome, run, start
from benchmarks.results import show


def outcomes(
    number: int, seconds: float, patience: float, seed: int = 0, commands: Collection[str] = tuple(COMMANDS)
) -> Iterator[Outcome]:
    """What became of about so many cases, always the same."""
    start()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(partial(run, seconds=seconds, patience=patience), drawn(number, seed, commands))


@click.command()
@click.option("--cases", "number", default=2000, help="Commands to run.")
@click.option("--seconds", default=5.0, help="Of a processor that a case with large numbers may take.")
@click.option("--patience", default=60.0, help="Seconds of a processor after which any other hangs.")
@click.option("--seed", default=0, help="Of the cases.")
@click.option("--command", "commands", multiple=True, type=click.Choice(list(COMMANDS)), help="Only cases of this command.")
@click.option("--verbose", is_flag=True, help="Print each case and what it says.")
def fuzz(number: int, seconds: float, patience: float, seed: int, commands: tuple[str, ...], verbose: bool) -> None:
    """Run the cases, print what is wrong with any, and a table."""
    found = []
    for outcome in outcomes(number, seconds, patience, seed, commands or tuple(COMMANDS)):
        found.append(outcome)
        if len(found) % 100 == 0:
            print(f"{len(found):,} cases, {sum(bool(each.faults) for each in found)} with a fault", flush=True)
        for fault in outcome.faults:
            print(fault, end="\n\n", flush=True)
        if verbose:
            print(f"{outcome.code} {outcome.seconds:.1f} s {outcome.case.arguments}\n{outcome.errors[:600]}", flush=True)
    rows = []
    for command in [*COMMANDS, "all"]:
        own = [outcome for outcome in found if command in (outcome.case.command, "all")]
        rows.append({"command": command, "cases": len(own), "accepted": sum(each.accepted for each in own),
                     "refused": sum(not each.accepted for each in own), "tracebacks": sum(each.crashed for each in own),
                     "half-written": sum(bool(each.made) for each in own), "hung": sum(each.hung for each in own),
                     "longest error (lines)": max((each.lines for each in own), default=0)})  # fmt: skip
    show(f"{len(found):,} cases", rows)


if __name__ == "__main__":
    fuzz()
