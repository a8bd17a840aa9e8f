"""The graph GAN: its draws are molecules and differ, its critic sees rings, a score steers it."""

from pathlib import Path

import pytest
import torch
from rdkit import Chem
from torch.nn import functional as F

from molgen import load_generator
from molgen.errors import ConfigError, DataError
from molgen.generators.graph_gan import GraphGAN
from molgen.generators.graph_gan_network import GraphCritic, _environment
from molgen.learn.trainer import Trainer

SMALL = ["CCO", "CCN", "CC(C)O", "CC(=O)O", "CC(N)=O", "OCCO", "NCCO", "CC#N", "C1CC1", "OC1CC1", "CC(C)=O", "CNC"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> GraphGAN:
    """A small model, trained for seconds."""
    generator = GraphGAN(largest=5, noise=8, width=32, layers=2, batch=32, critic_steps=2)
    trainer = Trainer(str(tmp_path_factory.mktemp("gan")), epochs=40, lr=1e-3)
    generator.fit(SMALL * 16, [], trainer=trainer)
    return generator


def test_draws_are_molecules_that_differ(trained: GraphGAN) -> None:
    drawn = trained.sample(300, seed=0)
    assert len(drawn) == 300
    assert all(Chem.MolFromSmiles(text).GetNumAtoms() <= 5 for text in drawn if text)
    assert sum(bool(text) for text in drawn) > 290
    assert len(set(drawn)) > 30
    assert drawn == trained.sample(300, seed=0)


def test_it_learns_the_composition(trained: GraphGAN) -> None:
    assert set(trained.types) == {("C", 0), ("N", 0), ("O", 0)}
    mols = [Chem.MolFromSmiles(text) for text in trained.sample(400, seed=1) if text]
    atoms = [atom.GetSymbol() for mol in mols for atom in mol.GetAtoms()]
    assert 0.5 < atoms.count("C") / len(atoms) < 0.8  # 29 of 43 in the training set


def test_the_critic_does_not_depend_on_the_order_of_atoms() -> None:
    torch.manual_seed(0)
    critic = GraphCritic(2, 16, 2, 1)
    atoms = F.one_hot(torch.tensor([[0, 1, 0, 0]]), 2).float()
    orders = torch.tensor([[[0, 1, 0, 2], [1, 0, 3, 0], [0, 3, 0, 0], [2, 0, 0, 0]]])
    bonds = F.one_hot(orders, 4)[..., 1:].float()
    order = [2, 0, 3, 1]
    turned = bonds[:, order][:, :, order]
    torch.testing.assert_close(critic(atoms, bonds), critic(atoms[:, order], turned))


def test_closed_walks_tell_a_ring_of_six_from_two_of_three() -> None:
    def ring(*members: int) -> torch.Tensor:
        orders = torch.zeros(6, 6)
        for a, b in zip(members, members[1:] + members[:1], strict=True):
            orders[a, b] = orders[b, a] = 1
        return orders

    six = ring(0, 1, 2, 3, 4, 5)[None, ..., None]
    threes = (ring(0, 1, 2) + ring(3, 4, 5))[None, ..., None]
    both = _environment(torch.cat([six, threes]))
    torch.testing.assert_close(both[0, :, :2], both[1, :, :2])
    assert both[0, 0, 2] == 0
    # two closed walks of three bonds around a triangle, each way
    torch.testing.assert_close(both[1, 0, 2], torch.tensor(3.0).log() / 2)


def test_gradients_reach_every_weight() -> None:
    generator = GraphGAN(largest=5, noise=8, width=16, layers=1)
    generator.initialize([("C", 0), ("O", 0)])
    generator.network.sizes.fill_(1)
    GraphCritic(2, 16, 1, 1)(*generator.network(8)).sum().backward()
    moved = {name for name, p in generator.network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert {"whole.weight", "each.weight", "types.weight", "orders.2.weight"} <= moved


def test_a_score_steers_it(trained: GraphGAN, tmp_path: Path) -> None:
    def oxygens(smiles: list[str]) -> list[float]:
        return [text.count("O") / max(1, sum(map(text.count, "CNO"))) for text in smiles]

    trained.save(tmp_path / "gan.safetensors")
    steered = load_generator(str(tmp_path / "gan.safetensors"))
    assert isinstance(steered, GraphGAN)
    before = sum(oxygens(steered.sample(300, seed=5))) / 300
    steered.steer(oxygens, steps=60, lr=2e-3)
    after = sum(oxygens(steered.sample(300, seed=5))) / 300
    assert after > before + 0.1


def test_what_it_cannot_do(trained: GraphGAN, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="graph_vae"):
        trained.sample(1, prompt="C")
    with pytest.raises(DataError, match="5 heavy atoms"):
        GraphGAN(largest=5).fit(["c1ccccc1CCCC"] * 20, [], trainer=Trainer(str(tmp_path), epochs=1))
