"""The substructures that matter in a table of molecules: their mean contributions to a prediction, as a table and as a page."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.chem.changes import said
from molgen.chem.molecules import Molecules
from molgen.data.dataset import Endpoint
from molgen.data.tables.formulas import guard
from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.metrics.means import mean_interval
from molgen.predictors.attribution import Attribution
from molgen.predictors.pair_support import MeasuredPairs, PairChange
from molgen.predictors.trust import probability
from molgen.reports.cards import contribution_unit
from molgen.reports.contribution_picture import LOWERS, RAISES
from molgen.reports.drawing import draw
from molgen.reports.explanation import mean_and_limits, with_limits
from molgen.reports.report import render
from molgen.reports.texts import number

DOUBT = 2  # molecules without a contribution that are added to each mean before substructures are ranked
FEW = 3  # molecules, with fewer of which a substructure has no interval, and isn't shown if others have as many
LISTED, SHOWN = 5, 15  # of those that raise, and of those that lower: in lines, and on the page
BAR = (220, 26)  # px


class Substructures:
    """What the parts of many molecules contribute to an endpoint; those of a molecule that comes twice count once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.unit = contribution_unit(endpoint, endpoint.unit)
        self._bases: dict[tuple[float, str], None] = {}
        self._values: dict[tuple[str, bool], dict[str, list[float]]] = defaultdict(dict)
        self._seen: set[str] = set()

    def add(self, smiles: str, attribution: Attribution) -> None:
        """A molecule by its canonical SMILES."""
        if smiles in self._seen:
            return
        self._seen.add(smiles)
        self._bases[attribution.base, attribution.about_base] = None
        for part in attribution.parts:
            if part.atoms:
                self._values[part.smiles, part.is_core].setdefault(smiles, []).append(part.value)

    @property
    def about_base(self) -> str:
        """What contributions begin from, with its value if that is the same for all molecules."""
        texts = [f"{number(base)} {self.unit}".rstrip() + f", {about}" for base, about in self._bases]
        return texts[0] if len(texts) == 1 else ", ".join(dict.fromkeys(about for _, about in self._bases))

    def table(self, pairs: MeasuredPairs | None = None) -> pd.DataFrame:
        """A row a substructure, the most telling first.

        Parameters
        ----------
        pairs
            Of the training molecules.

        Returns
        -------
        DataFrame
            substructure, role (core or part), molecules, occurrences; mean over molecules, low and high (95 % interval), lowest
            and highest contribution; an example; and what matched pairs say, `pairs_hydrogen` and `pairs_other` with their
            series, mean, low and high (see `PairChange`).
        """
        rows = []
        for (substructure, is_core), by_molecule in self._values.items():
            found = mean_interval([float(np.mean(values)) for values in by_molecule.values()], FEW)
            whole = [value for values in by_molecule.values() for value in values]
            row: dict[str, Any] = {
                "substructure": substructure,
                "role": "core" if is_core else "part",
                "molecules": found.n,
                "occurrences": len(whole),
                "mean": found.mean,
                "low": found.low,
                "high": found.high,
                "lowest": min(whole),
                "highest": max(whole),
                "example": max(by_molecule, key=lambda smiles: abs(np.mean(by_molecule[smiles]))),
            }
            if pairs is not None:
                support = pairs.support(substructure) if not is_core and substructure.count("*") == 1 else None
                row |= _pair_columns("pairs_hydrogen", support.for_hydrogen if support else None)
                row |= _pair_columns("pairs_other", support.for_others if support else None)
            rows.append(row)
        found = pd.DataFrame(rows)
        if not rows:
            return found
        weight = (found["mean"] * found["molecules"] / (found["molecules"] + DOUBT)).abs()
        return found.iloc[np.argsort(-weight, kind="stable")].reset_index(drop=True)

    def lines(self, found: pd.DataFrame) -> Iterator[str]:
        """The first of `table` for reading."""
        measured_in = f" in {self.unit}" if self.unit else ""
        for title, part in sections(found, LISTED):
            yield f"{title.format(self.endpoint.name)}, mean contribution{measured_in} (95 % interval):"
            for row in part.itertuples():
                yield f"  {mean_text(row.mean, row.low, row.high)}  {row.substructure}  {_in(row)}"


def _pair_columns(name: str, found: PairChange | None) -> dict[str, Any]:
    values = asdict(found or PairChange(np.nan, np.nan, np.nan, 0, 0))
    return {name: values.pop("pairs")} | {f"{name}_{key}": values[key] for key in ("series", "mean", "low", "high")}


def _pair_change(row: Mapping[str, Any], name: str) -> PairChange:
    """What `_pair_columns` wrote."""
    return PairChange(**{key: row[f"{name}_{key}"] for key in ("mean", "low", "high", "series")}, pairs=row[name])


def _in(row: Any) -> str:
    return f"in {row.molecules:,} molecule{'s' * (row.molecules != 1)}"


