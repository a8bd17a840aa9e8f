from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import scaffold_of
from molgen.chem.standardize import STANDARD
from molgen.data.prices import read_prices
from molgen.errors import CampaignError, DataError
from molgen.folders import writing
from molgen.project.facts import Measurement
from molgen.project.goals import Goal, Goals, MeasuredEndpoint
from molgen.project.pool import RoundCandidates
from molgen.project.posterior import Posterior
from molgen.project.project import Project
from molgen.project.proposals import batch_of, write_round
from molgen.project.proposing import chosen_from, propose
from molgen.project.round_settings import Proposing
from molgen.project.wanted import Wanted
from molgen.scoring.component import Component
from molgen.scoring.components.descriptor import Descriptor
from tests.project.conftest import table

POTENCY = "goals: {potency: {measured: pIC50, at_least: 8}}"
TWO = """goals:
  potency: {measured: pIC50, highest: true}
  tpsa: {computed: {descriptor: tpsa}, between: [20, 120]}
"""


@pytest.fixture
def library(samples: list[str], tmp_path: Path) -> Path:
    """Sixty molecules with names and prices, the last without a price."""
    path = tmp_path / "library.csv"
    prices = [*(str(1 + i % 7) for i in range(59)), ""]
    pd.DataFrame({"smiles": samples[:60], "name": [f"V{i}" for i in range(60)], "EUR": prices}).to_csv(path, index=False)
    return path


def made(tmp_path: Path, goals: str = POTENCY, measured: dict[str, str] | None = None, name: str = "p") -> Project:
    (tmp_path / "goals.yaml").write_text(goals)
    project, _ = Project.new(tmp_path / name, tmp_path / "goals.yaml")
    if measured:
        project.observe(table(smiles=list(measured), pIC50=list(measured.values())))
    return project


def proposed(project: Project, library: Path | None, n: int = 6, **settings: Any) -> list[str]:
    """The compounds of the next round, whose files aren't written."""
    origin = settings.pop("origin", "library")
    return [
        fact.compound for fact in propose(project, Proposing(n, origin, None if library is None else str(library), **settings))
    ]


def measured(samples: list[str], number: int = 12) -> dict[str, str]:
    return {text: f"{4 + text.count('N') / 2 + i % 3 / 9:.2f}" for i, text in enumerate(samples[100 : 100 + number])}


@pytest.mark.parametrize(
    "values",
    [{}, {"CCO": "6"}, {"CCO": ">6", "CCN": "<5", "CCCN": "<5"}, dict.fromkeys(["CCO", "CCN", "CCCO", "CCCC", "CCCCN"], "6.5")],
    ids=["none", "one", "bounds", "identical"],
)
def test_few_measurements_are_enough(values: dict[str, str], library: Path, tmp_path: Path) -> None:
    project = made(tmp_path, measured=values)
    assert len(set(proposed(project, library))) == 6
    for fact in project.propositions(1):
        stored = dict(fact.values)
        told = stored["goals"]["potency"]
        assert np.isfinite(stored["utility"])
        if values:
            assert told["low"] < told["mean"] < told["high"]
        else:  # nobody knows
            assert {told[key] for key in ("mean", "error", "low", "high")} == {None}


def test_a_prior_orders_the_first_round(library: Path, samples: list[str], tmp_path: Path) -> None:
    goals = "goals: {lipophilic: {measured: logD, highest: true, prior: {descriptor: logp}}}"
    project = made(tmp_path, goals)
    found = proposed(project, library, 6, rule="greedy", per_scaffold=None)
    value = Descriptor("logp")

    logp = value(Molecules(samples[:60], STANDARD))
    assert value(Molecules(found)).min() >= np.sort(logp)[-15]


