"""The network that learns RDKit's descriptors, and how its worth is measured."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from rdkit.Chem import Crippen

from benchmarks.blending import blended, pair_of_today, scores_of
from benchmarks.pretrained import FILE, PAGE, table
from benchmarks.views import by_line, by_machine
from molgen.chem.graphs import batch
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.dataset import Dataset, Endpoint, Task
from molgen.data.splits import scaffold_folds
from molgen.predictors.boosted import Boosted
from molgen.predictors.features import feature_matrix
from molgen.predictors.fold_models import Labelled
from molgen.predictors.trees import Trees
from scripts import describing_network, pretrain_network
from scripts.describing_network import DescribingNetwork, Graphs, Lesson, described, embeddings, standardised
from scripts.pretrain_network import corpus

SETS = {
    "admet/lipophilicity_astrazeneca": ["CCO", "c1ccccc1O"],
    "moleculenet/lipophilicity": ["OCC", "c1ccccc1N"],  # ethanol, and what may be in the test part
    "moleculenet/hiv": ["Nc1ccccc1", "CCCC", "not a molecule"],
    "zinc250k": ["CCCCl", "CCCBr", "CCCF", "CCCO"],
}


def test_molecules_of_the_official_test_parts_are_not_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrain_network, "options", lambda group: list(SETS))
    monkeypatch.setattr(pretrain_network, "_smiles", SETS.__getitem__)
    found = corpus(zinc=2, most=5, seed=0)
    assert "Nc1ccccc1" not in found, "aniline is in another set, too"
    assert {"CCO", "Oc1ccccc1", "CCCC"} <= set(found)
    assert len(found) == len(set(found)) == 5  # these, and two of ZINC
    assert found == corpus(zinc=2, most=5, seed=0)


def test_graphs_laid_end_to_end_make_the_batches_of_the_graph_network(samples: list[str]) -> None:
    mols = Molecules([*samples[:20], "C", "[Na+].[Cl-]"]).mols
    graphs = Graphs.joined([Graphs.of(mols[:9]), Graphs.of(mols[9:])])
    rows = np.array([21, 3, 20, 11])
    found, wanted = graphs.batch(rows), batch([mols[i] for i in rows])
    assert torch.equal(found.x, wanted.x)
    assert torch.equal(found.batch, wanted.batch)
    bonds = [sorted(zip(part.edge_index.T.tolist(), part.edge_attr.tolist(), strict=True)) for part in (found, wanted)]
    assert bonds[0] == bonds[1]


def test_targets_are_computed_once(tmp_path: Path, samples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describing_network, "CHUNK", 10)
    smiles = [*samples[:14], "C" * 101]
    graphs, targets = described(smiles, tmp_path)
    assert (len(graphs), len(targets)) == (15, 15)
    logp = targets[:14, describing_network.NAMES.index("MolLogP")]
    np.testing.assert_allclose(logp, Molecules(smiles[:14]).map(Crippen.MolLogP), rtol=1e-5)
    assert np.isnan(targets[14]).all(), "more than 100 atoms"
    monkeypatch.setattr(describing_network, "rdkit_descriptors", None)
    np.testing.assert_array_equal(described(smiles, tmp_path)[1], targets)


def test_targets_have_one_scale_and_no_tails() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.normal(5, 3, 5000), np.ones(5000), rng.normal(0, 1, 5000)], 1).astype(np.float32)
    x[0, 0], x[1, 0], x[2, 2] = np.nan, 1e30, -1e30
    found = standardised(x)
    assert found.shape == (5000, 2)  # ones say nothing
    assert np.isnan(found[0, 0])
    assert np.isnan(found).sum() == 1
    np.testing.assert_allclose(np.nanmean(found, axis=0), 0, atol=0.01)
    np.testing.assert_allclose(np.nanstd(found, axis=0), 1, atol=0.01)
    assert np.nanmax(np.abs(found)) < 4


def test_unknown_targets_do_not_count(samples: list[str]) -> None:
    graphs = Graphs.of(Molecules(samples[:4]).mols)
    torch.manual_seed(0)
    network = DescribingNetwork(8, 8, 1, 3)
    targets = torch.randn(4, 3)
    targets[0, 1] = float("nan")
    loss = Lesson(graphs, targets).loss(network, torch.arange(4))
    found = network(graphs.batch(np.arange(4)))
    assert loss.item() == pytest.approx(((found - targets) ** 2)[~targets.isnan()].mean().item(), rel=1e-5)
    np.testing.assert_allclose(embeddings(network, graphs, 3), embeddings(network, graphs), atol=1e-6)


def labelled(molecules: Molecules, y: NDArray[np.float64], task: Task) -> Labelled:
    x, measured, fold = feature_matrix(molecules), np.zeros(len(y), np.int8), np.arange(len(y)) % 5
    return Labelled("y", task, x, np.arange(len(y)), y, measured, errors=np.full(len(y), np.nan), fold=fold)


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_two_members_are_blended_as_by_the_predictor(samples: list[str], task: Task) -> None:
    molecules = Molecules(samples[:120], STANDARD)
    y = molecules.map(Crippen.MolLogP)
    y = (y > np.median(y)).astype(float) if task == "classification" else y
    folds = scaffold_folds(molecules, 5, 0, y)
    data = labelled(molecules, y, task)
    for k, (_, test) in enumerate(folds):
        data.fold[test] = k
    trees = Trees(n_estimators=10)
    today = pair_of_today(data, trees)
    fitted = Boosted(trees).cross_fit(Dataset(molecules, y[:, None], (Endpoint("y", task),)), folds)
    for k, ((_, test), predictor) in enumerate(zip(folds, fitted, strict=False)):
        asked, found, weights = blended(data, k, today)
        assert np.flatnonzero(asked).tolist() == test.tolist()
        assert weights == [predictor.models[0].blend.weight]
        wanted = predictor.predict(molecules.take(test.tolist())).mean[:, 0]
        np.testing.assert_allclose(1 / (1 + np.exp(-found)) if task == "classification" else found, wanted, rtol=1e-4, atol=1e-4)


def test_a_third_member_that_knows_the_answer_gets_the_weight(samples: list[str]) -> None:
    molecules = Molecules(samples[:120], STANDARD)
    y = molecules.map(Crippen.MolLogP)
    data = labelled(molecules, y, "regression")
    noise = scores_of(data, np.random.default_rng(0).normal(size=(120, 3)).astype(np.float32), by_machine)
    answer = scores_of(data, y[:, None].astype(np.float32), by_line)
    asked, found, weights = blended(data, 2, [noise, noise, answer])
    assert weights[-1] == 0.0
    np.testing.assert_allclose(found, y[asked], atol=0.01)


def test_the_page_has_what_was_measured() -> None:
    assert table(json.loads(FILE.read_text())["figures"]) in PAGE.read_text()
