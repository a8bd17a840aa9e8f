"""The settings of a campaign: composed from `conf/design.yaml`, read from a run folder, taken apart."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from molgen.config import absolute, build, changed, check, compose, expect, group_node, to_plain
from molgen.data.readers import is_table, read_smiles
from molgen.errors import CampaignError, ConfigError, check_between
from molgen.runs.saved import damaged, read_saved
from molgen.scoring.scorer import Scorer
from molgen.search.constraints import Constraints
from molgen.search.makeable import AnyMolecule, Proposable
from molgen.search.strategy import Strategy
from molgen.trust import ask, trusting

CONFIG = "config.yaml"
SHAPES: dict[str, Any] = {"campaign": dict, "scoring": dict | str, "search": dict | str}  # of what every run has
MAKEABLE = "makeable=true makeable.{}=... replaces what any other search proposes by makeable molecules"
GOALS = {name: f"search.constraints.{name}" for name in ("must_contain", "forbid", "windows", "similarity")}
GOALS |= {"start": "search.constraints.lead"}
T = TypeVar("T")
SHORT = re.compile(rf"^([+~]*)({'|'.join(GOALS)})(?=[.=]|$)")


def spelled_out(overrides: Sequence[str]) -> list[str]:
    """Overrides in which the goals that have a short name (`start=lead.smi`) have their full one."""
    return [SHORT.sub(lambda found: found[1] + GOALS[found[2]], text) for text in overrides]


def design_config(overrides: Sequence[str]) -> dict[str, Any]:
    """The resolved settings of `molgen design`; the title is made of the objective's name."""
    config: dict[str, Any] = to_plain(composed(overrides))
    choice = next((text.partition("=")[2] for text in overrides if text.startswith("scoring=")), "osimertinib_like")
    config["campaign"].setdefault("title", Path(choice).stem.replace("_", " ").capitalize())
    read_starts(config)
    expect(config, stages=list)
    config["stages"] = [_stage(node, f"stages.{number}") for number, node in enumerate(config["stages"], 1)]
    return absolute(config)  # type: ignore[no-any-return]


def composed(overrides: Sequence[str], strategy: str | None = None) -> Any:
    """`conf/design.yaml` with overrides, of which goals may have their short names.

    Parameters
    ----------
    strategy
        What an error calls the strategy, where it isn't the one that the overrides name.

    Raises
    ------
    ConfigError
        An override names no key; the strategy keeps to no constraints, and some are given; or settings of makeable molecules
        are given, and there is no `makeable=true`.
    """
    given = next((found[1] for text in overrides if (found := re.match(r"\W*makeable\.(\w+)", text))), None)
    if given is not None and not any(text.startswith("makeable=") for text in overrides):
        raise ConfigError(f"makeable.{given}: {MAKEABLE.format(given)}")
    try:
        return compose("design", spelled_out(overrides))
    except ConfigError as error:
        if found := re.search(r"unknown key 'search\.makeable\.(\w+)'", str(error)):
            raise ConfigError(f"search.makeable.{found[1]}: is for search=routes; {MAKEABLE.format(found[1])}") from error
        goals = [f"{found[2]}=" for text in overrides if (found := SHORT.match(text))]
        if not goals or "unknown key 'search.constraints" not in str(error):
            raise
        chosen = [text for text in overrides if text.startswith("search=")] or ["search=surrogate"]
        begins = "; campaign.start=... gives known molecules to begin from" if "start=" in goals else ""
        raise ConfigError(
            f"{', '.join(goals)}: {strategy or chosen[-1]} keeps to no constraints; search=surrogate and routes do{begins}"
        ) from error


def read_starts(config: dict[str, Any]) -> None:
    """Put SMILES in the place of the files that `campaign.start` and `start=` name, where `column` or `table` say how to read.

    Raises
    ------
    ConfigError
        `column` or `table` is given, and there is no such file.
    """
    said = {"column": config.pop("column", None), **config.pop("table", {})}
    expect(said, **dict.fromkeys(said, str | None))
    if not any(said.values()):
        return
    constraints = config["search"].get("constraints", {}) if isinstance(config["search"], dict) else {}
    nodes = [(config["campaign"], "start"), (constraints, "lead")]
    files = [(node, key) for node, key in nodes if isinstance(node.get(key), str) and is_table(node[key])]
    if not files:
        raise ConfigError("column and table say how to read a file: name one with campaign.start=FILE or start=FILE")
    for node, key in files:
        node[key] = read_smiles(node[key], **said)


def _stage(node: Any, where: str) -> dict[str, Any]:
    """One of `stages`, with its whole objective."""
    if not isinstance(node, Mapping) or "scoring" not in node or set(node) - {"scoring", "budget", "until"}:
        raise ConfigError(f"{where}: must be {{scoring: NAME or FILE.yaml, budget: CALLS, until: SCORE}}, not {node}")
    stage = {"budget": 1000, "until": None, **node}
    expect({f"{where}.{key}": value for key, value in stage.items()}, **{f"{where}.budget": int, f"{where}.until": float | None})
    check_between(where, 1, budget=stage["budget"])
    return stage | {"scoring": group_node("scoring", stage["scoring"])} if isinstance(stage["scoring"], str) else stage


def check_design(config: Mapping[str, Any]) -> None:
    """Raise a ConfigError that lists every wrong class, key and type."""
    nodes, _ = split_islands(config["search"])
    check({**config, "search": nodes[0]})


