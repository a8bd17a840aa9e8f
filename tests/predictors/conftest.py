"""Small labelled sets, whose labels RDKit computes, and predictors fitted to them."""

import numpy as np
import pytest
from rdkit.Chem import Crippen, rdMolDescriptors

from molgen.chem.molecules import Molecules
from molgen.data.affinity import Pairs
from molgen.data.dataset import Dataset, Endpoint
from molgen.predictors.boosted import Boosted
from molgen.predictors.trees import Trees


@pytest.fixture(scope="session")
def measured(samples: list[str]) -> Dataset:
    """Two hundred molecules with logP, and for all but every fifth whether they are polar."""
    molecules = Molecules(samples[:200])
    logp = molecules.map(Crippen.MolLogP)
    polar = (molecules.map(rdMolDescriptors.CalcTPSA) > 70).astype(float)
    polar[::5] = np.nan
    endpoints = Endpoint("logp", "regression", "log units"), Endpoint("polar", "classification")
    return Dataset(molecules, np.stack([logp, polar], axis=1), endpoints)


@pytest.fixture(scope="session")
def boosted(measured: Dataset) -> Boosted:
    """Boosted trees fitted to the first 150 of `measured`."""
    predictor = Boosted(Trees(n_estimators=30), folds=3)
    predictor.fit(measured.take(range(150)))
    return predictor


SEQUENCES = (
    "MKKFFDSRREQGGSGLGSGSSGGGGSTSGLGSGYIGRVFGIGRQQVTVDEVLAEGG",
    "MKKFFDSRREQGGSGLGSGSSGGGGSTSGLGSGYIGRVFGIGRQQVTVDEVLAEGA",
    "MGNAAAAKKGSEQESVKEFLAKAKEDFLKKWESPAQNTAHLDQFERIKTLGTGSFG",
    "MSDVAIVKEGWLHKRGEYIKTWRPRYFLLKNDGTFIGYKERPQDVDQREAPLNNFS",
)


@pytest.fixture(scope="session")
def pairs(samples: list[str]) -> Pairs:
    """Forty molecules by five targets, two of one sequence: affinities that follow logP and the target."""
    drugs = tuple(samples[:40])
    logp = Molecules(drugs).map(Crippen.MolLogP)
    drug, target = (values.ravel() for values in np.meshgrid(np.arange(40), np.arange(5), indexing="ij"))
    affinity = 5 + 0.5 * logp[drug] + 0.3 * target
    return Pairs(drugs, ("K0", "K1", "K2", "K3", "K3(A5G)"), (*SEQUENCES, SEQUENCES[3]), drug, target, affinity)
