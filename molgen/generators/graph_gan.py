"""A GAN that draws small molecules as whole graphs, in one shot."""

import copy
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from rdkit import Chem
from rich.progress import track
from torch import Tensor
from torch.nn import functional as F

from molgen.chem.dense import ELEMENTS, ORDERS, AtomType, matrices, molecule, types_of, valence
from molgen.errors import ConfigError, DataError
from molgen.generators.graph_gan_network import HEADS, GraphCritic, GraphGenerator, Graphs, Logits
from molgen.generators.network import NetworkGenerator, check_sizes, check_transformer
from molgen.learn.adversarial import fit_wasserstein
from molgen.learn.saved import Saved
from molgen.learn.trainer import Trainer
from molgen.metrics.distribution import sample_quality

LOG = logging.getLogger(__name__)
LESSONS = 4  # of the reward network, for each step of the generator
Score = Callable[[Sequence[str]], Sequence[float]]
MOST_CHARGED = 8
COMMON = 1e-3  # share of atoms from which on their type is learnt


@dataclass(eq=False)
class GraphGAN(NetworkGenerator):
    """A Wasserstein GAN over molecular graphs with a relational critic, as MolGAN (De Cao and Kipf, arXiv 1805.11973, 2018).

    MolGAN collapses to a few molecules; here every atom has its own noise, and the critic judges several graphs together.
    A draw is made a molecule by leaving out bonds beyond the valences, the least certain first, and by joining its parts where
    bonds are likeliest. Charges are drawn, stereochemistry is not.

    Attributes
    ----------
    largest
        Most heavy atoms per molecule; larger ones are left out of training.
    packed
        Number of graphs that the critic judges together.
    noise
        Dimensions of the noise per atom.
    width
        Width of the networks' vectors.
    layers
        Number of layers.
    batch
        Molecules per training batch.
    critic_steps
        Critic steps per generator step.
    """

    largest: int = 16
    noise: int = 16
    width: int = 96
    layers: int = 3
    packed: int = 2
    batch: int = 128
    critic_steps: int = 2

    types: Any = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        super().__post_init__()
        check_transformer(self.width, self.layers, HEADS, 0.0)
        check_sizes(largest=self.largest, noise=self.noise)
        check_sizes(10**9, packed=self.packed, batch=self.batch, critic_steps=self.critic_steps)

    def facts(self) -> dict[str, Any]:
        """See `NetworkGenerator.facts`."""
        return {"types": [list(kind) for kind in self.types]}

    def restore(self, saved: Saved) -> None:
        """See `NetworkGenerator.restore`."""
        self.types = tuple((element, charge) for element, charge in saved.value("types", list[tuple[str, int]]))
        for element, charge in self.types:
            if element not in ELEMENTS or valence((element, charge)) < 0 or abs(charge) > MOST_CHARGED:
                raise saved.error(f"in its card, types has {element[:20]!r} with a charge of {charge}, which is no atom")
        sizes = saved.array("sizes", self.largest + 1)
        if sizes.min() < 0 or sizes.sum() <= 0:
            raise saved.error("its tensor 'sizes' must hold counts, some above 0")
        if not self.types or len(set(self.types)) != len(self.types):
            raise saved.error("in its card, types has none, or one twice")

    def new_network(self) -> GraphGenerator:
        """See `NetworkGenerator.new_network`."""
        return GraphGenerator(len(self.types), self.largest, self.noise, self.width, self.layers)

    def initialize(self, types: Sequence[AtomType]) -> None:
        """Take the `types` of atoms, elements with charges, and new random weights."""
        self.types = tuple(types)
        self.begin()

    # -- training ------------------------------------------------------------------------------

    def fit(self, train: Sequence[str], valid: Sequence[str], *, trainer: Trainer) -> list[dict[str, float]]:
        """See `Generator.fit`."""
        mols = self._small(train)
        if not self.is_fitted:
            counts = Counter(kind for mol in mols for kind in types_of(mol))
            least = COMMON * sum(counts.values())
            self.initialize(sorted(kind for kind, count in counts.items() if count >= least))
        atoms, bonds = self._dense(mols)
        if len(atoms) < len(train):
            LOG.warning("%d of %d molecules are left out: too large, or of rare atoms", len(train) - len(atoms), len(train))
        self.network.begin_at(atoms, bonds)
        critic = GraphCritic(len(self.types), self.width, self.layers, self.packed)
        known = set(train)

        def batches(epoch: int) -> list[Graphs]:
            order = torch.from_numpy(np.random.default_rng([self.seed, epoch]).permutation(len(atoms)))
            whole = order[: max(self.batch, len(order) // self.batch * self.batch)]
            return [self._one_hot(atoms[part], bonds[part]) for part in whole.split(self.batch)]

        def figures() -> dict[str, float]:
            return sample_quality(self.sample(min(1000, len(atoms)), seed=self.seed), known)

        return fit_wasserstein(self.network, critic, batches, trainer, figures, critic_steps=self.critic_steps)

    def _small(self, smiles: Sequence[str]) -> list[Chem.Mol]:
        mols = [Chem.MolFromSmiles(text) for text in smiles]
        return [mol for mol in mols if mol is not None and 0 < mol.GetNumAtoms() <= self.largest]

    def _dense(self, mols: Sequence[Chem.Mol]) -> tuple[Tensor, Tensor]:
        """Atom types [n, largest] and bond orders [n, largest, largest]."""
        found = [pair for mol in mols if (pair := matrices(mol, self.types, self.largest))]
        if len(found) < self.packed:
            raise DataError(f"no molecule to train on has at most {self.largest} heavy atoms of common types")
        atoms, bonds = zip(*found, strict=True)
        return torch.from_numpy(np.stack(atoms)).long(), torch.from_numpy(np.stack(bonds)).long()

    def _one_hot(self, atoms: Tensor, bonds: Tensor) -> Graphs:
        return F.one_hot(atoms, len(self.types) + 1)[..., 1:].float(), F.one_hot(bonds, len(ORDERS) + 1)[..., 1:].float()

    def steer(self, score: Score, *, steps: int = 300, hold: float = 0.02, lr: float = 5e-4, seed: int = 0) -> list[float]:
        """Turn the generator towards molecules of high `score`; return the mean score of each step's molecules.

        A reward network learns the score of what is drawn, and the generator climbs it, as MolGAN's does.

        Parameters
        ----------
        score
            SMILES -> numbers between 0 and 1, such as `lambda smiles: scorer(smiles).total`. '' stands for no molecule.
        hold
            Weight of the divergence from what the generator drew before training, given the same noise.
        """
        reward = GraphCritic(len(self.types), self.width, self.layers, 1).to(self.device)
        past = copy.deepcopy(self.network)
        learner = torch.optim.Adam(reward.parameters(), lr=1e-3)
        mover = torch.optim.Adam(self.network.parameters(), lr=lr)
        means: list[float] = []
        for step in track(range(steps), "steering"):
            logits = self.network.logits(self.batch, self.random(seed + step))
            graphs, sure = self.network.draw(logits, random=self.random(seed + step))
            truth = torch.tensor([float(value) for value in score(self._molecules(graphs, sure))], device=self.device)
            means.append(float(truth.mean()))
            for _ in range(LESSONS):
                learner.zero_grad()
                seen = reward(graphs[0].detach(), graphs[1].detach())
                F.binary_cross_entropy_with_logits(seen, truth.clamp(0, 1)).backward()
                learner.step()
            if step >= steps // 10:
                mover.zero_grad()
                drift = _divergence(logits, past.logits(self.batch, self.random(seed + step)))
                (hold * drift - reward(*graphs).sigmoid().mean()).backward()
                mover.step()
        return means

    # -- sampling ------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None) -> list[str]:
        """Propose `n` molecules; a graph that gives no molecule is ''.

        Raises
        ------
        ConfigError
            A `prompt` is given, but a graph is drawn whole.
        """
        if prompt:
            raise ConfigError(f"prompt '{prompt}': graph_gan draws a graph whole; generator=graph_vae or diffusion takes prompts")
        random = self.random(seed)
        found: list[str] = []
        while len(found) < n:
            graphs, sure = self.network.draw(self.network.logits(min(1000, n - len(found)), random), temperature, random)
            found += self._molecules(graphs, sure)
        return found

    def _molecules(self, graphs: Graphs, sure: Tensor) -> list[str]:
        atoms = _numbers(graphs[0])
        bonds = _numbers(graphs[1])
        rows = zip(atoms, bonds, sure.detach().cpu().numpy(), strict=True)
        return [molecule(kinds, orders, certainty, self.types) for kinds, orders, certainty in rows]


def _divergence(new: Logits, old: Logits) -> Tensor:
    """Kullback-Leibler divergence of a graph's types and orders from the old ones, in nats, mean over the graphs."""
    total = torch.zeros((), device=new[0].device)
    for mine, before in zip(new[:2], old[:2], strict=True):
        target = before.detach().log_softmax(-1)
        total = total + F.kl_div(mine.log_softmax(-1), target, reduction="sum", log_target=True) / len(mine)
    return total


def _numbers(one_hot: Tensor) -> Any:
    """Categories counted from 1, 0 for none."""
    return (one_hot.argmax(-1) + 1).mul(one_hot.sum(-1) > 0.5).cpu().numpy()
