"""Whether what comes in is what was meant: cases, charges, drawings of one drug, rings of seven, and what reading costs.

python -m benchmarks.structures                          all but the last: ten minutes on one core
python -m benchmarks.structures cases speed              some of cases, charges, drugs, rings, speed
python -m benchmarks.structures memory                   screens a library of 100,000 lines and one of 1,000,000: half an hour

`charges` and `rings` are those of benchmarks.pka and benchmarks.ring_docking.
"""

import bz2
import itertools
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import numpy as np
from rdkit import Chem

from benchmarks import pka, ring_docking
from benchmarks.results import ROOT, save, show
from molgen import load_predictor
from molgen.chem.changes import summary
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group
from molgen.data.readers import is_table, read_chunks, read_table
from molgen.errors import DataError
from molgen.predictors.protonation import main_form

CASES = ROOT / "tests" / "cases"
LINES, REPEATS = 100_000, 3
BATCH = 500  # as molgen score reads
ACID, BASE = 2.0, 12.0  # pH of the two ionised drawings


def cases() -> list[dict[str, Any]]:
    """Rows read of every handed table, and how many of them are no molecules."""
    rows = []
    for path in sorted(path for path in CASES.glob("*/*") if is_table(path)):
        row: dict[str, Any] = {"file": path.name, "rows": "", "without a molecule": "", "said": ""}
        try:
            table = read_table(path)
            row |= {"rows": len(table), "without a molecule": sum(mol is None for mol in Molecules(table.smiles).mols)}
            row["said"] = "; ".join(table.notes)
        except DataError as error:
            row["said"] = str(error)
        rows.append(row)
    return rows


def drugs() -> dict[str, Any]:
    """How many of 1,397 drugs standardisation changes, and how many are predicted otherwise as a salt or as an ion."""
    given = Molecules(compose_group("data", "fda_approved").smiles(), STANDARD)
    parents = [mol for mol in given.mols if mol is not None]
    drawings = {
        "parent": [Chem.MolToSmiles(mol) for mol in parents],
        "with HCl": [f"{Chem.MolToSmiles(mol)}.Cl" for mol in parents],
        "cation and chloride": [_ionised(mol, ACID) for mol in parents],
        "anion and sodium": [_ionised(mol, BASE) for mol in parents],
    }
    predictor = load_predictor("admet")
    means = {name: predictor.predict(smiles).mean for name, smiles in drawings.items()}
    differ = {name: ~np.isclose(values, means["parent"], rtol=0, atol=0, equal_nan=True).all(1) for name, values in means.items()}
    for name, rows in differ.items():
        for i in np.flatnonzero(rows):
            print(f"{name}: {drawings[name][i]} isn't predicted as {drawings['parent'][i]}")
    return {
        "drugs": len(given),
        "refused": sum(problem is not None for problem in given.problem),
        "changes": summary(given.changes),
        "endpoints": len(predictor.endpoints),
        "predicted otherwise": {name: int(rows.sum()) for name, rows in differ.items() if name != "parent"},
    }


def _ionised(mol: Chem.Mol, ph: float) -> str:
    """The form at a pH with its counter-ions."""
    form = main_form(mol, ph)
    charge = Chem.GetFormalCharge(form)
    return ".".join([Chem.MolToSmiles(form), *["[Cl-]"] * charge, *["[Na+]"] * -charge])


def speed() -> list[dict[str, Any]]:
    """Reading and standardising vendors' molecules beside RDKit's parsing of the same, in turn; seconds of one core."""
    rows = []
    for name in ("real_blocks", "sigma_stock", "zinc250k"):
        smiles = compose_group("data", name).smiles()[:LINES]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "vendor.smi"
            path.write_text("".join(f"{text} V{i}\n" for i, text in enumerate(smiles)))
            pairs = [(_seconds(_parse, smiles), _seconds(_read, path)) for _ in range(REPEATS)]
        parsing, reading = np.median(pairs, axis=0)
        rows.append({"library": name, "lines": len(smiles), "RDKit parses (s)": float(parsing),
                     "read and standardised (s)": float(reading),
                     "ratio": float(np.median([b / a for a, b in pairs]))})  # fmt: skip
    return rows


def _parse(smiles: Iterable[str]) -> None:
    for text in smiles:
        Chem.MolFromSmiles(text)


def _read(path: Path) -> None:
    for table in read_chunks(path, rows=BATCH):
        Molecules(table.smiles, STANDARD)


def _seconds(function: Callable[[Any], None], argument: Any) -> float:
    start = time.process_time()
    function(argument)
    return time.process_time() - start


def memory() -> list[dict[str, Any]]:
    """Peak memory of screens of a short and of a long library, packed."""
    blocks = compose_group("data", "real_blocks").smiles()
    rows = []
    for lines in (LINES, 10 * LINES):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "vendor.cxsmiles.bz2"
            with bz2.open(path, "wt") as file:
                file.write("smiles\tidnumber\n")
                file.writelines(f"{text}\tV{i}\n" for i, text in zip(range(lines), itertools.cycle(blocks), strict=False))
            command = [
                sys.executable,
                "-m",
                "molgen.cli",
                "screen",
                f"library={path}",
                f"scoring={ROOT / 'benchmarks/weight.yaml'}",
            ]
            start = time.perf_counter()
            run = subprocess.run([*command, f"folder={folder}/run"], check=True, capture_output=True, text=True)
        print(run.stdout)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10  # of the largest child so far
        rows.append({"lines": lines, "seconds": seconds, "lines/s": lines / seconds, "peak MiB": peak})
    return rows


@click.command()
@click.argument("parts", nargs=-1)
def main(parts: tuple[str, ...]) -> None:
    """Measure, print, save."""
    for part in parts or ("cases", "charges", "drugs", "rings", "speed"):
        if part == "charges":
            pka.report()
        elif part == "rings":
            ring_docking.report(exhaustiveness=2)
        else:
            found = {"cases": cases, "drugs": drugs, "speed": speed, "memory": memory}[part]()
            show(f"structures: {part}", found if isinstance(found, list) else [found])
            save(f"structures-{part}", found)


if __name__ == "__main__":
    main()
