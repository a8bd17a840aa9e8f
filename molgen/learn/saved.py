"""A model's file, read with suspicion: everything in it is asked for by name, type and shape."""

import json
import math
import types
import typing
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.overrides import TorchFunctionMode

from molgen.classes import hints, type_name
from molgen.errors import CheckpointError, MolgenError, nearest
from molgen.learn.checkpoint import load_format, load_tensors
from molgen.renamed import setting

Made = TypeVar("Made")
LONGEST = 1 << 30  # bytes of unpacked texts


@dataclass(frozen=True)
class Saved:
    """The tensors and the card of a model that was saved.

    Whatever it is asked for and hasn't, or has in another type or shape, is a CheckpointError that names the file and the key.
    """

    path: Path
    tensors: Mapping[str, Tensor]
    card: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path | str, version: int | None = None) -> "Saved":
        """The file at `path`, which must be of a format's `version` where one is named."""
        path = Path(path)
        return cls(path, *(load_tensors(path) if version is None else load_format(path, version)))

    def error(self, problem: str) -> CheckpointError:
        """What to raise for a `problem` of this file."""
        return CheckpointError(
            f"{self.path}: {problem}; it is damaged, or no model of molgen's: restore a copy or train it again"
        )

    @contextmanager
    def opened(self) -> Iterator["Saved"]:
        """Within it, what is wrong with the file is one line that names it."""
        try:
            yield self
        except MolgenError as error:
            if isinstance(error, CheckpointError) and str(self.path) in str(error):
                raise
            raise self.error(" ".join(str(error).split())) from error
        except Exception as error:  # of any of the libraries that the parts of a model belong to
            lines = str(error).strip().splitlines() or [""]
            raise self.error(f"can't be read ({type(error).__name__}: {lines[0][:200]})") from error

    def value(self, key: str, hint: Any) -> Any:
        """The value at `key` of the card (such as `settings.trees` or `models.0.platt`), of type `hint`."""
        found: Any = self.card
        for part in key.split("."):
            if isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            elif isinstance(found, Mapping) and part in found:
                found = found[part]
            else:
                raise self.error(f"its card has no '{key}'")
        if problem := misfit(found, hint, key):
            raise self.error(f"in its card, {problem}")
        return found

    def settings(
        self, key: str, kind: Callable[..., Any], besides: Sequence[str] = (), needed: Collection[str] | None = None
    ) -> dict[str, Any]:
        """The arguments of `kind` that the card has at `key`, under their names of today, checked by the types that it takes.

        Parameters
        ----------
        besides
            What is asked for otherwise, or isn't saved.
        needed
            What must be there; by default all that `kind` takes.
        """
        found = self._renamed(key, kind)
        known = {name: hint for name, hint in hints(kind).items() if name != "return" and name not in besides}
        for name in known if needed is None else needed:
            if name not in found:
                raise self.error(f"its card has no '{key}.{name}'")
        for name, value in found.items():
            if name in besides:
                continue
            if name not in known:
                raise self.error(f"in its card, {key}.{name} is no setting of {kind.__name__}{nearest(name, known)}")
            if problem := misfit(value, known[name], f"{key}.{name}"):
                raise self.error(f"in its card, {problem}")
        return {name: value for name, value in found.items() if name not in besides}

    def _renamed(self, key: str, kind: Callable[..., Any]) -> dict[str, Any]:
        """What the card has at `key`, under the names that the arguments of `kind` have today."""
        found: dict[str, Any] = {}
        for name, value in self.value(key, dict[str, Any]).items():
            present = setting(f"{kind.__module__}.{kind.__qualname__}", name) or name
            if present in found:
                raise self.error(f"in its card, {key}.{present} is there under two names")
            found[present] = value
        return found

    def made(self, key: str, kind: Callable[..., Made]) -> Made:
        """`kind` with the arguments that the card has at `key`."""
        try:
            return kind(**self.settings(key, kind))
        except (TypeError, ValueError) as error:
            raise self.error(f"in its card, {key}: {error}") from error

    def array(self, name: str, *shape: int | None, kinds: str = "f") -> NDArray[Any]:
        """The tensor `name` of a `shape` (None for any length), in which every number is finite.

        Parameters
        ----------
        kinds
            Of numbers, as NumPy abbreviates them: f, i, u, b.
        """
        if name not in self.tensors:
            raise self.error(f"it has no tensor '{name}'")
        found = self.tensors[name]
        fits = found.ndim == len(shape) and all(b in (None, a) for a, b in zip(found.shape, shape, strict=True))
        if not fits:
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise self.error(f"its tensor '{name}' has the shape {list(found.shape)}, not [{wanted}]")
        if found.is_floating_point() and not found.isfinite().all():
            raise self.error(f"its tensor '{name}' has numbers that are not finite")
        array: NDArray[Any] = (found.float() if found.dtype == torch.bfloat16 else found).numpy()
        if array.dtype.kind not in kinds:
            raise self.error(f"its tensor '{name}' holds {array.dtype}, another kind of number")
        return array

    def numbers(self, name: str, count: int, below: int) -> NDArray[np.int64]:
        """The tensor `name` [count] of whole numbers from 0 to `below` - 1."""
        found = self.array(name, count, kinds="iu")
        if len(found) and not (found.min() >= 0 and found.max() < below):
            raise self.error(f"its tensor '{name}' must hold whole numbers from 0 to {below - 1}")
        return found.astype(np.int64)

    def unpacked(self, name: str, longest: int = LONGEST) -> bytes:
        """What zlib packed into the tensor `name`, no more than `longest` bytes."""
        machine = zlib.decompressobj()
        content = self.array(name, None, kinds="u")
        try:
            found = machine.decompress(content.tobytes(), longest + 1)
        except zlib.error as error:
            raise self.error(f"its tensor '{name}' can't be unpacked ({error})") from error
        if len(found) > longest or not machine.eof:
            raise self.error(f"its tensor '{name}' unpacks to another length than that of its rows")
        return found

    def lines(self, name: str) -> list[str]:
        """The texts that `pack_lines` made the tensor `name` of."""
        try:
            return self.unpacked(name).decode().split("\n")
        except UnicodeDecodeError as error:
            raise self.error(f"its tensor '{name}' is no text ({error})") from error

    def columns(self, name: str, rows: int, columns: int, dtype: type) -> NDArray[Any]:
        """The matrix [rows, columns] that `pack_columns` made the tensor `name` of."""
        size = rows * columns * np.dtype(dtype).itemsize
        content = self.unpacked(name, size)
        if len(content) != size:
            raise self.error(f"its tensor '{name}' has {len(content)} bytes, not the {size} of {rows} rows and {columns} columns")
        return np.ascontiguousarray(np.frombuffer(content, dtype).reshape(columns, rows).T)

    def network(self, prefix: str, make: Callable[[], Made], module: Callable[[Made], Any] = lambda made: made) -> Made:
        """What `make` makes, `module` of it with the weights whose names begin with `prefix`.

        Shapes are compared with a network without memory before a real one is made: the sizes in a card cost nothing.
        """
        weights = {name[len(prefix) :]: value for name, value in self.tensors.items() if name.startswith(prefix)}
        for name, value in weights.items():
            if value.is_floating_point() and not value.isfinite().all():
                raise self.error(f"its tensor '{prefix}{name}' has numbers that are not finite")
        with torch.device("meta"), _Undrawn():
            wanted = {name: _form(value) for name, value in module(make()).state_dict().items()}
        found = {name: _form(value) for name, value in weights.items()}
        if wanted != found:
            name = min(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
            raise self.error(
                f"its tensor '{prefix}{name}' is {found.get(name, 'not there')}, and should be, by its settings, "
                f"{wanted.get(name, 'not there')}"
            )
        made = make()
        weights = {name: value.float() if value.dtype == torch.bfloat16 else value for name, value in weights.items()}
        module(made).load_state_dict(weights)
        return made


class _Undrawn(TorchFunctionMode):
    """Leaves tensors without memory as they are where they would be drawn: for that torch would import its compiler, in 2 s."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        settings = kwargs or {}
        if func.__name__ == "normal_":
            return settings["tensor"] if "tensor" in settings else args[0]
        return func(*args, **settings)


def _form(tensor: Tensor) -> str:
    return f"{list(tensor.shape)} of {'numbers' if tensor.is_floating_point() else tensor.dtype}"


def misfit(value: Any, hint: Any, key: str) -> str:
    """What is wrong with `value` where JSON was to hold a `hint`; empty if nothing is."""
    choices = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    problems = [_misfit(value, choice, key) for choice in choices]
    return "" if "" in problems else problems[0]


def _misfit(value: Any, hint: Any, key: str) -> str:
    origin, parts = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin is typing.Literal:
        return (
            ""
            if value in parts and isinstance(value, str)
            else f"{key} is {_shown(value)}, not one of {', '.join(map(str, parts))}"
        )
    if origin in (dict, Mapping) and isinstance(value, dict):
        return next(filter(None, (misfit(item, parts[1], f"{key}.{name}") for name, item in value.items())), "") if parts else ""
    if origin in (list, tuple, Sequence) and isinstance(value, list):
        if origin is tuple and ... not in parts:
            if len(value) != len(parts):
                return f"{key} has {len(value)} items, not {len(parts)}"
            pairs = list(zip(value, parts, strict=True))
        else:
            pairs = [(item, parts[0]) for item in value]
        return (
            next(filter(None, (misfit(item, part, f"{key}[{i}]") for i, (item, part) in enumerate(pairs))), "") if parts else ""
        )
    if origin is float and type(value) in (int, float):
        return "" if math.isfinite(value) else f"{key} is {value}, not a finite number"
    if origin is Any or (origin in (int, str, bool) and type(value) is origin) or (hint is type(None) and value is None):
        return ""
    return f"{key} is {_shown(value)}, not {type_name(hint)}"


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:60]}..."
