"""What tests in a browser share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

AXE = (Path(__file__).parent / "axe.min.js").read_text()
WAIT = 120_000  # ms
Open = Callable[..., Any]


def faults(page: Any) -> list[str]:
    """What axe calls serious or critical, and where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in ("serious", "critical")]
