"""PMO's classifiers by their own program, with small ones in the place of the real."""

import json
import os
import pickle
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem, rdBase
from rdkit.Chem import AllChem
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

from benchmarks.classifier_program import PICKLE
from benchmarks.classifiers import CLASSIFIERS, MOLSCORE, PROGRAM, check, objective
from benchmarks.environments import EnvironmentMissingError, pip
from molgen import Scorer
from molgen.errors import MolgenError

CONVERT = [sys.executable, "-I", PROGRAM, "convert"]


def described(smiles: str, task: str) -> np.ndarray:
    """Features as TDC computes them, with RDKit's older functions."""
    with rdBase.BlockLogs():  # which call them deprecated
        mol = Chem.MolFromSmiles(smiles)
        if task != "drd2":
            return np.array(list(AllChem.GetMorganFingerprintAsBitVect(mol, 2, nBits=2048)))
        row = np.zeros(2048)
        for index, number in AllChem.GetMorganFingerprint(mol, 3, useCounts=True, useFeatures=True).GetNonzeroElements().items():
            row[index % 2048] += number
    return row


@pytest.fixture(scope="module")
def models(samples: list[str]) -> dict[str, Any]:
    """Trained to tell molecules with sulfur."""
    found = {}
    for task in CLASSIFIERS:
        rows, labels = (
            np.array([described(text, task) for text in samples[:200]]),
            ["S" in text.upper() for text in samples[:200]],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of SVC's probabilities
            model = SVC(gamma=1 / 64, C=8, probability=True, random_state=0) if task == "drd2" else RandomForestClassifier(20)
            found[task] = model.fit(rows, np.array(labels, int))
    return found


@pytest.fixture(scope="module")
def environment(models: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What benchmarks/classifiers.py would have made, with this environment's Python and a wheel of these models."""
    folder = tmp_path_factory.mktemp("environment")
    for name in ("bin", "arrays"):
        (folder / name).mkdir()
    (folder / "finished").touch()
    (folder / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "bin" / "python").chmod(0o755)
    with zipfile.ZipFile(folder / "wheel.whl", "w") as wheel:
        for task, model in models.items():
            wheel.writestr(PICKLE.format(task), pickle.dumps(model))
    subprocess.run([*CONVERT, folder / "wheel.whl", folder / "arrays"], check=True)
    return folder


@pytest.mark.parametrize("task", CLASSIFIERS)
def test_scores_are_the_probabilities_of_scikit_learn(
    task: str, environment: Path, models: dict[str, Any], samples: list[str], tmp_path: Path
) -> None:
    smiles = samples[150:250]
    scores = Scorer.from_config(objective(task, tmp_path, environment), ["trust=[command]"])([*smiles, "C1CC"])
    expected = models[task].predict_proba(np.array([described(text, task) for text in smiles]))[:, 1]
    assert np.ptp(expected) > 0.5
    np.testing.assert_allclose(scores.total[:-1], expected, rtol=0, atol=1e-9)
    assert scores.problem[-1] is not None


def test_classifiers_other_than_the_published_are_noticed(environment: Path) -> None:
    with pytest.raises(MolgenError, match=r"drd2 scores CC\(C\)\(C\).* not 0.00154654"):
        check(environment / "bin" / "python", environment / "arrays")


class Hostile:
    """Runs a command where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "wheel.whl", "w") as wheel:
        wheel.writestr(PICKLE.format("drd2"), pickle.dumps(Hostile(tmp_path / "ran")))
    found = subprocess.run([*CONVERT, tmp_path / "wheel.whl", tmp_path], stderr=subprocess.PIPE, text=True, check=False)
    assert found.returncode == 1
    assert "system is neither scikit-learn's nor an array" in found.stderr
    assert not (tmp_path / "ran").exists()


def test_without_a_package_index_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentMissingError, match=rf"'pip download --no-index molscore=={MOLSCORE}' failed: .*molscore"):
        pip(Path(sys.executable), ["download", "--no-index", f"molscore=={MOLSCORE}"], tmp_path)


def test_a_question_without_molecules_is_answered(environment: Path) -> None:
    words = [sys.executable, "-I", PROGRAM, "score", environment / "arrays" / "drd2.npz"]
    answer = subprocess.run(words, input="not a molecule\n", stdout=subprocess.PIPE, text=True, check=True).stdout
    assert json.loads(answer) == [None] * 3
