"""The molecules of a run as a table: which rows, in which order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from molgen.app.matching import Answers, containing, similar_to
from molgen.errors import DataError, nearest
from molgen.runs.watching import RunReader
from molgen.scoring.judgements import Judgement

SIMILARITY = "similarity_to_query"  # objectives have terms that are named similarity
JUDGED = "judged"  # star or reject
TEXTS = ("smiles", "operator", "problem", JUDGED)
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
CONDITION = re.compile(rf"(?P<sign><=|>=|<|>|=)\s*(?P<bound>{NUMBER})|(?P<low>{NUMBER})?\s*\.\.\s*(?P<high>{NUMBER})?")
SIGNS: dict[str, Any] = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.isclose}
FORMS = "write >0.5, <3, =1 or 0.2..0.8"


@dataclass(frozen=True)
class TableQuery:
    """Which molecules are wanted.

    Attributes
    ----------
    sort, descending
        The column that they are sorted by.
    conditions
        By column: `>0.5`, `<3`, `=1` or `0.2..0.8` of numbers, a part of texts.
    contains
        SMARTS or SMILES of a substructure; empty for any.
    similar
        SMILES of a molecule that they are compared with; empty for none.
    """

    sort: str = "score"
    descending: bool = True
    conditions: Mapping[str, str] = field(default_factory=dict)
    contains: str = ""
    similar: str = ""


def columns_of(names: Sequence[str]) -> list[str]:
    """What a table of molecules with these terms can be sorted by, but for the similarity."""
    return [JUDGED, "score", "id", *names, "operator", "smiles", "problem"]


def answer_table(reader: RunReader, answers: Answers, question: TableQuery, verdicts: Mapping[str, Judgement]) -> pd.DataFrame:
    """The molecules of `reader` that are wanted, in order, with their `verdicts`; and `SIMILARITY` where they are compared.

    Raises
    ------
    DataError, ConfigError
        There is no such column, or what is asked can't be read.
    """
    kinds = {text: fact.kind for text, fact in verdicts.items()}
    table = reader.molecules.assign(**{JUDGED: reader.molecules["smiles"].map(kinds).astype(object)})
    return answer_rows(table, columns_of(reader.names), TEXTS, answers, question)


def answer_rows(
    table: pd.DataFrame, columns: Sequence[str], texts: Sequence[str], answers: Answers, question: TableQuery
) -> pd.DataFrame:
    """The rows of a table of molecules that are wanted, in order, and `SIMILARITY` where they are compared.

    Parameters
    ----------
    table
        With a column `smiles`, in which nothing is no molecule.
    columns
        That may be asked for.
    texts
        Those of them that hold text.

    Raises
    ------
    DataError, ConfigError
        There is no such column, or what is asked can't be read.
    """
    smiles = [text if isinstance(text, str) else "" for text in table["smiles"]]
    if question.similar:
        found = answers(f"similar {question.similar}", similar_to(question.similar), smiles)
        table = table.assign(**{SIMILARITY: found})
    known = [*columns, *([SIMILARITY] if question.similar else [])]
    keep = np.ones(len(table), bool)
    if question.contains:
        keep &= answers(f"contains {question.contains}", containing(question.contains), smiles) == 1
    for column, wanted in question.conditions.items():
        _check_column(column, known)
        if wanted.strip():
            keep &= _meets(table[column], column, wanted.strip(), column in texts)
    _check_column(question.sort, known)
    table = table[keep]
    return table.sort_values(question.sort, ascending=not question.descending, kind="stable")


def _check_column(name: str, known: list[str]) -> None:
    if name not in known:
        raise DataError(f"no column '{name}'{nearest(name, known)}; there are {', '.join(known)}")


def _meets(values: pd.Series, column: str, wanted: str, is_text: bool) -> np.ndarray:
    if is_text:
        return values.fillna("").astype(str).str.contains(wanted, case=False, regex=False).to_numpy(bool)
    found = CONDITION.fullmatch(wanted)
    if found is None:
        raise DataError(f"{column}: '{wanted}' is no condition; {FORMS}")
    numbers = values.to_numpy(float)
    if found["sign"]:
        return np.asarray(SIGNS[found["sign"]](numbers, float(found["bound"])), bool)
    return (numbers >= float(found["low"] or -np.inf)) & (numbers <= float(found["high"] or np.inf))
