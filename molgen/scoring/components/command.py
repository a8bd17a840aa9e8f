"""A program of the user's as a component."""

import logging
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError
from molgen.scoring.answers import AnswerError, read_values
from molgen.scoring.cache import Measured
from molgen.scoring.expensive import Expensive, Procedure

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Command(Expensive):
    """Values from a program that reads one SMILES per line and writes JSON or CSV.

    If it fails on a batch, its molecules are tried one by one, and those on which it fails again have no value.
    A file with it needs `trust=[command]` on the command line (docs/explanation/trust.md).

    Attributes
    ----------
    command
        The program and its arguments, as in a shell. The contents of files among these are part of the cache's key, so a log that
        the program writes doesn't belong here.
    column
        Column of the values in its answer, if there are several.
    timeout
        Seconds per batch.
    tries
        Attempts per batch, and then per molecule.
    """

    command: str
    column: str | None = None
    timeout: float = 600.0
    tries: int = 2
    _: KW_ONLY
    cache: str | None = None
    batch: int = 64
    unit: ClassVar[str] = "the program's"
    example: ClassVar[dict[str, Any]] = {
        "command": 'awk \'BEGIN {print "smiles,score"} {print $1 "," length($1)}\'',
        "column": "score",
    }
    transform: ClassVar[dict[str, Any]] = {"linear": {"low": 60, "high": 20}}

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise ConfigError(f"command: {error}: {self.command}") from error
        if not words or shutil.which(words[0]) is None:
            raise ConfigError(f"command: no program '{words[0] if words else ''}' here: {self.command}")
        if self.timeout <= 0 or self.tries < 1 or self.batch < 1:
            raise ConfigError("command: timeout must be above 0 s, tries and batch at least 1")

    @classmethod
    def needs_trust(cls, settings: Mapping[str, Any]) -> Sequence[str]:
        return ["command", *super().needs_trust(settings)]

    def measurement(self) -> Procedure:
        files = {
            word: _digest(path) for word in shlex.split(self.command) if (path := Path(shutil.which(word) or word)).is_file()
        }
        return Procedure({"command": self.command, "column": self.column, "files": files}, self._measure)

    def _measure(self, smiles: list[str]) -> Measured:
        values = self._values(smiles)
        if values is None and len(smiles) > 1:
            single = [self._values([text]) for text in smiles]
            values = np.array([np.nan if value is None else value[0] for value in single])
        return np.full(len(smiles), np.nan) if values is None else values, [None] * len(smiles)

    def _values(self, smiles: list[str]) -> NDArray[np.float64] | None:
        """Values [n]; None if every attempt fails."""
        for _ in range(self.tries):
            try:
                return read_values(self._answer("\n".join(smiles) + "\n"), smiles, self.column)
            except (AnswerError, OSError, subprocess.SubprocessError) as error:
                LOG.warning("%s: %s (%d molecules, from %s)", shlex.split(self.command)[0], error, len(smiles), smiles[0])
        return None

    def _answer(self, question: str) -> str:
        pipe = subprocess.PIPE
        with subprocess.Popen(
            shlex.split(self.command), stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        ) as process:
            try:
                answer, complaint = process.communicate(question, timeout=self.timeout)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)  # with whatever it started
                raise
        if process.returncode:
            last = (complaint.strip().splitlines() or ["no message"])[-1]
            raise AnswerError(f"ended with code {process.returncode}: {last}")
        return answer


def _digest(path: Path) -> str:
    """SHA-256 of the program or one of its files, since other contents may give other values."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
