"""search=routes: every molecule with its route."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rdkit import Chem

from benchmarks import check_routes
from molgen import Scorer, design
from molgen.errors import ConfigError, DataError
from molgen.learn.checkpoint import pack, unpack
from molgen.runs.settings import design_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from molgen.scoring.scores import Scores
from molgen.search.bayesian.strategy import Surrogate
from molgen.search.islands import Islands
from molgen.search.loop import search
from molgen.search.oracle import Oracle
from molgen.search.routes.job import Makeable
from molgen.search.strategy import Proposal, plain_smiles
from molgen.synthesis.reaction import tautomers
from molgen.synthesis.route import SynthesisRoute
from tests.search import small
from tests.search.conftest import count_carbons

QUICK = ["search.library=80", "search.initial_design=20", "search.makeable.projected=4"]
QUICK += ["search.breeding.offspring=16", "search.explorer.population=8"]
IMATINIB_LIKE = "O=C(Nc1ccc(F)cc1)c1ccc(CN2CCN(C)CC2)cc1"
Settings = Callable[..., list[str]]


@pytest.fixture
def settings(stock: Path) -> Settings:
    return lambda *more: [*QUICK, f"search.makeable.stock={stock}", *more]


@pytest.fixture
def strategy(settings: Settings) -> Callable[..., Surrogate]:
    return lambda *more: small.make(*settings(*more), name="routes")


def run(strategy: Surrogate | Islands, budget: int, start: Sequence[Proposal] = ()) -> list[Proposal]:
    """What was scored."""
    proposed: list[Proposal] = []
    assert search(strategy, Oracle(count_carbons, budget), 12, lambda asked, scores: proposed.extend(asked), start)
    return proposed


def rerun(strategy: Surrogate, proposal: Proposal) -> SynthesisRoute:
    """A proposal's route, once its reactions have given what it says, and the molecule at last."""
    route = strategy.pool.makeable.editor.read(proposal.route)  # type: ignore[attr-defined]
    steps = list(route.reactions())
    assert 1 <= len(steps) <= 4
    for step in steps:
        made = step.reaction.run([Chem.MolFromSmiles(part.smiles) for part in step.reactants])
        assert tautomers(Chem.MolFromSmiles(made)) == tautomers(Chem.MolFromSmiles(step.smiles))
    assert tautomers(Chem.MolFromSmiles(route.smiles)) == tautomers(Chem.MolFromSmiles(proposal.smiles))
    return route


