"""The commands of rounds with the laboratory."""

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from molgen.cli.common import library, settings_of, stopping, with_overrides
from molgen.config import expect
from molgen.errors import ConfigError, nearest
from molgen.progress import progress

READING = {"dates": "", "who": "", "column": "", "table.delimiter": "", "table.encoding": ""}
NEW = {"goals": "", "data": "", "database": "", **READING}


@click.group()
def project() -> None:
    """Rounds with the laboratory: a project keeps goals, measurements and proposals.

    \b
    molgen project new thrombin goals=goals.yaml data=assay.xlsx
    molgen project status thrombin
    molgen project goals thrombin new_goals.yaml
    """


@project.command("new")
@click.argument("name", type=click.Path(path_type=Path))
@click.argument("settings", nargs=-1)
def new_project(name: Path, settings: tuple[str, ...]) -> None:
    """Make the project NAME, a folder, with goals and what was measured before.

    \b
    molgen project new thrombin goals=goals.yaml
    molgen project new thrombin goals=goals.yaml data=assay.xlsx,old.csv dates=day_first
    molgen project new thrombin goals=goals.yaml database=postgresql+psycopg://me@host/projects

    docs/how-to/laboratory.md shows what goals.yaml says. The files of data= are read as by molgen observe.
    """
    from molgen.project.project import Project
    from molgen.project.status import status as lines_of

    given = _given(settings, NEW)
    if not given["goals"]:
        raise ConfigError(f"goals: name the file that says what is wanted: molgen project new {name} goals=goals.yaml")
    files = [Path(text.strip()) for text in given["data"].strip("[]").split(",") if text.strip()]
    made, read = Project.new(name, Path(given["goals"]), files, database=given["database"], **_reading(given))
    for observed in read:
        _say(observed.lines())
    _say(lines_of(made))
    click.echo(f"project: {name}")


@project.command("status")
@click.argument("name", type=click.Path(path_type=Path))
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
def project_status(name: Path, show: bool) -> None:
    """Say where the project NAME stands: rounds, the best so far, what is pending; and draw its page.

    \b
    molgen project status thrombin
    molgen project status thrombin --open

    NAME/project.html shows rounds on a time axis, predicted against measured values, tables of R groups, matched pairs, a map of
    all compounds and what changed since the last round. It opens offline and prints.
    """
    from molgen.project.overview import write_page
    from molgen.project.project import Project
    from molgen.project.status import status as lines_of

    opened = Project.open(name)
    _say(lines_of(opened))
    page = write_page(opened, datetime.datetime.now(tz=datetime.UTC).date())
    click.echo(f"page: {page}")
    if show:
        click.launch(str(page))


