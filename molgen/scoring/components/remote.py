"""An objective that a molgen service scores."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.scoring.component import Component
from molgen.scoring.scores import Scores
from molgen.scoring.transforms import Identity, Transform
from molgen.scoring.web import check_token, post


@dataclass(frozen=True)
class RemoteScorer(Component):
    """The score of a molecule, 0 to 1, or the value of one term, from a `molgen serve` elsewhere.

    A file with it needs `trust=[endpoint]` on the command line (docs/explanation/trust.md).

    Attributes
    ----------
    url
        Address of the service, such as http://HOST:8000.
    term
        A term of its objective, whose raw value is returned; null for the score.
    token
        Environment variable that holds the service's token, if it requires one; its name begins with MOLGEN_.
    batch
        Molecules per request.
    timeout, tries
        Seconds per request, and attempts per request while the service is busy or unreachable.
    """

    url: str
    term: str | None = None
    token: str | None = None
    batch: int = 250
    timeout: float = 600.0
    tries: int = 4
    unit: ClassVar[str] = "0 to 1, or the term's"
    example: ClassVar[dict[str, Any]] = {"url": "http://127.0.0.1:8000"}

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ConfigError(f"remote_scorer.url: begins with http:// or https://, not {self.url}")
        check_token("remote_scorer", self.token)
        if self.batch < 1 or self.tries < 1 or self.timeout <= 0:
            raise ConfigError("remote_scorer: timeout must be above 0 s, tries and batch at least 1")

    @classmethod
    def needs_trust(cls, settings: Mapping[str, Any]) -> Sequence[str]:
        return ["endpoint"]

    def scores(self, smiles: Sequence[str]) -> Scores:
        """The service's answer for SMILES [n]: totals, terms and reasons.

        Raises
        ------
        DataError
            It can't be reached, refuses, or is no such service.
        """
        parts = [self._results(list(smiles[i : i + self.batch])) for i in range(0, len(smiles), self.batch)]
        rows = [row for part in parts for row in part]
        try:
            names = tuple(rows[0]["values"]) if rows else ()
            columns = {kind: np.array([[row[kind][name] for name in names] for row in rows], float) for kind in KINDS}
            return Scores(
                list(smiles),
                np.array([row["score"] for row in rows], float),
                [row["problem"] for row in rows],
                names,
                columns["values"].reshape(len(rows), len(names)),
                columns["desirability"].reshape(len(rows), len(names)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{self.url}: not a molgen service: {error!r}") from error

    def _results(self, smiles: list[str]) -> list[dict[str, Any]]:
        answer = post(f"{self.url.rstrip('/')}/score", {"smiles": smiles}, self.token, self.timeout, self.tries)
        try:
            results: list[dict[str, Any]] = json.loads(answer)["results"]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{self.url}: not a molgen service: {answer[:80]!r}") from error
        if len(results) != len(smiles):
            raise DataError(f"{self.url}: {len(results)} results for {len(smiles)} molecules")
        return results

    def __call__(self, molecules: Molecules | Sequence[str]) -> NDArray[np.float64]:
        molecules = molecules if isinstance(molecules, Molecules) else Molecules(molecules)
        values = np.full(len(molecules), np.nan)
        valid = [i for i, mol in enumerate(molecules.mols) if mol is not None]
        if not valid:
            return values
        scores = self.scores([molecules.smiles[i] for i in valid])
        if self.term is None:
            values[valid] = scores.total
        elif self.term in scores.names:
            values[valid] = scores.raw[:, scores.names.index(self.term)]
        else:
            raise ConfigError(f"remote_scorer.term: the service has no '{self.term}', but {', '.join(scores.names)}")
        return values

    def desirability(self) -> Transform | None:
        return Identity() if self.term is None else None


KINDS = ("values", "desirability")
