"""Values of one endpoint that several assays measured, brought to those of one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import skew

from molgen.chem.scaffolds import murcko
from molgen.chem.similarity import bit_matrix
from molgen.data.assay import Assay
from molgen.data.assay_effects import AssayValues, assay_effects
from molgen.data.cells import is_missing, texts
from molgen.errors import ConfigError, DataError, nearest

Array = NDArray[np.float64]

ASSAYS = ("assay", "assay id", "assayid", "assay name", "assay chembl id", "aid")  # columns that name assays, in public tables
SHOWN = 10  # assays that reports tell of, a line each
SKEWED = 1.5
UNNAMED = "unnamed"


@dataclass(frozen=True)
class AssayFigures:
    """What is known of one assay.

    Attributes
    ----------
    name
    measured, molecules
        How many values, and of how many molecules.
    shared_molecules, shared_scaffolds
        Molecules and Murcko scaffolds that the reference measured, too.
    linked
        Whether molecules that several assays measured lead from it to the reference.
    offset, offset_error
        By how much its values are above the reference's, with the standard error; 0 for the reference.
    noise
        Standard deviation of its values around the molecules' true ones.
    """

    name: str
    measured: int
    molecules: int
    shared_molecules: int
    shared_scaffolds: int
    linked: bool
    offset: float
    offset_error: float
    noise: float


@dataclass(frozen=True, eq=False)
class Brought:
    """Values as the reference would have measured them.

    Attributes
    ----------
    labels, errors : float64 [n]
        Of all rows; errors are those of the values, of their assay and of its offset together.
    of_reference : bool [n]
        Which rows are the reference's own.
    figures
        Of all assays, the reference first, then those with the most values.
    """

    labels: Array
    errors: Array
    of_reference: NDArray[np.bool_]
    figures: list[AssayFigures]
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def plain(self) -> list[dict[str, Any]]:
        """The figures as JSON can hold them."""
        return [
            {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(one).items()}
            for one in self.figures
        ]


def assay_names(table: pd.DataFrame, assay: Assay) -> list[str] | None:
    """The assay of each row [n], `UNNAMED` where none is named; None where no column of assays was asked for.

    Raises
    ------
    DataError
        There is no such column.
    """
    if assay.assay is None:
        return None
    others = [str(name) for name in table.columns if name != "smiles"]
    if assay.assay not in others:
        raise DataError(
            f"data.assay={assay.assay}: no such column{nearest(assay.assay, others)}; found: {', '.join(others[:10])}"
        )
    return [UNNAMED if is_missing(text) else text.strip() for text in texts(table[assay.assay])]


def bring_together(
    names: Sequence[str],
    labels: Array,
    relations: NDArray[np.int8],
    errors: Array,
    groups: Sequence[Sequence[int]],
    mols: Sequence[Chem.Mol],
    assay: Assay,
) -> Brought:
    """Bring the values of all assays to those of the reference.

    Parameters
    ----------
    names : [n]
        The assay of each row.
    labels, relations, errors : [n]
        As in `LabelColumn`.
    groups
        The rows of each of the
    mols : [m]
        distinct molecules.

    Raises
    ------
    ConfigError
        The reference has no measured value.
    DataError
        No assay has values of two molecules: the column names something else.
    """
    molecules = {row: i for i, of_one in enumerate(groups) for row in of_one}
    rows = np.array([row for row in molecules if not np.isnan(labels[row]) and relations[row] == 0], dtype=np.intp)
    known = pd.Series([names[row] for row in rows], dtype=object).value_counts()
    order = sorted(known.index, key=lambda name: (-known[name], name))
    reference = order[0] if assay.reference is None and order else assay.reference
    if reference not in known.index:
        raise ConfigError(
            f"data.reference={reference}: no assay with measured values in '{assay.assay}'{nearest(str(reference), order)}; "
            f"there are: {', '.join(order[:SHOWN])}"
        )
    order = [reference, *(name for name in order if name != reference)]
    order += sorted(set(names) - set(order))  # of bounds alone
    number = {name: k for k, name in enumerate(order)}
    of_row = np.array([number[name] for name in names], dtype=np.intp)
    place = np.array([molecules[row] for row in rows], dtype=np.intp)
    pairs = np.unique(np.stack([of_row[rows], place]), axis=1)
    if np.bincount(pairs[0]).max() < 2:
        raise DataError(f"data.assay={assay.assay}: no assay there has values of two molecules; name the column of assays")
    if len(order) == 1:
        only = f"'{assay.assay}' names one assay, {reference}: there is nothing to bring together"
        return Brought(labels, errors, np.ones(len(labels), bool), [], [only])
    here, position = np.unique(place, return_inverse=True)
    bits = bit_matrix([mols[i] for i in here])
    measured = AssayValues(labels[rows], np.nan_to_num(errors[rows]), of_row[rows], position, bits)
    found = assay_effects(measured, len(order), 0)
    whole = np.sqrt(np.nan_to_num(errors) ** 2 + found.noises[of_row] ** 2 + found.offset_errors[of_row] ** 2)
    figures = _figures(order, pairs, known, found.offsets, found.offset_errors, found.noises, mols)
    return Brought(
        labels - found.offsets[of_row],
        np.where(np.isnan(labels), np.nan, whole),
        np.asarray(of_row == 0),
        figures,
        list(_notes(figures)),
        [*_warnings(figures), *_skewed(labels[rows])],
    )


def _figures(
    order: Sequence[str],
    pairs: NDArray[np.intp],
    known: pd.Series,
    offsets: Array,
    offset_errors: Array,
    noises: Array,
    mols: Sequence[Chem.Mol],
) -> list[AssayFigures]:
    """Of each assay, from the pairs of assays and molecules [2, k] that were measured."""
    shape = len(order), len(mols)
    between = coo_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=shape).tocsr()
    parts = connected_components(between @ between.T, directed=False)[1]
    measured = [set(pairs[1, pairs[0] == k].tolist()) for k in range(len(order))]
    scaffold = {i: murcko(mols[i]) for i in set(pairs[1].tolist())}
    scaffolds = [{scaffold[i] for i in of_one} - {""} for of_one in measured]
    return [
        AssayFigures(
            name=name,
            measured=int(known.get(name, 0)),
            molecules=len(measured[k]),
            shared_molecules=len(measured[k] & measured[0]),
            shared_scaffolds=len(scaffolds[k] & scaffolds[0]),
            linked=bool(parts[k] == parts[0]),
            offset=float(offsets[k]),
            offset_error=float(offset_errors[k]),
            noise=float(noises[k]),
        )
        for k, name in enumerate(order)
    ]


def _notes(figures: Sequence[AssayFigures]) -> Iterator[str]:
    first, others = figures[0], figures[1:]
    yield (
        f"assay {first.name}: predictions are about it ({first.measured:,} values of {first.molecules:,} molecules, noise "
        f"{first.noise:.2g}); data.reference=NAME names another"
    )
    for one in others[:SHOWN]:
        yield (
            f"assay {one.name}: {one.measured:,} values of {one.molecules:,} molecules, {one.shared_molecules:,} of them also in "
            f"{first.name}; offset {one.offset:+.2f} ± {one.offset_error:.2f}, taken off; noise {one.noise:.2g}"
        )
    if len(others) > SHOWN:
        yield f"{len(others) - SHOWN:,} more assays: see the card"


def _warnings(figures: Sequence[AssayFigures]) -> Iterator[str]:
    first = figures[0].name
    apart = [one for one in figures[1:] if not one.linked]
    for one in apart[:SHOWN]:
        told = f"its offset, {one.offset:+.2f} ± {one.offset_error:.2f},"
        if one.shared_scaffolds:
            yield (
                f"assay {one.name} has no molecule in common with {first}: {told} rests on {one.shared_scaffolds:,} shared "
                "scaffolds and on similar molecules; some molecules measured in both would tell"
            )
        else:
            yield (
                f"assay {one.name} has neither a molecule nor a scaffold in common with {first}: {told} can't be told from what "
                "its molecules are like; measure some molecules in both"
            )
    if len(apart) > SHOWN:
        yield f"{len(apart) - SHOWN:,} more assays have no molecule in common with {first}: see the card"


def _skewed(values: Array) -> Iterator[str]:
    if len(values) > 2 and values.min() >= 0 and skew(values) > SKEWED:
        yield (
            "assays are taken to differ by offsets, but the values have a long tail; where they are concentrations, learn their "
            "logarithms: data.log=true"
        )


def pooled(table: pd.DataFrame) -> list[str]:
    """A warning for each column that names several assays, where none was asked for."""
    plain = {str(name): str(name).lower().replace("_", " ") for name in table.columns}
    found = {name: {text for text in texts(table[name]) if not is_missing(text)} for name in plain if plain[name] in ASSAYS}
    return [
        f"'{name}' names {len(known)} assays, learnt as if they were one; data.assay='{name}' learns by how much they differ"
        for name, known in found.items()
        if len(known) > 1
    ]
