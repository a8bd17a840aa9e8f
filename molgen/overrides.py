"""Hydra's grammar of overrides: what needs quotes, and what a sweep goes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override
from hydra.errors import HydraException

from molgen.errors import ConfigError


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
        One of them can't be read, or is an interval.
    """
    parsed = _parsed(overrides)
    for override in parsed:
        if override.is_interval_sweep():
            raise ConfigError(f"{override.input_line}: an interval has no end of values; add hydra/sweeper=optuna")
    return [list(job) for job in BasicSweeper.split_arguments(parsed, None)[0]]


def swept(overrides: Sequence[str]) -> list[str]:
    """The keys of `overrides` that have several values."""
    return [_name(override) for override in _parsed(overrides) if override.is_sweep_override()]


def search_space(overrides: Sequence[str]) -> tuple[list[str], dict[str, Interval | list[str]]]:
    """What stays, and what a search over settings chooses: `KEY=interval(0,1)`, `KEY=tag(log,interval(1e-4,1e-2))`, `KEY=A,B`."""
    fixed: list[str] = []
    space: dict[str, Interval | list[str]] = {}
    for override in _parsed(overrides):
        value = override.value()
        if isinstance(value, IntervalSweep):
            assert value.start is not None
            assert value.end is not None
            integer = isinstance(value.start, int) and isinstance(value.end, int)
            space[_name(override)] = Interval(value.start, value.end, "log" in value.tags, integer)
        elif override.is_sweep_override():
            space[_name(override)] = list(override.sweep_string_iterator())
        else:
            fixed.append(str(override.input_line))
    return fixed, space


def _name(override: Override) -> str:
    return override.get_key_element()


def _parsed(overrides: Sequence[str]) -> list[Override]:
    try:
        return OverridesParser.create().parse_overrides([quoted(text) for text in overrides])
    except HydraException as error:
        raise ConfigError(str(error).splitlines()[0]) from error


def quoted(override: str) -> str:
    """`override` with its value in quotes where Hydra's grammar can't read it, as it can't most SMILES."""
    key, _, value = override.partition("=")
    try:
        OverridesParser.create().parse_override(override)
    except HydraException:
        if not value or value[0] in "{\"'" or value.count("[") != value.count("]"):
            return override
        if not _is_list(value):
            return f"{key}={_in_quotes(value)}"
        if not set(value) & set("\"'"):
            return f"{key}=[{','.join(map(_in_quotes, value[1:-1].split(',')))}]"
    return override


def _is_list(value: str) -> bool:
    """Whether the first bracket is closed by the last character, as it isn't in `[NH3+]CC[O-]`."""
    depths = list(accumulate({"[": 1, "]": -1}.get(character, 0) for character in value))
    return value[0] == "[" and 0 in depths and depths.index(0) == len(value) - 1


def _in_quotes(value: str) -> str:
    escaped = value.replace('"', '\\"')
    return f'"{escaped}"'
