"""What every SMILES generator must do."""

import importlib
import inspect
import itertools
import pkgutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from molgen import generators, load_generator
from molgen.chem.molecules import Molecules
from molgen.chem.tokens import Vocabulary
from molgen.config import compose_group, options
from molgen.errors import CheckpointError, ConfigError, DataError
from molgen.generators.autoregressive import AutoregressiveGenerator
from molgen.generators.recurrent import Recurrent
from molgen.generators.transformer import Block, Transformer
from molgen.learn.checkpoint import load_tensors
from molgen.learn.shipped import WEIGHTS
from molgen.learn.trainer import Trainer
from molgen.metrics.distribution import sample_quality

SMALL = {
    "Transformer": {"width": 32, "layers": 2, "heads": 2},
    "Recurrent": {"embedding": 32, "width": 64, "recurrent_layers": 2},
}
ALCOHOLS = ["CO", "CCO", "CCCO", "CC(C)O", "OCCO", "CCCCO", "CC(O)CO", "OC1CC1", "CC(C)(C)O", "OC1CCC1", "Oc1ccccc1", "OCC#N"]


def find_generators() -> list[type[AutoregressiveGenerator]]:
    found = []
    for module in pkgutil.iter_modules(generators.__path__, f"{generators.__name__}."):
        for _, item in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(item, AutoregressiveGenerator) and item.__module__ == module.name and not inspect.isabstract(item):
                found.append(item)
    return found


@pytest.fixture(params=find_generators(), ids=lambda kind: kind.__name__)
def generator(request: pytest.FixtureRequest) -> AutoregressiveGenerator:
    """A small untrained generator."""
    made: AutoregressiveGenerator = request.param(**SMALL[request.param.__name__], max_length=40)
    made.initialize(Vocabulary.from_smiles(ALCOHOLS))
    return made


