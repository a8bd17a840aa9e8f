"""How the columns of an assay table are meant: what a user can say about them, and the words for classes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.cells import MISSING, plain_text
from molgen.data.dataset import Endpoint
from molgen.errors import ConfigError, DataError, nearest

POSITIVE = re.compile(r"1|1\.0|active|yes|y|true|t|positive|pos|\+|hit|probe|toxic|binder|inhibitor|substrate|blocker")
NEGATIVE = re.compile(r"0|0\.0|inactive|no|n|false|f|negative|neg|nonhit|not active")
NOT = re.compile(r"(?:non|not|in)[- ]?(.+)")
CENSORED = ("drop", "exact", "bound")


@dataclass(frozen=True, kw_only=True)
class Assay:
    """How the measured values of a table are meant.

    Attributes
    ----------
    labels
        Columns of measured values; by default all that look like such.
    log
        Whether concentrations are learnt as -log10(mol/L); by default where they span five decades.
    censored
        What becomes of values that are bounds (`>10000`): `drop` leaves them out, `exact` takes them for measurements,
        `bound` keeps them as bounds, from which `boosted` and `graph_network` learn; other predictors leave them out.
    relation
        The column that holds `>` and `<`, where it can't be told by its name.
    unit
        The column that holds units, or the unit of all values, where it can't be told from the table.
    error
        The column that holds the standard deviations of the values of the one label, in the unit of these; by default what cells
        have behind `±`. `boosted`, `graph_network` and `deepchem` learn less from larger errors.
    assay
        The column that names the assay of each value of the one label: by how much assays differ is learnt and taken off.
    reference
        The assay that predictions are about; by default the one with the most values.
    """

    labels: Sequence[str | Endpoint] = ()
    log: bool | None = None
    censored: str = "drop"
    relation: str | None = None
    unit: str | None = None
    error: str | None = None
    assay: str | None = None
    reference: str | None = None

    def __post_init__(self) -> None:
        if self.censored not in CENSORED:
            hint = nearest(str(self.censored), CENSORED)
            raise ConfigError(f"data.censored={self.censored}: no such way{hint}; known: {', '.join(CENSORED)}")
        if self.reference is not None and self.assay is None:
            raise ConfigError(f"data.reference={self.reference}: name the column of assays, too: data.assay=COLUMN")


def classes(values: Iterable[Any], name: str = "label") -> NDArray[np.float64]:
    """Words for classes as 1 and 0, nan if there is none.

    Known are 1 and 0, active and inactive, yes and no, true and false, positive and negative, hit, + and -, with PubChem's
    Probe (active), Inconclusive and Unspecified (missing), and `non-X` or `not X` for any known X, in whatever case.

    Raises
    ------
    DataError
        For the first word that isn't known.
    """
    cells = ["" if value is None or value is pd.NA or value != value else str(value) for value in values]
    found = {text: class_of(text) for text in dict.fromkeys(cells)}
    if any(plain_text(text) == "+" for text in found):
        found |= {text: 0.0 for text in found if plain_text(text) in ("-", "–")}
    for row, text in enumerate(cells, 1):
        if found[text] is None:
            raise DataError(
                f"column '{name}': '{text}' in row {row} is no word for a class; known: active and inactive, yes and no, "
                "true and false, positive and negative, hit and non-hit, 1 and 0"
            )
    return np.array([found[text] for text in cells], dtype=float)


def class_of(text: str) -> float | None:
    """1, 0, nan for a missing one, None for a word that isn't known; see `classes`."""
    word = plain_text(text).lower()
    if POSITIVE.fullmatch(word):
        return 1.0
    if NEGATIVE.fullmatch(word) or ((found := NOT.fullmatch(word)) and POSITIVE.fullmatch(found[1])):
        return 0.0
    return np.nan if MISSING.fullmatch(word) else None