def test_what_a_prior_fails_on_is_worth_nothing_and_teaches_nothing(tmp_path: Path) -> None:
    class Heavy(Component):
        def __call__(self, molecules: Molecules) -> Any:
            return np.array([np.nan if mol.GetNumAtoms() < 4 else mol.GetNumAtoms() for mol in molecules.mols])

    goal = Goal("size", "measured", Wanted(direction=1), "size", prior=Heavy())
    goals = Goals({"size": goal}, {"size": MeasuredEndpoint("size")})
    facts = [Measurement(compound="C" * n, endpoint="size", value=float(n)) for n in range(4, 10)]
    whole, asked = Posterior.of(goals, facts), Molecules(["CCC", "C" * 6, "C" * 12])
    wrong = Posterior.of(goals, [*facts, Measurement(compound="CC", endpoint="size", value=1e6)])
    for posterior in (whole, wrong):
        mean, _ = posterior.utility(asked)
        assert mean[0] == 0 < mean[1] < mean[2]
        assert np.isnan(posterior.draw(asked, 4, np.random.default_rng(0))["size"]).all(0).tolist() == [True, False, False]
        assert posterior.expect(asked)["size"].mean[1] == pytest.approx(6, abs=0.5)


def test_limits(library: Path, samples: list[str], tmp_path: Path) -> None:
    benzenes = tmp_path / "benzenes.smi"
    rings = [f"{'C' * i}{ring}" for ring in ("c1ccccc1", "C1CCCCC1") for i in range(2, 7)]
    benzenes.write_text("\n".join([*rings, "CCO"]))
    found = proposed(made(tmp_path), benzenes, 9, per_scaffold=2)
    assert Counter(map(scaffold_of, found)) == {"c1ccccc1": 2, "C1CCCCC1": 2, "": 1}
    other = made(tmp_path, name="series")
    assert Counter(map(scaffold_of, proposed(other, benzenes, 9, per_scaffold=None, per_series=3))) == {
        "c1ccccc1": 3,
        "C1CCCCC1": 3,
        "": 1,
    }
    third = made(tmp_path, name="spend")
    proposed(third, library, 20, price="EUR", spend=12.0, per_scaffold=None)
    prices = [fact.values["price"] for fact in third.propositions()]  # noqa: PD011 (no table)
    assert (sum(prices) <= 12, len(prices) >= 2) == (True, True)
    with pytest.raises(DataError, match="no column 'EURO', did you mean 'EUR'"):
        proposed(third, library, price="EURO")


def test_a_generated_round_is_of_several_series_if_there_are_any() -> None:
    rings = ("c1ccccc1", "C1CCCCC1", "c1ccncc1", "C1CCOC1", "c1ccsc1", "C1CNC1")
    smiles = [f"{'C' * i}{ring}" for ring in rings for i in range(2, 8)]
    alike = np.repeat(np.arange(6), 6)  # a benzene is better than a cyclohexane, and so on
    none = np.empty(0, np.intp)
    pool = RoundCandidates(Molecules(smiles, STANDARD), [""] * 36, np.full(36, np.nan), none, none, [""] * 36)
    utility = np.tile(1 - alike / 10 - np.tile(np.arange(6), 6) / 100, (4, 1))
    rows = {}
    for n, origin in ((8, "generate"), (8, "library"), (30, "generate")):
        settings = Proposing(n, origin, None if origin == "generate" else "x.smi", per_scaffold=None, rule="greedy")
        rows[n, origin] = Counter(alike[each.row] for each in chosen_from(pool, settings, utility, np.random.default_rng(0)))
    assert max(rows[8, "library"].values()) == 6
    assert max(rows[8, "generate"].values()) == 2  # there aren't eight series
    assert rows[30, "generate"].total() == 30


