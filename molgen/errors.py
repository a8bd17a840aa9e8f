"""Errors that tell the user what is wrong, where, and what would be right."""

import difflib
import math
from collections.abc import Iterable


class MolgenError(Exception):
    """Base of every error that molgen raises on purpose; the message is one line for the user."""


class ConfigError(MolgenError):
    """A key, name or value of the configuration is wrong."""


class DataError(MolgenError):
    """A file of molecules or of results can't be used."""


class CheckpointError(MolgenError):
    """A saved model or a training state can't be read."""


class CampaignError(MolgenError):
    """A run folder can't be created, continued or written."""


class ClusterError(MolgenError):
    """Workers can't be reached or started."""


def nearest(word: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` for an error message; empty if no known word is similar."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f", did you mean '{close[0]}'?" if close else ""


SEEDS = 2**32 - 1  # the largest seed that all generators of random numbers take


def check_between(group: str, least: float, most: float = math.inf, /, **settings: float) -> None:
    """Raise ConfigError for the first of `settings` of a group that isn't a finite number from `least` to `most`."""
    for name, value in settings.items():
        if not (least <= value <= most and math.isfinite(value)):
            bounds = f"at least {least:g}, and finite" if most == math.inf else f"between {least:g} and {most:g}"
            raise _outside(group, name, bounds.removesuffix("" if math.isinf(value) else ", and finite"), value)


def check_above(group: str, most: float = math.inf, /, **settings: float) -> None:
    """Raise ConfigError for the first of `settings` of a group that isn't a finite number above 0 and at most `most`."""
    for name, value in settings.items():
        if not (0 < value <= most and math.isfinite(value)):
            bounds = "above 0" if most == math.inf else f"above 0 and at most {most:g}"
            raise _outside(group, name, f"{bounds}{', and finite' if value == math.inf else ''}", value)


def check_seed(group: str, seed: int | None) -> None:
    """Raise ConfigError for a seed that random generators don't accept."""
    if seed is not None and not 0 <= seed <= SEEDS:
        raise _outside(group, "seed", f"between 0 and {SEEDS}", seed)


def _outside(group: str, name: str, bounds: str, value: float) -> ConfigError:
    return ConfigError(f"{group}.{name}: must be {bounds}, not {value}".removeprefix("."))
