"""What an objective can be made of: components, transforms and aggregates, with their settings and an example of each."""

import dataclasses
import inspect
import types
from typing import Any

import yaml

from molgen.classes import locate
from molgen.explained import explained
from molgen.scoring.component import Component
from molgen.short_names import CONTRACTS, short_name, short_names, the_setting

KINDS = {short_name(name.rpartition(".")[2]): name for name in CONTRACTS if name.startswith("molgen.scoring.")}
EXAMPLE = {"terms": {"likeness": "qed", "synthesis": "sa_score"}}  # of an aggregate


@dataclasses.dataclass(frozen=True)
class Entry:
    """A component, a transform or an aggregate as a user sees it.

    Attributes
    ----------
    what
        One of component, transform and aggregate.
    name
        Its short name in objectives.
    """

    what: str
    name: str
    kind: Any

    @property
    def about(self) -> str:
        """First line of its docstring."""
        return (inspect.getdoc(self.kind) or "").splitlines()[0]

    @property
    def description(self) -> str:
        """Its docstring without the sections about settings."""
        return (inspect.getdoc(self.kind) or "").partition("\nAttributes\n")[0].strip()

    @property
    def unit(self) -> str:
        """Unit of a component's values."""
        return getattr(self.kind, "unit", "")

    @property
    def settings(self) -> list[tuple[str, str, str, str]]:
        """Name, type, default and explanation of every field."""
        fields: Any = sorted(dataclasses.fields(self.kind), key=lambda item: item.kw_only)
        said = explained(self.kind)
        return [(item.name, _type(item.type), _default(item), said.get(item.name, "")) for item in fields]

    @property
    def example(self) -> str:
        """An objective with it, as YAML."""
        return yaml.dump(self._objective(), sort_keys=False, default_flow_style=None, width=120, allow_unicode=True)

    def _objective(self) -> dict[str, Any]:
        if self.what == "aggregate":
            return {"aggregate": self.name, **EXAMPLE}
        if self.what == "transform":
            return {"terms": {self.name: self.kind.example}}
        settings = self.kind.example
        if list(settings) == [the_setting(self.kind)] and not isinstance(next(iter(settings.values())), dict):
            (settings,) = settings.values()
        if self.kind.transform is None:
            return {"terms": {self.name: {self.name: settings} if settings else self.name}}
        return {"terms": {self.name: {self.name: settings, "transform": self.kind.transform}}}

    def mentions(self, words: str) -> bool:
        """Whether its name, description, settings or example contain all of `words`."""
        notes = self.kind.notes() if issubclass(self.kind, Component) else ()
        rows = [f"{name} {about}" for name, _, _, about in self.settings]
        text = "\n".join([self.name, self.description, self.unit, self.example, *notes, *rows]).lower()
        return all(word in text for word in words.lower().split())


def catalogue() -> dict[str, Entry]:
    """Every component, transform and aggregate by its short name."""
    found = [Entry(what, name, locate(target)) for what, kind in KINDS.items() for name, target in short_names(kind).items()]
    return {entry.name: entry for entry in found}


def as_markdown() -> str:
    """The catalogue as a page."""
    parts = [
        "# Components, transforms and aggregates\n",
        "The parts of which an objective can be made. Made by `molgen components --markdown`.",
    ]
    for what in KINDS:
        entries = [entry for entry in catalogue().values() if entry.what == what]
        unit = what == "component"
        parts += [f"\n## {what.capitalize()}s\n", f"| {what} |{' unit |' * unit} what it says |", f"|---|{'---|' * unit}---|"]
        parts += [f"| [{entry.name}](#{entry.name}) |{f' {entry.unit} |' * unit} {entry.about} |" for entry in entries]
        parts += [line for entry in entries for line in _section(entry)]
    return "\n".join(parts) + "\n"


def _section(entry: Entry) -> list[str]:
    parts = [f"\n### {entry.name}\n", f"{entry.description}\n"]
    if entry.settings:
        parts += ["| setting | type | default | what it is |\n|---|---|---|---|"]
        for name, kind, default, about in entry.settings:
            parts.append(f"| `{name}` | {kind.replace('|', 'or')} | {default} | {about.replace('|', '&#124;')} |")
    return [*parts, f"\n```yaml\n{entry.example}```"]


def _type(annotation: Any) -> str:
    if isinstance(annotation, types.UnionType):
        return str(annotation).replace("None", "null").replace("collections.abc.", "")
    return getattr(annotation, "__name__", str(annotation))


def _default(item: Any) -> str:
    if item.default is not dataclasses.MISSING:
        return "null" if item.default is None else f"`{item.default!r}`"
    return "required" if item.default_factory is dataclasses.MISSING else f"`{item.default_factory()!r}`"
