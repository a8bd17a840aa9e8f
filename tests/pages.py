"""Runs what the documentation prints, as a reader would paste it; as a program, with an installation of molgen elsewhere.

- A shell block is read by bash, so quotes, comments, continued lines and expansions mean what they mean in a terminal. Programs
  are replaced by functions that only note their arguments; `molgen` is then called as its entry point says, with exactly these
  and a small budget after them (`small`).
- A Python block is run; all blocks of a page share names, as in a session.
- A YAML block with a title becomes a file of that name. An objective is also loaded.
- `<!-- not run: REASON -->` before a block: its commands are only parsed, and their settings composed.

`python -P tests/pages.py INSTALLATION` reads requests from standard input, one JSON object per line (`page` or `command`, the
`folder` to be in, the `address` of a service), and answers each with one: `problem`, and how many blocks or lines it `ran`.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import traceback
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import molgen
from molgen import Scorer
from molgen.cli.commands import main
from molgen.config import conf_dir
from molgen.trust import UntrustedError, take_trust

BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^\n]+?) -->\n)?^(?P<indent> *)```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?[^\n]*\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
SHELLS = ("sh", "bash")
SMALL = ("campaign.budget=16", "campaign.batch=8")
ANSWERS = "Kinase inhibitors\nABL1\nKIT\nnone\nnone\n"  # to what `molgen new goal` asks
FEW = ("search.library=60",)
LONG = re.compile(  # examples of --help that are only composed: pages run their like, or they need what no reader has yet
    "molgen (design|train|screen|serve|benchmark|report|receptor|data fetch|predict .*predictor=train/|sample model=runs/)"
)
PROGRAMS = ("molgen", "make", "git", "pip", "ray", "sbatch", "torchrun", "curl", "docker", "kubectl", "python", "ssh")
SERVICE = "http://127.0.0.1:8000"
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


def invoke(arguments: Sequence[str]) -> str:
    """What `molgen ARGUMENTS` prints; it must succeed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(ANSWERS))
        try:
            main.main(list(arguments), prog_name="molgen", standalone_mode=False)
        except (click.ClickException, SystemExit) as error:
            if not isinstance(error, SystemExit) or error.code:
                raise AssertionError(f"molgen {' '.join(arguments)}: {getattr(error, 'message', error)}") from error
    return out.getvalue()


def small(arguments: Sequence[str]) -> list[str]:
    """The same on few molecules with few workers, however many a page allows."""
    command, *rest = arguments
    if "--show" in rest:
        return [command, *rest]
    if "cluster=local" in rest:
        rest.append("cluster.workers.number=2")
    if command == "train" and not any(text.startswith("predictor=") for text in rest):
        rest.append("trainer.epochs=1")
    if command == "sample":
        rest.append("n=10")
    if command == "design" and not any(text.startswith("resume=") for text in rest):
        rest = [re.sub(r"^seed=range\(\d+\)$", "seed=range(2)", text) for text in rest]
        search = next((text.removeprefix("search=") for text in rest if text.startswith("search=")), "surrogate")
        rest += [*SMALL, *(FEW if search in ("surrogate", "hybrid") else ())]
    return [command, *rest]


def check(arguments: Sequence[str]) -> None:
    """Whether a command that isn't run would be understood: it exists, and its settings compose."""
    name, *rest = take_trust(arguments)
    assert name in main.commands, f"no command {name}"
    command = main.commands[name]
    if "-h" in rest or "--help" in rest or isinstance(command, click.Group) or any(text.startswith("resume=") for text in rest):
        return
    if any("--show" in parameter.opts for parameter in command.params):
        invoke([name, *rest, *(() if "--show" in rest else ("--show",))])


