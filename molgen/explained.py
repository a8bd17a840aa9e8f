"""Explanations of settings, read from numpydoc docstrings."""

import inspect
import re
from typing import Any

from molgen.classes import choices, hints

SEED = "Seed of the random generator: the same seed gives the same result."
SECTION = re.compile(r"^(Parameters|Attributes)\n-+\n", re.MULTILINE)
UNDERLINE = re.compile(r"\n[^\n]+\n-{3,}(\n|$)")
NAMES = re.compile(r"\w+(?:, \w+)*")


def explained(kind: Any) -> dict[str, str]:
    """Explanations of parameters and attributes, by name, from the docstrings of a class, its bases and their `__init__`.

    Names that share an explanation, such as `low, high`, have the same text. A setting without one that is an object of
    molgen's is explained by the first line of its class.
    """
    found: dict[str, str] = {}
    classes = [item for item in reversed(inspect.getmro(kind)) if item is not object] if inspect.isclass(kind) else []
    for part in [part for item in classes for part in (vars(item).get("__init__"), item)] or [kind]:
        text = vars(part).get("__doc__") if inspect.isclass(part) else getattr(part, "__doc__", None)
        found |= _sections(inspect.cleandoc(text or ""))
    for name, hint in hints(kind).items():
        if not found.get(name):
            found[name] = SEED if name == "seed" else _first_line(hint)
    return found


def _first_line(hint: Any) -> str:
    """First line of the class in a type, if the class belongs to molgen."""
    kinds = [kind for kind in choices(hint) if inspect.isclass(kind) and kind.__module__.startswith("molgen.")]
    return (inspect.getdoc(kinds[0]) or "").partition("\n")[0] if kinds else ""


def _sections(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for heading in SECTION.finditer(text):
        body = text[heading.end() :]
        end = UNDERLINE.search(f"\n{body}")
        names: list[str] = []
        for line in body[: end.start()].splitlines() if end else body.splitlines():
            if line.startswith(" "):
                found |= {name: f"{found[name]} {line.strip()}".strip() for name in names}
            elif match := NAMES.match(line):
                names = match.group().split(", ")
                found |= dict.fromkeys(names, "")
    return found
