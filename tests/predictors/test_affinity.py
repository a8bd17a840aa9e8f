from pathlib import Path

import numpy as np
import pytest

from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.data.affinity import Pairs, merge_pairs
from molgen.errors import ConfigError, DataError
from molgen.learn.trainer import Trainer
from molgen.predictors.affinity import AffinityPredictor
from molgen.predictors.affinity_kernel import FINGERPRINTS, AffinityKernel
from molgen.predictors.pair_network import encode_residues, pair_batches
from molgen.predictors.proteins import likeness, resolve

KNOWN = {
    "ABL1": "MLEICLKLVGCKSKKGLSSSSSCYLEEALQ",
    "ABL1(T315I)": "MLEICLKLVGCKSKKGLSSSSSCYLEEALQ",
    "KIT": "MRGARGAWDFLCVLLLLLRVQTGSSQPSVS",
}


def test_the_process_equals_a_dense_solution(pairs: Pairs) -> None:
    """The same regression with the matrix of all pairs written out."""
    bits = {name: bit_matrix(Molecules(pairs.drugs).mols, name) for name in FINGERPRINTS}
    alike = likeness(pairs.sequences, pairs.sequences)
    known = pairs.take(np.random.default_rng(0).permutation(len(pairs))[:150])
    kernel = AffinityKernel(iterations=1000)
    kernel.fit(known, bits, alike)

    drugs = {name: tanimoto_matrix(bits[name], bits[name]).astype(float) for name in FINGERPRINTS}
    drugs |= {"identity": np.eye(40), "constant": np.ones((40, 40))}
    targets = {"sequence": alike.astype(float) ** kernel.sharpness, "identity": np.eye(5), "constant": np.ones((5, 5))}

    def covariance(a: Pairs, b: Pairs) -> np.ndarray:
        return sum(
            weight * drugs[left][np.ix_(a.drug, b.drug)] * targets[right][np.ix_(a.target, b.target)]
            for left, row in kernel.weights.items()
            for right, weight in row.items()
        )

    mean, std = known.affinity.mean(), known.affinity.std()
    solved = np.linalg.solve(covariance(known, known) + kernel.noise * np.eye(150), (known.affinity - mean) / std)
    expected = mean + std * covariance(pairs, known) @ solved
    for target in range(5):
        rows = pairs.target == target
        encoded = kernel.encode(alike[target], np.eye(5, dtype=np.float32)[target])
        found = kernel.predict(encoded, {name: drugs[name].astype(np.float32) for name in FINGERPRINTS}, np.arange(40))
        np.testing.assert_allclose(found, expected[rows], atol=2e-3)


def test_names_are_found_whatever_their_case_and_the_nearest_is_suggested() -> None:
    assert resolve("abl1(t315i)", KNOWN)[0] == "ABL1(T315I)"
    with pytest.raises(ConfigError, match=r"did you mean 'ABL1"):
        resolve("ABL1(T315", KNOWN)


def test_sequences_and_fasta_files_are_targets(tmp_path: Path) -> None:
    path = tmp_path / "kit.fasta"
    path.write_text(f">sp|P10721\n{KNOWN['KIT'][:15]}\n{KNOWN['KIT'][15:]}\n>another\nAAAA\n")
    assert resolve(str(path), KNOWN) == (None, KNOWN["KIT"])
    assert resolve(KNOWN["KIT"].lower(), KNOWN) == (None, KNOWN["KIT"])
    (tmp_path / "empty.fasta").write_text("")
    with pytest.raises(DataError, match="no sequence"):
        resolve(str(tmp_path / "empty.fasta"), KNOWN)
    with pytest.raises(DataError, match="No such file"):
        resolve("nowhere.fasta", KNOWN)


@pytest.mark.parametrize("name", ["ABL1(T315I)-phosphorylated, human", "KITT"])
def test_what_is_neither_name_nor_sequence_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="no such target"):
        resolve(name, KNOWN)


