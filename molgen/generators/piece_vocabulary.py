"""The pieces that a graph generator knows."""

import logging
from collections import Counter
from collections.abc import Sequence

import joblib
import torch
from rdkit import Chem
from torch import Tensor

from molgen.chem.assembly import CLOSINGS, OPEN, Assembly, piece_named, pieces_of
from molgen.chem.pieces import PieceGraph, entered, piece_graph
from molgen.errors import DataError
from molgen.learn.saved import Saved

LOG = logging.getLogger(__name__)

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
    shapes
        Bond orders of entries and slots that names have, `SPECIAL` first, which are their own.
    shape
        For each name the number of its shape, [names].
    slots
        For each shape how many slots it has, [shapes].
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = list(pieces)
        with_entry = [entered(piece, k)[0] for piece in self.pieces for k in range(len(piece_named(piece).slots))]
        self.names = list(dict.fromkeys((*SPECIAL, *self.pieces, *with_entry)))
        self.index = {name: i for i, name in enumerate(self.names)}
        self.known = frozenset(self.pieces)
        entries = [-1] * len(SPECIAL) + [piece_named(name).entry for name in self.names[len(SPECIAL) :]]
        self._entries = torch.tensor(entries)
        shapes = [*SPECIAL, *(piece_named(name).shape for name in self.names[len(SPECIAL) :])]
        self.shapes = list(dict.fromkeys(shapes))
        self.shape = torch.tensor([self.shapes.index(shape) for shape in shapes])
        self.slots = torch.tensor([0 if shape in SPECIAL else len(shape.split(":")[1]) for shape in self.shapes])

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

    @classmethod
    def of_saved(cls, saved: Saved) -> "PieceVocabulary":
        """The pieces of a model's card."""
        pieces = saved.value("pieces", list[str])
        if not pieces or len(set(pieces)) != len(pieces):
            raise saved.error("in its card, pieces has none, or one twice")
        for piece in pieces:
            try:
                piece_named(piece)
            except Exception as error:  # of RDKit
                raise saved.error(f"in its card, pieces has {piece[:60]!r}, which is none ({type(error).__name__})") from error
        return cls(pieces)

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

    def writable(self, smiles: Sequence[str], longest: int) -> list[PieceGraph]:
        """The molecules in known pieces that take `longest` steps at most; how many others there are is logged.

        Raises
        ------
        DataError
            There is none.
        """
        found = [graph for graph in self.graphs(smiles) if graph and len(pieces_of(graph, 0)) <= longest]
        if len(found) < len(smiles):
            LOG.warning("%d of %d molecules are left out: too large, or of unknown pieces", len(smiles) - len(found), len(smiles))
        if not found:
            raise DataError("none of the molecules can be written with the model's pieces")
        return found


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
