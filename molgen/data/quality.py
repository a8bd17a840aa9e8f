"""What was found in a table of measured values, and what was made of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from molgen.chem.changes import is_changed
from molgen.chem.metals import active_metals
from molgen.chem.molecules import Molecules, parse
from molgen.data.replicates import RULE
from molgen.data.units import HIGHEST_P, LOWEST_P, P_UNIT, split_name


@dataclass(frozen=True)
class QualityReport:
    """What a data set holds, and what was dropped from it by `RULE`.

    Attributes
    ----------
    rows
        Of the table.
    unparsable
        Structures that can't be read or are refused; the first is shown in `warnings`.
    without_structure, blank
        Rows with no structure, with a value and without.
    standardized, changes
        How many structures standardisation changed, and by what it did.
    duplicates, conflicting
        Rows that joined others of their molecule, and molecules that lost a label because their rows contradict each other.
    molecules, scaffolds
        Of the data set.
    unlabelled
        Other molecules, that have no value which can be used. Rows are `unparsable`, `without_structure`, `blank`,
        `duplicates`, `molecules` and `unlabelled` together.
    censored
        What became of bounds: drop, exact or bound.
    endpoints
        Figures by endpoint.
    not_taken
        Columns that weren't taken for measured values, and why; empty where labels were named.
    assays
        Figures by assay (see `several_assays.AssayFigures`), where values of several were brought together.
    reading, notes
        How the file and its columns were read.
    """

    rows: int
    unparsable: int
    without_structure: int
    blank: int
    standardized: int
    changes: dict[str, int]
    duplicates: int
    conflicting: int
    molecules: int
    scaffolds: int
    unlabelled: int
    censored: str
    endpoints: dict[str, dict[str, Any]]
    not_taken: dict[str, str] = field(default_factory=dict)
    reading: list[str] = field(default_factory=list)
    rule: str = RULE
    assays: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The report for reading."""
        yield from self.reading
        if self.not_taken:
            yield f"endpoints: {', '.join(self.endpoints)}; not taken: {by_reason(self.not_taken)}; to choose: data.labels=[...]"
        yield (
            f"{self.rows:,} rows: {self.unparsable} unreadable structures, {self.without_structure} values without a structure, "
            f"{self.blank} blank, {self.duplicates} duplicates merged, {self.unlabelled} molecules without a label "
            f"({self.conflicting} with conflicting labels)"
        )
        if self.standardized:
            steps = ", ".join(f"{step} {count}" for step, count in self.changes.items())
            yield f"{self.standardized} structures standardised: {steps}"
        yield f"{self.molecules:,} molecules on {self.scaffolds:,} scaffolds"
        for name, figures in self.endpoints.items():
            yield f"{name}: " + ", ".join(_said(key, value) for key, value in figures.items())
        yield from self.notes
        yield from (f"warning: {warning}" for warning in self.warnings)


def by_reason(refused: Mapping[str, str]) -> str:
    """Columns and why they aren't taken, in few words."""
    names: dict[str, list[str]] = {}
    for name, reason in refused.items():
        names.setdefault(reason, []).append(name)
    return "; ".join(f"{', '.join(columns)} ({reason})" for reason, columns in names.items())


def _said(key: str, value: Any) -> str:
    return f"{key} {value}" if isinstance(value, str) else f"{key} {value:g}"


def warnings(figures: dict[str, dict[str, Any]], diversity: float) -> Iterator[str]:
    """What a user should know of labels before trusting what is learnt from them.

    Parameters
    ----------
    figures
        By endpoint.
    diversity
        Number of scaffolds per molecule.
    """
    for name, found in figures.items():
        if "share" in found and not 0.05 <= found["share"] <= 0.95:
            yield f"{name}: {found['share']:.1%} positive; accuracy says nothing here, look at AUPRC"
        if found.get("values") == 2:
            yield f"{name}: two values only, learnt as numbers; write classes as 1 and 0"
        if found.get("unit") == P_UNIT and not LOWEST_P < found["median"] < HIGHEST_P:
            side = "below" if found["median"] <= LOWEST_P else "above"
            yield (
                f"{name}: half of its values are {side} {found['median']:.3g}, which no {P_UNIT} is: they seem to be "
                "concentrations (call the column 'IC50 (nM)' or the like), or -log10 of another unit (of nM, 9 is to be added)"
            )
        if found["labels"] < 100:
            yield f"{name}: {found['labels']} labels are few; expect wide intervals"
    if diversity < 0.1:
        yield f"one scaffold to {1 / diversity:.0f} molecules: a random split would flatter"


def without_metal(asked: Molecules) -> Iterator[str]:
    """A warning where values of salts are learnt for what is left of them without a metal that may be what acts."""
    lost: dict[int, set[str]] = {}
    for i, (text, mol) in enumerate(zip(asked.smiles, asked.mols, strict=True)):
        if mol is not None and is_changed(asked.changes[i]) and (whole := parse(text)[0]):
            lost[i] = set(active_metals(whole)).difference(active_metals(mol))
    if rows := [i for i, metals in lost.items() if metals]:
        first = f"row {rows[0] + 1}" + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")
        symbols = ", ".join(sorted(set().union(*lost.values())))
        yield f"{first}: learnt without {symbols}, of which it is a salt and which may be what acts; if so, leave it out"


def replicates(names: Iterable[str]) -> Iterator[str]:
    """A warning where endpoints are called as replicates of one measurement are: `IC50_1 (nM)` and `IC50_2 (nM)`."""
    series: dict[str, list[str]] = {}
    for name in names:
        if found := re.search(r"(?:[ _.\-]|rep(?:licate)?|run) ?\d$", split_name(name)[0], re.IGNORECASE):
            series.setdefault(split_name(name)[0][: found.start()], []).append(name)
    for several in series.values():
        if len(several) > 1:
            yield f"{', '.join(several)}: each learnt by itself; replicates belong into one column, a row each"


def mixed(kinds: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A warning for each column that says that different things were measured."""
    for column, found in kinds.items():
        if len(found) > 1:
            shown = ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
            yield f"'{column}' holds {shown}: different measurements are learnt as one; keep one kind in the file"
