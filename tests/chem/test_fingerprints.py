import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdMolDescriptors
from rdkit.Chem.Pharm2D import Generate, Gobbi_Pharm2D

from molgen.chem.fingerprints import FINGERPRINTS, Near, fingerprint, tanimoto
from molgen.errors import ConfigError
from tests.conftest import ASPIRIN, UNUSUAL

# RDKit's older functions, by which GuacaMol and PMO define their similarities.
OLD_WAY = {
    "ECFP4": lambda mol: rdMolDescriptors.GetMorganFingerprint(mol, 2),
    "ECFP6": lambda mol: rdMolDescriptors.GetMorganFingerprint(mol, 3),
    "FCFP4": lambda mol: rdMolDescriptors.GetMorganFingerprint(mol, 2, useFeatures=True),
    "FCFP6": lambda mol: rdMolDescriptors.GetMorganFingerprint(mol, 3, useFeatures=True),
    "AP": lambda mol: rdMolDescriptors.GetAtomPairFingerprint(mol, maxLength=10),
    "PHCO": lambda mol: Generate.Gen2DFingerprint(mol, Gobbi_Pharm2D.factory),
}


@pytest.mark.parametrize("kind", FINGERPRINTS)
def test_similarities_equal_those_of_rdkits_older_functions(kind: str, samples: list[str]) -> None:
    mols = [Chem.MolFromSmiles(smiles) for smiles in (*samples[:25], *UNUSUAL)]
    target = Chem.MolFromSmiles(ASPIRIN)
    ours = tanimoto(fingerprint(target, kind), [fingerprint(mol, kind) for mol in mols])
    theirs = [DataStructs.TanimotoSimilarity(OLD_WAY[kind](target), OLD_WAY[kind](mol)) for mol in mols]
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("kind", FINGERPRINTS)
def test_a_molecule_is_like_itself_and_a_missing_one_is_nan(kind: str) -> None:
    aspirin = fingerprint(Chem.MolFromSmiles(ASPIRIN), kind)
    np.testing.assert_equal(tanimoto(aspirin, [aspirin, None]), [1, np.nan])


def test_an_unknown_kind_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'ECFP4'"):
        fingerprint(Chem.MolFromSmiles("C"), "ECFP_4")


@pytest.mark.parametrize("kind", ["ECFP4", "AP"])
def test_the_similarity_to_the_nearest_of_many_is_the_largest_to_any(kind: str, samples: list[str]) -> None:
    """By RDKit's comparison of each with each, to the last bit."""
    prints = [fingerprint(Chem.MolFromSmiles(text), kind) for text in ["C", *UNUSUAL, *samples[:80]]]
    others = [*prints[::2], prints[0]]
    near = Near(others)
    one_by_one = [max(DataStructs.BulkTanimotoSimilarity(each, others)) for each in prints]
    assert [near.similarity(each) for each in prints] == one_by_one
    assert Near(prints[:1]).similarity(fingerprint(Chem.MolFromSmiles("[Na+]"), kind)) == 0
