"""What can't be sent to another process, by the name of the part that is the reason."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from ray import cloudpickle

from molgen.errors import ClusterError


@contextmanager
def sendable(name: str, thing: Any) -> Iterator[None]:
    """Sends `thing` to processes on the cluster.

    Raises
    ------
    ClusterError
        It can't be pickled; says which attribute of it.
    """
    try:
        yield
    except Exception as error:
        found = culprit(name, thing)
        if found is None:
            raise
        where, part, reason = found
        raise ClusterError(
            f"{where} ({type(part).__module__}.{type(part).__qualname__}) can't be sent to workers: {reason}; make it when it is "
            "first used there, or leave it out of the state (__getstate__)"
        ) from error


def culprit(where: str, thing: Any) -> tuple[str, Any, str] | None:
    """The innermost part of `thing` that can't be pickled: its name, itself, and why; None if all can be."""
    reason = _refusal(thing)
    if reason is None:
        return None
    seen = {id(thing)}
    while True:
        parts = ((f"{where}{name}", part, _refusal(part)) for name, part in _parts(thing) if id(part) not in seen)
        found = next(((name, part, why) for name, part, why in parts if why is not None), None)
        if found is None:
            return where, thing, reason
        where, thing, reason = found
        seen.add(id(thing))


def _refusal(thing: Any) -> str | None:
    try:
        cloudpickle.dumps(thing)
    except Exception as error:  # what a part's own code raises, too
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return None


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """What `thing` is made of, with names as one writes them behind its own."""
    if isinstance(thing, Mapping):
        yield from ((f"[{key!r}]", value) for key, value in thing.items())
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from ((f"[{i}]", value) for i, value in enumerate(thing))
    elif isinstance(thing, partial):
        yield from ((f".{name}", getattr(thing, name)) for name in ("func", "args", "keywords"))
    elif isinstance(thing, MethodType):
        yield ".__self__", thing.__self__
    elif isinstance(thing, FunctionType):
        cells = zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True)
        yield from ((f".{name}", cell.cell_contents) for name, cell in cells)
        yield from ((f".{name}", thing.__globals__[name]) for name in thing.__code__.co_names if name in thing.__globals__)
    else:
        try:
            state = thing.__getstate__()  # what pickle takes: without what a class leaves out
        except Exception:
            return
        for attributes in state if isinstance(state, tuple) else (state,):
            if isinstance(attributes, dict):
                yield from ((f".{name}", value) for name, value in attributes.items())
