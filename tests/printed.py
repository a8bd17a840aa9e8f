"""What the documentation prints: the blocks of a page, and the programs that its shell blocks start.

A shell block is read by bash, so quotes, comments, continued lines and expansions mean what they mean in a terminal. Programs are
replaced by functions that only note their arguments.
"""

import json
import os
import re
import subprocess
import tempfile
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^\n]+?) -->\n)?^(?P<indent> *)```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?[^\n]*\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
SHELLS = ("sh", "bash")
PROGRAMS = ("molgen", "make", "git", "pip", "ray", "sbatch", "torchrun", "curl", "docker", "kubectl", "python", "ssh")
NOTE = 'printf "%s\\0" "MOLGEN_TRUST=${MOLGEN_TRUST-}" "MOLGEN_CACHE=${MOLGEN_CACHE-}" "$FUNCNAME" "$@"; printf "\\n\\0"'


@dataclass
class Block:
    """What stands between two fences."""

    language: str
    text: str
    title: str | None = None
    reason: str | None = None
    line: int = 0


@dataclass
class Call:
    """A program that a shell block starts."""

    program: str
    arguments: list[str]
    variables: dict[str, str] = field(default_factory=dict)


def blocks_of(path: Path) -> list[Block]:
    """The fenced blocks of a page, or the cells of a notebook."""
    if path.suffix != ".ipynb":
        return blocks(path.read_text())
    cells = json.loads(path.read_text())["cells"]
    return [_cell("".join(cell["source"]), number) for number, cell in enumerate(cells) if cell["cell_type"] == "code"]


def _cell(text: str, number: int) -> Block:
    first, _, rest = text.partition("\n")
    if first == "%%bash":
        return Block("sh", rest, line=number)
    if first.startswith("%%writefile "):
        title = first.split()[1]
        return Block({".py": "python", ".yaml": "yaml"}.get(Path(title).suffix, "text"), rest + "\n", title, line=number)
    return Block("python", text, line=number)


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [
        Block(
            found["language"],
            textwrap.dedent(found["text"]),
            found["title"],
            found["reason"],
            text[: found.start()].count("\n") + 1,
        )
        for found in BLOCK.finditer(text)
    ]


def calls(script: str, folder: Path) -> list[Call]:
    """The programs that bash starts for `script`, with their arguments as bash understands them."""
    with tempfile.NamedTemporaryFile() as notes:  # beside what the script prints, which it may send elsewhere
        functions = "".join(f'{name}() {{ {NOTE}; }} >> "{notes.name}"\n' for name in PROGRAMS)
        ran = subprocess.run(
            ["bash", "-eu", "-c", functions + script],
            cwd=folder,
            capture_output=True,
            text=True,
            env=os.environ | {"PATH": "/usr/bin:/bin"},
        )
        assert ran.returncode == 0, f"{script}\n{ran.stderr}"
        noted = Path(notes.name).read_text()
    found = []
    for record in noted.split("\0\n\0") if noted else []:
        if record:
            *variables, program, arguments = _split(record)
            found.append(Call(program, arguments, dict(text.split("=", 1) for text in variables)))
    return found


def _split(record: str) -> list[Any]:
    trust, cache, program, *arguments = record.split("\0")
    return [trust, cache, program, arguments]


def examples(help_text: str) -> list[str]:
    """The lines of a command's help that a reader would paste."""
    return [
        line.strip()
        for line in help_text.splitlines()
        if re.match(r" *(MOLGEN_\w+=\S+ )?molgen \w", line) and "Usage" not in line
    ]
