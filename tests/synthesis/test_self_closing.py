"""Amines that close a ring by themselves."""

import pytest
from rdkit import Chem

from molgen.synthesis.matching import Seen
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.self_closing import self_closing


@pytest.mark.parametrize(
    ("smiles", "closes"),
    [
        ("NCCCCBr", True),  # to pyrrolidine
        ("NCCCCCCl", True),  # to piperidine
        ("NCCOCCCl", True),  # to morpholine
        ("NCc1ccccc1CBr", True),  # to isoindoline
        ("BrCCC1CCNCC1", True),  # to quinuclidine
        ("CS(=O)(=O)OCCCCNC", True),
        ("BrCCCCN1CCN(c2ncccn2)CC1", True),  # to the spiro salt of buspirone's synthesis
        ("NCCBr", False),  # sold as hydrobromides, and used: rings of three and four are slower
        ("CN(C)CCCCl", False),
        ("ClCC1CCCN1", False),
        ("NCCCCCCBr", False),  # a ring of seven
        ("NCc1cccc(CBr)c1", False),  # in meta position
        ("NCC=CCBr", False),  # E, or unknown
        ("CC(C)(C)OC(=O)NCCCCBr", False),
        ("O=S(=O)(NCCCCBr)c1ccccc1", False),
        ("ClCCCCNc1ccccc1", False),  # an aniline needs heat
    ],
)
def test_amines_with_a_halide_of_their_own(smiles: str, closes: bool) -> None:
    assert bool(self_closing(Chem.MolFromSmiles(smiles), Seen())) == closes


def test_they_undergo_no_reaction_but_the_one_that_closes_the_ring() -> None:
    coupling = next(each for each in own_reactions() if each.name == "amide coupling")
    acid, amine, shorter = map(Chem.MolFromSmiles, ("CC(=O)O", "NCCCCBr", "NCCCBr"))
    assert coupling.run([acid, amine]) is None
    assert "its own halide" in coupling.why_not([acid, amine])
    assert coupling.run([acid, shorter]) == "CC(=O)NCCCBr"
    meant = Reaction("pyrrolidine", "ring formation", "[NX3;H2:1]-[C:2]-[C:3]-[C:4]-[C:5]-Br>>[NH:1]1-[C:2]-[C:3]-[C:4]-[C:5]-1")
    assert meant.run([amine]) == "C1CCNC1"
