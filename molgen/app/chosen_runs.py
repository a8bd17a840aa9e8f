"""Campaigns of the folder as jobs that are compared: what they differ in besides their seed, and what they have found."""

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from molgen.app.overview import strategy_of
from molgen.app.workspace import WorkFolder
from molgen.errors import MolgenError
from molgen.reports.compared_runs import Job, RunSummary
from molgen.runs.export import has_ended
from molgen.runs.settings import read_config
from molgen.runs.sweep import Sweep
from molgen.runs.watching import RunReader, read_outline

KEPT = 100  # summaries
ELSEWHERE = {"scoring", "search", "campaign", "cluster"}  # settings that are compared by themselves, or make no difference
OWN = {"folder", "title", "seed"}  # settings in which campaigns always may differ


class Summaries:
    """What runs have found, read again only where there is more of it."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, tuple[object, RunSummary | None]] = OrderedDict()
        self._one = threading.Lock()

    def of(self, folder: Path, budget: int) -> RunSummary | None:
        """Of the run in `folder`; None before its first molecule.

        Raises
        ------
        CampaignError
            Its database can't be read.
        """
        outline = read_outline(folder)
        with self._one:
            stamp, known = self._known.pop(folder, (None, None))
            if stamp != outline:
                reader = RunReader(folder)
                known = RunSummary.of(reader.molecules, budget or outline.calls) if reader.refresh() else None
            self._known[folder] = outline, known
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return known


def jobs_of_sweep(found: WorkFolder, summaries: Summaries) -> tuple[Sweep, list[Job]]:
    """The campaigns of a sweep; one that can't be read has failed.

    Raises
    ------
    CampaignError
        The list of them can't be read.
    """
    sweep, jobs = Sweep.read(found.folder), []
    for name in sweep.jobs:
        link = f"/campaigns/{quote(f'{found.name}/{name}')}"
        try:
            budget = _budget(sweep.config(name))
            summary, failure = summaries.of(sweep.folder / name, budget), sweep.failure(name)
        except MolgenError as error:
            budget, summary, failure = 0, None, str(error).splitlines()[0]
        jobs.append(Job(name, sweep.labels(name), summary, failure, sweep.done(name), budget, link))
    return sweep, jobs


def jobs_of_runs(found: Sequence[WorkFolder], summaries: Summaries) -> list[Job]:
    """Campaigns that were chosen, labelled by what they differ in.

    Raises
    ------
    CampaignError
        One of them can't be read.
    """
    configs = [read_config(each.folder) for each in found]
    labels = _labels(configs)
    return [
        Job(
            each.name,
            labels[i],
            summaries.of(each.folder, _budget(configs[i])),
            None,
            has_ended(each.folder),
            _budget(configs[i]),
            f"/campaigns/{quote(each.name)}",
        )
        for i, each in enumerate(found)
    ]


def _budget(config: dict[str, Any]) -> int:
    budget = config["campaign"].get("budget")
    return budget if isinstance(budget, int) else 0


def _labels(configs: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """What tells each campaign from the others, and its seed: parts of the settings, numbered where their names are alike."""
    parts = {
        "scoring": [(_terms(config["scoring"]), config["scoring"]) for config in configs],
        "search": [(strategy_of(config["search"]), config["search"]) for config in configs],
        "campaign": [(f"{_budget(config):,} calls", config["campaign"]) for config in configs],
        "others": [("as usual", {k: v for k, v in config.items() if k not in ELSEWHERE}) for config in configs],
    }
    labels: list[dict[str, str]] = [{} for _ in configs]
    for part, named in parts.items():
        texts = [json.dumps(_without_own(settings), sort_keys=True, default=str) for _, settings in named]
        if len(set(texts)) == 1:
            continue
        names: dict[str, list[str]] = {}
        for (name, _), text in zip(named, texts, strict=True):
            alike = names.setdefault(name, [])
            if text not in alike:
                alike.append(text)
        for label, (name, _), text in zip(labels, named, texts, strict=True):
            number = names[name].index(text) + 1
            label[part] = f"{name}, {number}" if len(names[name]) > 1 else name
    for label, config in zip(labels, configs, strict=True):
        label["seed"] = str(config.get("seed", ""))
    return labels


def _terms(scoring: Any) -> str:
    terms = scoring.get("terms") if isinstance(scoring, dict) else None
    return ", ".join(map(str, terms)) if isinstance(terms, dict) else str(scoring)[:100]


def _without_own(settings: Any) -> Any:
    if isinstance(settings, dict):
        return {key: _without_own(value) for key, value in settings.items() if key not in OWN}
    return [_without_own(each) for each in settings] if isinstance(settings, list) else settings
