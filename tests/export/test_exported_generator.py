"""Generators as ONNX files give the logits of their networks, one token at a time."""

import json

import numpy as np
import pytest
import torch

pytest.importorskip("onnxruntime", reason="runs ONNX files: pip install 'molgen-design[onnx]'")
pytest.importorskip("onnx", reason="writes ONNX files: pip install 'molgen-design[onnx]'")
pytest.importorskip("onnxscript", reason="PyTorch's exporter needs it: pip install 'molgen-design[onnx]'")

import onnx

from molgen.chem.tokens import SPECIAL, Vocabulary
from molgen.errors import ConfigError, DataError
from molgen.export import exported_generator
from molgen.export.exported_generator import export_generator, log_likelihoods, written_tokens
from molgen.export.running import StepRunner
from molgen.generators.autoregressive import AutoregressiveGenerator, token_log_likelihood
from molgen.generators.recurrent import Recurrent
from molgen.generators.shipped import load_generator
from molgen.generators.transformer import Transformer


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports are compared on fewer molecules than users' are."""
    monkeypatch.setattr(exported_generator, "CHECKED", 20)
    monkeypatch.setattr(exported_generator, "MEASURED", 60)


@pytest.fixture(scope="module", params=["transformer", "gru"])
def generator(request: pytest.FixtureRequest, samples: list[str]) -> AutoregressiveGenerator:
    """An untrained one of a few thousand weights, none of which is 0."""
    if request.param == "transformer":
        made: AutoregressiveGenerator = Transformer(width=32, layers=2, heads=2, max_length=80)
    else:
        made = Recurrent(cell=request.param, embedding=16, width=24, recurrent_layers=2, max_length=80)
    made.initialize(Vocabulary.from_smiles(samples))
    with torch.no_grad():
        for weights in made.network.parameters():
            weights.add_(0.3 * torch.randn(weights.shape))
    return made


def test_logits_are_those_of_the_network(generator: AutoregressiveGenerator) -> None:
    exported = export_generator(generator)
    runner = StepRunner(exported.content)
    for smiles in (["C"], ["C1CC2CC1CC2(C)C", "O=C(c1ccccc1)N(C)C", "CC(C)(C)c1ccc2ncccc2c1"]):  # batches of other sizes
        tokens = generator.encode(smiles)
        with torch.no_grad():
            ours = generator.network(tokens).numpy()
            likelihood = token_log_likelihood(generator.network, tokens).sum(1).numpy()
        np.testing.assert_allclose(runner.logits(tokens.numpy()), ours, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(log_likelihoods(runner, tokens.numpy()), likelihood, rtol=1e-5)
    said = {entry.key: entry.value for entry in onnx.load_from_string(exported.content).metadata_props}
    assert json.loads(said["tokens"])[: len(SPECIAL)] == list(SPECIAL)
    assert json.loads(said["tokens"])[generator.vocabulary.encode("O")[1]] == "O"
    assert said["max_length"] == "80"


def test_eight_bits_cost_what_is_said() -> None:
    generator = load_generator("recurrent")
    assert isinstance(generator, AutoregressiveGenerator)
    exported = export_generator(generator, precision="int8")
    tokens = written_tokens(generator, 60)
    with torch.no_grad():
        ours = float(generator.log_likelihood([generator.vocabulary.decode(row[1:]) for row in tokens.tolist()]).double().mean())
    rounded = log_likelihoods(StepRunner(exported.content), tokens).mean()
    assert 0 < abs(rounded / ours - 1) < 0.01
    assert f"int8: {-rounded:.2f} nats for a molecule" in exported.notes[-1]
    assert len(exported.content) < 0.35 * 4 * sum(weights.numel() for weights in generator.network.parameters())


def test_eight_bits_that_cost_too_much_are_refused(samples: list[str]) -> None:
    """One activation that lies far from the others: rounded to its size, they are 0."""
    made = Transformer(width=32, layers=1, heads=2, max_length=80)
    made.initialize(Vocabulary.from_smiles(samples))
    with torch.no_grad():
        made.network.norm.weight[0] = 1e4
        made.network.head.weight[:, 0] *= 1e-4
        made.network.head.weight[:, 1:] += torch.randn(made.network.head.weight[:, 1:].shape)
    with pytest.raises(ConfigError, match=r"precision=int8: .* nats for a molecule.* not less than 1%"):
        export_generator(made, precision="int8")


def test_what_cannot_be_exported(samples: list[str]) -> None:
    with pytest.raises(ConfigError, match="GraphVAE can't be exported; transformer and recurrent can"):
        export_generator(load_generator("graph_vae"))
    made = Transformer(width=32, layers=1, heads=2)
    with pytest.raises(ConfigError, match="precision=int4: must be one of float32, int8"):
        export_generator(made, precision="int4")
    with pytest.raises(ConfigError, match="has learnt nothing yet"):
        export_generator(made)
    made.initialize(Vocabulary.from_smiles(["[Xe]"]))
    with pytest.raises(DataError, match="can write none of the molecules"):
        written_tokens(made, 10)
