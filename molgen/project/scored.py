"""Molecules that a campaign or a screen has scored, whether or not it has ended."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.data.readers import given_smiles, read_chunks
from molgen.data.results import column_order
from molgen.data.tables.table import flat
from molgen.errors import DataError, MolgenError
from molgen.reports.report import drawn_components
from molgen.runs.database import FILE
from molgen.runs.relearning import without_rejected
from molgen.runs.saved import read_saved
from molgen.runs.settings import CONFIG, read_config
from molgen.runs.store import RunStore
from molgen.scoring.component import Component
from molgen.scoring.scorer import SCALED
from molgen.screening.charts import naming_column
from molgen.screening.parts import PART
from molgen.screening.screen import PARTS, SCORES, SCREEN

CHANGED = ("standardized", "changes")
ROWS = 50_000  # of a table that are read at once


@dataclass(frozen=True)
class ScoredMolecules:
    """What is in a folder.

    Attributes
    ----------
    name
        Of the folder.
    table : DataFrame [n]
        `number` (of the call or of the row), `smiles`, `score`, `problem`, the terms and filters by their names, and `operator`
        in a campaign, `name` in a screen whose library has names.
    terms
        Names of terms and filters.
    components
        Those that could be made, by the names of their terms and filters.
    start
        SMILES that the campaign began from, besides those in the table.
    notes
        What of the objective is left out, a line each.
    """

    name: str
    table: pd.DataFrame
    terms: tuple[str, ...]
    components: Mapping[str, Component]
    start: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "ScoredMolecules":
        """What a campaign or a screen in `folder` has scored.

        Raises
        ------
        DataError
            Nothing was scored yet, or a table is damaged.
        CampaignError
            There is neither, or a file of it is damaged.
        """
        if (folder / SCREEN).is_file() or ((folder / SCORES).is_file() and not (folder / CONFIG).is_file()):
            return _of_screen(folder)
        if (folder / "sweep.yaml").is_file():
            raise DataError(f"{folder}: a sweep of campaigns; name the folder of one of them")
        config = read_config(folder)
        if not (folder / FILE).is_file():
            stages = sorted(path.parent.name for path in folder.glob(f"stage-*/{FILE}"))
            hint = f"; name a stage: {folder / stages[-1]}" if stages else ""
            raise DataError(f"{folder}: no molecule has been scored yet{hint}")
        store = RunStore(folder)
        whole = store.to_pandas()
        store.engine.dispose()
        table = without_rejected(whole, folder)
        crossed = [f"{len(whole) - len(table):,} rejected molecules"] if len(table) < len(whole) else []
        terms = tuple(name.removesuffix(SCALED) for name in table if name.endswith(SCALED))
        components, left_out = drawn_components(config.get("scoring"))
        start, unread = _start(config)
        return cls(folder.resolve().name, _checked(table.rename(columns={"id": "number"}), folder), terms, components, start,
                   (*left_out, *unread, *crossed))  # fmt: skip


def _start(config: Mapping[str, Any]) -> tuple[tuple[str, ...], list[str]]:
    """The molecules that settings name as known ones, and why some can't be read."""
    search = config["search"] if isinstance(config["search"], Mapping) else {}
    constraints = search.get("constraints")
    given = {"campaign.start": config["campaign"].get("start")}
    if isinstance(constraints, Mapping):
        given["search.constraints.lead"] = constraints.get("lead")
    found, notes = [], []
    for key, value in given.items():
        try:
            found += given_smiles(value or ())
        except (MolgenError, TypeError) as error:
            notes.append(f"{key}: {error}")
    return tuple(found), notes


def _of_screen(folder: Path) -> ScoredMolecules:
    config = read_saved(folder / SCREEN) if (folder / SCREEN).is_file() else {}
    scoring = config.get("scoring")
    components, left_out = drawn_components(scoring)
    groups = [scoring.get(kind) for kind in ("terms", "filters")] if isinstance(scoring, Mapping) else []
    terms = [str(name) for group in groups if isinstance(group, Mapping) for name in group]
    files = sorted((folder / PARTS).glob(PART)) or ([folder / SCORES] if (folder / SCORES).is_file() else [])
    tables = [table for file in files for table in read_chunks(file, config.get("column"), ROWS)]
    if not tables:
        raise DataError(f"{folder}: no molecule has been scored yet")
    frames = [flat(table.with_smiles()) for table in tables]
    order = column_order([list(frame.columns) for frame in frames])
    places = _places(order, terms, folder)
    own = order[: order.index(places["score"])]
    whole = pd.concat([frame.reindex(columns=order) for frame in frames], ignore_index=True)
    columns: dict[str, Any] = {"number": range(1, len(whole) + 1), "smiles": [text for table in tables for text in table.smiles]}
    columns |= {"problem": whole[places["problem"]].replace("", None)}
    columns |= {name: pd.to_numeric(whole[places[name]], errors="coerce").astype(float) for name in ("score", *terms)}
    if (naming := naming_column(name for name in own if name != tables[0].structure)) is not None:
        columns["name"] = whole[naming].fillna("").astype(str)
    table = _checked(pd.DataFrame(columns), folder)
    return ScoredMolecules(folder.resolve().name, table, tuple(terms), components, (), tuple(left_out))


def _places(columns: Sequence[str], terms: Sequence[str], folder: Path) -> dict[str, str]:
    """What molgen's columns are called in a screen, whose library may have some of their names itself: they stand at the end.

    Raises
    ------
    DataError
        They aren't there.
    """
    wanted = ["score", *(name for term in terms for name in (term, f"{term}{SCALED}")), "problem"]
    own = [name for name in columns if not any(re.fullmatch(rf"{kind}(_\d+)?", name) for kind in CHANGED)]
    found = own[-len(wanted) :]
    fits = len(found) == len(wanted) and all(
        re.fullmatch(rf"{re.escape(name)}(_\d+)?", column) for name, column in zip(wanted, found, strict=True)
    )
    if not fits:
        raise DataError(f"{folder / SCORES}: not the table of this screen: it must end with {', '.join(wanted)}; restore a copy")
    return dict(zip(wanted, found, strict=True))


def _checked(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    if table.empty:
        raise DataError(f"{folder}: no molecule has been scored yet")
    return table
