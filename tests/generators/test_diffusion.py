"""Masked diffusion: skeletons, what is masked, how it is filled in, what becomes of prompts."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from rdkit import Chem

from molgen import load_generator
from molgen.config import compose_group
from molgen.errors import ConfigError, DataError
from molgen.generators.diffusion import Diffusion, _hidden
from molgen.generators.diffusion_network import TreeBlock
from molgen.generators.piece_vocabulary import SPECIAL, PieceVocabulary
from molgen.generators.skeletons import Skeletons, tree
from molgen.learn.checkpoint import load_tensors
from molgen.learn.shipped import WEIGHTS
from molgen.learn.trainer import Trainer
from tests.conftest import assembled

PHENOLS = ["Oc1ccccc1", "COc1ccccc1", "CCOc1ccccc1", "CC(=O)Oc1ccccc1", "CNC(=O)c1ccccc1", "CN(C)C(=O)c1ccccc1"]
MACROCYCLE = "C1CCOCCCNCC1"
VARIOUS = [*PHENOLS, "CC(C)=Cc1ccncc1", "c1ccc(-c2ccc(N3CCOCC3)cc2)nc1", "CC(=O)NCCCl", "N#CC1CC1", MACROCYCLE]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Diffusion:
    """A small model that has learnt six molecules by heart."""
    generator = Diffusion(width=48, layers=2, heads=2, least=1, batch_steps=200)
    trainer = Trainer(str(tmp_path_factory.mktemp("diffusion")), epochs=60, lr=1e-2, warmup_steps=5, patience=60)
    generator.fit(PHENOLS * 4, PHENOLS, trainer=trainer)
    return generator


@pytest.fixture(scope="module")
def blank() -> Diffusion:
    """A model with random weights that remembers the skeletons of some molecules."""
    generator = Diffusion(width=32, layers=1, heads=2)
    generator.initialize(PieceVocabulary.of(VARIOUS, 1))
    generator.remember_skeletons(generator.vocabulary.writable(VARIOUS, 40), VARIOUS)
    return generator


@pytest.fixture(scope="module")
def shipped() -> Diffusion:
    """The model that ships."""
    generator = load_generator("diffusion")
    assert isinstance(generator, Diffusion)
    return generator


def _holds(smiles: str, *smarts: str) -> bool:
    return all(Chem.MolFromSmiles(smiles).HasSubstructMatch(Chem.MolFromSmarts(text)) for text in smarts)


def test_draws_what_it_has_learnt(trained: Diffusion) -> None:
    drawn = trained.sample(200, seed=0)
    assert sum(text in PHENOLS for text in drawn) > 150
    assert set(PHENOLS) <= set(drawn)


def test_even_without_training_every_draw_is_one_molecule(blank: Diffusion) -> None:
    drawn = blank.sample(200, seed=0)
    assert all(Chem.MolFromSmiles(text) is not None and "." not in text for text in drawn)
    assert len(set(drawn)) > 100


def test_the_same_seed_draws_the_same(trained: Diffusion) -> None:
    assert trained.sample(23, seed=1) == trained.sample(23, seed=1)
    assert trained.sample(23, seed=1) != trained.sample(23, seed=2)


def test_a_low_temperature_draws_what_is_frequent(trained: Diffusion) -> None:
    cold, warm = (sum(text in PHENOLS for text in trained.sample(200, temperature=t, seed=0)) for t in (0.3, 3.0))
    assert cold > warm + 50


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("*C(=O)c1ccccc1", ["c1ccccc1C(=O)[#6,#7,#8]"]),
        ("*c1ccccc1.*NC", ["c1ccccc1", "[CH3][NX3]"]),
        ("*c1ccccc1.*N1CCOCC1.*C#N", ["c1ccccc1", "C1COCCN1", "C#N"]),
        ("*c1ccncc1.*N(*)C", ["c1ccncc1", "[CH3]N(*)*"]),
        ("*c1ccc(*)nc1", ["*c1ccc(*)nc1"]),
        ("*=C(C)C", ["*=C(C)C"]),
        ("*C1CCOCCCNC1", ["C1CCOCCCNC1"]),
        ("c1ccc2ncncc2c1", ["c1ccc2ncncc2c1"]),
        ("Nc1ncnc2[nH]ncc12.c1ccccc1", ["Nc1ncnc2nncc12", "c1ccccc1"]),
    ],
)
def test_samples_are_one_molecule_with_the_prompt_in_it(shipped: Diffusion, prompt: str, kept: list[str]) -> None:
    drawn = shipped.sample(20, prompt=prompt, seed=0)
    assert len(set(drawn)) > 10
    for text in drawn:
        assert "." not in text
        assert _holds(text, *kept), text


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("c1ccc", "prompt 'c1ccc': "),
        ("*[Pt]", "doesn't know"),
        ("*" + "Oc1ccccc1" * 40, "40 at most"),
        ("FC(F)(F)F", "no hydrogen"),
        ("*C#*", "doesn't know"),
        ("*=C(C)C.*=C(C)C", "single bonds"),
    ],
)
def test_prompts_that_cannot_be_answered_are_refused(shipped: Diffusion, prompt: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        shipped.sample(1, prompt=prompt, seed=0)


def test_saving_and_loading_keeps_everything(trained: Diffusion, tmp_path: Path) -> None:
    trained.save(tmp_path / "d.safetensors")
    again = load_generator(str(tmp_path / "d.safetensors"))
    assert isinstance(again, Diffusion)
    assert again.sample(10, seed=3) == trained.sample(10, seed=3)
    assert again.sample(10, prompt="*c1ccccc1", seed=3) == trained.sample(10, prompt="*c1ccccc1", seed=3)


def test_molecules_that_cannot_be_written_are_refused(trained: Diffusion, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="can be written"):
        trained.fit(["C[Pt]"], ["C[Pd]"], trainer=Trainer(str(tmp_path)))


def test_every_share_of_a_molecule_is_masked_and_never_what_the_skeleton_says() -> None:
    maskable = np.zeros((1000, 12), bool)
    maskable[:, 1:11] = True
    hidden = _hidden(maskable, np.random.default_rng(0))
    assert hidden[:, [0, 11]].sum() == 0
    assert hidden.sum(1).min() == 1
    assert hidden.sum(1).max() == 10
    assert hidden[:, 1:11].mean(0) == pytest.approx(np.full(10, hidden[:, 1:11].mean()), abs=0.08)


def test_a_batch_spells_its_molecules(blank: Diffusion) -> None:
    graphs = blank.vocabulary.writable([MACROCYCLE, "CC(=O)NCCCl"] * 20, 40)
    texts = [row[0].tolist() for batch in blank.training_batches(graphs, np.random.default_rng(0)) for row in batch]
    spelled = Counter(Chem.CanonSmiles(assembled([blank.vocabulary.names[name] for name in text]).smiles()) for text in texts)
    assert spelled == {Chem.CanonSmiles(MACROCYCLE): 20, "CC(=O)NCCCl": 20}
    assert len({tuple(text) for text in texts}) > 2


def test_a_tree_says_which_slot_every_step_fills() -> None:
    """The first piece has two slots; its first is filled by a piece with one slot, its second by an end."""
    assert tree((2, 1, 0, 0)) == ([0, 0, 1, 0], [0, 1, 1, 2], [0, 1, 2, 1])


def test_a_block_mixes_parents_and_children_only() -> None:
    block = TreeBlock(8, 2, dropout=0.0)
    torch.nn.init.normal_(block.from_parent)
    torch.nn.init.normal_(block.to_parent)
    parents, slots, _ = (torch.tensor([row]) for row in tree((2, 1, 0, 0)))
    x = torch.zeros(1, 4, 8)
    x[0, 2] = 1
    changed = (block.mixed(x, parents, slots) != x).any(-1)[0]
    assert changed.tolist() == [False, True, False, False]
    x = torch.zeros(1, 4, 8)
    x[0, 1] = 1
    changed = (block.mixed(x, parents, slots) != x).any(-1)[0]
    assert changed.tolist() == [True, False, True, False]


class TestSkeletons:
    SHAPES = PieceVocabulary(["[1*]c1ccccc1", "[1*]c1ccc([2*])cc1", "[1*]OC", "[1*]O[2*]"])

    def _number(self, shape: str) -> int:
        return self.SHAPES.shapes.index(shape)

    def _skeletons(self) -> Skeletons:
        root, middle, leaf = (self._number(shape) for shape in ("0:11", "1:1", "1:"))
        return Skeletons(self.SHAPES, [(root, leaf, leaf), (root, middle, middle, leaf, leaf)], [3, 1], [0] * 10 + [4])

    def test_are_drawn_as_often_as_they_occur(self) -> None:
        drawn = Counter(map(len, self._skeletons().draw(4000, np.random.default_rng(0))))
        assert drawn[3] / 4000 == pytest.approx(0.75, abs=0.03)

    def test_branches_are_those_of_the_skeletons(self) -> None:
        skeletons, rng = self._skeletons(), np.random.default_rng(0)
        middle, leaf = self._number("1:1"), self._number("1:")
        assert skeletons.branch(1, 1, 0, rng) == (leaf,)
        assert skeletons.branch(1, 1, 1, rng) == (middle, leaf)
        assert skeletons.branch(1, 9, 1, rng) == (middle, middle, leaf)
        with pytest.raises(ValueError, match="order 2"):
            skeletons.branch(2, 1, 0, rng)

    def test_growth_is_measured_in_atoms(self) -> None:
        """Four molecules of ten atoms and 14 steps make 2.86 atoms a step: from four atoms on, two steps."""
        skeletons, rng = self._skeletons(), np.random.default_rng(0)
        assert skeletons.atoms_a_step == pytest.approx(40 / 14)
        assert skeletons.steps_to_add(4, rng) == 2
        assert skeletons.steps_to_add(12, rng) == 0


class TestShipped:
    CARD = load_tensors(WEIGHTS / "diffusion.safetensors")[1]

    def test_has_a_card_that_says_on_what_it_was_trained(self) -> None:
        assert self.CARD["data"]["sha256"] == compose_group("data", "zinc250k").sha256
        assert self.CARD["trained_by"].startswith("scripts/train_prior.py diffusion")
        assert self.CARD["metrics"]["samples"] == 10_000
        assert (WEIGHTS / "diffusion.safetensors").stat().st_size < 25e6

    def test_draws_molecules_of_its_card(self, shipped: Diffusion) -> None:
        drawn = shipped.sample(300, seed=5)
        assert len(set(drawn)) >= 297
        assert np.mean([len(text) for text in drawn]) == pytest.approx(self.CARD["metrics"]["mean_length"], abs=2)

    def test_fills_only_with_pieces_that_fit(self, shipped: Diffusion) -> None:
        rows = shipped.drawn_skeletons(50, None, np.random.default_rng(0))
        longest = max(rows, key=len)
        random = torch.Generator().manual_seed(0)
        filled = shipped.filled_rows(shipped.network, torch.tensor([longest] * 4), 1.0, random)
        assert (shipped.vocabulary.shape[filled] == torch.tensor([shape for _, shape in longest])).all()
        assert (filled < len(shipped.vocabulary)).all()
        assert [name for name in filled[0].tolist() if name < len(SPECIAL)] == [s for _, s in longest if s < len(SPECIAL)]