def test_what_is_no_price_is_said_and_not_bought(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "vendor.csv"
    path.write_text("smiles,EUR\nCCCCO,12\nCCCCN,on request\nCCCCCl,\n")
    project = made(tmp_path)
    assert proposed(project, path, 3, price="EUR", spend=100.0) == ["CCCCO"]
    assert [line for line in caplog.messages if "column 'EUR': no prices in 1 of its cells, such as 'on request'" in line]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["12,5", "1.234,50 €", "7", "EUR 3,75"], [12.5, 1234.5, 7, 3.75]),
        (["$12.50", "$1,234.50", "1,234", "7 USD"], [12.5, 1234.5, 1234, 7]),
        (["12", "POA", "-3", ">100", "10-20", "5 mg", ""], [12, *[np.nan] * 6]),
        (["5g", "5 per g", "~5", "5 eur", "1.5e3", "5 €"], [*[np.nan] * 3, 5, 1500, 5]),
    ],
)
def test_prices(cells: list[str], expected: list[float]) -> None:
    assert read_prices(cells, "f").tolist() == pytest.approx(expected, nan_ok=True)


def test_decimal_points_and_commas_in_one_column_are_refused() -> None:
    with pytest.raises(DataError, match=r"decimal points .* and decimal commas"):
        read_prices(["12.50", "12,50"], "f")


def test_explore_has_its_share(library: Path, samples: list[str], tmp_path: Path) -> None:
    project = made(tmp_path, measured=measured(samples))
    proposed(project, library, 10, explore=0.5)
    assert [fact.purpose for fact in project.propositions()][5:] == ["learn"] * 5


def test_a_first_round_is_there_to_learn_and_what_follows_its_results_is_not(library: Path, tmp_path: Path) -> None:
    project = made(tmp_path, "goals: {potency: {measured: pIC50, at_least: 5}}")
    first, _ = proposed(project, library, 24), proposed(project, library, 2)
    project.observe(table(smiles=first, pIC50=[str(5 + i % 9 / 4) for i in range(24)]))
    proposed(project, library, 2)
    purposes = [{fact.purpose for fact in project.propositions(number)} for number in (1, 2, 3)]
    assert purposes == [{"learn"}, {"learn"}, {"improve"}]


def test_what_is_computed_needs_no_learning(library: Path, samples: list[str], tmp_path: Path) -> None:
    project = made(tmp_path, "goals: {lipophilic: {computed: {descriptor: logp}, between: [2, 3]}}")
    found = Descriptor("logp")(Molecules(proposed(project, library)))
    assert ((found >= 2) & (found <= 3)).all()
    assert {fact.purpose for fact in project.propositions()} == {"improve"}


def test_hard_goals_that_nothing_meets_are_said(library: Path, samples: list[str], tmp_path: Path) -> None:
    heavy = "heavy: {computed: {descriptor: molecular_weight}, at_least: 5000, hard: true}"
    project = made(tmp_path, f"goals: {{potency: {{measured: pIC50, at_least: 8}}, {heavy}}}", measured(samples))
    with pytest.raises(DataError, match=r"nothing can be proposed: .*the hard goals \(heavy at least 5000\); loosen a goal"):
        proposed(project, library)
    assert not project.propositions()


def test_what_is_known_is_never_proposed(samples: list[str], tmp_path: Path) -> None:
    library = tmp_path / "library.smi"
    known = ["OCC", "CCN.Cl", "C[C@H](N)C(=O)O", "CCC"]
    library.write_text("\n".join(["CC[NH3+].[Br-]", "CCO", "CC(N)C(=O)O.Cl", "not-one", "C1CC", "CCCl.O", "CCCCl", *known]))
    project = made(tmp_path, measured={"CCO": "5"})
    project.record_proposed(["CCN", "C[C@@H](N)C(=O)O"])
    project.observe(table(smiles="CCC", status="not made"))
    project.observe(table(smiles="CCCl", reason="volatile"), rejected=True)
    assert [proposed(project, library, 3)] == [["CCCCl"]]
    with pytest.raises(DataError, match=r"nothing can be proposed: no molecule of .*library\.smi is valid, unknown"):
        proposed(project, library, 3)


