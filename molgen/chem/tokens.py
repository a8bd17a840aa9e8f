"""SMILES as sequences of tokens."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

TOKEN = re.compile(r"\[[^\]]+\]|Br|Cl|%\(\d+\)|%\d{2}|.")
PAD, BOS, EOS = 0, 1, 2
SPECIAL = ("<pad>", "<bos>", "<eos>")
RING_CLOSURES = (*"123456789", "%10", "%11", "%12")


def tokenize(smiles: str) -> list[str]:
    """Split a SMILES into bracket atoms, two-letter atoms, ring closures and single characters."""
    return TOKEN.findall(smiles)


@dataclass(frozen=True)
class Vocabulary:
    """The tokens a generator knows; a token's index is its position, special tokens first."""

    tokens: tuple[str, ...]

    @classmethod
    def from_smiles(cls, smiles: Iterable[str]) -> "Vocabulary":
        """Collect the tokens of `smiles`, plus branches and ring closures up to %12 for randomised SMILES."""
        found = {token for text in smiles for token in tokenize(text)}
        found.update(RING_CLOSURES, "()")
        return cls(SPECIAL + tuple(sorted(found)))

    @cached_property
    def index(self) -> dict[str, int]:
        """Token -> index."""
        return {token: i for i, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, smiles: str) -> list[int]:
        """Indices of BOS, the tokens of `smiles`, EOS.

        Raises
        ------
        KeyError
            A token isn't in the vocabulary.
        """
        return [BOS, *(self.index[token] for token in tokenize(smiles)), EOS]

    def knows(self, smiles: str) -> bool:
        """Whether every token of `smiles` is in the vocabulary."""
        return all(token in self.index for token in tokenize(smiles))

    def decode(self, indices: Sequence[int]) -> str:
        """The SMILES that `indices` spell up to the first EOS."""
        text = []
        for i in indices:
            if i == EOS:
                break
            if i >= len(SPECIAL):
                text.append(self.tokens[i])
        return "".join(text)
