"""Routes at random, changed and crossed."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from molgen.errors import DataError
from molgen.synthesis.chemist import chemist_of
from molgen.synthesis.edits import LARGEST, RouteEditor
from molgen.synthesis.reaction import tautomers
from molgen.synthesis.route import SynthesisRoute, written
from tests.search import small

Edit = Callable[[RouteEditor, SynthesisRoute, SynthesisRoute, np.random.Generator], SynthesisRoute | None]


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> RouteEditor:
    return RouteEditor(chemist_of(str(small.stock(tmp_path_factory.mktemp("stock") / "blocks.csv"))), steps=3)


@pytest.fixture(scope="module")
def routes(editor: RouteEditor) -> list[SynthesisRoute]:
    rng = np.random.default_rng(0)
    return [route for _ in range(60) if (route := editor.random(rng)) is not None]


def right(route: SynthesisRoute) -> bool:
    """Whether all reactions of a route give what it says, from blocks of the stock."""
    for step in route.reactions():
        assert step.reaction is not None
        made = step.reaction.run([Chem.MolFromSmiles(part.smiles) for part in step.reactants])
        if made is None or tautomers(Chem.MolFromSmiles(made)) != tautomers(Chem.MolFromSmiles(step.smiles)):
            return False
    return {block.smiles for block in route.blocks} <= {Chem.CanonSmiles(text) for text in small.BLOCKS.split()}


def test_random_routes_are_right_short_and_of_small_molecules(routes: list[SynthesisRoute]) -> None:
    assert len(routes) > 50
    assert len({route.smiles for route in routes}) > 45
    for route in routes:
        assert right(route)
        assert 1 <= route.steps <= 3
        assert Chem.MolFromSmiles(route.smiles).GetNumHeavyAtoms() <= LARGEST


def test_reactions_that_few_blocks_undergo_do_not_prevail(editor: RouteEditor) -> None:
    """In a stock of simple blocks, most syntheses are acylations, alkylations and couplings."""
    rng = np.random.default_rng(1)
    drawn = Counter(route.reaction.kind for _ in range(200) if (route := editor.random(rng)) and route.reaction)
    rings = sum(each.kind == "ring formation" for each in editor.first) / len(editor.first)
    assert drawn["ring formation"] / drawn.total() < rings


@pytest.mark.parametrize(
    ("edit", "least"),
    [
        (lambda editor, route, other, rng: editor.mutant(route, rng), 0.95),
        (lambda editor, route, other, rng: editor.crossed(route, other, rng), 0.6),
        (lambda editor, route, other, rng: editor.with_other_block(route, rng), 0.6),
        (lambda editor, route, other, rng: editor.with_branch(route, other, rng), 0.2),
        (lambda editor, route, other, rng: editor.joined(route, other, rng), 0.3),
    ],
    ids=["mutant", "crossed", "with_other_block", "with_branch", "joined"],
)
def test_edits_give_right_routes_and_often(editor: RouteEditor, routes: list[SynthesisRoute], edit: Edit, least: float) -> None:
    rng = np.random.default_rng(0)
    found = [edit(editor, route, other, rng) for route, other in zip(routes, reversed(routes), strict=True)]
    made = [route for route in found if route is not None]
    assert len(made) >= least * len(found)
    assert all(right(route) for route in made)


def test_mutants_and_crossings_are_new_and_short(editor: RouteEditor, routes: list[SynthesisRoute]) -> None:
    rng = np.random.default_rng(0)
    for route, other in zip(routes, reversed(routes), strict=True):
        mutant, crossed = editor.mutant(route, rng), editor.crossed(route, other, rng)
        assert mutant is None or mutant.smiles != route.smiles
        assert crossed is None or crossed.smiles not in (route.smiles, other.smiles)
        assert all(1 <= made.steps <= 3 for made in (mutant, crossed) if made is not None)


def test_a_route_cut_or_grown_is_a_step_shorter_or_longer(editor: RouteEditor, routes: list[SynthesisRoute]) -> None:
    rng = np.random.default_rng(0)
    grown = [(route, made) for route in routes if route.steps < 3 and (made := editor.grown(route, rng))]
    assert grown
    assert all(made.steps == route.steps + 1 for route, made in grown)
    cut = [(route, made) for route in routes if route.steps > 1 and (made := editor.cut(route, rng))]
    assert cut
    assert all(made.steps < route.steps and right(made) for route, made in cut)


def test_a_route_from_a_block_has_that_block(editor: RouteEditor) -> None:
    rng = np.random.default_rng(0)
    block = editor.chemist.bought(
        editor.first[0].roles[0], editor.chemist.index.block(int(editor.rows(editor.first[0].roles[0])[0])).smiles
    )[0]
    found = [route for _ in range(20) if (route := editor.random(rng, block))]
    assert found
    assert all(block.block in route.blocks for route in found)


def test_the_same_seed_gives_the_same_routes(editor: RouteEditor) -> None:
    again = RouteEditor(editor.chemist, steps=3)
    some, same = ([written(each.random(np.random.default_rng(5))) for _ in range(1)] for each in (editor, again))
    assert some == same


def test_a_route_is_read_as_it_was_written(editor: RouteEditor, routes: list[SynthesisRoute]) -> None:
    assert all(written(editor.read(written(route))) == written(route) for route in routes)


def test_a_stock_in_which_nothing_reacts_is_named(tmp_path: Path) -> None:
    path = tmp_path / "alkanes.smi"
    path.write_text("CCC\nCCCC\nCCCCC\n")
    with pytest.raises(DataError, match=r"alkanes\.smi: no reaction of two reactants finds both in it"):
        RouteEditor(chemist_of(str(path)))
