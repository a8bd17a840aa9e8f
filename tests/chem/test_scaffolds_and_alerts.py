import pytest
from rdkit import Chem

from molgen.chem.alerts import alerts
from molgen.chem.scaffolds import murcko
from molgen.errors import ConfigError


@pytest.mark.parametrize(
    ("smiles", "scaffold"),
    [
        ("CC(=O)Oc1ccccc1C(=O)O", "c1ccccc1"),
        ("O=C(NCc1ccccc1)C1CCNCC1", "O=C(NCc1ccccc1)C1CCNCC1"),
        ("CCCCCC", ""),
    ],
)
def test_murcko_scaffolds_keep_rings_and_linkers(smiles: str, scaffold: str) -> None:
    assert murcko(Chem.MolFromSmiles(smiles)) == scaffold


def test_generic_scaffolds_forget_elements_and_bond_orders() -> None:
    pyridine, cyclohexanone = Chem.MolFromSmiles("Cc1ccncc1"), Chem.MolFromSmiles("O=C1CCCCC1")
    assert murcko(pyridine, generic=True) == murcko(cyclohexanone, generic=True) == "C1CCCCC1"


def test_a_quinone_raises_the_quinone_alert() -> None:
    assert any("quinone" in name for name in alerts(Chem.MolFromSmiles("CC1=CC(=O)C=CC1=O"), "PAINS"))
    assert alerts(Chem.MolFromSmiles("CCO"), "PAINS") == []


def test_an_unknown_catalogue_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'PAINS'"):
        alerts(Chem.MolFromSmiles("C"), "PAIN")
