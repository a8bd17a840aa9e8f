"""molgen's reactions give what textbooks say, and refuse what they must."""

import pytest

from molgen.synthesis.reaction import Reaction
from molgen.synthesis.reaction_files import check_examples, check_smarts, own_reactions


@pytest.mark.parametrize("reaction", own_reactions(), ids=lambda each: each.name)
def test_a_reaction_gives_its_examples_and_refuses_what_it_must(reaction: Reaction) -> None:
    assert len(reaction.examples) >= 3
    assert reaction.fails
    assert reaction.conditions
    check_smarts(reaction.smarts)
    check_examples(reaction)


def test_no_two_reactions_have_a_name_in_common() -> None:
    names = [each.name for each in own_reactions()]
    assert len(set(names)) == len(names)
