"""Measures components, whatever they raise or return."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from molgen import own_code
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, MolgenError
from molgen.scoring.component import Component
from molgen.scoring.failing import as_numbers, whatever_it_raises

Condition = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def measure_components(
    molecules: Molecules, components: Mapping[str, Component], filters: Mapping[str, Condition]
) -> tuple[NDArray[np.float64], list[str | None]]:
    """Raw values [n, c] of components, and reasons [n] for missing ones where a component gives them.

    Filters come first; molecules that they refuse have nan for all other values.
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
    """Values and reasons [n] of `component`; if it raises, molecules are tried one by one.

    Raises
    ------
    ConfigError
        It returns anything but one number per molecule, or has never done anything but raise.
    """
    kind = type(component)
    ours = kind.__module__.startswith("molgen.") and not kind.__module__.startswith(f"{own_code.__name__}.")

    def ask(rows: Sequence[int] | None) -> tuple[NDArray[np.float64], list[str | None]]:
        part = molecules if rows is None else molecules.take(list(rows))
        values, reasons = component.explained(part)
        if len(reasons) != len(part):
            raise ConfigError(f"{name}: {kind.__name__} gave {len(reasons)} reasons for {len(part)} molecules")
        return as_numbers(values, len(part), f"{name}: {kind.__name__}"), list(reasons)

    valid = [i for i, mol in enumerate(molecules.mols) if mol is not None]
    return whatever_it_raises(
        ask, len(molecules), valid, f"{name}: {kind.__name__}", kind, through=MolgenError if ours else ConfigError
    )
