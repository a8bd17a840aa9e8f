"""Calls users' code for numbers, and handles whatever it raises or returns."""

import sysconfig
import traceback
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError

Answer = tuple[NDArray[np.float64], list[str | None]]
MISTAKES = (NameError, AttributeError, TypeError, ImportError, SyntaxError, NotImplementedError, SystemExit)
ENOUGH = 8  # fewest molecules that must all raise the same error for it to count as a mistake in the code
LONGEST = 300  # characters of a reason
WORKED: set[Hashable] = set()  # what has returned a value in this process
NOT_USERS = tuple(sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


def whatever_it_raises(
    ask: Callable[[Sequence[int] | None], Answer],
    count: int,
    valid: Sequence[int],
    who: str,
    key: Hashable,
    through: type[Exception] | tuple[type[Exception], ...] = (),
) -> Answer:
    """Values [count] of `ask`, and reasons for missing ones; if `ask` raises for the batch, it is called per molecule.

    Parameters
    ----------
    ask
        Takes the rows to measure, None for all.
    valid
        Rows that hold a molecule.
    who
        Name of the code in errors.
    key
        Identifies the code: once it has returned a value, a batch that fails is no error.
    through
        Exceptions that are passed on.

    Raises
    ------
    ConfigError
        All of the valid molecules raise the same error, and no call ever succeeded: a mistake in the code, not in a molecule.
    """
    try:
        values, reasons = ask(None)
    except through:
        raise
    except (Exception, SystemExit) as error:
        if count == 1:
            return np.full(1, np.nan), [error_line(error)]
        values, reasons, raised = _one_by_one(ask, count, through)
        _check_whole(raised, valid, who, key)
    if np.isfinite(values).any():
        WORKED.add(key)
    return values, reasons


def of_rows(function: Callable[..., Any], rows: NDArray[np.float64], who: str, *more: Any) -> Answer:
    """Values [n] of a user's function of `rows` [n, ...] and of `more`, such as a transform; see `whatever_it_raises`."""

    def ask(some: Sequence[int] | None) -> Answer:
        part = rows if some is None else rows[list(some)]
        return as_numbers(function(part, *more), len(part), who, "rows"), [None] * len(part)

    valid = np.flatnonzero(np.isfinite(rows).all(axis=tuple(range(1, rows.ndim)))).tolist()
    key = type(function), getattr(function, "__code__", None)
    return whatever_it_raises(ask, len(rows), valid, who, key, through=ConfigError)


def _one_by_one(
    ask: Callable[[Sequence[int] | None], Answer], count: int, through: Any
) -> tuple[NDArray[np.float64], list[str | None], dict[int, BaseException]]:
    values, raised = np.full(count, np.nan), dict[int, BaseException]()
    found: list[str | None] = [None] * count
    for row in range(count):
        try:
            part, why = ask([row])
        except through:
            raise
        except (Exception, SystemExit) as error:
            raised[row], found[row] = error, error_line(error)
        else:
            values[row], found[row] = part[0], why[0]
    return values, found, raised


def _check_whole(raised: dict[int, BaseException], valid: Sequence[int], who: str, key: Hashable) -> None:
    errors = [raised[row] for row in valid if row in raised]
    if key in WORKED or len(errors) < max(2, len(valid)) or len({type(error) for error in errors}) > 1:
        return
    if isinstance(errors[0], MISTAKES) or len(errors) >= ENOUGH:
        raise ConfigError(
            f"{who} raises {error_line(errors[0])}{_where(errors[0])}, for each of {len(errors)} molecules"
        ) from errors[0]


def error_line(error: BaseException) -> str:
    """The type and the message of an error, in one line."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}"[:LONGEST] if message else type(error).__name__


def _where(error: BaseException) -> str:
    """The user's file and the line that an error comes from."""
    package = str(Path(__file__).parents[1])
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith((package, *NOT_USERS))
    ]
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""


def as_numbers(values: Any, count: int, who: str, of: str = "molecules") -> NDArray[np.float64]:
    """Convert `values` to numbers [count], one per item of `of`.

    Raises
    ------
    ConfigError
        They are something else: another shape, text, complex numbers, nothing.
    """
    if values is None:
        raise ConfigError(f"{who} returned nothing (None); a number for each of the {of} is needed, nan for what failed")
    try:
        given = np.asarray(values)
        numbers = np.asarray(given, float) if given.dtype.kind in "biufO" and not _holds_text(given) else None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{who} must return numbers ({error})") from error
    if numbers is None:
        raise ConfigError(f"{who} must return numbers, not {_kind(given)}")
    if numbers.shape != (count,):
        raise ConfigError(f"{who} returned numbers of shape {numbers.shape} for {count} {of}; it must be ({count},)")
    return numbers


def _holds_text(given: NDArray[Any]) -> bool:
    return given.dtype.kind == "O" and any(isinstance(item, str | bytes | complex) for item in given.flat)


def _kind(given: NDArray[Any]) -> str:
    return {"U": "text", "S": "bytes", "c": "complex numbers", "O": "text or complex numbers"}.get(
        given.dtype.kind, str(given.dtype)
    )
