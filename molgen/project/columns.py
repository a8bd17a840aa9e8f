"""Which columns of a laboratory's table say what: the endpoints, and who, when and by which assay they were measured."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from molgen.data.cells import is_missing, texts
from molgen.data.columns import RELATION, UNIT, VALUE, stem
from molgen.data.readers import IDENTIFIERS
from molgen.data.tables.columns import is_smiles_name, plain_name
from molgen.data.units import falls, is_activity, split_name
from molgen.project.goals import MeasuredEndpoint

NAMES = {
    "date": ("date", "test date", "date tested", "measured on", "assay date", "measurement date", "date measured", "tested on"),
    "who": ("who", "operator", "analyst", "chemist", "scientist", "measured by", "tested by", "user"),
    "assay": ("assay", "assay id", "assay name", "protocol", "experiment"),
    "replicate": ("replicate", "rep", "repeat", "replicate no", "replicate number", "run"),
    "status": ("status", "made", "synthesis", "synthesis status", "synthesised", "synthesized", "outcome"),
    "reason": ("reason", "why", "comment", "comments", "note", "notes", "remark", "remarks"),
    "rejected": ("rejected", "reject", "crossed out", "cross out", "cross", "decision"),
    "kind": ("endpoint", "standard type", "type", "parameter", "property", "readout", "measurement", "test", "result type"),
}
REPLICATE = re.compile(r"(?P<name>.*?)[ _.#-]+(?:(?:rep|repeat|replicate|run|r|n)[ _.#-]*)?(?P<number>\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column that holds values of an endpoint.

    Attributes
    ----------
    endpoint
        The project's name for it.
    replicate
        Where several columns hold repeats, the number of this one.
    exact
        Whether it is called as the endpoint is, and not as the concentration behind its logarithm.
    """

    name: str
    endpoint: str
    replicate: str = ""
    exact: bool = True


@dataclass(frozen=True)
class Meaning:
    """What the columns of a table mean.

    Attributes
    ----------
    columns
        Those of endpoints.
    said
        The column of each of `NAMES` that is there.
    name
        The column of identifiers.
    kinds
        What the cells of the column `kind` mean where a table has a row per value: endpoints by what is written.
    value
        The column of the values in such a table.
    left
        Columns that nobody asked for.
    predicted
        Columns called as an endpoint that hold predictions: the `error`, `low` and `high` of each stand beside it, as in a batch.
    """

    columns: tuple[Column, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    kinds: Mapping[str, Column] = field(default_factory=dict)
    value: str | None = None
    left: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()


def meaning(frame: pd.DataFrame, endpoints: Iterable[MeasuredEndpoint]) -> Meaning:
    """What the columns of a table of text mean to a project with these endpoints."""
    names, known = [str(name) for name in frame.columns], list(endpoints)
    plain = {name: plain_name(name) for name in names}
    wanted = {key: {plain_name(word) for word in words} for key, words in NAMES.items()}
    said = {key: name for key, words in wanted.items() for name in names if plain[name] in words}
    identifiers = [plain_name(word) for word in IDENTIFIERS]
    called = sorted((name for name in names if plain[name] in identifiers), key=lambda name: identifiers.index(plain[name]))
    values = [column for name in names if name not in said.values() and (column := endpoint_of(name, known)) is not None]
    predicted = tuple(column.name for column in values if _is_predicted(column.name, names))
    values = [column for column in values if column.name not in predicted]
    kinds: dict[str, Column] = {}
    value = next((name for name in names if stem(name) in ("", "standard") and _is_value(name)), None)
    if value is not None and "kind" in said:
        found = {text: endpoint_of(text, known) for text in dict.fromkeys(texts(frame[said["kind"]])) if not is_missing(text)}
        kinds = {text: column for text, column in found.items() if column is not None}
    elif value is not None and not values and len(known) == 1:
        values = [Column(value, known[0].name)]
    used = {column.name for column in values} | set(predicted) | set(said.values()) | set(called) | ({value} if value else set())
    left = [name for name in names if name not in used and not is_smiles_name(name) and not _is_about(name)]
    return Meaning(tuple(values), said, called[0] if called else None, kinds, value if kinds else None, tuple(left), predicted)


def _is_predicted(name: str, names: Iterable[str]) -> bool:
    """Whether the mean of a prediction is called so: its error and interval stand beside it."""
    beside = {_core(other) for other in names}
    return {plain_name(f"{split_name(name)[0]} {word}") for word in ("error", "low", "high")} <= beside


def _is_value(name: str) -> bool:
    return bool(set(re.findall(r"[^\W_]+", split_name(name)[0].lower())) & VALUE)


def _is_about(name: str) -> bool:
    return bool(set(re.findall(r"[^\W_]+", name.lower())) & (RELATION | UNIT))


def endpoint_of(name: str, endpoints: Iterable[MeasuredEndpoint]) -> Column | None:
    """The endpoint that a column of this name holds, if any.

    It is called as the endpoint, or one of its `columns`, case, punctuation and unit aside; or as the concentration of which the
    endpoint is the logarithm, or the other way round. `IC50_1` and `IC50_2` are repeats.
    """
    repeat = REPLICATE.fullmatch(split_name(name)[0])
    for text, number in ((name, ""), *([(repeat["name"], str(int(repeat["number"])))] if repeat else [])):
        for endpoint in endpoints:
            if _core(text) in {_core(other) for other in (endpoint.name, *endpoint.columns)}:
                return Column(name, endpoint.name, number)
        for endpoint in endpoints:
            if _linear(text) in {_linear(other) for other in (endpoint.name, *endpoint.columns)}:
                return Column(name, endpoint.name, number, exact=False)
    return None


def _core(name: str) -> str:
    return plain_name(split_name(name)[0])


def _linear(name: str) -> str:
    """What a concentration and its negative logarithm have in common; only the latter can be taken for the former."""
    plain = _core(name)
    if falls(name):
        return re.sub(r"(?:p|neg(?:ative)?log(?:10)?|log(?:10)?)(?=(?:ic|ec|ac|xc|gi|cc|dc|tc|lc|sc|ed)\d\d|k[idb])", "", plain)
    return plain if is_activity(name) else f"={plain}"
