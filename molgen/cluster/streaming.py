"""A stream of anything through a function, by workers of Ray Data."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray.data import ActorPoolStrategy, DataContext

from molgen.cluster.workers import Workers


def stream(function: Callable[[Any], Any], items: Callable[[], Iterator[Any]], workers: Workers, number: int) -> Iterator[Any]:
    """What `function` makes of each of `items`, as it comes; an item is a row of the dataset, and a block of its own.

    `items` are read by one task, no faster than they are used. A worker that dies is replaced, its item given to another.
    """
    context = DataContext.get_current()
    context.target_max_block_size = 1
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    held = ray.put(function)

    def read(_: Any) -> Iterator[dict[str, Any]]:
        for item in items():
            yield {"item": item}

    class Worker:
        def __init__(self) -> None:
            self.function = ray.get(held)

        def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
            return {"item": self.function(row["item"])}

    needs = {"num_cpus": workers.num_cpus, "num_gpus": workers.num_gpus}
    read_items = ray.data.from_items([{"item": 0}]).flat_map(read, num_cpus=0)
    rows = iter(read_items.map(Worker, compute=ActorPoolStrategy(size=number), **needs).iter_rows())
    with _quiet():
        first = next(rows, None)
    if first is not None:
        yield first["item"]
    for row in rows:
        yield row["item"]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the standard error output of this process, where Ray's C++ side warns of what Ray Data does."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
