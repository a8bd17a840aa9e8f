"""Sweeps: the jobs of a command line, what is left of a killed one, their comparison."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from ray import cloudpickle

from molgen.cli.commands import main
from molgen.cluster.jobs import Basic
from molgen.cluster.ray_jobs import OnRay
from molgen.errors import ConfigError
from molgen.overrides import Interval, expand, search_space
from molgen.reports.compared_runs import with_interval
from molgen.runs.sweep import Sweep
from molgen.runs.tuning import Optuna

cloudpickle.register_pickle_by_value(sys.modules[__name__])
QUICK = ["scoring=pmo/qed", "search=genetic", "search.initial_design=10", "campaign.budget=20"]


def molgen(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_every_combination_is_a_job() -> None:
    assert expand(["a=1,2", "b.c=x", "d=range(3)"]) == [
        ["a=1", "b.c=x", "d=0"],
        ["a=1", "b.c=x", "d=1"],
        ["a=1", "b.c=x", "d=2"],
        ["a=2", "b.c=x", "d=0"],
        ["a=2", "b.c=x", "d=1"],
        ["a=2", "b.c=x", "d=2"],
    ]


def test_equal_values_are_one_job() -> None:
    assert expand(["seed=0,0,1"]) == [["seed=0"], ["seed=1"]]
    assert expand(["a=0.5,0.50,5e-1,.6"]) == [["a=0.5"], ["a=.6"]]
    assert search_space(["s=x,y,x"])[1] == {"s": ["x", "y"]}
    with pytest.raises(ConfigError, match="seed: is given twice"):
        expand(["seed=0,1", "seed=1,2"])


def test_a_search_space_has_intervals_and_choices() -> None:
    fixed, space = search_space(["a=1", "lr=tag(log,interval(1e-4,1e-2))", "n=int(interval(1,9))", "s=x,y", "k=range(1,4)"])
    assert fixed == ["a=1"]
    assert space == {
        "lr": Interval(1e-4, 1e-2, log=True, integer=False),
        "n": Interval(1, 9, log=False, integer=True),
        "s": ["x", "y"],
        "k": ["1", "2", "3"],
    }


def test_an_interval_is_no_grid() -> None:
    with pytest.raises(ConfigError, match="hydra/sweeper=optuna"):
        expand(["a=interval(0,1)"])


def test_a_sweep_runs_its_jobs_and_compares_them(tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    done = molgen("design", "-m", *QUICK, "search.offspring=4,8", "seed=1", f"hydra.sweep.dir={folder}")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(folder / "sweep.csv")
    assert table["job"].tolist() == ["000-4", "001-8"]
    assert table["search.offspring"].tolist() == [4, 8]
    assert table["calls"].tolist() == [20, 20]
    molecules = pd.read_csv(folder / "000-4" / "top.csv")
    assert table["top10"][0] == pytest.approx(molecules["score"].head(10).mean())
    page = (folder / "sweep.html").read_text()
    assert "2 of 2" in page
    best = pd.read_csv(folder / "top.csv")
    assert best["smiles"].is_unique
    assert best["score"].max() == table["best"].max()
    alone = molgen("design", *QUICK, "search.offspring=8", "seed=1", f"campaign.folder={tmp_path / 'alone'}")
    assert alone.exit_code == 0
    alike = [pd.read_csv(path / "top.csv")["smiles"].tolist() for path in (tmp_path / "alone", folder / "001-8")]
    assert alike[0] == alike[1]


class Killed(Basic):
    """Runs the first job only."""

    def run(self, function: Any, jobs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        name = next(iter(jobs))
        yield from super().run(function, {name: jobs[name]})


def test_a_sweep_goes_on_with_the_jobs_that_are_missing(tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, [*QUICK, "seed=0,1"], ["seed"])
    sweep.add(expand(sweep.settings))
    sweep.run(Killed(), lambda line: None)
    assert [sweep.done(name) for name in sweep.jobs] == [True, False]
    first = (tmp_path / "000-0" / "report.html").stat().st_mtime_ns
    assert "1 of 2" in (molgen("report", str(tmp_path)).output and (tmp_path / "sweep.html").read_text())
    done = molgen("design", f"resume={tmp_path}")
    assert done.exit_code == 0, done.output
    assert all(map(sweep.done, sweep.jobs))
    assert (tmp_path / "000-0" / "report.html").stat().st_mtime_ns == first


def test_a_sweep_whose_cluster_is_gone_says_how_it_goes_on_and_goes_on_without(tmp_path: Path) -> None:
    gone = "hydra.launcher.address=127.0.0.1:1"
    settings = [*QUICK, "seed=0", "hydra/launcher=ray", "hydra.launcher.num_cpus=2", gone]
    sweep = Sweep(tmp_path, settings, ["seed"])
    sweep.add(expand([text for text in settings if not text.startswith("hydra")]))
    stuck = molgen("design", f"resume={tmp_path}", gone)
    assert stuck.exit_code == 1
    assert f"`molgen design resume={tmp_path}` goes on, with hydra.launcher.address=... on another cluster" in stuck.output
    done = molgen("design", f"resume={tmp_path}", "hydra/launcher=basic")
    assert done.exit_code == 0, done.output
    assert sweep.done("000-0")


def test_a_failed_job_leaves_the_others_alone_and_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "library.smi"
    settings = [*QUICK[:1], "campaign.budget=3", "search=screen", f"search.library.path={missing},{tmp_path / 'there.smi'}"]
    for path in (missing, tmp_path / "there.smi"):
        path.write_text("CCO\nCCN\nCCC\n")
    Sweep(tmp_path / "sweep", settings, ["search.library.path"]).add(expand(settings))
    missing.unlink()
    failed = molgen("design", f"resume={tmp_path / 'sweep'}")
    assert failed.exit_code == 1
    assert "000-library.smi  failed" in failed.output
    assert "1 of 2 jobs failed" in failed.output
    page = (tmp_path / "sweep" / "sweep.html").read_text()
    assert "Campaigns that failed" in page
    assert f"{missing}" in page.partition("Campaigns that failed")[2].partition("</table>")[0]
    jobs = pd.read_csv(tmp_path / "sweep" / "sweep.csv")
    assert jobs["problem"].notna().tolist() == [True, False]
    assert jobs["calls"].tolist()[1] == 3
    missing.write_text("CCO\nCCN\nCCC\n")
    assert molgen("design", f"resume={tmp_path / 'sweep'}").exit_code == 0
    assert "Campaigns that failed" not in (tmp_path / "sweep" / "sweep.html").read_text()


def test_whatever_a_job_raises_is_its_own(tmp_path: Path) -> None:
    def job(number: int) -> int:
        return 1 // number

    results = dict(Basic().run(job, {"a": 0, "b": 1}))
    assert isinstance(results["a"], ZeroDivisionError)
    assert results["b"] == 1


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        (["search=genetic"], "several values"),
        (["seed=0,1", "hydra/launcher=rya"], "did you mean 'ray'"),
        (["seed=0,1", "hydra.lancher.num_cpus=2"], "did you mean 'hydra.launcher'"),
        (["seed=0,1", "hydra/launcher=ray", "hydra.launcher.num_cpu=2"], "did you mean 'num_cpus'"),
        (["seed=0,1", "campaign.folder=mine"], "hydra.sweep.dir"),
        (["search=genetic,latnet"], "did you mean 'latent'"),
        (["seed=0,x"], "seed"),
        (["seed=0,1", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=0"], "at least 1, not 0"),
        (["scoring=pmo/qed,pmo/median1", "hydra/sweeper=optuna"], "nothing to choose"),
        (["seed=0,1", "scoring.aggregate.x=interval(0,1)", "hydra/sweeper=optuna"], "belongs to the objective"),
    ],
)
def test_a_wrong_sweep_is_one_line_and_leaves_nothing(settings: list[str], hint: str, tmp_path: Path) -> None:
    found = molgen("design", "-m", *settings, f"hydra.sweep.dir={tmp_path / 'sweep'}")
    assert found.exit_code == 1
    assert hint in found.output
    assert not (tmp_path / "sweep").exists()


def test_intervals_are_those_of_students_t() -> None:
    assert with_interval(pd.Series([1.0, 2.0, 3.0]), "best") == "2.000 ± 2.484"  # 4.303 * 1 / sqrt(3)
    assert with_interval(pd.Series([0.5]), "best") == "0.500"


def test_optuna_chooses_settings_and_goes_on(tmp_path: Path) -> None:
    settings = [*QUICK, "search.breeder.crossover_rate=interval(0.1,0.9)", "search.offspring=4,8"]
    folder = tmp_path / "sweep"
    sweep = Sweep(folder, settings, Optuna().keys(settings))
    lines: list[str] = []
    Optuna(n_trials=2).run(sweep, settings, Basic(), lines.append)
    Optuna(n_trials=3).run(Sweep.read(folder), settings, Basic(), lines.append)
    jobs = Sweep.read(folder)
    labels = [jobs.labels(name) for name in jobs.jobs]
    assert len(labels) == 3
    assert len({label["search.breeder.crossover_rate"] for label in labels}) == 3
    assert all(0.1 <= float(label["search.breeder.crossover_rate"]) <= 0.9 for label in labels)
    areas = {name: found.auc for name in jobs.jobs if (found := jobs.result(name))}
    best = jobs.labels(max(areas, key=lambda name: areas[name]))
    assert lines[-1].endswith("  ".join(f"{key}={value}" for key, value in best.items()))


def test_optuna_tries_no_settings_twice(tmp_path: Path) -> None:
    settings = [*QUICK, "search.offspring=4,8"]
    sweep = Sweep(tmp_path / "sweep", settings, Optuna().keys(settings))
    lines: list[str] = []
    Optuna(n_trials=5).run(sweep, settings, Basic(), lines.append)
    assert sorted(sweep.labels(name)["search.offspring"] for name in sweep.jobs) == ["4", "8"]
    assert "no settings are left to try: 2 jobs, not 5" in lines


def test_several_objectives_are_a_grid_of_searches(tmp_path: Path) -> None:
    quick = [text for text in QUICK if not text.startswith("scoring=")]
    settings = [*quick, "scoring=pmo/qed,pmo/isomers_c7h8n2o2", "search.breeder.crossover_rate=interval(0.1,0.9)"]
    sweep = Sweep(tmp_path, settings, Optuna().keys(settings))
    lines: list[str] = []
    Optuna(n_trials=2, n_jobs=1).run(sweep, settings, Basic(), lines.append)
    labels = [sweep.labels(name) for name in sweep.jobs]
    assert [label["scoring"] for label in labels] == ["pmo/qed"] * 2 + ["pmo/isomers_c7h8n2o2"] * 2
    for objective in ("pmo/qed", "pmo/isomers_c7h8n2o2"):
        (line,) = (line for line in lines if line.startswith(f"best settings for scoring={objective}: "))
        jobs = {name: label for name, label in zip(sweep.jobs, labels, strict=True) if label["scoring"] == objective}
        areas = {name: found.auc for name in jobs if (found := sweep.result(name))}
        best = jobs[max(areas, key=lambda name: areas[name])]
        assert line.endswith(f": search.breeder.crossover_rate={best['search.breeder.crossover_rate']}")


@pytest.mark.parametrize("sweeper", ["basic", "optuna"])
def test_a_sweep_that_is_shown_does_not_run(tmp_path: Path, sweeper: str) -> None:
    asked = ["design", "-m", "--show", "scoring=pmo/qed,pmo/median1", "search=genetic", "seed=3,4", f"hydra/sweeper={sweeper}"]
    shown = molgen(*asked, f"hydra.sweep.dir={tmp_path / 'sweep'}")
    assert shown.exit_code == 0
    configs = list(yaml.safe_load_all(shown.output))
    assert len(configs) == 4
    assert len({config["campaign"]["folder"] for config in configs}) == 4
    if sweeper == "basic":
        assert [config["search"]["seed"] for config in configs] == [3, 4, 3, 4]
    assert not (tmp_path / "sweep").exists()


def test_what_is_left_of_a_sweep_is_shown(tmp_path: Path) -> None:
    sweep = Sweep(tmp_path, ["seed=0,1"], ["seed"])
    sweep.add([[*QUICK, "seed=0"], [*QUICK, "seed=1"]])
    for name in ("report.html", "top.csv"):
        (tmp_path / "000-0" / name).touch()
    (tmp_path / "001-1" / "report.html").touch()  # as `molgen report` leaves it: no sign that the job has ended
    shown = molgen("design", "--show", f"resume={tmp_path}")
    (config,) = yaml.safe_load_all(shown.output)
    assert config["campaign"]["folder"] == str(tmp_path / "001-1")


def test_on_ray_jobs_run_side_by_side_and_one_whose_process_dies_is_tried_again(tmp_path: Path) -> None:
    def job(number: int) -> int:
        if number == 1 and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 2:
            raise ConfigError("two is wrong")
        return os.getpid() // (number != 3)

    launcher = OnRay(num_cpus=0.5)
    with launcher.connected():
        results = dict(launcher.run(job, {"a": 0, "b": 1, "c": 2, "d": 3}))
    assert os.getpid() not in results.values()
    assert isinstance(results["b"], int)
    assert isinstance(results["c"], ConfigError)
    assert isinstance(results["d"], ZeroDivisionError)
    assert "two is wrong" in str(results["c"])
