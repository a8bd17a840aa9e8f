"""A variational autoencoder over molecules as graphs of pieces."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from rdkit import Chem
from torch import Tensor
from torch.nn import functional as F

from molgen.chem.assembly import pieces_of, random_root
from molgen.chem.pieces import PieceGraph
from molgen.errors import ConfigError, DataError, check_between
from molgen.generators.base import LatentGenerator
from molgen.generators.graph_vae_network import FIELDS, GraphVAENetwork, PieceBatch, graph_tensors, views
from molgen.generators.graph_writer import write
from molgen.generators.network import Learnt, NetworkGenerator, check_sizes, check_transformer
from molgen.generators.piece_vocabulary import SPECIAL, PieceVocabulary
from molgen.generators.prompts import attachments, parsed, with_open_sites
from molgen.learn.device import autocast, keep_freed_memory
from molgen.learn.saved import Saved
from molgen.learn.trainer import Trainer
from molgen.metrics.distribution import sample_quality

CHUNK = 1000
DECISIVE = 0.7  # temperature of the candidates that `decode` draws


@dataclass(eq=False)
class GraphVAE(NetworkGenerator, LatentGenerator):
    """A graph VAE that builds molecules from ring systems and small groups, as MoLeR (Maziarz et al., ICLR 2022).

    The encoder passes messages between the pieces of a molecule. The decoder grows it from one piece outward: it fills each
    open slot with a piece whose bond fits, so that every point of the latent space is a valid molecule.

    Attributes
    ----------
    latent
        Dimensions of the latent space.
    beta
        Weight of the Kullback-Leibler divergence from the standard normal distribution (Higgins et al., ICLR 2017).
    least
        Fewest occurrences of a piece in the training set; rarer ones are written in smaller pieces, down to atoms.
    longest
        Most steps that write a molecule.
    batch_steps
        Steps per training batch.
    width
        Width of the network's vectors; a multiple of `heads`.
    layers
        Number of layers.
    heads
        Number of attention heads.
    dropout
        Dropout: share of values that training leaves out, 0 to below 1.
    """

    width: int = 256
    layers: int = 4
    heads: int = 4
    latent: int = 64
    dropout: float = 0.0
    beta: float = 0.04
    least: int = 10
    longest: int = 40
    batch_steps: int = 5120

    vocabulary = Learnt()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_transformer(self.width, self.layers, self.heads, self.dropout)
        check_sizes(latent=self.latent, longest=self.longest)
        check_sizes(10**9, least=self.least, batch_steps=self.batch_steps)
        check_between("generator", 0, beta=self.beta)

    @property
    def dimensions(self) -> int:
        """See `LatentGenerator.dimensions`."""
        return self.latent

    def initialize(self, vocabulary: PieceVocabulary) -> None:
        """Take `vocabulary` and new random weights."""
        self.vocabulary = vocabulary
        self.begin()

    def new_network(self) -> GraphVAENetwork:
        """See `NetworkGenerator.new_network`."""
        pieces, names = len(SPECIAL) + len(self.vocabulary.pieces), len(self.vocabulary)
        return GraphVAENetwork(pieces, names, self.width, self.layers, self.heads, self.latent, self.longest, self.dropout)

    def facts(self) -> dict[str, Any]:
        """See `NetworkGenerator.facts`."""
        return {"pieces": self.vocabulary.pieces}

    def restore(self, saved: Saved) -> None:
        """See `NetworkGenerator.restore`."""
        self.vocabulary = PieceVocabulary.of_saved(saved)

    # -- training ------------------------------------------------------------------------------

    def fit(self, train: Sequence[str], valid: Sequence[str], *, trainer: Trainer) -> list[dict[str, float]]:
        """See `Generator.fit`; training starts from the current weights, if any."""
        if not self.is_fitted:
            self.initialize(PieceVocabulary.of(train, self.least))
        kept, held_out = (self.vocabulary.writable(part, self.longest) for part in (train, valid))
        known = set(train)
        some = list(valid[:500])

        def batches(epoch: int) -> list[PieceBatch]:
            return self.training_batches(kept, np.random.default_rng([self.seed, epoch]))

        def figures() -> dict[str, float]:
            return sample_quality(self.sample(min(1000, len(kept)), seed=self.seed), known) | {
                "reconstruction": self.reconstruction(some, 1)
            }

        hidden = self.network.hidden_matrices()
        check = self.training_batches(held_out, np.random.default_rng(self.seed))
        return trainer.fit(self.network, self._loss, hidden, batches, check, figures)

    def training_batches(self, graphs: Sequence[PieceGraph], rng: np.random.Generator) -> list[PieceBatch]:
        """Molecules of like length, each written from a piece drawn at random, large ones more often."""
        names = [pieces_of(graph, random_root(graph, rng)) for graph in graphs]
        lengths = np.array([len(steps) for steps in names])
        order = rng.permutation(len(names))
        order = order[np.argsort(lengths[order], kind="stable")]
        batches: list[PieceBatch] = []
        at = 0
        while at < len(order):
            size = max(1, self.batch_steps // int(lengths[order[min(len(order) - 1, at + self.batch_steps // 8)]]))
            members = order[at : at + size]
            batches.append(self._batch([graphs[i] for i in members], [names[i] for i in members]))
            at += size
        return [batches[i] for i in rng.permutation(len(batches))]

    def _batch(self, graphs: Sequence[PieceGraph], names: Sequence[Sequence[str]]) -> PieceBatch:
        t = max(map(len, names))
        seen = torch.zeros(len(names), t, FIELDS, dtype=torch.long)
        targets = torch.zeros(len(names), t, dtype=torch.long)
        for i, steps in enumerate(names):
            seen[i, : len(steps)] = torch.tensor(views(steps, self.vocabulary))
            targets[i, : len(steps)] = torch.tensor([self.vocabulary.index[name] for name in steps])
        return PieceBatch(*graph_tensors(graphs, self.vocabulary), seen, targets)

    def _loss(self, network: Any, batch: PieceBatch) -> Tensor:
        """What the steps of a molecule cost, and its divergence, over its steps."""
        logits, mean, log_variance = network(batch)
        steps = (batch.targets > 0).sum()
        written = F.cross_entropy(logits.flatten(0, 1).float(), batch.targets.flatten(), ignore_index=0, reduction="sum")
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (written + self.beta * divergence) / steps

    # -- latent space --------------------------------------------------------------------------

    def encode(self, smiles: Sequence[str]) -> Tensor:
        """See `LatentGenerator.encode`."""
        graphs = self.vocabulary.graphs(smiles)
        for text, graph in zip(smiles, graphs, strict=True):
            if graph is None:
                raise DataError(f"'{text}': {self._problem(text)}")
        return self.points([graph for graph in graphs if graph])

    @torch.no_grad()
    def points(self, graphs: Sequence[PieceGraph]) -> Tensor:
        """The points of graphs of known pieces, [n, latent]."""
        points = [torch.zeros(0, self.latent, device=self.device)]
        for at in range(0, len(graphs), CHUNK):
            part = graphs[at : at + CHUNK]
            nodes, owners, edges, slots = (x.to(self.device) for x in graph_tensors(part, self.vocabulary))
            with autocast(self.device):
                points.append(self.network.encoder(nodes, owners, edges, slots, len(part))[0])
        return torch.cat(points)

    def known_of(self, smiles: Sequence[str]) -> list[str]:
        """The molecules that `encode` takes."""
        return [text for text, graph in zip(smiles, self.vocabulary.graphs(smiles), strict=True) if graph]

    def _problem(self, text: str) -> str:
        mol = Chem.MolFromSmiles(text)
        if mol is None or not mol.GetNumAtoms():
            return "no molecule"
        try:
            self.vocabulary.graph(mol)
        except ValueError as error:
            return str(error)
        return "it can't be cut into pieces"

    def decode(self, z: Tensor, *, prompt: str | None = None, candidates: int = 8) -> list[str]:
        """See `LatentGenerator.decode`: the likeliest steps make one candidate, drawn ones the others."""
        random = self.random(self.seed)
        made = self.written(z, 0.0, prompt, random)
        if candidates == 1:
            return made
        made += self.written(z.repeat(candidates - 1, 1), DECISIVE, prompt, random)
        distinct = list(dict.fromkeys(made))
        graphs = self.vocabulary.graphs(distinct)
        known = [text for text, graph in zip(distinct, graphs, strict=True) if graph]
        points = dict(zip(known, self.points([graph for graph in graphs if graph]).cpu(), strict=True))

        def distance(text: str, point: Tensor) -> float:
            return float((points[text] - point).norm()) if text in points else math.inf

        rows = (made[i :: len(z)] for i in range(len(z)))
        return [min(row, key=lambda text: distance(text, point)) for row, point in zip(rows, z.cpu(), strict=True)]

    def reconstruction(self, smiles: Sequence[str], candidates: int = 8) -> float:
        """Share of molecules that `encode` and `decode` reproduce exactly."""
        known = self.known_of(smiles)
        back = self.decode(self.encode(known), candidates=candidates)
        return sum(Chem.CanonSmiles(text) == again for text, again in zip(known, back, strict=True)) / len(smiles)

    # -- sampling ------------------------------------------------------------------------------

    def sample(self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None) -> list[str]:
        """Propose `n` molecules from points of the standard normal distribution.

        Parameters
        ----------
        temperature
            Divides the decoder's logits: values below 1 give likelier and less diverse molecules, above 1 the reverse.
        prompt
            A fragment with `*` where it is to be extended, or without `*` to extend it anywhere.

        Raises
        ------
        ConfigError
            `prompt` is no molecule, has several parts, or pieces that the model doesn't know.
        """
        random = self.random(seed)
        z = torch.randn(n, self.latent, generator=random, device=self.device)
        return self.written(z, temperature, prompt, random)

    def written(self, z: Tensor, temperature: float, prompt: str | None, random: torch.Generator | None) -> list[str]:
        """The molecules at the points `z` [n, latent]; temperature 0 takes the likeliest steps."""
        keep_freed_memory()
        rng = np.random.default_rng(None if random is None else random.initial_seed())
        decoder = self._inference_copy().decoder
        found: list[str] = []
        for part in z.to(self.device).split(500):
            templates = [self._template(prompt, rng) for _ in part]
            made = write(decoder, part, self.vocabulary, templates, temperature, random, self.longest)
            found += [Chem.CanonSmiles(assembly.smiles()) for assembly in made]
        return found

    def _template(self, prompt: str | None, rng: np.random.Generator) -> list[str]:
        """The steps that write the prompt, `FREE` where the model goes on."""
        if not prompt:
            return []
        mol = parsed(prompt)
        mol = mol if attachments(mol) else with_open_sites(mol, rng)
        if len(Chem.GetMolFrags(mol)) > 1:
            raise ConfigError(f"prompt '{prompt}': graph_vae builds outward from one fragment; generator=diffusion joins several")
        try:
            graph = self.vocabulary.graph(mol)
        except ValueError as error:
            raise ConfigError(f"prompt '{prompt}': {error}") from error
        steps = pieces_of(graph, random_root(graph, rng))
        if len(steps) >= self.longest:
            raise ConfigError(f"prompt '{prompt}': it takes {len(steps)} steps; this model's molecules have {self.longest}")
        return steps
