"""Routes in words and in files."""

import json
import math
import re
from datetime import datetime

import pytest
from rdkit import Chem
from rdkit.Chem.Descriptors import MolWt
from rdkit.Chem.rdChemReactions import GetChemDrawRxnAdjustParams, ReactionFromRxnBlock, SanitizeRxn

from molgen.errors import ConfigError, DataError
from molgen.synthesis.chemist import Chemist
from molgen.synthesis.planning import Planner
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.route import SynthesisRoute, read_route, route_of, written
from molgen.synthesis.route_files import Scale, as_json, order_csv, rdf, rxn
from molgen.synthesis.stock import BuildingBlock
from molgen.synthesis.trees import in_words, tree_of

BIARYL = "COc1ccc(C(=O)NCc2ccc(-c3cccnc3)cc2)cc1"


@pytest.fixture(scope="module")
def routes(chemist: Chemist) -> list[SynthesisRoute]:
    return Planner(chemist)(BIARYL)


def test_a_route_is_read_as_it_was_written(routes: list[SynthesisRoute], chemist: Chemist) -> None:
    for route in routes:
        assert read_route(written(route), chemist.by_name) == route
        assert in_words(tree_of(written(route))) == str(route)
    assert [route_of(each, chemist.by_name) for each in json.loads(as_json(routes))] == routes


def test_a_route_in_a_sentence(routes: list[SynthesisRoute]) -> None:
    assert routes[0].sentence() == (
        f"{BIARYL} is made in 2 steps: Suzuki coupling of NCc1ccc(Br)cc1 [B-1] with CC1(C)OB(c2cccnc2)OC1(C)C [B-4], "
        "then amide coupling of COc1ccc(C(=O)O)cc1 [B-5] with NCc1ccc(-c2cccnc2)cc1."
    )
    assert SynthesisRoute("CCO", BuildingBlock("CCO", "B-0")).sentence() == "CCO can be bought [B-0]."


def test_an_order_list_scales_blocks_by_the_yields_of_the_steps_they_go_through(routes: list[SynthesisRoute]) -> None:
    table = Scale(mmol=0.5, yield_=0.8).order([routes[0].to_dict()]).set_index("id")
    assert table["amount mmol"].to_dict() == pytest.approx({"B-5": 0.5 / 0.8, "B-1": 0.5 / 0.64, "B-4": 0.5 / 0.64}, abs=1e-4)
    # NCc1ccc(Br)cc1 is C7H8BrN, 186.05 g/mol
    assert table.loc["B-1", "amount mg"] == pytest.approx(0.5 / 0.64 * 186.05, abs=0.02)
    assert table.loc["B-1", ["block", "supplier lead time", "price", "used in"]].tolist() == [
        "NCc1ccc(Br)cc1",
        "in stock",
        10,
        "Suzuki coupling",
    ]


def test_a_block_that_is_used_twice_is_ordered_once(chemist: Chemist) -> None:
    acid = SynthesisRoute("CC(=O)O", BuildingBlock("CC(=O)O", "B-11", math.nan))
    amide = chemist.by_name["amide coupling"]
    diamine = SynthesisRoute("NCCN", BuildingBlock("NCCN", "B-12"))
    half = SynthesisRoute("CC(=O)NCCN", None, amide, (acid, diamine))
    whole = SynthesisRoute("CC(=O)NCCNC(C)=O", None, amide, (acid, half))
    table = Scale(mmol=1.0, yield_=0.5).order([whole.to_dict()])
    assert table["id"].tolist() == ["B-11", "B-12"]
    assert table["amount mmol"].tolist() == [2 + 4, 4]
    assert table["amount mg"][0] == pytest.approx(6 * MolWt(Chem.MolFromSmiles("CC(=O)O")), abs=0.01)


@pytest.mark.parametrize(
    ("smiles", "form", "grams"),
    [
        ("CN", "", 31.06),
        ("CN", "CN.Cl", 67.52),  # methylamine hydrochloride
        ("NCCN", "NCCN.Cl.Cl", 133.02),  # a dihydrochloride
        ("CN", "C[NH3+].C[NH3+].O=S(=O)([O-])[O-]", 160.19 / 2),  # a hemisulfate
        ("O=C(O)c1ccccn1", "O=C([O-])c1ccccn1.[Na+]", 145.09),  # sodium picolinate
        ("O=CC(=O)O", "O=CC(=O)O.O", 92.05),  # glyoxylic acid hydrate
    ],
)
def test_a_salt_is_weighed_as_it_is_sold(smiles: str, form: str, grams: float) -> None:
    block = BuildingBlock(smiles, "B-1", 5.0, form=form)
    assert block.weight == pytest.approx(grams, abs=0.02)
    stored = SynthesisRoute(smiles, block).to_dict()
    row = Scale(mmol=2.0).order([stored]).iloc[0]
    assert (row["sold as"], row["amount mg"]) == (form, pytest.approx(2 * grams, abs=0.05))
    assert route_of(stored, {}).block == block


