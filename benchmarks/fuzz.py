"""What the command line makes of settings and files that nobody would mean.

    python -m benchmarks.fuzz --cases 2000

For every key that a command's configuration and the constructors behind it know, hypothesis draws values of its type and of any
other; beside it sometimes another setting, or a damaged file, or an objective put together from components at random. Every case
runs in a folder of its own, in this process, for `--seconds` at most: what is at work by then was accepted. An exception is a
traceback, a file left by what was refused is half-written. Ray, the net and public data sets stay out of it.
"""

import contextlib
import os
import signal
import sqlite3
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import click
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from omegaconf import DictConfig

from benchmarks.results import show
from molgen.cli import main
from molgen.config import compose, locate, options
from molgen.scoring.catalogue import catalogue
from molgen.signatures import hints

SEARCHES = [name for name in options("search") if name != "screen"]
SMALL = ("search.founders=4", "search.library=20", "search.children=4", "search.agent.samples=2", "search.population=4")
COMMANDS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {  # -> configuration, arguments, settings
    "score": ("score", ("score", "in.csv"), ("scoring=drug_like", "output=out.csv")),
    "predict": ("predict", ("predict", "in.csv"), ("predictor=pka", "output=out.csv")),
    "explain": ("explain", ("explain", "Cc1ccccc1O"), ("predictor=pka", "endpoint=pka_acid", "output=out.svg")),
    "screen": ("screen", ("screen",), ("library=in.csv", "scoring=drug_like", "folder=out")),
    "standardize": ("standardize_file", ("standardize", "in.csv"), ("output=out.csv",)),
    "sample": ("sample", ("sample",), ("n=2", "output=out.csv")),
    "receptor": ("receptor", ("receptor", "in.pdb"), ("output=out.pdbqt",)),
    "serve": ("serve", ("serve",), ("scoring=drug_like",)),
    "benchmark": ("benchmark", ("benchmark", "distribution"), ("data=in.csv", "n=100", "folder=out")),
    "train": ("train", ("train",), ("data=in.csv", "trainer.epochs=1", "trainer.folder=out", "generator.width=8")),
    "train predictor": ("train_predictor", ("train",), ("data=in.csv", "folder=out", "folds=0")),
    "design": ("design", ("design",), ("scoring=drug_like", "campaign.budget=4", "campaign.folder=out")),
    "sweep": ("design", ("design", "-m", "seed=0,1"), ("scoring=drug_like", "campaign.budget=4", "hydra.sweep.dir=out")),
    "report": ("group", ("report",), ()),
    "resume": ("group", ("design",), ()),
    "resume screen": ("group", ("screen",), ()),
    "components": ("group", ("components",), ()),
    "data": ("group", ("data", "fetch"), ()),
}
VARIANTS = {
    "train": [(f"generator={name}",) for name in options("generator")],
    "train predictor": [("predictor=boosted",), ("predictor=graph_network",), ("predictor=deepchem",)],
    "design": [(f"search={name}",) for name in SEARCHES],
    "sweep": [("search=genetic",)],
}
NUMBERS = ("0", "-1", "1", "2", "99999", "1e23", "-1e23", "1" + "0" * 22, "0.5", "-0.5", "1e-300", "nan", "inf", "-inf", "0x10")
NOTHING = ("null", "''", "' '", "", "[]", "{}", "???")
NESTED = ("[1]", "[5,1]", "[nan,1]", "[0,-1,2]", "[[1]]", "{a: 1}", "{logp: [5,1]}", "{_target_: nope}", "{_target_: molgen.nope.A}",
          "[" * 60 + "]" * 60, "{a: " * 30 + "1" + "}" * 30, "a,b", "range(3)", "interval(0,1)", "choice(1,2)")  # fmt: skip
TEXTS = ("true", "text", "é漢字\u202e", "C", "c1ccccc1", "[#6]", "C=C", "x" * 5000, "${nope}", "${seed}", "${now:", "a=b", "\\", "'", '"',
         "{", "]", "$(x)", "2026-01-01", "a: b", "\t", "a\nb", "\x1b[31m", "\udcff", "*", "~", "!!python/name:os.system")  # fmt: skip
