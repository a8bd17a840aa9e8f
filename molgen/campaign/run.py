"""A campaign: a search whose every step is on disk."""

import json
import logging
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from molgen.campaign.export import export
from molgen.campaign.poses import export_poses
from molgen.campaign.progress import CampaignProgress
from molgen.campaign.report import write_report
from molgen.campaign.settings import CONFIG, informed, make_strategy, read_starts, spelled_out, split_islands
from molgen.campaign.store import RunStore
from molgen.chem.changes import summary
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN, STANDARD, Standardizer
from molgen.cluster.base import Cluster, Inline
from molgen.config import build, compose, options, to_plain
from molgen.data.readers import given_smiles
from molgen.errors import CampaignError, CheckpointError, ConfigError, DataError, check_between, nearest
from molgen.metrics.ranking import top_mean
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.objective import Function, Objective
from molgen.scoring.scorer import Scorer, standardizing
from molgen.scoring.scores import Scores
from molgen.search.islands import Islands
from molgen.search.loop import search, search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.strategy import Strategy

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
        Known molecules to begin from: a file, or SMILES. They are scored first, and count as calls.
    until
        The campaign ends early once the mean of its ten best scores is this; None spends the whole budget.
    title
        Heading of the report.
    """

    folder: str
    budget: int = 10_000
    batch: int = 32
    top: int = 100
    start: str | Sequence[str] = ()
    until: float | None = None
    title: str = "Campaign"

    def __post_init__(self) -> None:
        check_between("campaign", 1, budget=self.budget, batch=self.batch, top=self.top)
        if self.until is not None:
            check_between("campaign", 0, until=self.until)

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
        """The `n` best molecules."""
        return self.molecules.nlargest(n, "score").reset_index(drop=True)


def run_campaign(
    objective: Scorer | Objective,
    makers: Sequence[Callable[[], Strategy]],
    campaign: Campaign,
    config: dict[str, Any],
    *,
    cluster: Cluster | None = None,
    resume: bool = False,
    prepare: Callable[[Strategy], None] | None = None,
    **exchange: int,
) -> Run:
    """Run a campaign, or go on with one, to its report.

    Parameters
    ----------
    makers
        Make the strategy; several make islands.
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
    start = campaign.start_smiles(standardizer)
    if not resume:
        check_free(folder)
    cluster = cluster or Inline()
    with cluster.scoring(scorer) as score:
        if isinstance(scorer, Scorer):
            makers = [partial(informed, make, scorer.rules()) for make in makers]
        strategies = cluster.strategies(makers)
        strategy = strategies[0] if len(strategies) == 1 else Islands(strategies, **exchange)
        if not resume:
            create(folder, config)
        store = RunStore(folder)
        oracle = Oracle(score, campaign.budget, standardizer)
        if len(store):
            _restore(strategy, oracle, store)
        elif prepare:
            prepare(strategy)
        capacity = score.capacity if isinstance(score, AsynchronousScorer) and cluster.asynchronous else None
        complete = _searched(strategy, oracle, campaign, store, start, capacity)
        generator = strategy.trained()
    store.close()
    molecules = store.to_pandas()
    if molecules.empty:
        raise CampaignError(f"{folder}: the strategy proposed no valid molecule")
    try:
        export(molecules, folder, campaign.top)
        if generator is not None:
            generator.save(folder / "agent.safetensors", {"trained_by": f"campaign {campaign.title}", "calls": oracle.used})
        components = scorer.components() if isinstance(scorer, Scorer) else {}
        export_poses(molecules, components, folder)
        write_report(folder, molecules, components, config)
    except OSError as error:
        raise CampaignError(
            f"{folder}: can't be written ({error.strerror or error}); every score is kept: free space, then "
            f"`molgen design resume={folder}`"
        ) from error
    return Run(folder, molecules, complete)


def _restore(strategy: Strategy, oracle: Oracle, store: RunStore) -> None:
    """Bring both to where `store` ends."""
    store.restore(oracle)
    if (state := store.state()) is not None:
        try:
            strategy.load_state_dict(state)
        except KeyError as error:
            raise CheckpointError(
                f"{store.path.parent}: its state has no {error}: another version of molgen made it, which can go on with it; "
                "start another run here"
            ) from error
    if late := store.after_state():
        strategy.tell(late, oracle(late))


