"""The project's page: its figures, worked out by hand, and what it says when there is little to say."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen.chem.matched_pairs import MatchedPair, matched_pairs
from molgen.errors import DataError
from molgen.project.page import space as maps
from molgen.project.page.contents import COLUMNS, PageGoal, ProjectPage
from molgen.project.page.endpoints import PageEndpoint, combined, measured_endpoints, ranked
from molgen.project.page.forecasts import Coverage, compared, coverage_of, honesty, verdict
from molgen.project.page.news import news
from molgen.project.page.page import project_page
from molgen.project.page.pairs import best_exchanges, change, exchanges, intervals, sign_test
from molgen.project.page.pictures import Pictures, compact
from molgen.project.page.rounds import rounds_table, time_axis
from molgen.project.page.series import common_cores, decompose
from molgen.project.page.shades import STEPS, steps
from molgen.reports.drawing import draw

POTENCY = PageGoal("potency", "at least 8", endpoint="pIC50", low=8, better=1)
IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
SPRING = datetime.date(2026, 3, 1)


def days(number: int) -> datetime.date:
    return SPRING + datetime.timedelta(number)


def page_of(
    compounds: list[tuple] = (),
    values: list[tuple] = (),
    predictions: list[tuple] = (),
    rounds: list[tuple] = (),
    **others: object,
) -> ProjectPage:
    """`values` are id, endpoint, value, relation and perhaps a date."""
    measurements = [(*value[:4], "", "assay", value[4] if len(value) > 4 else None) for value in values]
    tables = {"compounds": compounds, "measurements": measurements, "predictions": predictions, "rounds": rounds}
    made = {name: pd.DataFrame(list(rows), columns=COLUMNS[name]) for name, rows in tables.items()}
    return ProjectPage(**({"name": "thrombin", "goals": [POTENCY]} | made | others))


def endpoint_of(values: dict[str, tuple[float, int]], better: int = 1, unit: str = "") -> PageEndpoint:
    goal = PageGoal("goal", "as asked", unit, "x", better=better)
    compounds = [(name, "C", 0, None, np.nan) for name in values]
    [found] = measured_endpoints(page_of(compounds, [(name, "x", *value) for name, value in values.items()], goals=[goal]))
    return found


def mols(**smiles: str) -> dict[str, Chem.Mol]:
    return {name: Chem.MolFromSmiles(text) for name, text in smiles.items()}


def test_replicates_are_a_mean_with_its_error_and_bounds_the_tightest() -> None:
    rows = [("a", 7.0, 0), ("a", 7.4, 0), ("a", 6.0, 1), ("b", 5.0, 1), ("b", 6.0, 1), ("c", 5.0, -1), ("c", 4.5, -1)]
    table = combined(pd.DataFrame(rows, columns=["id", "value", "relation"]))
    assert table.loc["a", ["value", "relation", "n"]].tolist() == [pytest.approx(7.2), 0, 2]
    assert table.loc["a", "error"] == pytest.approx(0.2)  # 0.2828 / sqrt(2)
    assert table.loc["b", ["value", "relation", "lower", "upper"]].tolist() == [6.0, 1, 6.0, np.inf]
    assert table.loc["c", ["value", "relation", "lower", "upper"]].tolist() == [4.5, -1, -np.inf, 4.5]


def test_one_endpoint_in_two_units_is_refused() -> None:
    data = page_of([("a", "C", 0, None, np.nan)], [("a", "pIC50", 7.0, 0), ("a", "pIC50", 8.0, 0)])
    data.measurements["unit"] = ["nM", "µM"]
    with pytest.raises(DataError, match="pIC50: in nM and µM"):
        project_page(data)


def test_what_is_best() -> None:
    more = endpoint_of({"a": (7.0, 0), "b": (7.5, 1), "c": (9.0, -1)})
    assert more.best(more.measured) == "b"  # <9 may be anything, >7.5 is at least that
    less = endpoint_of({"a": (7.0, 0), "b": (6.0, 1), "c": (6.5, -1)}, better=-1)
    assert less.best(less.measured) == "c"
    window = PageGoal("logD", "between 1 and 3", endpoint="logD", low=1, high=3)
    data = page_of(
        [(name, "C", 0, None, np.nan) for name in "abc"], [("a", "logD", 0.5, 0), ("b", "logD", 3.2, 0)], goals=[window]
    )
    [found] = measured_endpoints(data)
    assert found.best(found.measured) == "b"
    assert ranked(data, [found])["id"].tolist() == ["b", "a", "c"]


def test_values_over_orders_of_magnitude_change_by_ratios() -> None:
    clearance = endpoint_of({"a": (3.0, 0), "b": (30.0, 0), "c": (300.0, 0), "d": (1000.0, 1)}, better=-1)
    assert clearance.logarithmic
    told = change([MatchedPair("a", "b", "[1*]C", "[1*]F"), MatchedPair("b", "c", "[1*]C", "[1*]F")], intervals(clearance))
    assert clearance.change(told.mean) == "× 10"
    assert not endpoint_of({"a": (2.0, 0), "b": (95.0, 0)}, unit="%").logarithmic
    assert not endpoint_of({"a": (4.0, 0), "b": (9.5, 0)}).logarithmic
    assert endpoint_of({"a": (4.0, 0)}, unit="-log10(mol/L)").label == "x"
    assert endpoint_of({"a": (4.0, 0)}, unit="µM").label == "x (µM)"


PAIRS = mols(
    phenyl="O=C(Nc1ccccc1)c1ccccc1",
    chlorophenyl="O=C(Nc1ccc(Cl)cc1)c1ccccc1",
    pyridyl="O=C(Nc1ccccc1)c1ccncc1",
    chloropyridyl="O=C(Nc1ccc(Cl)cc1)c1ccncc1",
    thienyl="O=C(Nc1ccccc1)c1cccs1",
    chlorothienyl="O=C(Nc1ccc(Cl)cc1)c1cccs1",
)


def test_matched_pairs_have_the_mean_of_their_differences_and_bounds_only_count_where_they_are_sure() -> None:
    values = {"phenyl": (6.0, 0), "chlorophenyl": (6.5, 0), "pyridyl": (5.0, 0), "chloropyridyl": (5.9, 0)}
    values |= {"thienyl": (5.0, -1), "chlorothienyl": (5.5, 0)}
    endpoint = endpoint_of(values)
    found = exchanges(matched_pairs(PAIRS), [endpoint])
    [chlorine] = [each for each in found if (each.old, each.new) == ("[1*][H]", "[1*]Cl")]
    told = chlorine.changes["x"]
    assert (told.n, told.up, told.down, told.bounds) == (2, 3, 0, 1)
    assert told.mean == pytest.approx(0.7)  # of 0.5 and 0.9
    assert told.error == pytest.approx(0.2)  # 0.2828 / sqrt(2)
    assert told.p == pytest.approx(0.25)  # 2 / 2**3
    unsure = endpoint_of(values | {"chlorothienyl": (4.0, 0)})  # below 5 both: no direction
    assert change([MatchedPair("thienyl", "chlorothienyl", "", "")], intervals(unsure)) is None


def test_each_pair_of_compounds_counts_once_by_the_smallest_group() -> None:
    pairs = matched_pairs(mols(a="Cc1ccccc1C(=O)N", b="CCc1ccccc1C(=O)N", c="c1ccccc1C(=O)N"))
    assert {(pair.before, pair.after, pair.old, pair.new) for pair in pairs} == {
        ("a", "b", "[1*]C", "[1*]CC"),
        ("c", "a", "[1*][H]", "[1*]C"),
        ("c", "b", "[1*][H]", "[1*]CC"),
    }


def test_exchanges_of_one_pair_stand_behind_those_of_several() -> None:
    several = [MatchedPair("a", "b", "[1*]C", "[1*]F"), MatchedPair("c", "d", "[1*]C", "[1*]F")]
    single, worse = MatchedPair("a", "e", "[1*]C", "[1*]I"), MatchedPair("e", "a", "[1*]I", "[1*]N")
    endpoint = endpoint_of({name: (value, 0) for name, value in zip("abcde", (5.0, 5.2, 6.0, 6.4, 9.0), strict=True)})
    helped, hurt = best_exchanges(exchanges([*several, single, worse], [endpoint]), endpoint, 5)
    assert [each.new for each in helped] == ["[1*]F", "[1*]I"]
    assert [each.new for each in hurt] == ["[1*]N"]
    lower = endpoint_of({name: (value, 0) for name, value in zip("abcde", (5.0, 5.2, 6.0, 6.4, 9.0), strict=True)}, better=-1)
    helped, hurt = best_exchanges(exchanges([*several, single, worse], [lower]), lower, 1)
    assert ([each.new for each in helped], [each.new for each in hurt]) == (["[1*]N"], ["[1*]F"])


def test_the_sign_test() -> None:
    assert sign_test(0, 0) == sign_test(2, 2) == 1.0
    assert sign_test(8, 1) == pytest.approx(2 * (1 + 9) / 2**9)  # Siegel and Castellan's table: 0.020 one-sided
    assert sign_test(0, 5) == pytest.approx(0.0625)


FORECASTS = [("a", 6.9, 0), ("b", 7.6, 0), ("c", 7.0, 1), ("d", 8.0, 1), ("e", 5.0, -1), ("f", 6.0, -1)]


def forecast_page() -> ProjectPage:
    compounds = [(name, "CCO", 1 if name in "abc" else 2, False, np.nan) for name, *_ in FORECASTS]
    predictions = [(name, "pIC50", 6.5, 5.5, 7.5) for name, *_ in FORECASTS]
    return page_of(compounds, [(name, "pIC50", *value) for name, *value in FORECASTS], predictions)


def test_a_bound_is_covered_where_part_of_the_interval_agrees_with_it() -> None:
    data = forecast_page()
    [endpoint] = measured_endpoints(data)
    table = compared(data, endpoint)
    assert table["inside"].to_dict() == {"a": True, "b": False, "c": True, "d": False, "e": False, "f": True}
    assert coverage_of(table) == Coverage(3, 6, 4)
    assert table.loc[["b", "d", "e"], "beyond"].tolist() == pytest.approx([0.1, 0.5, -0.5])  # half widths of 1
    assert verdict(table) == "too few measured values to tell (2)"
    rows = honesty(data, [endpoint]).rows
    assert [(name, str(cell), cell.share) for name, [cell] in rows] == [
        ("1", "2 of 3", "67 %"),
        ("2", "1 of 3", "33 %"),
        ("all", "3 of 6", "50 %"),
    ]


@pytest.mark.parametrize(("inside", "said"), [(18, "agrees with 90 %"), (12, "too sure of itself: 12 of 20"), (20, "agrees")])
def test_the_verdict_on_a_model(inside: int, said: str) -> None:
    table = pd.DataFrame({"relation": 0, "inside": [True] * inside + [False] * (20 - inside)})
    bounds = pd.DataFrame({"relation": 1, "inside": [True] * 100})
    assert verdict(pd.concat([table, bounds])).startswith(said)  # bounds, which are easily inside, don't hide it
    many = pd.DataFrame({"relation": 0, "inside": [True] * 99 + [False]})
    assert verdict(many).startswith("more careful than it need be: 99 of 100")


INDOLES = mols(
    methoxy="COc1ccc2[nH]ccc2c1",
    methyl="Cc1ccc2[nH]ccc2c1",
    chloro="Clc1ccc2n(C)ccc2c1",
    plain="c1ccc2n(CC)ccc2c1",
)


def test_a_series_has_a_row_of_r_groups_per_compound() -> None:
    [(smiles, names)] = common_cores(INDOLES | mols(hexane="CCCCCC", ethanol="CCO"))
    assert (smiles, names) == ("c1ccc2[nH]ccc2c1", list(INDOLES))
    core = decompose(smiles, INDOLES)
    assert core.same == []
    assert sorted(core.groups) == core.groups
    five = next(i for i in range(2) if core.rows["chloro"][i] == "[1*]Cl")
    assert {name: (groups[five], groups[1 - five]) for name, groups in core.rows.items()} == {
        "methoxy": ("[1*]OC", "[1*][H]"),
        "methyl": ("[1*]C", "[1*][H]"),
        "chloro": ("[1*]Cl", "[1*]C"),
        "plain": ("[1*][H]", "[1*]CC"),
    }


def test_of_a_long_series_the_best_and_the_worst_are_shown() -> None:
    chains = mols(**{f"c{n}": f"{'C' * n}c1ccc2[nH]ccc2c1" for n in range(1, 21)})
    core = decompose("c1ccc2[nH]ccc2c1", chains)
    assert (core.number, list(core.rows)) == (20, [f"c{n}" for n in [*range(1, 11), *range(16, 21)]])
    page = project_page(
        page_of(
            [(name, Chem.MolToSmiles(mol), 0, False, 1 / int(name[1:])) for name, mol in chains.items() if int(name[1:]) < 17],
            [(name, "pIC50", 5.0 + int(name[1:]) / 10, 0) for name in chains],
        )
    )
    assert "The best 10 and the worst 5 of 16 compounds with this core." in page


def test_what_changed_since_the_last_round() -> None:
    compounds = [
        ("old", "CCO", 0, False, 0.2),
        ("first", "CCN", 1, False, 0.4),
        ("new", "CCC", 2, True, 0.9),
        ("weak", "CCCl", 2, False, 0.1),
    ]
    values = [("old", "pIC50", 6.0, 0, days(-100)), ("first", "pIC50", 7.0, 0, days(20)), ("new", "pIC50", 8.5, 0, days(60))]
    values += [("weak", "pIC50", 5.0, -1, days(60)), ("old", "pIC50", 6.2, 0, days(61))]  # old once more, with the round
    predictions = [("new", "pIC50", 7.0, 6.0, 8.0), ("weak", "pIC50", 6.0, 4.8, 7.0), ("first", "pIC50", 6.0, 5.0, 6.5)]
    rounds = [(1, days(0), days(20), 4, 1, 1, 0), (2, days(40), days(60), 4, 2, 1, 1), (3, days(70), None, 4, 0, 0, 0)]
    pending = pd.DataFrame([("p", "CCBr", 0.3, "improve", "")], columns=COLUMNS["pending"])
    data = page_of(compounds, values, predictions, rounds, pending=pending)
    told = news(data, measured_endpoints(data))
    assert told.heading == "Round 2"
    assert told.lines == [
        "3 measurements of 3 compounds: pIC50 of 3; 1 bound among them.",
        "Of 4 proposed, 2 measured, 1 couldn't be made, 1 crossed out.",
        "New best pIC50: 8.50 (new), +1.50 to 7.00 (first).",
        "new is the best compound by all goals, and new.",
        "1 of them meets all goals: new (1 of all compounds).",
        "1 of 2 values outside the predicted 90 % interval; 0.2 are expected.",
        "1 compound pending.",
    ]
    [surprise] = told.surprises  # that of round 1 is no news
    assert (surprise.compound, surprise.measured, surprise.predicted, surprise.above) == (
        "new",
        "8.50",
        "7.00 (6.00 to 8.00)",
        True,
    )
    headings, rows = rounds_table(data, measured_endpoints(data))
    assert headings[-2:] == ["best pIC50", "meet all goals"]
    assert rows[0] == ["before", "", "", "", "1", "", "", "6.10", "0"]
    assert rows[2] == ["2", "2026-04-10", "2026-04-30", "4", "2", "1", "1", "8.50", "1"]


def test_rounds_stand_at_their_dates_or_one_after_the_other() -> None:
    compounds = [(name, "CCO", number, None, np.nan) for number, name in enumerate("abc")]
    rounds = [(1, days(0), days(30), 1, 1, 0, 0), (2, days(40), days(130), 1, 1, 0, 0)]
    assert time_axis(page_of(compounds, rounds=rounds)).places.tolist() == [0, 30, 130]
    assert time_axis(page_of(compounds, rounds=[rounds[0], (2, None, None, 1, 1, 0, 0)])).places.tolist() == [0, 1, 2]
    assert time_axis(page_of(compounds)).places.tolist() == [0, 1, 2]


def test_colours_end_at_the_quantiles_and_one_value_alone_is_in_the_middle() -> None:
    values = pd.Series([-100.0, *range(1, 100), 200.0])
    assert steps(values).iloc[[0, 50, -1]].tolist() == [0, STEPS // 2, STEPS - 1]
    assert steps(pd.Series([7.0, 7.0])).tolist() == [STEPS // 2] * 2


def test_similar_molecules_lie_together_and_what_is_too_much_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    acids, rings = [f"{'C' * n}C(=O)O" for n in range(8, 12)], [f"{'C' * n}c1ccc2[nH]ccc2c1" for n in range(3, 7)]
    placed = maps.coordinates([Chem.MolFromSmiles(text) for text in acids + rings])
    apart = np.linalg.norm(placed[:, None] - placed[None], axis=-1)
    assert apart[:4, :4].max() < apart[:4, 4:].min()
    monkeypatch.setattr(maps, "MOST", 6)
    monkeypatch.setattr(maps, "PICTURED", 2)
    data = page_of(
        [(text, text, 0, False, i) for i, text in enumerate(acids + rings)], [(text, "pIC50", 7.0, 0) for text in acids]
    )
    found = measured_endpoints(data)
    molecules = {text: Chem.MolFromSmiles(text) for text in acids + rings}
    drawn = maps.space(data, ranked(data, found), found, molecules, Pictures())
    assert len(drawn.points) == 6
    assert [point.name for point in drawn.points if point.picture] == [rings[2], rings[3]]  # the two best, drawn last
    assert (
        drawn.note
        == "2 of 8 measured compounds, taken at random, aren't drawn. Pictures of the first 2: proposed, pending, then the best."
    )


def test_pictures_are_small_and_have_every_bond_and_letter() -> None:
    drawing = draw(IMATINIB, size=(240, 160))
    small = compact(drawing)
    assert len(small) < 0.5 * len(drawing)
    assert small.count("M") == len(re.findall(r"d='M", drawing))
    assert re.findall(r">(\w)</text>", small) == re.findall(r">(\w)</text>", drawing)
    pictures = Pictures()
    assert pictures.molecule("CCO") == pictures.molecule("CCO")
    assert pictures.symbols().count("<symbol") == 1
    assert pictures.group("[1*]C(F)(F)F") == '<b class="group">CF₃</b>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (page_of(goals=[]), ["What changed: nothing has been measured yet", "No compound has been measured yet"]),
        (
            page_of([("a", "CCO", 0, None, np.nan)], [("a", "pIC50", 6.0, 0)]),
            [
                "What changed: no round has been measured yet",
                "Best pIC50: 6.00 (a).",
                "No two measured compounds",
                "No core is shared",
            ],
        ),
        (
            page_of(
                [(s, s, 1, False, 0.5) for s in ("CCO", "CCN", "CCCO", "CCCN")],
                [(s, "pIC50", 6.0, 0) for s in ("CCO", "CCN", "CCCO")],
            ),
            ["3 measurements of 3 compounds", "No core is shared", "The space"],
        ),
        (
            page_of(
                [(s, s, 1, False, np.nan) for s in ("Cc1ccccc1", "Oc1ccccc1", "Nc1ccccc1")],
                [(s, "pIC50", 5.0, -1) for s in ("Cc1ccccc1", "Oc1ccccc1", "Nc1ccccc1")],
                [("Cc1ccccc1", "pIC50", 6.0, 5.5, 7.0)],
            ),
            ["3 bounds among them", "No compound meets all goals yet.", "&lt;5.00", "too few measured values to tell (0)"],
        ),
        (page_of(name="<i>thrombin</i>"), ["&lt;i&gt;thrombin&lt;/i&gt;"]),
    ],
    ids=["empty", "one compound", "acyclic and identical", "bounds", "markup"],
)
def test_a_page_of_little(data: ProjectPage, said: list[str]) -> None:
    page = project_page(data)
    for sentence in said:
        assert sentence in page
    assert "nan" not in re.sub(r"<style>.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!#)', page)  # nothing to load
    assert "<i>thrombin" not in page


def test_a_table_without_a_column_is_refused() -> None:
    with pytest.raises(DataError, match="compounds: no column 'utility'"):
        ProjectPage("thrombin", compounds=pd.DataFrame(columns=["id", "smiles", "round", "met"]))
    with pytest.raises(DataError, match="'a' stands there twice"):
        page_of([("a", "C", 0, None, 0.0), ("a", "CC", 0, None, 0.0)])
