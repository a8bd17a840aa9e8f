"""Expensive components, whose measurements are cached."""

import hashlib
import json
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.errors import check_between
from molgen.scoring.cache import Cache, Measured, check_named
from molgen.scoring.component import Component


class Procedure(NamedTuple):
    """Everything that values depend on besides the molecule, and the function that measures them under these conditions.

    `measure` takes distinct canonical SMILES [n] and returns values [n], nan for failures, and records [n], which are reasons for
    failures.
    """

    identity: dict[str, Any]
    measure: Callable[[list[str]], Measured]


@dataclass(frozen=True, kw_only=True)
class Expensive(Component):
    """A component that, with a cache, never measures a molecule twice, in whatever campaign.

    Attributes
    ----------
    cache
        `default` (the variable MOLGEN_CACHE, or else a file in the user's cache folder), a database URL such as
        postgresql+psycopg://me@host/molgen, or None for no cache. One other than MOLGEN_CACHE and the cache folder needs
        trust=[cache], since it may come with somebody else's file.
    batch
        Molecules measured at a time; a kill loses at most this many.
    """

    cache: str | None = "default"
    batch: int = 16
    slow: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_between(type(self).__name__.lower(), 1, batch=self.batch)
        if self.cache is not None:
            check_named(self.cache)

    @abstractmethod
    def measurement(self) -> Procedure:
        """The current procedure; files are read once, so that its identity and its values agree."""

    def at_a_time(self) -> int | None:
        """See `Component.at_a_time`."""
        return self.batch

    def cache_key(self, identity: dict[str, Any]) -> str:
        """What the values of this component are kept under: its class and all that they depend on."""
        kind = f"{type(self).__module__}.{type(self).__qualname__}"
        text = json.dumps([kind, identity], sort_keys=True, default=list)
        return hashlib.sha256(text.encode()).hexdigest()

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        """See `Component.__call__`."""
        return self.explained(molecules)[0]

    def explained(self, molecules: Molecules) -> tuple[NDArray[np.float64], Sequence[str | None]]:
        """See `Component.explained`."""
        distinct = list(dict.fromkeys(text for text in molecules.canonical if text is not None))
        values, records = self._measured(distinct)
        found = dict(zip(distinct, zip(values.tolist(), records, strict=True), strict=True))
        rows = [(np.nan, None) if text is None else found[text] for text in molecules.canonical]
        return np.array([value for value, _ in rows], float), [record if np.isnan(value) else None for value, record in rows]

    def _measured(self, smiles: list[str]) -> Measured:
        identity, measure = self.measurement()
        if self.cache is None:
            parts = [measure(smiles[i : i + self.batch]) for i in range(0, len(smiles), self.batch)]
            return np.concatenate([np.empty(0), *(values for values, _ in parts)]), [text for _, texts in parts for text in texts]
        return Cache(self.cache).measured(self.cache_key(identity), smiles, measure, self.batch)

    def records(self, smiles: Sequence[str]) -> dict[str, str]:
        """See `Component.records`."""
        if self.cache is None:
            return {}
        known = Cache(self.cache).known(self.cache_key(self.measurement().identity), list(smiles))
        return {text: record for text, (_, record) in known.items() if record is not None}
