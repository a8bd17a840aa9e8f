"""Rings that no reaction closes."""

import pytest
from rdkit import Chem

from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.strain import flat_bridgeheads


@pytest.mark.parametrize(
    ("smiles", "number"),
    [
        ("C1CC2CCC1C2", 0),  # norbornane
        ("C1=CC2CCC1C2", 0),  # norbornene: its double bond isn't at a bridgehead
        ("C1CC2=CC1CC2", 1),  # 1-norbornene, after which Bredt's rule is named
        ("O=C1CC2CCN1CC2", 1),  # 2-quinuclidone, the twisted amide
        ("O=C1CN2CCC1CC2", 0),  # 3-quinuclidone
        ("O=C1NC2CCC1C2", 0),  # the Vince lactam without its double bond
        ("CN1C2CCC1CC(OC(=O)C(CO)c1ccccc1)C2", 0),  # atropine
        ("CN1CCC23C4Oc5c(O)ccc(CC1C2C=CC4O)c35", 0),  # morphine: its benzene is fused, and its bridgeheads aren't flat
        ("c1cc2cc(c1)-c1ccccc1-2", 2),  # a benzene bridged in meta position by two atoms
        ("c1ccc2c(c1)C1c3ccccc3C2c2ccccc21", 0),  # triptycene
        ("C1CCCCc2cccc(CCCC1)c2", 0),  # [9]metacyclophane, which has been made
    ],
)
def test_flat_bridgeheads_of_small_rings(smiles: str, number: int) -> None:
    assert flat_bridgeheads(Chem.MolFromSmiles(smiles)) == number


@pytest.mark.parametrize(
    ("name", "reactant"),
    [
        ("pyridazinone from a 4-ketoacid", "O=C1CC(C(=O)O)c2ccccc21"),
        ("piperidinone from an amino acid", "O=C(O)C(O)C1CCNCC1"),
        ("caprolactam from an amino acid", "COC(=O)C1CCCC1N"),  # which would close a ring of four, not of seven
    ],
)
def test_what_would_be_too_strained_is_not_made(name: str, reactant: str) -> None:
    (reaction,) = [each for each in own_reactions() if each.name == name]
    assert reaction.run([Chem.MolFromSmiles(reactant)]) is None
    assert "rings don't close" in reaction.why_not([Chem.MolFromSmiles(reactant)])
