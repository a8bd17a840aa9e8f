"""Azoles: whichever nitrogen bears the hydrogen, it is one compound to buy and to make, and another one to alkylate."""

import json

import pytest
from rdkit import Chem

from benchmarks.check_routes import OWN, Stock, check, read_reactions
from molgen.synthesis.chemist import Chemist, chemist_of
from molgen.synthesis.planning import Planner
from molgen.synthesis.route import written
from molgen.synthesis.tautomers import azole_tautomers

BLOCKS = ["Cc1ccc(C#N)cc1", "Cc1ccc2[nH]cnc2c1", "CI", "O=C(O)c1ccccc1", "Nc1ccc2[nH]ncc2c1"]


@pytest.fixture(scope="module")
def chemist(tmp_path_factory: pytest.TempPathFactory) -> Chemist:
    path = tmp_path_factory.mktemp("azoles") / "blocks.smi"
    path.write_text("\n".join(BLOCKS))
    return chemist_of(str(path))


@pytest.mark.parametrize(
    ("smiles", "others"),
    [
        ("c1nnn[nH]1", ["c1nn[nH]n1"]),  # tetrazole: 1H and 2H, by symmetry
        ("Cc1cc[nH]n1", ["Cc1ccn[nH]1"]),  # 3- and 5-methylpyrazole
        ("Cc1c[nH]cn1", ["Cc1cnc[nH]1"]),  # 4- and 5-methylimidazole
        ("c1ccc2[nH]ncc2c1", ["c1ccc2n[nH]cc2c1"]),  # 1H- and 2H-indazole
        ("Cc1ccc2[nH]nnc2c1", ["Cc1ccc2nn[nH]c2c1", "Cc1ccc2n[nH]nc2c1"]),  # benzotriazole: 1H, 2H, 3H
        ("c1c[nH]cn1", []),  # imidazole's are the same
        ("c1cc[nH]c1", []),
        ("O=c1cc[nH]cc1", []),  # a pyridone is no azole
        ("C[n+]1cc[nH]c1", []),
    ],
)
def test_the_hydrogen_is_on_any_nitrogen_of_an_azole(smiles: str, others: list[str]) -> None:
    assert sorted(azole_tautomers(Chem.MolFromSmiles(smiles))) == sorted(map(Chem.CanonSmiles, others))


@pytest.mark.parametrize("smiles", ["Cc1ccc(-c2nnn[nH]2)cc1", "Cc1ccc(-c2nn[nH]n2)cc1"])
def test_a_tetrazole_is_made_as_either_tautomer(chemist: Chemist, smiles: str) -> None:
    route = Planner(chemist)(smiles, 1)[0]
    assert route.smiles == smiles
    assert [block.smiles for block in route.blocks] == [BLOCKS[0]]
    assert (
        check(json.loads(written(route)), read_reactions(sorted(OWN.glob("*.yaml"))), Stock(set(map(Chem.CanonSmiles, BLOCKS))))
        == 1
    )


def test_either_tautomer_is_the_one_that_is_sold(chemist: Chemist) -> None:
    for smiles in ("Cc1ccc2[nH]cnc2c1", "Cc1ccc2nc[nH]c2c1"):
        assert [route.smiles for route in chemist.sold(smiles)] == [BLOCKS[1]]


def test_a_reactant_may_be_sold_as_the_other_tautomer(chemist: Chemist) -> None:
    wanted = Chem.CanonSmiles("O=C(Nc1ccc2n[nH]cc2c1)c1ccccc1")
    route = Planner(chemist, steps=1)(wanted, 1)[0]
    assert route.smiles == wanted
    assert {block.smiles for block in route.blocks} == {BLOCKS[3], BLOCKS[4]}


def test_an_alkylation_gives_the_isomer_that_its_reactant_is_written_as(chemist: Chemist) -> None:
    found = [Planner(chemist, steps=1)(Chem.CanonSmiles(text), 1) for text in ("Cc1ccc2c(c1)ncn2C", "Cc1ccc2ncn(C)c2c1")]
    assert [len(routes) for routes in found] == [1, 0]
