"""Rounds of compounds with routes."""

import shutil
from collections.abc import Mapping
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from rdkit import Chem
from rdkit.Chem.Descriptors import MolWt

from benchmarks.check_routes import OWN, check, read_reactions, read_stock
from molgen.chem.scaffolds import scaffold_of
from molgen.cli.commands import main
from molgen.errors import ConfigError
from molgen.project.facts import Proposed
from molgen.project.overview import write_page
from molgen.project.project import Project
from molgen.project.proposals import batch_of
from molgen.project.proposing import propose
from molgen.project.round_settings import Proposing
from molgen.synthesis.trees import blocks_of, price_of, sentence, steps_of, tree_of
from tests.project.conftest import table
from tests.project.test_page import SPRING
from tests.synthesis.conftest import BLOCKS

MEASURED = {"COc1ccc(C(=O)NCc2ccc(Br)cc2)cc1": "6", "COC(=O)c1ccc(NC(C)=O)cc1": "5", "CC(=O)Nc1ccc(O)cc1": "4"}
ROUND = {"origin": "routes", "budget": 24, "steps": 2, "near": 0.0}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a round of six, beside it a copy from before the round."""
    folder = tmp_path_factory.mktemp("rounds")
    (folder / "blocks.csv").write_text(BLOCKS)
    (folder / "goals.yaml").write_text("goals: {potency: {measured: pIC50, at_least: 8}}")
    made, _ = Project.new(folder / "p", folder / "goals.yaml")
    made.observe(table(smiles=list(MEASURED), pIC50=list(MEASURED.values())))
    shutil.copytree(folder / "p", folder / "copy" / "p")
    propose(made, Proposing(6, stock=str(folder / "blocks.csv"), **ROUND))
    return made


def trees(facts: list[Proposed]) -> list[dict[str, Any]]:
    return [tree_of(dict(fact.values)["route"]) for fact in facts]


def test_every_proposal_has_a_route_that_others_can_check(project: Project) -> None:
    reactions, sold = read_reactions(sorted(OWN.glob("*.yaml"))), read_stock(project.folder.parent / "blocks.csv")
    facts = project.propositions(1)
    assert len(facts) == 6
    for fact, tree in zip(facts, trees(facts), strict=True):
        assert check(tree, reactions, sold) in (1, 2)
        assert Chem.MolFromSmiles(tree["smiles"]).GetNumHeavyAtoms() == Chem.MolFromSmiles(fact.compound).GetNumHeavyAtoms()
        price = price_of(tree)
        assert dict(fact.values).get("price") == (price if price >= 0 else None)
    assert not {fact.compound for fact in facts} & set(MEASURED)


def test_the_command_gives_the_same_round_with_what_to_order(project: Project) -> None:
    root = project.folder.parent
    words = ["n=6", "from=routes", f"stock={root / 'blocks.csv'}", "budget=24", "steps=2", "near=0", "scale=0.2", "yield=0.5"]
    done = CliRunner().invoke(main, ["propose", str(root / "copy" / "p"), *words])
    assert done.exit_code == 0, done.output
    facts = Project.open(root / "copy" / "p").propositions(1)
    assert [fact.compound for fact in facts] == [fact.compound for fact in project.propositions(1)]
    folder = root / "copy" / "p" / "rounds" / "001"
    assert done.output.rstrip().endswith(f"order: {folder / 'order.csv'}")
    routes = {fact.name: tree for fact, tree in zip(facts, trees(facts), strict=True)}

    order = pd.read_csv(folder / "order.csv").set_index("block")
    wanted: dict[str, float] = {}
    for tree in routes.values():
        for block, mmol in amounts(tree, 0.2).items():
            wanted[block] = wanted.get(block, 0) + mmol
    assert order["amount mmol"].to_dict() == pytest.approx(wanted, abs=1e-4)
    for block, row in order.iterrows():
        assert row["amount mg"] == pytest.approx(wanted[str(block)] * MolWt(Chem.MolFromSmiles(block)), abs=0.02)
        assert row["for"].split(", ") == [name for name, tree in routes.items() if block in amounts(tree, 1)]

    frame = pd.read_csv(folder / "proposals.csv").set_index("id")
    for name, tree in routes.items():
        assert frame.loc[name, ["route", "steps"]].tolist() == [sentence(tree), len(list(steps_of(tree)))]
        assert frame.loc[name, "blocks"].split(", ") == [block["id"] for block in blocks_of(tree)]
    sheet = openpyxl.load_workbook(folder / "proposals.xlsx")["batch"]
    assert {"route", "steps", "price of blocks", "blocks", "shares"} <= {cell.value for cell in sheet[1]}
    assert "made in" in (folder / "proposals.sdf").read_text()
    page = (folder / "proposals.html").read_text()
    assert all(f'<div class="card route" id="route-{name}">' in page and f'href="#route-{name}"' in page for name in routes)


def amounts(tree: Mapping[str, Any], mmol: float) -> dict[str, float]:
    """Of each block, with a yield of a half per step."""
    if "reaction" not in tree:
        return {tree["smiles"]: mmol}
    found: dict[str, float] = {}
    for part in tree["reactants"]:
        for block, own in amounts(part, 2 * mmol).items():
            found[block] = found.get(block, 0) + own
    return found


def test_the_project_page_draws_the_routes_of_what_is_proposed_and_pending(project: Project) -> None:
    page = write_page(project, SPRING).read_text()
    for fact, tree in zip(project.propositions(1), trees(project.propositions(1)), strict=True):
        assert f'<div class="card route" id="route-{fact.name}">' in page
        for block in blocks_of(tree):
            assert f">{block['id']}<" in page


def test_a_second_round_keeps_to_what_is_known_and_to_limits(project: Project) -> None:
    pending = {fact.compound for fact in project.propositions(1)}
    crossed_out = project.propositions(1)[0]
    project.observe(table(id=crossed_out.name, reason="no"), rejected=True)
    settings = Proposing(
        4, stock=str(project.folder.parent / "blocks.csv"), per_scaffold=1, controls=1, spend=40.0, price_limit=20.0,
        without=("amide coupling",), **ROUND,
    )  # fmt: skip
    found = propose(project, settings)
    control = [fact for fact in found if fact.is_repeated]
    assert (len(found), len(control)) == (4, 1)
    assert dict(control[0].values).get("route") is None
    made = [fact for fact in found if not fact.is_repeated]
    assert not {fact.compound for fact in made} & {*pending, *MEASURED}
    assert len({scaffold_of(fact.compound) for fact in made}) == 3
    assert not {step["reaction"] for tree in trees(made) for step in steps_of(tree)} & {"amide coupling"}
    prices = [price_of(tree) for tree in trees(made)]
    assert (max(prices) <= 20, sum(prices) <= 40) == (True, True)
    batch = batch_of(project, 2)
    assert batch.routes[3] is None
    assert batch.to_pandas()["route"].tolist()[3] == ""


def test_a_reaction_that_there_is_not_is_called_by_its_setting(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"^only: no reaction or class of reactions is 'amide couplin', did you mean"):
        propose(project, Proposing(4, stock=str(project.folder.parent / "blocks.csv"), only=("amide couplin",), **ROUND))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"stock": "real_blocks"}, "stock=real_blocks: goes with from=routes"),
        ({"steps": 2, "origin": "library", "library": "x.smi"}, "steps=2: goes with from=routes"),
        ({"origin": "routes", "steps": 0}, "steps: must be at least 1"),
        ({"origin": "routes", "price_limit": 0.0}, "price_limit: must be above 0"),
        ({"origin": "routes", "library": "x.smi"}, "library=x.smi: goes with from=library or from=both"),
        ({"origin": "routes", "shared": -1.0}, "shared: must be at least 0"),
        ({"origin": "routes", "yield_": 2.0}, "yield: must be between 0.01 and 1"),
        ({"origin": "route"}, "from=route: no such thing, did you mean 'routes'"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=f"^{said}"):
        Proposing(**settings)
