"""Analogs of many molecules, in several processes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from molgen.processes import isolated, processors
from molgen.synthesis.analogs import Analogs
from molgen.synthesis.chemist import chemist_of

AT_ONCE = 8  # molecules per process between two reports of progress


@dataclass(frozen=True)
class AnalogSettings:
    """What is looked for: see `chemist_of` and `Analogs`.

    Attributes
    ----------
    number
        Most analogs per molecule.
    """

    stock: str
    reactions: str | None
    steps: int
    effort: int
    number: int


class FoundAnalog(NamedTuple):
    """An analog as text; `exact` if it is the molecule itself."""

    analog: str
    similarity: float
    steps: int
    route: str
    exact: bool


def analogs_of(
    molecules: Sequence[str],
    wanted: AnalogSettings,
    progress: Callable[[int], None] = lambda molecules: None,
    processes: int | None = None,
) -> Iterator[list[FoundAnalog] | Exception]:
    """Analogs per molecule, in order, or what prevented the search.

    Parameters
    ----------
    molecules
        Canonical SMILES.
    wanted
        The stock has been indexed.
    progress
        Is told of how many more molecules analogs have been looked for.
    processes
        By default one per processor.
    """
    processes = min(processes or processors(), len(molecules))
    jobs = iter([(wanted, smiles) for smiles in molecules])
    while part := list(islice(jobs, AT_ONCE * processes if processes > 1 else 1)):
        results: Iterable[list[FoundAnalog] | Exception] = (
            isolated(_found, part, processes) if processes > 1 else map(_found, part)
        )
        yield from results
        progress(len(part))


def _found(job: tuple[AnalogSettings, str]) -> list[FoundAnalog]:
    wanted, smiles = job
    found = Analogs(chemist_of(wanted.stock, wanted.reactions), wanted.steps, wanted.effort)(smiles, wanted.number)
    return [
        FoundAnalog(
            each.route.smiles,
            each.similarity,
            each.route.steps,
            str(each.route) or each.route.lines()[0],
            each.route.smiles == smiles,
        )
        for each in found
    ]
