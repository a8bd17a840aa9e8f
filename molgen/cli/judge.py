"""The command that says what chemists think of a run's molecules."""

import re
from pathlib import Path

import click

from molgen.cli.errors import printable
from molgen.errors import ConfigError, nearest

KEYS = {"reject": ("reason", "who"), "learn": ("weight",), "list": ("output",)}
ACTIONS = ("star", "reject", "prefer", "withdraw", "list", "learn")
SETTING = re.compile(r"(reason|who|weight|output)=")  # SMILES have = as well
OVER = "over"


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("action", default="list")
@click.argument("words", nargs=-1)
def judge(run: Path, action: str, words: tuple[str, ...]) -> None:
    """Say what you think of molecules in RUN, the folder of a campaign, also of one that goes on; what is said is kept as facts.

    \b
    molgen judge runs/soluble star 'CCOc1ccccc1' 'Cc1ccncc1'
    molgen judge runs/soluble reject 'CCN=[N+]=[N-]' reason='azide' who=Anna
    molgen judge runs/soluble prefer 'CCOc1ccccc1' over 'CCCc1ccccc1'
    molgen judge runs/soluble withdraw 'CCOc1ccccc1'                         # nothing is erased: this is a fact, too
    molgen judge runs/soluble withdraw 'CCOc1ccccc1' over 'CCCc1ccccc1'
    molgen judge runs/soluble list output=judgements.csv                     # what stands; goes on to molgen observe --rejected
    molgen judge runs/soluble learn weight=0.5                               # a term of the objective, once it is resumed

    A rejected molecule, its salts and its stereoisomers are never scored again once the campaign is resumed. A new campaign
    learns from judgements with '+scoring.terms.liked={liked: runs/soluble}'.
    """
    from molgen.runs.judging import JudgedRun
    from molgen.runs.relearning import learn_from_judgements
    from molgen.scoring.judgements import PREFER, together

    if action not in ACTIONS:
        raise ConfigError(f"no action '{action}'{nearest(action, ACTIONS)}; there are {', '.join(ACTIONS)}")
    given = {text.partition("=")[0]: text.partition("=")[2] for text in words if SETTING.match(text)}
    smiles = [text for text in words if not SETTING.match(text)]
    known = KEYS.get(action, ("who",))
    if wrong := next((key for key in given if key not in known), None):
        raise ConfigError(f"{wrong}=: not for {action}, which takes {', '.join(known)}")
    judged = JudgedRun(run, given.get("who", ""))
    if action == "list":
        _list(judged.judgements, given.get("output"), smiles)
        return
    if action == "learn":
        name = learn_from_judgements(run, _weight(given.get("weight", "1"), smiles))
        click.echo(f"{together(judged.judgements.standing)} in the term {name}; molgen design resume={run} goes on with it")
        return
    pair = _pair(smiles) if action == "prefer" or OVER in smiles else None
    if pair is not None:
        found = judged.withdraw_preference(*pair) if action == "withdraw" else judged.prefer(*pair)
    elif not smiles:
        raise ConfigError(f"name molecules: molgen judge {run} {action} 'CCO'")
    elif action == "reject":
        found = judged.reject(smiles, given.get("reason", ""))
    else:
        found = judged.withdraw(smiles) if action == "withdraw" else judged.star(smiles)
    for fact in found:
        beside = f" over {fact.over_given}" if fact.kind == PREFER else f" ({fact.reason})" if fact.reason else ""
        click.echo(printable(f"{fact.kind} {fact.given}{beside}"))
    if not found:
        click.echo("said before; nothing is new")


def _pair(words: list[str]) -> tuple[str, str]:
    if len(words) != 3 or words[1] != OVER:
        raise ConfigError("a preference is written: prefer 'CCOc1ccccc1' over 'CCCc1ccccc1'")
    return words[0], words[2]


def _weight(text: str, rest: list[str]) -> float:
    if rest:
        raise ConfigError(f"'{rest[0]}': learn takes weight=NUMBER")
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(f"weight={text}: must be a number, such as 0.5") from error


def _list(judgements: object, output: str | None, rest: list[str]) -> None:
    """Print what stands, or write it."""
    from molgen.data.readers import check_output, write_table
    from molgen.scoring.judgements import PREFER, Judgements, together

    assert isinstance(judgements, Judgements)
    if rest:
        raise ConfigError(f"'{rest[0]}': list takes output=FILE")
    if output is not None:
        check_output(output)
        write_table(judgements.table(), Path(output))
        click.echo(f"{together(judgements.standing)}: {output}")
        return
    for fact in judgements.standing:
        beside = f" over {fact.over_given}" if fact.kind == PREFER else f" ({fact.reason})" if fact.reason else ""
        click.echo(printable(f"{fact.time:%Y-%m-%d %H:%M}  {fact.who}  {fact.kind} {fact.given}{beside}"))
    click.echo(together(judgements.standing))
