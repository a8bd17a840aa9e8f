"""What every strategy must do."""

import importlib
import inspect
import json
import pkgutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from molgen import Scorer
from molgen import search as package
from molgen.chem.molecules import Molecules
from molgen.config import compose, compose_group, options
from molgen.errors import ConfigError
from molgen.learn.checkpoint import pack, unpack
from molgen.scoring.scores import Scores
from molgen.search.islands import Islands
from molgen.search.loop import search, search_asynchronously
from molgen.search.makeable import MakeableOnly
from molgen.search.oracle import Oracle
from molgen.search.screen import SimilarityScreen
from molgen.search.strategy import Proposal, Strategy, as_proposals, plain_smiles
from tests.search.conftest import QUICK, MakeStrategy, Shuffled, count_carbons, count_nitrogens


def run(strategy: Strategy, budget: int, batch: int = 16) -> Oracle:
    oracle = Oracle(count_carbons, budget)
    search(strategy, oracle, batch, lambda asked, scores: None)
    return oracle


def test_every_strategy_in_the_package_has_a_configuration() -> None:
    found = {
        f"{module.name}.{item.__name__}"
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for _, item in inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        if issubclass(item, Strategy) and item.__module__ == module.name and item not in (Strategy, Islands, MakeableOnly)
    }
    configured = {compose("group", [f"+search={name}", "+seed=0"])["search"]["_target_"] for name in options("search")}
    assert found == configured


