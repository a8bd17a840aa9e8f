"""Models that are saved: tensors and a card."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

from torch import Tensor

from molgen.learn.checkpoint import save_tensors
from molgen.learn.saved import Saved
from molgen.own_code import target_of


class Savable(ABC):
    """What a model says of itself makes one file, and that file makes the model again.

    Attributes
    ----------
    FORMAT
        Version of the file's contents; another one isn't read. None where there has been one only.
    """

    FORMAT: ClassVar[int | None] = None

    @abstractmethod
    def to_saved(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All that there is to the model: tensors, and for the card what JSON can hold.

        Raises
        ------
        ConfigError
            It has learnt nothing yet.
        """

    @classmethod
    @abstractmethod
    def from_saved(cls, saved: Saved) -> Self:
        """The model whose `to_saved` is in a file; whatever is asked of `saved` is checked by name, type and shape."""

    def save(self, path: Path | str, card: dict[str, Any] | None = None) -> None:
        """Write the model to `path` (.safetensors), and its card, with the entries of `card`, beside it as JSON too.

        Raises
        ------
        ConfigError
            It has learnt nothing yet.
        OSError
            The file can't be written.
        """
        tensors, about = self.to_saved()
        head = {"class": target_of(type(self))} | ({} if self.FORMAT is None else {"format": self.FORMAT})
        save_tensors(Path(path), tensors, head | about | (card or {}))

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        CheckpointError
            The file is missing, damaged, of another format, or no model of this class; says what and where.
        """
        with Saved.read(path, cls.FORMAT).opened() as saved:
            return cls.from_saved(saved)
