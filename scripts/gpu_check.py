"""Checks what this machine's GPUs do for molgen, and that they give what its processors give: one command, at most 8 minutes.

    python scripts/gpu_check.py                  GPUs beside processors; ends with 1 where results differ beyond rounding
    python scripts/gpu_check.py --cpu --quick    processors alone, small sizes: no result is compared with another device's

Each device has a process of its own, in which PyTorch sees no other; both get the same molecules. The Gaussian processes of the
Bayesian search run on processors in any case: beside them stands the same algebra in PyTorch, to tell what a GPU would earn.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
SECONDS, OF_THE_GPU = 460, 280  # for all, and for the GPU's process
Rows = dict[tuple[str, int], dict[str, Any]]  # of a device, by check and number of molecules
ALL = {"size": 0, "seconds": np.nan, "values": [], "expected": [], "allowed": 0.0}


def difference(values: list[float], expected: list[float]) -> float:
    """The largest, as a share of the largest value; nan if a value is missing."""
    if len(values) != len(expected):
        return np.nan
    return float(np.abs(np.subtract(values, expected)).max() / np.abs(expected).max())


def rows_of(device: str, arguments: list[str], seconds: float) -> Rows:
    """What a process measures that sees GPUs, or none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows")
        path.touch()
        hidden = {"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else {}
        command = [sys.executable, "-m", "scripts.gpu_work", path, *arguments]
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | hidden, stdout=silent, start_new_session=True)
        problem = ""
        try:
            if code := process.wait(max(seconds, 1)):
                problem = f"ended with code {code}"
        except subprocess.TimeoutExpired:
            problem = f"not done after {seconds:.0f} s"
            os.killpg(process.pid, signal.SIGTERM)  # with whatever it started
            process.wait()
        rows = [json.loads(line) for line in path.read_text().splitlines()]
    if problem:
        late = device == "cpu" and not problem.startswith("ended")  # a slow processor is no fault
        rows.append({**ALL, "check": f"all checks, {device}", "problem": problem, "failed": not late})
    return {(row["check"], row["size"]): row for row in rows}


def compared(gpu: Rows, cpu: Rows) -> tuple[list[list[str]], list[str]]:
    """The lines of the table, and what is wrong."""
    lines, wrong = [], []
    for key in dict.fromkeys([*gpu, *cpu]):
        pair = [found[key] for found in (gpu, cpu) if key in found]
        wrong += [f"{row['check']}: {row['problem']}" for row in pair if row["failed"]]
        expected = [row["expected"] for row in pair]
        if len(pair) == 2 and not any(expected):
            pair, expected = pair[:1], [pair[1]["values"]]
        off = [
            difference(row["values"], known) for row, known in zip(pair, expected, strict=True) if known and not row["problem"]
        ]
        if wide := [each for each in off if not each <= pair[0]["allowed"]]:
            wrong.append(f"{key[0]}, {key[1]:,} molecules: off by {wide[0]:.2g}, allowed {pair[0]['allowed']:g}")
        times = [found[key]["seconds"] if key in found else np.nan for found in (gpu, cpu)]
        figures = [*times, *(key[1] / each for each in times), times[1] / times[0], max(off, default=np.nan)]
        cells = ["" if np.isnan(each) else f"{each:,.0f}" if each >= 1000 else f"{each:.3g}" for each in figures]
        lines.append([key[0], f"{key[1]:,}", *cells, "; ".join(row["problem"] for row in pair if row["problem"])])
    return lines, wrong


@click.command()
@click.option("--cpu", is_flag=True, help="Leave GPUs alone.")
@click.option("--quick", is_flag=True, help="Small sizes, for two busy processors.")
@click.argument("checks", nargs=-1)
def main(cpu: bool, quick: bool, checks: tuple[str, ...]) -> None:
    """Measure, compare, print. CHECKS: of sampling, training, endpoints, processes, ray and algebra; by default all."""
    if not cpu and not torch.cuda.is_available():
        raise click.ClickException("PyTorch sees no GPU here; --cpu runs the checks on processors alone")
    start = time.monotonic()
    arguments = [*(["--quick"] if quick else []), *checks]
    gpu = {} if cpu else rows_of("cuda", arguments, OF_THE_GPU)
    lines, wrong = compared(gpu, rows_of("cpu", arguments, SECONDS - (time.monotonic() - start)))
    names = ["check", "molecules", "GPU, s", "CPU, s", "GPU, molecules/s", "CPU, molecules/s", "times", "difference", "remark"]
    for line in [names, ["---"] * len(names), *lines]:
        print(f"| {' | '.join(line)} |")
    where = f"{os.cpu_count()} processors, {torch.get_num_threads()} threads, PyTorch {torch.__version__}"
    if cpu:
        print(f"\n{where}; no GPU was used, so no device was compared with another")
    else:
        print(f"\n{torch.cuda.device_count()} x {torch.cuda.get_device_name()}; {where}")
    if wrong or not lines:
        raise click.ClickException("; ".join(wrong) or "nothing was measured")


if __name__ == "__main__":
    main()
