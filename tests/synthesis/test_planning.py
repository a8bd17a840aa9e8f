"""Routes backwards: what is found in a small stock, in which order, and what else could be done."""

from pathlib import Path

import pytest

from molgen.errors import ConfigError
from molgen.synthesis.alternatives import alternatives
from molgen.synthesis.chemist import Chemist, chemist_of
from molgen.synthesis.clock import OutOfTimeError
from molgen.synthesis.planning import Planner
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.steps import doubts, isomers_formed, protections, way

BIARYL = "COc1ccc(C(=O)NCc2ccc(-c3cccnc3)cc2)cc1"  # by a Suzuki coupling and an amide coupling, in one order or the other
AMIDE = "COc1ccc(C(=O)N[C@@H](C)c2ccccc2)cc1"


@pytest.fixture(scope="module")
def planner(chemist: Chemist) -> Planner:
    return Planner(chemist)


def test_the_first_route_is_the_shortest_by_the_cheapest_blocks(planner: Planner) -> None:
    first = planner(BIARYL)[0]
    assert first.smiles == BIARYL
    assert first.steps == 2
    assert {block.id for block in first.blocks} == {"B-1", "B-4", "B-5"}
    assert first.price == 10 + 15 + 5


def test_no_two_routes_make_the_same_bonds_in_the_same_order(planner: Planner) -> None:
    found = planner(BIARYL)
    assert len(found) >= 2
    assert len({way(route) for route in found}) == len(found)
    assert [route.steps for route in found] == sorted(route.steps for route in found)


def test_every_step_is_what_its_reaction_gives(planner: Planner, chemist: Chemist) -> None:
    for route in planner(BIARYL):
        for step in route.reactions():
            assert step.reaction is not None
            assert chemist.product(step.reaction, tuple(part.smiles for part in step.reactants)) == step.smiles
        assert all(block.id.startswith("B-") for block in route.blocks)


def test_what_can_be_bought_is_a_route_of_no_steps(planner: Planner) -> None:
    first = planner("Nc1ccc(O)cc1")[0]
    assert first.steps == 0
    assert first.block is not None
    assert first.block.id == "B-10"


def test_a_longer_route_isn_t_found_within_fewer_steps(chemist: Chemist) -> None:
    assert Planner(chemist, steps=1)(BIARYL) == []


def test_stereo_has_to_be_what_is_wanted(planner: Planner) -> None:
    made = planner(AMIDE)[0]  # C[C@H](N)c1ccccc1 in stock: written from the nitrogen, the same centre is [C@@H]
    assert made.smiles == AMIDE
    assert {block.id for block in made.blocks} == {"B-5", "B-9"}
    assert planner(AMIDE.replace("@@", "@")) == []
    assert planner(AMIDE.replace("[C@@H]", "C"))[0].smiles == AMIDE  # either will do where none is drawn


def test_a_molecule_that_no_reaction_gives_has_no_route(planner: Planner) -> None:
    assert planner("C1CC2CC1CC2") == []
    assert planner("[Xe]") == []


def test_suggestions_begin_with_what_can_be_bought(planner: Planner) -> None:
    first = planner.suggestions(AMIDE)[0]
    assert first.reaction.name == "amide coupling"
    assert first.missing == ()


def test_no_steps_are_refused(chemist: Chemist) -> None:
    with pytest.raises(ConfigError, match="steps: must be at least 1"):
        Planner(chemist, steps=0)


def test_alternatives_are_other_blocks_or_reactions_for_the_same_bonds(planner: Planner, chemist: Chemist) -> None:
    route = planner(BIARYL)[0]
    coupling, amide = list(route.reactions())
    others = alternatives(chemist, coupling)
    assert [{block.id for block in other.blocks} for other in others if other.name == "Suzuki coupling"] == [
        {"B-1", "B-3"},
        {"B-2", "B-4"},
        {"B-2", "B-3"},
    ]  # the cheapest first
    assert [other.name for other in alternatives(chemist, amide)] == ["amide from an acid chloride"]
    for other in [*others, *alternatives(chemist, amide)]:
        assert other.smiles in (coupling.smiles, amide.smiles)


