"""A model behind an HTTP address as a component."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from molgen.errors import ConfigError, DataError
from molgen.scoring.answers import AnswerError, read_values
from molgen.scoring.cache import Measured
from molgen.scoring.expensive import Expensive, Procedure
from molgen.scoring.web import check_token, post


@dataclass(frozen=True)
class HttpEndpoint(Expensive):
    """Values from a server that answers `POST {"smiles": [...]}` with JSON or CSV.

    A server that can't be reached ends the campaign, which can be resumed later. A file with it needs `trust=[endpoint]` on the
    command line (docs/explanation/trust.md).

    Attributes
    ----------
    url
        Address of the server.
    column
        Column of the values in its answer, if there are several.
    field
        Name of the list of SMILES in the request.
    token
        Environment variable that holds a bearer token, if the server requires one; its name begins with MOLGEN_.
    timeout, tries
        Seconds per batch, and attempts per batch while the server is busy or unreachable.
    """

    url: str
    column: str | None = None
    field: str = "smiles"
    token: str | None = None
    timeout: float = 60.0
    tries: int = 4
    _: KW_ONLY
    cache: str | None = None
    batch: int = 64
    unit: ClassVar[str] = "the server's"
    example: ClassVar[dict[str, Any]] = {"url": "http://127.0.0.1:8080/predict", "column": "pIC50"}
    transform: ClassVar[dict[str, Any]] = {"sigmoid": {"low": 6, "high": 8}}

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.url.startswith(("http://", "https://")):
            raise ConfigError(f"endpoint.url: begins with http:// or https://, not {self.url}")
        check_token("endpoint", self.token)
        if self.timeout <= 0 or self.tries < 1 or self.batch < 1:
            raise ConfigError("endpoint: timeout must be above 0 s, tries and batch at least 1")

    @classmethod
    def needs_trust(cls, settings: Mapping[str, Any]) -> Sequence[str]:
        return ["endpoint", *super().needs_trust(settings)]

    def measurement(self) -> Procedure:
        return Procedure({"url": self.url, "column": self.column, "field": self.field}, self._measure)

    def _measure(self, smiles: list[str]) -> Measured:
        answer = post(self.url, {self.field: smiles}, self.token, self.timeout, self.tries)
        try:
            return read_values(answer, smiles, self.column), [None] * len(smiles)
        except AnswerError as error:
            raise DataError(f"{self.url}: {error}") from error