@project.command("goals")
@click.argument("name", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
def change_goals(name: Path, file: Path) -> None:
    """Give the project NAME the goals in FILE; those before them are kept, with who changed them and when.

    \b
    molgen project goals thrombin new_goals.yaml

    Nothing that was measured or proposed changes. The goals must go with what was measured: its units, and its assays.
    """
    from molgen.project.creation import GOALS
    from molgen.project.goal_changes import goal_differences
    from molgen.project.project import Project

    opened = Project.open(name)
    lines = goal_differences(opened.folder / GOALS, file, opened.measurements())
    opened.change_goals(file)
    _say(lines or ["no goal is another"])


@click.command()
@click.argument("name", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rejected", is_flag=True, help="FILE holds compounds that were crossed out, with a reason each.")
@click.option("--correct", is_flag=True, help="Values of FILE replace earlier ones, which are kept as facts.")
@click.option("--again", is_flag=True, help="Values that equal known ones but for a missing date or name are repeats.")
@click.argument("settings", nargs=-1)
def observe(name: Path, file: Path, rejected: bool, correct: bool, again: bool, settings: tuple[str, ...]) -> None:
    """Take what the laboratory sent in FILE into the project NAME.

    \b
    molgen observe thrombin results.csv
    molgen observe thrombin results.csv dates=day_first who=Anna
    molgen observe thrombin crossed_out.csv --rejected
    molgen observe thrombin corrected.csv --correct

    What the project has already is left as it is, so a table that grows can be given again and again.
    """
    from molgen.project.creation import GOALS
    from molgen.project.project import Project

    if (file / GOALS).is_file() and not (name / GOALS).is_file():
        raise ConfigError(f"{name}: no project there; the project comes first: molgen observe {file} {name}")
    if rejected + correct + again > 1:
        raise ConfigError("--rejected, --correct and --again: one of them")
    given = _given(settings, READING)
    _say(Project.open(name).observe(file, rejected=rejected, correct=correct, again=again, **_reading(given)).lines())


def _given(settings: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """KEY=VALUE as a mapping, with what isn't given as in `known`."""
    found = dict(known)
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"'{text}': settings are written key=value; known: {', '.join(known)}")
        if key not in known:
            raise ConfigError(f"unknown key '{key}'{nearest(key, known)}; known here: {', '.join(known)}")
        found[key] = value
    return found


def _reading(given: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {key.removeprefix("table."): given[key] or None for key in READING}
    return {**found, "who": given["who"]}


def _say(lines: Sequence[str]) -> None:
    from molgen.cli.errors import printable

    for line in lines:
        click.echo(printable(line))


@click.command()
@click.argument("name", type=click.Path(path_type=Path))
@with_overrides
def propose(name: Path, overrides: tuple[str, ...]) -> None:
    """Propose the next round of the project NAME: compounds to make and measure.

    \b
    molgen propose thrombin                                            # 24 compounds that a search writes
    molgen propose thrombin n=48 per_scaffold=2 explore=0.2
    molgen propose thrombin n=48 from=library library=enamine.smi.gz cluster=local
    molgen propose thrombin from=both library=vendor.csv price=EUR spend=5000
    molgen propose thrombin n=48 from=routes stock=real_blocks steps=3 # compounds with their routes

    The round's folder, NAME/rounds/001, gets proposals.xlsx, .html, .sdf and .csv: what is expected of each compound, the chance
    that it meets all goals, the nearest measured compound, what it is there for, and its route if it has one; order.csv is what
    to order for all routes. Cross out what won't be made in the workbook or on the page, and tell it:
    molgen observe NAME FILE --rejected.
    """
    from molgen.cluster.base import Cluster
    from molgen.project.assays import assay_lines
    from molgen.project.facts import CONTROL, REPEAT
    from molgen.project.project import Project
    from molgen.project.proposals import unwritten, write_round
    from molgen.project.proposing import propose as next_round
    from molgen.project.round_settings import Proposing
    from molgen.runs.settings import made

    config = settings_of("propose", overrides)
    cluster = made(config.pop("cluster"), "cluster", Cluster)  # type: ignore[type-abstract]
    expect(
        config, n=int, library=str | None, column=str | None, price=str | None, spend=float | None, per_scaffold=int | None,
        per_series=int | None, explore=float | None, budget=int, near=float, rule=str, seed=int, controls=int | list[str],
        repeats=int, stock=str, reactions=str | None, steps=int, only=list[str], without=list[str], price_limit=float | None,
        shared=float, scale=float, **{"yield": float},
    )  # fmt: skip
    if config["library"] is not None:
        path, reads = library(config["library"], {"column": config["column"]})
        config |= {"library": path, "column": reads["column"]}
    if isinstance(config["controls"], list):
        config["controls"] = tuple(config["controls"])
    config |= {name: tuple(config[name]) for name in ("only", "without")}
    settings = Proposing(origin=config.pop("from"), yield_=config.pop("yield"), **config)
    opened = Project.open(name)
    if behind := unwritten(opened):
        for number in behind:
            write_round(opened, number)
        click.echo(
            f"round {behind[-1]} was chosen before, but its files weren't written: {name / 'rounds' / f'{behind[-1]:03d}'}"
        )
        click.echo("the same command again proposes the next round")
        return
    with (
        stopping(f"nothing was proposed yet; molgen propose {name} with the same settings goes on", name),
        progress("looking") as told,
    ):
        found = next_round(opened, settings, cluster, told)
        files = write_round(opened, found[0].round)
    purposes = Counter(fact.purpose for fact in found)
    again = {purpose: count for purpose in (CONTROL, REPEAT) if (count := purposes.pop(purpose, 0))}
    parts = [f"{count} to {purpose}" for purpose, count in purposes.most_common()]
    parts += [f"{count} {purpose}{'s' * (count != 1)}" for purpose, count in again.items()]
    click.echo(f"round {found[0].round}: {len(found)} compounds: {', '.join(parts)}")
    if len(found) < settings.n:
        click.echo(f"fewer than the {settings.n:,} asked for: the candidates and the limits allow no more")
    _say([f"{goal} is predicted {line}" for goal, line in assay_lines(opened.goals, opened.measurements()).items()])
    for file in files:
        click.echo(f"{file.stem}: {file}")
