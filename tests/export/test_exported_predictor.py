"""Predictors as ONNX files give what molgen gives."""

import dataclasses
import hashlib
import json
import pickle
from pathlib import Path

import lightgbm
import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="runs ONNX files: pip install 'molgen-design[onnx]'")
pytest.importorskip("onnx", reason="writes ONNX files: pip install 'molgen-design[onnx]'")

import onnx

from molgen.errors import ConfigError
from molgen.export import exported_predictor
from molgen.export.equality import LIMIT, largest_difference
from molgen.export.exported_model import Origin
from molgen.export.exported_predictor import ODD, export_predictor
from molgen.export.nodes import Nodes
from molgen.export.running import real_molecules, session
from molgen.export.tree_ensemble import split_points, tree_attributes
from molgen.predictors.base import as_molecules
from molgen.predictors.boosted import Boosted
from molgen.predictors.endpoint_model import BoostedEndpoint
from molgen.predictors.features import NAMES, feature_matrix
from molgen.predictors.graph_network import GraphNetwork
from molgen.predictors.trees import Booster
from molgen.predictors.trust import Blend


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports are compared on fewer molecules than users' are."""
    monkeypatch.setattr(exported_predictor, "CHECKED", 30)


def facts(content: bytes) -> dict[str, str]:
    """The metadata of a file."""
    return {entry.key: entry.value for entry in onnx.load_from_string(content).metadata_props}


def trees_alone(booster: Booster) -> bytes:
    """A graph of nothing but trees on three features."""
    nodes = Nodes()
    nodes.add("TreeEnsembleRegressor", "x", domain="ai.onnx.ml", output="y", **tree_attributes([booster]))
    return nodes.model("trees", ("x", 3), ("y", 1)).SerializeToString()


def test_values_are_those_of_the_predictor(boosted: Boosted, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    boosted.save(path)
    exported = export_predictor(boosted, Origin("0.0", path))
    molecules = as_molecules([*real_molecules(60), *ODD, "not a molecule", "C" * 301])
    x = feature_matrix(molecules)
    given_without_value = np.isnan(x).any(axis=1) & ~np.isnan(x[:, 0])
    assert given_without_value.any()  # some descriptors are missing
    found = session(exported.content).run(["values"], {"features": x})[0]
    ours = boosted.predict(molecules).mean
    np.testing.assert_allclose(found, ours, rtol=1e-4, atol=1e-5)
    assert np.isnan(found[-2:]).all()
    assert np.isfinite(found[:-2]).all()
    said = facts(exported.content)
    assert json.loads(said["features"]) == list(NAMES)
    assert [(e["name"], e["task"], e["unit"]) for e in json.loads(said["endpoints"])] == [
        ("logp", "regression", "log units"),
        ("polar", "classification", ""),
    ]
    assert said["molgen"] == "0.0"
    assert said["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_endpoint_of_several(boosted: Boosted) -> None:
    exported = export_predictor(boosted, endpoints=["polar"])
    molecules = as_molecules(real_molecules(20))
    found = session(exported.content).run(None, {"features": feature_matrix(molecules)})[0]
    np.testing.assert_allclose(found, boosted.predict(molecules, endpoints=["polar"]).mean, rtol=1e-4, atol=1e-5)
    with pytest.raises(ConfigError, match="no endpoint 'polr', did you mean 'polar'"):
        export_predictor(boosted, endpoints=["polr"])


def changed(boosted: Boosted, **parts: object) -> Boosted:
    """The predictor with parts of its first endpoint's model changed."""
    other = pickle.loads(pickle.dumps(boosted))
    other.models[0] = dataclasses.replace(other.models[0], **parts)
    return other


@pytest.mark.parametrize("parts", [{"logarithmic": True}, {"blend": Blend(1.0)}, {"blend": Blend(0.0)}])
def test_every_way_that_scores_become_values(boosted: Boosted, parts: dict[str, object]) -> None:
    other = changed(boosted, **parts)
    other.endpoints = (dataclasses.replace(other.endpoints[0], lowest=1.0, highest=30.0), *other.endpoints[1:])
    molecules = as_molecules(real_molecules(60))
    found = session(export_predictor(other).content).run(None, {"features": feature_matrix(molecules)})[0]
    ours = other.predict(molecules).mean
    np.testing.assert_allclose(found, ours, rtol=1e-4, atol=1e-5)
    if parts.get("logarithmic"):
        assert {found[:, 0].min(), found[:, 0].max()} & {np.float32(1), np.float32(30)}  # within its bounds


@pytest.mark.parametrize("missing", [False, True])
def test_trees_split_where_lightgbm_does(missing: bool) -> None:
    """At thresholds themselves, next to them, and where a value is missing."""
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, (400, 3)).astype(np.float32) / 3
    if missing:
        x[rng.random(x.shape) < 0.2] = np.nan
    y = np.nan_to_num(x[:, 0], nan=2.0) ** 2 + np.nan_to_num(x[:, 1], nan=-1.0) + rng.normal(0, 0.1, 400)
    settings = {"verbosity": -1, "min_data_in_leaf": 3, "num_threads": 1, "num_leaves": 12}
    booster = Booster(lightgbm.train(settings, lightgbm.Dataset(x, y), 25))
    thresholds = split_points(np.unique([node["threshold"] for node in nodes_of(booster)]))
    near = np.concatenate(
        [thresholds, np.nextafter(thresholds, np.float32(9)), np.nextafter(thresholds, np.float32(-9)), [0, np.nan]]
    )
    asked = np.stack(np.meshgrid(near, near[::3], near[::3]), axis=-1).reshape(-1, 3).astype(np.float32)
    asked = np.concatenate([asked, x, np.full((1, 3), np.nan, np.float32)])
    found = session(trees_alone(booster)).run(None, {"x": asked})[0][:, 0]
    np.testing.assert_allclose(found, booster.score(asked), rtol=1e-5, atol=1e-5)


def nodes_of(booster: Booster) -> list[dict]:
    """The inner nodes of all trees, as LightGBM itself tells them."""
    found, waiting = [], [tree["tree_structure"] for tree in booster.booster.dump_model()["tree_info"]]
    while waiting:
        node = waiting.pop()
        if "threshold" in node:
            found.append(node)
            waiting += [node["left_child"], node["right_child"]]
    return found


def test_a_tree_of_one_leaf() -> None:
    x, y = np.zeros((30, 3), np.float32), np.full(30, 2.5)
    booster = Booster(lightgbm.train({"verbosity": -1, "num_threads": 1}, lightgbm.Dataset(x, y), 3))
    found = session(trees_alone(booster)).run(None, {"x": x})[0]
    np.testing.assert_allclose(found[:, 0], booster.score(x), rtol=1e-6)


def test_trees_that_take_zeros_for_missing_are_refused() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, (200, 3)).astype(np.float32)
    settings = {"verbosity": -1, "num_threads": 1, "zero_as_missing": True}
    booster = Booster(lightgbm.train(settings, lightgbm.Dataset(x, x.sum(1)), 3))
    with pytest.raises(ConfigError, match="take zeros for missing values"):
        tree_attributes([booster])


