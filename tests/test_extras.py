"""An installation without extras."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from molgen.extras import PACKAGES

WITHOUT = f"import sys; sys.modules.update(dict.fromkeys({list(PACKAGES)})); from molgen.cli.commands import main; main()"
DESIGN = ["design", "scoring=drug_like", "search=genetic", "search.initial_design=5", "campaign.budget=8"]


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command where no extra is installed."""
    return subprocess.run([sys.executable, "-c", WITHOUT, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_a_campaign_needs_no_extra(tmp_path: Path) -> None:
    done = run(tmp_path, *DESIGN, "campaign.folder=run")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        ([*DESIGN, "cluster=local"], "cluster"),
        (["design", "-m", "seed=0,1", "hydra/launcher=ray"], "cluster"),
        (["design", "-m", "search=genetic", "search.initial_design=int(interval(3,9))", "hydra/sweeper=optuna"], "sweeps"),
        (["benchmark", "distribution", "n=100", "folder=out"], "distribution"),
        (["export", "predictor=admet"], "onnx"),
        (["export", "generator=prior"], "onnx"),
    ],
)
def test_what_needs_an_extra_says_which(arguments: list[str], extra: str, tmp_path: Path) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(f"is missing: pip install 'molgen-design[{extra}]'"), done.stderr


def test_extras_are_those_of_the_distribution() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    for package, extra in PACKAGES.items():
        assert any(text.startswith(package) for text in project["optional-dependencies"][extra])
        assert not any(text.startswith(package) for text in project["dependencies"])
