"""The pieces that a graph generator knows."""

from collections import Counter
from collections.abc import Sequence

import joblib
import torch
from rdkit import Chem
from torch import Tensor

from molgen.chem.assembly import CLOSINGS, OPEN, Assembly, piece_named
from molgen.chem.pieces import PieceGraph, entered, piece_graph

CHUNK = 2000
NOTHING = "nothing"
SPECIAL = (NOTHING, OPEN, *CLOSINGS)


class PieceVocabulary:
    """Numbers for pieces, with every slot as entry and without any, behind `SPECIAL`.

    Attributes
    ----------
    pieces
        Without entries.
    names
        What can be written, in the order of its numbers.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = list(pieces)
        with_entry = [entered(piece, k)[0] for piece in self.pieces for k in range(len(piece_named(piece).slots))]
        self.names = list(dict.fromkeys((*SPECIAL, *self.pieces, *with_entry)))
        self.index = {name: i for i, name in enumerate(self.names)}
        self.known = frozenset(self.pieces)
        entries = [-1] * len(SPECIAL) + [piece_named(name).entry for name in self.names[len(SPECIAL) :]]
        self._entries = torch.tensor(entries)

    def __len__(self) -> int:
        return len(self.names)

    def allowed(self, assembly: Assembly, must_fill: bool = False) -> Tensor:
        """What `assembly` can be given next [len(self)]: true for pieces whose entry fits, and what leaves or closes a slot."""
        may = self._entries == (assembly.stack[-1].order if assembly.stack else 0)
        if assembly.stack and not (must_fill and may.any()):
            may[1 : 2 + len(assembly.closable()[: len(CLOSINGS)])] = True
        return may

    @classmethod
    def of(cls, smiles: Sequence[str], least: int) -> "PieceVocabulary":
        """The pieces that occur `least` times in these molecules, and what the others fall into."""
        whole = cut(smiles)
        counts = Counter(piece for graph in whole if graph for piece in graph.pieces)
        common = frozenset(piece for piece, count in counts.items() if count >= least)
        strange = [text for text, graph in zip(smiles, whole, strict=True) if graph and not common.issuperset(graph.pieces)]
        parts = {piece for graph in cut(strange, common) if graph for piece in graph.pieces}
        return cls([*sorted(common), *sorted(parts - common)])

    def graph(self, mol: Chem.Mol) -> PieceGraph:
        """`mol` in known pieces.

        Raises
        ------
        ValueError
            It has others, which are named, or is several molecules.
        """
        graph = piece_graph(mol, self.known)
        if strange := sorted(set(graph.pieces) - self.known):
            raise ValueError(f"the model doesn't know {', '.join(strange)}")
        return graph

    def graphs(self, smiles: Sequence[str]) -> list[PieceGraph | None]:
        """The molecules in known pieces; None for those that have others, or are none."""
        return [graph if graph and self.known.issuperset(graph.pieces) else None for graph in cut(smiles, self.known)]


def cut(smiles: Sequence[str], known: frozenset[str] | None = None) -> list[PieceGraph | None]:
    """`piece_graph` of every molecule, None where there is none."""
    chunks = [smiles[i : i + CHUNK] for i in range(0, len(smiles), CHUNK)]
    done = joblib.Parallel(n_jobs=-1 if len(chunks) > 1 else 1)(joblib.delayed(_cut)(chunk, known) for chunk in chunks)
    return [graph for chunk in done for graph in chunk]


def _cut(smiles: Sequence[str], known: frozenset[str] | None) -> list[PieceGraph | None]:
    found: list[PieceGraph | None] = []
    for text in smiles:
        mol = Chem.MolFromSmiles(text)
        canonical = Chem.MolFromSmiles(Chem.MolToSmiles(mol)) if mol else None
        try:
            found.append(piece_graph(canonical, known) if canonical and canonical.GetNumAtoms() else None)
        except ValueError:
            found.append(None)
    return found
