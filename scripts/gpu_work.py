"""The checks of scripts/gpu_check.py on one device, which runs this in a process that sees GPUs, or none.

python scripts/gpu_work.py ROWS [--quick] [CHECK ...]      adds a line of JSON per result to the file ROWS
"""

import functools
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from rdkit import Chem, RDLogger

from molgen import load_generator, load_predictor
from molgen.chem.molecules import Molecules
from molgen.chem.synthesis import sa_score
from molgen.cluster.ray_cluster import RayCluster
from molgen.cluster.workers import Workers
from molgen.generators.base import LikelihoodGenerator
from molgen.generators.shipped import SHIPPED
from molgen.generators.transformer import Transformer
from molgen.learn.trainer import Trainer
from molgen.scoring.objective import Function
from molgen.search.bayesian.library import library_of
from molgen.search.bayesian.models.features import Features, describe_molecules, stack
from molgen.search.bayesian.models.gaussian_process import GaussianProcess
from scripts.gpu_algebra import by_molgen, by_torch

CLI = [sys.executable, "-m", "molgen.cli"]
CANDIDATES = 450  # molecules that are predicted at a time, as a step of the search does
CHECKS: dict[str, Callable[["Sizes"], Iterator["Row"]]] = {}


@dataclass(frozen=True)
class Sizes:
    """How many molecules each check takes; `algebra` by device."""

    sampled: int = 2000
    trained: int = 5000
    predicted: int = 2000
    scored: int = 1000
    algebra: tuple[int, ...] = (2000, 10_000, 50_000)
    algebra_cpu: tuple[int, ...] = (2000, 10_000)
    width: int = 256


QUICK = Sizes(sampled=32, trained=100, predicted=50, scored=20, algebra=(200,), algebra_cpu=(200, 400), width=64)


@dataclass(frozen=True)
class Row:
    """What one check did.

    Attributes
    ----------
    values
        Results, to be compared with the other device's, or with `expected` if there are any.
    allowed
        Largest difference that is due to rounding, as a share of the largest value.
    problem
        Why there are no results.
    failed
        Whether that is an error.
    """

    check: str
    size: int
    seconds: float = np.nan
    values: list[float] = field(default_factory=list)
    expected: list[float] = field(default_factory=list)
    allowed: float = 0.02
    problem: str = ""
    failed: bool = False


def check(function: Callable[[Sizes], Iterator[Row]]) -> Callable[[Sizes], Iterator[Row]]:
    """Make a function one of the checks."""
    CHECKS[function.__name__] = function
    return function


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds that some work takes, and its result."""
    start = time.perf_counter()
    result = work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start, result


@functools.cache
def library(n: int) -> list[str]:
    """Distinct molecules [n]: those of the shipped prior's library, then the same with a substituent more."""
    shipped = library_of(load_generator("prior"), 10_000, seed=0)
    found = dict.fromkeys(shipped[:n])
    for element, text in itertools.product((9, 17, 35, 6, 8, 7), shipped):
        if len(found) == n:
            break
        mol = Chem.RWMol(Chem.MolFromSmiles(text))
        places = [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetNumImplicitHs() and atom.GetAtomicNum() == 6]
        if places:
            mol.AddBond(places[0], mol.AddAtom(Chem.Atom(element)), Chem.BondType.SINGLE)
            found[Chem.MolToSmiles(mol)] = None
    return list(found)


@check
def sampling(sizes: Sizes) -> Iterator[Row]:
    """Every generator's rate, the share of valid molecules, and likelihoods of the same molecules."""
    for name in SHIPPED:
        generator = load_generator(name)
        generator.sample(32, seed=0)
        seconds, smiles = timed(lambda generator=generator: generator.sample(sizes.sampled, seed=1))
        valid = sum(text is not None for text in Molecules(smiles).canonical) / len(smiles)
        yield Row(f"{name}: sampling", sizes.sampled, seconds, [valid], allowed=0.05)
        if isinstance(generator, LikelihoodGenerator):
            with torch.no_grad():
                known = library(sizes.scored)
                seconds, found = timed(lambda generator=generator, known=known: generator.log_likelihood(known))
            yield Row(f"{name}: log-likelihood", sizes.scored, seconds, found.float().cpu().tolist())


