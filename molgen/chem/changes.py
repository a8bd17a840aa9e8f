"""Summaries of what standardisation did to structures."""

from collections import Counter
from collections.abc import Iterable, Sequence

KEPT, JOINED = "kept: ", "; "
PLURALS = {
    "salt stripped": "salts stripped",
    "solvent stripped": "solvents stripped",
    "charge neutralised": "charges neutralised",
    "drawing normalised": "drawings normalised",
    "metal cut off": "metals cut off",
    "attachment point capped with hydrogen": "attachment points capped with hydrogen",
    "mixture reduced to its largest part": "mixtures reduced to their largest parts",
}


def summary(changes: Iterable[Sequence[str] | str | None]) -> str:
    """Count molecules that were changed, and how: `3 of 8 structures were changed: 2 salts stripped, 1 charge neutralised`.

    Parameters
    ----------
    changes
        Per molecule, as in `Standardized.changes`, or as text in a column of `said`.

    Returns
    -------
    str
        Empty if none was changed.
    """
    lists = [(own.split(JOINED) if isinstance(own, str) else own) if own else () for own in changes]
    kinds = Counter(kind for own in lists for kind in dict.fromkeys(text.partition(":")[0] for text in own))
    changed, kept = sum(map(is_changed, lists)), kinds.pop(KEPT.strip(": "), 0)
    how = ", ".join(f"{number:,} {PLURALS.get(kind, kind) if number > 1 else kind}" for kind, number in kinds.most_common())
    lines = [f"{changed:,} of {len(lists):,} structures were changed: {how}"] if changed else []
    lines += [f"{kept:,} kept as drawn (inorganic, with metals, radicals)"] if kept else []
    return "; ".join(lines)


def said(standardized: Sequence[str | None], changes: Sequence[Sequence[str]]) -> dict[str, list[str | None]]:
    """Columns `standardized` and `changes` [n] for a table; no columns if no molecule was changed."""
    if not any(map(is_changed, changes)):
        return {}
    return {"standardized": list(standardized), "changes": [JOINED.join(own) or None for own in changes]}


def is_changed(changes: Iterable[str]) -> bool:
    """Whether any of `changes` is more than a remark."""
    return any(not text.startswith(KEPT) for text in changes)
