"""How long a campaign takes and how much memory it needs, start to report.

python -m benchmarks.campaign                                   the default campaign
python -m benchmarks.campaign --name pmo scoring=pmo/amlodipine_mpo campaign.budget=10000
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.results import save, show


@click.command()
@click.argument("overrides", nargs=-1)
@click.option("--name", default="default", show_default=True, help="Of the result.")
def main(overrides: tuple[str, ...], name: str) -> None:
    """Run `molgen design OVERRIDES` in a process of its own, and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "molgen.cli", "design", *overrides, f"campaign.folder={Path(folder) / 'run'}"]
        start = time.perf_counter()
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - start
        report = (Path(folder) / "run" / "report.html").stat().st_size
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    row = {
        "campaign": " ".join(overrides) or "default",
        "seconds": seconds,
        "peak memory, GiB": peak,
        "run folder, MiB": size / 2**20,
        "report, MB": report / 1e6,
    }
    show("A campaign, start to report", [row])
    save(f"campaign-{name}", row)


if __name__ == "__main__":
    main()