def read_config(folder: Path | str) -> dict[str, Any]:
    """The configuration of a run.

    Raises
    ------
    CampaignError
        `folder` is no run folder, or its settings are damaged.
    """  # noqa: DOC501 (raised by another function, or caught here)
    check_run_folder(Path(folder))
    path = Path(folder) / CONFIG
    config = read_saved(path)
    wrong = [key for key, kind in SHAPES.items() if not isinstance(config.get(key), kind)]
    wrong += [] if wrong or isinstance(config["campaign"].get("folder"), str) else ["campaign.folder"]
    if wrong:
        raise damaged(path, f"{wrong[0]} is missing or of a wrong kind")
    return config


def on_cluster(config: dict[str, Any], overrides: Sequence[str], folder: Path | str) -> dict[str, Any]:
    """The settings `config`, found in `folder`, of a run or a screen that goes on, on the cluster that `overrides` name.

    Raises
    ------
    ConfigError
        They change something else, or the cluster that `config` names isn't trusted.
    """
    if not any(text.startswith(("cluster=", "cluster.address=")) for text in overrides):
        ask_for_cluster(config, folder)
    if not overrides:
        return config
    for text in overrides:
        if not re.match(r"[+~]*cluster\b", text):
            raise ConfigError(
                f"{text}: what is resumed goes on as it began; only cluster=... and cluster.* can change "
                "(of a campaign also scoring.*, campaign.budget, until and stop)"
            )
    chosen = [text.partition("=")[2] for text in overrides if text.startswith("cluster=")]
    node = group_node("cluster", chosen[-1]) if chosen else config.get("cluster", group_node("cluster", "inline"))
    node = changed("cluster", node, [text for text in overrides if not text.startswith("cluster=")])
    build(node, "cluster")
    return config | {"cluster": node}


def check_run_folder(folder: Path) -> None:
    """Raise a CampaignError if `folder` is no run folder; one that holds nothing but its settings is to be begun."""
    if not (folder / CONFIG).is_file():
        raise CampaignError(
            f"{folder}: not a run folder (it has no {CONFIG}, nor a sweep's sweep.yaml); name another, or restore a copy of it"
        )


def split_islands(search: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The configuration of every island, and how they exchange molecules.

    Raises
    ------
    ConfigError
        `islands` is no positive number, or there are several of a strategy without a seed.
    """
    exchange = {key: search[key] for key in ("exchange", "migrants") if key in search}
    node = {key: value for key, value in search.items() if key not in ("islands", *exchange)}
    number = search.get("islands", 1)
    kinds = {"search.islands": int, "exchange": int, "migrants": int | None}
    expect({"search.islands": number, **exchange}, **{key: kinds[key] for key in ("search.islands", *exchange)})
    check_between("search", 1, islands=number, exchange=exchange.get("exchange", 1))
    check_between("search", 0, migrants=exchange.get("migrants") or 0)
    if number == 1:
        return [node], exchange
    if "seed" not in node:
        raise ConfigError("search.islands: a strategy without a seed makes every island the same; one is enough")
    seeds = np.random.SeedSequence(node["seed"]).spawn(number)
    return [node | {"seed": int(seed.generate_state(1)[0])} for seed in seeds], exchange


def made(node: Any, where: str, kind: type[T]) -> T:
    """The object that `node` describes.

    Raises
    ------
    ConfigError
        It can't be made, or is no `kind`.
    """
    found = build(node, where)
    if not isinstance(found, kind):
        raise ConfigError(f"{where}: _target_ must make a {kind.__name__}, made a {type(found).__name__}")
    return found


def make_strategy(node: dict[str, Any]) -> Strategy:
    """The strategy that `node` describes."""
    return made(node, "search", Strategy)  # type: ignore[type-abstract]


def maker(node: dict[str, Any]) -> Callable[[], Strategy]:
    """What makes the strategy that `node` describes, in this process or in another."""
    return trusting(partial(make_strategy, node))


def constraints_of(config: Mapping[str, Any]) -> Constraints:
    """What every molecule that a run's search proposes must satisfy; nothing where its strategy keeps to no constraints."""
    search = config.get("search")
    node = search.get("constraints") if isinstance(search, Mapping) else None
    return Constraints() if node is None else made(node, "search.constraints", Constraints)


def restricted(makers: Sequence[Callable[[], Strategy]], config: Mapping[str, Any]) -> list[Callable[[], Strategy]]:
    """`makers`, such that their strategies propose what the settings `makeable` of a run allow.

    Raises
    ------
    ConfigError
        The strategy proposes makeable molecules as it is, and `makeable` is true.
    """
    found = made(config["makeable"], "makeable", Proposable) if "makeable" in config else AnyMolecule()  # type: ignore[type-abstract]
    if isinstance(found, AnyMolecule):
        return list(makers)
    search = config["search"]
    if isinstance(search, Mapping) and search.get("makeable"):
        raise ConfigError("makeable=true: this search makes all its molecules as search.makeable says; leave makeable=true out")
    constraints = constraints_of(config)
    return [partial(_restricted, make, found, constraints) for make in makers]


def _restricted(make: Callable[[], Strategy], proposable: Proposable, constraints: Constraints) -> Strategy:
    return proposable.applied(make(), constraints)


def ask_for_cluster(config: Mapping[str, Any], folder: Path | str) -> None:
    """Raise an UntrustedError if the settings found in `folder` name a Ray cluster, which the user hasn't allowed.

    Who owns a cluster runs what he likes in all that connects to it.
    """
    cluster = config.get("cluster")
    address = cluster.get("address") if isinstance(cluster, Mapping) else None
    if address not in (None, "auto", "local"):
        ask("cluster", f"{folder}: its cluster.address={address}")


def informed(make: Callable[[], Strategy], rules: Scorer) -> Strategy:
    """What `make` makes, told how raw values make a score."""
    strategy = make()
    strategy.use_rules(rules)
    return strategy
