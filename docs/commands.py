"""A hook of mkdocs: the page of commands is what `molgen COMMAND --help` prints, so it can't grow old."""

from typing import Any

import click

from molgen.cli.commands import main

MARK = "<!-- commands -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the help of every command in the place of the mark."""
    return markdown.replace(MARK, "\n".join(_sections(main, click.Context(main, info_name="molgen"))))


def _sections(group: click.Group, context: click.Context) -> list[str]:
    lines: list[str] = []
    for name in sorted(group.commands):
        command = group.commands[name]
        inner = click.Context(command, info_name=name, parent=context, max_content_width=110)
        lines += [f"## {inner.command_path}", "", "```text", command.get_help(inner), "```", ""]
        if isinstance(command, click.Group):
            lines += _sections(command, inner)
    return lines
