"""A campaign that is being written: a form, and the settings that come of it."""

import copy
import datetime
import functools
import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from molgen.app.form_fields import FieldError, FormFields
from molgen.app.goal_offers import FIELDS
from molgen.app.objective_draft import OWN, with_goals
from molgen.app.pattern_limits import check_goal_patterns, check_wanted_patterns
from molgen.app.workspace import Workspace
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import options
from molgen.errors import ConfigError, DataError, MolgenError, nearest
from molgen.runs.relearning import LIKED
from molgen.runs.run import Campaign, check_free
from molgen.runs.settings import SHAPES, check_design, constraints_of, design_config, made
from molgen.scoring.scorer import Scorer, scorer_of
from molgen.search.routes.job import Makeable
from molgen.synthesis.reaction_files import known_reactions
from molgen.synthesis.stock import SHIPPED, SHIPPED_FILE, stock_rows
from molgen.yaml_files import yaml_values

STRATEGIES = {
    "surrogate": "A model of the objective picks, out of many candidates, the few worth scoring. The fewest calls.",
    "routes": "Proposes only molecules with a route from blocks that can be bought.",
    "genetic": "Plain evolution: quick per call, for objectives that cost next to nothing.",
}
WINDOWS = {
    "molecular_weight": ("Molecular weight", "Da"),
    "logp": ("logP", "Crippen"),
    "tpsa": ("TPSA", "Å²"),
    "hb_donors": ("H-bond donors", ""),
    "rotatable_bonds": ("Rotatable bonds", ""),
}
FOLDER = re.compile(r"\w[\w.-]*(?: [\w.-]+)*")
USUAL = "drug_like"  # objective
RUNS = "runs"  # the folder that new campaigns are made in
SEEDS = 2**32
LOOKED_AT = 100  # rows of a stock, before a campaign begins
STOCKS = ("common_blocks", "real_blocks", "sigma_stock")  # of building blocks, by name
LEADS = "search.constraints.lead"
PLACES = {  # beginnings of an error's message -> the field that it is about
    LEADS: "lead",
    "search.makeable.stock": "stock",
    "search.makeable.steps": "steps",
    "search.makeable.reactions": "reactions",
    "search.makeable.without": "without",
    "search.makeable.price_limit": "price_limit",
    "search.constraints.must_contain": "must_contain",
    "search.constraints.forbid": "forbid",
    "search.constraints.windows": "windows",
    "search.constraints.similarity": "similarity",
    "search.constraints": "must_contain",
    "scoring.terms.liked": "liked",
    "campaign.start": "lead",
    "campaign.budget": "budget",
    "campaign.folder": "name",
    "search": "strategy",
    "scoring.terms": FIELDS,
    "scoring": "objective",
    "seed": "seed",
}


def field_of(error: MolgenError, *, edited: bool) -> str:
    """The field that an error is about; `yaml` where it is about none, or where the settings were `edited` by hand."""
    text = str(error)
    if isinstance(error, FieldError):
        return error.field
    if edited:
        return "yaml"
    return next((field for start, field in PLACES.items() if text.startswith((f"{start}.", f"{start}:", f"{start}="))), "yaml")


def objective_groups(workspace: Workspace) -> dict[str, list[str]]:
    """The objectives that there are to choose from."""
    found: dict[str, list[str]] = {"Yours": workspace.objectives(), "Shipped": []}
    for name in options("scoring"):
        family = name.rpartition("/")[0]
        found.setdefault({"pmo": "Benchmark (PMO)", "docking": "Docking"}.get(family, "Shipped"), []).append(name)
    return {group: names for group, names in found.items() if names}


