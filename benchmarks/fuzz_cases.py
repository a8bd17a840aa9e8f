"""Command lines that nobody would mean, drawn by hypothesis: every key of every command, and the files that commands read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st
from omegaconf import DictConfig

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
NESTED = ("[1]", "[5,1]", "[nan,1]", "[0,-1,2]", "[[1]]", "{a: 1}", "{logp: [5,1]}", "{_target_: nope}",
          "{_target_: molgen.nope.A}", "[" * 60 + "]" * 60, "{a: " * 30 + "1" + "}" * 30,
          "a,b", "range(3)", "interval(0,1)", "choice(1,2)")  # fmt: skip
TEXTS = ("true", "text", "é漢字\u202e", "C", "c1ccccc1", "[#6]", "C=C", "x" * 5000, "${nope}", "${seed}", "${now:", "a=b", "\\",
         "'", '"', "{", "]", "$(x)", "2026-01-01", "a: b", "\t", "a\nb", "\x1b[31m", "\udcff", "*", "~",
         "!!python/name:os.system")  # fmt: skip
FILES = ("in.csv", "empty.csv", "bytes.csv", "folder", "folder/x.csv", "in.csv/x.csv", "nope.csv", "nope/deep/x.csv", "loop.csv",
         "x" * 300 + ".csv", "/dev/null", "/dev/full", "/dev/stdin", "/proc/nope/x.csv", "goal.yaml", "bad.yaml", "nope.yaml",
         "folder.yaml", "bad.safetensors", "run", "~nobody/x.csv", "http://127.0.0.1:9/x.csv", "s3://bucket/x.csv")  # fmt: skip
PLAIN = ("0", "-1", "1", ".nan", ".inf", "1.0e+23", "null", "''", "[]", "{}", "[1]", "[5, 1]", "true", "text", "C", "in.csv",
         "folder", "nope.csv", "/dev/null", "bytes.csv", '"\\0"', "{a: 1}", "2026-01-01")  # fmt: skip
MOLECULES = [f"{'C' * length}{end}" for length in range(1, 9) for end in ("O", "c1ccccc1O", "C(=O)Nc1ccncc1")]
ROWS = "".join(f"{text},{i % 7 + 0.5},{i % 2}\n" for i, text in enumerate(MOLECULES))


@dataclass(frozen=True)
class Case:
    """A command line, and the files that it finds."""

    command: str
    arguments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)


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

    plain = st.sampled_from([yaml.safe_load(text) for text in PLAIN])
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
