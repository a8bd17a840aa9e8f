"""An explained prediction as a picture and as text."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from rdkit import Chem

from molgen.data.dataset import Endpoint
from molgen.errors import DataError
from molgen.files import check_place, write_atomically
from molgen.predictors.attribution import Attribution, Contribution
from molgen.predictors.base import Prediction
from molgen.predictors.pair_support import MeasuredPairs, PairChange
from molgen.predictors.trust import probability
from molgen.reports.cards import contribution_unit
from molgen.reports.contribution_picture import decimal_places, draw_contributions
from molgen.reports.texts import number, with_unit


def check_picture(path: Path | str) -> Path:
    """Refuse a picture of another kind than can be drawn, or in a place that can't be written.

    Raises
    ------
    DataError
        Says which.
    """
    path = Path(path)
    if path.suffix.lower() not in (".svg", ".png"):
        raise DataError(f"{path}: pictures are written as .svg or .png")
    return check_place(path)


def write_picture(
    mol: Chem.Mol,
    contributions: np.ndarray,
    path: Path,
    notes: Mapping[int, str] | None = None,
    unit: str = "",
    parts: Sequence[Contribution] = (),
    caption: Sequence[str] = (),
) -> None:
    """Write the drawing as SVG or PNG by the name of `path`; see `check_picture` and `draw_contributions`."""
    check_picture(path)
    svg = path.suffix.lower() == ".svg"
    write_atomically(path, draw_contributions(mol, contributions, notes, parts=parts, caption=caption, unit=unit, svg=svg))


def caption_of(attribution: Attribution, endpoint: Endpoint) -> list[str]:
    """The base and the prediction, a line each; none where there are no parts."""
    if not attribution.parts:
        return []
    base = f"from the base {number(attribution.base)}, {attribution.about_base}"
    return [base, f"to {endpoint.name} {_reached(attribution, endpoint)}"]


def _reached(attribution: Attribution, endpoint: Endpoint) -> str:
    value = f"{number(attribution.value)} {contribution_unit(endpoint, endpoint.unit)}".rstrip()
    if endpoint.task != "classification":
        return value
    return f"{value}, probability {probability(np.array(attribution.value)):.2f}"


def lines(prediction: Prediction, attribution: Attribution, mol: Chem.Mol, pairs: MeasuredPairs | None = None) -> Iterator[str]:
    """The explanation for reading.

    Parameters
    ----------
    pairs
        Of training molecules, which support the contributions or don't.
    """
    endpoint = prediction.endpoints[0]
    mean, std = prediction.mean[0, 0], prediction.std[0, 0]
    if np.isnan(mean):
        value = "none"
    elif endpoint.task == "classification":
        value = f"probability {mean:.2f}"
    else:
        low, high = prediction.low[0, 0], prediction.high[0, 0]
        error = f"+- {number(std)}; 90 % between {number(low)} and {number(high)}" if np.isfinite(std) else "no error is known"
        value = f"{with_unit(number(mean), endpoint)} ({error})"
    inside = "in" if prediction.in_domain[0] else "OUTSIDE"
    yield f"{endpoint.name}: {value}, {inside} the domain (nearest training molecule {prediction.similarity[0, 0]:.2f} similar)"
    if not prediction.in_domain[0]:
        yield f"outside: {prediction.outside[0, 0]}"
    if attribution.parts:
        yield from _of_parts(attribution, endpoint)
    else:
        yield f"atoms by {attribution.method}:"
        for i in np.argsort(-np.abs(attribution.atoms))[:5]:
            yield f"  {mol.GetAtomWithIdx(int(i)).GetSymbol()}{i + 1}  {attribution.atoms[i]:+.3f}"
    for i, note in attribution.notes.items():
        yield f"  {mol.GetAtomWithIdx(i).GetSymbol()}{i + 1}: {note}"
    if pairs is not None:
        yield from _of_pairs(attribution, endpoint, pairs)
    if attribution.neighbours:
        yield "nearest training molecules, measured:"
    for smiles, measured, similarity in attribution.neighbours:
        yield f"  {similarity:.2f}  {with_unit(f'{measured:g}', endpoint)}  {smiles}"


def _of_parts(attribution: Attribution, endpoint: Endpoint) -> Iterator[str]:
    unit = contribution_unit(endpoint, endpoint.unit)
    yield f"contributions{f' in {unit}' if unit else ''}, {attribution.method}:"
    digits = decimal_places(max(abs(part.value) for part in attribution.parts))
    yield f"  {attribution.base:+8.{digits}f}  base: {attribution.about_base}"
    for part in sorted(attribution.parts, key=lambda part: -abs(part.value)):
        error = f" +- {part.error:.{digits}f} from drawn orders" if part.error else ""
        where = f", atom{'s' * (len(part.atoms) > 1)} {_ranges(part.atoms)}" if part.atoms else ""
        yield f"  {part.value:+8.{digits}f}  {part.smiles}{' (core)' if part.is_core else ''}{error}{where}"
    yield f"  {attribution.value:+8.{digits}f}  sum: {endpoint.name} {_reached(attribution, endpoint)}"


def _ranges(atoms: Sequence[int]) -> str:
    """Numbers from 1 on, those that follow each other as one: 1-3, 7."""
    found: list[list[int]] = []
    for atom in atoms:
        if found and atom == found[-1][-1]:
            found[-1][-1] = atom + 1
        else:
            found.append([atom + 1, atom + 1])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def _of_pairs(attribution: Attribution, endpoint: Endpoint, pairs: MeasuredPairs) -> Iterator[str]:
    groups = dict.fromkeys(part.smiles for part in attribution.parts if part.is_group)
    told = {group: pairs.support(group) for group in groups}
    unit = "share of the class" if endpoint.task == "classification" else endpoint.unit
    measured = f"mean change of what was measured{f' ({unit})' if unit else ''}"
    yield f"matched pairs among {len(pairs):,} training molecules, {measured}:"
    if not any(support.for_hydrogen or support.for_others for support in told.values()):
        yield "  none for any of the groups"
    for group, support in told.items():
        for change, instead in ((support.for_hydrogen, "hydrogen"), (support.for_others, "other groups")):
            if change is not None:
                yield f"  {group} for {instead}: {with_limits(change)}"


def with_limits(found: PairChange) -> str:
    """`+0.35 (+0.10 to +0.60; 7 pairs in 5 series)`."""
    count = f"{found.pairs} pair{'s' * (found.pairs != 1)}"
    count += f" in {found.series} series" if found.series < found.pairs else ""
    mean, limits = mean_and_limits(found.mean, found.low, found.high)
    return f"{mean} ({f'{limits}; {count}' if limits else f'{count}, too few for an interval'})"


def mean_and_limits(mean: float, low: float, high: float) -> tuple[str, str]:
    """`+0.35` and `+0.10 to +0.60`; no limits where there are none."""
    digits = decimal_places(np.nanmax(np.abs([mean, low, high])))
    return f"{mean:+.{digits}f}", "" if np.isnan(low) else f"{low:+.{digits}f} to {high:+.{digits}f}"