class TestACampaign:
    def test_every_molecule_has_a_route_that_others_can_check(self, settings: Settings, stock: Path, tmp_path: Path) -> None:
        design(count_carbons_of, 50, "routes", folder=tmp_path / "run", overrides=settings())
        said = CliRunner().invoke(check_routes.main, [str(tmp_path / "run"), str(stock)])
        assert (said.exit_code, said.output.split(";")[0]) == (0, "50 of 50 routes are right (0 molecules were given)")

    def test_the_checker_finds_what_is_wrong(self, settings: Settings, stock: Path, tmp_path: Path) -> None:
        amide = {"smiles": "O=C(NC1CC1)c1ccccc1", "reaction": "amide coupling", "reactants": []}
        acid, amine = ({"smiles": text, "id": ""} for text in ("O=C(O)c1ccccc1", "NC1CC1"))
        known = check_routes.read_reactions(sorted(check_routes.OWN.glob("*.yaml")))
        sold = check_routes.read_stock(stock)
        assert check_routes.check(amide | {"reactants": [acid, amine]}, known, sold) == 1
        for wrong, said in [
            ({"reactants": [acid, amine | {"smiles": "NC1CCC1"}]}, "not in the stock: NC1CCC1"),
            ({"reactants": [acid, acid]}, "gives nothing"),
            ({"reactants": [acid, amine], "smiles": "O=C(NC1CCC1)c1ccccc1"}, "not O=C"),
            ({"reactants": [acid, amine], "reaction": "magic"}, "no reaction 'magic'"),
        ]:
            with pytest.raises(check_routes.WrongRouteError, match=said):
                check_routes.check(amide | wrong, known, sold)

    def test_the_checker_takes_a_tautomer_of_a_block_for_the_block_and_no_isomer(self, tmp_path: Path) -> None:
        blocks = tmp_path / "blocks.csv"
        blocks.write_text("smiles\nCc1cc(N)[nH]n1\nO=c1cccc[nH]1\nC[C@H](N)C(=O)O\n")
        sold = check_routes.read_stock(blocks)
        for listed in ("Cc1cc(N)n[nH]1", "Oc1ccccn1", "C[C@H](N)C(=O)O"):  # a pyrazole, 2-pyridone; and L-alanine itself
            assert check_routes.check({"smiles": listed}, {}, sold) == 0
        for other in ("Cc1c[nH]nc1N", "Oc1cccnc1", "C[C@@H](N)C(=O)O"):  # 3-amino-4-methylpyrazole, 3-pyridinol, D-alanine
            with pytest.raises(check_routes.WrongRouteError, match="not in the stock"):
                check_routes.check({"smiles": other}, {}, sold)

    def test_after_an_interruption_it_goes_on_as_if_nothing_had_happened(self, settings: Settings, tmp_path: Path) -> None:
        calls = iter(range(1000))

        def failing(smiles: list[str]) -> list[float]:
            if next(calls) == 4:
                raise KeyboardInterrupt
            return count_carbons_of(smiles)

        shared = {"overrides": settings("campaign.batch=8")}
        design(count_carbons_of, 48, "routes", folder=tmp_path / "whole", **shared)
        with pytest.raises(KeyboardInterrupt):
            design(failing, 48, "routes", folder=tmp_path / "cut", **shared)
        design(count_carbons_of, 48, "routes", folder=tmp_path / "cut", resume=True, **shared)
        whole, cut = (RunStore(tmp_path / name).after_state(-1) for name in ("whole", "cut"))
        assert whole == cut
        assert all(each.route for each in whole)

    def test_what_other_reactions_made_is_not_bred_from_when_a_run_is_resumed(self, strategy: Callable[..., Surrogate]) -> None:
        """The library's routes aren't kept: those by reactions that newer versions refuse are gone."""
        first = strategy()
        run(first, 60)
        state = first.state_dict() | {"top_of_library": ["CCCCCCCCCF"] * 100}
        again = strategy()
        again.load_state_dict(unpack(pack(state), Path("state")))
        assert all(each.route for each in again.ask(8))

    def test_a_stage_passes_its_best_molecules_on_with_their_routes(self, settings: Settings, tmp_path: Path) -> None:
        stages = "stages=[{scoring: pmo/qed, budget: 24}]"
        quick = settings("scoring=drug_like", "campaign.budget=24", "campaign.top=6", f"campaign.folder={tmp_path / 'run'}")
        run_config(design_config(["search=routes", stages, *quick]))
        proposed = RunStore(tmp_path / "run").after_state(-1)
        assert [each.operator for each in proposed].count("stage") == 6
        assert all(each.route for each in proposed)


def flat_score(smiles: list[str]) -> Scores:
    scores = count_carbons(smiles)
    return replace(scores, total=0 * scores.total, raw=0 * scores.raw, scaled=0 * scores.scaled)


def count_carbons_of(smiles: list[str]) -> list[float]:
    return count_carbons(smiles).total.tolist()


def test_what_is_to_spare_has_routes_too(strategy: Callable[..., Surrogate]) -> None:
    searching, seen = strategy(), list[Proposal]()
    for _ in range(4):
        asked = searching.ask(100)
        spare = searching.spare()
        searching.receive(asked, count_carbons(plain_smiles(asked)))
        seen += spare
    assert {each.operator for each in seen} > {"prior"}
    assert all(rerun(searching, each) for each in seen[:3] + seen[-3:])


def test_its_state_holds_the_routes(strategy: Callable[..., Surrogate], tmp_path: Path) -> None:
    first = strategy()
    run(first, 40)
    again = strategy()
    again.load_state_dict(unpack(pack(first.state_dict()), tmp_path))
    asked = first.ask(10)
    assert again.ask(10) == asked
    assert {text: again.pool.route(text) for text in first.memory.rewards} == {
        text: first.pool.route(text) for text in first.memory.rewards
    }


def test_on_a_plateau_half_of_the_molecules_take_as_many_steps_as_they_may(strategy: Callable[..., Surrogate]) -> None:
    flat, proposed = strategy("search.makeable.steps=3"), list[Proposal]()
    search(flat, Oracle(flat_score, 60), 12, lambda asked, scores: proposed.extend(asked))
    assert all(each.route for each in proposed)
    long = [each for each in proposed if each.smiles not in flat.pool.library]
    assert len(long) == 20  # of the 40 that are proposed once 20 of the library have been scored
    longest = flat.pool.makeable.editor.lengthened  # type: ignore[attr-defined]
    for route in (rerun(flat, each) for each in long):
        assert route.steps == 3 or longest(route, np.random.default_rng(1)) == route  # which undergoes no further reaction


