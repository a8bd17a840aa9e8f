"""Masked diffusion over molecules as trees of pieces."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor, nn
from torch.nn import functional as F

from molgen.chem.assembly import Assembly, pieces_of, random_root
from molgen.chem.pieces import PieceGraph
from molgen.errors import ConfigError
from molgen.generators.completion import Steps, completed
from molgen.generators.diffusion_network import DiffusionNetwork
from molgen.generators.network import Learnt, NetworkGenerator, check_sizes, check_transformer
from molgen.generators.piece_vocabulary import SPECIAL, PieceVocabulary
from molgen.generators.skeletons import Skeletons, check_remembered, tree
from molgen.learn.device import keep_freed_memory
from molgen.learn.saved import Saved
from molgen.learn.trainer import Trainer
from molgen.metrics.distribution import sample_quality

CHUNK = 500
STRETCH = 0.3  # share of the molecules of which only a stretch is masked


@dataclass(eq=False)
class Diffusion(NetworkGenerator):
    """Masked discrete diffusion (Sahoo et al., NeurIPS 2024) over fragments in any order, as GenMol (Lee et al., ICML 2025).

    A molecule is a tree of pieces (ring systems and small groups), written from any of them on. Its skeleton, which says how
    many bonds each piece has and to which others, is drawn from the training set's, and the network fills in the pieces, a few
    at a time in random order. Only pieces that fit the skeleton are drawn, so every draw is a molecule. With a prompt, its
    fragments stand from the start and branches of skeletons between and around them are filled in.

    Attributes
    ----------
    passes
        Most passes through the network per molecule; larger molecules have several pieces filled in per pass.
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
    layers: int = 6
    heads: int = 4
    dropout: float = 0.0
    passes: int = 24
    least: int = 10
    longest: int = 40
    batch_steps: int = 8192

    vocabulary = Learnt()
    _skeletons: Any = field(init=False, repr=False, default=None)
    _remembered: tuple[int, int] | None = field(init=False, repr=False, default=None)  # numbers of skeletons and of sizes

    def __post_init__(self) -> None:
        super().__post_init__()
        check_transformer(self.width, self.layers, self.heads, self.dropout)
        check_sizes(longest=self.longest)
        check_sizes(10**9, passes=self.passes, least=self.least, batch_steps=self.batch_steps)

    def initialize(self, vocabulary: PieceVocabulary) -> None:
        """Take `vocabulary` and new random weights."""
        self.vocabulary = vocabulary
        self.begin()

    def new_network(self) -> DiffusionNetwork:
        """See `NetworkGenerator.new_network`."""
        shape = (self.width, self.layers, self.heads, self.dropout, self.longest)
        network = DiffusionNetwork(len(self.vocabulary), len(self.vocabulary.shapes), *shape)
        if self._remembered is not None:
            skeletons, sizes = self._remembered
            network.remember([()] * skeletons, [0] * skeletons, [0] * sizes)
        return network

    def facts(self) -> dict[str, Any]:
        """See `NetworkGenerator.facts`."""
        return {
            "pieces": self.vocabulary.pieces,
            "skeletons": len(self.network.counts),
            "largest_molecule": len(self.network.sizes) - 1,
        }

    def restore(self, saved: Saved) -> None:
        """See `NetworkGenerator.restore`."""
        self.vocabulary = PieceVocabulary.of_saved(saved)
        rows, counts = saved.array("skeletons", None, self.longest, kinds="u"), saved.array("counts", None, kinds="i")
        sizes = saved.array("sizes", None, kinds="i")
        self._remembered = len(counts), len(sizes)
        if self._remembered != (saved.value("skeletons", int), saved.value("largest_molecule", int) + 1):
            raise saved.error("its tensors have other skeletons and sizes than its card says")
        check_remembered(saved, rows, counts, sizes, self.vocabulary)

    # -- training ------------------------------------------------------------------------------

    def fit(self, train: Sequence[str], valid: Sequence[str], *, trainer: Trainer) -> list[dict[str, float]]:
        """See `Generator.fit`; training starts from the current weights, if any."""
        if not self.is_fitted:
            self.initialize(PieceVocabulary.of(train, self.least))
        kept, held_out = (self.vocabulary.writable(part, self.longest) for part in (train, valid))
        self.remember_skeletons(kept, train)
        known = set(train)

        def batches(epoch: int) -> list[Tensor]:
            return self.training_batches(kept, np.random.default_rng([self.seed, epoch]))

        def figures() -> dict[str, float]:
            return sample_quality(self.sample(min(1000, len(kept)), seed=self.seed), known)

        hidden = self.network.hidden_matrices()
        check = self.training_batches(held_out, np.random.default_rng(self.seed))
        return trainer.fit(self.network, self._loss, hidden, batches, check, figures)

    def remember_skeletons(self, graphs: Sequence[PieceGraph], smiles: Sequence[str]) -> None:
        """Keep the skeletons of the graphs and the sizes of the molecules."""
        texts = self._texts(graphs, np.random.default_rng(self.seed))
        skeletons = Counter(tuple(self.vocabulary.shape[text].tolist()) for text in texts)
        sizes = np.bincount([Chem.MolFromSmiles(text).GetNumHeavyAtoms() for text in smiles])
        self.network.remember(list(skeletons), list(skeletons.values()), sizes.tolist())
        self._skeletons = None

    def _texts(self, graphs: Sequence[PieceGraph], rng: np.random.Generator) -> list[list[int]]:
        """The names that write each graph, from a piece drawn at random on."""
        return [[self.vocabulary.index[name] for name in pieces_of(graph, random_root(graph, rng))] for graph in graphs]

    def training_batches(self, graphs: Sequence[PieceGraph], rng: np.random.Generator) -> list[Tensor]:
        """Molecules of the same length: the fields of their steps, and what of them is masked, [n, 6, t]."""
        by_length: dict[int, list[list[int]]] = {}
        for text in self._texts(graphs, rng):
            by_length.setdefault(len(text), []).append(text)
        batches = []
        for length, texts in by_length.items():
            size = max(1, self.batch_steps // length)
            order = rng.permutation(len(texts))
            for members in (order[i : i + size] for i in range(0, len(texts), size)):
                tokens = torch.tensor([texts[i] for i in members])
                shapes = self.vocabulary.shape[tokens]
                hidden = torch.from_numpy(_hidden(tokens.numpy() >= len(SPECIAL), rng))
                batches.append(torch.cat([self._steps(tokens, shapes), hidden[:, None]], 1))
        return [batches[i] for i in rng.permutation(len(batches))]

    def _steps(self, tokens: Tensor, shapes: Tensor) -> Tensor:
        """What the network is told [n, 5, t] of steps with these tokens and shapes, [n, t] each."""
        slots = self.vocabulary.slots[shapes].tolist()
        trees = torch.tensor([tree(tuple(row)) for row in slots])
        return torch.cat([torch.stack([tokens, shapes], 1), trees], 1)

    def _loss(self, network: nn.Module, batch: Tensor) -> Tensor:
        """Mean over the molecules' steps of what each molecule's masked ones cost."""
        steps, hidden = batch[:, :-1].clone(), batch[:, -1].bool()
        names = steps[:, 0][hidden]
        steps[:, 0].masked_fill_(hidden, self.network.mask)
        costs = F.cross_entropy(network(steps, hidden).float(), names, reduction="none")
        share = hidden.float().mean(1, keepdim=True).expand(hidden.shape)[hidden]
        return (costs / share).sum() / hidden.numel()

    # -- sampling ------------------------------------------------------------------------------

    def sample(self, n: int, *, temperature: float = 1.0, prompt: str | None = None, seed: int | None = None) -> list[str]:
        """Propose `n` molecules, each with all of `prompt` in it.

        Parameters
        ----------
        temperature
            Divides the logits: values below 1 give likelier and less diverse molecules, above 1 the reverse.
        prompt
            One or several fragments, separated by dots, whose attachment points are marked `*`: two to be linked, one to be
            extended, a scaffold to be decorated. In a fragment without any `*` new groups may take the place of any hydrogen.

        Raises
        ------
        ConfigError
            `prompt` is no molecule, has pieces that the model doesn't know, leaves no room, or has no place to attach to.
        """
        keep_freed_memory()
        rng = np.random.default_rng(seed)
        rows = self.drawn_skeletons(n, prompt, rng)
        by_length: dict[int, list[int]] = {}
        for i, steps in enumerate(rows):
            by_length.setdefault(len(steps), []).append(i)
        network, random = self._inference_copy(), self.random(seed)
        found = [""] * n
        for members in by_length.values():
            for part in (members[i : i + CHUNK] for i in range(0, len(members), CHUNK)):
                tokens = self.filled_rows(network, torch.tensor([rows[i] for i in part]), temperature, random)
                for i, row in zip(part, tokens.tolist(), strict=True):
                    found[i] = self._spelled(row)
        return found

    def drawn_skeletons(self, n: int, prompt: str | None, rng: np.random.Generator) -> list[Steps]:
        """The steps of `n` molecules, masked but for the prompt."""
        if self._skeletons is None:
            self._skeletons = Skeletons(self.vocabulary, *self.network.remembered())
        if not prompt:
            mask = self.network.mask
            drawn = self._skeletons.draw(n, rng)
            return [[(shape if shape < len(SPECIAL) else mask, shape) for shape in skeleton] for skeleton in drawn]
        rows = [completed(prompt, self.vocabulary, self._skeletons, rng) for _ in range(n)]
        if (longest := max(map(len, rows), default=0)) > self.longest:
            raise ConfigError(
                f"prompt '{prompt}': it takes up to {longest} steps; this model's molecules have {self.longest} at most"
            )
        return rows

    @torch.no_grad()
    def filled_rows(self, network: DiffusionNetwork, rows: Tensor, temperature: float, random: torch.Generator) -> Tensor:
        """`rows` [n, t, 2] of tokens and shapes with the masked tokens drawn, in random order: [n, t]."""
        steps = self._steps(*rows.unbind(2)).to(self.device)
        shapes, tokens = steps[:, 1], steps[:, 0]
        masked = (tokens == network.mask).sum(1)
        order = torch.rand(tokens.shape, generator=random, device=self.device).masked_fill(tokens != network.mask, 2).argsort(1)
        rank = order.argsort(1)
        passes = min(self.passes, int(masked.max()))
        fits = self.vocabulary.shape.to(self.device) == torch.arange(len(self.vocabulary.shapes), device=self.device)[:, None]
        for k in range(passes):
            now = (rank >= masked[:, None] * k // passes) & (rank < masked[:, None] * (k + 1) // passes)
            logits = network(steps, now).float().masked_fill(~fits[shapes[now]], -torch.inf)
            tokens[now] = torch.multinomial((logits / temperature).softmax(-1), 1, generator=random)[:, 0]
        return tokens

    def _spelled(self, names: Sequence[int]) -> str:
        assembly = Assembly()
        for name in names:
            assembly.add(self.vocabulary.names[name])
        return Chem.CanonSmiles(assembly.smiles())


def _hidden(maskable: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """What is masked of steps [n, t]: any share of a molecule's, or of a stretch of them; one at least."""
    hidden = np.zeros(maskable.shape, np.int64)
    levels = (rng.permutation(len(maskable)) + rng.random(len(maskable))) / len(maskable)
    for row, may, level in zip(hidden, maskable, levels, strict=True):
        places = np.flatnonzero(may)
        if rng.random() < STRETCH:
            first, last = np.sort(rng.choice(len(places) + 1, 2, replace=False))
            places = places[first:last]
        row[rng.permutation(places)[: int(np.ceil(level * len(places)))]] = 1
    return hidden
