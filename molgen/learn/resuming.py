"""Resumed training: how far it has come, whether its files are valid, and that no other process trains there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from molgen.errors import CampaignError, CheckpointError
from molgen.folders import remedy, writing


@dataclass
class Progress:
    """How far a training has come: the epoch and step to do next."""

    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def read(cls, card: Mapping[str, Any], *figures: str) -> Self:
        """What a card holds; `figures` are in every record of its history.

        Raises
        ------
        TypeError
            It holds something else.
        ValueError
            Its numbers can't be those of a training.
        """
        found = cls(**card)
        if type(found.epoch) is not int or type(found.step) is not int or min(found.epoch, found.step) < 0:
            raise ValueError("epoch and step must be whole numbers")
        found.seconds = float(found.seconds)
        found.history = [{str(name): float(value) for name, value in dict(record).items()} for record in found.history]
        if missing := [name for name in figures for record in found.history if name not in record]:
            raise ValueError(f"its history has no {missing[0]}")
        return found


@contextmanager
def training_in(folder: str, *, first: bool = True) -> Iterator[None]:
    """Be the only training in `folder` until the block ends, if this is the `first` of its processes.

    Raises
    ------
    CampaignError
        Another process trains there, or the folder can't be made or written, at first or later.
    """
    if not first:
        yield
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CampaignError(f"{folder}: can't be made ({error.strerror}); {remedy(error)}, or choose another folder") from error
    with writing(Path(folder)):
        try:
            yield
        except OSError as error:
            raise CampaignError(
                f"{folder}: the training stopped ({error.strerror or error}); {remedy(error)}, then give the same command again: "
                "it goes on from what was saved last"
            ) from error


@contextmanager
def of_this_model(path: Path) -> Iterator[None]:
    """Turn what a network, or an optimizer, says to tensors of another into a line.

    Raises
    ------
    CheckpointError
        In the place of whatever they raise.
    """
    try:
        yield
    except (RuntimeError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(
            f"{path}: damaged or of another model ({(str(error).splitlines() or ['empty'])[0]}); choose another folder"
        ) from error
