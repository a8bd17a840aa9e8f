"""The project's page: one HTML file that opens offline and prints, for a meeting."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from markupsafe import Markup
from rdkit import Chem, rdBase

from molgen.chem.matched_pairs import matched_pairs
from molgen.project.page.contents import ProjectPage
from molgen.project.page.endpoints import PageEndpoint, measured_endpoints, printed, ranked
from molgen.project.page.forecasts import honesty
from molgen.project.page.news import news
from molgen.project.page.pairs import Change, Exchange, best_exchanges, exchanges
from molgen.project.page.pictures import Pictures
from molgen.project.page.rounds import rounds_chart, rounds_table
from molgen.project.page.series import series_tables
from molgen.project.page.shades import STEPS, cells, is_dark, shade
from molgen.project.page.space import HEIGHT, WIDTH, percent, space
from molgen.reports.batch_routes import routes_of_batch, summary_of
from molgen.reports.report import render
from molgen.reports.small_drawings import SharedStyles
from molgen.synthesis.trees import Tree, tree_of

BEST, WAITING, EXCHANGES = 12, 96, 6  # shown at most: the best compounds, pending and proposed ones, exchanges that helped
ENDPOINTS, OTHERS = 3, 2  # for which matched pairs are ranked, and how many more stand beside each
SHAPES = {"pending": "M0-6L6 0L0 6L-6 0z", "proposed": "M0-7L6.5 5H-6.5z"}  # on the map
ANALYSED = 2000  # compounds whose cores and pairs are looked for, the best


def project_page(data: ProjectPage) -> str:
    """The page as HTML.

    Raises
    ------
    DataError
        An endpoint was measured in several units.
    """
    endpoints = measured_endpoints(data)
    order = ranked(data, endpoints)
    molecules = _parsed(order["smiles"].tolist() + data.pending["smiles"].tolist() + data.proposed["smiles"].tolist())
    analysed = order[order["smiles"].isin(list(molecules)) & order["id"].isin(data.measurements["id"])]
    judged = analysed["utility"].notna() | analysed["goodness"].notna()
    analysed = (analysed[judged] if judged.any() else analysed).head(ANALYSED)
    measured = {row["id"]: molecules[row["smiles"]] for row in analysed[["id", "smiles"]].to_dict("records")}
    pictures = Pictures()
    told = news(data, endpoints)
    tables, left = series_tables(measured, endpoints, cells(endpoints, pd.Index(list(measured))), pictures)
    headings, rows = rounds_table(data, endpoints)
    styles, trees = SharedStyles(), {**_trees(data.proposed), **_trees(data.pending)}
    sections: dict[str, Any] = {
        "news": told,
        "surprises": [(surprise, pictures.molecule(surprise.smiles)) for surprise in told.surprises],
        "rounds": rounds_chart(data, endpoints),
        "round_headings": headings,
        "round_rows": rows,
        "honesty": honesty(data, endpoints),
        "series": tables,
        "series_left": left,
        "exchanges": _exchange_tables(measured, endpoints, pictures),
        "cards": best_cards(data, order, endpoints, pictures),
        "waiting": [
            _waiting("Newly proposed", data.proposed, trees, pictures),
            _waiting("Pending", data.pending, trees, pictures),
        ],
        "made": routes_of_batch(trees, styles),
        "space": space(data, order, endpoints, molecules, pictures),
    }
    return render(
        "page.html.j2",
        package="molgen.project.page",
        title=data.name,
        date="" if data.date is None else f"{data.date:%Y-%m-%d}",
        goals=[replace(goal, unit=printed(goal.unit)) for goal in data.goals],
        facts=project_figures(data),
        endpoints=endpoints,
        shades=[(step, shade(step), is_dark(step)) for step in range(STEPS)],
        map_size=(WIDTH, HEIGHT),
        shapes=SHAPES,
        **sections,
        symbols=pictures.symbols(),
        styles=styles.css(),
    )


def _parsed(smiles: list[str]) -> dict[str, Chem.Mol]:
    with rdBase.BlockLogs():
        mols = {text: Chem.MolFromSmiles(text) for text in dict.fromkeys(smiles)}
    return {text: mol for text, mol in mols.items() if mol is not None}


def project_figures(data: ProjectPage) -> list[tuple[str, str]]:
    """How many compounds and rounds there are: a name and a number each."""
    measured = data.compounds["id"].isin(data.measurements["id"])
    facts = [("compounds measured", f"{measured.sum():,}"), ("rounds", f"{len(data.rounds)}")]
    if data.goals and measured.any():
        facts.append(("meet all goals", f"{data.compounds['met'].eq(True).sum():,}"))
    pending = len(data.pending) + len(data.proposed)
    return [*facts, ("pending", f"{pending:,}"), ("of these newly proposed", f"{len(data.proposed):,}")]


@dataclass(frozen=True)
class ExchangeRow:
    """An exchange for reading: pictures, and what it did to each endpoint."""

    old: Markup
    new: Markup
    changes: list[tuple[str, str] | None]
    n: str
    signs: str
    example: str


@dataclass(frozen=True)
class ExchangeTable:
    """What helped and hurt an endpoint: two lists with their names. `others` are the endpoints whose changes stand beside."""

    label: str
    others: list[str]
    lists: list[tuple[str, list[ExchangeRow]]]


def _exchange_tables(measured: dict[str, Chem.Mol], endpoints: list[PageEndpoint], pictures: Pictures) -> list[ExchangeTable]:
    """For each of the first endpoints."""
    found = exchanges(matched_pairs(measured), endpoints)
    tables = []
    for endpoint in endpoints[:ENDPOINTS]:
        first, second = best_exchanges(found, endpoint, EXCHANGES)
        if not first and not second:
            continue
        names = ("helped", "hurt") if endpoint.better else ("raised it", "lowered it")
        shown_first = [endpoint, *[each for each in endpoints if each is not endpoint][:OTHERS]]
        lists = [
            (name, [_exchange_row(exchange, shown_first, pictures) for exchange in own])
            for name, own in zip(names, (first, second), strict=True)
        ]
        tables.append(ExchangeTable(endpoint.label, [each.label for each in shown_first[1:]], lists))
    return tables


def _exchange_row(exchange: Exchange, endpoints: list[PageEndpoint], pictures: Pictures) -> ExchangeRow:
    own = exchange.changes[endpoints[0].name]
    bounds = f" + {own.bounds} with bounds" if own.bounds else ""
    return ExchangeRow(
        pictures.group(exchange.old),
        pictures.group(exchange.new),
        [_told(each, exchange.changes.get(each.name)) for each in endpoints],
        f"{own.n}{bounds}",
        f"{own.up} ↑ {own.down} ↓, p = {own.p:.2g}",
        f"{exchange.example.before} → {exchange.example.after}",
    )


def _told(endpoint: PageEndpoint, own: Change | None) -> tuple[str, str] | None:
    if own is None or not own.n:
        return None
    error = "" if own.n == 1 else f"×/÷ {10**own.error:.2g}" if endpoint.logarithmic else f"± {own.error:.2f}"
    return endpoint.change(own.mean), error


@dataclass(frozen=True)
class Card:
    """A compound with its values: endpoint, text, error, n."""

    compound: str
    picture: Markup
    smiles: str
    where: str
    met: bool | None
    values: list[tuple[str, str, str, str]]


def best_cards(data: ProjectPage, order: pd.DataFrame, endpoints: list[PageEndpoint], pictures: Pictures) -> list[Card]:
    """The best measured compounds, of `order`, with the mean of what was measured of each."""
    found = []
    for row in order[order["id"].isin(data.measurements["id"])].head(BEST).to_dict("records"):
        values = []
        for endpoint in endpoints:
            if row["id"] not in endpoint.measured.index:
                values.append((endpoint.name, "not measured", "", ""))
                continue
            value = endpoint.measured.loc[row["id"]]
            error = f"± {endpoint.text(value['error'])}" if pd.notna(value["error"]) else ""
            text = endpoint.text(value["value"], int(value["relation"])) + (
                f" {endpoint.unit}" if endpoint.label != endpoint.name else ""
            )
            values.append((endpoint.name, text, error, f"n = {int(value['n'])}"))
        where = f"round {row['round']}" if row["round"] else "from before"
        met = None if pd.isna(row["met"]) else bool(row["met"])
        found.append(Card(row["id"], pictures.molecule(row["smiles"]), row["smiles"], where, met, values))
    return found


def _trees(table: pd.DataFrame) -> dict[str, Tree]:
    """The routes of those that are shown."""
    return {row["id"]: tree_of(row["route"]) for row in _likeliest(table).to_dict("records") if row["route"]}


def _likeliest(table: pd.DataFrame) -> pd.DataFrame:
    """Those that are shown of waiting compounds: the likeliest to meet all goals, the best first."""
    known = table.assign(chance=pd.to_numeric(table["chance"]))
    return known.sort_values("chance", ascending=False, kind="stable", na_position="last").head(WAITING)


def _waiting(
    name: str, table: pd.DataFrame, trees: Mapping[str, Tree], pictures: Pictures
) -> tuple[str, list[dict[str, Any]], int]:
    """A heading, the compounds likeliest to meet all goals first, and how many aren't shown."""
    shown_rows = [
        {
            "id": row["id"],
            "picture": pictures.molecule(row["smiles"]),
            "smiles": row["smiles"],
            "chance": "" if pd.isna(row["chance"]) else percent(row["chance"]),
            "reason": "" if pd.isna(row["reason"]) else row["reason"],
            "route": summary_of(trees[row["id"]]) if row["id"] in trees else "",
        }
        for row in _likeliest(table).to_dict("records")
    ]
    return name, shown_rows, max(0, len(table) - WAITING)