def sections(found: pd.DataFrame, number: int) -> list[tuple[str, pd.DataFrame]]:
    """The first rows of the parts that raise the prediction, of those that lower it, and of the cores, by titles with a gap.

    Rare ones are among them only where there are no others.
    """
    if found.empty:
        return []
    parts, cores = (_frequent(found[found["role"] == role]) for role in ("part", "core"))
    titles = {
        "Substructures that raise {}": parts[parts["mean"] > 0],
        "Substructures that lower {}": parts[parts["mean"] < 0],
        "Cores, alone against the base of {}": cores,
    }
    return [(title, part.head(number)) for title, part in titles.items() if len(part)]


def _frequent(part: pd.DataFrame) -> pd.DataFrame:
    often = part[part["molecules"] >= FEW]
    return often if len(often) else part


def mean_text(mean: float, low: float, high: float) -> str:
    """`+0.35 (+0.10 to +0.60)`; the mean alone of values that are all the same, as those of a core are."""
    middle, limits = mean_and_limits(mean, low, high)
    return f"{middle} ({limits})" if limits and limits != f"{middle} to {middle}" else middle


def explained_rows(
    molecules: Molecules, found: Mapping[int, Attribution | DataError], substructures: Substructures
) -> pd.DataFrame:
    """What is written beside molecules [n]: the prediction, the base, the contributions of parts in words, and problems.

    Parameters
    ----------
    found
        By row, for valid molecules.
    substructures
        To which they are added.
    """
    name, is_class = substructures.endpoint.name, substructures.endpoint.task == "classification"
    values, bases, texts = np.full(len(molecules), np.nan), np.full(len(molecules), np.nan), [""] * len(molecules)
    problems = [reason and f"invalid: {reason}" for reason in molecules.problem]
    for i, one in found.items():
        if isinstance(one, DataError):
            problems[i] = str(one)
        elif not one.parts:
            problems[i] = f"not explained by {one.method}"
        else:
            values[i], bases[i] = one.value, one.base
            texts[i] = "; ".join(f"{part.smiles} {part.value:+.6g}" for part in one.parts)
            substructures.add(molecules.canonical[i] or "", one)
    scale = {f"{name}_log_odds": values} if is_class else {}
    columns: dict[str, Any] = {name: probability(values) if is_class else values} | scale
    columns |= {f"{name}_base": bases, f"{name}_contributions": pd.array([text or None for text in texts], dtype="string")}
    columns |= said(molecules.used, molecules.changes)
    return pd.DataFrame(columns | {"problem": pd.array(problems, dtype="string")})


def write_substructures(found: pd.DataFrame, path: Path) -> None:
    """Write a table of `Substructures` as CSV."""
    write_atomically(path, guard(found).to_csv(index=False, lineterminator="\n").encode())


def write_substructures_page(
    substructures: Substructures, found: pd.DataFrame, path: Path, *, title: str, explained: int
) -> None:
    """Write the page of a table of `Substructures`, of so many molecules that were explained."""
    shown = [(title.format(substructures.endpoint.name), part) for title, part in sections(found, SHOWN)]
    reach = max((part[["mean", "low", "high"]].abs().max().max() for _, part in shown), default=0.0)
    page = render(
        "substructures.html.j2",
        title=title,
        endpoint=substructures.endpoint,
        unit=substructures.unit,
        facts=[("molecules explained", f"{explained:,}"), ("substructures", f"{len(found):,}")],
        about_base=substructures.about_base,
        few=FEW,
        sections=[(name, [_card(row, float(reach) or 1.0) for row in part.to_dict("records")]) for name, part in shown],
    )
    write_atomically(path, page.encode())


def _card(row: dict[str, Any], reach: float) -> dict[str, Any]:
    pairs = [
        (instead, with_limits(_pair_change(row, name)))
        for name, instead in (("pairs_hydrogen", "hydrogen"), ("pairs_other", "other groups"))
        if row.get(name)
    ]
    return {
        "picture": draw(row["substructure"], size=(150, 90)),
        "bar": _bar(row["mean"], row["low"], row["high"], reach),
        "text": mean_text(row["mean"], row["low"], row["high"]),
        "pairs": pairs,
        **row,
    }


def _bar(mean: float, low: float, high: float, reach: float) -> str:
    """A bar from 0 to the mean and a line over the interval, between `-reach` and `reach`."""
    width, height = BAR

    def place(value: float) -> float:
        return width * (0.5 + 0.48 * value / reach)

    colour = "#" + "".join(f"{round(255 * part):02x}" for part in (RAISES if mean > 0 else LOWERS))
    left, right = sorted((place(0), place(mean)))
    parts = [
        f'<rect x="{left:.1f}" y="6" width="{right - left:.1f}" height="{height - 12}" fill="{colour}"/>',
        f'<path d="M{place(0):.1f} 0V{height}" stroke="#9aa5b1"/>',
    ]
    if not np.isnan(low):
        parts.append(f'<path d="M{place(low):.1f} {height / 2}H{place(high):.1f}" stroke="#1d2733" stroke-width="1.5"/>')
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}">{"".join(parts)}</svg>'
