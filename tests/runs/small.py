"""What tests of campaigns share: an objective, a quick search, and its command."""

import sys
from pathlib import Path

import pandas as pd

from molgen.cli.commands import main
from molgen.runs.store import RunStore

QUICK = ["campaign.batch=20", "search.initial_design=30"]
ARGUMENTS = ["design", "scoring=drug_like", "search=genetic", "seed=5", *QUICK]
COMMAND = [sys.executable, "-m", "molgen.cli", *ARGUMENTS]


def carbons(smiles: list[str]) -> list[float]:
    return [text.upper().count("C") / len(text) for text in smiles]


def molecules(folder: Path) -> pd.DataFrame:
    return RunStore(folder).to_pandas()


def typed(*arguments: str) -> None:
    """What `molgen ARGUMENTS` does, without a process of its own; it must succeed."""
    main.main(arguments, prog_name="molgen", standalone_mode=False)
