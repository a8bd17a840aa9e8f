"""Hydra's grammar of overrides: what needs quotes, and which values a sweep takes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override
from hydra.errors import HydraException

from molgen.errors import ConfigError

INTERPOLATION = re.compile(r"\$\{[\w.\[\]-]+\}")  # reference to another key
NOW = re.compile(r"\$\{now:[^${}]*\}")


def check_interpolations(plain: Any, where: str, *, typed: bool = False) -> None:
    """Refuse all interpolations but `${another.key}` in keys and values, since resolvers can read the environment.

    Parameters
    ----------
    typed
        Whether it comes from the command line, where `${now:...}` is allowed too.

    Raises
    ------
    ConfigError
        There is another interpolation.
    """
    if isinstance(plain, dict):
        plain = [*plain, *plain.values()]
    if isinstance(plain, list):
        for item in plain:
            check_interpolations(item, where, typed=typed)
    elif isinstance(plain, str) and "${" in INTERPOLATION.sub("", NOW.sub("", plain) if typed else plain):
        raise ConfigError(f"{where}: '{plain}': only ${{another.key}} can be put in; resolvers such as oc.env are not allowed")


@dataclass(frozen=True)
class Interval:
    """Numbers from `low` to `high`."""

    low: float
    high: float
    log: bool
    integer: bool


def expand(overrides: Sequence[str]) -> list[list[str]]:
    """The overrides of every job of a grid: `KEY=A,B` and `KEY=range(1,4)` take each of their values in turn.

    Raises
    ------
    ConfigError
        One of them can't be read, is an interval, or holds nothing.
    """
    choices: list[list[str]] = []
    for text, override in zip(overrides, _parsed(overrides), strict=True):
        if override.is_interval_sweep():
            raise ConfigError(f"{text}: an interval has no end of values; add hydra/sweeper=optuna")
        swept = override.is_sweep_override()
        choices.append([f"{_name(override)}={value}" for value in _values(text, override)] if swept else [text])
        if not choices[-1]:
            raise ConfigError(f"{text}: there is no value in it")
    return [list(job) for job in product(*choices)]


def swept(overrides: Sequence[str]) -> list[str]:
    """The keys of `overrides` with several values."""
    return [_name(override) for override in _parsed(overrides) if override.is_sweep_override()]


def search_space(overrides: Sequence[str]) -> tuple[list[str], dict[str, Interval | list[str]]]:
    """Fixed overrides, and what a search varies: `KEY=interval(0,1)`, `KEY=tag(log,interval(1e-4,1e-2))`, `KEY=A,B`."""
    fixed: list[str] = []
    space: dict[str, Interval | list[str]] = {}
    for text, override in zip(overrides, _parsed(overrides), strict=True):
        value = override.value()
        if isinstance(value, IntervalSweep):
            assert value.start is not None
            assert value.end is not None
            integer = isinstance(value.start, int) and isinstance(value.end, int)
            space[_name(override)] = Interval(value.start, value.end, "log" in value.tags, integer)
        elif override.is_sweep_override():
            space[_name(override)] = _values(text, override)
        else:
            fixed.append(text)
    return fixed, space


def _values(text: str, override: Override) -> list[str]:
    """The distinct values of a sweep; `A,B` keeps its text, since Hydra would write `[+1]` as `[1]` and escape `c:c`."""
    value = override.value()
    if isinstance(value, ChoiceSweep) and value.simple_form:
        given = [part.strip() for part in _split(text.partition("=")[2])]
    else:
        try:
            given = list(override.sweep_string_iterator())
        except HydraException as error:
            raise ConfigError(f"{text}: {unreadable(text.partition('=')[2])}") from error
    first = {_meant(part): part for part in reversed(given)}
    return [part for part in dict.fromkeys(given) if first[_meant(part)] == part]


def _meant(text: str) -> str:
    """A canonical value: the same for `0.5` and `0.50`, `1` and `1.0`."""
    try:
        return repr(float(text))
    except ValueError:
        return text


def _name(override: Override) -> str:
    return override.get_key_element()


def _parsed(overrides: Sequence[str]) -> list[Override]:
    """Parse overrides; raise a ConfigError if a setting with several values is given twice, which would make equal jobs."""
    found = [_parsed_one(text) for text in overrides]
    keys = [_name(override).lstrip("+") for override in found]
    for key, override in zip(keys, found, strict=True):
        if override.is_sweep_override() and keys.count(key) > 1:
            raise ConfigError(f"{key}: is given twice; name all of its values once: {key}=A,B,C")
    return found


def unreadable(value: str) -> str:
    """Explain that the value of an override can't be read by Hydra's grammar."""
    return (
        "can't be read; lists are [A,B], settings {KEY: VALUE}, and other text with brackets or quotes is written "
        f"{in_quotes(value)}"
    )


def _parsed_one(text: str) -> Override:
    """Parse an override; raise a ConfigError if commas that would make a sweep separate values that Hydra can't read."""
    parser = OverridesParser.create()
    try:
        return parser.parse_override(text)
    except HydraException:
        key, _, value = text.partition("=")
        parts = _split(value)
        if len(parts) > 1 and value[0] not in "{\"'":
            each = f"{key}={','.join(map(in_quotes, parts))}"
            raise ConfigError(
                f"{text}: a comma separates the values of a sweep; type '{each}', or '{key}={in_quotes(value)}' for one value"
            ) from None
    try:
        return parser.parse_override(quoted(text))
    except HydraException as error:
        raise ConfigError(f"{text}: {unreadable(text.partition('=')[2])}") from error


