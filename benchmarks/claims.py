"""What README and docs claim beside published results, computed from the stored results and references.

    python -m benchmarks.claims      writes the sentences where they are claimed, between `<!-- claim NAME -->` and `<!-- end -->`

A test compares the pages with what is computed, so a result or a reference that overtakes a claim changes the sentence or fails.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.pmo import REFERENCE
from benchmarks.pmo_table import PEERS, SCREENED, area, best_of, read
from benchmarks.results import ROOT

MARK = re.compile(r"<!-- claim ([\w-]+) -->\n(.*?)<!-- end -->", re.DOTALL)


def pages() -> list[Path]:
    """README and all pages of the docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _areas(label: str) -> dict[str, list[float]]:
    return {task: [area(figures) for figures in seeds.values()] for task, seeds in sorted(read(label).items())}


def _total(label: str) -> float:
    return float(sum(map(np.mean, _areas(label).values())))


def _best_sum(methods: list[str], tasks: list[str]) -> tuple[float, str]:
    return max((sum(REFERENCE[name]["tasks"][task] for task in tasks), name.partition(" (")[0]) for name in methods)


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def objectives() -> str:
    """Objective by objective, beside searches that don't pre-screen."""
    ours = _areas("surrogate")
    best = {task: best_of(PEERS, task) for task in ours}
    behind = [task for task in ours if np.mean(ours[task]) <= best[task][0]]
    unsure = [task for task in ours if task not in behind and min(ours[task]) <= best[task][0]]
    lines = [
        f"On {len(ours) - len(behind)} of the {len(ours)} objectives the mean of the seeds is above the best published "
        "search that doesn't pre-screen."
    ]
    if behind:
        held = [f"{task} ({np.mean(ours[task]):.3f}; {best[task][1]} {best[task][0]:.3f})" for task in behind]
        lines.append(f"A published search is above it on {_listed(held)}.")
    if unsure:
        held = [f"{task} (worst seed {min(ours[task]):.3f}; {best[task][1]} {best[task][0]:.3f})" for task in unsure]
        lines.append(f"The worst seed is below on {_listed(held)}.")
    return " ".join(lines)


def sums() -> str:
    """The sum of all objectives."""
    tasks = list(_areas("surrogate"))
    (free, who), (screened, whose) = _best_sum(PEERS, tasks), _best_sum(SCREENED, tasks)
    each = sum(best_of(SCREENED, task)[0] for task in tasks)
    return (
        f"The sum of the {len(tasks)} is {_total('surrogate'):.3f}. The best published sum of one search is {free:.3f} without "
        f"pre-screening ({who}) and {screened:.3f} with it ({whose}); the best of all searches with pre-screening, taken "
        f"objective by objective, come to {each:.3f}."
    )


def front() -> str:
    """The README's line."""
    ours = _areas("surrogate")
    above = sum(np.mean(ours[task]) > best_of(PEERS, task)[0] for task in ours)
    free, who = _best_sum(PEERS, list(ours))
    return (
        f"On the {len(ours)} closed-form objectives of the PMO benchmark (10,000 calls, no library screened beforehand) the "
        f"default search sums to {_total('surrogate'):.3f}, where the best published search under these conditions ({who}) "
        f"has {free:.3f}; it is above all of them on {above} objectives of {len(ours)}."
    )


def rediscovery() -> str:
    """The weak side of `genetic_policy`."""
    best, who = best_of(PEERS, "celecoxib_rediscovery")
    ours = float(np.mean(_areas("genetic_policy")["celecoxib_rediscovery"]))
    return (
        f"Rediscovery of a single molecule is the weak side of `genetic_policy`: it has {ours:.3f} on celecoxib, where the best "
        f"published search without pre-screening ({who}) has {best:.3f}."
    )


def noise() -> str:
    """What noise costs."""
    tasks = list(_areas("surrogate"))
    peer = max(sum(REFERENCE[name]["tasks"][task] for task in tasks) for name in PEERS if name.startswith("REINVENT"))
    first = sum(areas[0] for areas in _areas("surrogate").values())
    return (
        f"Where every score is off by 0.1 (Gaussian; 10,000 calls, one seed), the {len(tasks)} objectives come to "
        f"{_total('noise'):.3f}, against {first:.3f} without noise; REINVENT without noise is published with {peer:.3f}."
    )


CLAIMS: dict[str, Callable[[], str]] = {
    "pmo-objectives": objectives,
    "pmo-sums": sums,
    "pmo-front": front,
    "pmo-rediscovery": rediscovery,
    "pmo-noise": noise,
}


def main() -> None:
    """Write all claims."""
    for path in pages():
        text = path.read_text()
        written = MARK.sub(lambda found: f"<!-- claim {found[1]} -->\n{CLAIMS[found[1]]()}\n<!-- end -->", text)
        if written != text:
            path.write_text(written)
            print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