@pytest.fixture(scope="session")
def ions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library, half of it acids without their proton."""
    path = tmp_path_factory.mktemp("ions") / "ions.smi"
    path.write_text("".join(f"{'C' * n}C(=O){end}\n" for n in range(1, 51) for end in ("[O-]", "N")))
    return path


class TestEveryStrategy:
    def test_spends_the_budget_exactly(self, make: MakeStrategy) -> None:
        assert run(make(), 50).used == 50

    def test_spends_the_budget_exactly_while_molecules_are_being_scored(self, make: MakeStrategy) -> None:
        scorer = Shuffled(count_carbons)
        oracle = Oracle(scorer, 50)
        assert search_asynchronously(make(), oracle, 16, scorer.capacity, lambda asked, scores: None)
        assert len(scorer.submitted) == len(set(scorer.submitted)) == oracle.used == 50

    def test_asks_for_no_more_than_it_may(self, make: MakeStrategy) -> None:
        strategy = make()
        asked = strategy.ask(7)
        assert 0 < len(asked) <= 7
        strategy.receive(asked, Oracle(count_carbons, 100)(plain_smiles(asked)))
        assert len(strategy.ask(7)) <= 7

    def test_asks_for_new_valid_molecules_and_says_where_they_come_from(self, make: MakeStrategy) -> None:
        strategy, oracle = make(), Oracle(count_carbons, 100)
        seen: set[str] = set()
        for _ in range(4):
            asked = strategy.ask(10)
            canonical = Molecules(plain_smiles(asked)).canonical
            assert None not in canonical
            assert not seen & set(canonical)
            assert all(proposal.operator for proposal in asked)
            assert all(set(proposal.parents) <= seen for proposal in asked)
            seen |= {text for text in canonical if text}
            strategy.receive(asked, oracle(plain_smiles(asked)))

    def test_the_same_seed_gives_the_same_molecules(self, make: MakeStrategy) -> None:
        assert list(run(make(3), 40).known) == list(run(make(3), 40).known)
        assert list(run(make(3), 40).known) != list(run(make(4), 40).known)

    def test_goes_on_from_its_state_as_if_nothing_had_happened(self, make: MakeStrategy, tmp_path: Path) -> None:
        strategy, oracle = make(), Oracle(count_carbons, 1000)
        for _ in range(4):
            asked = strategy.ask(12)
            strategy.receive(asked, oracle(plain_smiles(asked)))
        content = pack(strategy.state_dict())
        again = make()
        again.load_state_dict(unpack(content, tmp_path))
        other = Oracle(count_carbons, 1000)
        other.known = dict(oracle.known)
        for _ in range(3):
            expected, asked = strategy.ask(12), again.ask(12)
            assert asked == expected
            strategy.receive(expected, oracle(plain_smiles(expected)))
            again.receive(asked, other(plain_smiles(asked)))

    def test_its_state_is_tensors_and_json(self, make: MakeStrategy) -> None:
        strategy = make()
        asked = strategy.ask(5)
        strategy.receive(asked, Oracle(count_carbons, 10)(plain_smiles(asked)))
        json.dumps({k: v for k, v in strategy.state_dict().items() if not isinstance(v, torch.Tensor)})

    def test_goes_on_with_another_objective_after_noisy_scores(self, make: MakeStrategy, tmp_path: Path) -> None:
        """As between stages: no score is remembered, and the best of the last stage are told again."""
        rng = np.random.default_rng(0)

        def noisy(smiles: list[str]) -> Scores:
            scores = count_carbons(smiles)
            error = rng.normal(0, 0.3, len(smiles))
            return replace(scores, total=scores.total + error, raw=scores.raw + error[:, None])

        first, oracle = make(), Oracle(noisy, 36)
        assert search(first, oracle, 10, lambda asked, scores: None)
        assert oracle.used == 36
        start, second = list(oracle.known)[:5], make()
        if (kept := second.for_new_objective(unpack(pack(first.state_dict()), tmp_path))) is not None:
            assert not kept["rewards"]
            second.load_state_dict(unpack(pack(kept), tmp_path))
        oracle = Oracle(count_nitrogens, 30)
        assert search(second, oracle, 10, lambda asked, scores: None, [Proposal(text, "start") for text in start])
        assert list(oracle.known)[:5] == start
        assert oracle.used == 30

    @pytest.mark.parametrize("name", ["genetic", "latent", "policy", "screen"])
    def test_molecules_that_are_scored_in_another_form_neither_end_it_nor_are_forgotten(
        self, name: str, ions: Path, tmp_path: Path
    ) -> None:
        """The prior writes ions, which an objective scores as neutral molecules."""
        scorer = Scorer.from_config("drug_like")
        library = [f"search.library.path={ions}"] if name == "screen" else QUICK[name]

        def make() -> Strategy:
            strategy: Strategy = compose_group("search", name, ["+seed=0", *library])
            strategy.use_rules(scorer.rules())
            return strategy

        strategy, oracle = make(), Oracle(scorer, 40, scorer.standardizer)
        assert search(strategy, oracle, 12, lambda asked, scores: None)
        assert oracle.used == 40
        again = make()
        again.load_state_dict(unpack(pack(strategy.state_dict()), tmp_path))
        oracle.budget = 100
        for _ in range(3):
            expected = strategy.ask(12)
            assert again.ask(12) == expected
            scores = oracle(plain_smiles(expected))
            strategy.receive(expected, scores)
            again.receive(expected, scores)

    def test_an_empty_answer_is_taken(self, make: MakeStrategy) -> None:
        strategy = make()
        strategy.tell([], Oracle(count_carbons, 1)([]))
        assert strategy.ask(3)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("CCO", r"ask must return a list of SMILES or of Proposal, not 'CCO' \(str\)"),
        (None, r"ask must return a list of SMILES or of Proposal, not None"),
        (["C", None], r"None \(NoneType\) is neither"),
        ([("C", "mutation")], r"\('C', 'mutation'\) \(tuple\) is neither"),
    ],
)
def test_what_a_strategy_may_not_return_is_shown(asked: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        as_proposals(asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((None,), "the smiles of a Proposal must be text, not None"),
        (("C", None), "the operator of a Proposal must be text, not None"),
        (("C", "mutation", "CC"), "the parents of a Proposal must be a tuple of SMILES, not 'CC'"),
        (("C", "mutation", (1,)), r"the parents of a Proposal must be a tuple of SMILES, not \(1,\)"),
    ],
)
def test_a_proposal_holds_text(given: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Proposal(*given)  # type: ignore[arg-type]


def test_texts_of_numpy_are_molecules() -> None:
    assert as_proposals(np.array(["C", "CC"])) == [Proposal("C"), Proposal("CC")]


def test_a_front_that_filters_leave_empty_is_filled_by_the_prior() -> None:
    def refused(smiles: list[str]) -> Scores:
        return replace(count_carbons(smiles), total=np.zeros(len(smiles)), problem=["filter alerts: 1"] * len(smiles))

    proposed: list[Proposal] = []
    strategy = compose_group("search", "pareto", ["+seed=0", "search.initial_design=10"])
    assert search(strategy, Oracle(refused, 30), 8, lambda asked, scores: proposed.extend(asked))
    assert {each.operator for each in proposed} == {"prior"}


def test_a_screen_follows_the_scored_form_of_an_ion(tmp_path: Path) -> None:
    path = tmp_path / "library.smi"
    path.write_text("CCCCCCCC(=O)[O-]\nCCCCCCC(=O)[O-]\n" + "".join(f"c1ccccc1{'N' * n}\n" for n in range(1, 9)))
    strategy: SimilarityScreen = compose_group("search", "screen", ["+seed=0", f"search.library.path={path}"])
    strategy.tell(["CCCCCCCC(=O)[O-]"], count_carbons(["CCCCCCCC(=O)O"]))
    assert plain_smiles(strategy.ask(1)) == ["CCCCCCC(=O)[O-]"]


@pytest.mark.parametrize("name", ["policy", "genetic", "genetic_policy"])
def test_a_search_finds_better_molecules_than_its_first(name: str) -> None:
    scores = [result.total for result in run(compose_group("search", name, ["+seed=1"]), 320, batch=32).known.values()]
    assert np.mean(scores[-64:]) > np.mean(scores[:64]) + 0.03


def test_a_screen_ends_with_its_library(smi_file: Path, samples: list[str]) -> None:
    strategy: SimilarityScreen = compose_group("search", "screen", ["+seed=0", f"search.library.path={smi_file}"])
    oracle = Oracle(count_carbons, 10_000)
    assert not search(strategy, oracle, 64, lambda asked, scores: None)
    assert set(oracle.known) == set(samples)


def test_a_screen_finds_a_planted_family_sooner_than_chance(samples: list[str], tmp_path: Path) -> None:
    """Ten analogues of one molecule hidden among 300 others; similarity leads from one to the next."""
    family = [
        f"O=C(Nc1ccc({group})cc1)C1CCN(S(C)(=O)=O)CC1" for group in ("F", "Cl", "Br", "C", "CC", "OC", "C#N", "O", "N", "I")
    ]
    path = tmp_path / "library.smi"
    path.write_text("\n".join(samples + family))
    wanted = set(Molecules(family).canonical)

    def objective(smiles: list[str]) -> object:
        scores = count_carbons(smiles)
        scores.total[:] = [float(text in wanted) for text in smiles]
        return scores

    strategy: SimilarityScreen = compose_group("search", "screen", ["+seed=0", f"search.library.path={path}"])
    oracle = Oracle(objective, 150)  # type: ignore[arg-type]
    search(strategy, oracle, 10, lambda asked, scores: None)
    assert wanted <= set(oracle.known)


@pytest.mark.parametrize(
    ("name", "setting", "bounds"),
    [
        ("genetic", "initial_design=0", "at least 1, not 0"),
        ("genetic", "offspring=0", "at least 1, not 0"),
        ("genetic", "diversity.bucket=-1", "at least 0, not -1"),
        ("pareto", "population=0", "at least 1, not 0"),
        ("policy", "agent.replay=0", "at least 1, not 0"),
        ("policy", "agent.randomized=1.5", "between 0 and 1, not 1.5"),
        ("policy", "agent.lr=-1", "at least 0, not -1"),
        ("genetic_policy", "offspring_share=2", "between 0 and 1, not 2"),
        ("latent", "population=1", "at least 2, not 1"),
        ("latent", "sigma=0", "between 0.001 and 10, not 0"),
        ("screen", "leaders=0", "at least 1, not 0"),
    ],
)
def test_a_setting_out_of_bounds_is_named(name: str, setting: str, bounds: str, smi_file: Path) -> None:
    library = [f"search.library.path={smi_file}"] if name == "screen" else []
    with pytest.raises(ConfigError, match=rf"search\.{setting.split('=')[0]}: must be {bounds}"):
        compose_group("search", name, ["+seed=0", *library, f"search.{setting}"])


def test_a_screen_that_knows_only_scored_forms_goes_on_with_the_rest_of_a_library_of_ions(tmp_path: Path) -> None:
    """As it does where it is told of what is in a database: 60 batches of ions are known there as acids."""
    path = tmp_path / "ions.smi"
    path.write_text("".join(f"{'C' * n}C(=O)[O-]\n" for n in range(1, 71)))
    strategy: SimilarityScreen = compose_group("search", "screen", ["+seed=0", f"search.library.path={path}"])
    scorer = Scorer.from_config("drug_like")
    strategy.use_rules(scorer.rules())
    strategy.tell(acids := [f"{'C' * n}C(=O)O" for n in range(1, 61)], scorer(acids))
    assert {*plain_smiles(strategy.ask(9)), *plain_smiles(strategy.ask(9))} == {f"{'C' * n}C(=O)[O-]" for n in range(61, 71)}