def read_value(value: str, *, text: bool = False) -> Any:
    """The value that an override means.

    Parameters
    ----------
    text
        Whether it is literal text, unless it is null, in quotes, or a list of texts in quotes.

    Raises
    ------
    ConfigError
        It can't be read.
    """
    if text and not value.startswith(("'", '"', "['", '["')) and value not in ("[]", "null"):
        return value
    try:
        override = OverridesParser.create().parse_override(quoted(f"x={value}"))
    except HydraException as error:
        raise ConfigError(unreadable(value)) from error
    if override.is_sweep_override():
        raise ConfigError("several values make a sweep: molgen design -m")
    return override.value()


def as_text(override: str) -> str:
    """`override` with its value quoted as literal text for Hydra, unless it is null or in quotes."""
    key, _, value = override.partition("=")
    return override if value == "null" or value[:1] in ("'", '"') else f"{key}={in_quotes(value)}"


def as_texts(override: str) -> str:
    """`override`, whose value is a list of SMILES, quoted for Hydra."""
    key, _, value = override.partition("=")
    if not _is_list(value) or set(value) & set("\"'"):
        return override if value == "null" or _is_list(value) else as_text(override)
    return f"{key}=[{','.join(in_quotes(part.strip()) for part in _split(value[1:-1]))}]"


def quoted(override: str) -> str:
    """`override` with its value quoted where Hydra's grammar can't read it, as is the case for most SMILES."""
    _, _, value = override.partition("=")
    try:
        OverridesParser.create().parse_override(override)
    except HydraException:
        if not value or value[0] in "{\"'" or value.count("[") != value.count("]"):
            return override
        return as_texts(override)
    return override


def _is_list(value: str) -> bool:
    """Whether the last character closes the first bracket, as it doesn't in `[NH3+]CC[O-]`."""
    depths = list(accumulate({"[": 1, "]": -1}.get(character, 0) for character in value))
    return value[:1] == "[" and 0 in depths and depths.index(0) == len(value) - 1


def _split(value: str) -> list[str]:
    """Split `value` at commas that are outside brackets and quotes and have no backslash before them."""
    parts, depth, quote = [""], 0, ""
    for before, character in zip(" " + value, value, strict=False):
        if before == "\\" and character in ",\"'":
            parts[-1] += character
            continue
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0) if not quote else 0
        if character == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return parts if parts != [""] else []


def in_quotes(text: str) -> str:
    """`text` quoted so that Hydra reads it literally: backslashes count only before a quote."""
    escaped = re.sub(r'(\\*)("|$)', lambda found: found[1] * 2 + ("\\" if found[2] else "") + found[2], text)
    return f'"{escaped}"'
