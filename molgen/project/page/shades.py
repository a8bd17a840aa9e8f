"""Colours of values: orange for the worst, through white, to blue for the best."""

import pandas as pd

from molgen.project.page.endpoints import PageEndpoint

WORST, BEST, MIDDLE = (230, 130, 40), (0, 114, 178), (240, 243, 246)
STEPS = 17  # of the scale, an odd number
EDGES = (0.05, 0.95)  # quantiles of the values at which the colours end


def shade(step: int) -> str:
    """The colour of a step from 0, the worst, to `STEPS` - 1."""
    share = 2 * step / (STEPS - 1) - 1
    end = BEST if share > 0 else WORST
    return "#" + "".join(f"{round(m + abs(share) * (e - m)):02x}" for m, e in zip(MIDDLE, end, strict=True))


def is_dark(step: int) -> bool:
    """Whether letters on it are white."""
    return step >= STEPS - 3


def steps(values: pd.Series) -> pd.Series:
    """A step for each of `values`, which are the higher the better; the middle where all are the same."""
    low, high = values.quantile(EDGES[0]), values.quantile(EDGES[1])
    if not high > low:
        low, high = values.min(), values.max()
    shares = (values - low) / (high - low) if high > low else values * 0 + 0.5
    return (shares.clip(0, 1) * (STEPS - 1)).round().astype(int)


def cells(endpoints: list[PageEndpoint], compounds: pd.Index) -> pd.DataFrame:
    """By compound and endpoint: the value as text, and the style of its cell; both "" where there is none."""
    table = pd.DataFrame(index=compounds)
    for endpoint in endpoints:
        goodness = (
            endpoint.goodness(endpoint.measured["value"]) if endpoint.judged else endpoint.on_scale(endpoint.measured["value"])
        )
        step = steps(goodness)
        texts = {
            name: (endpoint.text(row["value"], int(row["relation"])), _style(int(step[name])))
            for name, row in endpoint.measured.iterrows()
        }
        table[endpoint.name] = [texts.get(name, ("", "")) for name in compounds]
    return table


def _style(step: int) -> str:
    return f"background:{shade(step)}" + (";color:white" if is_dark(step) else "")
