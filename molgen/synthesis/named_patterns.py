"""Parts of SMARTS that a file of reactions names once, and then refers to as `{name}`."""

import re
from collections.abc import Mapping
from typing import Any

from molgen.errors import ConfigError, nearest

KEY = "patterns"
NAME = re.compile(r"[A-Za-z]\w*")
REFERENCE = re.compile(rf"\{{({NAME.pattern})\}}")  # unlike a range of SMARTS, such as D{2-3}, it begins with a letter


def read_patterns(given: Any) -> dict[str, str]:
    """Parts of SMARTS by name; each may refer to those above it.

    Raises
    ------
    ConfigError
        They aren't texts, a name isn't one, or what one refers to isn't above it.
    """
    if not isinstance(given, Mapping):
        raise ConfigError("needs a name and a part of SMARTS, in quotes, in each line below it")
    found: dict[str, str] = {}
    for name, text in given.items():
        if not NAME.fullmatch(str(name)):
            raise ConfigError(f"'{name}' can't be a name: write letters, digits and _, a letter first")
        if not isinstance(text, str) or not text:
            raise ConfigError(f"{name}: needs a part of SMARTS, in quotes, not {text}")
        found[str(name)] = expanded(text, found)
    return found


def expanded(smarts: str, patterns: Mapping[str, str]) -> str:
    """SMARTS in which what they refer to stands in full.

    Raises
    ------
    ConfigError
        No pattern has such a name.
    """

    def text_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in patterns:
            hint = nearest(name, patterns) or (f"; known: {', '.join(patterns)}" if patterns else f"; name it under {KEY}")
            raise ConfigError(f"'{smarts}' refers to {match[0]}, and no pattern is '{name}'{hint}")
        return patterns[name]

    return REFERENCE.sub(text_of, smarts)
