"""Routes in a campaign's exports and in its report, and how they are drawn."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from molgen.errors import DataError
from molgen.reports.report import write_report
from molgen.reports.routes import ROUTE, best_routes, route_svg
from molgen.runs.export import export
from molgen.runs.store import RunStore
from molgen.scoring.scorer import Scorer
from molgen.search.strategy import Proposal
from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.route import SynthesisRoute, written
from molgen.synthesis.stock import BuildingBlock

AMIDE = "CC(=O)NCc1ccccc1"


@pytest.fixture(scope="module")
def route() -> SynthesisRoute:
    amide = next(each for each in own_reactions() if each.name == "amide coupling")
    acid, amine = (
        SynthesisRoute("CC(=O)O", BuildingBlock("CC(=O)O", "B<1>", 12.5, "3 days")),
        SynthesisRoute("NCc1ccccc1", BuildingBlock("NCc1ccccc1", "B-2")),
    )
    return SynthesisRoute(AMIDE, None, amide, (acid, amine))


@pytest.fixture
def molecules(route: SynthesisRoute, tmp_path: Path) -> pd.DataFrame:
    """A campaign of two molecules, one of which has a route."""
    store = RunStore(tmp_path)
    proposals = [Proposal(AMIDE, "mutation", route=written(route)), Proposal("CCO", "mutation")]
    store.commit(proposals, Scorer.from_config("drug_like")([AMIDE, "CCO"]), None)
    table = store.to_pandas()
    store.close()
    return table


def test_the_table_of_a_campaign_has_routes_where_there_are_any(
    molecules: pd.DataFrame, route: SynthesisRoute, tmp_path: Path
) -> None:
    assert molecules[ROUTE].tolist()[0] == written(route)
    assert molecules[ROUTE].isna().tolist() == [False, True]
    other = tmp_path / "other"
    other.mkdir()
    store = RunStore(other)
    store.commit([Proposal("CCO", "mutation")], Scorer.from_config("drug_like")(["CCO"]), None)
    assert ROUTE not in store.to_pandas()


def test_top_csv_says_the_steps(molecules: pd.DataFrame, tmp_path: Path) -> None:
    export(molecules, tmp_path, 10)
    table = pd.read_csv(tmp_path / "top.csv").set_index("smiles")
    assert table.loc[AMIDE, ROUTE] == f"CC(=O)O.NCc1ccccc1>>{AMIDE} (amide coupling)"
    assert pd.isna(table.loc["CCO", ROUTE])


def test_the_report_draws_the_route(molecules: pd.DataFrame, tmp_path: Path) -> None:
    write_report(tmp_path / "report.html", molecules, {}, {}, {})
    page = (tmp_path / "report.html").read_text()
    section = page[page.index("How to make the best") : page.index("How the search went")]
    for text in ("B&lt;1&gt;", "price 12.5 · 3 days", "B-2", "amide coupling", "HATU, DIPEA, DMF", "1 step<"):
        assert text in section
    write_report(tmp_path / "without.html", molecules.drop(columns=ROUTE), {}, {}, {})
    assert "How to make the best" not in (tmp_path / "without.html").read_text()


def test_a_damaged_route_is_refused(molecules: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="is no route"):
        best_routes(molecules.assign(**{ROUTE: "{}"}))


def boxes(drawing: str) -> list[tuple[float, float]]:
    """Corners of the molecules of a picture, in px."""
    found: list[Any] = [each for each in ElementTree.fromstring(drawing).iter() if each.tag.endswith("rect") and each.get("rx")]
    return [(float(each.get("x")), float(each.get("y"))) for each in found]


def test_a_tree_is_drawn_from_left_to_right_and_nothing_overlaps(route: SynthesisRoute) -> None:
    reaction = route.reaction
    longer = SynthesisRoute("CC(=O)N(C)Cc1ccccc1", None, reaction, (route, SynthesisRoute("CI", BuildingBlock("CI", "B-3"))))
    drawing = route_svg([longer.to_dict(), route.to_dict()], ["one", "two"])
    places = boxes(drawing)
    assert len(places) == 5 + 3
    columns = sorted({x for x, _ in places})
    assert [sum(x == column for x, _ in places) for column in columns] == [2 + 2, 2 + 1, 1]  # the second has one column less
    width = float(re.findall(r'viewBox="0 0 (\S+) ', drawing)[0])
    assert max(x for x, _ in places) + 200 <= width
    for tree in (longer, route):
        placed = boxes(route_svg([tree.to_dict()]))
        for i, (x, y) in enumerate(placed):
            assert all(abs(x - other) >= 200 or abs(y - another) >= 130 for other, another in placed[:i])
