"""The command that writes a first objective."""

import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from molgen.errors import ConfigError

HEAD = """# {title}
# molgen score molecules.csv scoring={file}
# molgen design scoring={file}
# What else there is: molgen components, molgen components WORD
"""


@click.group()
def new() -> None:
    """Write a file to start from.

    \b
    molgen new goal thrombin.yaml
    """


@new.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("goal.yaml"))
@click.option("--title", help="What the molecules are for, in one line.")
@click.option("--target", help="A protein that they are to bind, such as ABL1(T315I), KIT or EGFR; none for no protein.")
@click.option("--spare", help="Proteins that they are not to bind, with commas between; none for none.")
@click.option("--keep", help="A substructure that they are to have, as SMARTS; none for any.")
@click.option("--like", help="A molecule that they are to resemble, as SMILES; none for no such.")
def goal(file: Path, **answers: str | None) -> None:
    """Ask five questions and write an objective into FILE (goal.yaml), which must not exist yet.

    \b
    molgen new goal
    molgen new goal kit.yaml --title "KIT inhibitors" --target KIT --spare "ABL1(T315I)" --keep none --like none
    """
    if file.exists():
        raise ConfigError(f"{file}: exists already; name another")
    if file.suffix not in (".yaml", ".yml"):
        raise ConfigError(f"{file}: the name of an objective's file ends with .yaml")
    if not file.parent.is_dir():
        raise ConfigError(f"{file}: there is no folder {file.parent}")
    title = _answer("title", answers["title"], {}, "My objective")
    given: dict[str, str] = {}
    for name in QUESTIONS:
        needless = name == "spare" and not given["target"] and answers["spare"] is None
        given[name] = "" if needless else _answer(name, answers[name], given)
    try:
        with file.open("x", encoding="utf-8") as new_file:
            new_file.write(objective(title, file, **given))
    except OSError as error:
        raise ConfigError(f"{file}: can't be written ({error.strerror})") from error
    click.echo(f"objective: {file}")
    click.echo(f"molgen design scoring={shlex.quote(str(file))}")


TITLE = "What are the molecules for?"
QUESTIONS = {
    "target": "Which protein are they to bind? (ABL1(T315I), KIT, EGFR, ...)",
    "spare": "Which proteins are they not to bind? (with commas between)",
    "keep": "Which substructure are they to have? (SMARTS)",
    "like": "Which molecule are they to resemble? (SMILES)",
}


def _answer(name: str, given: str | None, before: Mapping[str, str], default: str = "none") -> str:
    """The answer to a question, asked again until it is valid, unless it was `given` or there is no terminal."""
    while True:
        answer = given
        if answer is None:
            try:
                answer = click.prompt({"title": TITLE, **QUESTIONS}[name], default=default)
            except click.Abort as error:
                if sys.stdin.isatty():
                    raise
                raise ConfigError(f"no answer to --{name}: give --title, --target, --spare, --keep and --like") from error
        answer = "" if answer.strip().lower() in ("none", "") else answer.strip()
        try:
            _check(name, answer, before)
        except ConfigError as error:
            if given is not None or not sys.stdin.isatty():
                raise ConfigError(f"--{name}: {error}") from error
            click.echo(f"{error}")
        else:
            return answer


def _check(name: str, answer: str, before: Mapping[str, str]) -> None:
    """Make the object that an answer describes.

    Raises
    ------
    ConfigError
        It can't be made.
    """
    from molgen.scoring.components.affinity import Affinity, Selectivity
    from molgen.scoring.components.similarity import Similarity
    from molgen.scoring.components.substructure import Substructure

    if not answer:
        return
    if name == "spare" and not before["target"]:
        raise ConfigError("selectivity is between proteins; name the target too")
    made: dict[str, Callable[[], object]] = {
        "target": lambda: Affinity(answer),
        "spare": lambda: Selectivity(before["target"], _names(answer)),
        "keep": lambda: Substructure(answer),
        "like": lambda: Similarity(answer),
    }
    if name in made:
        made[name]()


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def objective(title: str, file: Path, target: str, spare: str, keep: str, like: str) -> str:
    """The text of an objective's file."""
    spared = [_quoted(name) for name in _names(spare)]
    lines = [HEAD.format(title=" ".join(title.split()) or "My objective", file=shlex.quote(str(file))).rstrip("\n")]
    lines.append("terms: # each is brought to 0 to 1 and counts by its weight, 1 if unsaid")
    if target:
        lines.append(f"  potency: {{affinity: {{target: {_quoted(target)}, statistic: lower}}, weight: 2}} # pKd less its error")
    if spared:
        lines.append(
            f"  selectivity: {{selectivity: {{target: {_quoted(target)}, off_targets: [{', '.join(spared)}]}}}} # log units"
        )
    if like:
        lines.append(f"  likeness: {{similarity: {_quoted(like)}, transform: {{clip: 0.7}}}} # Tanimoto; 0.7 is enough")
    lines += [
        "  drug_likeness: qed",
        "  synthesis: {sa_score: {}, transform: {linear: {low: 6, high: 2.5}}} # 1 is easy, 10 is hard",
        "  solubility: {descriptor: esol, transform: {sigmoid: {low: -6, high: -3.5}}} # log mol/L",
        "  # tpsa: {descriptor: tpsa, transform: {double_sigmoid: {low: 60, high: 120, divisor: 500}}} # a window, square Å",
        "filters: # a molecule outside of one of these scores 0",
        "  alerts: {alerts: [PAINS, BRENK], maximum: 0}",
        "  size: {descriptor: heavy_atoms, minimum: 10, maximum: 45}",
    ]
    if keep:
        lines.append(f"  motif: {{substructure: {_quoted(keep)}, minimum: 1}}")
    lines.append("aggregate: geometric_mean # one term at 0 makes the score 0; or arithmetic_mean, minimum, product")
    return "\n".join(lines) + "\n"
