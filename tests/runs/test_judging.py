"""What chemists say of a run is kept as facts, whoever says it at once, and a campaign learns from it when it goes on."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from molgen import design
from molgen.errors import CampaignError, ConfigError, DataError
from molgen.project.scored import ScoredMolecules
from molgen.runs.judging import JudgedRun
from molgen.runs.relearning import learn_from_judgements, relearn
from molgen.runs.run import Campaign, run_campaign
from molgen.runs.settings import read_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from molgen.runs.watching import RunReader, read_outline
from molgen.scoring.judgements import PREFER, REJECT, STAR, WITHDRAW
from molgen.scoring.scorer import scorer_of
from molgen.scoring.scores import Scores
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, State, Strategy
from tests.app.conftest import MOLECULES, commit
from tests.runs.small import ARGUMENTS, carbons, molecules, typed

SERINE, TWIN = "N[C@@H](CO)C(=O)O", "N[C@H](CO)C(=O)O"


class Listed(Strategy):
    """Proposes what it is given, once."""

    def __init__(self, smiles: Sequence[str]) -> None:
        self.smiles, self.told = list(smiles), dict[str, str | None]()

    def ask(self, n: int) -> list[str]:
        some, self.smiles = self.smiles[:n], self.smiles[n:]
        return some

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        self.told |= dict(zip(smiles, scores.problem, strict=True))

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        """It has none."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of six molecules."""
    folder = tmp_path / "run"
    folder.mkdir()
    config = {"campaign": {"folder": str(folder), "budget": 9}, "search": "Listed", "scoring": "carbons", "seed": 0}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    store = RunStore(folder)
    commit(store, MOLECULES, [0.9, 0.3, 0.8, 0.4, 0.5, 0.7])
    store.close()
    return folder


@pytest.fixture
def designed_run(tmp_path: Path) -> Path:
    """A campaign of 60 calls with a filter, which has ended."""
    (tmp_path / "goal.yaml").write_text(
        "terms:\n  qed: qed\n  tpsa: {descriptor: tpsa, transform: {linear: {low: 0, high: 100}}, weight: 2}\n"
        "filters:\n  weight: {descriptor: molecular_weight, maximum: 400}\n"
    )
    folder = tmp_path / "designed"
    typed(*(text for text in ARGUMENTS if not text.startswith("scoring=")), f"scoring={tmp_path / 'goal.yaml'}",
          "campaign.budget=60", f"campaign.folder={folder}")  # fmt: skip
    return folder


def longer(folder: Path, budget: int) -> None:
    config = read_config(folder)
    config["campaign"]["budget"] = budget
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def test_nothing_is_overwritten_and_a_withdrawal_is_a_fact(run: Path) -> None:
    judged = JudgedRun(run, "Anna")
    assert [fact.kind for fact in judged.star(["CCO", "OCC", "CCN"])] == [STAR, STAR]  # two drawings are one compound
    assert judged.star(["CCO"]) == []
    judged.reject(["CCO"], "volatile")
    judged.withdraw(["CCO"])
    JudgedRun(run, "Bob").prefer("CCN", "c1ccccc1O")
    judged.withdraw_preference("CCN", "Oc1ccccc1")
    found = judged.judgements
    assert [fact.kind for fact in found.facts] == [STAR, STAR, REJECT, WITHDRAW, PREFER, WITHDRAW]
    assert [fact.withdraws for fact in found.facts] == [None, None, None, 3, None, 5]
    assert [fact.who for fact in found.facts] == ["Anna"] * 4 + ["Bob", "Anna"]
    assert [(fact.kind, fact.given) for fact in found.standing] == [(STAR, "CCN")]
    assert abs((pd.Timestamp.now("UTC").tz_localize(None) - found.facts[0].time).total_seconds()) < 100
    assert read_outline(run).judged == 6
    with pytest.raises(DataError, match="nothing to withdraw"):
        judged.withdraw(["CCO"])