def _searched(
    strategy: Strategy, oracle: Oracle, campaign: Campaign, store: RunStore, start: Sequence[str], capacity: int | None
) -> bool:
    with CampaignProgress(campaign.budget, {smiles: result.total for smiles, result in oracle.known.items()}) as progress:
        next_state = 0.0

        def enough() -> bool:
            if campaign.until is None or oracle.used < 10:
                return False
            return top_mean((result.total for result in oracle.known.values()), 10) >= campaign.until

        def commit(asked: Sequence[str], scores: Scores) -> None:
            nonlocal next_state
            began = time.monotonic()
            whole = capacity is None or began >= next_state
            store.commit(asked, scores, strategy.state_dict() if whole else None)
            if whole:
                next_state = time.monotonic() + max(STATE_PAUSE, (time.monotonic() - began) / STATE_SHARE)
            progress.update(scores.smiles, scores.total.tolist(), oracle.used, oracle.facts)

        if capacity is None:
            return search(strategy, oracle, campaign.batch, commit, start, enough)
        return search_asynchronously(strategy, oracle, campaign.batch, capacity, commit, start, enough)


def check_free(folder: Path, command: str = "design", key: str = "campaign.folder") -> None:
    """Raise a CampaignError if there is something at `folder`."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CampaignError(
            f"{folder}: exists already; continue it with `molgen {command} resume={folder}` or choose another {key}"
        )


def create(folder: Path, config: dict[str, Any]) -> None:
    """Make a run folder, with the configuration in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / CONFIG).write_text(yaml.safe_dump(config, sort_keys=False))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise CampaignError(f"{folder}: can't be created ({error.strerror})") from error


def design(
    objective: Scorer | Objective,
    budget: int = 10_000,
    strategy: str | Strategy = "surrogate",
    seed: int = 0,
    folder: str | Path | None = None,
    start: str | Path | Sequence[str] = (),
    *,
    resume: bool = False,
    overrides: Sequence[str] = (),
) -> Run:
    """Design molecules for an objective.

    Parameters
    ----------
    objective
        A `Scorer`, or any function from a list of SMILES to as many numbers from 0 up, the higher the better: a molecule on which
        it fails has 0.
    budget
        Distinct molecules to score.
    strategy
        A name under `conf/search`, or a `Strategy`.
    folder
        The run folder; by default a new one under `runs/`.
    start
        Known molecules to begin from: a file, or SMILES.
    resume
        Go on with the campaign in `folder`.
    overrides
        Hydra overrides of `conf/design.yaml`, such as `search.exploration=1`; those of a Scorer go to `Scorer.from_config`.

    Examples
    --------
    >>> from molgen import design
    >>> run = design(lambda smiles: [s.count("F") / len(s) for s in smiles], budget=500)
    >>> run.top(5)[["smiles", "score"]]
    """
    if isinstance(strategy, str) and strategy not in options("search"):
        raise ConfigError(
            f"no strategy '{strategy}'{nearest(strategy, options('search'))}; known: {', '.join(options('search'))}"
        )
    if not isinstance(strategy, str | Strategy):
        raise ConfigError(f"strategy: must be a name under conf/search, or a Strategy, not {strategy!r}")
    if changes := [text for text in overrides if re.match(r"[+~]*scoring\b", text)]:
        raise ConfigError(f"{changes[0]}: the objective is the one given; Scorer.from_config(NAME, overrides) changes it")
    if not isinstance(start, str | Path | Iterable):
        raise ConfigError(f"start: must be a file or SMILES, not {start!r}")
    if resume and folder is None:
        raise ConfigError("resume=True needs the folder of the run")
    settings = [
        f"search={strategy}" if isinstance(strategy, str) else "search=screen",
        f"campaign.budget={budget}",
        f"seed={seed}",
    ]
    settings += [] if folder is None else [f"campaign.folder={json.dumps(str(folder))}"]
    composed = compose("design", [*settings, "campaign.title=Design", *spelled_out(overrides)])
    if composed["stages"]:
        raise ConfigError("stages: of `molgen design`; from Python, start a campaign with the best molecules of the one before")
    config = {key: to_plain(composed[key]) for key in ("seed", "campaign")} | {"scoring": repr(objective)}
    if given := str(start) if isinstance(start, str | Path) else [str(smiles) for smiles in start]:
        config["campaign"]["start"] = given
    config |= {key: to_plain(composed[key]) for key in ("cluster", "standardize", "search", "column", "table")}
    read_starts(config)
    objective = standardizing(objective, build(config["standardize"], "standardize"))
    search = config["search"]
    config["search"] = search if isinstance(strategy, str) else repr(strategy)
    nodes, exchange = split_islands(search)
    makers = [partial(make_strategy, node) for node in nodes] if isinstance(strategy, str) else [lambda: strategy]
    cluster, campaign = build(config["cluster"], "cluster"), build(config["campaign"], "campaign")
    shared: dict[str, Any] = {"cluster": cluster, "resume": resume, **exchange}
    return run_campaign(objective, makers, campaign, config, **shared)
