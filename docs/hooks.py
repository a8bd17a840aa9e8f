"""What mkdocs makes besides the pages: the help of every command, and the tutorials' notebooks as pages."""

import json
from pathlib import Path
from typing import Any

import click
from mkdocs.structure.files import File, Files

from molgen.cli.commands import main

MARK = "<!-- commands -->"


def on_files(files: Files, config: Any) -> Files:
    """Add a page for every notebook."""
    for file in [file for file in files if file.src_uri.endswith(".ipynb")]:
        page = as_markdown(json.loads(Path(file.abs_src_path or "").read_text()))
        files.append(File.generated(config, file.src_uri.replace(".ipynb", ".md"), content=page))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the help of every command in the place of the mark; links to notebooks lead to their pages."""
    help_texts = "\n".join(_sections(main, click.Context(main, info_name="molgen"))) if MARK in markdown else ""
    return markdown.replace(MARK, help_texts).replace(".ipynb)", ".md)")


def as_markdown(notebook: dict[str, Any]) -> str:
    """A notebook as a page: text, cells, and what they printed."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        first, _, rest = source.partition("\n")
        if first == "%%bash":
            parts.append(f"```sh\n{rest}\n```")
        elif first.startswith("%%writefile "):
            title = first.split()[1]
            parts.append(f'```{title.rpartition(".")[2]} title="{title}"\n{rest}\n```')
        else:
            parts.append(f"```python\n{source}\n```")
        parts += [shown for output in cell["outputs"] if (shown := _output(output))]
    return "\n\n".join(parts) + "\n"


def _output(output: dict[str, Any]) -> str:
    data = output.get("data", {})
    if "text/html" in data:
        return "".join(data["text/html"])
    text = "".join(output.get("text") or data.get("text/plain", ""))
    return f"```text\n{text.rstrip()}\n```" if text.strip() else ""


def _sections(group: click.Group, context: click.Context) -> list[str]:
    lines: list[str] = []
    for name in sorted(group.commands):
        command = group.commands[name]
        inner = click.Context(command, info_name=name, parent=context, max_content_width=110)
        lines += [f"## {inner.command_path}", "", "```text", command.get_help(inner), "```", ""]
        if isinstance(command, click.Group):
            lines += _sections(command, inner)
    return lines
