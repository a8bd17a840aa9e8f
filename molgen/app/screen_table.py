"""What a screen has scored, as a table that a page sorts, searches and shows."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.data.readers import read_chunks
from molgen.runs.saved import damaged
from molgen.screening.charts import naming_column

DOMAIN = "domain"  # of what was predicted: inside, or which terms are outside and why
SAID = ("standardized", "changes")
TAKEN = {"id", "smiles", DOMAIN}
LEADING_ZERO = r"[+-]?0\d"  # of codes, which would lose it as numbers


def read_scores(path: Path, column: Any, terms: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """The table of a screen's file of scores or hits, and the library's own columns; see `table_of_scores`.

    Parameters
    ----------
    column
        Of the settings: where the SMILES are; None where it is found by its name or content.
    """
    parts = list(read_chunks(path, column if isinstance(column, str) else None, 100_000))
    table = pd.concat([part.with_smiles() for part in parts], ignore_index=True)
    return table_of_scores(table, str(parts[0].structure), terms, path)


def table_of_scores(table: pd.DataFrame, structure: str, terms: Sequence[str], path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The table that pages show, and the library's own columns in it, that with names first.

    Parameters
    ----------
    table
        As scores.csv has it.
    structure
        The column of its SMILES as they were given.
    terms
        Names of terms and filters.
    path
        Named where the table isn't one of a screen with these terms.

    Returns
    -------
    tuple
        `id` (the row, from 1), `smiles` as it was scored (None where there is no molecule), `score`, a column for each term and
        `NAME_scaled`, the library's own columns, and `problem`; and the names of the library's own columns.

    Raises
    ------
    CampaignError
        The columns aren't those of the objective.
    """  # noqa: DOC501 (raised by another function)
    results = ["score", *(f"{name}{end}" for name in terms for end in ("", "_scaled")), *SAID, "problem"]
    without = [name for name in results if name not in SAID]
    wanted = next((names for names in (results, without) if _ends_with(table.columns, names)), None)
    if wanted is None:
        raise damaged(path, "it doesn't have the columns of this screen's objective")
    library = [str(name) for name in table.columns[: -len(wanted)]]
    given = [text if isinstance(text, str) else "" for text in table[structure]]
    taken, others = {*TAKEN, *wanted}, [name != structure for name in library]
    table = table.set_axis([*(f"library: {name}" if name in taken else name for name in library), *wanted], axis=1)
    naming = naming_column(library)
    own = [str(name) for name, other in zip(table.columns, others, strict=False) if other]
    numbers = [name for name in wanted if name not in (*SAID, "problem")]
    table[numbers] = table[numbers].apply(pd.to_numeric, errors="coerce").astype(float)
    for name in own:
        table[name] = _cells(table[name], name == naming)
    for name in (*SAID, "problem"):
        if name in table:
            table[name] = _filled(table[name])
    used = table["standardized"] if "standardized" in table else pd.Series([None] * len(table), dtype=object)
    is_molecule = ~table["problem"].astype(str).str.startswith("invalid")
    table["smiles"] = used.where(used.notna(), pd.Series(given, dtype=object)).where(is_molecule, None)
    table["id"] = np.arange(1, len(table) + 1)
    if naming is not None and naming in own:
        own = [naming, *(name for name in own if name != naming)]
    return table, own


def table_of_nothing(terms: Sequence[str]) -> pd.DataFrame:
    """The table before the first molecule is scored."""
    numbers = ["id", "score", *(f"{name}{end}" for name in terms for end in ("", "_scaled"))]
    return pd.DataFrame({name: pd.Series(dtype=float) for name in numbers} | {name: [] for name in ("smiles", "problem")})


def _cells(column: pd.Series, is_naming: bool) -> pd.Series:
    """A column of the library: numbers if all of it are, or else texts; None where there is nothing."""
    types = pd.api.types
    if types.is_bool_dtype(column) or types.is_datetime64_any_dtype(column):  # of a library in Parquet: as scores.csv has them
        column = pd.Series(column.to_csv(index=False, header=False).splitlines(), column.index)
    filled = _filled(column)
    texts, numeric = filled.dropna().astype(str), pd.to_numeric(filled, errors="coerce")
    if not is_naming and not texts.str.match(LEADING_ZERO).any() and numeric.notna().sum() == filled.notna().sum():
        return numeric.astype(float)
    return texts.astype(object).reindex(column.index).where(filled.notna(), None)


def _filled(column: pd.Series) -> pd.Series:
    """A column with None where there is nothing."""
    cells = column.astype(object)
    return cells.where(cells.notna() & (cells.astype(str) != ""), None)


def _ends_with(columns: Iterable[Any], names: list[str]) -> bool:
    """Whether columns end with these names, or with these and a number: the library may have some of them itself."""
    last = [str(name) for name in columns][-len(names) :]
    pairs = zip(last, names, strict=False)
    return len(last) == len(names) and all(re.fullmatch(rf"{re.escape(name)}(_\d+)?", own) for own, name in pairs)