def test_a_plateau_may_be_longer_than_the_library(strategy: Callable[..., Surrogate], tmp_path: Path) -> None:
    """Every pooled molecule is a new one, and a search that was interrupted goes on with those that it would have asked for."""
    flat = strategy("search.library=20")
    pool = flat.pool
    parts = [pool.pooled(part) for part in range(8)]
    all_of_them = [*pool.library, *(text for part in parts for text in part)]
    assert len(set(all_of_them)) == len(all_of_them)
    assert all(parts)
    search(flat, Oracle(flat_score, 90), 10, lambda asked, scores: None)
    again = strategy("search.library=20")
    again.load_state_dict(unpack(pack(flat.state_dict()), tmp_path))
    asked = flat.ask(10)
    assert {each.smiles for each in asked} <= set(all_of_them[20:])
    assert again.ask(10) == asked


def test_the_number_of_processes_does_not_change_the_molecules(
    strategy: Callable[..., Surrogate], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for processes in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", processes)
        found.append(run(strategy(), 36))
    assert found[0] == found[1]


def test_islands_breed_from_one_anothers_routes(strategy: Callable[..., Surrogate]) -> None:
    islands = [strategy(f"seed={seed}") for seed in range(2)]
    proposed = run(Islands(islands, exchange=12, migrants=4), 72)
    assert {each.island for each in proposed} == {0, 1}
    assert all(each.route for each in proposed)
    foreign = [each for each in proposed if each.island == 0 and each.smiles in islands[1].memory.rewards]
    assert foreign
    assert all(islands[1].pool.route(each.smiles) for each in foreign)


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        ("must_contain=c1ccncc1", lambda mol: mol.HasSubstructMatch(Chem.MolFromSmarts("c1ccncc1"))),
        ("forbid=[F,Cl,Br]", lambda mol: not mol.HasSubstructMatch(Chem.MolFromSmarts("[F,Cl,Br]"))),
        ("windows.heavy_atoms=[14,20]", lambda mol: 14 <= mol.GetNumHeavyAtoms() <= 20),
    ],
)
def test_constraints_hold(strategy: Callable[..., Surrogate], constraint: str, holds: Callable[[Chem.Mol], bool]) -> None:
    searching = strategy(f"search.constraints.{constraint}")
    for each in run(searching, 36):
        assert holds(Chem.MolFromSmiles(each.smiles))
        rerun(searching, each)


def test_it_begins_with_the_makeable_molecules_nearest_to_a_lead(strategy: Callable[..., Surrogate]) -> None:
    searching = strategy(f"search.constraints.lead=['{IMATINIB_LIKE}']", "search.constraints.similarity=0.3")
    leads = searching.pool.leads
    assert leads
    assert IMATINIB_LIKE not in leads
    proposed = run(searching, 36)
    assert plain_smiles(proposed)[: len(leads)] == leads[:36]
    for each in proposed:
        assert searching.pool.constraints(Chem.MolFromSmiles(each.smiles))
        rerun(searching, each)


def test_a_lead_that_has_a_route_is_proposed_itself(strategy: Callable[..., Surrogate]) -> None:
    amide = "O=C(NC1CC1)c1ccccc1"
    assert strategy(f"search.constraints.lead=['{amide}']").pool.leads[0] == amide


def test_molecules_given_without_a_route_lead_to_makeable_ones_like_them(strategy: Callable[..., Surrogate]) -> None:
    ends = "C#N", "CN2CCN(C)CC2", "C(F)(F)F", "OC(F)F"
    given = [Chem.CanonSmiles(f"O=C(Nc1ccc(F)cc1)c1ccc({end})cc1") for end in ends]
    searching = strategy()
    proposed = run(searching, 60, [Proposal(text, "start") for text in given])
    assert plain_smiles(proposed)[:4] == given
    assert all(each.route for each in proposed[4:])
    assert searching.pool.given == given  # type: ignore[attr-defined]
    assert searching.pool.neighbours


