"""Against what molsets and guacamol compute of the same molecules, and against definitions."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import sqrtm

from molgen.metrics.population import (
    Population,
    chemnet_distance,
    compare,
    count_similarity,
    good_share,
    internal_diversity,
    passing_share,
)

KNOWN = json.loads(Path(__file__).with_name("population.json").read_text())


@pytest.fixture(scope="module")
def made() -> Population:
    return Population(KNOWN["made"])


@pytest.fixture(scope="module")
def reference() -> Population:
    return Population(KNOWN["reference"])


@pytest.fixture(scope="module")
def found(made: Population, reference: Population) -> dict[str, float]:
    return compare(made, reference)


@pytest.mark.parametrize("name", ["SNN", "fragments", "scaffolds", "logP", "SA", "QED", "weight", "KL score"])
def test_agrees_with_molsets_and_guacamol(name: str, found: dict[str, float]) -> None:
    assert found[name] == pytest.approx(KNOWN["figures"][name], abs=1e-6)


def test_internal_diversity_agrees_with_molsets(made: Population) -> None:
    assert internal_diversity(made) == pytest.approx(KNOWN["figures"]["IntDiv"], abs=1e-6)


def test_chemnet_distance_is_the_frechet_distance_of_its_activations(made: Population, reference: Population) -> None:
    (mean, covariance), (other, other_covariance) = made.chemnet, reference.chemnet
    cross = sqrtm(covariance @ other_covariance).real
    expected = ((mean - other) ** 2).sum() + np.trace(covariance + other_covariance - 2 * cross)
    assert chemnet_distance(made, reference) == pytest.approx(float(expected), rel=1e-3)
    assert chemnet_distance(made, reference) == pytest.approx(KNOWN["figures"]["FCD (fcd_torch)"], rel=1e-4)


def test_a_set_is_like_itself(reference: Population) -> None:
    figures = compare(reference, reference)
    assert figures["FCD"] == pytest.approx(0, abs=1e-3)
    assert [figures[name] for name in ("SNN", "fragments", "scaffolds", "KL score")] == pytest.approx([1, 1, 1, 1])
    assert [figures[name] for name in ("logP", "SA", "QED", "weight", "TPSA")] == [0] * 5


def test_counts_without_anything_in_common_are_at_right_angles() -> None:
    assert count_similarity(Counter(a=2), Counter(b=3)) == 0
    assert count_similarity(Counter(), Counter(b=3)) == 0
    assert count_similarity(Counter(a=3, b=4), Counter(a=4, b=3)) == pytest.approx(24 / 25)


def test_shares_by_hand() -> None:
    """Celecoxib's QED is 0.75 (Bickerton et al.) and it is easily made, decane's is 0.32; azobenzene has an alert."""
    population = Population(["Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1", "CCCCCCCCCC", "x("])
    assert len(population) == 2
    assert good_share(population) == 0.5
    assert passing_share(Population(["CCO", "c1ccccc1N=Nc1ccccc1"])) == 0.5
