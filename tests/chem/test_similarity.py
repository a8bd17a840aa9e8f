import numpy as np
import pytest
from rdkit import Chem, DataStructs

from molgen.chem.graphs import ATOM_FIELDS, BOND_FIELDS, batch, graph, one_hot
from molgen.chem.similarity import BLOCK, GENERATORS, bit_matrix, nearest_neighbours, tanimoto_matrix


@pytest.mark.parametrize("kind", GENERATORS)
def test_similarities_equal_rdkits(kind: str, samples: list[str]) -> None:
    mols = [Chem.MolFromSmiles(text) for text in samples[:30]]
    bits = bit_matrix(mols, kind)
    prints = [GENERATORS[kind].GetFingerprint(mol) for mol in mols]
    expected = [DataStructs.BulkTanimotoSimilarity(one, prints) for one in prints]
    np.testing.assert_allclose(tanimoto_matrix(bits, bits), expected, atol=1e-6)


def test_the_nearest_is_found_across_blocks(samples: list[str]) -> None:
    bits = bit_matrix([Chem.MolFromSmiles(text) for text in samples])
    many = np.concatenate([np.zeros((BLOCK, bits.shape[1]), np.uint8), bits])
    similarity, index = nearest_neighbours(many[-20:], many)
    np.testing.assert_allclose(similarity, 1, atol=1e-6)
    np.testing.assert_array_equal(many[index], many[-20:])


def test_a_missing_molecule_resembles_nothing() -> None:
    bits = bit_matrix([None, Chem.MolFromSmiles("CCO")])
    assert tanimoto_matrix(bits, bits)[0].tolist() == [0, 0]


def test_a_graph_has_every_bond_in_both_directions() -> None:
    toluene = graph(Chem.MolFromSmiles("Cc1ccccc1"))
    assert toluene.x.shape == (7, len(ATOM_FIELDS))
    assert toluene.edge_index.shape == (2, 14)
    assert toluene.edge_attr.shape == (14, len(BOND_FIELDS))
    pairs = {tuple(pair) for pair in toluene.edge_index.T.tolist()}
    assert pairs == {(b, a) for a, b in pairs}
    assert one_hot(toluene.x, ATOM_FIELDS).sum() == 7 * len(ATOM_FIELDS)
    assert toluene.x[1:, 5].tolist() == [1] * 6  # aromatic
    both = batch([Chem.MolFromSmiles("[Na+]"), Chem.MolFromSmiles("CC")])
    assert both.batch.tolist() == [0, 1, 1]