class TestEveryGenerator:
    def test_samples_as_many_as_asked_and_the_same_for_the_same_seed(self, generator: AutoregressiveGenerator) -> None:
        first = generator.sample(37, seed=1, batch=10)
        assert len(first) == 37
        assert first == generator.sample(37, seed=1, batch=10)
        assert first != generator.sample(37, seed=2, batch=10)

    def test_samples_are_no_longer_than_the_longest(self, generator: AutoregressiveGenerator) -> None:
        lengths = [len(generator.vocabulary.encode(text)) - 2 for text in generator.sample(50, seed=0, temperature=3.0)]
        assert max(lengths) <= generator.max_length + 1

    def test_samples_begin_with_the_prompt(self, generator: AutoregressiveGenerator) -> None:
        assert all(text.startswith("CC(") for text in generator.sample(20, prompt="CC(", seed=0))

    def test_an_unknown_token_in_the_prompt_is_refused(self, generator: AutoregressiveGenerator) -> None:
        with pytest.raises(ConfigError, match=r"doesn't know '\[Pt\]'"):
            generator.sample(1, prompt="CC[Pt]")

    def test_stepping_gives_the_logits_of_the_whole_sequence(self, generator: AutoregressiveGenerator) -> None:
        """The cache against the definition."""
        network = generator.network.eval()
        tokens = generator.encode(ALCOHOLS)
        with torch.no_grad():
            at_once = network(tokens)
            state = network.start(len(tokens), torch.float32)
            steps = [network.step(tokens[:, t], state) for t in range(tokens.shape[1])]
        torch.testing.assert_close(torch.stack(steps, 1), at_once, rtol=1e-4, atol=1e-5)

    def test_dropping_sequences_leaves_the_others_as_they_were(self, generator: AutoregressiveGenerator) -> None:
        network = generator.network.eval()
        tokens = generator.encode(ALCOHOLS)
        rows = torch.tensor([1, 4, 7])
        with torch.no_grad():
            all_rows, some = (network.start(len(tokens), torch.float32) for _ in range(2))
            for t in range(3):
                network.step(tokens[:, t], all_rows)
                network.step(tokens[:, t], some)
            some = network.keep(some, rows)
            torch.testing.assert_close(network.step(tokens[rows, 3], some), network.step(tokens[:, 3], all_rows)[rows])

    def test_the_likelihood_is_the_sum_of_the_steps(self, generator: AutoregressiveGenerator) -> None:
        network = generator.network.eval()
        indices = generator.vocabulary.encode("CC(C)O")
        with torch.no_grad():
            state = network.start(1, torch.float32)
            total = 0.0
            for now, following in itertools.pairwise(indices):
                total += float(network.step(torch.tensor([now]), state).log_softmax(-1)[0, following])
            assert float(generator.log_likelihood(["CC(C)O"])[0]) == pytest.approx(total, rel=0.01)

    def test_what_cannot_be_written_has_no_likelihood(self, generator: AutoregressiveGenerator) -> None:
        values = generator.log_likelihood(["CCO", "C[Pt]", "", "C" * 100]).detach()
        np.testing.assert_array_equal(np.isinf(values.numpy()), [False, True, True, True])
        assert values[0] < 0

    def test_the_longest_smiles_has_a_likelihood(self, generator: AutoregressiveGenerator) -> None:
        longest = "C" * generator.max_length
        values = generator.log_likelihood([longest, "CCO", longest + "C"]).detach()
        assert torch.isfinite(values[:2]).all()
        assert values[2] == -torch.inf

    def test_the_likelihood_can_be_differentiated(self, generator: AutoregressiveGenerator) -> None:
        generator.log_likelihood(["CCO", "C[Pt]", "CO"])[[0, 2]].sum().backward()
        assert all(torch.isfinite(p.grad).all() for p in generator.network.parameters() if p.grad is not None)

    def test_saving_and_loading_keeps_everything(self, generator: AutoregressiveGenerator, tmp_path: Path) -> None:
        path = tmp_path / "g.safetensors"
        generator.save(path, {"note": "mine"})
        again = load_generator(str(path))
        assert type(again) is type(generator)
        assert again.sample(20, seed=3) == generator.sample(20, seed=3)
        assert '"note": "mine"' in path.with_suffix(".json").read_text()

    def test_learns_a_handful_of_molecules_by_heart(self, generator: AutoregressiveGenerator, tmp_path: Path) -> None:
        """And then samples each as often as its likelihood says."""
        trainer = Trainer(str(tmp_path), epochs=100, lr=1e-2, warmup_steps=5, patience=100)
        history = generator.fit(ALCOHOLS, ALCOHOLS, trainer=trainer)
        assert history[-1]["valid"] < 0.7 * history[0]["valid"]
        with torch.no_grad():
            expected = generator.log_likelihood(ALCOHOLS).exp()
        assert float(expected.sum()) > 0.6
        counts = Counter(generator.sample(2000, seed=0))
        observed = np.array([counts[text] / 2000 for text in ALCOHOLS])
        np.testing.assert_allclose(observed, expected, atol=0.04)

    def test_molecules_that_cannot_be_written_are_refused(self, generator: AutoregressiveGenerator, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="can be written"):
            generator.fit(["C[Pt]"], ["C[Pd]"], trainer=Trainer(str(tmp_path)))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_both_recurrent_cells_sample(cell: str) -> None:
    generator = Recurrent(cell=cell, **SMALL["Recurrent"])
    generator.initialize(Vocabulary.from_smiles(ALCOHOLS))
    assert len(generator.sample(30, seed=0)) == 30
    assert generator.network.eval().stack.training, "cuDNN gives gradients in training mode only"


def test_augmentation_rewrites_but_never_changes_molecules() -> None:
    generator = Transformer(**SMALL["Transformer"], augment=1.0)
    generator.initialize(Vocabulary.from_smiles(ALCOHOLS))
    molecules = ["CC(C)(C)O", "Oc1ccccc1"] * 20
    batches = list(generator.training_batches(molecules, np.random.default_rng(0), False))
    written = [generator.vocabulary.decode(row[1:]) for batch in batches for row in batch.tolist()]
    assert len(written) == 40
    assert len(set(written)) > 4
    assert set(Molecules(written).canonical) == set(Molecules(molecules).canonical)


