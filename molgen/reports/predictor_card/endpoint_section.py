"""One endpoint on a predictor's card."""

import math
from dataclasses import dataclass

import pandas as pd

from molgen.data.dataset import Endpoint
from molgen.metrics.prediction import calibration_error, calibration_floor
from molgen.predictors.class_sets import limits_said
from molgen.predictors.held_out import CURVE, TRAINING, kept_apart, tested
from molgen.reports.predictor_card import bins, pictures
from molgen.reports.predictor_card.bins import Bin, ValueTable
from molgen.reports.predictor_card.cliffs import Cliffs, activity_cliffs
from molgen.reports.predictor_card.contents import CardContents
from molgen.reports.predictor_card.data_story import repeats
from molgen.reports.predictor_card.misses import Miss, worst_misses
from molgen.reports.predictor_card.quality import NAMES, FigureTable, figure_tables, figures_with_intervals, future_table
from molgen.reports.texts import interval_text, number, share, with_unit


@dataclass(frozen=True)
class Panel:
    """A chart with what it shows, and its values as a table; words alone where there is nothing to draw."""

    title: str
    explanation: str
    picture: str = ""
    table: ValueTable | None = None


@dataclass(frozen=True)
class EndpointSection:
    """What the card says of one endpoint."""

    endpoint: Endpoint
    figures: list[FigureTable]
    future: FigureTable | None
    panels: list[Panel]
    lines: list[str]
    misses: list[Miss]
    cliffs: Cliffs
    curve_missing: bool


def endpoint_section(contents: CardContents, endpoint: Endpoint, threshold: float, folds: str) -> EndpointSection | None:
    """Of an endpoint; None where nothing was predicted of it that was measured."""
    rows = contents.rows(endpoint)
    known = tested(rows)
    if known.empty:
        return None
    curve = _learning_curve(rows, known, endpoint, threshold)
    panels = [_scatter(rows, known, endpoint, threshold), _similarity(known, endpoint, threshold), _calibration(known, endpoint)]
    return EndpointSection(
        endpoint,
        figure_tables(rows, endpoint, threshold, folds),
        future_table(rows, endpoint, threshold) if contents.part("future") else None,
        [*panels, *([curve] if curve else [])],
        _lines(rows, known, endpoint, contents),
        worst_misses(known, endpoint, threshold),
        activity_cliffs(rows[rows["part"] != CURVE], endpoint),
        curve is None,
    )


def _lines(rows: pd.DataFrame, known: pd.DataFrame, endpoint: Endpoint, contents: CardContents) -> list[str]:
    """What else is to be known of the predictions."""
    lines = []
    spread = repeats(contents, endpoint)
    if math.isfinite(spread):
        lines.append(
            f"Repeated measurements of one molecule differ by {with_unit(number(spread), endpoint)} (standard deviation): "
            "no predictor has a lower RMSE for long."
        )
    asked = rows[~rows["part"].isin((CURVE, TRAINING))]
    if failed := int(asked["mean"].isna().sum()):
        lines.append(f"{failed} molecules had no prediction and are in no figure.")
    bounded = asked[(asked["relation"] != "") & asked["mean"].notna()]
    if len(bounded):
        sign = bounded["relation"].map({">": 1, "<": -1})
        beyond = (sign * (bounded["value"] - bounded["mean"])).clip(lower=0)
        lines.append(
            f"{len(bounded)} values are known only as bounds and are in no figure; {int((beyond > 0).sum())} predictions are on "
            f"the wrong side of them, by {with_unit(number(float(beyond.mean())), endpoint)} on average of all."
        )
    inside = int(known["in_domain"].sum())
    lines.append(
        f"{inside} of {len(known)} molecules ({share(inside, len(known))}) were in the domain of what had been learnt from."
    )
    if beyond := int((known["outside"].str.contains("learnt from") & known["std"].isna()).sum()):
        lines.append(f"{beyond} of the others were farther out than all of that, where no interval is known.")
    return lines


