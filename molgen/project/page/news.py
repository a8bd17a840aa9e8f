"""What changed since the last round."""

from dataclasses import dataclass

import pandas as pd

from molgen.project.page.contents import ProjectPage
from molgen.project.page.endpoints import PageEndpoint, ranked
from molgen.project.page.forecasts import compared, coverage_of

SURPRISES, NAMED = 6, 8


@dataclass(frozen=True)
class Surprise:
    """A compound measured outside its predicted interval."""

    compound: str
    smiles: str
    endpoint: str
    measured: str
    predicted: str
    above: bool


@dataclass(frozen=True)
class News:
    """What a meeting is told first.

    Attributes
    ----------
    heading
        Which round it is about.
    lines
        Facts, a sentence each.
    surprises
        The greatest first.
    unshown
        How many more there are.
    """

    heading: str
    lines: list[str]
    surprises: list[Surprise]
    unshown: int


def latest_round(data: ProjectPage) -> int:
    """The last round of which a compound was measured; 0 where there is none."""
    measured = data.compounds[data.compounds["id"].isin(data.measurements["id"])]
    return int(measured["round"].max()) if len(measured) else 0


def new_measurements(data: ProjectPage) -> pd.Series:
    """Which measurements came with the last round: of its compounds, and others since it was proposed, as far as dates say."""
    last = latest_round(data)
    of_round = data.measurements["id"].isin(data.compounds.loc[data.compounds["round"] == last, "id"])
    begun = pd.to_datetime(data.rounds.loc[data.rounds["round"] == last, "proposed_on"]).dropna()
    if begun.empty:
        return of_round
    return of_round | (pd.to_datetime(data.measurements["date"]) >= begun.iloc[0])


def news(data: ProjectPage, endpoints: list[PageEndpoint]) -> News:
    """What the last round brought."""
    last = latest_round(data)
    new = data.measurements[new_measurements(data)]
    if data.measurements.empty:
        return News("Nothing has been measured yet", _waiting(data), [], 0)
    if last == 0:
        heading = "No round has been measured yet"
        lines = [f"{_of(data.compounds['id'].isin(data.measurements['id']).sum(), 'compound')} known from before the project."]
        lines += [
            f"Best {endpoint.name}: {_told(endpoint, endpoint.best(endpoint.measured))}."
            for endpoint in endpoints
            if endpoint.judged
        ]
        return News(heading, [*lines, *_met(data, data.measurements), *_waiting(data)], [], 0)
    counts = new.groupby("endpoint", sort=False)["id"].nunique()
    each = ", ".join(f"{name} of {count}" for name, count in counts.items())
    bounds = int((new["relation"] != 0).sum())
    lines = [
        f"{_of(len(new), 'measurement')} of {_of(new['id'].nunique(), 'compound')}: {each}"
        + (f"; {_of(bounds, 'bound')} among them." if bounds else ".")
    ]
    lines += _round(data, last)
    for endpoint in endpoints:
        lines += _new_best(endpoint, set(new.loc[new["endpoint"] == endpoint.name, "id"]))
    lines += _best_compound(data, endpoints, set(new["id"]))
    lines += _met(data, new)
    surprises = _surprises(data, endpoints, new)
    tables = [table[table.index.isin(new["id"])] for endpoint in endpoints if len(table := compared(data, endpoint))]
    if n := sum(map(len, tables)):
        outside = n - sum(coverage_of(table).inside for table in tables)
        lines.append(f"{outside} of {_of(n, 'value')} outside the predicted 90 % interval; {0.1 * n:.1f} are expected.")
    return News(f"Round {last}", [*lines, *_waiting(data)], surprises[:SURPRISES], max(0, len(surprises) - SURPRISES))


def _of(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _told(endpoint: PageEndpoint, compound: object | None) -> str:
    if compound is None:
        return "none that is sure"
    row = endpoint.measured.loc[compound]
    unit = f" {endpoint.unit}" if endpoint.unit and endpoint.unit not in endpoint.name else ""
    return f"{endpoint.text(row['value'], int(row['relation']))}{unit} ({compound})"


def _round(data: ProjectPage, last: int) -> list[str]:
    row = data.rounds[data.rounds["round"] == last]
    if row.empty:
        return []
    made, failed, rejected = (int(row[name].fillna(0).iloc[0]) for name in ("measured", "failed", "rejected"))
    parts = [f"{made} measured"]
    parts += [f"{failed} couldn't be made"] if failed else []
    parts += [f"{rejected} crossed out"] if rejected else []
    return [f"Of {int(row['proposed'].iloc[0])} proposed, {', '.join(parts)}."]


def _new_best(endpoint: PageEndpoint, new: set[str]) -> list[str]:
    if not endpoint.judged or not new:
        return []
    is_new = endpoint.measured.index.isin(list(new))
    before, after = endpoint.best(endpoint.measured[~is_new]), endpoint.best(endpoint.measured)
    if after is None or after == before or after not in new:
        return [f"The best {endpoint.name} is still {_told(endpoint, before)}."] if before is not None else []
    if before is None:
        return [f"Best {endpoint.name}: {_told(endpoint, after)}, the first."]
    values = endpoint.on_scale(endpoint.measured["value"])
    gain = endpoint.change(float(values[after] - values[before]))
    return [f"New best {endpoint.name}: {_told(endpoint, after)}, {gain} to {_told(endpoint, before)}."]


def _best_compound(data: ProjectPage, endpoints: list[PageEndpoint], new: set[str]) -> list[str]:
    if data.compounds["utility"].isna().all():
        return []
    best = ranked(data, endpoints).iloc[0]
    return [f"{best['id']} is the best compound by all goals{', and new' if best['id'] in new else ', as before'}."]


def _met(data: ProjectPage, new: pd.DataFrame) -> list[str]:
    if not data.goals:
        return []
    met = data.compounds.loc[data.compounds["met"].eq(True), "id"]
    fresh = met[met.isin(new["id"])].tolist()
    if not fresh:
        return (
            [f"None of them meets all goals; {len(met)} of all compounds do."]
            if len(met)
            else ["No compound meets all goals yet."]
        )
    names = ", ".join(fresh[:NAMED]) + (f" and {len(fresh) - NAMED} more" if len(fresh) > NAMED else "")
    return [f"{len(fresh)} of them {'meets' if len(fresh) == 1 else 'meet'} all goals: {names} ({len(met)} of all compounds)."]


def _waiting(data: ProjectPage) -> list[str]:
    lines = [f"{_of(len(data.pending), 'compound')} pending."] if len(data.pending) else []
    return lines + ([f"{_of(len(data.proposed), 'compound')} newly proposed."] if len(data.proposed) else [])


def _surprises(data: ProjectPage, endpoints: list[PageEndpoint], new: pd.DataFrame) -> list[Surprise]:
    found = []
    for endpoint in endpoints:
        table = compared(data, endpoint)
        outside = table[~table["inside"] & table.index.isin(new.loc[new["endpoint"] == endpoint.name, "id"])]
        for compound, row in outside.iterrows():
            predicted = "{} ({} to {})".format(*(endpoint.text(row[side]) for side in ("mean", "low", "high")))
            measured = endpoint.text(row["value"], int(row["relation"]))
            surprise = Surprise(str(compound), row["smiles"], endpoint.name, measured, predicted, bool(row["beyond"] > 0))
            found.append((abs(row["beyond"]), surprise))
    return [surprise for _, surprise in sorted(found, key=lambda pair: -pair[0])]