def test_a_batch_orders_a_block_once_for_all_compounds_that_need_it(routes: list[SynthesisRoute], chemist: Chemist) -> None:
    amine = SynthesisRoute("NCCN", BuildingBlock("NCCN", "B-12", 3.0, "2 days"))
    amide = chemist.by_name["amide coupling"]
    parts = {name: SynthesisRoute(f"{name}C(=O)O", BuildingBlock(f"{name}C(=O)O", name)) for name in ("C", "CC")}
    made = {f"p-{name}": SynthesisRoute(f"{name}C(=O)NCCN", None, amide, (part, amine)).to_dict() for name, part in parts.items()}
    table = Scale(mmol=1.0, yield_=0.5).order_of_batch(made).set_index("id")
    assert table["amount mmol"].to_dict() == {"C": 2, "B-12": 4, "CC": 2}
    assert table.loc["B-12", ["block", "supplier lead time", "price", "used in", "for"]].tolist() == [
        "NCCN", "2 days", 3, "amide coupling", "p-C, p-CC",
    ]  # fmt: skip
    assert table["amount mg"]["B-12"] == pytest.approx(4 * 60.10, abs=0.01)  # C2H8N2


def test_an_order_list_runs_no_formula(chemist: Chemist) -> None:
    bought = SynthesisRoute("CCO", BuildingBlock("CCO", "=1+1"))
    assert order_csv(Scale().order([bought.to_dict()])).splitlines()[1].split(",")[3] == "'=1+1"


@pytest.mark.parametrize(("mmol", "share"), [(0.0, 0.5), (math.inf, 0.5), (1.0, 0.0), (1.0, 1.1)])
def test_amounts_and_yields_that_can_t_be_are_refused(mmol: float, share: float) -> None:
    with pytest.raises(ConfigError, match=r"^(scale|yield): must be"):
        Scale(mmol, share)


def read_back(block: str) -> list[str]:
    """The molecules of an RXN block, without their mapping."""
    found = [Chem.MolFromMolBlock(part) for part in block.split("$MOL\n")[1:]]
    for atom in (atom for mol in found for atom in mol.GetAtoms()):
        atom.SetAtomMapNum(0)
    return list(map(Chem.MolToSmiles, found))


def test_rxn_holds_the_molecules_of_a_step_with_their_stereo(chemist: Chemist) -> None:
    (route, *_) = Planner(chemist)("COc1ccc(C(=O)N[C@@H](C)c2ccccc2)cc1")
    block = rxn(route)
    assert block.startswith("$RXN\n")
    assert read_back(block) == ["COc1ccc(C(=O)O)cc1", "C[C@H](N)c1ccccc1", "COc1ccc(C(=O)N[C@@H](C)c2ccccc2)cc1"]
    found = ReactionFromRxnBlock(block)
    assert (found.GetNumReactantTemplates(), found.GetNumProductTemplates()) == (2, 1)


def test_an_rdfile_has_a_record_per_step_that_is_read_back(routes: list[SynthesisRoute]) -> None:
    text = rdf(routes)
    lines = text.splitlines()
    assert lines[0] == "$RDFILE 1"
    assert re.fullmatch(r"\$DATM    \d\d/\d\d/\d\d \d\d:\d\d", lines[1])
    records = re.split(r"^\$RFMT.*\n", text, flags=re.MULTILINE)[1:]
    steps = [step for route in routes for step in route.reactions()]
    assert len(records) == len(steps)
    for record, step in zip(records, steps, strict=True):
        block = record.partition("$DTYPE")[0]
        assert read_back(block) == [*(part.smiles for part in step.reactants), step.smiles]
        assert f"$DTYPE RXN:NAME\n$DATUM {step.name}\n" in record
    assert "$DTYPE RXN:REACTANT(1):ID\n$DATUM B-1\n" in records[0]


def step_of(reaction: Reaction, example: str) -> SynthesisRoute:
    """An example of a reaction as a route of one step."""
    left, _, right = example.partition(">>")
    reactants = [SynthesisRoute(text, BuildingBlock(text, text)) for text in map(Chem.CanonSmiles, left.split("."))]
    return SynthesisRoute(Chem.CanonSmiles(right), None, reaction, tuple(reactants))


