import pytest
from rdkit import Chem
from rdkit.Chem import QED

from molgen.chem.druglikeness import qed
from tests.conftest import ASPIRIN, UNUSUAL


def test_equals_rdkits(samples: list[str]) -> None:
    for smiles in (*samples, *UNUSUAL):
        mol = Chem.MolFromSmiles(smiles)
        assert qed(mol) == pytest.approx(QED.qed(mol), abs=1e-12)


def test_explicit_hydrogens_do_not_count() -> None:
    mol = Chem.MolFromSmiles(ASPIRIN)
    assert qed(Chem.AddHs(mol)) == pytest.approx(QED.qed(mol), abs=1e-12)


def test_aspirin_has_its_published_value() -> None:
    assert qed(Chem.MolFromSmiles(ASPIRIN)) == pytest.approx(0.550, abs=5e-4)
