"""The best molecules of a campaign as files."""

from pathlib import Path

import pandas as pd

from molgen.data.readers import write_table
from molgen.reports.designed import designed
from molgen.reports.routes import ROUTE
from molgen.synthesis.trees import in_words, tree_of

LAST, REPORT = "top.csv", "report.html"


def best(molecules: pd.DataFrame, n: int) -> pd.DataFrame:
    """The `n` best-scored molecules, earlier calls first among equals."""
    return molecules.sort_values("score", ascending=False, kind="stable").head(n).reset_index(drop=True)


def export(molecules: pd.DataFrame, folder: Path, n: int) -> None:
    """Write `top.sdf` and `top.csv`: the `n` best of the designed molecules."""
    top = best(designed(molecules), n).rename(columns={"id": "call"})
    if ROUTE in top:
        top[ROUTE] = top[ROUTE].map(lambda text: in_words(tree_of(text)), na_action="ignore")
    write_table(top, folder / "top.sdf")
    write_table(top, folder / LAST)


def has_ended(folder: Path) -> bool:
    """Whether the campaign in `folder` has written all of its results; a report alone may be one of half a campaign."""
    return (folder / LAST).exists() and (folder / REPORT).exists()
