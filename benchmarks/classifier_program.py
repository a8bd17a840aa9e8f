"""PMO's three classifiers, run by benchmarks/classifiers.py in an environment of their own; needs numpy and RDKit only.

    python classifier_program.py convert WHEEL FOLDER     drd2.npz, gsk3b.npz and jnk3.npz from the pickles in molscore's wheel
    python classifier_program.py score FOLDER/drd2.npz    SMILES, one per line, to a JSON list of probabilities (null: unreadable)

The pickles are read as plain arrays: scikit-learn's classes become records without code, and anything else but numpy's arrays is
refused. So no version of scikit-learn is needed, and none can read them wrongly.

Fingerprints are those that the classifiers were trained with (Olivecrona et al., J Cheminf 2017, for drd2; Jin et al., ICML 2020,
for gsk3b and jnk3) and that TDC computes. molscore 1.9.5 takes ECFP6 instead of ECFP4 for the latter two, with other results.
"""

import json
import pickle
import sys
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, RDLogger
from rdkit.Chem import rdFingerprintGenerator as Generators

NAMES = "drd2", "gsk3b", "jnk3"
PICKLE = "molscore/data/models/molopt/{}_current.pkl"
LENGTH = 2048
ARRAYS = {("numpy", "ndarray"), ("numpy", "dtype")} | {
    (f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")
}
CHUNK = 500
Numbers = NDArray[Any]


class Record:
    """Stands for an object of scikit-learn: `state` has its attributes."""

    def __init__(self, *arguments: Any) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = state


class Reader(pickle.Unpickler):
    """Reads arrays, and records instead of scikit-learn's objects."""

    def find_class(self, module: str, name: str) -> Any:
        """What a name in the pickle stands for."""
        if module.split(".")[0] == "sklearn":
            return Record
        if (module, name) in ARRAYS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is neither scikit-learn's nor an array")


def read(file: IO[bytes]) -> dict[str, Numbers]:
    """The numbers of a pickled support vector machine or random forest with two classes."""
    model: dict[str, Any] = Reader(file).load().state
    if "support_vectors_" in model:
        names = "support_vectors_", "_dual_coef_", "_intercept_", "_gamma", "_probA", "_probB"
        machine = {name.strip("_"): np.asarray(model[name]) for name in names}
        whole = machine["support_vectors"].astype(np.int32)
        return machine | ({"support_vectors": whole} if (whole == machine["support_vectors"]).all() else {})
    trees = [tree.state["tree_"].state for tree in model["estimators_"]]
    starts = np.cumsum([0] + [len(tree["nodes"]) for tree in trees])
    nodes = np.concatenate([tree["nodes"] for tree in trees])
    offset = np.repeat(starts[:-1], np.diff(starts))
    leaf = nodes["left_child"] < 0
    here = np.arange(len(nodes))  # a leaf leads to itself
    counts = np.concatenate([tree["values"][:, 0] for tree in trees])
    return {
        "roots": starts[:-1],
        "left": np.where(leaf, here, nodes["left_child"] + offset),
        "right": np.where(leaf, here, nodes["right_child"] + offset),
        "feature": np.where(leaf, 0, nodes["feature"]),
        "threshold": np.where(leaf, 0, nodes["threshold"]),
        "probability": counts[:, 1] / counts.sum(1),
    }


def probabilities(model: dict[str, Numbers], features: Numbers) -> Numbers:
    """Of the second class [n], for features [n, d]; what scikit-learn's `predict_proba` gives."""
    parts = [features[start : start + CHUNK] for start in range(0, len(features), CHUNK)]
    predict = _forest if "roots" in model else _machine
    return np.concatenate([np.empty(0), *(predict(model, part) for part in parts)])


def _forest(model: dict[str, Numbers], features: Numbers) -> Numbers:
    nodes, before = np.tile(model["roots"], (len(features), 1)), None
    while before is None or (nodes != before).any():
        before = nodes
        low = np.take_along_axis(features, model["feature"][nodes], 1) <= model["threshold"][nodes]
        nodes = np.where(low, model["left"][nodes], model["right"][nodes])
    mean: Numbers = model["probability"][nodes].mean(1)
    return mean


def _machine(model: dict[str, Numbers], features: Numbers) -> Numbers:
    vectors, features = model["support_vectors"].astype(float), features.astype(float)
    squares = (features**2).sum(1)[:, None] + (vectors**2).sum(1) - 2 * features @ vectors.T
    decision = np.exp(-model["gamma"] * squares) @ model["dual_coef"][0] + model["intercept"][0]
    first = 1 / (1 + np.exp(decision * model["probA"][0] + model["probB"][0]))  # Platt's sigmoid: of the first class
    return _coupled(np.clip(first, 1e-7, 1 - 1e-7))


def _coupled(first: Numbers) -> Numbers:
    """The second class's probability [n] as LIBSVM couples both, up to its tolerance (Wu et al., JMLR 2004, algorithm 2)."""
    other = 1 - first
    q = np.array([[other**2, -first * other], [-first * other, first**2]])
    p = np.full((2, len(first)), 0.5)
    for _ in range(100):
        qp = (q * p).sum(1)
        pqp = (p * qp).sum(0)
        going = np.abs(qp - pqp).max(0) >= 0.005 / 2
        if not going.any():
            break
        for each in range(2):
            step = np.where(going, (pqp - qp[each]) / q[each, each], 0)
            pqp = (pqp + step * (step * q[each, each] + 2 * qp[each])) / (1 + step) ** 2
            qp = (qp + step * q[each]) / (1 + step)
            p[each] += step
            p /= 1 + step
    second: Numbers = p[1]
    return second


def fingerprints(name: str, molecules: list[Chem.Mol]) -> Numbers:
    """What a classifier was trained with: counts of FCFP6 for drd2, bits of ECFP4 for the others [n, 2048]."""
    rows = np.zeros((len(molecules), LENGTH), np.int32)
    if name != "drd2":
        bits = Generators.GetMorganGenerator(radius=2, fpSize=LENGTH)
        for row, mol in zip(rows, molecules, strict=True):
            row[:] = bits.GetFingerprintAsNumPy(mol)
        return rows
    counts = Generators.GetMorganGenerator(radius=3, atomInvariantsGenerator=Generators.GetMorganFeatureAtomInvGen())
    for row, mol in zip(rows, molecules, strict=True):
        for index, number in counts.GetSparseCountFingerprint(mol).GetNonzeroElements().items():
            row[index % LENGTH] += number
    return rows


def convert(wheel: Path, folder: Path) -> None:
    """Write the arrays of each classifier."""
    with zipfile.ZipFile(wheel) as files:
        for name in NAMES:
            with files.open(PICKLE.format(name)) as file:
                np.savez_compressed(folder / f"{name}.npz", **read(file))


def score(path: Path, smiles: list[str]) -> list[float | None]:
    """Probabilities [n] that molecules are active; None if a SMILES can't be read."""
    with np.load(path, allow_pickle=False) as file:
        model = dict(file)
    molecules = [Chem.MolFromSmiles(text) for text in smiles]
    known = [row for row, mol in enumerate(molecules) if mol is not None]
    found: list[float | None] = [None] * len(smiles)
    for row, value in zip(known, probabilities(model, fingerprints(path.stem, [molecules[row] for row in known])), strict=True):
        found[row] = float(value)
    return found


if __name__ == "__main__":
    RDLogger.DisableLog("rdApp.*")
    if sys.argv[1] == "convert":
        convert(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(json.dumps(score(Path(sys.argv[2]), sys.stdin.read().split())))
