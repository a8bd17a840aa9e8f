"""What a campaign has designed, of all that it has scored."""

import pandas as pd

from molgen.search.strategy import KNOWN


def designed(molecules: pd.DataFrame) -> pd.DataFrame:
    """The rows of `RunStore.to_pandas` but for known molecules: those that the campaign began from, its leads among them."""
    return molecules[molecules["operator"] != KNOWN]


def designed_scores(molecules: pd.DataFrame) -> pd.Series:
    """The scores of all rows of `RunStore.to_pandas`, in which known molecules count as calls that found nothing."""
    return molecules["score"].where(molecules["operator"] != KNOWN, 0.0)
