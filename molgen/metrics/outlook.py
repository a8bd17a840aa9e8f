"""What a campaign may still gain, from how it has gained so far."""

import math
from collections.abc import Sequence

AHEAD = 500  # calls
SOONEST = 200  # calls before which nothing is said of the next ones
LARGE = 0.1  # rise relative to what has been reached; chosen on the curves of `benchmarks.outlook`
FLAT = 1000, 0.6  # calls at least, and share of all calls, within which the ten best have hardly risen at a plateau
RISE = 0.001  # relative; less is hardly any


def expected_gain(means: Sequence[float], ahead: int = AHEAD) -> float:
    """By how much the mean of the ten best scores is expected to rise within the next `ahead` calls.

    It rises about linearly with the logarithm of the calls: by g, what it has risen within the last half of the calls, times
    log2(1 + ahead / calls). But jumps are seldom repeated, so g s / (g + s) is expected, where s is a tenth of what has been
    reached. How far that holds: `python -m benchmarks.outlook`.

    Parameters
    ----------
    means
        Mean of the ten best after each call; see `molgen.metrics.ranking.top_means`.
    """
    calls = len(means)
    if calls < 2 or means[-1] == means[calls // 2 - 1]:
        return 0.0
    rise = (means[-1] - means[calls // 2 - 1]) * math.log2(1 + ahead / calls)
    large = LARGE * abs(means[-1])
    return rise * large / (rise + large)


def at_plateau(means: Sequence[float]) -> bool:
    """Whether the mean of the ten best has risen by less than a thousandth within the last 60 % of the calls, 1,000 at least.

    Never while it is 0: then nothing has been found yet.

    Parameters
    ----------
    means
        As of `expected_gain`.
    """
    least, share = FLAT
    window = max(least, int(share * len(means)))
    return len(means) > window and means[-1] != 0 and means[-1] - means[-1 - window] <= RISE * abs(means[-1])
