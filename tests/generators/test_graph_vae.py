"""The graph VAE: what it writes is always a molecule, what it has learnt comes back, prompts are kept."""

from pathlib import Path

import numpy as np
import pytest
import torch
from rdkit import Chem

from molgen import load_generator
from molgen.chem.pieces import piece_graph
from molgen.errors import CheckpointError, ConfigError, DataError
from molgen.generators.graph_vae import GraphVAE
from molgen.generators.graph_vae_network import views
from molgen.generators.latent_gan import LatentGAN
from molgen.generators.latent_space import around, between
from molgen.generators.piece_vocabulary import SPECIAL, PieceVocabulary
from molgen.learn.trainer import Trainer
from tests.conftest import assembled

LEARNT = [
    "CC(=O)Nc1ccc(O)cc1",
    "CCOC(=O)c1ccc(N)cc1",
    "COc1ccccc1CN",
    "O=C(NC1CC1)c1ccncc1",
    "C[C@H](N)c1ccc(Cl)cc1",
    "C[C@@H](N)c1ccc(Cl)cc1",
    "CS(=O)(=O)N1CCOCC1",
    "N#Cc1ccc(F)cc1",
]
RARE = "C1CC2(C1)CCO2"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> GraphVAE:
    """A small model that has learnt some molecules by heart; one's ring is too rare to be a piece."""
    generator = GraphVAE(width=64, layers=2, latent=8, beta=0.02, least=3, batch_steps=400)
    trainer = Trainer(str(tmp_path_factory.mktemp("vae")), epochs=45, lr=5e-3, warmup_steps=5, patience=45)
    generator.fit([*LEARNT * 6, RARE], LEARNT, trainer=trainer)
    return generator


@pytest.fixture(scope="module")
def shipped() -> GraphVAE:
    """The model that ships."""
    generator = load_generator("graph_vae")
    assert isinstance(generator, GraphVAE)
    return generator


@pytest.fixture(scope="module")
def blank() -> GraphVAE:
    """A model with random weights."""
    generator = GraphVAE(width=32, layers=1, latent=4, longest=30)
    generator.initialize(PieceVocabulary.of([*LEARNT, RARE], 1))
    return generator


def test_even_without_training_every_point_is_a_molecule(blank: GraphVAE) -> None:
    points = 10 * torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
    mols = [Chem.MolFromSmiles(text) for text in [*blank.decode(points), *blank.sample(60, temperature=2.0, seed=0)]]
    assert all(mol is not None and mol.GetNumAtoms() for mol in mols)
    assert all("." not in Chem.MolToSmiles(mol) for mol in mols)


def test_learnt_molecules_come_back_with_their_stereochemistry(trained: GraphVAE) -> None:
    assert trained.reconstruction(LEARNT) == 1.0


def test_samples_are_what_was_learnt_and_the_same_for_the_same_seed(trained: GraphVAE) -> None:
    first = trained.sample(40, seed=3)
    assert sum(text in LEARNT for text in first) > 20
    assert first == trained.sample(40, seed=3)
    assert first != trained.sample(40, seed=4)


def test_a_point_does_not_depend_on_how_the_smiles_is_written(trained: GraphVAE) -> None:
    points = trained.encode(["CC(=O)Nc1ccc(O)cc1", "Oc1ccc(cc1)NC(C)=O"])
    torch.testing.assert_close(points[0], points[1])
    mirror = trained.encode(["C[C@H](N)c1ccc(Cl)cc1", "C[C@@H](N)c1ccc(Cl)cc1"])
    assert (mirror[0] - mirror[1]).abs().max() > 1e-3


def test_a_rare_ring_is_written_in_atoms(trained: GraphVAE) -> None:
    assert "[1*]C[2*]" in piece_graph(Chem.MolFromSmiles(RARE), trained.vocabulary.known).pieces
    assert RARE not in trained.vocabulary.pieces
    assert trained.encode([RARE]).shape == (1, 8)


def test_what_it_cannot_write_is_named(trained: GraphVAE) -> None:
    with pytest.raises(DataError, match=r"'C\[Se\]C'.*\[Se\]"):
        trained.encode([LEARNT[0], "C[Se]C"])
    with pytest.raises(DataError, match="'nonsense': no molecule"):
        trained.encode(["nonsense"])
    with pytest.raises(DataError, match="several"):
        trained.encode(["CC.CC"])
    assert trained.known_of(["C[Se]C", LEARNT[0], ""]) == [LEARNT[0]]


@pytest.mark.parametrize(
    ("prompt", "pattern"),
    [
        ("*c1ccc(*)cc1", "[*;!#1]-c1ccc(-[*;!#1])cc1"),
        ("*C(=O)NC1CC1", "[*;!#1]C(=O)NC1CC1"),
        ("c1ccncc1", "c1ccncc1"),
        ("*C1CC2(C1)CCO2", "C1CC2(C1)CCO2"),
    ],
)
def test_prompts_are_in_the_molecule_and_their_points_are_filled(shipped: GraphVAE, prompt: str, pattern: str) -> None:
    wanted = Chem.MolFromSmarts(pattern)
    for text in [*shipped.sample(15, prompt=prompt, seed=0), *shipped.decode(torch.zeros(1, 64), prompt=prompt)]:
        assert Chem.MolFromSmiles(text).HasSubstructMatch(wanted), text


