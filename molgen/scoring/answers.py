"""Reads the answers of programs and servers as values."""

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.molecules import canonicalize

NAMES = ("score", "value", "prediction")


class AnswerError(ValueError):
    """An answer that can't be read, or doesn't hold one value per molecule."""


def read_values(text: str, smiles: Sequence[str], column: str | None) -> NDArray[np.float64]:
    """Read values [n] of canonical SMILES [n] from a JSON or CSV answer; nan where it has null or no number.

    JSON: `[1.5, null]`, `{"SMILES": 1.5}`, `[{"smiles": "...", "score": 1.5}]`, or one of these as the only value of an object.
    CSV: a header and one line per molecule. Lines and objects that name their SMILES may come in any order, others follow the
    order of `smiles`.

    Parameters
    ----------
    column
        The column with the values; by default the one called score, value or prediction, or the only one besides the SMILES.

    Raises
    ------
    AnswerError
        There is no such column, or the number of values isn't n.
    """
    table = _table(text, smiles, column)
    known = {str(name).lower(): name for name in table.columns}
    where = known.get("smiles")
    if where is not None:
        table.index = pd.Index([given or "" for given in canonicalize(table[where].astype(str))])
    elif len(table) != len(smiles):
        raise AnswerError(f"{len(table)} values for {len(smiles)} molecules")
    else:
        table.index = pd.Index(smiles)
    values = pd.to_numeric(table[_column(table, column, where)], errors="coerce")
    return values[~values.index.duplicated()].reindex(list(smiles)).to_numpy(float)


def _table(text: str, smiles: Sequence[str], column: str | None) -> pd.DataFrame:
    stripped = text.strip()
    if not stripped:
        raise AnswerError("an empty answer")
    if stripped[0] not in "[{":
        try:
            return pd.read_csv(io.StringIO(stripped))
        except (ValueError, pd.errors.ParserError) as error:
            raise AnswerError(f"neither JSON nor CSV: {stripped[:80]!r}") from error
    try:
        answer = json.loads(stripped)
    except ValueError as error:
        raise AnswerError(f"broken JSON ({error}): {stripped[:80]!r}") from error
    return _json_table(answer, smiles, column)


def _json_table(answer: Any, smiles: Sequence[str], column: str | None) -> pd.DataFrame:
    if isinstance(answer, dict):
        if any(text in answer for text in smiles):
            return pd.DataFrame({"smiles": answer.keys(), column or "score": answer.values()})
        lists = [value for key, value in answer.items() if isinstance(value, list | dict) and column in (None, key)]
        if len(lists) != 1:
            raise AnswerError(f"no list of values in an object with {', '.join(answer) or 'no keys'}")
        return _json_table(lists[0], smiles, column if isinstance(lists[0], list) else None)
    if all(isinstance(value, dict) for value in answer):
        return pd.DataFrame(answer)
    return pd.DataFrame({column or "score": answer})


def _column(table: pd.DataFrame, column: str | None, where: Any) -> Any:
    if column is not None:
        if column not in table:
            raise AnswerError(f"no column '{column}' among {', '.join(map(str, table.columns))}")
        return column
    others = [name for name in table.columns if name != where]
    likely = [name for name in others if str(name).lower() in NAMES]
    if likely or len(others) == 1:
        return (likely or others)[0]
    raise AnswerError(f"which of the columns {', '.join(map(str, others))}? Set column")
