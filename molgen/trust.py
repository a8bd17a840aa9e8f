"""Whose code a file may name: molgen's own, and that of packages which the user trusts."""

import os
import re
from collections.abc import Iterable

VARIABLE = "MOLGEN_TRUST"


def trusted_names() -> frozenset[str]:
    """What MOLGEN_TRUST and `trust=[...]` of the command line name: packages, modules, or components such as `command`."""
    return frozenset(re.split(r"[\s,]+", os.environ.get(VARIABLE, "").strip())) - {""}


def trust(names: Iterable[str]) -> None:
    """Trust `names` too, in this process and in those that it starts."""
    os.environ[VARIABLE] = ",".join(sorted(trusted_names() | set(names)))


def is_trusted(target: str) -> bool:
    """Whether the class at the dotted path `target` may be imported because a file names it."""
    return any(target.startswith(f"{package}.") for package in {"molgen", *trusted_names()})