def test_prompts_that_it_cannot_follow(shipped: GraphVAE) -> None:
    with pytest.raises(ConfigError, match="diffusion"):
        shipped.sample(1, prompt="*c1ccccc1.*N")
    with pytest.raises(ConfigError, match=r"\[Te\]"):
        shipped.sample(1, prompt="*[Te]C")
    with pytest.raises(ConfigError, match="steps"):
        shipped.sample(1, prompt="*" + "C(O)" * 50)


def test_walks(trained: GraphVAE) -> None:
    line = between(trained, LEARNT[0], LEARNT[2], 9)
    assert line[0] == LEARNT[0]
    assert line[-1] == Chem.CanonSmiles(LEARNT[2])
    near = around(trained, LEARNT[0], 30, radius=0.01, seed=0)
    far = around(trained, LEARNT[0], 30, radius=3.0, seed=0)
    assert near.count(LEARNT[0]) > far.count(LEARNT[0])
    assert far == around(trained, LEARNT[0], 30, radius=3.0, seed=0)


def test_survives_a_file(trained: GraphVAE, tmp_path: Path) -> None:
    trained.save(tmp_path / "vae.safetensors", {"note": "x"})
    again = load_generator(str(tmp_path / "vae.safetensors"))
    assert isinstance(again, GraphVAE)
    assert again.sample(5, seed=0) == trained.sample(5, seed=0)
    torch.testing.assert_close(again.encode(LEARNT), trained.encode(LEARNT))


def test_views_tell_the_slot_that_is_filled_next() -> None:
    vocabulary = PieceVocabulary(["[1*]C([2*])=O", "[1*]C", "[1*]=O"])
    rows = views(["[1*]C([2*])=O", "*C", "*C"], vocabulary)
    acid = vocabulary.index["[1*]C([2*])=O"]
    methyl = vocabulary.index["*C"]
    assert rows == [[0, 0, 0, 0, 0, 0], [acid, acid, 1, 1, 1, 2], [methyl, acid, 2, 1, 1, 1]]


def test_only_pieces_that_fit_are_allowed() -> None:
    vocabulary = PieceVocabulary(["[1*]C=[2*]", "[1*]O"])
    names = np.array(vocabulary.names)
    started = assembled(["[1*]C=[2*]"])
    assert set(names[vocabulary.allowed(started)]) == {"open", "*C=[1*]", "*O"}
    assert set(names[vocabulary.allowed(started, must_fill=True)]) == {"*C=[1*]", "*O"}
    started.add("*O")
    assert set(names[vocabulary.allowed(started)]) == {"open", "*=C[1*]"}
    assert set(names[vocabulary.allowed(assembled([]))]) == {"[1*]C=[2*]", "[1*]O"}
    assert len(vocabulary.pieces) + len(SPECIAL) < len(vocabulary)


def test_latent_gan_learns_where_molecules_are(trained: GraphVAE, tmp_path: Path) -> None:
    path = tmp_path / "vae.safetensors"
    trained.save(path)
    generator = LatentGAN(vae=str(path), noise=4, width=64, batch=24)
    trainer = Trainer(str(tmp_path / "gan"), epochs=60, lr=2e-3)
    generator.fit(LEARNT * 60, LEARNT, trainer=trainer)
    drawn = generator.sample(60, seed=0, temperature=0.1)
    assert sum(text in LEARNT for text in drawn) > 30
    assert len(set(drawn) & set(LEARNT)) >= 4
    generator.save(tmp_path / "gan.safetensors")
    assert load_generator(str(tmp_path / "gan.safetensors")).sample(5, seed=1) == generator.sample(5, seed=1)
    with pytest.raises(CheckpointError):
        GraphVAE.load(tmp_path / "gan.safetensors")


def test_a_killed_adversarial_training_goes_on(trained: GraphVAE, tmp_path: Path) -> None:
    path = tmp_path / "vae.safetensors"
    trained.save(path)
    folder = str(tmp_path / "gan")
    LatentGAN(vae=str(path), noise=4, width=16, batch=24).fit(LEARNT * 6, LEARNT, trainer=Trainer(folder, epochs=2, lr=1e-3))
    again = LatentGAN(vae=str(path), noise=4, width=16, batch=24)
    history = again.fit(LEARNT * 6, LEARNT, trainer=Trainer(folder, epochs=4, lr=1e-3))
    assert [record["epoch"] for record in history] == [1, 2, 3, 4]
    with pytest.raises(CheckpointError, match="another"):
        LatentGAN(vae=str(path), noise=5, width=16).fit(LEARNT * 6, LEARNT, trainer=Trainer(folder, epochs=5))


def test_the_shipped_model_brings_back_unseen_molecules(shipped: GraphVAE) -> None:
    drugs = [
        "CC(=O)Nc1ccc(O)cc1",
        "CCN(CC)CC(=O)Nc1c(C)cccc1C",
        "COc1ccc(CCN)cc1",
        "Cc1ccc(S(=O)(=O)N2CCOCC2)cc1",
        "O=C(O)c1ccncc1",
    ]
    assert shipped.reconstruction(drugs) >= 0.6
    near, far = (around(shipped, drugs[1], 20, radius=radius, seed=0) for radius in (0.05, 2.0))
    assert near.count(drugs[1]) > far.count(drugs[1])