def test_salts_and_twins_in_a_library_are_one(tmp_path: Path) -> None:
    library = tmp_path / "library.smi"
    library.write_text("C[C@H](N)CO.Cl\nC[C@@H](N)CO\nCC(N)CO\nCCCCO\n[Na+].CC(=O)[O-]\nCC(=O)O\n")
    found = proposed(made(tmp_path), library, 6)
    assert Counter(text.replace("@", "").replace("[CH]", "C") for text in found) == {"CC(N)CO": 1, "CCCCO": 1, "CC(=O)O": 1}


def test_the_same_facts_and_seed_give_the_same_round(library: Path, samples: list[str], tmp_path: Path) -> None:
    rounds = [
        proposed(made(tmp_path, TWO, measured(samples), name), library, seed=seed)
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert rounds[0] == rounds[1] != rounds[2]


def test_a_search_and_a_library_together(library: Path, samples: list[str], tmp_path: Path) -> None:
    project = made(tmp_path, TWO, measured(samples))
    found = proposed(project, library, 12, origin="both", budget=12, near=0.0)
    suppliers = [fact.values.get("supplier") for fact in project.propositions()]  # noqa: PD011 (no table)
    parents = Molecules(samples[:60], STANDARD).canonical
    assert len(found) == 12
    for text, name in zip(found, suppliers, strict=True):
        assert (name is None) == (text not in parents)
    assert not (project.folder / "searches" / "search").exists()


def test_a_value_that_cannot_be_computed_closes_a_molecule(tmp_path: Path) -> None:
    library = tmp_path / "library.smi"
    library.write_text("C[Pt]C\nCCCCO\nCCCCN\n")
    goals = "goals: {a: {measured: pIC50, at_least: 8}, b: {computed: {descriptor: MinPartialCharge}, at_most: 1}}"
    assert sorted(proposed(made(tmp_path, goals), library, 3)) == ["CCCCN", "CCCCO"]


def test_a_goal_without_data_beside_one_with(library: Path, samples: list[str], tmp_path: Path) -> None:
    goals = "goals: {potency: {measured: pIC50, at_least: 8}, clearance: {measured: CLint, lowest: true}}"
    project = made(tmp_path, goals, measured(samples))
    batch = project.propose(4, origin="library", library=str(library))
    frame = batch.to_pandas()
    assert {"id", "smiles", "chance", "potency", "potency_low", "clearance", "nearest_pIC50", "supplier"} <= set(frame.columns)
    assert frame["id"].tolist() == [f"p-001-{i:03d}" for i in range(1, 5)]
    files = sorted(path.name for path in (project.folder / "rounds" / "001").iterdir())
    assert files == ["proposals.csv", "proposals.html", "proposals.sdf", "proposals.xlsx"]


def test_a_library_that_was_changed_is_searched_anew(library: Path, samples: list[str], tmp_path: Path) -> None:
    project = made(tmp_path)
    before = proposed(project, library)
    library.write_text("smiles\n" + "\n".join(samples[200:230]))
    assert not {*before} & {*proposed(project, library)}
    write_round(project, 2)


def test_one_search_at_a_time(library: Path, tmp_path: Path) -> None:
    project = made(tmp_path)
    (project.folder / "searches").mkdir()
    with writing(project.folder / "searches"), pytest.raises(CampaignError, match="is writing there"):
        proposed(project, library)


def test_a_hard_threshold_of_what_was_never_measured_keeps_nothing_out(library: Path, tmp_path: Path) -> None:
    project = made(tmp_path, "goals: {potency: {measured: pIC50, at_least: 8, hard: true}}")
    assert len(proposed(project, library)) == 6


def test_units_of_measured_values_head_the_columns_of_a_round(library: Path, tmp_path: Path) -> None:
    goals = tmp_path / "goals.yaml"
    goals.write_text("goals: {half: {measured: t1/2, at_least: 2}}")
    (tmp_path / "half.csv").write_text("smiles,t1/2 (h)\nCCO,0.5\nCCN,3\n")
    project, _ = Project.new(tmp_path / "kinetics", goals, [tmp_path / "half.csv"])
    proposed(project, library)
    (half,) = batch_of(project, 1).estimates
    assert half.unit == "h"