def test_batches_hold_every_molecule_once_and_about_the_asked_tokens(samples: list[str]) -> None:
    generator = Transformer(**SMALL["Transformer"], batch_tokens=1000)
    generator.initialize(Vocabulary.from_smiles(samples))
    batches = list(generator.training_batches(samples, np.random.default_rng(0), False))
    assert all(batch.numel() <= 1100 for batch in batches)
    assert sorted(generator.vocabulary.decode(row[1:]) for batch in batches for row in batch.tolist()) == sorted(samples)


def test_dropout_has_one_mask_for_all_positions() -> None:
    torch.manual_seed(0)
    dropped = Block(64, 2, dropout=0.5).drop(torch.ones(3, 5, 64))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])


def test_a_fresh_and_a_sampling_network_have_no_dropout() -> None:
    generator = Transformer(**SMALL["Transformer"], dropout=0.5)
    generator.initialize(Vocabulary.from_smiles(ALCOHOLS))
    assert torch.equal(generator.log_likelihood(ALCOHOLS), generator.log_likelihood(ALCOHOLS))


@pytest.mark.parametrize("name", options("generator"))
def test_a_generator_that_has_learnt_nothing_says_so(name: str, tmp_path: Path) -> None:
    generator = compose_group("generator", name, ["+seed=0"])
    for ask in (lambda: generator.sample(3), lambda: generator.save(tmp_path / "none.safetensors")):
        with pytest.raises(ConfigError, match=f"this {type(generator).__name__} has learnt nothing yet"):
            ask()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["transformer", "recurrent"])
class TestEveryShippedPrior:
    def test_is_as_good_as_its_card_says(self, name: str) -> None:
        """2,000 samples, within three standard errors of the card's validity over 10,000."""
        card = load_tensors(WEIGHTS / f"{name}.safetensors")[1]
        expected = card["metrics"]["validity"]
        figures = sample_quality(load_generator(name).sample(2000, seed=11), ())
        assert figures["validity"] == pytest.approx(expected, abs=3 * (expected * (1 - expected) / 2000) ** 0.5)
        assert figures["uniqueness"] >= 0.998

    def test_has_a_card_that_says_on_what_it_was_trained(self, name: str) -> None:
        card = load_tensors(WEIGHTS / f"{name}.safetensors")[1]
        assert card["data"]["sha256"] == compose_group("data", "zinc250k").sha256
        assert card["trained_by"].startswith("scripts/train_prior.py")
        assert card["parameters"] == sum(p.numel() for p in load_generator(name).network.parameters())
        assert card["training_minutes"] > 0
        assert card["metrics"]["samples"] == 10_000
        assert (WEIGHTS / f"{name}.safetensors").stat().st_size < 25e6


class TestShippedPrior:
    def test_meets_its_bar(self) -> None:
        figures = load_tensors(WEIGHTS / "transformer.safetensors")[1]["metrics"]
        assert figures["validity"] >= 0.98
        assert figures["uniqueness"] >= 0.999
        assert figures["novelty"] >= 0.95

    def test_an_unknown_name_is_answered_with_the_nearest(self) -> None:
        with pytest.raises(ConfigError, match="did you mean 'prior'"):
            load_generator("priro")

    @pytest.mark.parametrize("content", [b"", b"\x00" * 100])
    def test_a_damaged_file_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "mine.safetensors"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"mine\.safetensors"):
            load_generator(str(path))


def test_a_generator_is_loaded_without_the_compiler_of_torch() -> None:
    """Which takes 2 s to import: see `molgen.learn.saved`."""
    code = "import sys; from molgen import load_generator; load_generator('prior'); sys.exit('torch._dynamo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
