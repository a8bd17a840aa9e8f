"""Masked diffusion: what it is trained on, how it fills in, what it makes of prompts."""

from pathlib import Path

import numpy as np
import pytest
import torch
from rdkit import Chem

from molgen import load_generator
from molgen.chem.fragments import whole
from molgen.config import compose_group
from molgen.errors import ConfigError, DataError
from molgen.generators.diffusion import Diffusion, MixingBlock, _hidden
from molgen.learn.checkpoint import load_tensors
from molgen.learn.shipped import WEIGHTS
from molgen.learn.trainer import Trainer

PHENOLS = ["Oc1ccccc1", "COc1ccccc1", "CCOc1ccccc1", "CC(=O)Oc1ccccc1", "CNC(=O)c1ccccc1", "CN(C)C(=O)c1ccccc1"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Diffusion:
    """A small model that has learnt six molecules by heart."""
    generator = Diffusion(width=48, layers=2, heads=2, max_length=30, batch_tokens=600)
    trainer = Trainer(str(tmp_path_factory.mktemp("diffusion")), epochs=120, lr=1e-2, warmup_steps=5, patience=120)
    generator.fit(PHENOLS * 4, PHENOLS, trainer=trainer)
    return generator


def test_draws_what_it_has_learnt(trained: Diffusion) -> None:
    drawn = trained.sample(200, seed=0)
    assert sum(text in PHENOLS for text in drawn) > 150
    assert set(PHENOLS) <= set(drawn)


def test_all_samples_are_molecules_and_the_same_for_the_same_seed(trained: Diffusion) -> None:
    first = trained.sample(23, seed=1, batch=10)
    assert len(first) == 23
    assert all(Chem.MolFromSmiles(text) is not None for text in first)
    assert first == trained.sample(23, seed=1, batch=10)
    assert first != trained.sample(23, seed=2, batch=10)


def test_samples_hold_the_prompt(trained: Diffusion) -> None:
    benzoyl = Chem.MolFromSmarts("c1ccccc1C(=O)")
    drawn = trained.sample(20, prompt="*C(=O)c1ccccc1", seed=0)
    assert all(Chem.MolFromSmiles(text).HasSubstructMatch(benzoyl) for text in drawn)


def test_two_fragments_are_linked(trained: Diffusion) -> None:
    phenyl, amine = Chem.MolFromSmarts("c1ccccc1"), Chem.MolFromSmarts("[CH3][NX3]")
    mols = [Chem.MolFromSmiles(text) for text in trained.sample(10, prompt="*c1ccccc1.*NC", seed=0)]
    assert all(mol.HasSubstructMatch(phenyl) and mol.HasSubstructMatch(amine) for mol in mols)


def test_a_prompt_without_attachments_is_opened(trained: Diffusion) -> None:
    drawn = trained.sample(10, prompt="c1ccccc1", seed=0)
    assert all(Chem.MolFromSmiles(text).HasSubstructMatch(Chem.MolFromSmarts("c1ccccc1")) for text in drawn)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("c1ccc", "prompt 'c1ccc': "),
        ("*[Pt]", "doesn't know"),
        ("*" + "c1ccccc1" * 8, "at most"),
        ("FC(F)(F)F", "no hydrogen"),
        ("*C" + "NC(=O)C" * 25, "more than 20 bonds"),
        ("*c1ccccc1.*c1ccccc1", "none of"),  # two tokens are left, a linker takes three
    ],
)
def test_prompts_that_cannot_be_answered_are_refused(
    trained: Diffusion, prompt: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("molgen.generators.diffusion.HOPELESS", 300)
    with pytest.raises(ConfigError, match=message):
        trained.sample(1, prompt=prompt, seed=0)


def test_saving_and_loading_keeps_everything(trained: Diffusion, tmp_path: Path) -> None:
    trained.save(tmp_path / "d.safetensors")
    again = load_generator(str(tmp_path / "d.safetensors"))
    assert isinstance(again, Diffusion)
    assert again.sample(10, seed=3) == trained.sample(10, seed=3)


def test_molecules_that_cannot_be_written_are_refused(trained: Diffusion, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="can be written"):
        trained.fit(["C[Pt]"], ["C[Pd]"], trainer=Trainer(str(tmp_path)))


def test_every_share_of_a_text_is_masked_and_never_its_ends() -> None:
    tokens = np.zeros((1000, 16), np.int64)
    tokens[:, 0], tokens[:, 1:11], tokens[:, 11] = 1, 5, 2
    hidden = _hidden(tokens, np.random.default_rng(0))
    assert hidden[:, [0, 11, 12, 13, 14, 15]].sum() == 0
    assert hidden.sum(1).min() >= 1
    assert {1, 5, 10} <= set(hidden.sum(1).tolist())


def test_a_batch_spells_the_molecules_with_their_pieces_shuffled(trained: Diffusion) -> None:
    pieces = [["C%10", "O%10%11", "c1%11ccccc1"]] * 50
    batches = trained._batches(pieces, np.random.default_rng(0), False)
    texts = [trained.vocabulary.decode(row[1:]) for batch in batches for row in batch[0].tolist()]
    assert len(texts) == 50
    assert len(set(texts)) == 6
    assert {whole(text) for text in texts} == {"COc1ccccc1"}


def test_blocks_know_distances_only() -> None:
    """Attention between two places is the same wherever the pair stands."""
    torch.manual_seed(0)
    block = MixingBlock(32, 2, dropout=0.0).eval()
    torch.nn.init.normal_(block.neighbours)
    torch.nn.init.normal_(block.mix.weight)
    x = torch.zeros(1, 40, 32)
    x[0, 10:20] = torch.randn(10, 32)
    with torch.no_grad():
        torch.testing.assert_close(block(x)[0, 4:26], block(x.roll(6, 1))[0, 10:32], rtol=1e-4, atol=1e-5)


class TestShipped:
    CARD = load_tensors(WEIGHTS / "diffusion.safetensors")[1]

    def test_has_a_card_that_says_on_what_it_was_trained(self) -> None:
        assert self.CARD["data"]["sha256"] == compose_group("data", "zinc250k").sha256
        assert self.CARD["trained_by"].startswith("scripts/train_prior.py diffusion")
        assert self.CARD["metrics"]["samples"] == 10_000
        assert (WEIGHTS / "diffusion.safetensors").stat().st_size < 25e6

    def test_as_many_draws_spell_a_molecule_as_its_card_says(self) -> None:
        expected = self.CARD["metrics"]["draws_that_spell_a_molecule"]
        drawn = load_generator("diffusion").draw(300, seed=5)
        share = sum(text is not None for text in drawn) / 300
        assert share == pytest.approx(expected, abs=3 * (expected * (1 - expected) * (1 / 1000 + 1 / 300)) ** 0.5)

    def test_links_fragments(self) -> None:
        mols = [Chem.MolFromSmiles(text) for text in load_generator("diffusion").sample(5, prompt="*c1ccccc1.*N1CCOCC1", seed=0)]
        ends = Chem.MolFromSmarts("c1ccccc1"), Chem.MolFromSmarts("N1CCOCC1")
        assert all(mol.HasSubstructMatch(end) for mol in mols for end in ends)
