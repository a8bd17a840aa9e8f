"""What an objective can be made of: every component with its unit, its settings and an example."""

import dataclasses
import inspect
import types
from typing import Any

import yaml

from molgen.scoring.component import Component, find_components
from molgen.scoring.expensive import Expensive

RULE = "----------\n"


@dataclasses.dataclass(frozen=True)
class Entry:
    """A component as a user sees it."""

    name: str
    target: str
    kind: type[Component]

    @property
    def about(self) -> str:
        """Its docstring's first line."""
        return inspect.getdoc(self.kind).splitlines()[0]  # type: ignore[union-attr]

    @property
    def settings(self) -> list[tuple[str, str, str]]:
        """Name, type and default of every field."""
        fields: Any = dataclasses.fields(self.kind)  # type: ignore[arg-type]
        return [(item.name, _type(item.type), _default(item)) for item in sorted(fields, key=lambda item: item.kw_only)]

    @property
    def documentation(self) -> str:
        """Its docstring, and what it has in common with other expensive components."""
        own = inspect.getdoc(self.kind) or ""
        return f"{own}\n{(inspect.getdoc(Expensive) or '').partition(RULE)[2]}" if issubclass(self.kind, Expensive) else own

    @property
    def example(self) -> str:
        """A term with it, as YAML."""
        component = {"_target_": self.target} | self.kind.example
        term: dict[str, Any] = {"_target_": "molgen.scoring.scorer.Term", "component": component}
        if self.kind.transform is not None:
            term["transform"] = self.kind.transform
        return yaml.safe_dump({"terms": {self.name: term}}, sort_keys=False)


def catalogue() -> dict[str, Entry]:
    """Every component by its name in lower case."""
    found = {target.rpartition(".")[2].lower(): (target, kind) for target, kind in find_components().items()}
    return {name: Entry(name, *found[name]) for name in sorted(found)}


def as_markdown() -> str:
    """The catalogue as a page."""
    parts = ["# Components\n\nWhat an objective can be made of. Made by `molgen components --markdown`.\n"]
    parts += ["| component | unit | what it says |\n|---|---|---|"]
    parts += [f"| [{name}](#{name}) | {entry.kind.unit} | {entry.about} |" for name, entry in catalogue().items()]
    for name, entry in catalogue().items():
        parts += [f"\n## {name}\n", _paragraphs(entry.documentation)]
        if entry.settings:
            parts += ["| setting | type | default |\n|---|---|---|"]
            parts += [f"| `{key}` | {kind.replace('|', 'or')} | {default} |" for key, kind, default in entry.settings]
        parts += [f"\n```yaml\n{entry.example}```"]
    return "\n".join(parts) + "\n"


def _paragraphs(text: str) -> str:
    """A numpydoc docstring as Markdown: its attributes become a list."""
    about, _, attributes = text.partition(f"Attributes\n{RULE}")
    lines = [
        f"- `{line}`:" if not line.startswith(" ") else f"  {line.strip()}" for line in attributes.splitlines() if line.strip()
    ]
    return "\n".join([about.rstrip(), "", *lines, ""]) if lines else about


def _type(annotation: Any) -> str:
    if isinstance(annotation, types.UnionType):
        return str(annotation).replace("None", "null").replace("collections.abc.", "")
    return getattr(annotation, "__name__", str(annotation))


def _default(item: Any) -> str:
    if item.default is not dataclasses.MISSING:
        return "null" if item.default is None else f"`{item.default!r}`"
    return "required" if item.default_factory is dataclasses.MISSING else f"`{item.default_factory()!r}`"
