"""The command that explains settings, and the page of all of them."""

import inspect
import re
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

import click
import yaml

from molgen.classes import hints, locate, type_name
from molgen.config import compose, conf_dir, options, to_plain
from molgen.errors import ConfigError, nearest
from molgen.explained import explained

OBJECTIVE = {
    "": "Scorer",
    "terms.NAME": "Term",
    "filters.NAME": "Filter",
}  # of an objective
COMMENT = re.compile(r"\s#\s*(.*)$")


@dataclass(frozen=True)
class Setting:
    """A setting: its key, type, default and explanation."""

    key: str
    type: str
    default: str
    about: str


def groups() -> list[str]:
    """Folders of `conf/` from which a command takes one file."""
    return sorted(path.name for path in conf_dir().iterdir() if path.is_dir() and any(path.rglob("*.yaml")))


def commands() -> list[str]:
    """The files of `conf/` with the settings of a command."""
    return sorted(path.stem for path in conf_dir().glob("*.yaml") if path.stem != "group")


def settings_of_file(group: str, name: str) -> list[Setting]:
    """Every setting below `GROUP.` with `GROUP=NAME`."""
    if group == "scoring":
        kinds = {place: locate(f"molgen.scoring.scorer.{kind}") for place, kind in OBJECTIVE.items()}
        return [row for place, kind in kinds.items() for row in _of_class(kind, {}, f"{group}.{place}".rstrip("."), {})]
    node = to_plain(compose("group", [f"+{group}={name}", "+seed=0", *_run(group)])[group])
    return list(_of_class(locate(node["_target_"]), node, group, comments(f"{group}/{name}")))


def _run(group: str) -> list[str]:
    return ["+table={delimiter: null, encoding: null}"] if group == "data" else []


def settings_of_command(command: str) -> list[Setting]:
    """The settings of a command, without those of its groups."""
    said = comments(command)
    base = yaml.safe_load((conf_dir() / f"{command}.yaml").read_text(encoding="utf-8"))
    base.pop("defaults", None)
    return list(_of_command(base, "", said))


def _of_command(node: dict[str, Any], path: str, said: dict[str, str]) -> Iterator[Setting]:
    for key, value in node.items():
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) and "_target_" in value:
            yield from _of_class(locate(value["_target_"]), value, where, {})
        elif isinstance(value, dict):
            yield from _of_command(value, where, said)
        else:
            kind = "" if value in (None, "???") else type_name(type(value))
            yield Setting(where, kind, _shown(value), said.get(where, ""))


def _of_class(kind: Any, node: dict[str, Any], path: str, said: dict[str, str]) -> Iterator[Setting]:
    """The settings of a class for which a file gives the values `node`."""
    known, about = hints(kind), explained(kind)
    for key, parameter in inspect.signature(kind).parameters.items():
        if typing.get_origin(known.get(key)) is type:  # for Python alone
            continue
        where = f"{path}.{key}"
        text = about.get(key) or said.get(where.partition(".")[2], "")
        value = node.get(key, "required" if parameter.default is parameter.empty else parameter.default)
        if isinstance(value, dict) and "_target_" in value:
            inner = locate(value["_target_"])
            yield Setting(where, type_name(known.get(key, Any)), f"{inner.__name__}, with the settings below", text)
            yield from _of_class(inner, value, where, said)
        else:
            yield Setting(where, type_name(known.get(key, Any)), _shown(value), text)


def _shown(value: Any) -> str:
    if type(value).__name__ == "_HAS_DEFAULT_FACTORY_CLASS":
        return "empty, or the usual one"
    if isinstance(value, str):
        return {"???": "required", "": "''"}.get(value, re.sub(r"\d{8}-\d{6}-\d{6}", "DATE-TIME", value))
    if value is None or isinstance(value, bool | int | float | list | dict):
        return yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("\n").removesuffix("\n...")
    return str(value)


@cache
def comments(name: str) -> dict[str, str]:
    """Explanations of keys in the comments of `conf/NAME.yaml` and of the files it builds on."""
    text = (conf_dir() / f"{name}.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for entry in (yaml.safe_load(text) or {}).get("defaults", []):
        if isinstance(entry, str) and entry != "_self_":
            found |= comments(f"{name.partition('/')[0]}/{entry.removesuffix('@_here_')}")
    return found | dict(_comments(yaml.compose(text), "", text.splitlines()))


def _comments(node: Any, path: str, lines: list[str]) -> Iterator[tuple[str, str]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        where = f"{path}.{key.value}".lstrip(".")
        mark = value.end_mark if value.end_mark.line == key.end_mark.line else key.end_mark
        if match := COMMENT.search(lines[mark.line][mark.column :]):
            yield where, match.group(1)
        yield from _comments(value, where, lines)


def as_markdown() -> str:
    """Every setting of every group and command, as a page."""
    parts = [
        "# Settings\n",
        "What `KEY=VALUE` can set behind a command; what objectives are made of is in [components](components.md).",
        "Made by `molgen settings --markdown`.\n\n## Commands",
    ]
    for command in commands():
        if rows := settings_of_command(command):
            parts += [f"\n### {command}\n", _header(command), *_table(rows)]
    for group in groups():
        parts.append(f"\n## {group}")
        seen: list[list[Setting]] = []
        for name in options(group):
            rows = settings_of_file(group, name)
            parts.append(f"\n`{group}={name}`: {_header(f'{group}/{name}')}")
            if [(row.key, row.about) for row in rows] not in [[(row.key, row.about) for row in other] for other in seen]:
                seen.append(rows)
                parts += _table(rows)
    return "\n".join(parts) + "\n"


def _header(name: str) -> str:
    """The comment at the top of a file."""
    lines = (conf_dir() / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    said = [line.removeprefix("# ") for line in takewhile(lambda line: line.startswith("#"), lines)]
    return " ".join(f"`{line}`" if line.startswith("molgen ") else line for line in said)


def _table(rows: list[Setting]) -> list[str]:
    cells = [[f"`{row.key}`", row.type, row.default, row.about] for row in rows]
    lines = [f"| {' | '.join(text.replace('|', '&#124;') for text in row)} |" for row in cells]
    return ["\n| setting | type | default | what it is |\n|---|---|---|---|", *lines]


@click.command()
@click.argument("choice", required=False)
@click.option("--markdown", is_flag=True, help="Print all of them as a page.")
def settings(choice: str | None, markdown: bool) -> None:
    """Explain the settings of a command, or those below a group with GROUP=NAME.

    \b
    molgen settings
    molgen settings design
    molgen settings search
    molgen settings search=surrogate
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    group, _, name = (choice or "").partition("=")
    known = [*commands(), *groups()]
    if not group:
        click.echo(f"commands: {', '.join(commands())}\ngroups: {', '.join(groups())}\n")
        click.echo("molgen settings design, or molgen settings search=surrogate")
        return
    if group not in known or (name and (group not in groups() or name not in options(group))):
        several = options(group) if group in groups() else known
        raise ConfigError(f"{choice}: no such settings{nearest(name or group, several)}; known: {', '.join(several)}")
    if group in groups() and not name and group not in commands():
        for option in options(group):
            click.echo(f"{group}={option}: {_header(f'{group}/{option}')}")
        return
    table = Table("setting", "type", "default", "what it is", box=None)
    for row in settings_of_file(group, name) if name else settings_of_command(group):
        table.add_row(*(escape(text) for text in (row.key, row.type, row.default, row.about)))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
