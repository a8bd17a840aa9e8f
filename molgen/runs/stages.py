"""A configured campaign: the stages of its curriculum, cheap objectives before the expensive one, then the campaign itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from molgen.chem.standardize import STANDARD, Standardizer
from molgen.cluster.base import Cluster, Inline
from molgen.config import build, check
from molgen.errors import ConfigError
from molgen.folders import no_link, writing
from molgen.runs.export import best
from molgen.runs.resuming import resumable
from molgen.runs.run import Campaign, Run, begin, check_free, check_until, run_campaign, take_over
from molgen.runs.settings import made, maker, restricted, split_islands
from molgen.runs.store import RunStore
from molgen.scoring.component import Component
from molgen.scoring.scorer import Filter, Term, standardizing
from molgen.search.strategy import CARRIED, Proposal, Strategy


@dataclass(frozen=True)
class Parts:
    """What a resolved `design` config describes; `objectives` are those of its stages, and `nodes` its islands'."""

    campaign: Campaign
    cluster: Cluster
    standardizer: Standardizer
    objectives: list[Any]
    objective: Any
    nodes: list[dict[str, Any]]
    exchange: dict[str, int]


def _parts(config: dict[str, Any]) -> Parts:
    campaign = made(config["campaign"], "campaign", Campaign)
    nodes, exchange = split_islands(config["search"])
    check(nodes[0], "search")
    cluster = made(config["cluster"], "cluster", Cluster) if "cluster" in config else Inline()  # type: ignore[type-abstract]
    standardizer = made(config["standardize"], "standardize", Standardizer) if "standardize" in config else STANDARD
    stages = enumerate(config.get("stages", []), 1)
    objectives = [_objective(stage["scoring"], f"stages.{n}.scoring", standardizer) for n, stage in stages]
    objective = _objective(config["scoring"], "scoring", standardizer)
    return Parts(campaign, cluster, standardizer, objectives, objective, nodes, exchange)


def check_run(config: dict[str, Any]) -> None:
    """Make everything that the run of a resolved `design` config takes, so that what is wrong is known before it has a folder.

    Raises
    ------
    MolgenError
        What a constructor objected to.
    """
    parts = _parts(config)
    for number, (stage, objective) in enumerate(zip(config.get("stages", []), parts.objectives, strict=True), 1):
        check_until(objective, stage["until"], f"stages.{number}")
    check_until(parts.objective, parts.campaign.until, "campaign")
    parts.campaign.start_smiles(parts.standardizer)
    restricted([maker(parts.nodes[0])], config)[0]()


def run_config(config: dict[str, Any], *, resume: bool = False) -> Run:
    """Build the objects of a resolved `design` config and run it.

    A stage is a campaign in `stage-1`, `stage-2`, ... of the run folder. The next begins from its best molecules, and with what
    its strategy has learnt.
    """
    parts = _parts(config)
    makers = restricted([maker(node) for node in parts.nodes], config)
    shared: dict[str, Any] = {"makers": makers, "cluster": parts.cluster, **parts.exchange}
    with resumable(parts.campaign.path):
        if config.get("stages"):
            return _staged(config, parts, resume, shared)
        return run_campaign(parts.objective, campaign=parts.campaign, config=config, resume=resume, **shared)


def _staged(config: dict[str, Any], parts: Parts, resume: bool, shared: dict[str, Any]) -> Run:
    """One campaign after the other, the last with the objective proper."""
    campaign, stages, folder = parts.campaign, config["stages"], parts.campaign.path
    if not resume:
        check_free(folder)
        check_run(config)
        begin(folder, config)
    carried: Sequence[Proposal] = ()
    prepare = None
    with writing(folder):
        RunStore(folder).close()
        for number, (stage, cheap) in enumerate(zip(stages, parts.objectives, strict=True), 1):
            path = no_link(folder / f"stage-{number}")
            title = f"{campaign.title}, stage {number} of {len(stages) + 1}"
            own = replace(campaign, folder=str(path), budget=stage["budget"], until=stage["until"], title=title)
            settings = {**config, "campaign": config["campaign"] | vars(own), "scoring": stage["scoring"], "stages": []}
            begun = path.is_dir() and any(path.iterdir())
            ended = run_campaign(cheap, campaign=own, config=settings, resume=begun, carried=carried, prepare=prepare, **shared)
            carried, prepare = _carried(ended, campaign.top), partial(_teach, folder=path)
    return run_campaign(
        parts.objective, campaign=campaign, config=config, resume=True, carried=carried, prepare=prepare, **shared
    )


def _carried(ended: Run, n: int) -> list[Proposal]:
    """The `n` best molecules of a stage, with their routes."""
    store = RunStore(ended.folder)
    routes = {each.smiles: each.route for each in store.after_state(-1)}
    store.close()
    return [Proposal(text, CARRIED, route=routes[text]) for text in best(ended.molecules, n)["smiles"].tolist()]


def _objective(node: Any, where: str, standardizer: Standardizer) -> Any:
    objective = build(node, where)
    if not callable(objective) or isinstance(objective, Component | Term | Filter):
        raise ConfigError(f"{where}: _target_ must make an objective, made a {type(objective).__name__}")
    return standardizing(objective, standardizer)


def _teach(strategy: Strategy, folder: Path) -> None:
    """Have `strategy` go on with what the one in `folder` had learnt, as far as it survives a change of the objective."""
    store = RunStore(folder)
    state = store.state()
    store.close()
    if state is not None:
        take_over(strategy, state)
