"""A campaign from Python: any function as the objective."""

import copy
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from molgen.config import build, options, to_plain
from molgen.errors import ConfigError, nearest
from molgen.renamed import option
from molgen.runs.resuming import resumable
from molgen.runs.run import Campaign, Run, run_campaign
from molgen.runs.settings import check_run_folder, composed, maker, read_starts, restricted, split_islands
from molgen.scoring.objective import Objective
from molgen.scoring.scorer import Scorer, standardizing
from molgen.search.strategy import Strategy
from molgen.trust import take_trust


def design(
    objective: Scorer | Objective,
    budget: int = Campaign.budget,
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
        A name under `conf/search`, or a `Strategy`: on a Ray cluster a copy of one that thinks for long learns in its place, in a
        process of its own.
    folder
        The run folder; by default a new one under `runs/`.
    start
        Known molecules to begin from: a file, or SMILES.
    resume
        Go on with the campaign in `folder`.
    overrides
        Hydra overrides of `conf/design.yaml`, such as `search.acquisition.kappa_mean=1`; those of a Scorer go to
        `Scorer.from_config`.

    Raises
    ------
    ConfigError
        There is no such strategy or setting, or one that is set otherwise here.

    Examples
    --------
    >>> from molgen import design
    >>> run = design(lambda smiles: [s.count("F") / len(s) for s in smiles], budget=500)
    >>> run.top(5)[["smiles", "score"]]
    """
    overrides = take_trust(overrides)
    if isinstance(strategy, str) and option("search", strategy) not in options("search"):
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
    if resume:
        check_run_folder(Path(str(folder)).expanduser())
    settings = [
        f"search={strategy}" if isinstance(strategy, str) else "search=screen",
        f"campaign.budget={budget}",
        f"seed={seed}",
    ]
    settings += [] if folder is None else [f"campaign.folder={json.dumps(str(folder))}"]
    name = None if isinstance(strategy, str) else f"strategy={type(strategy).__name__}(...)"
    given_settings = composed([*settings, "campaign.title=Design", *overrides], name)
    if given_settings["stages"]:
        raise ConfigError("stages: of `molgen design`; from Python, start a campaign with the best molecules of the one before")
    config = {key: to_plain(given_settings[key]) for key in ("seed", "campaign")} | {"scoring": repr(objective)}
    if given := str(start) if isinstance(start, str | Path) else [str(smiles) for smiles in start]:
        config["campaign"]["start"] = given
    config |= {key: to_plain(given_settings[key]) for key in ("cluster", "standardize", "search", "makeable", "column", "table")}
    read_starts(config)
    objective = standardizing(objective, build(config["standardize"], "standardize"))
    search = config["search"]
    config["search"] = search if isinstance(strategy, str) else repr(strategy)
    nodes, exchange = split_islands(search)
    # of one that is given, a copy is spoilt where its state can't be loaded
    makers = (
        [maker(node) for node in nodes]
        if isinstance(strategy, str)
        else [lambda: copy.deepcopy(strategy) if resume else strategy]
    )
    cluster, campaign = build(config["cluster"], "cluster"), build(config["campaign"], "campaign")
    shared: dict[str, Any] = {"cluster": cluster, "resume": resume, **exchange}
    with resumable(campaign.path):
        return run_campaign(objective, restricted(makers, config), campaign, config, **shared)