def _scatter(rows: pd.DataFrame, known: pd.DataFrame, endpoint: Endpoint, threshold: float) -> Panel:
    if endpoint.task == "classification":
        called, active = known["mean"] >= threshold, known["value"] > 0.5
        table = ValueTable(
            ["", "predicted 1", "predicted 0"],
            [
                [name, str(int((called & kind).sum())), str(int((~called & kind).sum()))]
                for name, kind in (("measured 1", active), ("measured 0", ~active))
            ],
        )
        said = (
            "Each molecule as it was predicted by what hadn't learnt from it. "
            f"The dashed line is the threshold, {threshold:g}, which the table counts by."
        )
        return Panel("Predicted against measured", said, pictures.probabilities_by_class(known, endpoint, threshold), table)
    bounds = rows[(rows["relation"] != "") & ~rows["part"].isin((CURVE, TRAINING)) & rows["mean"].notna()]
    said = "Each molecule as it was predicted by what hadn't learnt from it; on the line the prediction was right."
    said += " Triangles are bounds, which point to where the true value is." if len(bounds) else ""
    quantiles = ["minimum", "lower quarter", "median", "upper quarter", "maximum"]
    values = [
        [name, *(number(float(known[column].quantile(q))) for column in ("value", "mean"))]
        for name, q in zip(quantiles, (0, 0.25, 0.5, 0.75, 1), strict=True)
    ]
    return Panel(
        "Predicted against measured",
        said,
        pictures.predicted_against_measured(known, bounds, endpoint),
        ValueTable(["", "measured", "predicted"], values),
    )


def _similarity(known: pd.DataFrame, endpoint: Endpoint, threshold: float) -> Panel:
    found, table = bins.by_similarity(known, endpoint, threshold)
    said = (
        "Errors usually grow where molecules are unlike all that was learnt from (Tanimoto, ECFP4). "
        "Points with bars: means with 95 % intervals, of bins of equally many molecules."
    )
    said += errors_out_of_view(known) if endpoint.task == "regression" else ""
    return Panel("Error against similarity", said, pictures.error_by_similarity(known, found, endpoint), table)


def errors_out_of_view(known: pd.DataFrame) -> str:
    """How many errors are larger than the chart shows, in words; empty if none is."""
    error = (known["value"] - known["mean"]).abs()
    beyond = int((error > pictures.top_of_errors(error)).sum())
    verb = "lie" if beyond > 1 else "lies"
    return f" {beyond} of {len(error)} {verb} above the chart; the largest error is {number(error.max())}." if beyond else ""


def _calibration(known: pd.DataFrame, endpoint: Endpoint) -> Panel:
    if endpoint.task == "classification":
        found, table = bins.by_probability(known)
        y, p = known["value"].to_numpy(float), known["mean"].to_numpy(float)
        said = (
            "Where points are on the line, the share of class 1 is what the probability says. "
            f"The mean distance is {calibration_error(y, p):.3f}; "
            f"perfect probabilities would show {calibration_floor(p):.3f} by chance."
            f"{limits_said(endpoint)}"
        )
        return Panel(
            "Reliability", said, pictures.calibration_chart(found, endpoint, "predicted probability", "share of class 1"), table
        )
    found, table = bins.by_expected_error(known)
    if not found:
        return Panel("Calibration", bins.coverage_line(known))
    said = (
        f"{bins.coverage_line(known)} In the chart, errors that were found over those that were expected: "
        "on the line, errors are as large as the predictor says."
    )
    return Panel("Calibration", said, pictures.calibration_chart(found, endpoint, "expected error", "error (RMSE)"), table)


def _learning_curve(rows: pd.DataFrame, known: pd.DataFrame, endpoint: Endpoint, threshold: float) -> Panel | None:
    """Of the held-out part; None where it wasn't measured."""
    curve = rows[(rows["part"] == CURVE) & (rows["relation"] == "") & rows["mean"].notna()]
    last = kept_apart(known)
    if curve.empty or last.empty:
        return None
    points, cells, name = [], [], ""
    for size, part in [*curve.groupby("trained_on"), (last["trained_on"].iloc[0], last)]:
        found = figures_with_intervals(part, endpoint, "mean", threshold)
        name = next(iter(found))
        one = found[name]
        points.append(Bin(len(part), size, size, float(size), one.value, one.low, one.high))
        cells.append([f"{size:,.0f}", number(one.value), interval_text(one)])
    guess = figures_with_intervals(last, endpoint, "guess_nearest", threshold)[name].value
    said = (
        f"The {NAMES[name]} on the held-out part by the number of molecules learnt from, with 95 % intervals. "
        "Where the curve is still steep, more measurements help."
    )
    return Panel(
        "Learning curve",
        said,
        pictures.over_molecules(points, guess, NAMES[name], endpoint),
        ValueTable(["molecules learnt from", NAMES[name], "95 % interval"], cells),
    )
