"""Weights as safetensors beside a JSON card; no pickle is written or read."""

import json
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from molgen.errors import CheckpointError


def write_atomically(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write `content` so that `path` holds the old bytes or all of the new ones, whenever we die.

    Parameters
    ----------
    sync
        And whenever the power fails: for what can't be told from damaged content otherwise.

    Raises
    ------
    OSError
        It can't be written; `path` is its file name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # a full disk names no file, others the temporary one
        raise
    finally:
        temporary.unlink(missing_ok=True)


def save_tensors(path: Path, tensors: dict[str, Tensor], card: dict[str, Any]) -> None:
    """Write `tensors` to `path` (.safetensors) with `card` inside it and as readable JSON beside it."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(card, indent=1)
    write_atomically(path, save(contiguous, metadata={"card": text}))
    write_atomically(path.with_suffix(".json"), text.encode())


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save_tensors` wrote.

    Raises
    ------
    CheckpointError
        The file is missing, cut short, or was not written by molgen.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror}; name a .safetensors file that molgen wrote") from error
    return _parse(content, path)


def load_format(path: Path, version: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save_tensors` wrote, in the format `version`.

    Raises
    ------
    CheckpointError
        As `load_tensors`; or the card names another format.
    """
    tensors, card = load_tensors(path)
    if card.get("format") != version:
        raise CheckpointError(
            f"{path}: written in format {card.get('format')}, this version of molgen reads {version}; train it again"
        )
    return tensors, card


def _parse(content: bytes, path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        tensors = load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        card = json.loads(header["__metadata__"]["card"])
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise CheckpointError(f"{path}: not a molgen checkpoint or damaged ({error}); delete it or restore a copy") from error
    if not isinstance(card, dict):
        raise CheckpointError(f"{path}: its card is no JSON object; delete it or restore a copy")
    return tensors, card


def pack(state: dict[str, Any]) -> bytes:
    """Tensors and whatever JSON can hold, under flat names, as bytes."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in state.items() if isinstance(value, Tensor)}
    plain = {name: value for name, value in state.items() if name not in tensors}
    return save(tensors, metadata={"card": json.dumps(plain)})


def unpack(content: bytes, path: Path) -> dict[str, Any]:
    """What was packed; `path` is named in errors."""
    tensors, plain = _parse(content, path)
    return plain | tensors
