"""Writing molecules piece by piece with a decoder, along a template where one is given."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from molgen.chem.assembly import FREE, Assembly
from molgen.generators.graph_vae_network import FIELDS, view
from molgen.generators.piece_vocabulary import NOTHING, PieceVocabulary


@torch.no_grad()
def write(
    decoder: Any,
    z: Tensor,
    vocabulary: PieceVocabulary,
    templates: Sequence[Sequence[str]],
    temperature: float,
    random: torch.Generator | None,
    longest: int,
) -> list[Assembly]:
    """The molecules at the points `z` [n, latent], each along its template; temperature 0 takes the likeliest steps.

    Slots that are empty after `longest` steps stay so.
    """
    rows = [_Row(template) for template in templates]
    seen = np.zeros((len(rows), longest, FIELDS), dtype=np.int64)
    z = z.to(next(decoder.parameters()).dtype)
    alive = list(range(len(rows)))
    while True:
        for i in alive:
            rows[i].follow(seen[i], vocabulary)
        alive = [i for i in alive if not rows[i].assembly.done and rows[i].steps < longest]
        if not alive:
            return [row.assembly for row in rows]
        at = [rows[i].steps for i in alive]
        past = torch.from_numpy(seen[alive, : max(at) + 1]).to(z.device)
        logits = decoder.head(decoder.hidden(past, z[alive])[range(len(alive)), at]).float()
        may = torch.stack([vocabulary.allowed(rows[i].assembly, rows[i].must_fill) for i in alive])
        logits = logits.masked_fill(~may.to(z.device), -torch.inf)
        if temperature:
            chosen = torch.multinomial((logits / temperature).softmax(-1), 1, generator=random)[:, 0]
        else:
            chosen = logits.argmax(-1)
        for i, choice in zip(alive, chosen.tolist(), strict=True):
            rows[i].add(vocabulary.names[choice])


class _Row:
    """A molecule being written: its assembly, and what of a template is still to be followed.

    The model fills a `FREE` slot and all that grows from it; the template goes on once the stack is below `floor`.
    """

    def __init__(self, template: Sequence[str]) -> None:
        self.assembly = Assembly()
        self.last = NOTHING
        self.steps = 0
        self.ahead = list(reversed(template))
        self.floor: int | None = None
        self.must_fill = False

    def follow(self, seen: Any, vocabulary: PieceVocabulary) -> None:
        """Take the template's steps until the model is to choose; write into `seen` [longest, FIELDS] what it sees."""
        while not self.assembly.done and self.steps < len(seen):
            seen[self.steps] = view(self.assembly, self.last, vocabulary)
            if self.floor is not None and len(self.assembly.stack) < self.floor:
                self.floor = None
            if self.floor is not None or not self.ahead:
                return
            name = self.ahead.pop()
            if name == FREE:
                self.floor = len(self.assembly.stack)
                self.must_fill = True
                return
            self.add(name)

    def add(self, name: str) -> None:
        """Take a step."""
        self.assembly.add(name)
        self.last = name
        self.steps += 1
        self.must_fill = False
