"""Routes from a small stock, by molgen's reactions and by a model of the user's."""

from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from syntheseus import BackwardReactionModel, Bag, Molecule, SingleProductReaction

from molgen.chem.inventory import Inventory
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.scoring.components.building_blocks import BuildingBlocks
from molgen.scoring.components.route import Route
from molgen.scoring.scorer import Scorer, Term
from molgen.scoring.stock import stock as scoring_stock
from molgen.scoring.transforms import Linear

CASES = Path(__file__).parents[1] / "cases" / "real"

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
    np.testing.assert_array_equal(Route(stock)(Molecules(smiles)), [0, 1, 2, 1, np.inf, np.nan])
    assert Route(stock, depth=1)(Molecules(smiles[2:3]))[0] == np.inf  # not found within one step
    np.testing.assert_allclose(Route(stock).desirability()(np.array([0.0, 3.0, 6.0, np.inf])), [1, 0.5, 0, 0])


def test_a_molecule_that_takes_too_long_has_no_value_and_a_reason(stock: str) -> None:
    molecules = Molecules(["O=C(Nc1ccc(-c2ccccc2)cc1)c1ccncc1"])
    values, reasons = Route(stock, seconds=1e-6).explained(molecules)
    assert np.isnan(values[0])
    assert reasons == ["no synthesis was found within 1e-06 s of the processor: route.seconds sets the limit"]
    assert Route(stock)(molecules)[0] == 2  # the limit ends with its search
    with pytest.raises(ConfigError, match=r"route.seconds: must be above 0"):
        Route(stock, seconds=0)


