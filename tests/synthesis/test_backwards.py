"""Stereocentres, hydrogens and charges through a reaction, forwards and backwards."""

import pytest
from rdkit import Chem

from molgen.errors import ConfigError
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.reaction_files import check_smarts, own_reactions

OWN = {each.name: each for each in own_reactions()}


def precursors(reaction: Reaction, product: str) -> set[str]:
    return {".".join(each) for each in reaction.precursors(Chem.MolFromSmiles(product))}


def test_the_hydrogen_of_an_azole_comes_back() -> None:
    assert precursors(OWN["N-alkylation of an azole"], "CCn1ccnc1") == {"CCBr.c1c[nH]cn1"}


@pytest.mark.parametrize(("alcohol", "ether"), [("CC[C@H](C)O", "CC[C@@H](C)Oc1ccccc1"), ("CC[C@@H](C)O", "CC[C@H](C)Oc1ccccc1")])
def test_a_mitsunobu_reaction_inverts_the_alcohol(alcohol: str, ether: str) -> None:
    mitsunobu = OWN["Mitsunobu reaction with a phenol"]
    made = mitsunobu.run([Chem.MolFromSmiles(alcohol), Chem.MolFromSmiles("Oc1ccccc1")])
    assert made == Chem.CanonSmiles(ether)
    assert precursors(mitsunobu, ether) == {f"{Chem.CanonSmiles(alcohol)}.Oc1ccccc1"}


def test_an_epoxide_is_opened_with_retention_at_the_centre_that_stays() -> None:
    # (S)-propranolol is made of the (S)-glycidyl ether: the centre keeps its four neighbours
    made = precursors(OWN["epoxide opening by an amine"], "CC(C)NC[C@H](O)COc1cccc2ccccc12")
    assert made == {"c1ccc2c(OC[C@@H]3CO3)cccc2c1.CC(C)N"}
    (centre,) = Chem.FindMolChiralCenters(Chem.MolFromSmiles("c1ccc2c(OC[C@@H]3CO3)cccc2c1"))
    assert centre[1] == "S"


def test_a_charge_within_a_nested_pattern_is_no_charge_of_the_atom() -> None:
    reaction = Reaction("", "", "[$(C=O),$(C#N):1]-[CX4;H2:2]-[Br]>>[$(C=O),$(C-N):1]-[CX4;H3:2]")
    assert precursors(reaction, "CC=O") == {"O=CCBr"}


@pytest.mark.parametrize("atom", ["[C;H2,H3:1]", "[C;!H0:1]"])
def test_a_product_atom_with_several_hydrogen_counts_is_refused(atom: str) -> None:
    with pytest.raises(ConfigError, match="several hydrogen counts"):
        check_smarts(f"[C:1]-[Br]>>{atom}-[OX2H1]")


def test_a_stereocentre_that_is_oxidised_loses_its_hydrogen() -> None:
    ketone = OWN["alcohol oxidation to a ketone"].run([Chem.MolFromSmiles("C[C@H](O)c1ccccc1")])
    assert ketone == "CC(=O)c1ccccc1"


def test_a_double_bond_that_is_formed_may_be_e_and_is_no_z() -> None:
    heck = next(each for each in own_reactions() if each.name == "Heck reaction")
    assert heck.precursors(Chem.MolFromSmiles("COC(=O)/C=C/c1ccccc1"))
    assert not heck.precursors(Chem.MolFromSmiles("COC(=O)/C=C\\c1ccccc1"))
