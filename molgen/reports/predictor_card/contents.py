"""What a predictor's card is made of: what its file says of it, and `evaluation.csv`, which lies beside it."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.data.dataset import Endpoint
from molgen.errors import DataError
from molgen.learn.saved import Saved
from molgen.predictors.base import saved_endpoint, saved_endpoints
from molgen.predictors.held_out import FILE, NUMBERS, TEXTS
from molgen.predictors.shipped import load_predictor

OLD = "trained by an older version of molgen, on pairs with proteins, or not by molgen train"


@dataclass(frozen=True)
class CardContents:
    """What is known of a predictor.

    Attributes
    ----------
    path
        Its file.
    about
        What its file says of it.
    table
        Of `held_out_table`, empty where it isn't known.
    missing
        What isn't known, and why, a line each.
    """

    path: Path
    about: Mapping[str, Any]
    endpoints: tuple[Endpoint, ...]
    table: pd.DataFrame
    missing: tuple[str, ...]

    def rows(self, endpoint: Endpoint) -> pd.DataFrame:
        """What was measured of an endpoint, and predicted without it."""
        return self.table[self.table["endpoint"] == endpoint.name]

    def part(self, name: str) -> Mapping[str, Any]:
        """The mapping `name` of the file's card; empty where there is none."""
        found = self.about.get(name)
        return found if isinstance(found, Mapping) else {}


def read_card(path: Path) -> CardContents:
    """The card of a predictor.

    Parameters
    ----------
    path
        Its .safetensors file.

    Raises
    ------
    CheckpointError
        It is missing or damaged, or no predictor's.
    DataError
        `evaluation.csv` isn't what was written beside it.
    """
    saved = Saved.read(path)
    if "endpoints" in saved.card:
        endpoints = saved_endpoints(saved)
    elif "endpoint" in saved.card:
        endpoints = (saved_endpoint(saved, "endpoint"),)
    else:
        endpoints = load_predictor(str(path)).endpoints
    missing = []
    if not isinstance(saved.card.get("quality"), Mapping):
        missing.append(f"What was done to the data: {OLD}.")
    table = pd.DataFrame(columns=[*TEXTS, *NUMBERS, "in_domain"]).astype(dict.fromkeys(NUMBERS, float))
    wanted, file = saved.card.get("evaluation"), path.with_name(FILE)
    if wanted is None:
        missing.append(f"Figures with intervals, baselines, plots, misses and cliffs: {OLD}.")
    elif not file.is_file():
        missing.append(f"Figures with intervals, baselines, plots, misses and cliffs: {FILE} isn't beside {path.name}.")
    elif hashlib.sha256(content := file.read_bytes()).hexdigest() != wanted:
        raise DataError(
            f"{file}: not as it was written when {path.name} was trained (its checksum differs); restore it, or delete it for "
            "a card without it"
        )
    else:
        table = _read(content, file)
    return CardContents(path, saved.card, endpoints, table, tuple(missing))


def _read(content: bytes, file: Path) -> pd.DataFrame:
    try:
        found = pd.read_csv(
            io.BytesIO(content), dtype=dict.fromkeys(TEXTS, str), keep_default_na=False, na_values=dict.fromkeys(NUMBERS, "")
        )
        found = found.reindex(columns=[*TEXTS, *NUMBERS, "in_domain"]).astype(dict.fromkeys(NUMBERS, float))
        found = found.fillna({"outside": ""})  # of a file from before reasons were kept
    except (ValueError, KeyError, pd.errors.ParserError) as error:
        raise DataError(f"{file}: can't be read ({str(error).splitlines()[0][:200]}); train the predictor again") from error
    return found.assign(in_domain=found["in_domain"].astype(str) == "True")
