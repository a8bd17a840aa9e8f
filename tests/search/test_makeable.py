"""makeable=true: molecules that can be made in the place of those that a search proposes."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from rdkit import Chem
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
from rdkit.DataStructs import TanimotoSimilarity

from benchmarks import check_routes
from molgen import design
from molgen.config import compose_group, options
from molgen.errors import CampaignError, ConfigError
from molgen.learn.checkpoint import pack, unpack
from molgen.runs.settings import design_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from molgen.scoring.scores import Scores
from molgen.search.constraints import Constraints
from molgen.search.loop import search, search_asynchronously
from molgen.search.makeable import MakeableOnly, NearestMakeable
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, State, Strategy, plain_smiles
from tests.search import small
from tests.search.conftest import QUICK, Shuffled, count_carbons

MAKEABLE = "O=C(NC1CC1)c1ccccc1"  # from benzoic acid and cyclopropylamine, both in the stock
NOT_MAKEABLE = "O=C(NC1CCC1)c1ccccc1"  # cyclobutylamine isn't
ANY = Constraints()
MORGAN = GetMorganGenerator(radius=2, fpSize=2048)
OTHERS = [name for name in options("search") if name != "routes"]


class Given(Strategy):
    """Proposes the molecules that it was given, again and again, and notes what it is told."""

    def __init__(self, smiles: Sequence[str]) -> None:
        self.smiles = list(smiles)
        self.told: list[tuple[str, str, str | None]] = []

    def ask(self, n: int) -> list[str]:
        return self.smiles[:n]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        self.told += zip(smiles, scores.smiles, scores.problem, strict=True)

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


@pytest.fixture
def nearest(stock: Path) -> Callable[..., NearestMakeable]:
    return lambda **settings: NearestMakeable(str(stock), **{"effort": 100, **settings})


@pytest.fixture
def only(nearest: Callable[..., NearestMakeable]) -> Callable[..., MakeableOnly]:
    return lambda *smiles, constraints=ANY, **settings: MakeableOnly(Given(smiles), nearest(**settings), constraints)


def similarity(smiles: str, other: str) -> float:
    return float(TanimotoSimilarity(*(MORGAN.GetFingerprint(Chem.MolFromSmiles(text)) for text in (smiles, other))))


def steps_of(strategy: MakeableOnly, proposal: Proposal) -> int:
    route = strategy.makeable.editor.read(proposal.route)
    assert route.smiles == proposal.smiles
    return route.steps


def test_a_molecule_that_can_be_made_stays_what_it_is(only: Callable[..., MakeableOnly]) -> None:
    strategy = only(MAKEABLE)
    (asked,) = strategy.ask(5)
    assert asked.smiles == MAKEABLE
    assert steps_of(strategy, asked) == 1


def test_another_becomes_the_nearest_that_can_be_made(only: Callable[..., MakeableOnly]) -> None:
    """No amide of two blocks is nearer."""
    (asked,) = only(NOT_MAKEABLE).ask(5)
    amines = [text[1:] for text in small.BLOCKS.split() if text.startswith("NC") and "=" not in text]
    amides = [f"O=C(N{text})c1ccccc1" for text in amines]
    assert len(amides) >= 4
    assert similarity(asked.smiles, NOT_MAKEABLE) >= max(similarity(text, NOT_MAKEABLE) for text in amides)
    assert asked.smiles != NOT_MAKEABLE


def test_no_molecule_takes_two_places(only: Callable[..., MakeableOnly]) -> None:
    strategy = only(NOT_MAKEABLE, NOT_MAKEABLE, MAKEABLE)
    oracle = Oracle(count_carbons, 100)
    seen: list[str] = []
    for _ in range(3):
        asked = strategy.ask(3)
        seen += plain_smiles(asked)
        strategy.receive(asked, oracle(plain_smiles(asked)))
    assert len(seen) == len(set(seen)) >= 6
    likeness = [similarity(text, NOT_MAKEABLE) for text in seen if similarity(text, MAKEABLE) < 1]
    assert likeness[0] == max(likeness)


def test_a_strategy_learns_what_its_proposals_became(only: Callable[..., MakeableOnly]) -> None:
    strategy = only(NOT_MAKEABLE, "C1CC", "[Xe]")
    asked = strategy.ask(3)
    strategy.receive(asked, Oracle(count_carbons, 9)(plain_smiles(asked)))
    told = {text: (form, problem) for text, form, problem in strategy.strategy.told}  # type: ignore[attr-defined]
    assert told[NOT_MAKEABLE] == (asked[0].smiles, None)
    assert told["C1CC"][1].startswith("invalid: ")
    assert told["[Xe]"] == ("[Xe]", "invalid: no new makeable molecule is near it")


def test_only_what_satisfies_the_constraints_takes_a_place(only: Callable[..., MakeableOnly]) -> None:
    pyridine = "O=C(NC1CCC1)c1cccnc1"
    (asked,) = only(pyridine).ask(1)
    assert "C1CCCCC1" in asked.smiles
    (other,) = only(pyridine, constraints=Constraints(must_contain="n", forbid="C1CCCCC1")).ask(1)
    assert "n" in other.smiles
    assert "C1CCCCC1" not in other.smiles


def test_limits_hold_for_routes(only: Callable[..., MakeableOnly]) -> None:
    for limits in ({"without": ["acylation"]}, {"steps": 1}, {"price_limit": 30}):
        strategy = only(MAKEABLE, "O=C(NCc1ccccc1)c1ccc(-c2ccncc2)cc1", **limits)
        for each in strategy.ask(2):
            route = strategy.makeable.editor.read(each.route)
            assert route.steps <= limits.get("steps", 4)
            assert "acylation" not in {step.reaction.kind for step in route.reactions()} or "without" not in limits
            assert sum(int(block.id[1:]) for block in route.blocks) <= limits.get("price_limit", np.inf)


def test_if_nothing_near_can_be_made_it_is_said(only: Callable[..., MakeableOnly], caplog: pytest.LogCaptureFixture) -> None:
    large = Constraints(windows={"heavy_atoms": (90, None)})
    with pytest.raises(CampaignError, match=r"makeable=true: no new molecule that .* any of the last 20 proposals and satisfies"):
        only(MAKEABLE, NOT_MAKEABLE, constraints=large).ask(2)
    strategy, calls = only("CC(=O)N1CCOCC1", effort=5), []
    oracle = Oracle(lambda smiles: calls.append(smiles) or count_carbons(smiles), 1000)  # type: ignore[func-returns-value]
    assert not search(strategy, oracle, 8, lambda asked, scores: None)
    assert 1 <= len(calls) < 1000
    assert "is near any of the last 10 proposals" in caplog.text


@pytest.mark.parametrize("name", OTHERS)
def test_every_strategy_goes_on_from_its_state(
    name: str, nearest: Callable[..., NearestMakeable], smi_file: Path, tmp_path: Path
) -> None:
    settings = [f"search.library.path={smi_file}"] if name == "screen" else QUICK[name]

    def make() -> Strategy:
        return MakeableOnly(compose_group("search", name, ["+seed=0", *settings]), nearest(effort=60), Constraints())

    strategy, oracle, found = make(), Oracle(count_carbons, 28), list[Proposal]()
    search(strategy, oracle, 12, lambda asked, scores: found.extend(asked))
    assert oracle.used == 28
    assert all(steps_of(strategy, each) >= 1 for each in found)  # type: ignore[arg-type]
    assert len(set(plain_smiles(found))) == len(found)
    again = make()
    again.load_state_dict(unpack(pack(strategy.state_dict()), tmp_path))
    for _ in range(2):
        asked = strategy.ask(6)
        assert again.ask(6) == asked
        for each in (strategy, again):
            each.receive(asked, count_carbons(plain_smiles(asked)))


def test_molecules_are_replaced_while_others_are_scored(nearest: Callable[..., NearestMakeable]) -> None:
    scorer, found = Shuffled(count_carbons), list[Proposal]()
    strategy = MakeableOnly(compose_group("search", "genetic", ["+seed=0", *QUICK["genetic"]]), nearest(effort=20), Constraints())
    oracle = Oracle(scorer, 40)
    assert search_asynchronously(strategy, oracle, 8, scorer.capacity, lambda asked, scores: found.extend(asked))
    assert len(found) == oracle.used == 40
    assert all(each.route for each in found)


def test_the_number_of_processes_changes_nothing(only: Callable[..., MakeableOnly], monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for processes in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", processes)
        found.append(only(NOT_MAKEABLE, MAKEABLE, "CC(=O)N1CCOCC1").ask(3))
    assert found[0] == found[1]


class TestACampaign:
    @pytest.fixture
    def settings(self, stock: Path) -> list[str]:
        return ["makeable=true", f"makeable.stock={stock}", "makeable.effort=20", "search.initial_design=16", "campaign.batch=8"]

    def test_after_an_interruption_it_goes_on_as_if_nothing_had_happened(
        self, settings: list[str], stock: Path, tmp_path: Path
    ) -> None:
        """And every molecule that wasn't given has a route that others can check."""
        calls = iter(range(1000))

        def failing(smiles: list[str]) -> list[float]:
            if next(calls) == 3:
                raise KeyboardInterrupt
            return carbons(smiles)

        shared = {"start": [NOT_MAKEABLE], "overrides": settings}
        design(carbons, 28, "genetic", folder=tmp_path / "whole", **shared)
        with pytest.raises(KeyboardInterrupt):
            design(failing, 28, "genetic", folder=tmp_path / "cut", **shared)
        design(carbons, 28, "genetic", folder=tmp_path / "cut", resume=True, **shared)
        whole, cut = (RunStore(tmp_path / name).after_state(-1) for name in ("whole", "cut"))
        assert whole == cut
        said = CliRunner().invoke(check_routes.main, [str(tmp_path / "whole"), str(stock)])
        assert (said.exit_code, said.output.split(";")[0]) == (0, "27 of 27 routes are right (1 molecules were given)")

    def test_stages_and_islands_pass_routes_on(self, settings: list[str], tmp_path: Path) -> None:
        given = ["campaign.budget=30", "campaign.top=5", f"campaign.folder={tmp_path / 'run'}", "scoring=drug_like"]
        given += ["search.islands=2", "stages=[{scoring: pmo/qed, budget: 18}]"]
        run_config(design_config(["search=genetic", *settings, *given]))
        proposed = RunStore(tmp_path / "run").after_state(-1)
        assert len(proposed) == 30
        assert [each.operator for each in proposed].count("stage") == 5
        assert {each.island for each in proposed} == {None, 0, 1}
        assert all(each.route for each in proposed)

    def test_any_strategy_of_ones_own(self, settings: list[str], tmp_path: Path) -> None:
        given = [text for text in settings if not text.startswith(("search.", "makeable.effort"))]
        run = design(carbons, 5, Given([NOT_MAKEABLE, MAKEABLE]), folder=tmp_path / "run", overrides=given)
        assert run.molecules["synthesis_route"].notna().sum() == len(run.molecules) == 5

    def test_a_search_that_makes_all_its_molecules_refuses_it(self, stock: Path, tmp_path: Path) -> None:
        config = design_config(["search=routes", "makeable=true", f"campaign.folder={tmp_path / 'run'}"])
        with pytest.raises(ConfigError, match=r"makeable=true: this search makes all its molecules as search\.makeable says"):
            run_config(config)
        assert not (tmp_path / "run").exists()


def carbons(smiles: list[str]) -> list[float]:
    return count_carbons(smiles).total.tolist()


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        (["makeable.stock=a.smi"], r"makeable\.stock: makeable=true makeable\.stock=\.\.\. replaces what any other search"),
        (
            ["search=genetic", "search.makeable.steps=3"],
            r"search\.makeable\.steps: is for search=routes; makeable=true",
        ),
        (["makeable=maybe"], "no such makeable; known: false, true"),
    ],
)
def test_what_is_set_in_vain_is_refused(overrides: list[str], hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        design_config(overrides)


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"effort": 0}, r"makeable\.effort: must be at least 1, not 0"),
        ({"steps": 0}, r"makeable\.steps: must be at least 1, not 0"),
        ({"only": "acylation"}, r"makeable\.only: must be a list"),
        ({"without": ["acylaton"]}, r"makeable\.without: .*'acylaton'.*did you mean"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_proposed(
    only: Callable[..., MakeableOnly], settings: dict[str, object], hint: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{hint}"):
        only(MAKEABLE, **settings)
