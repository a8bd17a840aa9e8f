"""What has changed, told to every open page as it happens: one look at the folders, however many pages there are."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

LOG = logging.getLogger(__name__)
PAUSE, BEAT = 1.0, 15.0  # s between two looks, and between two signs of life where nothing changes
Look = Callable[[], dict[str, dict[str, Any]]]


class _Page:
    """An open page: what it hasn't been told yet, of each run the latest alone."""

    def __init__(self, runs: dict[str, dict[str, Any]]) -> None:
        self.untold = {name: _event("run", run) for name, run in runs.items()}
        self.awake = asyncio.Event()
        self.awake.set()

    def tell(self, events: dict[str, str]) -> None:
        self.untold |= events
        self.awake.set()

    def take(self) -> str:
        events, self.untold = self.untold, {}
        self.awake.clear()
        return "".join(events.values()) or ": still here\n\n"


class Events:
    """Tells pages of runs that have changed.

    Parameters
    ----------
    look
        Returns the runs by their names, each as plain values; called in a thread, while a page is open.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self._ended = False
        self._pages: set[_Page] = set()
        self._known: dict[str, dict[str, Any]] = {}

    async def run(self) -> None:
        """Look at the runs as long as somebody listens, until cancelled."""
        while True:
            await asyncio.sleep(PAUSE)
            if not self._pages:
                continue
            try:
                seen = await asyncio.to_thread(self.look)
            except Exception:
                LOG.exception("looking at the runs failed")
                continue
            changed = {name: _event("run", run) for name, run in seen.items() if self._known.get(name) != run}
            if seen.keys() != self._known.keys():
                changed[""] = _event("runs", {})
            self._known = seen
            for page in self._pages if changed else ():
                page.tell(changed)

    def end(self) -> None:
        """End all streams, as the server is about to."""
        self._ended = True
        for page in self._pages:
            page.awake.set()

    async def stream(self) -> AsyncIterator[str]:
        """Server-sent events for one page, beginning with all runs; ends with the server."""
        if not self._pages:  # what is known may be of long ago
            self._known = await asyncio.to_thread(self.look)
        page = _Page(self._known)
        self._pages.add(page)
        try:
            yield "retry: 2000\n\n"
            while not self._ended:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(page.awake.wait(), BEAT)
                yield page.take()
        finally:
            self._pages.discard(page)


def _event(name: str, values: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(values)}\n\n"
