"""Classes of a library's molecules, as people write them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.errors import DataError

WORDS = {
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "active", "hit", "positive", "pos", "+"), 1.0),
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "inactive", "decoy", "negative", "neg", "-"), 0.0),
    **dict.fromkeys(("", "nan", "na", "n/a", "none", "null", "inconclusive", "unspecified"), float("nan")),
}


def classes(column: pd.Series) -> NDArray[np.float32]:
    """1 and 0 for active and inactive, yes and no, true and false, 1 and 0; nan where nothing is said.

    Raises
    ------
    DataError
        A cell holds something else; its row is named.
    """
    cells = column.map(lambda cell: "" if pd.isna(cell) else str(cell).strip().lower(), na_action=None)
    values = cells.map(WORDS)
    wrong = [i for i, cell in enumerate(cells) if cell not in WORDS]
    if wrong:
        raise DataError(
            f"column '{column.name}': '{column.iloc[wrong[0]]}' in row {wrong[0] + 1} is no class; labels are 1 and 0, "
            "active and inactive, yes and no, or true and false"
        )
    return values.to_numpy(np.float32)
