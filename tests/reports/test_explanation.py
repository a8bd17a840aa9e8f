"""Explanations in words: small values keep their figures, too few pairs have no interval."""

import numpy as np

from molgen.chem.molecules import Molecules
from molgen.data.dataset import Endpoint
from molgen.predictors.attribution import Attribution, Contribution
from molgen.predictors.base import Prediction
from molgen.predictors.pair_support import PairChange
from molgen.reports.explanation import caption_of, lines, with_limits
from molgen.reports.substructures import Substructures, mean_text

PARTS = (Contribution("*c1ccccc1", (1, 2, 3, 4, 5, 6), -1.5e-6, is_core=True), Contribution("*O", (0,), 2e-6))


def explained(endpoint: Endpoint) -> tuple[Prediction, Attribution]:
    """Phenol, of 4.5 in a million."""
    asked, numbers = Molecules(["Oc1ccccc1"]), np.array([4.5e-6, 1e-6, 2.5e-6, 6.5e-6, 1.0])[:, None, None]
    found = Prediction.of(asked, [endpoint], numbers, np.full((1, 1), "", object))
    near = [("Oc1ccccc1C", 5e-6, 0.5)]
    return found, Attribution(np.zeros(7), "", near, parts=PARTS, base=4e-6, value=4.5e-6, about_base="the mean")


def test_small_values_keep_their_figures() -> None:
    endpoint = Endpoint("solubility", unit="mol/L")
    prediction, attribution = explained(endpoint)
    text = "\n".join(lines(prediction, attribution, prediction.molecules.mols[0]))
    assert "solubility: 4.50e-06 mol/L (+- 1.00e-06; 90 % between 2.50e-06 and 6.50e-06)" in text
    assert "sum: solubility 4.50e-06 mol/L" in text
    assert caption_of(attribution, endpoint) == ["from the base 4.00e-06, the mean", "to solubility 4.50e-06 mol/L"]
    substructures = Substructures(endpoint)
    substructures.add("Oc1ccccc1", attribution)
    assert substructures.about_base == "4.00e-06 mol/L, the mean"


def test_without_a_unit_no_blank_stands_for_it() -> None:
    prediction, attribution = explained(Endpoint("score"))
    text = "\n".join(lines(prediction, attribution, prediction.molecules.mols[0]))
    assert "score: 4.50e-06 (+- " in text
    assert "0.50  5e-06  Oc1ccccc1C" in text


def test_two_values_have_no_interval() -> None:
    """Student's t of one degree of freedom is 12.7: it would be as wide as -18.9 to +17.9."""
    assert with_limits(PairChange(-0.5, np.nan, np.nan, 2, 2)) == "-0.50 (2 pairs, too few for an interval)"
    assert with_limits(PairChange(0.5, 0.25, 0.75, 7, 5)) == "+0.50 (+0.25 to +0.75; 7 pairs in 5 series)"
    assert with_limits(PairChange(-0.0073, -0.3468, 0.3323, 5, 5)) == "-0.01 (-0.35 to +0.33; 5 pairs)"
    assert mean_text(-0.51, -0.51, -0.51) == "-0.51"
    substructures = Substructures(Endpoint("score"))
    for smiles, value in (("Oc1ccccc1", 0.5), ("Oc1ccccc1C", 0.7)):
        part = Contribution("*O", (0,), value)
        substructures.add(smiles, Attribution(np.zeros(7), "", [], parts=(part,), base=0, value=value))
    [row] = substructures.table().itertuples()
    assert mean_text(row.mean, row.low, row.high) == "+0.60"
