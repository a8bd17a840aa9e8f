"""Routes from a small stock, by molgen's disconnections and by a model of the user's."""

from pathlib import Path

import numpy as np
import pytest
from syntheseus import BackwardReactionModel, Bag, Molecule, SingleProductReaction

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.scoring.components.route import Route
from molgen.scoring.retrosynthesis import REACTIONS, Disconnections

STOCK = ["OC(=O)c1ccncc1", "Nc1ccccc1", "Brc1ccc(N)cc1", "OB(O)c1ccccc1", "O=Cc1ccccc1", "C1CCNCC1"]


@pytest.fixture
def stock(tmp_path: Path) -> str:
    path = tmp_path / "stock.smi"
    path.write_text("\n".join(STOCK))
    return str(path)


def test_steps_are_counted_back_to_the_stock(stock: str) -> None:
    smiles = [
        "Nc1ccccc1",  # in stock
        "O=C(Nc1ccccc1)c1ccncc1",  # an amide
        "O=C(Nc1ccc(-c2ccccc2)cc1)c1ccncc1",  # a biaryl, then an amide
        "C(c1ccccc1)N1CCCCC1",  # a reductive amination
        "C1CC2CC1CC2",  # nothing does it
        "not a molecule",
    ]
    np.testing.assert_array_equal(Route(stock)(Molecules(smiles)), [0, 1, 2, 1, 6, np.nan])
    assert Route(stock, depth=1)(Molecules(smiles[2:3]))[0] == 2  # not found within one step
    np.testing.assert_allclose(Route(stock).desirability()(np.array([0.0, 3.0, 6.0])), [1, 0.5, 0])


@pytest.mark.parametrize(
    ("name", "product", "reactants"),
    [
        ("amide", "CC(=O)N(C)C", {"CC(=O)O", "CNC"}),
        ("ester", "CC(=O)OC", {"CC(=O)O", "CO"}),
        ("sulfonamide", "CS(=O)(=O)NC", {"CS(=O)(=O)Cl", "CN"}),
        ("urea", "CNC(=O)NCC", {"CN=C=O", "CCN"}),
        ("suzuki", "c1ccc(-c2ccncc2)cc1", {"Brc1ccccc1", "OB(O)c1ccncc1"}),
        ("buchwald", "c1ccc(N2CCOCC2)cc1", {"Brc1ccccc1", "C1COCCN1"}),
        ("ether", "CCOc1ccccc1", {"CCBr", "Oc1ccccc1"}),
        ("diaryl ether", "c1ccc(Oc2ccccc2)cc1", {"Fc1ccccc1", "Oc1ccccc1"}),
        ("reductive amination", "CCN(C)C", {"CC=O", "CNC"}),
        ("alkylation", "CCn1cccc1", {"CCBr", "c1cc[nH]c1"}),
        ("thioether", "CSc1ccccc1", {"CBr", "Sc1ccccc1"}),
        ("boc", "CNC(=O)OC(C)(C)C", {"CN"}),
    ],
)
def test_every_disconnection_gives_what_a_chemist_would_couple(name: str, product: str, reactants: set[str]) -> None:
    [steps] = Disconnections({name: REACTIONS[name]})([Molecule(product)])
    assert reactants in [{molecule.smiles for molecule in step.reactants} for step in steps]


class Ring(BackwardReactionModel):
    """Knows one reaction: norbornane from piperidine and aniline."""

    def _get_reactions(self, inputs: list[Molecule], num_results: int) -> list[list[SingleProductReaction]]:
        reactants = Bag([Molecule("C1CCNCC1"), Molecule("Nc1ccccc1")])
        return [[SingleProductReaction(reactants=reactants, product=each)] for each in inputs]


def test_a_model_of_the_users_takes_the_place_of_ours(stock: str) -> None:
    assert Route(stock, model=Ring(use_cache=True))(Molecules(["C1CC2CC1CC2"]))[0] == 1


def test_what_is_wrong_is_said_at_once(tmp_path: Path, stock: str) -> None:
    (tmp_path / "none.smi").write_text("nonsense\n")
    with pytest.raises(DataError, match="no molecule"):
        Route(str(tmp_path / "none.smi"))
    with pytest.raises(ConfigError, match="BackwardReactionModel"):
        Route(stock, model="mine")
    with pytest.raises(ConfigError, match="at least 1"):
        Route(stock, depth=0)
