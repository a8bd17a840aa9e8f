"""Whether an exported graph gives what molgen gives."""

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError

Array = NDArray[np.floating]
LIMIT = 1e-3  # standard deviations of what is compared; rounding to float32 makes up to 2e-4 of large kernel machines


def largest_difference(ours: Array, theirs: Array, what: str) -> float:
    """The largest difference between molgen's values [n, t] and a graph's, in standard deviations of each column's own.

    Raises
    ------
    ConfigError
        It is more than rounding explains, or one of the two has no value where the other has one.
    """
    if ours.shape != theirs.shape or not np.array_equal(np.isfinite(ours), np.isfinite(theirs)):
        raise ConfigError(f"{what}: the graph has values where molgen has none, or the reverse; nothing is written. {ADVICE}")
    known = np.isfinite(ours).all(axis=1)
    ours, theirs = ours[known].astype(float), theirs[known].astype(float)
    scale = ours.std(axis=0) + 1e-3 * np.abs(ours).max(axis=0) + 1e-9
    largest = float((np.abs(ours - theirs) / scale).max(initial=0.0))
    if not largest <= LIMIT:
        raise ConfigError(
            f"{what}: the graph and molgen differ by {largest:.1e} standard deviations, more than rounding ({LIMIT:g}); "
            f"nothing is written. {ADVICE}"
        )
    return largest


ADVICE = "Please report the model's settings and the versions of onnx, onnxruntime and torch"
