"""`molgen export`, and the programs that its page shows."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from molgen.cli.commands import main
from molgen.generators.transformer import Transformer
from molgen.predictors.boosted import Boosted

pytest.importorskip("onnxruntime", reason="runs ONNX files: pip install 'molgen-design[onnx]'")
pytest.importorskip("onnx", reason="writes ONNX files: pip install 'molgen-design[onnx]'")
pytest.importorskip("onnxscript", reason="PyTorch's exporter needs it: pip install 'molgen-design[onnx]'")

from molgen.export import exported_generator, exported_predictor

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "export.md"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Exports are compared on fewer molecules than users' are."""
    monkeypatch.setattr(exported_generator, "CHECKED", 10)
    monkeypatch.setattr(exported_predictor, "CHECKED", 10)
    monkeypatch.chdir(tmp_path)


def export(*settings: str) -> Result:
    """What the command says."""
    return CliRunner().invoke(main, ["export", *settings])


def program(heading: str) -> str:
    """What the page shows below a heading."""
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]


def test_a_predictor_of_ones_own_and_the_program_of_the_page(boosted: Boosted, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    boosted.save("mine/predictor.safetensors")
    done = export("predictor=mine", "output=admet.onnx")
    assert done.exit_code == 0, done.output
    assert "equal to molgen for 15 molecules: the largest difference is " in done.output
    assert "predictor: admet.onnx (" in done.output
    names: dict[str, np.ndarray] = {}
    exec(program("Predict"), names)
    ours = boosted.predict(["CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O"]).mean
    np.testing.assert_allclose(names["values"], ours, rtol=1e-4)


def test_a_generator_of_ones_own_and_the_program_of_the_page(tiny: Transformer, tmp_path: Path) -> None:
    tiny.save("prior.safetensors")
    done = export("generator=prior.safetensors")
    assert done.exit_code == 0, done.output
    assert f"a token and cache, syntax -> logits of {len(tiny.vocabulary)} tokens" in done.output
    assert (tmp_path / "prior.onnx").exists()
    names: dict[str, list[str]] = {}
    exec(program("Sample"), names)
    assert len(set(names["smiles"])) > 90
    for text in names["smiles"]:
        assert tiny.vocabulary.decode(tiny.vocabulary.encode(text)[1:]) == text


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ([], "name a predictor or a generator: predictor=admet, or generator=transformer"),
        (["predictor=admet", "generator=prior"], "name a predictor or a generator"),
        (["predictor=boosted"], "predictor: only one in a file can be exported"),
        (["predictor=admet", "precision=int8"], "precision=int8: of generators; trees have no matrices to round"),
        (["generator=prior", "precision=int4"], "precision=int4: must be one of float32, int8"),
        (["generator=prior", "endpoints=[herg]"], "endpoints: of predictors; leave them out"),
        (["generator=prior", "output=prior.safetensors"], "output=prior.safetensors: must end with .onnx"),
        (["generator=pryor"], "no generator 'pryor', did you mean 'prior'?"),
        (["generator=broken.safetensors"], "broken.safetensors: "),
        (["predictor=broken.safetensors"], "broken.safetensors: "),
        (["generator=missing.safetensors"], "missing.safetensors: "),
        (["predictor=admet", "output=broken.safetensors/x.onnx"], "is a file, not a folder"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(settings: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"\x00" * 300)
    done = export(*settings)
    assert done.exit_code == 1
    assert told in done.output
    assert len(done.output.splitlines()) == 1
    assert not list(tmp_path.glob("*.onnx"))
