"""Assay tables that several tests read."""

from pathlib import Path
from typing import Any

import pandas as pd

from molgen.data.assay import Assay
from molgen.data.curation import curate
from molgen.data.dataset import Dataset
from molgen.data.quality import QualityReport

CASES = Path(__file__).parents[1] / "cases" / "files"
MOLECULES = pd.read_csv(CASES / "lab.csv")["SMILES"].tolist()  # twenty, all different; the first is aspirin


def read(name: str, column: str = "SMILES", **settings: Any) -> pd.DataFrame:
    """A table as text to the letter, as every text format comes in."""
    settings = {"dtype": str, "keep_default_na": False, "index_col": False} | settings
    return pd.read_csv(CASES / name, **settings).rename(columns={column: "smiles"})


def table(**columns: list) -> pd.DataFrame:
    """The first of `MOLECULES` with measured columns."""
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({"smiles": MOLECULES[:rows]} | columns)


def curated(frame: pd.DataFrame, **settings: Any) -> tuple[Dataset, QualityReport, str]:
    dataset, report = curate(frame, Assay(**settings))
    return dataset, report, "\n".join(report.lines())