FILES = ("in.csv", "empty.csv", "bytes.csv", "folder", "folder/x.csv", "in.csv/x.csv", "nope.csv", "nope/deep/x.csv", "loop.csv",
         "x" * 300 + ".csv", "/dev/null", "/dev/full", "/dev/stdin", "/proc/nope/x.csv", "goal.yaml", "bad.yaml", "nope.yaml",
         "folder.yaml", "bad.safetensors", "run", "~nobody/x.csv", "http://127.0.0.1:9/x.csv", "s3://bucket/x.csv")  # fmt: skip
MOLECULES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O", "CCN(CC)CC", "OC(=O)c1ccccc1", "Cc1ccccc1N"] * 4
ROWS = "".join(f"{text},{i % 7 + 0.5},{i % 2}\n" for i, text in enumerate(MOLECULES))


class Enough(BaseException):
    """The time of a case is over."""


@dataclass(frozen=True)
class Case:
    """A command line, and the files that it finds."""

    command: str
    arguments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of a case; `made` are the files that a refused one left."""

    case: Case
    accepted: bool
    lines: int = 0
    traceback: str = ""
    made: tuple[str, ...] = ()

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, a line each."""
        found = [self.traceback] if self.traceback else []
        found += [f"left {', '.join(self.made)}"] if self.made else []
        found += [f"an error of {self.lines} lines"] if self.lines > 3 else []
        return [f"{' '.join(map(repr, self.case.arguments))[:600]}: {text}" for text in found]


@dataclass(frozen=True)
class Target:
    """A key of a command, or one of its files; hypothesis draws what it holds."""

    command: str
    settings: tuple[str, ...]
    key: str
    hint: Any = None
    others: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """How many times as many cases it gets as a key."""
        return 1 if self.hint is not None else 10


def targets() -> list[Target]:
    """Everything that is tried."""
    found = []
    for command, (configuration, _, base) in COMMANDS.items():
        if configuration == "group":
            found.append(Target(command, (), "argument"))
            continue
        for choice in VARIANTS.get(command, [()]):
            files = [text for text in base if text.startswith(("data=", "scoring=", "predictor="))]
            composed = compose(configuration, [*(text.replace("data=in.csv", "data=file") for text in files), *choice])
            known = {key: hint for key, hint in _keys(composed, "") if key not in ("cluster", "data", "cluster.address")}
            small = [text for text in SMALL if text.partition("=")[0] in known and configuration == "design"]
            chosen = (*base, *choice, *small)
            first = choice == VARIANTS.get(command, [()])[0]
            shared = (
                () if first else ("scoring", "campaign", "standardize", "trainer", "data", "table", "stages", "column", "cluster")
            )
            names = tuple(sorted(key for key in known if key.partition(".")[0] not in shared))
            found += [Target(command, chosen, key, known[key], names) for key in names]
            found += [Target(command, chosen, "in.csv")] if first else []
            found += [Target(command, (*chosen, "scoring=goal.yaml"), "goal.yaml")] if "scoring" in known and first else []
    return found