@check
def training(sizes: Sizes) -> Iterator[Row]:
    """One epoch of the transformer."""
    molecules = library(sizes.trained + sizes.trained // 10)
    generator = Transformer(width=sizes.width, dropout=0.0)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(folder, epochs=1, warmup_steps=10)
        seconds, history = timed(lambda: generator.fit(molecules[: sizes.trained], molecules[sizes.trained :], trainer=trainer))
    yield Row("transformer: an epoch", sizes.trained, seconds, [history[0]["valid"]])


@check
def endpoints(sizes: Sizes) -> Iterator[Row]:
    """Prediction of the 22 ADMET endpoints."""
    predictor, smiles = load_predictor("admet"), library(sizes.predicted)
    predictor.predict(smiles[:10])
    seconds, found = timed(lambda: predictor.predict(smiles))
    yield Row("22 ADMET endpoints", sizes.predicted, seconds, found.mean.ravel().tolist(), allowed=1e-3)


@check
def processes(sizes: Sizes) -> Iterator[Row]:
    """Training by one process per GPU (by two without one) and by one, of batches that make the same steps."""
    number = max(torch.cuda.device_count(), 1) if torch.cuda.is_available() else 2
    found = {}
    with tempfile.TemporaryDirectory() as name:
        molecules = Path(name, "molecules.smi")
        molecules.write_text("\n".join(library(sizes.trained)))
        for count in dict.fromkeys((1, number)):
            folder = Path(name, str(count))
            small = ["generator=recurrent", f"generator.width={sizes.width}", "trainer.epochs=1", "generator.batch_tokens=2048"]
            words = [*small, f"data={molecules}", f"folder={folder}", f"processes={count}", f"trainer.accumulate={number}"]
            seconds, _ = timed(lambda words=words: subprocess.run([*CLI, "train", *words], check=True, capture_output=True))
            found[count] = json.loads((folder / "history.json").read_text())[0]["valid"]
    yield Row(f"processes={number}: an epoch and the start", sizes.trained, seconds, [found[number]], [found[1]])


@check
def ray(sizes: Sizes) -> Iterator[Row]:
    """Likelihoods by workers on Ray that have a GPU each, beside those of this process."""
    number = torch.cuda.device_count() if torch.cuda.is_available() else 0
    smiles = library(sizes.scored)
    cluster = RayCluster(workers=Workers(number=max(number, 1), num_gpus=float(number > 0)))
    with cluster.scoring(Function(improbable)) as score:
        score(smiles[:1])
        seconds, found = timed(lambda: score(smiles))
    yield Row(
        f"Ray: number={max(number, 1)}, num_gpus={int(number > 0)}",
        sizes.scored,
        seconds,
        found.total.tolist(),
        improbable(smiles),
    )


def improbable(smiles: list[str]) -> list[float]:
    """Negative log-likelihoods [n] by the shipped transformer."""
    with torch.no_grad():
        found: list[float] = (-load_generator("prior", LikelihoodGenerator).log_likelihood(smiles)).float().cpu().tolist()  # type: ignore[type-abstract]
    return found


@check
def algebra(sizes: Sizes) -> Iterator[Row]:
    """Fits and predictions of a Gaussian process: molgen's, or on a GPU the same in PyTorch."""
    gpu = torch.cuda.is_available()
    numbers = sizes.algebra if gpu else sizes.algebra_cpu
    molecules = Molecules(library(max(numbers) + CANDIDATES))
    described = describe_molecules([mol for mol in molecules.mols if mol is not None])
    values = molecules.map(sa_score)
    candidates, model = stack(described[:CANDIDATES]), GaussianProcess(growth=1e9)
    model.fit(*part(described, values, min(numbers)), np.random.default_rng(0))  # chooses the weights
    for n in numbers:
        x, y = part(described, values, n)
        try:
            seconds, found = timed(lambda x=x, y=y: (by_torch if gpu else by_molgen)(model, x, y, candidates))
        except torch.cuda.OutOfMemoryError:
            memory = torch.cuda.get_device_properties(0).total_memory / 2**30
            yield Row("Gaussian process: fit, predict", n, problem=f"doesn't fit into {memory:.0f} GiB")
            continue
        yield Row("Gaussian process: fit, predict", n, seconds, np.concatenate(found).tolist(), allowed=5e-3)


def part(described: list[Any], values: np.ndarray, n: int) -> tuple[Features, np.ndarray]:
    """Features and values [n, 1] of molecules to train with, none of them a candidate."""
    return stack(described[CANDIDATES : CANDIDATES + n]), values[CANDIDATES : CANDIDATES + n, None]


@click.command()
@click.argument("path", type=Path)
@click.argument("names", nargs=-1, type=click.Choice(list(CHECKS)))
@click.option("--quick", is_flag=True)
def main(path: Path, names: tuple[str, ...], quick: bool) -> None:
    """Run checks, all by default, and add their rows to the file PATH as they come."""
    RDLogger.DisableLog("rdApp.*")
    for name in names or CHECKS:
        try:
            for row in CHECKS[name](QUICK if quick else Sizes()):
                add(path, row)
        except Exception as error:  # the other checks go on
            add(path, Row(name, 0, problem=f"{type(error).__name__}: {error}", failed=True))


def add(path: Path, row: Row) -> None:
    """A line of the file of rows."""
    with path.open("a") as lines:
        lines.write(json.dumps(asdict(row)) + "\n")


if __name__ == "__main__":
    main()