class Draft(FormFields):
    """The fields of the form, as they were typed."""

    def folder(self, workspace: Workspace) -> Path:
        """The run folder.

        Raises
        ------
        FieldError
            The name can't be that of a folder, or there is one.
        """
        name = self["name"] or f"{datetime.datetime.now():%Y%m%d-%H%M%S}"
        if not FOLDER.fullmatch(name) or len(name) > 80:
            raise FieldError("name", f"'{name[:80]}' can't be a folder's name; use letters, digits, - and _")
        folder = workspace.root / RUNS / name
        try:
            check_free(folder)
        except MolgenError as error:
            raise FieldError("name", f"{RUNS}/{name} exists already; choose another name") from error
        return folder

    def objective(self, workspace: Workspace) -> dict[str, Any]:
        """The objective with its goals as the form has them, but for what it learns from other campaigns.

        Raises
        ------
        FieldError
            There is no such objective, or a goal is wrong.
        """
        name = self["objective"] or USUAL
        known = [OWN, *(each for names in objective_groups(workspace).values() for each in names)]
        if name not in known:
            raise FieldError("objective", f"no objective '{name}'{nearest(name, known)}")
        if name == OWN:
            return with_goals(self, self._written(), workspace)
        choice = str(workspace.root / name) if name.endswith((".yaml", ".yml")) else name
        try:
            written = _shipped_objective(choice, Path(choice).stat().st_mtime_ns if choice != name else 0)
        except MolgenError as error:
            raise FieldError("objective", str(error).splitlines()[0].replace(f"{workspace.root}/", "")) from error
        return with_goals(self, written, workspace)

    def _written(self) -> dict[str, Any]:
        """The objective that was written into the settings by hand."""
        try:
            _, found = yaml_values(self["scoring"])
        except ConfigError as error:
            raise FieldError("objective", f"not YAML ({error})") from error
        if not found:
            raise FieldError("objective", "choose one, or write one into the settings")
        return dict(found)

    def settings(self, workspace: Workspace) -> dict[str, Any]:
        """All settings of the campaign, checked as far as that takes no time.

        Raises
        ------
        FieldError
            One is wrong.
        """
        strategy = self["strategy"] or "surrogate"
        scoring = self.objective(workspace)
        if strategy not in STRATEGIES:
            raise FieldError("strategy", f"no strategy '{strategy}'{nearest(strategy, STRATEGIES)}")
        folder = self.folder(workspace)
        budget, seed = self.number("budget", int, 500), self.number("seed", int, 0)
        if not 0 <= seed < SEEDS:
            raise FieldError("seed", f"must be between 0 and {SEEDS - 1}, not {seed}")
        config = copy.deepcopy(_usual_settings(strategy, seed))
        config["campaign"] |= {"budget": budget, "folder": str(folder)}
        config["campaign"] |= {"title": Path(self["objective"] or USUAL).stem.replace("_", " ").capitalize()}
        config["scoring"] = scoring
        if self["name"]:
            config["campaign"]["title"] = self["name"]
        if self["liked"]:
            self._learn(config, workspace)
        self._constrain(config, strategy, workspace)
        return checked(config)

    def _learn(self, config: dict[str, Any], workspace: Workspace) -> None:
        """Make what chemists said of another campaign's molecules a term."""
        weight = self.number("liked_weight", float, 1.0)
        if not 0 < weight < math.inf:
            raise FieldError("liked", f"the weight must be above 0, not {weight:g}")
        try:
            folder = workspace.at(self["liked"], "campaign").folder
        except MolgenError as error:
            raise FieldError("liked", str(error)) from error
        terms = config["scoring"].get("terms")
        if not isinstance(terms, dict) or LIKED in terms:
            raise FieldError("liked", "this objective takes no term of that name")
        terms[LIKED] = {LIKED: {"preferences": str(folder)}, "weight": weight}

    def _constrain(self, config: dict[str, Any], strategy: str, workspace: Workspace) -> None:
        """Put what the form wants of every molecule into the settings."""
        windows = {name: [self.number(f"windows.{name}.{end}", float) for end in ("low", "high")] for name in WINDOWS}
        windows = {name: window for name, window in windows.items() if window != [None, None]}
        leads, similarity = self.lines("lead"), self.number("similarity", float, 0.4)
        wanted = {"must_contain": self.lines("must_contain"), "forbid": self.lines("forbid"), "windows": windows}
        if leads and similarity:
            wanted |= {"lead": leads, "similarity": similarity}
        elif leads:
            config["campaign"]["start"] = leads
        wanted = {key: value for key, value in wanted.items() if value}
        if strategy == "routes":
            self._make(config["search"]["makeable"], workspace)
        if wanted and "constraints" not in config["search"]:
            what = "a lead to stay close to" if "lead" in wanted else "windows" if "windows" in wanted else "substructures"
            begin = ", or let it only begin from the lead: a similarity of 0" if wanted.keys() == {"lead", "similarity"} else ""
            raise FieldError("strategy", f"{strategy} keeps to no constraints ({what}); surrogate and routes do{begin}")
        if wanted:
            config["search"]["constraints"] |= wanted

    def _make(self, makeable: dict[str, Any], workspace: Workspace) -> None:
        """Put from what and how molecules may be made into the settings."""
        if self["stock"]:
            makeable["stock"] = file_or_name("stock", self["stock"], STOCKS, workspace)
        if self["reactions"]:
            makeable["reactions"] = file_or_name("reactions", self["reactions"], (), workspace)
        makeable["steps"] = self.number("steps", int, makeable["steps"])
        makeable["price_limit"] = self.number("price_limit", float, makeable["price_limit"])
        makeable["without"] = self.lines("without") or makeable["without"]


