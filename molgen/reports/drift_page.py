"""What monitoring found, for reading: lines of a command, and a page with the history as curves."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from molgen.files import write_atomically
from molgen.predictors.drift import DriftCheck
from molgen.predictors.monitoring import MonitoredEndpoint
from molgen.reports.palette import COLOURS, line_style
from molgen.reports.predictor_card.bins import ValueTable
from molgen.reports.predictor_card.pictures import chart_in_words
from molgen.reports.predictor_card.quality import NAMES
from molgen.reports.report import render
from molgen.reports.texts import NONE, interval_text, number

LAST = 50  # tables of the history in a curve
CURVES = {"share": "outside the domain", "error": "errors, relative to before", "coverage": "below the promised coverage"}
FURTHEST = "furthest distribution"


def drift_lines(entry: Mapping[str, Any], found: Sequence[MonitoredEndpoint], shown: int) -> Iterator[str]:
    """What a command says of a table.

    Parameters
    ----------
    shown
        How many reasons of molecules outside the domain are named.
    """
    yield f"{entry['molecules']:,} distinct molecules in {entry['rows']:,} rows of {entry['table']}"
    for one in found:
        name = one.endpoint.name
        scaffolds = f", {one.new_scaffolds:.0%} with a scaffold that is new" if np.isfinite(one.new_scaffolds) else ""
        yield f"{name}: {one.known:,} of them learnt from{scaffolds}"
        for check in sorted(one.checks, key=lambda check: (not check.alarm, check.kind == "distribution", check.p)):
            if check.alarm or check.kind != "distribution":
                yield f"{name}: {'ALARM: ' * check.alarm}{told(check)}"
        for smiles, why in one.reasons[:shown]:
            yield f"{name}: outside: {smiles[:60]}: {why}"
        for figure, compared in one.figures.items():
            values = (f"{number(part.value)} {interval_text(part)}".rstrip() for part in (compared.future, compared.folds))
            yield f"{name}: {NAMES[figure]} {' here, '.join(values)} in cross-validation: {compared.word}"
        if one.bounds:
            yield f"{name}: {one.bounds} measured values are bounds, and in no error"
        yield from (f"{name}: not compared: {line}" for line in one.missing)
    count = sum(len(one.alarms) for one in found)
    level = f"threshold {entry['threshold']:g}, effect {entry['effect']:g}"
    checks = sum(len(one.checks) for one in found)
    yield f"ALARM: {count} of {checks} checks ({level})" if count else f"no alarm in {checks} checks ({level})"


def told(check: DriftCheck) -> str:
    """A check in words."""
    chance = f"p = {check.adjusted:.2g} for all checks together"
    if check.kind == "distribution":
        return (
            f"{check.name}: median {number(check.new)}, {number(check.known)} learnt from; distance {check.change:.2f} ({chance})"
        )
    if check.kind == "error":
        return f"mean absolute error {number(check.new)}, {number(check.known)} in cross-validation ({chance})"
    return f"{check.name} {check.new:.0%} of {check.n:,}, {check.known:.0%} expected ({chance})"


def write_drift_page(
    page: Path, predictor: Path, history: Sequence[Mapping[str, Any]], found: Sequence[MonitoredEndpoint]
) -> None:
    """Write the page of the newest table and of all before.

    Parameters
    ----------
    predictor
        Its file.
    history
        The entries, the oldest first; the last is that of `found`.

    Raises
    ------
    OSError
        It can't be written.
    """
    name = predictor.resolve().parent.name if predictor.name == "predictor.safetensors" else predictor.stem
    newest = history[-1]
    count = sum(len(one.alarms) for one in found)
    content = render(
        "drift.html.j2",
        title=f"{name}, monitored",
        newest=newest,
        when=_when(newest),
        alarm=f"{count} check{'s' * (count != 1)} raised an alarm" if count else "No alarm",
        endpoints=[(one, _checks(one), _figures(one), _curve(history, one)) for one in found],
        history=_history(history),
    )
    write_atomically(page, content.encode())


def _checks(one: MonitoredEndpoint) -> ValueTable:
    rows = [
        [
            check.name,
            *(f"{value:.1%}" if check.kind in ("share", "coverage") else number(value) for value in (check.new, check.known)),
            f"{check.n:,}",
            f"{check.change:.2f}",
            f"{check.psi:.2f}" if np.isfinite(check.psi) else "",
            f"{check.p:.2g}",
            f"{check.adjusted:.2g}",
            "ALARM" if check.alarm else "",
        ]
        for check in one.checks
    ]
    headings = ["", "new table", "learnt from", "molecules", "change", "PSI", "p", "p, all together", ""]
    return ValueTable(headings, rows)


def _figures(one: MonitoredEndpoint) -> ValueTable | None:
    if not one.figures:
        return None
    rows = [
        [
            NAMES[name],
            *(f"{number(part.value)} {interval_text(part)}" for part in (each.future, each.folds, each.change)),
            each.word,
        ]
        for name, each in one.figures.items()
    ]
    return ValueTable(["", "new table", "cross-validation", "change", ""], rows)


def _history(history: Sequence[Mapping[str, Any]]) -> ValueTable:
    rows = []
    for entry in reversed(history[-LAST:]):
        alarms = [
            f"{name}: {check.get('name')}" if len(entry["endpoints"]) > 1 else str(check.get("name"))
            for name, one in entry["endpoints"].items()
            for check in _list(one, "checks")
            if check.get("alarm")
        ]
        cells = [str(entry.get(key, NONE)) for key in ("table", "molecules")]
        rows.append([_when(entry), *cells, "; ".join(alarms) or "none"])
    return ValueTable(["when, UTC", "table", "molecules", "alarms"], rows)


def _when(entry: Mapping[str, Any]) -> str:
    return str(entry["when"])[:16].replace("T", " ")


def _list(one: Any, key: str) -> list[Mapping[str, Any]]:
    found = one.get(key) if isinstance(one, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _curve(history: Sequence[Mapping[str, Any]], one: MonitoredEndpoint) -> str:
    """How large the changes of each table were, one after another."""
    names, last = [*CURVES.values(), FURTHEST], history[-LAST:]
    values = np.full((len(names), len(last)), np.nan)
    alarms = []
    for t, entry in enumerate(last):
        checks = _list(entry["endpoints"].get(one.endpoint.name), "checks")
        for check in checks:
            change = check.get("change")
            if isinstance(change, int | float):
                k = names.index(CURVES.get(str(check.get("kind")), FURTHEST))
                values[k, t] = np.nanmax([values[k, t], change])
        if any(check.get("alarm") for check in checks):
            alarms.append(t)

    def plot(axes: Axes) -> None:
        for k, name in enumerate(names):
            if np.isfinite(values[k]).any():
                axes.plot(np.arange(1, len(last) + 1), values[k], label=name, linewidth=1.2, **line_style(k))
        for t in alarms:
            axes.axvline(t + 1, color=COLOURS[4], linewidth=5, alpha=0.18, zorder=0)
        axes.set(xlabel="table, the newest last", ylabel="change", xlim=(0.5, len(last) + 0.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(frameon=False, fontsize=8)

    said = f"{one.endpoint.name}: changes of {len(last)} tables; alarms at {', '.join(str(t + 1) for t in alarms) or 'none'}."
    return chart_in_words(2, said, plot)
