"""A campaign: a search whose every step is on disk."""

import logging
import math
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from molgen.chem.changes import summary
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN, STANDARD, Standardizer
from molgen.cluster.base import Cluster, Inline
from molgen.data.readers import given_smiles
from molgen.errors import CampaignError, ConfigError, DataError, check_above, check_between
from molgen.folders import create, remedy, writing
from molgen.interruption import heed
from molgen.metrics.outlook import at_plateau
from molgen.reports.designed import designed
from molgen.reports.poses import export_poses
from molgen.reports.report import write_report
from molgen.runs.export import REPORT, export
from molgen.runs.losses import Losses, read_losses
from molgen.runs.progress import CampaignProgress
from molgen.runs.relearning import rejected_for, relearn, without_rejected
from molgen.runs.resuming import stand
from molgen.runs.settings import CONFIG, constraints_of, informed
from molgen.runs.store import RunStore
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.objective import Function, Objective
from molgen.scoring.scorer import Scorer
from molgen.scoring.scores import Scores
from molgen.search.islands import Islands
from molgen.search.loop import search, search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.pieces import Pieces
from molgen.search.strategy import CARRIED, KNOWN, Proposal, State, Strategy

PLATEAU = "plateau"
STATE_PAUSE, STATE_SHARE = 1.0, 0.05  # s between two states of an asynchronous search, at least; of its time, at most
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Campaign:
    """How much to spend, and where the results go.

    Attributes
    ----------
    folder
        The run folder; it must not exist yet, unless the run is resumed.
    budget
        Oracle calls.
    batch
        Molecules scored between two commits: what a kill can cost.
    top
        Molecules in `top.csv` and `top.sdf`.
    start
        Known molecules to begin from: a file, or SMILES. They are scored first, and count as calls, but not as designed.
    until
        The campaign ends early once the mean score of its ten best designs is this; None spends the budget. See `check_until`.
    stop
        `plateau`: the campaign ends early once that mean hardly rises; see `molgen.metrics.outlook.at_plateau`. None: it doesn't.
    spare
        Share of the budget that a search on a cluster may spend, while it makes a choice, on what it ranked behind the last one,
        so that workers aren't idle: the more, the sooner it ends, and the less it finds. 0: they wait.
    title
        Heading of the report.
    """

    folder: str
    budget: int = 3000
    batch: int = 32
    top: int = 100
    start: str | Sequence[str] = ()
    until: float | None = None
    stop: str | None = None
    spare: float = 0.1
    title: str = "Campaign"

    def __post_init__(self) -> None:
        check_between("campaign", 1, budget=self.budget, batch=self.batch, top=self.top)
        check_between("campaign", 0, 1, spare=self.spare)
        if self.stop not in (None, PLATEAU):
            raise ConfigError(f"campaign.stop: must be {PLATEAU} or null, not {self.stop!r}")

    @property
    def path(self) -> Path:
        """The run folder, in the user's own where it begins with ~."""
        return Path(self.folder).expanduser()

    def start_smiles(self, standardizer: Standardizer = STANDARD) -> list[str]:
        """The distinct canonical SMILES of `start`, in standard form."""
        if not self.start:
            return []
        given = given_smiles(self.start)
        molecules = Molecules(given, standardizer)
        invalid = [f"'{text}': {problem}" for text, problem in zip(given, molecules.problem, strict=True) if problem]
        if len(invalid) == len(given):
            raise DataError(f"campaign.start: no valid molecule in it ({invalid[0]})")
        if invalid:
            LOG.warning("campaign.start: %d of %d are no molecules and left out (%s)", len(invalid), len(given), invalid[0])
        if changed := summary(molecules.changes):
            LOG.warning("campaign.start: %s", changed)
        return list(dict.fromkeys(text for text in molecules.canonical if text))


