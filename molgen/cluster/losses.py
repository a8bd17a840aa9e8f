"""Errors on a cluster: those that a function raised, and losses of processes, nodes or memory."""

from ray.exceptions import OutOfMemoryError, RayActorError, RayError, RayTaskError


def raised(error: RayError) -> Exception | None:
    """What a function on the cluster raised; None if Ray lost the work, which another process may do."""
    cause: Exception = error.cause if isinstance(error, RayTaskError) else error
    return None if isinstance(cause, RayError) else cause


def fate(error: RayError | None) -> str:
    """What became of the process behind work that was lost."""
    return "ran out of memory" if isinstance(error, OutOfMemoryError) else "died"


def what(error: RayError | None) -> str:
    """One line of what Ray says about it: where an actor died, the last is that of the error it raised."""
    lines = str(error).strip().splitlines() if error else []
    return "" if not lines else lines[-1 if isinstance(error, RayActorError) else 0]