class Shortening(BackwardReactionModel):
    """Takes one carbon off an alkane at a time."""

    def _get_reactions(self, inputs: list[Molecule], num_results: int) -> list[list[SingleProductReaction]]:
        return [
            [SingleProductReaction(reactants=Bag([Molecule(each.smiles[1:])]), product=each)] if len(each.smiles) > 1 else []
            for each in inputs
        ]


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8])
def test_depth_counts_reactions(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "methane.smi"
    path.write_text("C\n")
    route = Route(str(path), model=Shortening(use_cache=True), depth=depth)
    chains = ["C" * (reactions + 1) for reactions in (0, 1, depth, depth + 1)]  # of so many reactions from methane
    np.testing.assert_array_equal(route(Molecules(chains)), [0, 1, depth, np.inf])


class Ring(BackwardReactionModel):
    """Knows one reaction: norbornane from piperidine and aniline."""

    def _get_reactions(self, inputs: list[Molecule], num_results: int) -> list[list[SingleProductReaction]]:
        reactants = Bag([Molecule("C1CCNCC1"), Molecule("Nc1ccccc1")])
        return [[SingleProductReaction(reactants=reactants, product=each)] for each in inputs]


def test_a_model_of_the_users_takes_the_place_of_ours(stock: str) -> None:
    assert Route(stock, model=Ring(use_cache=True))(Molecules(["C1CC2CC1CC2"]))[0] == 1


def test_what_is_sold_as_ions_or_salts_provides_the_parent() -> None:
    amide = Molecules(["O=C(NCc1ccccc1)c1ccncc1", "NCc1ccccc1", "O=C(O)c1ccncc1"])
    np.testing.assert_array_equal(Route(str(CASES / "stock_as_ions.smi"))(amide), [1, 0, 0])


@pytest.mark.parametrize(
    ("bought", "wanted", "provided"),
    [
        ("Cl.NCc1ccccc1", "NCc1ccccc1", True),
        ("[Na+].[O-]C(=O)c1ccncc1", "OC(=O)c1ccncc1", True),
        ("OC(=O)c1ccncc1", "[O-]C(=O)c1ccncc1", True),
        ("C[C@H](N)c1ccccc1", "C[C@H](N)c1ccccc1", True),
        ("Cl.C[C@H](N)c1ccccc1", "C[C@H](N)c1ccccc1", True),
        ("C[C@H](N)c1ccccc1", "C[C@@H](N)c1ccccc1", False),
        ("CC(N)c1ccccc1", "C[C@H](N)c1ccccc1", False),  # would have to be resolved
        ("C[C@H](N)c1ccccc1", "CC(N)c1ccccc1", True),  # any isomer is what was drawn
        ("C[C@H](N)c1ccccc1 |&1:1|", "C[C@H](N)c1ccccc1", False),
        ("C[C@H](N)c1ccccc1 |o1:1|", "C[C@H](N)c1ccccc1", False),
        ("C[C@H](N)c1ccccc1 |&1:1|", "CC(N)c1ccccc1", True),
        ("C[C@H](N)c1ccccc1 |&1:1|", "C[C@H](N)c1ccccc1 |&1:1|", True),
        ("C[C@H](N)c1ccccc1", "C[C@H](N)c1ccccc1 |&1:1|", False),  # one enantiomer is no racemate
        ("OC(=O)/C=C/C", "OC(=O)/C=C\\C", False),
        ("OC(=O)/C=C/C", "OC(=O)C=CC", True),
        ("OC(=O)C=CC", "OC(=O)/C=C/C", False),
        ("C[C@H](O)[C@@H](N)C", "CC(O)[C@@H](N)C", True),
        ("CC(O)[C@@H](N)C", "C[C@H](O)[C@@H](N)C", False),
        ("[2H]C([2H])([2H])N", "CN", False),
        ("CN", "[2H]C([2H])([2H])N", False),
    ],
)
def test_what_a_stock_compound_provides(bought: str, wanted: str, provided: bool) -> None:
    assert Inventory([bought, "CCO", "not a molecule"]).provides(Chem.MolFromSmiles(wanted)) is provided


def test_a_racemate_in_stock_provides_no_enantiomer(tmp_path: Path) -> None:
    path = tmp_path / "racemate.csv"
    path.write_text("smiles\nC[C@H](N)c1ccccc1 |&1:1|\nOC(=O)c1ccncc1\n")
    wanted = [
        "C[C@H](N)c1ccccc1",
        "CC(N)c1ccccc1",
        "C[C@H](N)c1ccccc1 |&1:1|",
        "C[C@H](NC(=O)c1ccncc1)c1ccccc1",
        "CC(NC(=O)c1ccncc1)c1ccccc1",
    ]
    np.testing.assert_array_equal(Route(str(path))(Molecules(wanted)), [np.inf, 0, 0, np.inf, 1])


def test_an_isomer_will_do_where_the_molecule_leaves_stereo_open(tmp_path: Path) -> None:
    path = tmp_path / "enantiomer.smi"
    path.write_text("C[C@H](N)c1ccccc1\nOC(=O)c1ccncc1\n")
    wanted = ["CC(NC(=O)c1ccncc1)c1ccccc1", "C[C@H](NC(=O)c1ccncc1)c1ccccc1", "C[C@@H](NC(=O)c1ccncc1)c1ccccc1"]
    np.testing.assert_array_equal(Route(str(path))(Molecules(wanted)), [1, 1, np.inf])


def test_the_column_of_a_stock_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("solvent,reagent\nCCO,Nc1ccccc1\nCCC,OC(=O)c1ccncc1\n")
    amide = Molecules(["O=C(Nc1ccccc1)c1ccncc1"])
    assert Route(str(path), column="reagent")(amide)[0] == 1
    assert Route(str(path), column="solvent")(amide)[0] == np.inf


def test_the_column_of_building_blocks_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "blocks.csv"
    path.write_text("solvent,reagent\nCCO,Brc1ccccc1\n")
    biaryl = Molecules(["c1ccc(-c2ccncc2)cc1"])
    assert BuildingBlocks(str(path), column="reagent")(biaryl)[0] == 0.5
    assert BuildingBlocks(str(path), column="solvent")(biaryl)[0] == 0


def test_blocks_sold_as_ions_or_salts_stand_for_their_parents(tmp_path: Path) -> None:
    path = tmp_path / "parents.smi"
    path.write_text("NCc1ccccc1\nO=C(O)c1ccncc1\n")
    amides = Molecules(["O=C(NCc1ccccc1)c1ccncc1", "O=C(Nc1ccccc1)c1ccncc1"])
    shares = BuildingBlocks(str(CASES / "stock_as_ions.smi"))(amides)
    np.testing.assert_array_equal(shares, BuildingBlocks(str(path))(amides))
    assert shares.min() > 0


def test_a_molecule_without_a_route_is_no_problem_and_scores_nothing(stock: str) -> None:
    scores = Scorer({"route": Term(Route(stock))})(["C1CC2CC1CC2", "Nc1ccccc1"])
    assert scores.raw[:, 0].tolist() == [np.inf, 0]
    assert scores.total.tolist() == [0, 1]
    assert scores.problem == [None, None]


@pytest.fixture
def priced(tmp_path: Path) -> str:
    path = tmp_path / "priced.csv"
    rows = ["OC(=O)c1ccncc1,A,10", "Nc1ccccc1,B,5", "Brc1cccc(N)c1,C,", "OB(O)c1ccccc1,D,7", "Nc1cccc(-c2ccccc2)c1,E,100"]
    path.write_text("\n".join(["smiles,id,price", *rows]))
    return str(path)


def test_the_price_is_that_of_the_cheapest_synthesis_whose_blocks_have_one(priced: str) -> None:
    smiles = [
        "Nc1ccccc1",  # bought
        "O=C(Nc1ccccc1)c1ccncc1",  # A and B
        "O=C(Nc1cccc(-c2ccccc2)c1)c1ccncc1",  # A and E in one step; A, C and D in two, where C's price isn't told
        "C1CC2CC1CC2",  # nothing does it
        "O=C(Nc1cccc(Br)c1)c1ccncc1",  # A and C: bromine wouldn't enter the anilide of B there
    ]
    values, reasons = Route(priced, measure="price").explained(Molecules(smiles))
    np.testing.assert_array_equal(values, [5, 15, 110, np.inf, np.nan])
    assert reasons == [None, None, None, None, "the price of C isn't known"]
    cheap = {"route": Term(Route(priced, measure="price"), transform=Linear(100, 0))}
    scores = Scorer(cheap)(smiles)
    np.testing.assert_allclose(scores.total, [0.95, 0.85, 0, 0, 0])
    assert scores.problem == [None, None, None, None, "route: the price of C isn't known"]


def test_a_longer_synthesis_that_is_cheaper_counts(tmp_path: Path) -> None:
    path = tmp_path / "dear.csv"
    path.write_text("smiles,price\nOC(=O)c1ccncc1,1\nBrc1ccc(N)cc1,2\nOB(O)c1ccccc1,4\nNc1ccc(-c2ccccc2)cc1,100\n")
    amide = Molecules(["O=C(Nc1ccc(-c2ccccc2)cc1)c1ccncc1"])
    assert Route(str(path), measure="steps")(amide)[0] == 1
    assert Route(str(path), measure="price")(amide)[0] == 7


def test_chosen_reactions_and_classes_are_counted(stock: str) -> None:
    smiles = ["Nc1ccccc1", "O=C(Nc1ccccc1)c1ccncc1", "O=C(Nc1ccc(-c2ccccc2)cc1)c1ccncc1", "C1CC2CC1CC2"]
    for chosen, counts in [
        (["acylation"], [0, 1, 1, np.nan]),
        (["Suzuki coupling"], [0, 0, 1, np.nan]),
        (["acylation", "Suzuki coupling"], [0, 1, 2, np.nan]),
    ]:
        values, reasons = Route(stock, measure="reactions", chosen=chosen).explained(Molecules(smiles))
        np.testing.assert_array_equal(values, counts)
        assert reasons == [None, None, None, "no synthesis was found"]
    bonus = Scorer({"amides": Term(Route(stock, measure="reactions", chosen=["acylation"]), transform=Linear(0, 1))})
    assert bonus(smiles).total.tolist() == [0, 1, 1, 0]


def test_which_prices_and_reactions_are_good_has_to_be_said(priced: str) -> None:
    with pytest.raises(ConfigError, match=r"prices are in the stock's unit; add transform: \{linear"):
        Scorer({"route": Term(Route(priced, measure="price"))})
    with pytest.raises(ConfigError, match=r"whether the chosen reactions are welcome isn't known; add transform"):
        Scorer({"route": Term(Route(priced, measure="reactions", chosen=["acylation"]))})


def test_the_stock_that_ships_serves_a_model_too() -> None:
    assert "CC(=O)O" in scoring_stock("common_blocks")
    assert Route.__dataclass_fields__["path"].default == "common_blocks"


def test_what_is_wrong_is_said_at_once(tmp_path: Path, stock: str) -> None:
    (tmp_path / "none.smi").write_text("nonsense\n")
    with pytest.raises(DataError, match="no valid SMILES"):
        Route(str(tmp_path / "none.smi"))
    with pytest.raises(ConfigError, match="BackwardReactionModel"):
        Route(stock, model="mine")
    with pytest.raises(ConfigError, match="at least 1"):
        Route(stock, depth=0)
    with pytest.raises(ConfigError, match="leave one of the two out"):
        Route(stock, model=Ring(use_cache=True), reactions="ours.yaml")
    with pytest.raises(DataError, match="no such file"):
        Route(stock, reactions=str(tmp_path / "ours.yaml"))
    for settings, hint in [
        ({"measure": "cost"}, r"route\.measure: must be steps, price or reactions, not 'cost'"),
        ({"measure": "reactions"}, r"route\.chosen: it names the reactions that count, such as \[acylation\]"),
        ({"chosen": ["acylation"]}, r"route\.chosen: steps has no use for it"),
        ({"measure": "reactions", "chosen": "acylation"}, r"route\.chosen: must be a list"),
        ({"measure": "reactions", "chosen": ["acylaton"]}, r"route\.chosen: .*'acylaton'.*did you mean"),
        ({"measure": "price", "model": Ring(use_cache=True)}, r"route\.measure: price is known of molgen's own syntheses"),
    ]:
        with pytest.raises(ConfigError, match=hint):
            Route(stock, **settings)
    with pytest.raises(DataError, match=r"tells no price; for route\.measure: price a column has to"):
        Route(stock, measure="price")
