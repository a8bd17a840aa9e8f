"""Which columns of an assay table hold measured values, and which say how those are meant."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.assay import class_of
from molgen.data.cells import is_missing, is_number, read_numbers, relation, texts
from molgen.data.units import falls, is_activity, is_logarithmic, split_name
from molgen.errors import DataError

RELATION = frozenset(("relation", "relations", "relationship", "qualifier", "qualifiers", "operator", "operators", "modifier"))
UNIT = frozenset(("unit", "units", "uom"))
VALUE = frozenset(("value", "values", "result", "results"))
ID = re.compile(
    r"(?:ids?|[csat]id|index|idx|n[or]|number|num|row|rowid|rank|key|cas|casrn|code|barcode|batch|lot|plate|well|registry|regno"
    r"|pmid|doi|unnamed|serial|record|entry|smiles|(?:chembl|mol|cpd|cmpd|compound|molecule|sample)(?:id|no|nr)?|pubchem(?:id|cid))"
)
DATE = frozenset(("year", "date", "datum", "timestamp", "day", "month"))
DATED = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[T ].*)?")
SPREAD = frozenset(
    ("sd", "std", "stdev", "stddev", "sem", "stderr", "error", "cv", "rsd", "n", "replicates", "r2", "hill", "hillslope")
)
FILING = frozenset(
    ("cluster", "fold", "split", "set", "column", "col", "price", "purity", "amount")
)  # what isn't of the molecule
COMPUTED = re.compile(
    r"(?:molecular|mol|exact|monoisotopic|average)[ _.]?(?:weight|mass|wt)|mw|mwt|heavy[ _]atoms?.*|.*rotatable[ _]bonds?|qed"
    r"|.*(?:tpsa|psa|polar surface area)|[#]?h[ _-]?b?[ad]|hb[ad].*|.*(?:donors|acceptors)|(?:[#a-z ]*ro5|lipinski).*"
    r"|number[ _]of[ _].*|formal[ _]charge|minimum degree|[aclx]{1,3}logp\d?",
    re.IGNORECASE,
)
BOOKKEEPING = re.compile(  # of PubChem, ChEMBL and BindingDB
    r"pubchem_(?!activity_outcome).*|(?:molecule[ _])?max[ _]phase|ligand[ _]efficiency.*|potential[ _]duplicate|confidence.*"
    r"|number of protein chains.*|ph|temp(?:erature)?(?: ?\(c\))?",
    re.IGNORECASE,
)


class Companion(NamedTuple):
    """A column of relations or units, and whether its relations are to be turned round for a logarithm."""

    column: str
    turned: bool = False


def stem(name: str) -> str:
    """What a label's column and the columns of its relations and units share: `ic50` of `IC50 (nM)` and `IC50_relation`."""
    words = re.findall(r"[^\W_]+", split_name(name)[0].lower())
    return "".join(word for word in words if word not in RELATION | UNIT | VALUE)


def relation_columns(table: pd.DataFrame) -> list[str]:
    """The columns that hold relations such as `>`, by their names or by what is in them."""
    return [name for name in _others(table) if _is_relation(table[name], bool(_words(name) & RELATION))]


def unit_columns(table: pd.DataFrame) -> list[str]:
    """The columns that hold units, by their names."""
    found = [name for name in _others(table) if _words(name) & UNIT]
    return [name for name in found if not any(is_number(text) for text in set(texts(table[name])) if text)]


def companions(table: pd.DataFrame, labels: Sequence[str], columns: Sequence[str], *, shared: bool) -> dict[str, Companion]:
    """Of each label the column among `columns` that says how it is meant.

    Parameters
    ----------
    shared
        Whether a column that names no label belongs to all labels, as units do, or to the one beside it.

    Raises
    ------
    DataError
        A column that names no label could belong to several.
    """
    found: dict[str, Companion] = {}
    stems = {stem(name) for name in _others(table) if name not in columns}
    general = [name for name in columns if stem(name) not in stems - {""}]
    for label in labels:
        own = [name for name in columns if stem(name) == stem(label)]
        linear = [name for name in columns if stem(name) == _linear(label)]
        if own or linear:
            found[label] = Companion((own or linear)[0], turned=not own and falls(label))
    left = [label for label in labels if label not in found]
    concentrations = [label for label in left if is_activity(label)]
    for name in general:
        if not left or name in {companion.column for companion in found.values()}:
            continue
        if shared or len(left) == 1:
            beside = left
        elif len(general) == len(concentrations) == 1:
            beside = concentrations
        else:
            beside = _beside(list(map(str, table.columns)), name, general, left)
        if not shared and len(beside) > 1:
            raise DataError(
                f"column '{name}': does it belong to '{beside[0]}' or to '{beside[1]}'? call it '{beside[0]} relation', "
                "or name one label: data.labels=[...]"
            )
        for label in beside:
            found.setdefault(label, beside_linear(table, label, name))
    return found


def beside_linear(table: pd.DataFrame, label: str, column: str) -> Companion:
    """A column of relations that belongs to a label, turned round where they are those of the concentration beside it."""
    return Companion(column, turned=falls(label) and partner(table, label) is not None)