def file_or_name(field: str, text: str, known: Collection[str], workspace: Workspace) -> str:
    """A file of the workspace, or something that molgen knows by its name.

    Raises
    ------
    FieldError
        It is neither.
    """
    if (path := workspace.file(text)) is not None:
        return str(path)
    if text in known:
        return text
    names = f"; by name there are {', '.join(known)}" if known else ""
    raise FieldError(field, f"'{text[:80]}': no such file in this folder{nearest(text, workspace.tables())}{names}")


@functools.lru_cache(50)
def _shipped_objective(choice: str, changed: int) -> dict[str, Any]:
    """An objective by its name or file, which was `changed` last then; composing settings takes a while."""
    scoring: dict[str, Any] = design_config([f"scoring={choice}"])["scoring"]
    return scoring


@functools.lru_cache(20)
def _usual_settings(strategy: str, seed: int) -> dict[str, Any]:
    return design_config([f"search={strategy}", f"seed={seed}"])


@functools.cache
def _keys() -> tuple[str, ...]:
    """Of the settings of a campaign."""
    return tuple(design_config([]))


def read_settings(text: str, folder: Path) -> dict[str, Any]:
    """The settings in YAML that was edited by hand, for a campaign in `folder`.

    Raises
    ------
    FieldError
        It can't be read, or something in it is wrong.
    """
    try:
        _, config = yaml_values(text)
    except ConfigError as error:
        raise FieldError("yaml", f"not YAML ({error})") from error
    if wrong := [key for key in SHAPES if not isinstance(config.get(key), dict)]:
        raise FieldError("yaml", f"{wrong[0]}: must be settings, as the form writes")
    if strange := [str(key) for key in config if key not in (known := _keys())]:
        raise FieldError("yaml", f"unknown key '{strange[0]}'{nearest(strange[0], known)}; there are {', '.join(known)}")
    config["campaign"]["folder"] = str(folder)
    return checked(config)


def checked(config: dict[str, Any]) -> dict[str, Any]:
    """The settings, of which everything has been made that is made in a moment.

    Raises
    ------
    MolgenError
        One is wrong.
    """
    check_design(config)
    check_wanted_patterns(config["search"].get("constraints"))
    made(config["campaign"], "campaign", Campaign).start_smiles()
    check_goal_patterns(objective_of(config))
    _ = constraints_of(config)
    _check_blocks(config["search"].get("makeable"))
    return config


def _check_blocks(makeable: Any) -> None:
    """Whether routes can be made of these blocks and reactions, as far as the beginnings of their files say so."""
    if not isinstance(makeable, Mapping) or "stock" not in makeable:
        return
    made(dict(makeable), "search.makeable", Makeable)
    try:
        if makeable.get("reactions"):
            known_reactions(makeable["reactions"])
    except MolgenError as error:
        raise ConfigError(f"search.makeable.reactions: {str(error).splitlines()[0]}") from error
    path = SHIPPED_FILE if makeable["stock"] == SHIPPED else Path(makeable["stock"])
    if not path.is_file():
        return  # a public set, which may have to be fetched
    try:
        has_prices = _begin_stock(path, path.stat().st_mtime_ns)
    except MolgenError as error:
        raise ConfigError(f"search.makeable.stock: {str(error).splitlines()[0]}") from error
    if makeable.get("price_limit") is not None and not has_prices:
        raise ConfigError(
            f"search.makeable.price_limit: {Path(makeable['stock']).name} has no prices, so that no block would be used"
        )


@functools.lru_cache(20)
def _begin_stock(path: Path, changed: int) -> bool:
    """Whether the first rows of a stock, whose file was `changed` last then, have prices."""
    first = next(stock_rows(path), None)
    if first is None or not any(Molecules(first.smiles[:LOOKED_AT], STANDARD).canonical):
        raise DataError(f"{path.name}: its first {LOOKED_AT} rows hold no molecule")
    return any(first.prices)


def objective_of(config: Mapping[str, Any]) -> Scorer:
    """The objective of a campaign."""
    return scorer_of(config["scoring"])
