"""A search for the settings with which a campaign finds most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import create_trial

from molgen.campaign.sweep import Sweep, Sweeper, Tell
from molgen.cluster.jobs import Launcher
from molgen.errors import ConfigError, MolgenError, check_between, check_seed
from molgen.overrides import Interval, search_space

Space = Mapping[str, Interval | list[str]]


@dataclass(frozen=True)
class Optuna(Sweeper):
    """Optuna's tree-structured Parzen estimator (Akiba et al., KDD 2019) over any settings.

    What is maximised is the area under the mean of the ten best molecules over the calls.

    Attributes
    ----------
    n_trials
        Jobs in all.
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
        if not space:
            raise ConfigError("nothing to choose: give a setting several values, or search.bred='interval(0.2,0.9)'")
        try:
            _distributions(space)
        except ValueError as error:
            raise ConfigError(f"{', '.join(space)}: {str(error).splitlines()[0]}") from error
        return list(space)

    def run(self, sweep: Sweep, overrides: Sequence[str], launcher: Launcher, tell: Tell) -> dict[str, MolgenError]:
        """See `Sweeper.run`."""
        fixed, space = search_space(overrides)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        failed = sweep.run(launcher, tell)
        while (missing := self.n_trials - len(sweep.jobs)) > 0:
            study = self._study(sweep, space)
            chosen = [study.ask(_distributions(space)).params for _ in range(min(self.n_jobs, missing))]
            sweep.add([[*fixed, *(f"{key}={_written(value)}" for key, value in params.items())] for params in chosen])
            failed = sweep.run(launcher, tell)
        if (study := self._study(sweep, space)).trials:
            tell("best settings: " + "  ".join(f"{key}={_written(value)}" for key, value in study.best_params.items()))
        return failed

    def _study(self, sweep: Sweep, space: Space) -> optuna.Study:
        """What is known after the jobs that have ended."""
        sampler = optuna.samplers.TPESampler(seed=self.seed + len(sweep.jobs))
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for name in sweep.jobs:
            if sweep.done(name) and (found := sweep.figures(name)) is not None:
                params = {key: _read(value, space[key]) for key, value in sweep.labels(name).items()}
                study.add_trial(create_trial(params=params, distributions=_distributions(space), value=found.auc))
        return study


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
