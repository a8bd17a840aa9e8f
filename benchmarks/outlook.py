"""How well a campaign tells what it will gain, and what an end at a plateau costs.

    python -m benchmarks.outlook

Read from the stored curves of PMO (10,000 calls each, the mean of the ten best every 200 calls): what is expected of the next 600
calls, in classes, beside what came of them; then what is saved and lost where `campaign.stop=plateau` ends the runs.
"""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.results import RESULTS, save, show
from molgen.metrics.outlook import at_plateau, expected_gain

AHEAD = 600  # calls; a multiple of the curves' step
STEP = 200
CLASSES = (0.0, 0.0005, 0.003, 0.01, 0.03, 1.0)
SEARCHES = {"surrogate": "surrogate", "plain": "surrogate, without rarity"}  # name of the stored result -> what it is of


def curves(name: str) -> Iterator[list[float]]:
    """The mean of the ten best after each call, run by run; between the stored calls on straight lines."""
    for runs in json.loads((RESULTS / f"pmo-{name}.json").read_text())["figures"].values():
        for run in runs.values():
            stored = {int(call): value for call, value in run["curve"].items()}
            yield np.interp(np.arange(1, max(stored) + 1), [0, *stored], [0.0, *stored.values()]).tolist()


def classes(runs: list[list[float]]) -> list[dict[str, Any]]:
    """Expected and true gains by what was expected."""
    places = [(means[:calls], means[calls + AHEAD - 1]) for means in runs for calls in range(1000, len(means) - AHEAD + 1, STEP)]
    expected = np.array([expected_gain(means, AHEAD) for means, _ in places])
    true = np.array([later - means[-1] for means, later in places])
    rows = []
    for low, high in pairwise(CLASSES):
        chosen = (expected >= low) & (expected < high)
        rows.append(
            {
                "expected": f"{low:g} to {high:g}",
                "times": int(chosen.sum()),
                "mean expected": float(expected[chosen].mean()),
                "mean gain": float(true[chosen].mean()),
                "median gain": float(np.median(true[chosen])),
                "gain of 0.01 or more": float((true[chosen] >= 0.01).mean()),
            }
        )
    return rows


def ends(runs: list[list[float]]) -> dict[str, float]:
    """Where runs would have ended at a plateau, looked for every 200 calls, and what they would have lost."""
    stops = [next((n for n in range(STEP, len(means), STEP) if at_plateau(means[:n])), len(means)) for means in runs]
    lost = [means[-1] - means[stop - 1] for means, stop in zip(runs, stops, strict=True)]
    return {
        "runs": len(runs),
        "mean calls": float(np.mean(stops)),
        "mean loss": float(np.mean(lost)),
        "median loss": float(np.median(lost)),
        "largest loss": max(lost),
        "lost 0.02 or more": float(np.mean(np.array(lost) >= 0.02)),
    }


def main() -> None:
    """Compare, print, save."""
    runs = {label: list(curves(name)) for name, label in SEARCHES.items()}
    rows = classes([means for each in runs.values() for means in each])
    show(f"Gain of the next {AHEAD} calls", rows)
    stopped = [{"search": label, **ends(each)} for label, each in runs.items()]
    show("Ended at a plateau", stopped)
    save("outlook", {"gain": rows, "ended": stopped})


if __name__ == "__main__":
    main()
