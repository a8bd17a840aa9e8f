"""What open pages are told."""

import asyncio
import json
from typing import Any

import pytest

from molgen.app import events
from molgen.app.events import Events


def told(text: str) -> list[tuple[str, Any]]:
    """The names and values of server-sent events."""
    found = [part.splitlines() for part in text.split("\n\n") if part.startswith("event:")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in found]


def test_every_page_hears_what_has_changed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PAUSE", 0.01)
    runs = {"a": {"run": "a", "calls": 1}, "b": {"run": "b", "calls": 1}}

    async def watch() -> None:
        source = Events(lambda: {name: dict(run) for name, run in runs.items()})
        working = asyncio.create_task(source.run())
        pages = [source.stream(), source.stream()]
        for page in pages:
            assert (await anext(page)).startswith("retry:")
            assert [run["run"] for _, run in told(await anext(page))] == ["a", "b"]  # all of them, to begin with
        runs["b"]["calls"] = 5
        for page in pages:
            assert told(await anext(page)) == [("run", {"run": "b", "calls": 5})]
        runs["c"] = {"run": "c", "calls": 0}
        assert told(await anext(pages[0])) == [("run", {"run": "c", "calls": 0}), ("runs", {})]
        source.end()
        assert [text async for text in pages[0]] == []
        working.cancel()

    asyncio.run(asyncio.wait_for(watch(), 10))


def test_a_page_that_reads_late_is_told_the_latest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PAUSE", 0.001)
    run = {"run": "a", "calls": 0}

    def look() -> dict[str, dict[str, Any]]:
        run["calls"] += 1  # something new at every look
        return {"a": dict(run)}

    async def watch() -> None:
        source = Events(look)
        working = asyncio.create_task(source.run())
        page = source.stream()
        await anext(page)
        await anext(page)
        while run["calls"] < 50:
            await asyncio.sleep(0.01)
        [(_, latest)] = told(await anext(page))
        assert latest["calls"] >= 49
        working.cancel()

    asyncio.run(asyncio.wait_for(watch(), 10))


def test_a_page_where_nothing_happens_is_told_that_the_server_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BEAT", 0.01)

    async def watch() -> None:
        page = Events(dict).stream()
        await anext(page)
        await anext(page)
        assert await anext(page) == ": still here\n\n"

    asyncio.run(asyncio.wait_for(watch(), 10))
