"""A search for the settings with which a campaign finds most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

from molgen.cluster.jobs import Launcher
from molgen.errors import ConfigError, check_between, check_seed
from molgen.overrides import Interval, search_space
from molgen.runs.sweep import Sweep, Sweeper, Tell

TRIES = 200  # for settings that no job has yet
Space = Mapping[str, Interval | list[str]]


@dataclass(frozen=True)
class Optuna(Sweeper):
    """Optuna's tree-structured Parzen estimator (Akiba et al., KDD 2019) over any settings.

    What is maximised is the area under the mean of the ten best molecules over the calls. Scores of different objectives say
    nothing about each other: several of them, or several values of a setting of theirs, are a grid with a search in each place.

    Attributes
    ----------
    n_trials
        Jobs in all, for every objective.
    n_jobs
        Jobs that are chosen, and run, at a time.
    """

    n_trials: int = 20
    n_jobs: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        check_between("hydra.sweeper", 1, n_trials=self.n_trials, n_jobs=self.n_jobs)
        check_seed("hydra.sweeper", self.seed)

    def keys(self, overrides: Sequence[str]) -> list[str]:
        """See `Sweeper.keys`."""
        _, space = search_space(overrides)
        if all(map(_is_objective, space)):
            raise ConfigError("nothing to choose: give a setting several values, or search.offspring_share='interval(0.2,0.9)'")
        _objectives(space)
        try:
            _distributions(space)
        except ValueError as error:
            raise ConfigError(f"{', '.join(space)}: {str(error).splitlines()[0]}") from error
        return list(space)

    def run(self, sweep: Sweep, overrides: Sequence[str], launcher: Launcher, tell: Tell) -> dict[str, str]:
        """See `Sweeper.run`."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        failed = sweep.run(launcher, tell) if sweep.jobs else {}
        for study in self._studies(overrides):
            while (missing := self.n_trials - len(study.jobs(sweep))) > 0:
                if not (chosen := study.chosen(sweep, self.seed + len(sweep.jobs), min(self.n_jobs, missing))):
                    tell(f"no settings are left to try: {len(study.jobs(sweep))} jobs, not {self.n_trials}")
                    break
                sweep.add(chosen)
                failed |= sweep.run(launcher, tell, failed)
            if found := study.best(sweep):
                tell(f"best settings{' for ' * bool(study.objective)}{'  '.join(study.objective)}: {'  '.join(found)}")
        return failed

    def known(self, overrides: Sequence[str]) -> list[list[str]]:
        """See `Sweeper.known`; of every objective, the jobs that come first."""
        none = Sweep(Path(), [], [])
        first, studies = min(self.n_jobs, self.n_trials), self._studies(overrides)
        return [job for i, study in enumerate(studies) for job in study.chosen(none, self.seed + i * self.n_trials, first)]

    def _studies(self, overrides: Sequence[str]) -> list["_Study"]:
        fixed, space = search_space(overrides)
        return [
            _Study([*fixed, *objective], objective, {key: values for key, values in space.items() if not _is_objective(key)})
            for objective in _objectives(space)
        ]


@dataclass(frozen=True)
class _Study:
    """The search for one objective.

    Attributes
    ----------
    fixed
        Overrides that all its jobs share, `objective` among them.
    space
        What is searched through.
    """

    fixed: list[str]
    objective: list[str]
    space: Space

    def jobs(self, sweep: Sweep) -> list[str]:
        """Those of a sweep that have this objective."""
        return [name for name, overrides in sweep.jobs.items() if set(self.objective) <= set(overrides)]

    def chosen(self, sweep: Sweep, seed: int, number: int) -> list[list[str]]:
        """The next jobs, at most so many, none that the sweep has already: the same settings would find the same."""
        study, found = self._told(sweep, seed), list(sweep.jobs.values())
        for _ in range(number + TRIES):
            job = [*self.fixed, *_overrides(study.ask(_distributions(self.space)).params)]
            if job not in found:
                found.append(job)
            if len(found) == len(sweep.jobs) + number:
                break
        return found[len(sweep.jobs) :]

    def best(self, sweep: Sweep) -> list[str]:
        """The overrides of the best job so far; none before the first has ended."""
        study = self._told(sweep, 0)
        return _overrides(study.best_params) if study.get_trials(deepcopy=False, states=[TrialState.COMPLETE]) else []

    def _told(self, sweep: Sweep, seed: int) -> optuna.Study:
        """What is known after the jobs that have ended, those that failed among them."""
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        for name in self.jobs(sweep):
            labels = sweep.labels(name)
            params: dict[str, Any] = {key: _read(labels[key], values) for key, values in self.space.items()}
            settings: dict[str, Any] = {"params": params, "distributions": _distributions(self.space)}
            if sweep.done(name) and (found := sweep.result(name)) is not None:
                study.add_trial(create_trial(value=found.auc, **settings))
            elif sweep.failure(name) is not None:
                study.add_trial(create_trial(state=TrialState.FAIL, **settings))
        return study


def _is_objective(key: str) -> bool:
    return key.lstrip("+").partition(".")[0] == "scoring"


def _objectives(space: Space) -> list[list[str]]:
    """What is gone through one after the other, as overrides."""
    given: list[list[str]] = []
    for key, values in space.items():
        if isinstance(values, Interval):
            if _is_objective(key):
                raise ConfigError(f"{key}: belongs to the objective, and every objective is a search of its own; list its values")
        elif _is_objective(key):
            given.append([f"{key}={value}" for value in values])
    return [list(objective) for objective in product(*given)]


def _overrides(params: Mapping[str, str | float]) -> list[str]:
    return [f"{key}={_written(value)}" for key, value in params.items()]


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _read(text: str, values: Interval | list[str]) -> str | float:
    if isinstance(values, list):
        return text
    return int(text) if values.integer else float(text)


def _distributions(space: Space) -> dict[str, BaseDistribution]:
    return {key: _distribution(values) for key, values in space.items()}


def _distribution(values: Interval | list[str]) -> BaseDistribution:
    if isinstance(values, list):
        return CategoricalDistribution(values)
    if values.integer:
        return IntDistribution(int(values.low), int(values.high), log=values.log)
    return FloatDistribution(values.low, values.high, log=values.log)
