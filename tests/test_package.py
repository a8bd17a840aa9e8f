"""What an installation holds."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_importing_molgen_is_fast_because_nothing_heavy_comes_with_it() -> None:
    code = "import sys, molgen; assert not {'torch', 'rdkit', 'pandas', 'hydra'} & set(sys.modules); molgen.Scorer"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_imports_and_a_score_leave_the_process_as_it_was() -> None:
    code = """
import os, sys
import torch
from rdkit import Chem
before = dict(os.environ), list(sys.path)
import molgen.learn.trainer
from molgen import Molecules
from molgen.chem.synthesis import sa_score
assert Molecules(["C(", "C[N](C)(C)(C)C"]).canonical == (None, None)
assert 1 <= sa_score(Chem.MolFromSmiles("CCO")) <= 10
assert (dict(os.environ), list(sys.path)) == before
print("from here on RDKit speaks", file=sys.stderr)
Chem.MolFromSmiles("C(")
"""
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stderr
    ours, _, rdkit = said.partition("from here on RDKit speaks")
    assert not ours
    assert "SMILES Parse Error" in rdkit


def test_every_public_name_comes_from_where_it_is_defined() -> None:
    import molgen

    for name in molgen.__all__:
        found = getattr(molgen, name)
        assert found.__name__ == name
        assert found.__module__.startswith("molgen.")


def test_no_two_things_have_one_name() -> None:
    """Public classes and functions of modules; a command may have the name of what it runs."""
    places: dict[str, set[str]] = {}
    for path in (ROOT / "molgen").rglob("*.py"):
        for item in ast.parse(path.read_text()).body:
            if isinstance(item, ast.FunctionDef | ast.ClassDef) and not item.name.startswith("_") and path.parent.name != "cli":
                places.setdefault(item.name, set()).add(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    import molgen

    with pytest.raises(AttributeError, match="nothing_like_it"):
        molgen.nothing_like_it  # noqa: B018


def test_the_wheel_holds_configuration_weights_and_the_reports_template(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    conf = {f"molgen/conf/{path.relative_to(ROOT / 'conf')}" for path in (ROOT / "conf").rglob("*.yaml")}
    code = {str(path.relative_to(ROOT)) for path in (ROOT / "molgen").rglob("*.py")}
    pages = {str(path.relative_to(ROOT)) for part in ("templates", "static") for path in (ROOT / "molgen/app" / part).iterdir()}
    assert (
        conf | code | pages | {"molgen/py.typed", "molgen/weights/transformer.safetensors", "molgen/reports/report.html.j2"}
        <= names
    )


def test_the_installed_command_scores_molecules(elsewhere: dict[str, str], installation: Path, tmp_path: Path) -> None:
    (tmp_path / "molecules.smi").write_text("CCO ethanol\n")
    command = [installation / "bin" / "molgen", "score", "molecules.smi", "scoring=pmo/qed", "output=scores.csv"]
    subprocess.run(command, check=True, cwd=tmp_path, env=elsewhere)
    header, row = (tmp_path / "scores.csv").read_text().splitlines()
    found = dict(zip(header.split(","), row.split(","), strict=True))
    assert float(found["score"]) == pytest.approx(0.4068, abs=1e-4)  # RDKit: QED of ethanol
