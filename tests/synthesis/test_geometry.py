"""Double bonds: what a reaction doesn't touch stays as its reactants have it, and what it forms is as it mostly forms."""

from pathlib import Path

import pytest
from rdkit import Chem

from molgen.synthesis.chemist import chemist_of
from molgen.synthesis.planning import Planner
from molgen.synthesis.steps import isomers_formed

BLOCKS = """smiles,id,price
OC(=O)/C=C/c1ccccc1,E-1,3
OC(=O)C=Cc1ccccc1,EZ-1,1
NCc1ccccc1,amine,1
O=C1CSC(=S)N1,rhodanine,1
O=Cc1ccccc1,benzaldehyde,1
CCCBr,propyl,1
BrCc1ccc(F)cc1,fluorobenzyl,1
CC(=O)c1ccccc1,acetophenone,1
"""


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    path: Path = tmp_path_factory.mktemp("geometry") / "blocks.csv"
    path.write_text(BLOCKS)
    return Planner(chemist_of(str(path)), steps=1)


def ids(planner: Planner, smiles: str) -> list[set[str]]:
    return [{block.id for block in route.blocks} for route in planner(Chem.CanonSmiles(smiles), 3)]


def test_an_amide_has_the_geometry_of_its_acid(planner: Planner) -> None:
    assert ids(planner, "O=C(/C=C/c1ccccc1)NCc1ccccc1") == [{"E-1", "amine"}]
    assert ids(planner, "O=C(/C=C\\c1ccccc1)NCc1ccccc1") == []


def test_where_the_geometry_is_left_open_any_acid_will_do(planner: Planner) -> None:
    assert {"EZ-1", "amine"} in ids(planner, "O=C(C=Cc1ccccc1)NCc1ccccc1")


def test_an_olefination_gives_the_e_alkene(planner: Planner) -> None:
    assert ids(planner, "CCOC(=O)/C=C/c1ccccc1") == [{"benzaldehyde"}]
    assert ids(planner, "CCOC(=O)/C=C\\c1ccccc1") == []


def test_a_benzylidene_rhodanine_may_be_the_z_isomer_that_forms(planner: Planner) -> None:
    assert ids(planner, "O=C1NC(=S)S/C1=C\\c1ccccc1") == [{"rhodanine", "benzaldehyde"}]


def test_an_unstabilised_ylide_gives_the_z_alkene(planner: Planner) -> None:
    assert ids(planner, "CC/C=C\\c1ccccc1") == [{"benzaldehyde", "propyl"}]
    assert ids(planner, "CC/C=C/c1ccccc1") == []


def test_a_benzylphosphonate_gives_the_e_stilbene(planner: Planner) -> None:
    assert ids(planner, "Fc1ccc(/C=C/c2ccccc2)cc1") == [{"benzaldehyde", "fluorobenzyl"}]
    assert ids(planner, "Fc1ccc(/C=C\\c2ccccc2)cc1") == []


def test_no_isomer_of_a_mixture_is_promised(planner: Planner) -> None:
    for isomer in ("CC/C=C(/C)c1ccccc1", "CC/C=C(\\C)c1ccccc1"):
        assert ids(planner, isomer) == []
    (route,) = planner("CCC=C(C)c1ccccc1", 1)
    assert {block.id for block in route.blocks} == {"acetophenone", "propyl"}
    assert route.reaction is not None
    assert isomers_formed(route.reaction, [Chem.MolFromSmiles(part.smiles) for part in route.reactants]) == [
        "a mixture of E and Z isomers forms"
    ]
