"""Ray, started here or joined, with the token that it asks for."""

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import ray
from ray._raylet import AuthenticationTokenLoader, Config
from ray.job_config import JobConfig

from molgen.cluster import watchdog
from molgen.cluster.head import Address, Head, find_token, is_refused
from molgen.errors import ClusterError

OBJECT_STORE = 200_000_000  # bytes: SMILES and scores are small, and a laptop's /dev/shm may be
GLANCE = 2.0  # s between two looks whether the head is there
RECONNECT = "600"  # s after which Ray ends a process whose head is gone, without a word; we do within PATIENCE
T = TypeVar("T")
_heads: list[Head] = []  # that of the Ray of this process, if any


@contextmanager
def connected(address: str | None, *, log: bool = False, where: str = "cluster.address") -> Iterator[None]:
    """Ray, until the block ends; what was connected before stays so.

    Parameters
    ----------
    address
        See `RayCluster`.
    log
        Show what workers print.
    where
        The setting that `address` is, for messages.

    Raises
    ------
    ClusterError
        There is no cluster at `address`, it refuses our token, or its head dies.
    """
    if ray.is_initialized():
        yield
        return
    place = None if address in (None, "local") else Address.of(str(address), where)
    token = find_token()
    variables = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_gcs_rpc_server_reconnect_timeout_s": RECONNECT}
    variables |= _own_token(token) if place is None else {"RAY_AUTH_MODE": _mode(place, token)}
    with _environment(variables), _guarded() if place is None else nullcontext():
        handler = signal.getsignal(signal.SIGTERM)
        try:
            if place is None:
                ray.init(
                    "local",
                    log_to_driver=log,
                    logging_level="ERROR",
                    include_dashboard=False,
                    object_store_memory=OBJECT_STORE,
                    job_config=_job(),
                )
                place = Address.of(ray.get_runtime_context().gcs_address)
            else:
                job = {} if place.client else {"job_config": _job()}  # a client's job begins in a process of the cluster's
                ray.init(str(place), log_to_driver=log, logging_level="ERROR", **job)
        except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
            ray.shutdown()  # of a connection that failed half-way Ray would keep that it is a client
            raise ClusterError(f"{place.source if place else 'cluster=local'}: {_in_a_line(error)}") from error
        if callable(handler) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)  # ours says how to go on; Ray's says nothing
        head = Head(place, find_token() if variables.get("RAY_AUTH_MODE") == "token" else None)
        _heads.append(head)
        try:
            yield
        except ConnectionError as error:  # of Ray's client
            raise ClusterError(f"the connection to {place} is lost: {_in_a_line(error)}") from error
        finally:
            _heads.remove(head)
            head.close()
            ray.shutdown()


def wait(work: Sequence[Any], timeout: float | None = None) -> list[Any]:
    """Those of `work` that are done, as soon as there is one, or after `timeout` seconds.

    Raises
    ------
    ClusterError
        The head of the cluster has died.
    """
    left = timeout
    while True:
        patience = GLANCE if left is None else min(left, GLANCE)
        done, _ = ray.wait(list(work), num_returns=1, timeout=patience)
        left = None if left is None else left - patience
        if done or (left is not None and left <= 0):
            return done  # type: ignore[no-any-return]
        check_head()


def check_head() -> None:
    """Raise a ClusterError if the head of the cluster has died."""
    for head in _heads:
        head.check()


def by_head(call: Callable[[], T]) -> T:
    """What `call` returns, which asks the head: Ray would wait for one that has died, in C++, for as long as `RECONNECT`.

    Raises
    ------
    ClusterError
        The head of the cluster has died.
    TimeoutError
        `call` raised it.
    """
    answer: Future[T] = Future()

    def answered() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=answered, daemon=True).start()
    while True:
        try:
            return answer.result(GLANCE)
        except TimeoutError:
            if answer.done():
                raise
            check_head()


def kill(worker: Any) -> None:
    """End an actor, unless its head has died, which alone could do it."""
    if not any(head.lost for head in _heads):
        by_head(partial(ray.kill, worker))


class _Places(list[str]):
    """Folders that workers import from before all others, if this process imports from them too.

    Ray adds the working directory, in which a stranger's files may lie: a `numpy.py` of theirs would run in every worker.
    """

    def extend(self, places: Iterable[str]) -> None:
        known = {os.path.realpath(place) for place in sys.path}  # "" is the working directory
        super().extend(place for place in places if os.path.realpath(place) in known)


def _job() -> JobConfig:
    job = JobConfig()
    job._py_driver_sys_path = _Places()
    return job


def _mode(place: Address, token: str | None) -> str:
    """What RAY_AUTH_MODE must be for the cluster at `place`, which is asked.

    Raises
    ------
    ClusterError
        It doesn't answer, or asks for another token than we have.
    """
    head = Head(place)
    answer = head.refusal()
    head.close()
    if is_refused(answer):
        if token is None:
            raise ClusterError(
                f"{place.source}: asks for a token, and there is none here: copy ~/.ray/auth_token of its head, "
                "or set RAY_AUTH_TOKEN"
            )
        head = Head(place, token)
        answer = head.refusal()
        head.close()
        if is_refused(answer):
            raise ClusterError(
                f"{place.source}: refuses the token that RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token "
                "gives: it is not the one of its head"
            )
        if answer is None:
            return "token"
    if answer is not None:
        port = "10001 by default, ray start --ray-client-server-port" if place.client else "6379 by default, ray start --port"
        why = answer.details() or answer.code().name.lower()
        raise ClusterError(f"{place.source}: no Ray answers there (port {port}): {_in_a_line(why)}")
    return "disabled"


def _own_token(token: str | None) -> dict[str, str]:
    """A token for a cluster of our own, unless the user has one, or wants none.

    Ray would leave it in the home folder, and then every cluster that is started there asks for it.
    """
    if os.environ.get("RAY_AUTH_MODE", "token").lower() != "token":
        return {}
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token or secrets.token_hex(32)}


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Variables that Ray reads, here and in the processes that it starts, until the block ends."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    _read_again()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        _read_again()


def _read_again() -> None:
    """Have Ray's C++ forget what it read from the environment."""
    Config.initialize("")
    AuthenticationTokenLoader.instance().reset_cache()


@contextmanager
def _guarded() -> Iterator[None]:
    """Another process ends the Ray that is started here, should this process be killed, until the block ends."""
    command = [sys.executable, "-I", str(Path(watchdog.__file__)), str(os.getpid()), f"{datetime.now():{watchdog.DATE}}"]
    guard = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True)  # fmt: skip
    try:
        yield
    finally:
        guard.kill()
        guard.wait()


def _in_a_line(message: object) -> str:
    return " ".join(str(message).split())[:300] or type(message).__name__
