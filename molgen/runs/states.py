"""The files that hold a strategy's state, two in turn."""

import hashlib
from pathlib import Path

from molgen.errors import CheckpointError
from molgen.files import write_atomically
from molgen.learn.checkpoint import pack, unpack
from molgen.search.strategy import State


class States:
    """States of the run `key` in `folder`: the file of the batch before the last stays until the last is committed.

    They aren't synced to the disk, which would take longer than many a batch: the database says by a digest which file goes
    with it, so that one which a power cut has spoilt, or which comes from elsewhere, is noticed.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.key = key

    def path(self, batch: int) -> Path:
        """Where the state after `batch` is."""
        return self.folder / f"state-{batch % 2}.safetensors"

    def write(self, batch: int, state: State) -> str:
        """Write the state after `batch`; its digest.

        Raises
        ------
        OSError
            It can't be written.
        """
        content = pack(state | {"_run": self.key, "_batch": batch})
        write_atomically(self.path(batch), content, sync=False)
        return _digest(content)

    def read(self, batch: int, digest: str | None) -> State:
        """The state after `batch`.

        Raises
        ------
        CheckpointError
            Its file is missing, damaged, of another run or of another batch.
        """
        path = self.path(batch)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CheckpointError(f"{path.name}: {error.strerror}") from error
        try:
            state = unpack(content, path)
        except CheckpointError as error:
            raise CheckpointError(f"{path.name} is damaged") from error
        if state.pop("_run", None) != self.key:
            raise CheckpointError(f"{path.name} is of another run")
        if state.pop("_batch", None) != batch:
            raise CheckpointError(f"{path.name} is not of batch {batch}, with which the database ends")
        if _digest(content) != digest:
            raise CheckpointError(f"{path.name} is damaged")
        return state

    def strange(self) -> list[str]:
        """Names of state files that another run has written."""
        return [path.name for path in (self.path(0), self.path(1)) if self._owner(path) not in (None, self.key)]

    def _owner(self, path: Path) -> str | None:
        try:
            return str(unpack(path.read_bytes(), path).get("_run", ""))
        except (OSError, CheckpointError):
            return None


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
