"""The two kinds of model behind the affinity predictor: a Gaussian process and neural networks, fitted to the same pairs."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor

from molgen.chem.molecules import Molecules, canonicalize
from molgen.chem.physicochemical import physicochemical
from molgen.chem.similarity import Bits, bit_matrix, tanimoto_matrix
from molgen.chem.standardize import STANDARD
from molgen.data.affinity import Pairs
from molgen.learn.trainer import Trainer
from molgen.predictors.affinity_kernel import FINGERPRINTS, AffinityKernel
from molgen.predictors.domain import DescriptorDomain
from molgen.predictors.pair_network import Drugs, PairNetwork, PairSettings, Targets, encode_residues, pair_batches
from molgen.predictors.protein_forms import ProteinForm
from molgen.predictors.proteins import likeness

Array = NDArray[np.float64]

SEEN_BITS = FINGERPRINTS[0]
LIKE = 0.5  # similarity of a drug to itself with its salt, at least
DRUGS_AT_ONCE = 128


@dataclass(frozen=True)
class EncodedTarget:
    """A target as the models see it, made once for any number of molecules.

    Attributes
    ----------
    kernel
        Weights of the training drugs: see `AffinityKernel.encode`.
    towers
        Outputs [1, width] of the networks' target towers.
    likeness
        To the nearest training target, 0 to 1.
    number
        Which training target it is; -1 for none.
    name
        Of the training target, or the sequence where it is none.
    form
        For a form that wasn't learnt of: how it differs from this target, its wild type.
    """

    kernel: dict[str, Tensor]
    towers: list[Tensor]
    likeness: float
    number: int
    name: str
    form: ProteinForm | None = None

    @property
    def key(self) -> tuple[str, ProteinForm | None]:
        """The same for targets that are the same."""
        return self.name, self.form


class AffinityModels:
    """A Gaussian process and networks for the drugs and targets that `pairs` lists.

    Parameters
    ----------
    shares
        Weight of the process in a blend, for pairs whose drug and target are both known, and for all other pairs.
    """

    def __init__(self, pairs: Pairs, kernel: AffinityKernel, settings: PairSettings, shares: tuple[float, float]) -> None:
        self.pairs, self.kernel, self.settings, self.shares = pairs, kernel, settings, shares
        self.references = list(dict.fromkeys(pairs.sequences))
        self.reference = np.array([self.references.index(sequence) for sequence in pairs.sequences], dtype=int)
        mols = Molecules(pairs.drugs).mols
        self.bits = {name: bit_matrix(mols, name) for name in FINGERPRINTS}
        self.mols = mols
        listed = canonicalize(pairs.drugs, STANDARD)
        self.drug_number = {text or drug: i for i, (text, drug) in enumerate(zip(listed, pairs.drugs, strict=True))}
        self.networks: list[PairNetwork] = []
        self.mean, self.std = 0.0, 1.0

    @functools.cached_property
    def profile(self) -> NDArray[np.float32]:
        """Likeness [m, r] of the targets to all distinct sequences."""
        return likeness(self.pairs.sequences, self.references)

    @functools.cached_property
    def domain(self) -> DescriptorDomain:
        """Between which descriptors the drugs lie, and the affinities that were measured."""
        return DescriptorDomain.fit(physicochemical(self.mols), self.pairs.affinity)

    def fit(self, pairs: Pairs, members: int, trainer: Trainer, batch: int, seed: int) -> None:
        """Fit the process and `members` networks to some of the pairs; the trainer's folder keeps the state of each network."""
        self.mean, self.std = float(pairs.affinity.mean()), float(pairs.affinity.std()) or 1.0
        if max(self.shares) > 0:
            self.kernel.fit(pairs, self.bits, self.profile[:, self.reference])
        self.networks = []
        for k in range(members if min(self.shares) < 1 else 0):
            own = replace(trainer, folder=str(Path(trainer.folder) / f"member-{k}"))
            self.networks.append(self._train(pairs, own, batch, seed + k))

    def _train(self, pairs: Pairs, trainer: Trainer, batch: int, seed: int) -> PairNetwork:
        torch.manual_seed(seed)
        network = self.new_network()
        numbers = torch.arange(len(pairs.targets))
        targets = Targets(torch.from_numpy(self.profile), encode_residues(pairs.sequences), numbers)
        drug, target = torch.from_numpy(pairs.drug), torch.from_numpy(pairs.target)
        y = torch.from_numpy((pairs.affinity - self.mean) / self.std).float()
        order = np.random.default_rng(seed).permutation(len(pairs))
        held_out, kept = order[: len(order) // 50], np.sort(order[len(order) // 50 :])

        def loss(module: Any, rows: Tensor) -> Tensor:
            device, rows = rows.device, rows.cpu()
            drugs, i = drug[rows].unique(return_inverse=True)
            proteins, j = target[rows].unique(return_inverse=True)
            left = module.encode_drugs(self._listed(drugs, drugs).to(device))
            right = module.encode_targets(targets.take(proteins).to(device))
            return F.mse_loss(module(left, right, i.to(device), j.to(device)).float(), y[rows].to(device))

        def train(epoch: int) -> list[Tensor]:
            rows = torch.from_numpy(kept)
            return [rows[part] for part in pair_batches(pairs.drug[kept], batch, DRUGS_AT_ONCE, seed, epoch)]

        valid = [torch.from_numpy(held_out[i : i + 4096]) for i in range(0, len(held_out), 4096)]
        trainer.fit(network, loss, [], train, valid, dict)
        return network.cpu().eval()

    def new_network(self) -> PairNetwork:
        """A network that is not trained."""
        bits = self.bits[SEEN_BITS].shape[1]
        return PairNetwork(self.settings, bits, len(self.references), len(self.pairs.drugs), len(self.pairs.targets))

    def _listed(self, drugs: Tensor, numbers: Tensor) -> Drugs:
        """Listed drugs as the networks see them; `numbers` are -1 for those to be taken for new."""
        bits = torch.from_numpy(self.bits[SEEN_BITS][drugs.numpy()]).float()
        return Drugs(bits, self._graphs([self.mols[i] for i in drugs.tolist()]), numbers)

    def _graphs(self, mols: Sequence[Any]) -> Any:
        """Graphs of molecules, where the networks see them."""
        if not self.settings.graph:
            return None
        from molgen.chem.graphs import batch  # torch-geometric takes seconds to import

        return batch(mols)

    @torch.no_grad()
    def encode(self, sequence: str, profile: NDArray[np.float32], number: int) -> EncodedTarget:
        """A target by its sequence, its likeness [r] to the references, and its number (-1 = new)."""
        same = (np.arange(len(self.pairs.targets)) == number).astype(np.float32)
        kernel = self.kernel.encode(profile[self.reference], same) if max(self.shares) > 0 else {}
        target = Targets(torch.from_numpy(profile[None].copy()), encode_residues([sequence]), torch.tensor([number]))
        towers, name = [network.encode_targets(target) for network in self.networks], self.pairs.targets[number]
        return EncodedTarget(kernel, towers, float(profile.max()), number, name if number >= 0 else sequence)

    @torch.no_grad()
    def score(self, molecules: Molecules, target: EncodedTarget, *, as_new: bool = False) -> tuple[Array, Array, Array]:
        """Affinities, by how much the process and the networks differ, and similarity to the nearest training drug, each [n].

        Parameters
        ----------
        molecules
            All valid.
        as_new
            Take training drugs for molecules never seen.
        """
        bits = {name: molecules.array(name, functools.partial(_bits, name)) for name in self.bits}
        likeness_to = self._similarities(bits)
        similarity = likeness_to[SEEN_BITS].max(1).astype(float)
        number = np.full(len(molecules), -1) if as_new else self.numbers(molecules, similarity)
        graphs = self._graphs(molecules.mols)
        drugs = Drugs(torch.from_numpy(bits[SEEN_BITS]).float(), graphs, torch.from_numpy(number))
        towers = [network.encode_drugs(drugs) for network in self.networks]
        process, networks = self._both(towers, likeness_to, number, target)
        return self._blend(process, networks, (number >= 0) & (target.number >= 0)), np.abs(process - networks), similarity

    def numbers(self, molecules: Molecules, similarity: Array) -> NDArray[np.int64]:
        """Which listed drugs valid molecules are, [n], by their similarity to the nearest one, [n]; -1 for none."""
        number = np.full(len(molecules), -1)
        for i in np.flatnonzero(similarity > LIKE):  # only these can be training drugs
            number[i] = self.drug_number.get(Chem.MolToSmiles(molecules.mols[i]), -1)
        return number

    @torch.no_grad()
    def score_pairs(self, pairs: Pairs, known: Pairs) -> tuple[Array, Array, Array, Array]:
        """Affinities of listed pairs, the process's and the networks', each [p], and how new drug and target are, [p, 2].

        Parameters
        ----------
        known
            The pairs that the models were fitted to: a drug or target that none of them has counts as new.
        """
        old_drugs, old_targets = np.unique(known.drug), np.unique(known.target)
        everything = np.arange(len(pairs.drugs))
        number = np.where(np.isin(everything, old_drugs), everything, -1)
        listed = self._listed(torch.from_numpy(everything), torch.from_numpy(number))
        towers = [network.encode_drugs(listed) for network in self.networks]
        similarity = self._similarities(self.bits)
        process, networks = np.empty((2, len(pairs)))
        for target in np.unique(pairs.target):
            rows = np.flatnonzero(pairs.target == target)
            drugs = pairs.drug[rows]
            own = int(target) if target in old_targets else -1
            encoded = self.encode(pairs.sequences[target], self.profile[target], own)
            left = [tower[torch.from_numpy(drugs)] for tower in towers]
            part = {name: matrix[drugs] for name, matrix in similarity.items()}
            process[rows], networks[rows] = self._both(left, part, number[drugs], encoded)
        drug_likeness = similarity[SEEN_BITS][:, old_drugs].max(1)
        target_likeness = self.profile[:, self.reference[old_targets]].max(1)
        both_known = (number[pairs.drug] >= 0) & np.isin(pairs.target, old_targets)
        novelty = np.column_stack([1 - drug_likeness[pairs.drug], 1 - target_likeness[pairs.target]])
        return self._blend(process, networks, both_known), process, networks, novelty

    def _similarities(self, bits: dict[str, Bits]) -> dict[str, NDArray[np.float32]]:
        """Similarities [k, n] to the listed drugs by each fingerprint that is needed."""
        names = FINGERPRINTS if max(self.shares) > 0 else [SEEN_BITS]
        return {name: tanimoto_matrix(bits[name], self.bits[name]) for name in names}

    def _both(
        self,
        towers: Sequence[Tensor],
        similarity: dict[str, NDArray[np.float32]],
        number: NDArray[np.int64],
        target: EncodedTarget,
    ) -> tuple[Array, Array]:
        """The process's and the networks' affinities [n]; both the same where one is left out."""
        process = self.kernel.predict(target.kernel, similarity, number) if max(self.shares) > 0 else None
        total = np.zeros(len(number))
        for network, left, right in zip(self.networks, towers, target.towers, strict=True):
            rows = torch.arange(len(left))
            total += network(left, right, rows, torch.zeros_like(rows)).double().numpy()
        networks = self.mean + self.std * total / len(self.networks) if self.networks else process
        process = networks if process is None else process
        assert process is not None
        assert networks is not None
        return process, networks

    def _blend(self, process: Array, networks: Array, known: NDArray[np.bool_]) -> Array:
        """The process's and the networks' affinities [n] as one."""
        share = np.where(known, *self.shares)
        return share * process + (1 - share) * networks


def _bits(kind: str, molecules: Molecules) -> Bits:
    return bit_matrix(molecules.mols, kind)