def run_page(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> int:
    """Run all blocks of a page in `folder`; how many there were."""
    names: dict[str, Any] = {"__name__": "__main__"}
    found = blocks_of(path)
    for block in found:
        with _where(path, block):
            if block.title:
                (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
                (folder / block.title).write_text(block.text)
            if block.language in SHELLS:
                run_shell(block, folder, monkeypatch, address)
            elif block.language == "python" and not block.reason and not block.title:
                text = block.text.replace(SERVICE, address)
                exec(compile(text, f"{path.name}:{block.line}", "exec", dont_inherit=True), names)
            elif block.language == "python":
                compile(block.text, f"{path.name}:{block.line}", "exec")
            elif block.language == "yaml":
                load_yaml(block, folder)
    return len(found)


def run_shell(block: Block, folder: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Run the commands of a shell block, or check them."""
    for call in calls(block.text, folder):
        if call.program == "curl" and not block.reason:
            asked = [text.replace(SERVICE, address) for text in call.arguments]
            subprocess.run(["curl", "--fail", "--silent", "--show-error", *asked], check=True)
            continue
        if call.program != "molgen":
            assert block.reason, f"`{call.program}` isn't run by the test; say why"
            continue
        for name, value in call.variables.items():
            if value:
                monkeypatch.setenv(name, value)
        if block.reason:
            check(call.arguments)
        elif call.arguments[0] == "serve":
            with serving(call.arguments[1:]) as served:
                urllib.request.urlopen(f"{served}/health").close()
        else:
            invoke(small(call.arguments))


@contextlib.contextmanager
def serving(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Iterator[str]:
    """The address of `molgen serve ARGUMENTS`, a process of its own, at a port that is free."""
    command = [sys.executable, "-P", "-m", "molgen.cli", "serve", *arguments, "service.host=127.0.0.1", "service.port=0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as served:
        assert served.stderr is not None
        try:
            said = ""
            while not (found := re.search(r"http://[\d.]+:\d+", said)):
                line = served.stderr.readline()
                assert line, f"molgen serve {' '.join(arguments)}: {said}"
                said += line
            yield found[0]
        finally:
            served.terminate()
            served.communicate()


def run_help(name: str, folder: Path) -> int:
    """Run the examples of a command's help, or check them; how many were run."""
    command = main.commands.get(name, main)
    lines = examples(command.get_help(click.Context(command, max_content_width=110)))
    assert lines, f"molgen {name} --help has no example"
    ran = 0
    for line in lines:
        found = calls(line, folder)
        assert [call.program for call in found] == ["molgen"], line
        if LONG.search(line):
            check(found[0].arguments)
        else:
            invoke(small(found[0].arguments))
            ran += 1
    return ran


def load_yaml(block: Block, folder: Path) -> None:
    """Read a YAML block; one that is an objective is made."""
    read = yaml.safe_load(block.text)
    if isinstance(read, dict) and "terms" in read and not block.reason:
        with contextlib.suppress(UntrustedError):  # a command of the page trusts it
            Scorer.from_config(str(folder / block.title) if block.title else _file(block.text, folder))


def _file(text: str, folder: Path) -> str:
    path = folder / f"block-{len(list(folder.glob('block-*')))}.yaml"
    path.write_text(text)
    return str(path)


@contextlib.contextmanager
def _where(path: Path, block: Block) -> Iterator[None]:
    """Errors say which block of which page failed."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"{path.name}, line {block.line}:\n{block.text}")
        raise


def examples(help_text: str) -> list[str]:
    """The lines of a command's help that a reader would paste."""
    return [
        line.strip()
        for line in help_text.splitlines()
        if re.match(r" *(MOLGEN_\w+=\S+ )?molgen \w", line) and "Usage" not in line
    ]


def answer(request: dict[str, Any]) -> int:
    """Run a page, or the examples of a command's help, in a folder and with an environment that nothing outlives."""
    folder, before = Path(request["folder"]), dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(str(folder))
        try:
            if "command" in request:
                return run_help(request["command"], folder)
            return run_page(Path(request["page"]), folder, patch, request["address"])
        finally:
            os.environ.clear()
            os.environ.update(before)


def answer_all(installation: Path) -> None:
    """Answer requests until there are no more; commands that ask or print have streams of their own."""
    found = entry_points(group="console_scripts", name="molgen")["molgen"]
    assert Path(molgen.__file__).parent.parent == installation, f"molgen is that of {molgen.__file__}"
    assert (found.load(), conf_dir()) == (main, installation / "molgen" / "conf")
    with os.fdopen(os.dup(0)) as requests, os.fdopen(os.dup(1), "w") as answers, Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)
        for line in requests:
            problem, ran = None, 0
            try:
                ran = answer(json.loads(line))
            except BaseException:
                problem = traceback.format_exc()
            print(json.dumps({"problem": problem, "ran": ran}), file=answers, flush=True)


if __name__ == "__main__":
    answer_all(Path(sys.argv[1]))
