"""Predictions shared out among parts: against properties whose shares are known, and all orders of growth."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors
from scipy import stats

from molgen.chem.matched_pairs import MatchedPair
from molgen.chem.molecules import Molecules
from molgen.data.dataset import Dataset, Endpoint, Task
from molgen.errors import DataError
from molgen.predictors import growth
from molgen.predictors.attribution import Attribution, log_odds
from molgen.predictors.base import Prediction, Predictor
from molgen.predictors.boosted import Boosted
from molgen.predictors.growth import SharingPlan
from molgen.predictors.pair_support import MeasuredPairs, PairChange
from molgen.predictors.trust import probability

CARBON, HYDROGEN, CHLORINE, OXYGEN = 12.011, 1.008, 35.453, 15.999
TREES = ([-1], [-1, 0, 1, 2], [-1, 0, 0, 0, 0], [-1, 0, 0, 1, 1, 3], [-1, 0, 0, 1, 2, 2, 0])


class Weight(Predictor):
    """A predictor without a training set that knows molar masses, or a function of them."""

    FORMAT = 1

    def __init__(self, task: Task = "regression") -> None:
        self.endpoints = (Endpoint("weight", task, "g/mol"),)

    def fit(self, dataset: Dataset) -> None:
        """Nothing to learn."""

    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> Prediction:
        """Masses, or probabilities that rise with them."""
        asked = molecules if isinstance(molecules, Molecules) else Molecules(molecules)
        values = asked.map(Descriptors.MolWt)
        if self.endpoints[0].task == "classification":
            values = probability(values / 100 - 1)
        results = np.stack([values] * 5)[:, :, None]
        return Prediction.of(asked, self.endpoints, results, np.full((len(asked), 1), "", object))

    to_saved = from_saved = None  # type: ignore[assignment]


@pytest.mark.parametrize("parents", TREES)
def test_shares_are_the_means_over_all_orders_of_growth(parents: list[int]) -> None:
    rng, n = np.random.default_rng(0), len(parents)
    plan = SharingPlan(parents)
    values = dict(zip(plan.subtrees, rng.normal(size=len(plan.subtrees)), strict=True))
    orders = [
        order
        for order in itertools.permutations(range(n))
        if order[0] == 0 and all(order.index(parents[part]) < order.index(part) for part in range(1, n))
    ]
    wanted = np.zeros(n)
    for order in orders:
        before = 0.0
        for k, part in enumerate(order):
            after = values[frozenset(order[: k + 1])]
            wanted[part] += (after - before) / len(orders)
            before = after
    found = plan.shares(list(values.values()))
    np.testing.assert_allclose(found.values, wanted, atol=1e-12)
    assert found.values.sum() == pytest.approx(values[frozenset(range(n))])
    assert not found.errors.any()


def test_drawn_orders_are_as_likely_as_all_and_their_errors_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = TREES[-1]
    exact = SharingPlan(parents)
    values = dict(zip(exact.subtrees, np.random.default_rng(1).normal(size=len(exact.subtrees)), strict=True))
    monkeypatch.setattr(growth, "MOST_SUBTREES", 2)
    monkeypatch.setattr(growth, "FEWEST_ORDERS", 3000)
    drawn = SharingPlan(parents)
    found, wanted = drawn.shares([values[subtree] for subtree in drawn.subtrees]), exact.shares(list(values.values())).values
    assert found.values.sum() == pytest.approx(values[frozenset(range(len(parents)))])
    assert (np.abs(found.values - wanted) <= 4 * found.errors + 1e-12).all()
    assert 0 < found.errors.max() < 0.1


def test_masses_are_shared_out_as_the_atoms_have_them() -> None:
    """Chlorine in place of hydrogen, hydroxyl likewise: the same in whatever order."""
    found = Weight().attribute(Chem.MolFromSmiles("Oc1ccccc1Cl"), "weight")
    values = {part.smiles: part.value for part in found.parts}
    assert values["*Cl"] == pytest.approx(CHLORINE - HYDROGEN, abs=1e-3)
    assert values["*O"] == pytest.approx(OXYGEN, abs=1e-3)
    assert found.base == pytest.approx(6 * CARBON + 6 * HYDROGEN, abs=1e-2)  # without a training set: benzene, the core
    assert values["*c1ccccc1*"] == 0
    assert found.base + sum(values.values()) == pytest.approx(found.value, abs=1e-9)
    assert found.atoms.sum() == pytest.approx(found.value - found.base, abs=1e-9)


def test_classes_are_shared_out_in_log_odds() -> None:
    found = Weight("classification").attribute(Chem.MolFromSmiles("Oc1ccccc1Cl"), "weight")
    values = {part.smiles: part.value for part in found.parts}
    assert values["*Cl"] == pytest.approx((CHLORINE - HYDROGEN) / 100, abs=1e-5)
    assert probability(np.array(found.value)) == pytest.approx(Weight("classification").predict(["Oc1ccccc1Cl"]).mean[0, 0])
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_a_molecule_of_one_part_and_one_of_too_many_atoms() -> None:
    [one, large] = Weight().attribute_all([Chem.MolFromSmiles("C"), Chem.MolFromSmiles("C" * 301)], "weight")
    assert isinstance(one, Attribution)
    assert [(part.smiles, part.value) for part in one.parts] == [("C", 0)]
    assert isinstance(large, DataError)
    with pytest.raises(DataError, match="301 atoms can't be explained"):
        Weight().attribute(Chem.MolFromSmiles("C" * 301), "weight")


def test_a_step_without_a_prediction_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fails(Weight):
        def predict(
            self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
        ) -> Prediction:
            found = super().predict(molecules, target, endpoints)
            found.mean[[text == "c1ccccc1" for text in found.molecules.smiles]] = np.nan
            return found

    with pytest.raises(DataError, match="its part c1ccccc1 has no prediction"):
        Fails().attribute(Chem.MolFromSmiles("Cc1ccccc1"), "weight")


def test_a_predictor_that_explains_itself_is_asked_for_tables_too() -> None:
    class Own(Weight):
        def attribute(self, mol: Chem.Mol, endpoint: str, target: str | None = None, neighbours: int = 4) -> Attribution:
            return Attribution(np.ones(mol.GetNumAtoms()), "counting", [])

    [found] = Own().attribute_all([Chem.MolFromSmiles("CCO")], "weight")
    assert isinstance(found, Attribution)
    assert found.method == "counting"


def test_the_base_is_the_mean_of_what_was_measured(boosted: Boosted, measured: Dataset) -> None:
    mol = measured.molecules.mols[0]
    assert boosted.attribute(mol, "logp").base == pytest.approx(measured.labels[:150, 0].mean(), abs=1e-5)
    polar = measured.labels[:150, 1]
    share = polar[~np.isnan(polar)].mean()
    assert boosted.attribute(mol, "polar").base == pytest.approx(np.log(share / (1 - share)), abs=1e-5)


def test_pairs_say_what_a_group_did_in_place_of_hydrogen_and_of_others() -> None:
    known = {"c1ccccc1C(N)=O": 1.0, "Clc1ccccc1C(N)=O": 3.0, "Brc1ccccc1C(N)=O": 4.0, "CCCO": 9.0}
    known |= {"c1ccncc1C(N)=O": 0.0, "Clc1ccncc1C(N)=O": 1.0}
    pairs = MeasuredPairs([*known, "Clc1ccccc1C(N)=O.Cl", "x("], [*known.values(), 5.0, 5.0])
    assert len(pairs) == 7  # a salt makes no pairs
    chlorine = pairs.support("*Cl")
    assert chlorine.for_hydrogen is not None
    assert chlorine.for_others is not None
    assert (chlorine.for_hydrogen.mean, chlorine.for_hydrogen.pairs) == (pytest.approx(1.5), 2)  # 2 and 1
    assert (chlorine.for_others.mean, chlorine.for_others.pairs) == (pytest.approx(-1.0), 1)  # against bromine
    assert np.isnan([chlorine.for_hydrogen.low, chlorine.for_others.low]).all()  # too few
    assert pairs.support("*I").for_hydrogen is None


def test_pairs_that_share_a_molecule_count_once() -> None:
    """An outlier among many partners would be as many pairs, all with its error."""
    others = ["F", "Br", "I", "CC", "OC", "N#C", "NC", "SC"]
    known = {f"{group}c1ccccc1C(N)=O": 0.0 for group in others} | {"Clc1ccccc1C(N)=O": 8.0}
    found = MeasuredPairs(list(known), list(known.values())).support("*Cl").for_others
    assert found is not None
    assert (found.mean, found.pairs, found.series) == (pytest.approx(8.0), 8, 1)
    assert np.isnan(found.low)


def test_stereoisomers_are_one_group_and_no_pair() -> None:
    known = {"CC(O)c1ccccc1C(N)=O": 1.0, "C[C@H](O)c1ccccc1C(N)=O": 4.0, "c1ccccc1C(N)=O": 0.0}
    found = MeasuredPairs(list(known), list(known.values())).support("*C(C)O")
    assert found.for_others is None
    assert found.for_hydrogen is not None
    assert (found.for_hydrogen.mean, found.for_hydrogen.pairs, found.for_hydrogen.series) == (2.5, 2, 1)


def test_intervals_of_pairs_hold_what_they_promise() -> None:
    """Series of one to ten molecules without the group, all measured with the same error; the group does nothing."""
    rng, inside, runs = np.random.default_rng(0), 0, 1000
    for _ in range(runs):
        changes = []
        for series in range(8):
            own = rng.normal()
            for k in range(rng.integers(1, 11)):
                pair = MatchedPair(f"{series} {k}", f"{series} with", "[1*]C", "[1*]Cl")
                changes.append((pair, float(own - rng.normal())))
        found = PairChange.of(changes)
        inside += found.low <= 0 <= found.high
        assert found.series == 8
    assert 0.93 < inside / runs < 0.97


def test_interval_of_pairs_is_that_of_scipy() -> None:
    changes = [(MatchedPair(f"H{i}", f"Cl{i}", "[1*][H]", "[1*]Cl"), value) for i, value in enumerate([0.1, 0.5, 0.3, 0.9, -0.2])]
    found, values = PairChange.of(changes), [value for _, value in changes]
    assert (found.low, found.high) == pytest.approx(stats.ttest_1samp(values, 0).confidence_interval(0.95))
    assert np.isnan(PairChange.of(changes[:4]).low)