def test_what_makes_no_sense_adds_nothing(run: Path) -> None:
    judged = JudgedRun(run)
    for wrong, message in (
        (lambda: judged.star(["CCO", "not one"]), "'not one' is no molecule"),
        (lambda: judged.reject(["CCO"], "  "), "say why"),
        (lambda: judged.reject(["CCO"], "x" * 501), "at most 500 characters"),
        (lambda: judged.prefer("CCN", "CCN.Cl"), "preferred to itself"),
        (lambda: judged.star([]), "no molecule is named"),
    ):
        with pytest.raises(DataError, match=message):
            wrong()
    assert judged.judgements.facts == ()
    with pytest.raises(CampaignError, match="not a run folder"):
        JudgedRun(run.parent)
    with sqlite3.connect(run / "campaign.sqlite") as connection:
        connection.execute("insert into judgements select 1, 'then', '', 'adore', '', '', '', '', '', '', '', null")
    with pytest.raises(CampaignError, match="damaged"):
        judged.star(["CCO"])


def test_a_run_of_an_older_molgen_takes_judgements(run: Path) -> None:
    with sqlite3.connect(run / "campaign.sqlite") as connection:
        connection.execute("drop table judgements")
        connection.execute("drop table learnt")
    assert JudgedRun(run).judgements.facts == ()
    JudgedRun(run).star(["CCO"])
    assert [fact.smiles for fact in JudgedRun(run).judgements.standing] == ["CCO"]
    assert len(RunReader(run).molecules) == 0


def test_many_at_once_beside_a_campaign_lose_and_double_nothing(run: Path) -> None:
    store = RunStore(run)

    def one(i: int) -> int:
        return len(JudgedRun(run, f"tab {i % 2}").star([MOLECULES[i % 6]]))

    with ThreadPoolExecutor(8) as tabs:
        counts = tabs.map(one, range(48))
        for i in range(10):
            commit(store, [f"{'C' * i}F"], [0.5])
        assert sum(counts) == 6
    store.close()
    assert len(JudgedRun(run).judgements.facts) == 6
    assert len(molecules(run)) == 16


