"""Many campaigns: a folder of run folders, and what is left to do of them."""

import re
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from molgen.cluster.jobs import Launcher
from molgen.errors import ConfigError, MolgenError
from molgen.files import write_atomically
from molgen.folders import no_link, writing
from molgen.overrides import expand, swept
from molgen.reports.compared_runs import Job, JobResult, RunSummary
from molgen.reports.comparison import write_comparison
from molgen.runs.export import REPORT, has_ended
from molgen.runs.run import begin
from molgen.runs.saved import damaged, read_saved
from molgen.runs.settings import CONFIG, design_config, read_config
from molgen.runs.stages import check_run, run_config
from molgen.runs.store import FILE as DATABASE
from molgen.runs.store import RunStore
from molgen.trust import trusting

FILE = "sweep.yaml"
FAILURE = "failed.txt"  # in the folder of a job that failed
Tell = Callable[[str], None]


@dataclass
class Sweep:
    """Campaigns in `folder`, a run folder each, which differ in some settings.

    Attributes
    ----------
    settings
        Command line that started the sweep.
    jobs
        Folder name -> overrides.
    keys
        What the jobs differ in.
    """

    folder: Path
    settings: list[str]
    keys: list[str]
    jobs: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Sweep":
        """The sweep in `folder`.

        Raises
        ------
        CampaignError
            There is none, or its list is damaged.
        """  # noqa: DOC501 (raised by another function, or caught here)
        path = folder / FILE
        held = read_saved(path)
        if set(held) != {"settings", "keys", "jobs"} or not isinstance(held["jobs"], dict):
            raise damaged(path, "it must hold settings, keys and jobs")
        for texts in (held["settings"], held["keys"], *held["jobs"].values()):
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                raise damaged(path, "settings, keys and every job must be lists of texts")
        for name, overrides in held["jobs"].items():
            if not re.fullmatch(r"\w[\w.-]*", str(name)):
                raise damaged(path, f"'{name}' is no folder of a job")
            if missing := [key for key in held["keys"] if not any(cls._sets(text, key) for text in overrides)]:
                raise damaged(path, f"job {name} has no {missing[0]}")
        return cls(folder, **held)

    def add(self, jobs: Sequence[Sequence[str]]) -> None:
        """More jobs, to be run; all are checked before anything is written.

        Raises
        ------
        ConfigError
            A setting is wrong.
        """
        named = self.named(jobs)
        configs = self.configs(named)
        if not self.folder.exists():
            begin(self.folder, self._held(), FILE)
        for name, config in configs.items():
            write_atomically(self.folder / name / CONFIG, yaml.safe_dump(config, sort_keys=False).encode())
        self.jobs |= named
        write_atomically(self.folder / FILE, yaml.safe_dump(self._held(), sort_keys=False).encode())

    def _held(self) -> dict[str, Any]:
        return {"settings": self.settings, "keys": self.keys, "jobs": self.jobs}

    def named(self, jobs: Sequence[Sequence[str]]) -> dict[str, list[str]]:
        """The names that more jobs would have, and their overrides."""
        return {self._name(len(self.jobs) + i, overrides): list(overrides) for i, overrides in enumerate(jobs)}

    def configs(self, named: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
        """All settings of jobs.

        Raises
        ------
        ConfigError
            One is wrong.
        """
        configs = {name: design_config([*overrides, f"campaign.folder={name}"]) for name, overrides in named.items()}
        for config in configs.values():
            check_run(config)
        return configs

    def _name(self, number: int, overrides: Sequence[str]) -> str:
        values = [self._value(overrides, key).rpartition("/")[2] for key in self.keys]
        return re.sub(r"[^\w.-]", "_", "-".join([f"{number:03d}", *values]))[:100]

    def labels(self, name: str) -> dict[str, str]:
        """The values of the keys that jobs differ in."""
        return {key: self._value(self.jobs[name], key) for key in self.keys}

    @staticmethod
    def _value(overrides: Sequence[str], key: str) -> str:
        return next(text.partition("=")[2] for text in overrides if Sweep._sets(text, key))

    @staticmethod
    def _sets(text: str, key: str) -> bool:
        return text.lstrip("+").partition("=")[0] == key

    def config(self, name: str) -> dict[str, Any]:
        """The settings of a job."""
        return read_config(self.folder / name)

    def done(self, name: str) -> bool:
        """Whether a job has ended."""
        return has_ended(self.folder / name)

    def result(self, name: str) -> JobResult | None:
        """What came of a job so far; None before its first molecule."""
        return self._job(name).result

    def _job(self, name: str) -> Job:
        folder = self.folder / name
        molecules = RunStore(folder).to_pandas() if (folder / DATABASE).exists() else pd.DataFrame()
        budget = self.config(name)["campaign"]["budget"]
        summary = None if molecules.empty else RunSummary.of(molecules, budget)
        link = f"{name}/{REPORT}" if (folder / REPORT).exists() else ""
        return Job(name, self.labels(name), summary, self.failure(name), self.done(name), budget, link)

    def write_report(self) -> Path:
        """Write `sweep.html`, `sweep.csv` and `top.csv` into the folder; see `write_comparison`."""
        return write_comparison(self.folder, self.settings, self.keys, [self._job(name) for name in self.jobs])

    def failure(self, name: str) -> str | None:
        """Why a job ended without a result, in one line; None if it did not."""
        path = self.folder / name / FAILURE
        return path.read_text().partition("\n")[0] if path.exists() and not self.done(name) else None

    def _fail(self, name: str, error: Exception) -> str:
        """Record why a job failed: one line, followed by the traceback unless molgen raised the error on purpose."""
        meant = isinstance(error, MolgenError)
        line = " ".join(str(error).split()) if meant else f"{type(error).__name__}: {' '.join(str(error).split())}"
        where = "" if meant else "".join(traceback.format_exception(error))
        write_atomically(self.folder / name / FAILURE, f"{line}\n{where}".encode())
        return line

    def run(self, launcher: Launcher, tell: Tell, besides: Collection[str] = ()) -> dict[str, str]:
        """Run the jobs that haven't ended, from where they stand, but for `besides`; those that failed, and why.

        A job that fails costs the sweep this job only.

        Raises
        ------
        CampaignError
            Another process runs them.
        """
        with writing(self.folder):
            return self._run(launcher, tell, besides)

    def _run(self, launcher: Launcher, tell: Tell, besides: Collection[str]) -> dict[str, str]:
        left = {name: no_link(self.folder / name).resolve() for name in self.jobs if not self.done(name) and name not in besides}
        for folder in left.values():
            (folder / FAILURE).unlink(missing_ok=True)
        failed: dict[str, str] = {}
        for name, result in launcher.run(trusting(run_job), left):
            if isinstance(result, Exception):
                failed[name] = self._fail(name, result)
                tell(f"{name}  failed: {failed[name]}")
            elif (found := self.result(name)) is not None:
                ended = sum(map(self.done, self.jobs))
                tell(
                    f"{ended}/{len(self.jobs)}  {name}  best {found.best:.3f}  ten best {found.top10:.3f}  {found.seconds:.0f} s"
                )
        return failed


def run_job(folder: Path) -> None:
    """Run the campaign of a folder that holds its settings, or go on with it."""
    config = read_config(folder)
    config["campaign"]["folder"] = str(folder)
    run_config(config, resume=True)


class Sweeper(ABC):
    """Decides which jobs a sweep has."""

    @abstractmethod
    def run(self, sweep: Sweep, overrides: Sequence[str], launcher: Launcher, tell: Tell) -> dict[str, str]:
        """Run what `sweep` has and what it needs yet; the jobs that failed, and why."""

    @abstractmethod
    def keys(self, overrides: Sequence[str]) -> list[str]:
        """What jobs will differ in."""

    @abstractmethod
    def known(self, overrides: Sequence[str]) -> list[list[str]]:
        """The jobs that are known before any has run."""


class Grid(Sweeper):
    """Every combination of the values given."""

    def keys(self, overrides: Sequence[str]) -> list[str]:
        """See `Sweeper.keys`."""
        if not (keys := swept(overrides)):
            raise ConfigError("a sweep needs several values of a setting: molgen design -m search=genetic,surrogate seed=0,1,2")
        return keys

    def known(self, overrides: Sequence[str]) -> list[list[str]]:
        """See `Sweeper.known`."""
        return expand(overrides)

    def run(self, sweep: Sweep, overrides: Sequence[str], launcher: Launcher, tell: Tell) -> dict[str, str]:
        """See `Sweeper.run`."""
        if not sweep.jobs:
            sweep.add(self.known(overrides))
        return sweep.run(launcher, tell)