@pytest.mark.parametrize(("letter", "position"), [("Ä", 3), ("1", 20), ("-", 13)])
def test_foreign_letters_are_named_with_their_place(letter: str, position: int) -> None:
    sequence = "MLEICLKLVGCKSKKGLSSSSSCYLEEALQ"
    with pytest.raises(ConfigError, match=f"'{letter}' at position {position} "):
        resolve(sequence[: position - 1] + letter + sequence[position:], KNOWN)


def test_errors_are_learnt_of_pairs_that_leave_listed_drugs_and_targets_out(pairs: Pairs) -> None:
    """The process alone; a fifth of the drugs and one sequence are listed, but in none of the pairs learnt from."""
    new_drug, new_target = pairs.drug % 5 == 0, pairs.target >= 3
    known, asked = (pairs.take(np.flatnonzero(rows)) for rows in (~new_drug & ~new_target, new_drug & ~new_target))
    predictor = AffinityPredictor(Trainer(""), kernel_share=1.0, kernel_share_new=1.0)
    predictor.fit(known)
    figures = predictor.measure(asked, known)
    mean = predictor.models.score_pairs(asked, known)[0]
    assert figures["MSE"] == pytest.approx(np.mean((asked.affinity - mean) ** 2))
    assert 0.6 < figures["coverage"] <= 1
    assert 0 < figures["in domain"] <= 1


def test_likeness_is_one_for_the_same_sequence_and_by_hand_for_short_ones() -> None:
    """BLOSUM62 by hand: WWWW with itself 4 x 11, WWWW against WWRWW 2 x 11 + 2 x 11 - 11 (one gap) = 33."""
    found = likeness(["WWWW", "WWRWW"], ["WWWW"])
    assert found[0, 0] == pytest.approx(1)
    assert found[1, 0] == pytest.approx(33 / np.sqrt(44 * 49))


def test_residues_are_numbered_and_cut() -> None:
    rows = encode_residues(["ACX", "A" * 2000])
    assert rows[0, :5].tolist() == [1, 2, 21, 0, 0]
    assert rows.shape == (2, 1200)


def test_batches_hold_every_pair_at_most_once_and_few_drugs(pairs: Pairs) -> None:
    batches = pair_batches(pairs.drug, 20, 4, seed=0, epoch=0)
    rows = np.concatenate([part.numpy() for part in batches])
    assert len(rows) == len(set(rows.tolist())) == 200
    assert max(len(set(pairs.drug[part.numpy()].tolist())) for part in batches) <= 8
    again = pair_batches(pairs.drug, 20, 4, seed=0, epoch=1)
    assert not np.array_equal(rows, np.concatenate([part.numpy() for part in again]))


def test_merged_sets_share_drugs_and_sequences_and_keep_the_first_value() -> None:
    def one(drugs: tuple[str, ...], targets: tuple[str, ...], sequences: tuple[str, ...], values: list[float]) -> Pairs:
        drug, target = (part.ravel() for part in np.meshgrid(np.arange(len(drugs)), np.arange(len(targets)), indexing="ij"))
        return Pairs(drugs, targets, sequences, drug, target, np.array(values))

    first = one(("CCO", "CCN"), ("ABL1p", "ABL1"), ("MLEI", "MLEI"), [5, 6, 7, 8])
    second = one(("CCN", "CCC"), ("P00519", "P10721"), ("MLEI", "MRGA"), [1, 2, 3, 4])
    merged, aliases = merge_pairs(first, second)
    assert merged.drugs == ("CCO", "CCN", "CCC")
    assert set(merged.targets) == {"ABL1p", "ABL1", "P10721"}
    assert aliases == {"P00519": "MLEI"}
    found = {(merged.drugs[i], merged.targets[j]): a for i, j, a in zip(merged.drug, merged.target, merged.affinity, strict=True)}
    assert found[("CCN", "ABL1")] == 8
    assert found[("CCC", "ABL1")] == 3
    assert found[("CCN", "P10721")] == 2