def test_a_kill_between_writes_leaves_whole_facts(run: Path) -> None:
    code = (
        "import sys\nfrom molgen.runs.judging import JudgedRun\njudged = JudgedRun(sys.argv[1])\n"
        "for i in range(1, 1000):\n    judged.star(['C' * i]); print(i, flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(run)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    said = 5 + len(process.stdout.read().splitlines())
    process.wait()
    facts = JudgedRun(run).judgements.facts
    assert len(facts) in (said, said + 1)  # one may have been written and not been printed
    assert [len(fact.smiles) for fact in facts] == list(range(1, len(facts) + 1))
    JudgedRun(run).star(["CCO"])
    assert len(molecules(run)) == 6


def test_a_rejected_molecule_its_salts_and_its_twins_are_never_scored_again(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    proposals = ["CCO", "CCC", SERINE]
    design(carbons, 3, Listed(proposals), folder=folder)
    JudgedRun(folder).reject([SERINE, "CCCN"], "known")
    asked = Listed([TWIN, "NC(CO)C(=O)O", f"Cl.{SERINE}", "CCC[NH3+]", "CCCN.Cl", "CCCCN", "CCF"])
    scored: list[str] = []

    def counted(smiles: list[str]) -> list[float]:
        scored.extend(smiles)
        return carbons(smiles)

    ended = run_campaign(counted, [lambda: asked], Campaign(str(folder), 9), read_config(folder), resume=True)
    assert scored == ["CCCCN", "CCF"]
    assert ended.molecules["smiles"].tolist() == [*proposals, "CCCCN", "CCF"]
    assert "a chemist rejected it" in str(asked.told[TWIN])
    assert SERINE not in pd.read_csv(folder / "top.csv")["smiles"].tolist()
    picked = ScoredMolecules.read(folder)
    assert SERINE not in picked.table["smiles"].tolist()
    assert "1 rejected molecules" in picked.notes


def test_an_oracle_refuses_without_a_call_however_it_is_asked() -> None:
    def refused(molecules: object) -> np.ndarray:
        return np.array([text == "CCO" for text in molecules.canonical])  # type: ignore[attr-defined]

    scorer = lambda smiles: Scores(smiles, np.ones(len(smiles)), [None] * len(smiles))  # noqa: E731
    oracle = Oracle(scorer, 5, refused=refused)
    scores = oracle(["OCC", "CC"])
    assert (oracle.used, scores.total.tolist()) == (1, [0.0, 1.0])
    scorer.submit = lambda smiles: None  # type: ignore[attr-defined]
    assert oracle.submit([Proposal("OCC"), Proposal("CCC")]) == (1, [])


def test_a_resumed_campaign_learns_and_all_its_scores_are_of_one_objective(designed_run: Path) -> None:
    before, reader = molecules(designed_run), RunReader(designed_run)
    reader.refresh()
    best = before.nlargest(6, "score")["smiles"].tolist()
    judged = JudgedRun(designed_run)
    with pytest.raises(DataError, match="no judgement yet"):
        learn_from_judgements(designed_run)
    judged.star(best[:2])
    judged.reject([best[3]], "dull")
    judged.prefer(best[1], best[4])
    assert learn_from_judgements(designed_run, 0.5) == "liked"
    assert learn_from_judgements(designed_run, 2.0) == "liked"  # the weight alone
    longer(designed_run, 80)
    run_config(read_config(designed_run), resume=True)
    after = molecules(designed_run)
    assert after["smiles"].tolist()[:60] == before["smiles"].tolist()
    assert len(after) == 80
    assert best[3] not in after["smiles"].tolist()[60:]
    scored = scorer_of(read_config(designed_run)["scoring"])(after["smiles"].tolist())
    np.testing.assert_allclose(after["score"], scored.total, atol=1e-12)
    np.testing.assert_allclose(after[list(scored.names)].to_numpy(float), scored.raw, atol=1e-9)
    assert (after["score"][:60] != before["score"]).any()
    reader.refresh()
    np.testing.assert_array_equal(reader.molecules["score"], after["score"])  # not the old of those that it had read
    again = molecules(designed_run)
    longer(designed_run, 81)
    run_config(read_config(designed_run), resume=True)  # nobody has judged since: nothing is scored anew
    np.testing.assert_array_equal(molecules(designed_run)["score"][:80], again["score"])


def test_a_kill_after_scores_are_renewed_costs_no_call(designed_run: Path) -> None:
    JudgedRun(designed_run).star(molecules(designed_run)["smiles"].tolist()[:3])
    learn_from_judgements(designed_run)
    store, scorer = RunStore(designed_run), scorer_of(read_config(designed_run)["scoring"])
    assert relearn(store, scorer) is not None
    assert relearn(store, scorer) is None
    assert store.state() is None
    store.engine.dispose()  # a kill, as far as the files go
    renewed = molecules(designed_run)
    longer(designed_run, 70)
    run_config(read_config(designed_run), resume=True)
    pd.testing.assert_frame_equal(molecules(designed_run)[:60], renewed)
    assert len(molecules(designed_run)) == 70


def test_a_new_campaign_learns_from_another_and_what_was_rejected_there_stays_away(designed_run: Path, tmp_path: Path) -> None:
    found = molecules(designed_run)
    first = found["smiles"].tolist()
    JudgedRun(designed_run).reject(first[:5], "seen")
    folder = tmp_path / "new"
    typed(*ARGUMENTS, f"+scoring.terms.liked={{liked: {designed_run}}}", "campaign.budget=20", f"campaign.folder={folder}")
    new = molecules(folder)
    assert new["liked"].min() < 0.5
    assert new["smiles"].tolist()[:15] == first[5:20]  # of the same seed: what else it begins with is there


def test_an_objective_that_is_a_function_takes_no_term(run: Path) -> None:
    JudgedRun(run).star(["CCO"])
    with pytest.raises(ConfigError, match="its objective is a function"):
        learn_from_judgements(run)
