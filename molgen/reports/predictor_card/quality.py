"""How good the predictions are, beside the simplest guesses on the same molecules."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from molgen.data.dataset import Endpoint
from molgen.metrics.bootstrap import BootstrapInterval, classification_figures, regression_figures
from molgen.metrics.prediction import LOWER_IS_BETTER
from molgen.predictors.future import future_figures
from molgen.predictors.held_out import cross_validated, kept_apart, tested
from molgen.reports.texts import NONE, interval_text, number

NAMES = {
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R²",
    "spearman": "Spearman",
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "mcc": "MCC",
    "coverage": "inside the 90 % interval",
}
PREDICTOR, NEAREST, MEAN = "predictor", "value of the nearest molecule", "mean of what was learnt from"
MAJORITY = "the more frequent class"


@dataclass(frozen=True)
class FigureTable:
    """Rows of figures, a cell (value, interval) for each heading: of predictor and guesses, or of future and folds."""

    title: str
    headings: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]
    verdict: str


def figures_with_intervals(rows: pd.DataFrame, endpoint: Endpoint, column: str, threshold: float) -> dict[str, BootstrapInterval]:
    """Of the predictions in a column of `tested` rows.

    The guess that is the mean of what was learnt from differs from fold to fold, which ranks nothing: one number stands for it.
    """
    y, p = rows["value"].to_numpy(float), rows[column].to_numpy(float)
    if endpoint.task == "regression":
        found = regression_figures(y, p)
        return found | {"spearman": BootstrapInterval(np.nan, np.nan, np.nan)} if column == "guess_mean" else found
    return classification_figures(y, np.full(len(p), p.mean() if len(p) else 0.0) if column == "guess_mean" else p, threshold)


def figure_tables(rows: pd.DataFrame, endpoint: Endpoint, threshold: float, folds: str) -> list[FigureTable]:
    """Of the cross-validation, whose `folds` are told, and of the held-out part."""
    known = tested(rows)
    parts = [(f"Cross-validation{folds}", cross_validated(known)), ("Held-out part", kept_apart(known))]
    return [_table(f"{title}: {len(part):,} molecules", part, endpoint, threshold) for title, part in parts if len(part)]


def future_table(rows: pd.DataFrame, endpoint: Endpoint, threshold: float) -> FigureTable | None:
    """What was predicted of the future beside the folds of the past, and whether it is worse; None where one isn't there."""
    found = future_figures(rows, endpoint, threshold)
    if not found:
        return None
    names = {name: NAMES[name] + (f" at {threshold:g}" if name == "mcc" else "") for name in found}
    cells = [
        (names[name], [*(_cell(name, part) for part in (one.folds, one.future, one.change)), (one.word, "")])
        for name, one in found.items()
    ]
    words = {word: [names[name] for name, one in found.items() if one.word == word] for word in ("worse", "better")}
    said = [f"{word} in {', '.join(figures)}" for word, figures in words.items() if figures]
    verdict = f"The future is {' and '.join(said)} than the folds." if said else "The future is not told apart from the folds."
    title = f"The future against the folds of the past, of {endpoint.name}"
    return FigureTable(title, ["folds of the past", "future", "change", "the future is"], cells, verdict)


def _table(title: str, rows: pd.DataFrame, endpoint: Endpoint, threshold: float) -> FigureTable:
    mean = MEAN if endpoint.task == "regression" else MAJORITY
    columns = {PREDICTOR: "mean", NEAREST: "guess_nearest", mean: "guess_mean"}
    found = {name: figures_with_intervals(rows, endpoint, column, threshold) for name, column in columns.items()}
    names = list(found[PREDICTOR])
    headings = [NAMES[name] + (f" at {threshold:g}" if name == "mcc" else "") for name in names]
    cells = [(name, [_cell(key, one[key]) for key in names]) for name, one in found.items()]
    return FigureTable(title, headings, cells, _verdict(found, names[0], rows, endpoint))


def _verdict(found: dict[str, dict[str, BootstrapInterval]], name: str, rows: pd.DataFrame, endpoint: Endpoint) -> str:
    """Whether the predictor beats the guesses in its first figure."""
    own = found[PREDICTOR][name]
    if not np.isfinite(own.value):
        classes = rows["value"].nunique()
        return f"No {NAMES[name]}: all {len(rows)} molecules are of one class." if classes < 2 else f"No {NAMES[name]}."
    sign = -1 if name in LOWER_IS_BETTER else 1
    words: dict[str, str] = {}
    for guess, other in list(found.items())[1:]:
        if not np.isfinite(other[name].value):
            continue
        if not (np.isfinite(own.low) and np.isfinite(other[name].low)):
            return "Too few molecules to tell the predictor from the guesses."
        low, high = np.nanquantile(sign * (own.drawn - other[name].drawn), (0.025, 0.975))
        words[guess] = "better than" if low > 0 else "worse than" if high < 0 else "not told apart from"
    if not words:
        return ""
    if len(set(words.values())) == 1 and len(words) > 1:
        said = f"{next(iter(words.values()))} both guesses"
    else:
        said = " and ".join(f"{word} the {guess.removeprefix('the ')}" for guess, word in words.items())
    return f"By its {NAMES[name]} the predictor is {said} (95 % interval of the difference)."


def _cell(name: str, found: BootstrapInterval) -> tuple[str, str]:
    """A figure and its interval; those without a unit with three decimals."""
    if name in LOWER_IS_BETTER:
        return number(found.value), interval_text(found)
    interval = f"({found.low:.3f} to {found.high:.3f})" if np.isfinite(found.low) else ""
    return (f"{found.value:.3f}" if np.isfinite(found.value) else NONE), interval
