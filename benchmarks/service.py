"""How much a scoring service takes, and what its scores are.

    python -m benchmarks.service

`molgen serve scoring=drug_like` in a process of its own, here without a cluster. 1, 16 and 64 clients ask for `--molecules`
molecules a request, one request after the other, for `--seconds`. Lost are requests without an answer; the difference is the
largest between a score of the service and one of this process.

Then 99 clients ask twice, without and with a hundredth that means harm (`benchmarks/hostile.py`), in a process of its own.
It exits with 1 if that makes their 99th percentile more than three times as long, or if the hundredth gets a server error.
"""

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import click
import httpx
import numpy as np

from benchmarks.hostile import attack
from benchmarks.results import save, show
from molgen import Scorer, load_generator
from molgen.chem.molecules import Molecules

CLIENTS = (1, 16, 64)
PORT = 8765


async def load(clients: int, molecules: int, seconds: float, expected: dict[str, float]) -> dict[str, Any]:
    """The figures of one number of clients."""
    times: list[float] = []
    lost, difference = 0, 0.0
    smiles = list(expected)
    end = time.perf_counter() + seconds

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        nonlocal lost, difference
        rng = np.random.default_rng(number)
        while time.perf_counter() < end:
            asked = [smiles[i] for i in rng.integers(len(smiles), size=molecules)]
            began = time.perf_counter()
            answer = await client.post("/score", json={"smiles": asked})
            times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                lost += 1
                continue
            rows = answer.json()["results"]
            difference = max(difference, *(abs(row["score"] - expected[text]) for row, text in zip(rows, asked, strict=True)))

    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", limits=limits, timeout=120) as client:
        began = time.perf_counter()
        await asyncio.gather(*(ask(client, number) for number in range(clients)))
        took = time.perf_counter() - began
    return {"clients": clients, "molecules a request": molecules, "requests/s": len(times) / took,
            "molecules/s": molecules * len(times) / took, "p50 (ms)": 1000 * float(np.quantile(times, 0.5)),
            "p99 (ms)": 1000 * float(np.quantile(times, 0.99)), "lost": lost, "largest difference": difference}  # fmt: skip


def beside_a_hostile_one(
    molecules: int, seconds: float, expected: dict[str, float]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, int]]:
    """The figures of 99 clients without and with a hundredth, and what that one was answered."""
    quiet = asyncio.run(load(99, molecules, seconds, expected))
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        process.submit(attack, f"http://127.0.0.1:{PORT}", 0.0).result()  # the process has begun
        hostile = process.submit(attack, f"http://127.0.0.1:{PORT}", seconds + 2)
        time.sleep(1)
        return quiet, asyncio.run(load(99, molecules, seconds, expected)), hostile.result()


@click.command()
@click.option("--molecules", default=10, help="Molecules in a request.")
@click.option("--seconds", default=20.0, help="Time for each number of clients.")
@click.argument("overrides", nargs=-1)
def main(molecules: int, seconds: float, overrides: tuple[str, ...]) -> None:
    """Start a service, with OVERRIDES, and ask it."""
    canonical = Molecules(load_generator("prior").sample(2000, seed=3)).canonical
    smiles = [text for text in dict.fromkeys(canonical) if text is not None]
    expected = dict(zip(smiles, Scorer.from_config("drug_like")(smiles).total.tolist(), strict=True))
    command = [sys.executable, "-m", "molgen.cli", "serve", "scoring=drug_like", f"service.port={PORT}", *overrides]
    with subprocess.Popen(command) as service:
        try:
            while True:
                try:
                    httpx.get(f"http://127.0.0.1:{PORT}/health")
                    break
                except httpx.ConnectError:
                    time.sleep(0.2)
            rows = [asyncio.run(load(clients, molecules, seconds, expected)) for clients in CLIENTS]
            quiet, harmed, answers = beside_a_hostile_one(molecules, seconds, expected)
        finally:
            service.terminate()
    ratio = harmed["p99 (ms)"] / quiet["p99 (ms)"]
    rows += [quiet | {"hostile": 0}, harmed | {"hostile": 1}]
    show("Service", rows)
    save("service", rows)
    print(f"99th percentile beside a hostile client: {ratio:.2f} times the quiet one; its answers: {answers}")
    if ratio > 3 or harmed["lost"] or any(status.startswith("5") for status in answers) or "422" not in answers:
        sys.exit(1)  # too slow, lost, failed, or never attacked


if __name__ == "__main__":
    main()