@dataclass(frozen=True)
class Run:
    """A finished campaign.

    Attributes
    ----------
    folder
        Holds config.yaml, campaign.sqlite, top.csv, top.sdf, report.html and the trained agent.
    molecules
        Every scored molecule, in the order of the calls, with its terms and its origin.
    complete
        False if the strategy ran out of new molecules before the budget was spent.
    """

    folder: Path
    molecules: pd.DataFrame
    complete: bool

    def top(self, n: int = 10) -> pd.DataFrame:
        """The `n` best designed molecules."""
        return designed(self.molecules).nlargest(n, "score").reset_index(drop=True)


def run_campaign(
    objective: Scorer | Objective,
    makers: Sequence[Callable[[], Strategy]],
    campaign: Campaign,
    config: dict[str, Any],
    *,
    cluster: Cluster | None = None,
    resume: bool = False,
    carried: Sequence[Proposal] = (),
    prepare: Callable[[Strategy], None] | None = None,
    **exchange: Any,
) -> Run:
    """Run a campaign, or go on with one, to its report.

    Parameters
    ----------
    makers
        Make the strategy; several make islands.
    carried
        The best molecules of an earlier stage, by canonical SMILES, which this one begins with.
    prepare
        Called with the strategy before anything is asked of it.
    exchange
        How islands tell each other; see `Islands`.

    Raises
    ------
    CampaignError
        The folder holds something already, or can't be written.
    """
    folder = campaign.path
    scorer = objective if isinstance(objective, Scorer) else Function(objective)
    standardizer = scorer.standardizer if isinstance(scorer, Scorer) else AS_GIVEN
    constraints = constraints_of(config)
    leads = [text for text in Molecules(constraints.leads, standardizer).canonical if text]
    known = dict.fromkeys([*campaign.start_smiles(standardizer), *leads])
    brought = {each.smiles: each for each in carried}
    first = dict.fromkeys([*brought, *leads]) if carried else known
    start = [replace(brought.get(text, Proposal(text)), operator=KNOWN if text in known else CARRIED) for text in first]
    cluster = cluster or Inline()
    if isinstance(scorer, Scorer):
        makers = [partial(informed, make, scorer.rules()) for make in makers]
        constraints = constraints.under(scorer)
    if not resume and (said := constraints.unasked()):
        LOG.warning("search.constraints: %s", said)

    def make() -> Strategy:
        strategies = cluster.strategies(makers)
        return strategies[0] if len(strategies) == 1 else Islands(strategies, **exchange)

    with ExitStack() as block:
        if resume:
            block.enter_context(writing(folder))
        else:
            check_free(folder)
            check_until(scorer, campaign.until, "campaign")
        score = block.enter_context(cluster.scoring(scorer, folder.name))
        begun = make()
        if not resume:
            begin(folder, config)
            block.enter_context(writing(folder))
        store = RunStore(folder)
        oracle = Oracle(score, campaign.budget, standardizer, rejected_for(folder, scorer))
        if isinstance(scorer, Scorer) and (learnt := relearn(store, scorer)) is not None:
            prepare = partial(take_over, state=learnt)
        strategy = stand(begun, make, oracle, store, campaign.batch, prepare)
        capacity = score.capacity if isinstance(score, AsynchronousScorer) and cluster.asynchronous else None
        spread = isinstance(score, AsynchronousScorer)  # workers share a whole batch
        size = scorer.at_a_time() if isinstance(scorer, Scorer) and not spread else None
        complete = _searched(strategy, oracle, campaign, store, start, known, capacity, Losses(folder, score), size)
        generator = strategy.trained()
        molecules = store.to_pandas()
        store.close()
        if molecules.empty:
            raise CampaignError(f"{folder}: the strategy proposed no valid molecule")
        try:
            if generator is not None:
                generator.save(folder / "agent.safetensors", {"trained_by": f"campaign {campaign.title}", "calls": oracle.used})
            components = scorer.components() if isinstance(scorer, Scorer) else {}
            ranked = molecules.sort_values("score", ascending=False, kind="stable")
            export_poses(ranked["smiles"].tolist(), components, folder)
            write_report(folder / REPORT, molecules, components, config, read_losses(folder))
            export(without_rejected(molecules, folder), folder, campaign.top)  # last: see `has_ended`
        except OSError as error:
            raise CampaignError(
                f"{folder}: can't be written ({error.strerror or error}); every score is kept: {remedy(error)}, then "
                f"`molgen design resume={folder}`"
            ) from error
    return Run(folder, molecules, complete)