def _keys(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    known = hints(locate(str(node["_target_"]))) if "_target_" in node else {}
    for key in sorted({*map(str, node), *known} - {"return", "_target_"}):
        where = f"{path}.{key}".lstrip(".")
        value = node._get_node(key) if key in node else None
        yield where, known.get(key, Any if value is None else type(getattr(value, "_value", lambda: None)()))
        if isinstance(value, DictConfig):
            yield from _keys(value, where)


def values(hint: Any, turn: int) -> st.SearchStrategy[str]:
    """What to give a key, mostly of about the right type; `turn` says what comes first."""
    every = NUMBERS + NOTHING + NESTED + TEXTS + FILES
    likely = {int: NUMBERS, float: NUMBERS, str: TEXTS + FILES, bool: ("true", "false", "1")}.get(
        hint, NUMBERS + TEXTS + FILES + NESTED
    )
    usual = st.sampled_from([likely[(i + turn) % len(likely)] for i in range(len(likely))])
    drawn = st.one_of(st.integers().map(str), st.floats().map(str), st.text(max_size=12))
    return st.one_of(usual, usual, usual, st.sampled_from(every), drawn)


@st.composite
def cases(draw: st.DrawFn, target: Target, turn: int) -> Case:
    """The command with something at `target`, and sometimes another setting."""
    configuration, arguments, _ = COMMANDS[target.command]
    if configuration == "group":
        damaged = draw(st.sampled_from([b"", b"{}", b"a: [", b"scoring: 1\nsearch: 2", b"\xff"]))
        files = {"run/config.yaml": damaged, "run/screen.yaml": damaged, "run/sweep.yaml": damaged, "run/parts/x": b""}
        files |= {"run/campaign.sqlite": draw(st.binary(max_size=200))}
        for name in draw(st.sets(st.sampled_from(sorted(files)))):
            del files[name]
        value = draw(st.one_of(st.just("run"), st.sampled_from(FILES + TEXTS), st.text(max_size=12)))
        return Case(target.command, (*arguments, "--", f"resume={value}" if "resume" in target.command else value), files)
    if target.key == "in.csv":
        content = draw(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(_bytes), _tables()))
        return Case(target.command, (*arguments, *target.settings), {"in.csv": content})
    if target.key == "goal.yaml":
        content = draw(st.one_of(objectives(), objectives(), st.binary(max_size=100)))
        return Case(target.command, (*arguments, *target.settings), {"goal.yaml": content})
    changes = [f"{target.key}={draw(values(target.hint, turn))}"]
    changes += [f"{key}={draw(values(None, turn))}" for key in draw(st.lists(st.sampled_from(target.others), max_size=1))]
    return Case(target.command, (*arguments, *target.settings, *changes))


def _tables() -> st.SearchStrategy[bytes]:
    cells = st.one_of(st.sampled_from(["CCO", "smiles", "", "nan", "c1ccccc1", '"', ">1", "1e400", "label"]), st.text(max_size=5))
    rows = st.lists(st.lists(cells, max_size=4).map(",".join), max_size=6)
    return rows.map(lambda lines: _bytes("\n".join(["smiles,value,label", *lines])))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@st.composite
def objectives(draw: st.DrawFn) -> bytes:
    """An objective of random components with random settings."""

    def node(target: str) -> dict[str, Any]:
        takes = {key: hint for key, hint in hints(locate(target)).items() if key != "return"}
        given = draw(st.lists(st.sampled_from(sorted(takes)), max_size=2, unique=True)) if takes else []
        return {"_target_": target} | {key: draw(plain) for key in given}

    plain = st.sampled_from([yaml.safe_load(text) for text in ("0", "-1", "1", ".nan", ".inf", "1.0e+23", "null", "''", "[]", "{}", "[1]",
                             "[5, 1]", "true", "text", "C", "in.csv", "folder", "nope.csv", "/dev/null", "bytes.csv",
                             '"\\0"', "{a: 1}", "2026-01-01")])  # fmt: skip
    kinds = [entry.target for entry in catalogue().values() if entry.name not in ("command", "docking", "route", "affinity")]
    scales = [f"molgen.scoring.transforms.{name}" for name in ("Linear", "Clip", "Sigmoid", "DoubleSigmoid", "Gaussian", "Step")]
    terms = {}
    for name in draw(
        st.lists(st.sampled_from(["a", "b", "a_std", "score", "a_scaled", "", 1, "x" * 99, None, "é/"]), max_size=2)
    ):
        component = node(draw(st.sampled_from(kinds)))
        component |= catalogue()[component["_target_"].rpartition(".")[2].lower()].kind.example if draw(st.booleans()) else {}
        term = {"_target_": "molgen.scoring.scorer.Term", "component": component}
        term |= {"transform": node(draw(st.sampled_from(scales)))} if draw(st.booleans()) else {}
        terms[name] = term | draw(st.dictionaries(st.sampled_from(["weight", "nope"]), plain, max_size=1))
    goal = {"_target_": "molgen.scoring.scorer.Scorer", "terms": terms}
    return yaml.safe_dump(
        goal | draw(st.dictionaries(st.sampled_from(["filters", "aggregate", "nope"]), plain, max_size=1))
    ).encode()


