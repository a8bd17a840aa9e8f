"""Tables of predictions for reading: with units, published ranges and percentiles among approved drugs."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.dataset import ENDINGS
from molgen.names import check_endings
from molgen.predictors.base import Prediction
from molgen.predictors.percentiles import percentiles
from molgen.predictors.ranges import range_of


def described_table(prediction: Prediction, drugs: Mapping[str, NDArray[np.float64]] | None = None) -> pd.DataFrame:
    """As `Prediction.to_pandas`, with more columns for each endpoint.

    `NAME_unit`, where it has one; `NAME_range`, poor, fair or good, where there is a published one (see `ranges`);
    `NAME_percentile`, the share of approved drugs for which less is predicted, in %.

    Parameters
    ----------
    drugs
        What is predicted for approved drugs [m], by endpoint; those that aren't in it have no percentile.

    Raises
    ------
    ConfigError
        A column would have the name of another endpoint.
    """
    table = prediction.to_pandas()
    names = [endpoint.name for endpoint in prediction.endpoints]
    check_endings(names, ENDINGS, "predictor")
    for j, endpoint in enumerate(prediction.endpoints):
        name, mean = endpoint.name, prediction.mean[:, j]
        more: dict[str, object] = {"unit": written_unit(endpoint.unit)} if endpoint.unit else {}
        if (published := range_of(endpoint)) is not None:
            more["range"] = published.words(mean)
        if drugs is not None and name in drugs:
            more["percentile"] = percentiles(mean, drugs[name])
        place = table.columns.get_loc(f"{name}_outside") + 1
        for k, (ending, values) in enumerate(more.items()):
            table.insert(place + k, f"{name}_{ending}", values)
    return table


def written_unit(unit: str) -> str:
    """A unit as a cell of a table, which spreadsheets take for a formula if it begins with a minus: `neg log10(mol/L)`."""
    return f"neg {unit[1:].lstrip()}" if unit.startswith("-") else unit
