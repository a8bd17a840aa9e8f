"""What the networks are told about a SMILES prefix."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
import torch
from rdkit import Chem

from molgen.chem.tokens import RING_CLOSURES, Vocabulary
from molgen.generators.syntax import LARGEST, Syntax

VOCABULARY = Vocabulary.from_smiles(["CNOFS(=O)#nosc1[nH]ClBr", "C%10CC%11CC%12#N"])


@pytest.fixture
def syntax() -> Syntax:
    torch.manual_seed(0)
    return Syntax(VOCABULARY, 8)


@torch.no_grad()
def embed(syntax: Syntax, smiles: str) -> torch.Tensor:
    """Of the whole of `smiles`, without the end of the sequence."""
    return syntax(torch.tensor([VOCABULARY.encode(smiles)[:-1]]))[0, -1]


@torch.no_grad()
def open_rings(smiles: str) -> dict[str, int]:
    """Open closures and the sizes of their rings, read off an embedding that only copies them."""
    syntax = Syntax(VOCABULARY, len(RING_CLOSURES) * (LARGEST + 1))
    torch.nn.init.zeros_(syntax.depth.weight)
    torch.nn.init.eye_(syntax.rings.weight)
    sizes = embed(syntax, smiles).reshape(len(RING_CLOSURES), LARGEST + 1).argmax(1).tolist()
    return {label: size for label, size in zip(RING_CLOSURES, sizes, strict=True) if size}


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("C1CC", {"1": 3}),
        ("C1CC(C", {"1": 4}),
        ("C1CC(CO)C", {"1": 4}),
        ("C1CC[nH]Cl", {"1": 5}),
        ("C1CC2CC", {"1": 5, "2": 3}),
        ("C12CC", {"1": 3, "2": 3}),
        ("C1CC1", {}),
        ("C1CC1CCC1C", {"1": 2}),
        ("C%10CC%11C", {"%10": 4, "%11": 2}),
        ("C1CC(C2CC2)C", {"1": 4}),
        ("C1" + 30 * "C", {"1": LARGEST}),
    ],
)
def test_tells_the_open_rings_and_their_sizes(smiles: str, expected: dict[str, int]) -> None:
    assert open_rings(smiles) == expected


def test_ring_sizes_are_those_of_rdkit(samples: Sequence[str]) -> None:
    """The size just before a closure closes, where rings share no bond: in others RDKit may see smaller ones."""
    compared = 0
    for text in samples:
        molecule = Chem.MolFromSmiles(text)
        smiles = Chem.MolToSmiles(molecule, isomericSmiles=False)
        molecule = Chem.MolFromSmiles(smiles)
        rings = molecule.GetRingInfo()
        fused = any(rings.IsRingFused(i) for i in range(rings.NumRings()))
        if fused or not rings.NumRings() or not set(smiles) <= set("CNOFS()=#cnos123"):
            continue
        prefixes = [open_rings(smiles[:end]) for end in range(1, len(smiles) + 1)]
        closed = [before[label] for before, after in pairwise(prefixes) for label in before.keys() - after.keys()]
        assert sorted(closed) == sorted(map(len, rings.AtomRings()))
        compared += 1
        if compared == 20:
            return
    raise AssertionError("too few molecules to compare")


@pytest.mark.parametrize("finished", ["C1CCCCC1", "CC(C)C", "C(C(C)C)C", "C1CC1C", "N%10CC%10"])
def test_what_is_closed_leaves_no_trace(syntax: Syntax, finished: str) -> None:
    assert torch.allclose(embed(syntax, finished), embed(syntax, "C"))


def test_depth_is_told_to_seven(syntax: Syntax) -> None:
    depths = [embed(syntax, "C" + "(C" * n) for n in range(10)]
    assert len({tuple(depth.tolist()) for depth in depths[:8]}) == 8
    assert torch.equal(depths[7], depths[9])


def test_stepping_tells_the_same(syntax: Syntax, samples: Sequence[str]) -> None:
    """Also of garbage: brackets and closures that never match."""
    known = [text for text in samples if VOCABULARY.knows(text)]
    assert len(known) > 10
    garbage = ["))C1(C1", "11C2)2(3", ")C(((1CC)1", "(1(1)1)1C"]
    rows = [torch.tensor(VOCABULARY.encode(text)) for text in [*known, *garbage]]
    tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    memory = syntax.start(len(tokens))
    with torch.no_grad():
        steps = torch.stack([syntax.step(column, memory) for column in tokens.T], 1)
        assert torch.allclose(steps, syntax(tokens), atol=1e-6)
