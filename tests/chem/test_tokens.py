import pytest

from molgen.chem.tokens import BOS, EOS, Vocabulary, tokenize


@pytest.mark.parametrize(
    ("smiles", "tokens"),
    [
        ("CCl", ["C", "Cl"]),
        ("BrCc1c[nH]cc1", ["Br", "C", "c", "1", "c", "[nH]", "c", "c", "1"]),
        ("C[C@@H](N)C(=O)[O-]", ["C", "[C@@H]", "(", "N", ")", "C", "(", "=", "O", ")", "[O-]"]),
        ("C%12CC%12", ["C", "%12", "C", "C", "%12"]),
        ("C%(100)CC%(100)", ["C", "%(100)", "C", "C", "%(100)"]),
    ],
)
def test_brackets_two_letter_atoms_and_large_rings_are_single_tokens(smiles: str, tokens: list[str]) -> None:
    assert tokenize(smiles) == tokens


def test_no_character_is_lost(samples: list[str]) -> None:
    assert all("".join(tokenize(smiles)) == smiles for smiles in samples)


def test_encoding_is_framed_and_reversible(samples: list[str]) -> None:
    vocabulary = Vocabulary.from_smiles(samples)
    for smiles in samples:
        indices = vocabulary.encode(smiles)
        assert indices[0] == BOS
        assert indices[-1] == EOS
        assert vocabulary.decode(indices[1:]) == smiles


def test_unknown_tokens_are_refused() -> None:
    vocabulary = Vocabulary.from_smiles(["CCO"])
    assert not vocabulary.knows("C[Pt]")
    with pytest.raises(KeyError):
        vocabulary.encode("C[Pt]")


def test_decoding_stops_at_the_first_end() -> None:
    vocabulary = Vocabulary.from_smiles(["CCO"])
    c = vocabulary.index["C"]
    assert vocabulary.decode([c, EOS, c]) == "C"
