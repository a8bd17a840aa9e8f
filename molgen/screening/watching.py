"""The scored molecules of a screen that goes on, read while another process may be writing them; nothing is written."""

from pathlib import Path

import pandas as pd
from pyarrow import ArrowException
from pyarrow.parquet import read_metadata

from molgen.data.results import column_order
from molgen.screening.parts import PART, STRUCTURE, TOTAL


class ScoredParts:
    """The chunks of a screen that are scored by now, of which `refresh` reads those that are new.

    Parameters
    ----------
    folder
        That the chunks are in.
    most
        Rows that are read: the first ones, as the library has them.

    Attributes
    ----------
    table
        As scores.csv will begin; empty before the first chunk, and of a screen that a molgen before 0.2 has begun.
    structure
        The column in which molecules stand as they were given.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most
        self.table, self.structure = pd.DataFrame(), ""
        self._tables: list[pd.DataFrame] = []
        self._rows: dict[str, int] = {}

    @property
    def whole(self) -> bool:
        """Whether all that is scored has been read."""
        return len(self.table) == self.scored

    @property
    def scored(self) -> int:
        """How many molecules are scored by now, also those beyond the ones that are read."""
        return sum(self._rows.values())

    @property
    def total(self) -> int | None:
        """About how many molecules there are to be scored, if that is known."""
        try:
            return int((self.folder / TOTAL).read_text())
        except (OSError, ValueError):
            return None

    def refresh(self) -> bool:
        """Read the chunks that follow those that are known, up to the first that isn't there yet; whether there were any."""
        self._count()
        known = len(self._tables)
        while sum(map(len, self._tables)) < self.most:
            try:
                table = pd.read_parquet(self.folder / f"{len(self._tables):08d}.parquet")
            except (OSError, ValueError, ArrowException):  # not scored yet, moved as the screen ended, or damaged
                break
            if not isinstance(structure := table.attrs.get(STRUCTURE), str) or structure not in table:
                break
            self.structure = structure
            self._tables.append(table)
        if len(self._tables) == known:
            return False
        names = column_order([list(table.columns) for table in self._tables])
        aligned = [table.reindex(columns=names) for table in self._tables]
        self.table = pd.concat(aligned, ignore_index=True).head(self.most)
        return True

    def _count(self) -> None:
        for path in self.folder.glob(PART):
            if path.name not in self._rows:
                try:
                    self._rows[path.name] = read_metadata(path).num_rows
                except (OSError, ArrowException):
                    continue
