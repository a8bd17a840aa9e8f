"""Runs what the documentation prints, as a reader would paste it; as a program, with an installation of molgen elsewhere.

- `molgen` is called as its entry point says, with exactly the arguments that bash would give it (tests/printed.py), and a small
  budget after them (`small`).
- A Python block is run; all blocks of a page share names, as in a session.
- A YAML block with a title becomes a file of that name. An objective is also loaded.
- `<!-- not run: REASON -->` before a block: its commands are only parsed, and their settings composed.

`python -P -m tests.pages INSTALLATION` reads requests from standard input, one JSON object per line (`page` or `command`, the
`folder` to be in, the `address` of a service), and answers each with one: `problem`, and how many blocks or lines it `ran`.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import traceback
import urllib.request
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import molgen
from molgen import Scorer
from molgen.cli.commands import main
from molgen.cluster.connect import connected
from molgen.config import conf_dir
from molgen.trust import UntrustedError, take_trust
from tests.printed import SHELLS, Block, blocks_of, calls, examples

SMALL = ("campaign.budget=16", "campaign.batch=8")
ANSWERS = "Kinase inhibitors\nABL1\nKIT\nnone\nnone\n"  # to what `molgen new goal` asks
FEW = ("search.library=60",)
NARROW = ("generator.width=32", "generator.layers=1")
ON_RAY = re.compile("cluster=local|hydra/launcher=ray")
LONG = re.compile(  # examples of --help that are only composed: pages run their like, or they need what no reader has yet
    "molgen (app|design|train|screen|serve|benchmark|report|receptor|pick|judge|project|observe|propose|replay|analogs|route|"
    "card|monitor|export|data fetch|predict .*train/|predict .*percentiles=true|predict .*known=|sample model=runs/)"
)
SERVICE = "http://127.0.0.1:8000"
SERVERS = {  # commands that go on until they are ended: what is asked of them, and their settings here
    "serve": ("/health", "service.host=127.0.0.1", "service.port=0"),
    "app": ("/", "app.host=127.0.0.1", "app.port=0", "app.browser=false"),
}


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
        rest.append("cluster.workers.number=1")
    if command == "train" and not any(text.startswith("predictor=") for text in rest):
        rest += ["trainer.epochs=1", *(() if any(text.startswith("init=") for text in rest) else NARROW)]
    if command == "sample":
        rest.append("n=10")
    if command == "design" and not any(text.startswith("resume=") for text in rest):
        rest = [re.sub(r"^seed=range\(\d+\)$", "seed=range(2)", text) for text in rest]
        rest = [re.sub(r"^search.islands=\d+$", "search.islands=2", text) for text in rest]
        search = next((text.removeprefix("search=") for text in rest if text.startswith("search=")), "surrogate")
        rest += [*SMALL, *(FEW if search == "surrogate" else ())]
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
    with one_ray(found):
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


@contextlib.contextmanager
def one_ray(found: Sequence[Block]) -> Iterator[None]:
    """Ray, for all commands of a page that would start one of their own each."""
    run = [line for block in found if not block.reason and block.language in SHELLS for line in block.text.splitlines()]
    with connected(None) if sum(bool(ON_RAY.search(line)) for line in run) > 1 else contextlib.nullcontext():
        yield


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
        elif call.arguments[0] in SERVERS:
            with serving(call.arguments) as served:
                urllib.request.urlopen(f"{served}{SERVERS[call.arguments[0]][0]}").close()
        else:
            invoke(small(call.arguments))


@contextlib.contextmanager
def serving(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Iterator[str]:
    """The address of `molgen ARGUMENTS`, a process of its own, at a port that is free."""
    command = [sys.executable, "-P", "-m", "molgen.cli", *arguments, *SERVERS[arguments[0]][1:]]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as served:
        assert served.stderr is not None
        try:
            said = ""
            while not (found := re.search(r"http://[\d.]+:\d+", said)):
                line = served.stderr.readline()
                assert line, f"molgen {' '.join(arguments)}: {said}"
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
