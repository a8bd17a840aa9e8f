"""Command lines that nobody would mean, drawn by hypothesis: every key of every command, and the files that commands read."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from omegaconf import DictConfig

from benchmarks.fuzz.files import as_bytes, damaged, folders, libraries, objectives, tables
from benchmarks.fuzz.values import FILES, TEXTS, values
from molgen.classes import hints
from molgen.config import compose, locate, options

SEARCHES = [name for name in options("search") if name != "screen"]
SMALL = (
    "search.initial_design=4",
    "search.library=20",
    "search.breeding.offspring=4",
    "search.agent.samples=2",
    "search.population=4",
)
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
    "train": ("train", ("train",), ("data=in.csv", "trainer.epochs=1", "folder=out", "generator.width=8")),
    "train predictor": ("train_predictor", ("train",), ("data=in.csv", "folder=out", "folds=0")),
    "design": ("design", ("design",), ("scoring=drug_like", "campaign.budget=4", "campaign.folder=out")),
    "cluster": ("design", ("design", "--show"), ("scoring=drug_like", "cluster=local")),  # shown, so that no worker is started
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
MADE = {"report": ("run", "sweep"), "resume": ("run", "sweep"), "resume screen": ("screen",)}
MODELS = {
    "predict": ("predictor", "predictor=made/predictor.safetensors"),
    "sample": ("generator", "model=made/generator.safetensors"),
}
GROUPS = {"scoring", "campaign", "standardize", "trainer", "data", "table", "stages", "column", "cluster"}
LARGE = re.compile(r"\d{4,}|e\+?\d|inf|\d\d\d")


@dataclass(frozen=True)
class Case:
    """A command line, and the files that it finds."""

    command: str
    arguments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def serves(self) -> bool:
        """Whether it ends only when it is told to."""
        return self.command == "serve"

    @property
    def quick(self) -> bool:
        """Whether it ought to end in seconds: no server, no large number."""
        return not self.serves and not any(LARGE.search(text.partition("=")[2]) for text in self.arguments)


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


def drawn(number: int, begin: int, commands: Collection[str]) -> Iterator[Case]:
    """About so many cases of these commands, always the same ones."""
    found: list[Case] = []
    each = [target for target in targets() if target.command in commands]
    share = number / sum(target.weight for target in each)
    for turn, target in enumerate(each):
        examples = int(share * target.weight * (turn + 1)) - int(share * target.weight * turn)  # less than one a key, by turns
        if not examples:
            continue

        @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @seed(turn + 1000 * begin)
        @given(cases(target, turn + begin))
        def draw_one(case: Case) -> None:
            found.append(case)

        draw_one()
        yield from found
        found.clear()


def targets() -> list[Target]:
    """Everything that is tried."""
    found = []
    for command, (configuration, _, base) in COMMANDS.items():
        if configuration == "group":
            found.append(Target(command, (), "argument"))
            continue
        for choice in VARIANTS.get(command, [()]):
            files = [text for text in base if text.startswith(("data=", "scoring=", "predictor=", "cluster="))]
            composed = compose(configuration, [*(text.replace("data=in.csv", "data=file") for text in files), *choice])
            known = {key: hint for key, hint in _keys(composed, "") if key not in ("cluster", "data")}
            if command == "cluster":
                known = {key: hint for key, hint in known.items() if key.startswith("cluster.")}
            small = [text for text in SMALL if text.partition("=")[0] in known and configuration == "design"]
            chosen = (*base, *choice, *small)
            first = choice == VARIANTS.get(command, [()])[0]
            names = tuple(sorted(key for key in known if first or key.partition(".")[0] not in GROUPS))
            found += [Target(command, chosen, key, known[key], names) for key in names]
            found += [Target(command, chosen, "in.csv")] if first and command != "cluster" else []
            found += [Target(command, (*chosen, "scoring=goal.yaml"), "goal.yaml")] if "scoring" in known and first else []
        found += [Target(command, base, "made")] if command in MODELS else []
    return found


def _keys(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    known = hints(locate(str(node["_target_"]))) | {"_target_": type} if "_target_" in node else {}
    for key in sorted({*map(str, node), *known} - {"return"}):
        where = f"{path}.{key}".lstrip(".")
        value = node._get_node(key) if key in node else None
        yield where, known.get(key, Any if value is None else type(getattr(value, "_value", lambda: None)()))
        if isinstance(value, DictConfig):
            yield from _keys(value, where)


@st.composite
def cases(draw: st.DrawFn, target: Target, turn: int) -> Case:
    """The command with something at `target`, and sometimes another setting."""
    configuration, arguments, _ = COMMANDS[target.command]
    if configuration == "group":
        value, files = draw(_folders(target.command))
        return Case(target.command, (*arguments, "--", f"resume={value}" if "resume" in target.command else value), files)
    if target.key == "made":
        name, setting = MODELS[target.command]
        return Case(target.command, (*arguments, *target.settings, setting), draw(folders(name)))
    if target.key == "in.csv":
        if draw(st.booleans()):
            content = draw(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(as_bytes), tables()))
            return Case(target.command, (*arguments, *target.settings), {"in.csv": content})
        name = draw(st.sampled_from(sorted(libraries())))
        line = [text.replace("in.csv", name) for text in (*arguments, *target.settings)]
        return Case(target.command, tuple(line), {name: draw(damaged(libraries()[name], list(libraries().values())))})
    if target.key == "goal.yaml":
        content = draw(st.one_of(objectives(), objectives(), st.binary(max_size=100)))
        return Case(target.command, (*arguments, *target.settings), {"goal.yaml": content})
    changes = [f"{target.key}={draw(values(target.hint, turn))}"]
    changes += [f"{key}={draw(values(None, turn))}" for key in draw(st.lists(st.sampled_from(target.others), max_size=1))]
    return Case(target.command, (*arguments, *target.settings, *changes))


@st.composite
def _folders(draw: st.DrawFn, command: str) -> tuple[str, dict[str, bytes]]:
    """What to give a command that goes on with a folder or shows it, and the folder."""
    if command in MADE and draw(st.integers(0, 2)):
        return "made", draw(folders(draw(st.sampled_from(MADE[command]))))
    content = draw(st.sampled_from([b"", b"{}", b"a: [", b"scoring: 1\nsearch: 2", b"\xff"]))
    files = {"run/config.yaml": content, "run/screen.yaml": content, "run/sweep.yaml": content, "run/parts/x": b""}
    files |= {"run/campaign.sqlite": draw(st.binary(max_size=200))}
    for name in draw(st.sets(st.sampled_from(sorted(files)))):
        del files[name]
    return draw(st.one_of(st.just("run"), st.sampled_from(FILES + TEXTS), st.text(max_size=12))), files