def take_over(strategy: Strategy, state: State) -> None:
    """Give a fresh strategy what of another's state holds for any objective."""
    if (kept := strategy.for_new_objective(state)) is not None:
        strategy.load_state_dict(kept)


def _searched(
    strategy: Strategy,
    oracle: Oracle,
    campaign: Campaign,
    store: RunStore,
    start: Sequence[Proposal],
    known: Collection[str],
    capacity: int | None,
    losses: Losses,
    size: int | None,
) -> bool:
    with CampaignProgress(campaign.budget, {smiles: result.total for smiles, result in oracle.known.items()}, known) as progress:
        next_state, routes = 0.0, 0

        def enough() -> bool:
            heed()
            means = progress.top.means
            if campaign.until is not None and len(means) >= 10 and means[-1] >= campaign.until:
                return True
            return campaign.stop == PLATEAU and at_plateau(means)

        def said(asked: Sequence[Proposal], scores: Scores) -> list[Proposal]:
            return [
                replace(each, operator=KNOWN) if text in known else each for each, text in zip(asked, scores.smiles, strict=True)
            ]

        def note(asked: Sequence[Proposal], scores: Scores) -> None:
            store.commit(said(asked, scores), scores, None)
            progress.update(scores.smiles, scores.total.tolist(), oracle.used, {"routes": routes})
            heed()

        def commit(asked: Sequence[Proposal], scores: Scores) -> None:
            nonlocal next_state, routes
            began = time.monotonic()
            asked = said(asked, scores)
            whole = capacity is None or began >= next_state
            store.commit(asked, scores, strategy.state_dict() if whole else None)
            losses.note()
            if whole:
                next_state = time.monotonic() + max(STATE_PAUSE, (time.monotonic() - began) / STATE_SHARE)
            routes += sum(bool(each.route) for each in asked)
            progress.update(scores.smiles, scores.total.tolist(), oracle.used, {**oracle.facts, "routes": routes})

        if capacity is None:
            complete = search(strategy, oracle, campaign.batch, commit, start, enough, Pieces(size, note) if size else None)
        else:
            complete = search_asynchronously(strategy, oracle, campaign.batch, capacity, commit, start, enough, campaign.spare)
        if oracle.remaining and enough():
            progress.say(f"ended after {oracle.used:,} calls: {_reached(campaign, progress.top.means[-1])}")
        return complete


def _reached(campaign: Campaign, mean: float) -> str:
    """Why a campaign ended early."""
    if campaign.until is not None and mean >= campaign.until:
        return f"the mean of the ten best is {mean:.3f}, campaign.until {campaign.until:g}"
    return f"the mean of the ten best, {mean:.3f}, hardly rises any more (campaign.stop={PLATEAU})"


def check_until(objective: Any, until: float | None, where: str) -> None:
    """Raise a ConfigError for a score to stop at that every molecule has, or that none can have: those of a `Scorer` end at 1."""
    if until is not None:
        check_above(where, 1 if isinstance(objective, Scorer) else math.inf, until=until)


def check_free(folder: Path, command: str = "design", key: str = "campaign.folder") -> None:
    """Raise a CampaignError if there is something at `folder`."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CampaignError(
            f"{folder}: exists already; continue it with `molgen {command} resume={folder}` or choose another {key}"
        )


def begin(folder: Path, config: dict[str, Any], name: str = CONFIG) -> None:
    """Make the folder of a run, with its configuration in the file `name`.

    Raises
    ------
    CampaignError
        There is one already, or it can't be made.
    """
    try:
        create(folder, {name: yaml.safe_dump(config, sort_keys=False).encode()})
    except OSError as error:
        check_free(folder)  # another process may have been faster
        raise CampaignError(
            f"{folder}: can't be created ({error.strerror}); {remedy(error)}, or choose another folder"
        ) from error
