"""The map of several campaigns' molecules: each campaign has an equal share of its points."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from molgen.app.map_view import LETTERS, MapSource
from molgen.app.newest import Newest
from molgen.app.opened_run import identity_of
from molgen.app.shown_map import MOST, ShownMap, sample_of
from molgen.runs.export import has_ended
from molgen.runs.watching import RunReader

BEST = 10  # one in so many of a campaign's molecules on the map is one of its best
OPEN = 3  # maps in memory
RUN = "run"  # the column of a molecule's campaign
COLUMNS = ["id", "smiles", "score", RUN, "call"]


class RunsMap:
    """The molecules of campaigns that are compared, to which rows are only ever added.

    Parameters
    ----------
    names, folders
        Of the campaigns.

    Attributes
    ----------
    share
        Molecules of a campaign that are on the map at most: where it has more, its best, and others at random.
    table
        `id` (the row, from 1), `smiles`, `score`, the number of its campaign as `run`, and its `call` there.
    """

    def __init__(self, names: Sequence[str], folders: Sequence[Path]) -> None:
        self.names = list(names)
        self.share = max(1, MOST // len(names))
        self.shown, self.one = ShownMap(), threading.Lock()
        self.table = pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
        self.growing = True
        self._readers: dict[int, RunReader] = {i: RunReader(folder) for i, folder in enumerate(folders)}
        self._taken = dict.fromkeys(self._readers, 0)

    def refresh(self) -> None:
        """Take in what the campaigns have scored since.

        Raises
        ------
        CampaignError
            One of them can't be read.
        """
        for i, reader in list(self._readers.items()):
            over = has_ended(reader.folder)  # before it is read
            known = len(reader)
            reader.refresh()
            self._take(i, reader.molecules.iloc[known:])
            if over or self._taken[i] >= self.share:
                del self._readers[i]  # and what it holds
        self.growing = bool(self._readers)

    def _take(self, i: int, molecules: pd.DataFrame) -> None:
        scores = molecules["score"].to_numpy(float)
        left = self.share - self._taken[i]
        rows = molecules.iloc[sample_of(np.nan_to_num(scores, nan=-np.inf), left, left // BEST, np.arange(len(scores)))]
        new = pd.DataFrame({"smiles": rows["smiles"], "score": rows["score"], RUN: i, "call": rows["id"]})
        new.insert(0, "id", np.arange(len(new)) + len(self.table) + 1)
        self.table = pd.concat([self.table, new], ignore_index=True) if len(self.table) else new.reset_index(drop=True)
        self._taken[i] += len(new)

    def source(self) -> MapSource:
        """What a page shows of it: coloured by campaign, by score and by call."""
        return MapSource(self.shown, self.table, ["score", "call"], self.growing, groups={RUN: self.names}, sources=self.names)


@dataclass(frozen=True)
class SharedRegion:
    """A part of the map: how many molecules of each campaign it has, and the molecule nearest its middle."""

    letter: str
    numbers: tuple[int, ...]
    run: str
    call: int
    smiles: str


def shared_regions(found: RunsMap) -> list[SharedRegion]:
    """The regions of a map that is laid out."""
    points = found.shown.points
    if points is None:
        return []
    of, middles, regions = found.shown.region, found.shown.middles, []
    for i in np.unique(of):
        here = np.flatnonzero(of == i)
        rows = found.table.iloc[points.rows[here]]
        middle = rows.iloc[((points.places[here] - middles[i]) ** 2).sum(1).argmin()]
        counts = np.bincount(rows[RUN].astype(int), minlength=len(found.names))
        regions.append(
            SharedRegion(
                LETTERS[i], tuple(map(int, counts)), found.names[int(middle[RUN])], int(middle["call"]), str(middle["smiles"])
            )
        )
    return regions


class RunsMaps:
    """The maps that pages look at, by their campaigns."""

    def __init__(self) -> None:
        self._open: Newest[RunsMap] = Newest(OPEN)

    def opened(self, names: Sequence[str], folders: Sequence[Path]) -> RunsMap:
        """The map of some campaigns, with what they have scored by now.

        Raises
        ------
        CampaignError
            One of them can't be read.
        """
        found = self._open.get(tuple(folders), [*map(identity_of, folders)], lambda: RunsMap(names, folders))
        with found.one:
            found.refresh()
        return found