def _beside(order: list[str], name: str, general: Sequence[str], labels: Sequence[str]) -> list[str]:
    """The labels that stand beside a column, on the side where the first of `general` stands; all where there are none."""
    first = order.index(general[0]) < min(order.index(label) for label in labels)
    place = order.index(name)
    for offset in (1, -1) if first else (-1, 1):
        if 0 <= place + offset < len(order) and order[place + offset] in labels:
            both = len(general) == 1 and 0 <= place - offset < len(order) and order[place - offset] in labels
            return [order[place + offset], order[place - offset]] if both else [order[place + offset]]
    return list(labels)


def _linear(label: str) -> str | None:
    """The stem of the concentration that a label is the logarithm of: `ic50` of pIC50, `standard` of ChEMBL's pChEMBL Value."""
    name = stem(label)
    if not is_logarithmic(label):
        return None
    return "standard" if name == "pchembl" else re.sub(r"^(?:p|(?:neg(?:ative)?)?log(?:10)?)", "", name)


def partner(table: pd.DataFrame, label: str) -> str | None:
    """The column of the concentrations that a label is the logarithm of."""
    wanted = _linear(label)
    values = [name for name in _others(table) if not _words(name) & (RELATION | UNIT) and not is_logarithmic(name)]
    return next((name for name in values if wanted and stem(name) == wanted), None)


def endpoint_columns(table: pd.DataFrame) -> tuple[list[str], dict[str, str]]:
    """The columns that look like measured values, and why the others don't."""
    about = dict.fromkeys((*relation_columns(table), *unit_columns(table)), "says how others are meant")
    axes = [name for name in _others(table) if name.lower() in ("x", "y", "z")]
    about |= dict.fromkeys(axes if len(axes) > 1 else [], "a coordinate")
    reasons = {name: about.get(name) or _not_measured(table[name], name) for name in _others(table)}
    taken = [name for name, reason in reasons.items() if reason is None]
    same = {linear: name for name in taken if (linear := partner(table, name)) in taken}
    if standard := next((name for name in _others(table) if _words(name) == {"standard", "value"}), None):  # ChEMBL's
        same |= {name: standard for name in taken if name.lower() == "value"}
    taken = [name for name in taken if name not in same]
    refused = {name: reason for name, reason in reasons.items() if reason}
    refused |= {linear: f"the same as {name}" for linear, name in same.items() if linear}
    return taken, refused


def _not_measured(column: pd.Series, name: str) -> str | None:
    """Why a column isn't one of measured values; None where it looks like one."""
    written = texts(column)
    cells = [text for text in written if not is_missing(text)]
    if BOOKKEEPING.fullmatch(name.strip()):
        return "bookkeeping of public tables"
    if not name.strip():
        return "without a name"
    if _words(name) <= FILING and _words(name):
        return "an identifier"
    if is_class(written):
        return None if len({class_of(text) for text in written} & {0.0, 1.0}) > 1 else "one value only"
    if not cells:
        return "empty"
    if pd.api.types.is_datetime64_any_dtype(column) or _words(name) & DATE:
        return "a date"
    if COMPUTED.fullmatch(name.strip()) or _words(name) & {"calc", "calculated", "predicted", "pred"}:
        return "follows from the structure"
    if _words(name) & SPREAD:
        return "says how well others were measured"
    if _identifies(name, cells):
        return "an identifier"
    if all(DATED.fullmatch(text.strip()) for text in cells):
        return "a date"
    if sum(map(is_number, cells)) < len(cells) / 2:
        return "text"
    if len(set(cells)) == 1:
        return "one value only"
    known = split_name(name)[1] is not None or is_activity(name) or is_logarithmic(name)
    return None if known else _counting(read_numbers(cells, name).value)


def _identifies(name: str, cells: Sequence[str]) -> bool:
    """Whether a column is one of identifiers or of filing: by its name, and by whole numbers where that says more besides."""
    words = _words(name)
    found = {word for word in words if ID.fullmatch(word) or word in FILING}
    fractions = any(re.search(r"\d[.,]\d*[1-9]", text) for text in cells)
    return bool(found) and not is_activity(name) and (not fractions or found == words)


def _counting(values: NDArray[np.float64]) -> str | None:
    """What whole numbers stand for where they are row numbers, years or the like."""
    if len(values) < 3 or (values != np.round(values)).any():
        return None
    if len(np.unique(values)) == len(values):
        if np.ptp(values) == len(values) - 1:
            return "row numbers"
        if len(values) >= 10 and (np.diff(values) > 0).all():
            return "rises from row to row as identifiers do"
    if ((values >= 1900) & (values <= 2100)).all():
        return "years"
    return "dates" if ((values >= 19_000_101) & (values <= 21_001_231)).all() else None


def is_class(cells: Sequence[str]) -> bool:
    """Whether a column's cells are words for classes, or 1 and 0, and not all missing."""
    found = [class_of(text) for text in set(cells)]
    return None not in found and bool({0.0, 1.0} & set(found))


def _is_relation(column: pd.Series, named: bool) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return False
    counts = pd.Series(texts(column)).value_counts()
    counts = counts[[text.strip() != "" for text in counts.index]]
    symbols = [relation(text) is not None for text in counts.index]
    if named:
        return bool(len(counts)) and counts[symbols].sum() * 2 >= counts.sum()
    return bool(len(counts)) and all(symbols) and any(set(text) & set("<>=") for text in counts.index)


def _others(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.columns if name != "smiles"]


def _words(name: str) -> set[str]:
    """The words of a column's name in lower case, `CompoundID` being two."""
    return set(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", split_name(name)[0]).lower()))