@contextlib.contextmanager
def _time(seconds: float) -> Iterator[None]:
    def over(number: int, frame: FrameType | None) -> None:
        raise Enough

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def prepare(folder: Path, case: Case) -> None:
    """The files that every case finds, and those of its own."""
    (folder / "folder").mkdir(parents=True)
    (folder / "folder.yaml").mkdir()
    (folder / "in.csv").write_text(f"smiles,value,label\n{ROWS}")
    (folder / "in.pdb").write_text("ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\n")
    (folder / "loop.csv").symlink_to("loop.csv")
    for name, content in {
        "empty.csv": b"",
        "bytes.csv": b"\x00\xff",
        "bad.yaml": b"a: [",
        "bad.safetensors": b"1",
        "goal.yaml": b"1",
    }.items():
        (folder / name).write_bytes(content)
    for name, content in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    paths = [path for path in folder.rglob("*") if not path.is_symlink()]
    return {
        str(path.relative_to(folder)): (0, 0) if path.is_dir() else (path.stat().st_size, path.stat().st_mtime_ns)
        for path in paths
    }


def _scored(database: Path) -> bool:
    """Whether a campaign had begun: what it found is kept, whatever stopped it."""
    with contextlib.closing(sqlite3.connect(database)) as connection, contextlib.suppress(sqlite3.Error):
        return bool(connection.execute("select count(*) from molecules").fetchone()[0])
    return False


def run(case: Case, seconds: float) -> Outcome:
    """Run a case in an empty folder."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(name)
        prepare(folder, case)
        before = _state(folder)
        try:
            with _time(seconds):
                result = CliRunner().invoke(main, list(case.arguments))
        except Enough:
            return Outcome(case, accepted=True)
        if result.exit_code == 0:
            return Outcome(case, accepted=True)
        error = None if isinstance(result.exception, SystemExit) else result.exception
        trace = "".join(traceback.format_exception(error)[-3:]).strip() if error else ""
        after = _state(folder)
        begun = any(_scored(path) for path in folder.rglob("campaign.sqlite"))
        made = () if begun else tuple(sorted(path for path in after if before.get(path) != after[path]))
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        return Outcome(case, False, len(lines), trace, made)


def outcomes(number: int, seconds: float) -> Iterator[Outcome]:
    """What became of about so many cases, always the same."""
    found: list[Outcome] = []
    each = targets()
    share = number / sum(target.weight for target in each)
    for turn, target in enumerate(each):
        examples = int(share * target.weight * (turn + 1)) - int(share * target.weight * turn)  # less than one a key, by turns
        if not examples:
            continue

        @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @seed(turn)
        @given(cases(target, turn))
        def try_one(case: Case) -> None:
            found.append(run(case, seconds))

        try_one()
        yield from found
        found.clear()


@click.command()
@click.option("--cases", "number", default=2000, help="Commands to run.")
@click.option("--seconds", default=5.0, help="That a case may take.")
def fuzz(number: int, seconds: float) -> None:
    """Run the cases, print what is wrong with any, and a table."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    found = []
    for outcome in outcomes(number, seconds):
        found.append(outcome)
        for fault in outcome.faults:
            print(fault, end="\n\n", flush=True)
    rows = []
    for command in [*COMMANDS, "all"]:
        own = [outcome for outcome in found if command in (outcome.case.command, "all")]
        rows.append({"command": command, "cases": len(own), "accepted": sum(each.accepted for each in own),
                     "refused": sum(not each.accepted for each in own), "tracebacks": sum(bool(each.traceback) for each in own),
                     "half-written": sum(bool(each.made) for each in own),
                     "longest error (lines)": max((each.lines for each in own), default=0)})  # fmt: skip
    show(f"{len(found):,} cases", rows)


if __name__ == "__main__":
    fuzz()
