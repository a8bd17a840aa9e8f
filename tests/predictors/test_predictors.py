"""What every predictor must do."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.affinity import Pairs
from molgen.data.dataset import Dataset
from molgen.errors import CheckpointError, ConfigError
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.trainer import Trainer
from molgen.predictors.affinity import AffinityPredictor
from molgen.predictors.base import Predictor
from molgen.predictors.boosted import Boosted
from molgen.predictors.deepchem import DeepChem
from molgen.predictors.graph_network import GraphNetwork
from molgen.predictors.pair_network import PairSettings
from molgen.predictors.shipped import load_predictor
from molgen.predictors.trust import probability
from tests.conftest import ASPIRIN, CAFFEINE

KINDS = ("boosted", "graph_network", "deepchem", "affinity")


@pytest.fixture(scope="module")
def predictors(boosted: Boosted, measured: Dataset, pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    graph = GraphNetwork(Trainer("", epochs=2), members=2, width=16, channels=16, layers=2)
    zoo = DeepChem(members=2, epochs=1)
    for predictor in (graph, zoo):
        predictor.fit(measured.take(range(80)))
    folder = str(tmp_path_factory.mktemp("affinity"))
    affinity = AffinityPredictor(
        Trainer(folder, epochs=2, warmup_steps=2), network=PairSettings(width=16, graph=True, residues=True), members=1
    )
    affinity.fit(pairs)
    return {"boosted": boosted, "graph_network": graph, "deepchem": zoo, "affinity": affinity}


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest, predictors: dict[str, Any]) -> tuple[Predictor, str | None]:
    return predictors[request.param], "K0" if request.param == "affinity" else None


class TestEveryPredictor:
    def test_predicts_in_order_and_nan_with_a_reason_for_invalid_molecules(self, case: Any) -> None:
        predictor, target = case
        smiles = [ASPIRIN, "not a molecule", CAFFEINE, ""]
        found = predictor.predict(smiles, target=target)
        t = len(predictor.endpoints)
        for values in (found.mean, found.std, found.low, found.high, found.similarity):
            assert values.shape == (4, t)
            assert values.dtype == np.float64
        invalid = np.repeat([[False], [True], [False], [True]], t, axis=1)
        for values in (found.mean, found.similarity):
            np.testing.assert_array_equal(np.isnan(values), invalid)
        for values in (found.std, found.low, found.high):  # beyond all that was learnt from nobody knows them
            np.testing.assert_array_equal(np.isnan(values) & (found.outside == ""), invalid & (found.outside == ""))
            assert np.isnan(values)[invalid].all()
        assert found.in_domain.shape == (4,)
        assert not found.in_domain[1]
        assert [reason is None for reason in found.problem] == [True, False, True, False]
        again = predictor.predict(smiles[::-1], target=target)
        np.testing.assert_allclose(again.mean, found.mean[::-1], rtol=1e-4)

    def test_takes_an_empty_batch(self, case: Any) -> None:
        predictor, target = case
        assert predictor.predict([], target=target).mean.shape == (0, len(predictor.endpoints))

    def test_intervals_hold_the_mean_and_probabilities_are_such(self, case: Any, samples: list[str]) -> None:
        predictor, target = case
        found = predictor.predict(samples[:40], target=target)
        assert (found.std > 0).all()
        assert ((found.low <= found.mean) & (found.mean <= found.high)).all()
        for j, endpoint in enumerate(predictor.endpoints):
            if endpoint.task == "classification":
                assert ((found.mean[:, j] >= 0) & (found.mean[:, j] <= 1)).all()
                assert set(found.to_pandas()[f"{endpoint.name}_set"]) <= {"0", "1", "0|1", "neither"}

    def test_a_saved_model_predicts_the_same(self, case: Any, samples: list[str], tmp_path: Path) -> None:
        predictor, target = case
        path = tmp_path / "model.safetensors"
        predictor.save(path, {"note": "mine"})
        again = load_predictor(str(path))
        before, after = (model.predict(samples[:20], target=target) for model in (predictor, again))
        tolerance = 0.02 if isinstance(predictor, AffinityPredictor) else 1e-5  # its networks are kept in bfloat16
        np.testing.assert_allclose(after.mean, before.mean, atol=tolerance, rtol=tolerance)
        np.testing.assert_allclose(after.std, before.std, atol=tolerance, rtol=tolerance)
        np.testing.assert_array_equal(after.in_domain, before.in_domain)
        assert load_tensors(path)[1]["note"] == "mine"

    def test_contributions_and_their_base_add_up_to_the_prediction(self, case: Any, samples: list[str]) -> None:
        predictor, target = case
        molecules = Molecules([*samples[:8], "C", "CCO"], STANDARD)
        for endpoint in predictor.endpoints:
            found = predictor.attribute_all(molecules.mols, endpoint.name, target)
            whole = predictor.predict(molecules, target, [endpoint.name]).mean[:, 0]
            reached = [probability(np.array(one.value)) if endpoint.task == "classification" else one.value for one in found]
            np.testing.assert_allclose(reached, whole, rtol=1e-5, atol=1e-5)
            for one in found:
                assert one.base + sum(part.value for part in one.parts) == pytest.approx(one.value, abs=1e-9)

    def test_shares_a_prediction_out_among_atoms(self, case: Any, samples: list[str]) -> None:
        predictor, target = case
        mol = Chem.MolFromSmiles(samples[0])
        found = predictor.attribute(mol, predictor.endpoints[0].name, target, neighbours=3)
        assert found.atoms.shape == (mol.GetNumAtoms(),)
        assert np.isfinite(found.atoms).all()
        assert len(found.neighbours) == 3
        similarities = [similarity for _, _, similarity in found.neighbours]
        assert similarities == sorted(similarities, reverse=True)

    def test_an_unknown_endpoint_is_answered_with_the_nearest(self, case: Any) -> None:
        predictor, target = case
        name = predictor.endpoints[0].name
        with pytest.raises(ConfigError, match=f"did you mean '{name}'"):
            predictor.predict([ASPIRIN], target=target, endpoints=[f"{name}x"])

    def test_a_model_of_another_format_is_refused(self, case: Any, tmp_path: Path) -> None:
        predictor, _ = case
        path = tmp_path / "model.safetensors"
        predictor.save(path)
        tensors, card = load_tensors(path)
        save_tensors(path, tensors, card | {"format": 0})
        with pytest.raises(CheckpointError, match=r"format 0, .* train it again"):
            load_predictor(str(path))


def test_a_damaged_file_and_a_generator_are_refused(boosted: Boosted, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    boosted.save(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(CheckpointError, match="damaged"):
        load_predictor(str(path))
    save_tensors(path, {}, {"class": "molgen.generators.transformer.Transformer"})
    with pytest.raises(CheckpointError, match="is not a Predictor"):
        load_predictor(str(path))


def test_a_predictor_of_properties_takes_no_target(boosted: Boosted) -> None:
    with pytest.raises(ConfigError, match="takes no protein"):
        boosted.predict([ASPIRIN], target="ABL1")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"model_settings": {"n_features": 7, "layer_sizes": [8]}},
            "Regressor fails with model_settings .*RuntimeError",
        ),
        ({"model_settings": {"n_features": 2048, "dropouts": "0x10"}}, "fails with model_settings .*TypeError"),
        ({"featurizer_settings": {"size": 2048, "radius": -1}}, "CircularFingerprint fails with .*makes nothing of"),
    ],
)
def test_settings_with_which_deepchem_fails_are_named(settings: dict[str, Any], message: str, measured: Dataset) -> None:
    with pytest.raises(ConfigError, match=message):
        DeepChem(members=2, epochs=1, **settings).fit(measured.take(range(20)))


@pytest.mark.parametrize("kind", [Boosted, partial(GraphNetwork, Trainer("")), DeepChem, partial(AffinityPredictor, Trainer(""))])
def test_a_seed_is_checked_before_the_training(kind: Any) -> None:
    with pytest.raises(ConfigError, match=r"predictor\.seed: must be between 0 and 4294967295, not -1"):
        kind(seed=-1)


def test_a_network_that_training_has_spoilt_is_an_error(measured: Dataset) -> None:
    network = GraphNetwork(Trainer("", epochs=1, lr=1e300), members=2, width=8, channels=8, layers=1)
    with pytest.raises(ConfigError, match=r"loss became nan: lower trainer\.lr"):
        network.fit(measured.take(range(20)))
