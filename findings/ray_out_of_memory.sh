#!/usr/bin/env bash
# ray 2.60.0: a call of an actor that the memory monitor kills raises OutOfMemoryError, which is no RayActorError.
#
# Code that restarts dead actors at `except RayActorError` (or ActorDiedError, WorkerCrashedError) sees every other death, and not
# this one: OutOfMemoryError is a RayError only. It has nothing to do with Python's MemoryError either.
#
# Seen: kill -9 of the actor's process: ActorDiedError or ActorUnavailableError, both RayActorError; killed by the monitor:
# OutOfMemoryError, not a RayActorError. The threshold is set to what is in use and 3 GB.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q ray==2.60.0 setuptools==84.2.1
export RAY_USAGE_STATS_ENABLED=0 RAY_memory_monitor_refresh_ms=50
"$folder/venv/bin/python" - <<'PYTHON'
import os
import signal
import sys
import time

import ray
from ray._common.utils import get_system_memory
from ray._private.utils import get_used_memory
from ray.exceptions import OutOfMemoryError, RayActorError, RayError, WorkerCrashedError

os.environ["RAY_memory_usage_threshold"] = str((get_used_memory() + 3e9) / get_system_memory())
print("ray", ray.__version__)
ray.init("local", log_to_driver=False, logging_level="ERROR", object_store_memory=100_000_000, include_dashboard=False, num_cpus=1)


@ray.remote
class Worker:
    def ready(self):
        pass

    def die(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def eat(self):
        kept = []
        while True:
            kept.append(b"x" * 50_000_000)
            time.sleep(0.01)


def outcome(call):
    """The error of `call`; begun again where the monitor kills a worker that eats nothing, for what else runs here does."""
    while True:
        worker = Worker.remote()
        try:
            ray.get(worker.ready.remote())
        except RayError:
            continue
        try:
            ray.get(getattr(worker, call).remote())
        except RayError as error:
            if call == "eat" or not isinstance(error, OutOfMemoryError):
                return error


killed, starved = outcome("die"), outcome("eat")
for how, error in (("kill -9", killed), ("memory monitor", starved)):
    print(f"{how}: {type(error).__name__}, a RayActorError: {isinstance(error, RayActorError)}")
print("bases of OutOfMemoryError:", *(base.__name__ for base in OutOfMemoryError.__mro__[1:]))
ray.shutdown()
sys.exit(
    not isinstance(killed, RayActorError)
    or not isinstance(starved, OutOfMemoryError)
    or isinstance(starved, (RayActorError, WorkerCrashedError, MemoryError))
)
PYTHON
