"""How a benchmark reports: a table on the screen or in a document, the figures as JSON in benchmarks/results."""

import json
import os
import platform
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).with_name("results")
ROOT = Path(__file__).parents[1]
END = "<!-- end -->\n"


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}


def save(name: str, figures: Any) -> None:
    """Write `benchmarks/results/NAME.json`."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), "figures": figures}, indent=1) + "\n")
    print(f"written: {path}")


def write_between(path: Path, begin: str, text: str) -> None:
    """Replace what stands in a file between the line `begin` and the end mark after it."""
    before, rest = path.read_text().split(begin)
    path.write_text(before + begin + text + END + rest.split(END, 1)[1])


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table; numbers with three significant digits or more."""
    table = Table(title=title)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    for name in columns:
        table.add_column(name, justify="left" if isinstance(rows[0].get(name), str) else "right")
    for row in rows:
        cells = [row.get(name, "") for name in columns]
        table.add_row(*[f"{x:,.0f}" if isinstance(x, float) and abs(x) >= 100 else f"{x:.3g}" if isinstance(x, float) else str(x)
                        for x in cells])  # fmt: skip
    Console(width=140).print(table)
