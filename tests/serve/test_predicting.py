"""`POST /predict`: the values of `Predictor.predict`, and what of it the metrics count."""

from collections.abc import Iterator

import numpy as np
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from molgen import Scorer, load_predictor
from molgen.chem.standardize import STANDARD
from molgen.cli.commands import main
from molgen.cli.serve import _served
from molgen.errors import ConfigError
from molgen.predictors.base import Prediction
from molgen.predictors.class_sets import class_sets
from molgen.predictors.named import NamedPredictors
from molgen.serve.app import Service, create_app

ENDPOINTS = ["caco2_wang", "herg"]
SERVICE = Service(molecules=20, length=2000, body=20_000, batch=4)
FAR = "[Fe]" + "C#CB(Br)" * 3 + "C"  # like nothing that was learnt from


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    predictors = _served(load_predictor("admet"), STANDARD, ENDPOINTS, None)
    with TestClient(create_app(Scorer.from_config("drug_like"), SERVICE, "hunter2", predictors)) as client:
        yield client


def ask(client: TestClient, smiles: list[str]) -> list[dict]:
    answer = client.post("/predict", json={"smiles": smiles}, headers={"Authorization": "Bearer hunter2"})
    assert answer.status_code == 200, answer.text
    assert [(each["name"], each["unit"], each["task"]) for each in answer.json()["endpoints"]] == [
        ("caco2_wang", "log cm/s", "regression"),
        ("herg", "", "classification"),
    ]
    return answer.json()["results"]


def counted(client: TestClient) -> dict[str, float]:
    text = client.get("/metrics", headers={"Authorization": "Bearer hunter2"}).text
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")}


def test_predictions_are_those_of_this_process(client: TestClient, samples: list[str]) -> None:
    asked = [*samples[:9], "not a molecule", samples[0]]
    rows, found = ask(client, asked), load_predictor("admet").predict(asked, endpoints=ENDPOINTS)
    assert [row["smiles"] for row in rows] == asked
    assert [row["problem"] for row in rows] == found.problem
    assert [row["in_domain"] for row in rows] == found.in_domain.tolist()
    for j, name in enumerate(ENDPOINTS):
        for key, values in (("value", found.mean), ("std", found.std), ("similarity", found.similarity)):
            np.testing.assert_allclose(np.array([row["values"][name][key] for row in rows], float), values[:, j], atol=1e-6)
    for key, values in (("low", found.low), ("high", found.high)):
        assert [row["values"]["herg"][key] for row in rows] == [None] * len(rows)
        np.testing.assert_allclose(np.array([row["values"]["caco2_wang"][key] for row in rows], float), values[:, 0], atol=1e-6)
    assert [row["values"]["herg"]["classes"] for row in rows] == class_sets(found.endpoints[1], found.mean[:, 1])
    assert {row["values"]["caco2_wang"]["range"] for row in rows} <= {"poor", "fair", "good", None}
    without = ("value", "std", "low", "high", "similarity", "range", "outside", "seen", "classes")
    assert rows[9]["values"]["caco2_wang"] == dict.fromkeys(without) | {"in_domain": False}


def test_molecules_outside_the_domain_are_counted(client: TestClient, samples: list[str]) -> None:
    found = load_predictor("admet").predict([samples[0], FAR], endpoints=ENDPOINTS)
    assert found.in_endpoint_domain.tolist() == [[True, True], [False, False]]
    before = counted(client)
    ask(client, [samples[0]])
    ask(client, [FAR, samples[0], "nonsense"])
    change = {name: value - before[name] for name, value in counted(client).items() if name in before}
    assert change["molgen_predicted_total"] == 3
    assert change["molgen_out_of_domain_requests_total"] == 1
    assert change['molgen_out_of_domain_total{endpoint="herg"}'] == 1
    assert change['molgen_out_of_domain_total{endpoint="caco2_wang"}'] == 1


def test_what_is_refused(client: TestClient) -> None:
    assert client.post("/predict", json={"smiles": ["C"]}).status_code == 401
    for body, code in (({"smiles": "C"}, 422), ({"smiles": ["C"] * 21}, 422), ({"molecules": ["C"]}, 422), ({"smiles": []}, 200)):
        assert client.post("/predict", json=body, headers={"Authorization": "Bearer hunter2"}).status_code == code
    with TestClient(create_app(Scorer.from_config("drug_like"), SERVICE)) as without:
        assert without.post("/predict", json={"smiles": ["C"]}).status_code in (403, 404)


def test_a_failing_predictor_is_a_500() -> None:
    def fail(_: object) -> Prediction:
        raise ValueError("broken")

    served = _served(load_predictor("admet"), STANDARD, ENDPOINTS, None)
    broken = type(served)(fail, served.endpoints)
    with TestClient(
        create_app(Scorer.from_config("drug_like"), SERVICE, "t", broken), headers={"Authorization": "Bearer t"}
    ) as client:
        answer = client.post("/predict", json={"smiles": ["C"]})
    assert (answer.status_code, answer.json()["detail"]) == (500, "predicting failed; the service's log says why")


def test_several_predictors_have_names_and_a_difference() -> None:
    admet = load_predictor("admet")
    names = ["a_herg", "b_caco2_wang", "a_caco2_wang_minus_b_caco2_wang"]
    served = _served(NamedPredictors({"a": admet, "b": admet}), STANDARD, names, None)
    [row] = served(["CCO"])
    assert list(row.values) == names
    assert row.values["a_caco2_wang_minus_b_caco2_wang"].value == 0


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (["predictor=boosted"], "this is a recipe"),
        (["endpoints=[herg]"], "add predictor=FOLDER"),
        (["predictor=admet", "endpoints=[hreg]"], "did you mean 'herg'"),
        (["predictor=[a=admet,a=pka]"], "'a' is there twice"),
        (["predictor=affinity"], "target"),
    ],
)
def test_settings_that_are_refused_before_anything_listens(settings: list[str], why: str) -> None:
    result = CliRunner().invoke(main, ["serve", *settings])
    assert result.exit_code == 1
    assert why in result.output
    assert "http" not in result.output


def test_a_target_is_refused_where_there_is_none() -> None:
    with pytest.raises(ConfigError, match="takes no protein"):
        _served(load_predictor("admet"), STANDARD, [], "ABL1")
