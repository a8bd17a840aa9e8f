"""The form that asks for a round: what is wrong with it, and the settings of `molgen propose` that come of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from molgen.app.draft import STOCKS, Draft, file_or_name
from molgen.app.form_fields import FieldError
from molgen.app.workspace import Workspace
from molgen.errors import ConfigError
from molgen.project.round_settings import LISTED, Proposing

SOURCES = {
    "generate": "A search writes molecules, beginning with the best measured ones.",
    "routes": "A search breeds syntheses: each compound has a route from blocks that can be bought.",
    "library": "From a file of compounds that can be had.",
    "both": "What a search writes, and a file.",
}
WHOLE, REAL, TEXT = int, float, str
FIELDS: dict[str, tuple[type, str, tuple[str, ...]]] = {  # kind, what stands there at first, sources that it goes with
    "n": (WHOLE, "24", ()),
    "explore": (REAL, "", ()),
    "per_scaffold": (WHOLE, "3", ()),
    "per_series": (WHOLE, "", ()),
    "controls": (WHOLE, "0", ()),
    "repeats": (WHOLE, "0", ()),
    "seed": (WHOLE, "0", ()),
    "budget": (WHOLE, "1000", ("generate", "routes", "both")),
    "near": (REAL, "0.4", ("generate", "routes", "both")),
    "library": (TEXT, "", LISTED),
    "price": (TEXT, "", LISTED),
    "spend": (REAL, "", ("routes", *LISTED)),
    "stock": (TEXT, "common_blocks", ("routes",)),
    "steps": (WHOLE, "4", ("routes",)),
}
ANY = ("per_scaffold", "per_series", "explore", "spend")  # empty: no limit, or what molgen thinks best
PATHS = {"library": (), "stock": STOCKS}  # files, and what has a name instead
MOST = 1000  # compounds of a round


class RoundForm:
    """The form as it was filled in.

    Attributes
    ----------
    fields
        As they were typed.
    settings
        As `molgen propose` takes them; of a form without problems.
    problems
        What is wrong, by field.
    about
        Where candidates may come from.
    """

    about = SOURCES

    def __init__(self, fields: Mapping[str, str], workspace: Workspace) -> None:
        self.fields = Draft({"from": "generate", **{key: first for key, (_, first, _) in FIELDS.items()}, **fields})
        self.workspace = workspace
        self.problems: dict[str, str] = {}
        self.settings = self._settings()

    @classmethod
    def of(cls, settings: Mapping[str, str], workspace: Workspace) -> "RoundForm":
        """The form that gave these settings."""
        shown = {key: "" if value == "null" else value for key, value in settings.items() if key in (*FIELDS, "from")}
        for key in PATHS:
            if key in shown and Path(shown[key]).is_relative_to(workspace.root):
                shown[key] = Path(shown[key]).relative_to(workspace.root).as_posix()
        found = cls(shown, workspace)
        found.problems = {}  # a file may have gone since; nobody has asked for a round yet
        return found

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    def sources(self, name: str) -> tuple[str, ...]:
        """Where candidates come from when a field counts; empty: from anywhere."""
        return FIELDS[name][2]

    def _settings(self) -> dict[str, str]:
        source = self.fields["from"]
        values: dict[str, Any] = {"from": source}
        for key, (kind, first, sources) in FIELDS.items():
            if sources and source not in sources:
                continue
            try:
                value = self._value(key, kind, first)
            except FieldError as error:
                self.problems[key] = str(error)
                continue
            if value is not None or key in ANY:
                values[key] = value
        if not self.problems:
            try:
                Proposing(**{"origin" if key == "from" else key: value for key, value in values.items()})
            except ConfigError as error:
                about = str(error).partition("=")[0].partition(":")[0]
                self.problems[about if about in FIELDS else "from"] = str(error).splitlines()[0]
        return {key: "null" if value is None else str(value) for key, value in values.items()}

    def _value(self, key: str, kind: type, first: str) -> Any:
        if kind is not TEXT:
            value = self.fields.number(key, kind, None if key in ANY else kind(first))
            if key == "n" and value > MOST:
                raise FieldError(key, f"{MOST:,} compounds at most; molgen propose takes more")
            return value
        text = self.fields[key]
        if key not in PATHS:
            return text or None
        if not (text or first):
            raise FieldError(key, "name the file that has the compounds; it must be in this folder")
        return file_or_name(key, text or first, PATHS[key], self.workspace)
