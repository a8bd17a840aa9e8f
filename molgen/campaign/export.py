"""The best molecules of a campaign as files."""

from pathlib import Path

import pandas as pd

from molgen.data.readers import write_table


def best(molecules: pd.DataFrame, n: int) -> pd.DataFrame:
    """The `n` best-scored molecules, earlier calls first among equals."""
    return molecules.sort_values("score", ascending=False, kind="stable").head(n).reset_index(drop=True)


def export(molecules: pd.DataFrame, folder: Path, n: int) -> None:
    """Write `top.csv` and `top.sdf`."""
    top = best(molecules, n).rename(columns={"id": "call"})
    write_table(top, folder / "top.csv")
    write_table(top, folder / "top.sdf")
