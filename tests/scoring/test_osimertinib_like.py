"""The default objective."""

import pytest

from molgen import Scorer

OSIMERTINIB = "COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc2nccc(n2)c3cn(C)c4ccccc34"


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.from_config("osimertinib_like")


def test_prefers_a_soluble_relative_to_the_drug_itself_and_to_a_stranger(scorer: Scorer) -> None:
    pyrazole = "C=CC(=O)Nc1cc(Nc2nccc(-c3cnn(C)c3)n2)c(OC)cc1N1CCN(C)CC1"
    ibuprofen_anilide = "CC(C)Cc1ccc(C(C)C(=O)Nc2ccccc2)cc1"
    relative, drug, stranger = scorer([pyrazole, OSIMERTINIB, ibuprofen_anilide]).total
    assert relative > 0.9
    assert relative > drug > stranger


@pytest.mark.parametrize(
    ("group", "strained"),
    [
        ("C3=CNC4=C3C=C4", True),  # a cyclobutadiene
        ("-c3cn4CC5=C6C(CC5)c3c64", True),  # a cage around a pyrrole
        ("C3CCC3", False),
        ("C34CC(C3)C4", False),  # bicyclo[1.1.1]pentane, which chemists use
        ("-c3cn(C)c4ccccc34", False),
    ],
)
def test_refuses_strained_rings(scorer: Scorer, group: str, strained: bool) -> None:
    problem = scorer([f"C=CC(=O)Nc1cccc(Nc2nccc({group})n2)c1"]).problem[0]
    assert (problem is not None) == strained
    assert not strained or "strained_rings" in str(problem)


@pytest.mark.parametrize(
    ("amine", "refused"),
    [
        ("N(C)CCN(C)C", False),  # osimertinib's
        ("N5CC5", True),  # an aziridine
        ("N(C)CN", True),  # an aminal
        ("OOC", True),  # a peroxide
        ("OCOC", True),  # an acetal
        ("N5COCC5", False),  # an oxazolidine ring is left to other filters
        ("OC(F)F", False),
    ],
)
def test_refuses_unstable_groups(scorer: Scorer, amine: str, refused: bool) -> None:
    problem = scorer([OSIMERTINIB.replace("N(C)CCN(C)C", amine, 1)]).problem[0]
    assert (problem is not None) == refused
    assert not refused or "unstable" in str(problem)