@pytest.mark.parametrize("threshold", [0.1, -0.1, 1 / 3, 2.0, 1e300, -1e300])
def test_thresholds_are_never_rounded_up(threshold: float) -> None:
    found = split_points(np.array([threshold]))
    assert found.dtype == np.float32
    largest = np.finfo(np.float32).max
    above = np.nextafter(np.minimum(found, np.nextafter(largest, np.float32(0))), np.float32(np.inf))
    assert float(found[0]) <= threshold
    assert float(above[0]) > threshold or found[0] == largest


def test_what_differs_is_refused(boosted: Boosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A predictor whose own predictions aren't those of its models, as a class of a user's may have it."""
    predict = BoostedEndpoint.predict

    def shifted(model: BoostedEndpoint, *arguments: object) -> object:
        mean, *others = predict(model, *arguments)  # type: ignore[arg-type]
        return (mean + 0.01, *others)

    monkeypatch.setattr(BoostedEndpoint, "predict", shifted)
    with pytest.raises(ConfigError, match=r"differ by .* standard deviations, more than rounding"):
        export_predictor(boosted)


def test_differences_count_in_standard_deviations() -> None:
    ours = np.array([[0.0, 100.0], [2.0, 300.0], [4.0, np.nan]])
    assert largest_difference(ours, ours, "") == 0
    moved = ours + np.array([[0, 0.01], [0, 0], [0, 0]])
    # by hand: of the rows without nan, the second column is 100 and 300: deviation 100, and a thousandth of 300
    assert largest_difference(ours, moved, "") == pytest.approx(0.01 / 100.3)
    with pytest.raises(ConfigError, match=f"more than rounding \\({LIMIT:g}\\)"):
        largest_difference(ours, ours + 0.5, "")
    with pytest.raises(ConfigError, match="values where molgen has none"):
        largest_difference(ours, np.nan_to_num(ours), "")


def test_other_predictors_are_refused() -> None:
    with pytest.raises(ConfigError, match="GraphNetwork can't be exported; those trained with predictor=boosted can"):
        export_predictor(GraphNetwork.__new__(GraphNetwork))
