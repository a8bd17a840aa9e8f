"""Components asked for their values, whatever they do."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, MolgenError
from molgen.scoring.component import Component

Condition = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def measure(
    molecules: Molecules, components: Mapping[str, Component], filters: Mapping[str, Condition]
) -> tuple[NDArray[np.float64], list[str | None]]:
    """Raw values [n, c] of components, and why there is none [n] where a component says so.

    Filters come first, and what they refuse has no other values but nan.
    """
    raw = np.full((len(molecules), len(components)), np.nan)
    failures: list[str | None] = [None] * len(molecules)
    rows = np.arange(len(molecules))
    for j, name in sorted(enumerate(components), key=lambda item: item[1] not in filters):
        raw[rows, j], reasons = _values(components[name], molecules, name)
        for row, reason in zip(rows.tolist(), reasons, strict=True):
            if reason is not None and np.isnan(raw[row, j]):
                failures[row] = failures[row] or f"{name}: {reason}"
        if name in filters:
            passed = filters[name](raw[rows, j]) == 1
            rows, molecules = rows[passed], molecules if passed.all() else molecules.take(np.flatnonzero(passed).tolist())
    return raw, failures


def _values(component: Component, molecules: Molecules, name: str) -> tuple[NDArray[np.float64], list[str | None]]:
    """What `component` says of molecules [n]; where it raises, they are tried one by one.

    Raises
    ------
    ConfigError
        It returns something else than a number a molecule.
    """
    try:
        values, reasons = component.explained(molecules)
    except MolgenError:
        raise
    except Exception as error:
        if len(molecules) == 1:
            return np.full(1, np.nan), [f"{type(error).__name__}: {error}"]
        parts = [_values(component, molecules.take([row]), name) for row in range(len(molecules))]
        return np.concatenate([part for part, _ in parts]), [reason for _, (reason,) in parts]
    try:
        numbers = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name}: {type(component).__name__} must return numbers ({error})") from error
    if numbers.shape != (len(molecules),):
        raise ConfigError(f"{name}: {type(component).__name__} returned {numbers.shape} numbers for {len(molecules)} molecules")
    return numbers, list(reasons)
