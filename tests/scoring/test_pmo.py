"""The PMO objectives against values of the benchmark's own oracle code."""

import json
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen, GraphDescriptors, rdMolDescriptors

from molgen.config import options
from molgen.scoring.scorer import Scorer

REFERENCE = json.loads(Path(__file__).with_name("pmo_values.json").read_text())


def test_all_twenty_are_there() -> None:
    assert {f"pmo/{name}" for name in REFERENCE["values"]} == {name for name in options("scoring") if name.startswith("pmo/")}
    assert len(REFERENCE["values"]) == 20


@pytest.mark.parametrize("name", REFERENCE["values"])
def test_values_equal_those_of_the_benchmark(name: str) -> None:
    scores = Scorer.from_config(f"pmo/{name}")(REFERENCE["smiles"])
    np.testing.assert_allclose(scores.total, REFERENCE["values"][name], atol=1e-6)


def test_valsartan_smarts_where_it_is_not_zero() -> None:
    """The reference molecules all lack the pattern: here is one that has it, by the published formula."""
    smiles = "Cn1c(C(F)(F)F)nnc1CN(C=O)Cc1ccc(-c2ccccc2)cc1"
    mol = Chem.MolFromSmiles(smiles)
    sitagliptin = Chem.MolFromSmiles("NC(CC(=O)N1CCn2c(nnc2C(F)(F)F)C1)Cc1cc(F)c(F)cc1F")
    gaussians = [
        np.exp(-0.5 * ((descriptor(mol) - descriptor(sitagliptin)) / sigma) ** 2)
        for descriptor, sigma in ((Crippen.MolLogP, 0.2), (rdMolDescriptors.CalcTPSA, 5.0), (GraphDescriptors.BertzCT, 30.0))
    ]
    pattern = Chem.MolFromSmarts("CN(C=O)Cc1ccc(c2ccccc2)cc1")
    expected = (float(mol.HasSubstructMatch(pattern)) * np.prod(gaussians)) ** 0.25
    assert expected > 1e-12
    assert Scorer.from_config("pmo/valsartan_smarts")([smiles]).total[0] == pytest.approx(expected, rel=1e-6)
