"""Sweeps: many campaigns by one command."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import yaml

from molgen.cli.common import stopping
from molgen.config import compose_group
from molgen.errors import ConfigError, nearest

SETTINGS = ("hydra/launcher", "hydra/sweeper", "hydra.launcher.", "hydra.sweeper.", "hydra.sweep.dir")
ELSEWHERE = "hydra.launcher.address=... on another cluster (hydra/launcher=basic on none)"


def sweep(overrides: Sequence[str], show: bool) -> None:
    """Begin the sweep of `molgen design -m`, or only show the settings of its jobs."""
    from molgen.runs.run import check_free
    from molgen.runs.sweep import Sweep

    ours, campaigns = _split(overrides)
    folder = Path(ours.pop("hydra.sweep.dir", f"runs/sweep-{datetime.now():%Y%m%d-%H%M%S-%f}"))
    for key in ("campaign.folder", "resume"):
        if any(text.startswith(f"{key}=") for text in campaigns):
            raise ConfigError(f"{key}: the jobs of a sweep have folders of their own in hydra.sweep.dir={folder}")
    sweeper = _built("sweeper", ours)
    begun = Sweep(folder, list(overrides), sweeper.keys(campaigns))
    if show:
        _show(begun, begun.named(sweeper.known(campaigns)))
        return
    check_free(folder, key="hydra.sweep.dir")
    _run(begun, overrides)


def resume(folder: Path, overrides: Sequence[str], show: bool) -> None:
    """Resume a sweep, or show what is left of it; `overrides` can change where it runs."""
    from molgen.runs.settings import ask_for_cluster
    from molgen.runs.sweep import Sweep

    ours, others = _split(overrides)
    if others:
        raise ConfigError(f"{others[0]}: a sweep goes on as it began; only hydra/launcher and hydra.launcher.* can change")
    found = Sweep.read(folder)
    if show:
        _show(found, {name: job for name, job in found.jobs.items() if not found.done(name)})
        return
    another = "hydra/launcher" in ours  # takes none of the settings of the one before
    begun = [text for text in found.settings if not (another and text.startswith("hydra.launcher."))]
    launcher = {} if "hydra.launcher.address" in ours else {"address": _split(begun)[0].get("hydra.launcher.address")}
    for config in ({"cluster": launcher}, *map(found.config, found.jobs)):
        ask_for_cluster(config, folder)
    _run(found, [*begun, *overrides])


def _show(found: Any, jobs: Mapping[str, Sequence[str]]) -> None:
    """Print the settings of `jobs`, one YAML document per job."""
    for name, config in found.configs(jobs).items():
        config["campaign"]["folder"] = str(found.folder / name)
        click.echo(f"--- # {' '.join(jobs[name])}\n{yaml.safe_dump(config, sort_keys=False)}", nl=False)


def is_sweep(folder: str) -> bool:
    """Whether there is a sweep in `folder`."""
    return (Path(folder) / "sweep.yaml").exists()


def report(folder: str) -> Path:
    """Compare the campaigns of a sweep so far; return the path of the page."""
    from molgen.runs.sweep import Sweep

    return Sweep.read(Path(folder)).write_report()


def _run(found: Any, overrides: Sequence[str]) -> None:
    from molgen.runs.resuming import resumable

    ours, campaigns = _split(overrides)
    sweeper, launcher = _built("sweeper", ours), _built("launcher", ours)
    kept = f"nothing is lost: molgen design resume={found.folder}"
    with stopping(kept, found.folder), resumable(found.folder, elsewhere=ELSEWHERE), launcher.connected():
        failed = sweeper.run(found, campaigns, launcher, click.echo)
    if len(failed) < len(found.jobs):
        click.echo(f"report: {found.write_report()}")
    if failed:
        click.echo(
            f"{len(failed)} of {len(found.jobs)} jobs failed; try them again: molgen design resume={found.folder}", err=True
        )
        sys.exit(1)


def _split(overrides: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The settings of the sweep itself, and those of its campaigns."""
    ours = {text.partition("=")[0]: text.partition("=")[2] for text in overrides if text.startswith("hydra")}
    for key in ours:
        if not key.startswith(SETTINGS):
            known = [setting.rstrip(".") for setting in SETTINGS]
            raise ConfigError(f"unknown key '{key}'{nearest(key, known)}; known here: {', '.join(known)}")
    return ours, [text for text in overrides if not text.startswith("hydra")]


def _built(group: str, ours: dict[str, str]) -> Any:
    """The launcher or sweeper that is chosen by `hydra/GROUP=NAME` and `hydra.GROUP.KEY=VALUE`."""
    changes = [f"{key.removeprefix('hydra.')}={value}" for key, value in ours.items() if key.startswith(f"hydra.{group}.")]
    return compose_group(group, ours.get(f"hydra/{group}", "basic"), changes)