def numbers(block: str) -> list[list[int]]:
    """The atom-atom mapping of each molecule of an RXN block: columns 61 to 63 of the atoms' lines."""
    found = []
    for part in block.split("$MOL\n")[1:]:
        lines = part.splitlines()
        found.append([int(line[60:63]) for line in lines[4 : 4 + int(lines[3][:3])]])
    return found


def test_atoms_of_a_step_are_mapped_and_those_that_leave_are_not(chemist: Chemist) -> None:
    step = step_of(chemist.by_name["amide coupling"], "CC(=O)O.NCC>>CCNC(C)=O")
    acid, amine, amide = numbers(rxn(step))
    assert [number == 0 for number in acid] == [False, False, False, True]  # the hydroxyl of CC(=O)O leaves
    methyl, carbonyl, oxygen = acid[:3]
    ethyl, methylene, nitrogen = amine  # CCN
    assert amide == [ethyl, methylene, nitrogen, carbonyl, methyl, oxygen]  # CCNC(C)=O


def rerun(block: str, reactants: list[str]) -> set[str]:
    """What the reaction in an RXN block gives, by its atom-atom mapping alone."""
    reaction = ReactionFromRxnBlock(block)
    SanitizeRxn(reaction, params=GetChemDrawRxnAdjustParams())
    reaction.Initialize()
    product = reaction.GetProductTemplate(0)
    found = set()
    for (made,) in reaction.RunReactants([Chem.MolFromSmiles(text) for text in reactants], 20):
        for atom, drawn in zip(made.GetAtoms(), product.GetAtoms(), strict=False):
            atom.SetNoImplicit(drawn.GetIsAromatic())
            atom.SetNumExplicitHs(drawn.GetTotalNumHs() if drawn.GetIsAromatic() else 0)
        if not Chem.SanitizeMol(made, catchErrors=True):
            found.add(Chem.MolToSmiles(made))
    return found


def test_the_mapped_reaction_of_every_kind_gives_its_product() -> None:
    steps = [step_of(reaction, reaction.examples[0]) for reaction in own_reactions()]
    wrong = [each.name for each in steps if each.smiles not in rerun(rxn(each), [part.smiles for part in each.reactants])]
    assert not wrong


def test_a_product_in_another_tautomer_is_mapped(chemist: Chemist) -> None:
    reaction = chemist.by_name["aminolysis of an ester"]
    example = "CCOC(=O)c1c[nH]nc1C.C1CCNC1>>Cc1[nH]ncc1C(=O)N1CCCC1"  # the pyrazole's hydrogen is on the other nitrogen
    ester, amine, amide = numbers(rxn(step_of(reaction, example)))
    assert sorted(amide) == list(range(1, 14)) == sorted(number for number in ester + amine if number)


def test_absolute_stereo_has_the_chiral_flag(chemist: Chemist) -> None:
    amide = chemist.by_name["amide coupling"]
    for product, flags in (("C[C@H](N)c1ccccc1", [0, 1, 1]), ("CC(N)c1ccccc1", [0, 0, 0])):
        step = step_of(amide, f"CC(=O)O.{product}>>{product.replace('(N)', '(NC(C)=O)')}")
        counts = [part.splitlines()[3] for part in rxn(step).split("$MOL\n")[1:]]
        assert [int(line[12:15]) for line in counts] == flags


def test_an_rdfile_bears_its_date_and_continues_long_values(chemist: Chemist) -> None:
    name = "-".join(map(str, range(60)))  # 169 characters
    step = step_of(chemist.by_name["acetylation of an alcohol"], "CCO>>CCOC(C)=O")
    bought = SynthesisRoute("CCO", BuildingBlock("CCO", name))
    text = rdf([SynthesisRoute(step.smiles, None, step.reaction, (bought,))], datetime(2026, 3, 1, 9, 5))
    assert text.splitlines()[1] == "$DATM    03/01/26 09:05"
    lines = text.partition("$DTYPE RXN:REACTANT(1):ID\n")[2].splitlines()
    assert [len(line) for line in lines] == [81, 81, 7 + 169 - 160]
    assert [line[80:] for line in lines] == ["+", "+", ""]
    assert "".join(line[:80] for line in lines) == f"$DATUM {name}"


NO_REACTANTS = '{"smiles": "C", "reaction": "x", "reactants": []}'


@pytest.mark.parametrize("text", ["", "{", "[]", '{"smiles": 1, "id": "a"}', NO_REACTANTS, "[" * 100_000])
def test_what_is_no_route_isn_t_shown_as_one(text: str) -> None:
    with pytest.raises(DataError, match="is no route"):
        tree_of(text)