def test_a_doubt_names_the_group_and_the_reactant_that_has_it(planner: Planner, chemist: Chemist) -> None:
    route = next(each for each in planner("CC(=O)Nc1ccc(O)cc1") if each.steps)  # the phenol may be acylated as well
    assert route.reaction is not None
    assert doubts(route.reaction, [chemist.mol(part.smiles) for part in route.reactants]) == [("phenol", 1)]
    amide = planner(AMIDE)[0]
    assert amide.reaction is not None
    assert doubts(amide.reaction, [chemist.mol(part.smiles) for part in amide.reactants]) == []


@pytest.mark.parametrize(
    ("protect", "groups", "said"),
    [
        ("aliphatic amines as Boc", ["phenol"], []),
        ("aliphatic amines as Boc", ["aniline", "boc amine"], []),
        ("aliphatic amines as Boc", ["secondary amine"], ["aliphatic amines as Boc"]),
        ("amines as Boc, acids as esters", ["aniline"], ["amines as Boc"]),
        ("amines as Boc, acids as esters", ["carboxylic acid", "phenol"], ["acids as esters"]),
        ("the aniline as its mesylate", ["aniline"], ["the aniline as its mesylate"]),
        ("second alcohols as silyl ethers", ["alcohol"], ["second alcohols as silyl ethers"]),
        ("amines as ketone adducts", ["ketone", "[OX2"], []),
        ("amines as Boc", [], []),
        ("carboxylates as esters, amines as Boc", ["phenol"], ["carboxylates as esters"]),  # in a team's own words
    ],
)
def test_a_protection_is_said_of_the_groups_that_it_is_for(protect: str, groups: list[str], said: list[str]) -> None:
    assert protections(Reaction("", "", "[C:1]>>[C:1]O", protect=protect), groups) == said


def test_a_search_ends_with_its_time_and_the_next_has_its_own(planner: Planner, chemist: Chemist) -> None:
    (amide,) = planner(AMIDE, 1)
    hurried = Chemist(chemist.reactions, chemist.index)  # who remembers nothing yet
    search = Planner(hurried)
    with hurried.clock.within(0.0):
        assert search(AMIDE) == []
        assert search.stopped
        with pytest.raises(OutOfTimeError), hurried.clock.within(60.0):
            alternatives(hurried, amide)
    assert search(AMIDE, 1) == [amide]
    assert not search.stopped
    assert alternatives(hurried, amide)


@pytest.mark.parametrize(
    ("azole", "several"),
    [
        ("Cc1cc[nH]n1", True),  # 3- and 5-methylpyrazole
        ("Cc1c[nH]cn1", True),  # 4- and 5-methylimidazole
        ("c1ccc2[nH]ncc2c1", True),  # 1H- and 2H-indazole
        ("Cc1n[nH]c(C)c1", False),  # either nitrogen gives the same
        ("c1ccc2[nH]cnc2c1", False),
        ("c1ccc2[nH]ccc2c1", False),  # one nitrogen
    ],
)
@pytest.mark.parametrize(
    ("name", "partner"), [("N-alkylation of an azole", "CCBr"), ("Chan-Lam coupling of an azole", "OB(O)c1ccccc1")]
)
def test_an_azole_that_reacts_at_two_nitrogens_gives_regioisomers(
    chemist: Chemist, name: str, partner: str, azole: str, several: bool
) -> None:
    reaction = chemist.by_name[name]
    mols = [chemist.mol(text) for text in (partner, azole)]
    reactants = mols if reaction.roles[1].fits(mols[1]) else mols[::-1]
    told = isomers_formed(reaction, reactants)
    assert told == [f"regioisomers form, as another nitrogen of the azole in {azole} may react"] * several
    assert reaction.run(reactants) is not None


def test_an_azole_elsewhere_in_a_reactant_gives_no_regioisomers(chemist: Chemist) -> None:
    acid, amine = chemist.mol("Cc1cc(C(=O)O)[nH]n1"), chemist.mol("NCc1ccccc1")
    assert isomers_formed(chemist.by_name["amide coupling"], [acid, amine]) == []


def test_routes_that_differ_by_the_hydrogen_of_an_azole_are_the_same(tmp_path: Path) -> None:
    blocks = tmp_path / "blocks.csv"
    blocks.write_text("smiles\nCOc1c(C)cnc(CCl)c1C\nCOc1ccc2[nH]c(S)nc2c1\n")
    omeprazole = Planner(chemist_of(str(blocks)))("COc1ccc2[nH]c(S(=O)Cc3ncc(C)c(OC)c3C)nc2c1")
    assert [route.steps for route in omeprazole] == [2]