def test_a_molecule_that_is_scored_in_another_form_keeps_its_route(strategy: Callable[..., Surrogate]) -> None:
    """And is bred from, although its route ends at the form that was proposed."""
    scorer = Scorer.from_config("drug_like")
    searching = strategy()
    searching.use_rules(scorer.rules())
    for _ in range(3):
        asked = searching.ask(20)
        scores = scorer(plain_smiles(asked))
        other = f"{scores.smiles[0]}.O"
        searching.receive(asked, replace(scores, smiles=(other, *scores.smiles[1:])))
        assert searching.pool.route(other) == asked[0].route
    assert searching.ask(20)


@pytest.fixture(scope="session")
def priced(stock: Path) -> Callable[..., Makeable]:
    return lambda **limits: Makeable(str(stock), **limits)


class TestLimits:
    def test_a_price(self, priced: Callable[..., Makeable]) -> None:
        editor, rng = priced(price_limit=50).editor, np.random.default_rng(0)
        routes = [route for _ in range(80) if (route := editor.random(rng))]
        bred = [made for each in routes if (made := editor.mutant(each, rng))]
        assert min(len(routes), len(bred)) >= 10
        assert max(sum(int(block.id[1:]) for block in each.blocks) for each in [*routes, *bred]) <= 50

    def test_classes_and_names_of_reactions(self, priced: Callable[..., Makeable]) -> None:
        rng = np.random.default_rng(0)
        editor = priced(only=["acylation", "Suzuki coupling"], without=["amide coupling"]).editor
        routes = [route for _ in range(40) if (route := editor.random(rng))]
        steps = [step.reaction for each in routes for step in each.reactions()]
        assert {each.kind for each in steps if each.name != "Suzuki coupling"} == {"acylation"}
        assert "amide coupling" not in {each.name for each in steps}

    def test_names_that_nothing_has(self, priced: Callable[..., Makeable]) -> None:
        with pytest.raises(ConfigError, match=r"search\.makeable\.without: .*'acylaton'.*did you mean"):
            priced(without=["acylaton"])
        with pytest.raises(ConfigError, match=r"search\.makeable\.only: must be a list, such as \[acylation\], not 'acylation'"):
            priced(only="acylation")

    def test_names_are_checked_before_a_stock_is_read(self, tmp_path: Path) -> None:
        file, stock = tmp_path / "ours.yaml", str(tmp_path / "none.csv")
        file.write_text('ours:\n  class: hydration\n  reaction: "[C:1]#[N:2]>>[C:1](=O)[N:2]"\n  examples: ["CC#N>>CC(N)=O"]\n')
        for name in ("ours", "hydration", "acylation"):
            assert Makeable(stock, str(file), only=[name]).only == [name]
        with pytest.raises(ConfigError, match=r"search\.makeable\.only: no reaction or class of reactions is 'foo'"):
            Makeable(stock, str(file), only=["foo"])
        with pytest.raises(ConfigError, match=r"search\.makeable\.only: .*'ours'"):
            Makeable(stock, only=["ours"])

    def test_nothing_is_that_cheap(self, priced: Callable[..., Makeable]) -> None:
        with pytest.raises(DataError, match=r"no reaction of two reactants finds both in it for 0\.5 at most"):
            _ = priced(price_limit=0.5).editor

    def test_no_steps(self, priced: Callable[..., Makeable]) -> None:
        with pytest.raises(ConfigError, match=r"search\.makeable\.steps: must be at least 1, not 0"):
            priced(steps=0)

    def test_a_stored_route_of_a_reaction_that_is_excluded(self, priced: Callable[..., Makeable]) -> None:
        text = json.dumps({"smiles": "CCO", "reaction": "amide coupling", "conditions": "", "reactants": []})
        with pytest.raises(DataError, match="'amide coupling', which isn't one that may be used"):
            priced(without=["amide coupling"]).editor.read(text)


def test_a_molecule_that_was_made_in_two_ways_has_one_route(strategy: Callable[..., Surrogate]) -> None:
    """The one that the state keeps: a resumed search breeds from the same as an undisturbed one."""
    pool = strategy().pool
    smiles, *_ = pool.library
    kept = pool.route(smiles)
    pool.remember([pool.candidate(smiles)._replace(route=kept)])
    pool.remember([pool.candidate(smiles)._replace(route=kept.replace('"conditions":"', '"conditions":"another way, '))])
    assert pool.candidate(smiles).route == pool.route(smiles) == kept
