"""Many campaigns: a folder of run folders, and what is left to do of them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import yaml

from molgen.campaign import report
from molgen.campaign.settings import CONFIG, design_config
from molgen.campaign.stages import check_run, run_config
from molgen.campaign.store import FILE as DATABASE
from molgen.campaign.store import RunStore
from molgen.cluster.jobs import Launcher
from molgen.errors import CampaignError, ConfigError, MolgenError
from molgen.learn.checkpoint import write_atomically
from molgen.metrics.ranking import auc_top, top_mean
from molgen.overrides import expand, swept

FILE = "sweep.yaml"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Figures:
    """What came of a job: calls, its best score, the mean of its ten best, and the area under that mean over its calls."""

    calls: int
    best: float
    top10: float
    auc: float
    seconds: float


@dataclass
class Sweep:
    """Campaigns in `folder`, a run folder each, which differ in some settings.

    Attributes
    ----------
    settings
        Command line that the sweep was begun with.
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
        """
        path = folder / FILE
        try:
            return cls(folder, **yaml.safe_load(path.read_text()))
        except (OSError, TypeError, ValueError, yaml.YAMLError) as error:
            raise CampaignError(f"{path}: missing or damaged ({str(error).splitlines()[0]}); restore a copy") from error

    def add(self, jobs: Sequence[Sequence[str]]) -> None:
        """More jobs, to be run; all are checked before anything is written.

        Raises
        ------
        ConfigError
            A setting is wrong.
        """
        named = {self._name(len(self.jobs) + i, overrides): list(overrides) for i, overrides in enumerate(jobs)}
        configs = {name: design_config([*overrides, f"campaign.folder={name}"]) for name, overrides in named.items()}
        for config in configs.values():
            check_run(config)
        for name, config in configs.items():
            write_atomically(self.folder / name / CONFIG, yaml.safe_dump(config, sort_keys=False).encode())
        self.jobs |= named
        held = {"settings": self.settings, "keys": self.keys, "jobs": self.jobs}
        write_atomically(self.folder / FILE, yaml.safe_dump(held, sort_keys=False).encode())

    def _name(self, number: int, overrides: Sequence[str]) -> str:
        values = [self._value(overrides, key).rpartition("/")[2] for key in self.keys]
        return re.sub(r"[^\w.-]", "_", "-".join([f"{number:03d}", *values]))[:100]

    def labels(self, name: str) -> dict[str, str]:
        """The values of the keys that jobs differ in."""
        return {key: self._value(self.jobs[name], key) for key in self.keys}

    @staticmethod
    def _value(overrides: Sequence[str], key: str) -> str:
        return next(text.partition("=")[2] for text in overrides if text.lstrip("+").partition("=")[0] == key)

    def done(self, name: str) -> bool:
        """Whether a job has ended."""
        return (self.folder / name / report.FILE).exists()

    def molecules(self, name: str) -> pd.DataFrame:
        """What a job has scored so far; see `RunStore.to_pandas`."""
        folder = self.folder / name
        return RunStore(folder).to_pandas() if (folder / DATABASE).exists() else pd.DataFrame()

    def figures(self, name: str, table: pd.DataFrame | None = None) -> Figures | None:
        """What came of a job so far, of its `molecules` if they are given; None before the first."""
        table = self.molecules(name) if table is None else table
        if table.empty:
            return None
        scores = table["score"].tolist()
        budget = yaml.safe_load((self.folder / name / CONFIG).read_text())["campaign"]["budget"]
        return Figures(len(scores), max(scores), top_mean(scores, 10), auc_top(scores, 10, budget), float(table["seconds"].max()))

    def run(self, launcher: Launcher, tell: Tell) -> dict[str, MolgenError]:
        """Run the jobs that haven't ended, from where they stand; the errors of those that failed."""
        left = {name: (self.folder / name).resolve() for name in self.jobs if not self.done(name)}
        failed: dict[str, MolgenError] = {}
        for name, result in launcher.run(run_job, left):
            if isinstance(result, MolgenError):
                failed[name] = result
                tell(f"{name}  failed: {str(result).splitlines()[0]}")
            elif (found := self.figures(name)) is not None:
                ended = sum(map(self.done, self.jobs))
                tell(
                    f"{ended}/{len(self.jobs)}  {name}  best {found.best:.3f}  ten best {found.top10:.3f}  {found.seconds:.0f} s"
                )
        return failed


def run_job(folder: Path) -> None:
    """Run the campaign of a folder that holds its settings, or go on with it."""
    config = yaml.safe_load((folder / CONFIG).read_text())
    config["campaign"]["folder"] = str(folder)
    run_config(config, resume=True)


class Sweeper(ABC):
    """Decides which jobs a sweep has."""

    @abstractmethod
    def run(self, sweep: Sweep, overrides: Sequence[str], launcher: Launcher, tell: Tell) -> dict[str, MolgenError]:
        """Run what `sweep` has and what it needs yet; the errors of jobs that failed."""

    @abstractmethod
    def keys(self, overrides: Sequence[str]) -> list[str]:
        """What jobs will differ in."""


class Grid(Sweeper):
    """Every combination of the values given."""

    def keys(self, overrides: Sequence[str]) -> list[str]:
        """See `Sweeper.keys`."""
        if not (keys := swept(overrides)):
            raise ConfigError("a sweep needs several values of a setting: molgen design -m search=genetic,hybrid seed=0,1,2")
        return keys

    def run(self, sweep: Sweep, overrides: Sequence[str], launcher: Launcher, tell: Tell) -> dict[str, MolgenError]:
        """See `Sweeper.run`."""
        if not sweep.jobs:
            sweep.add(expand(overrides))
        return sweep.run(launcher, tell)
