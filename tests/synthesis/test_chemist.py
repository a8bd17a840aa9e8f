"""What is remembered of a stock, and what is seen at a glance: never a block or a reaction less."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from rdkit import Chem

from molgen.search.routes.settings import SynthesisSettings
from molgen.synthesis.catalogue import logged
from molgen.synthesis.chemist import Chemist, chemist_of
from molgen.synthesis.many import AnalogSettings, analogs_of
from molgen.synthesis.matching import Screen
from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.route import SynthesisRoute
from molgen.synthesis.sizes import size_of, sizes_of
from molgen.synthesis.stock import BuildingBlock


def test_one_chemist_is_made_however_its_progress_is_shown(stock: Path) -> None:
    def silent(what: str) -> AbstractContextManager[object]:
        return nullcontext(lambda rows: None)

    assert chemist_of(str(stock), progress=silent) is chemist_of(str(stock), progress=logged)  # type: ignore[arg-type]


def test_a_stock_that_has_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = tmp_path / "blocks.csv"
    path.write_text("smiles,id\nCC(=O)O,A-1\nNCC,A-2\n")
    before, made = chemist_of(str(path)), "CC(=O)NCc1ccccc1"
    wanted = AnalogSettings(stock=str(path), reactions=None, steps=1, effort=100, number=1)
    [[other]] = analogs_of([made], wanted, processes=1)
    editors = SynthesisSettings(str(path)).editor, SynthesisSettings(str(path)).editor
    path.write_text("smiles,id\nCC(=O)O,A-1\nNCc1ccccc1,A-3\n")
    [[found]] = analogs_of([made], wanted, processes=1)
    assert len(before.index) == 2
    assert editors[0] is editors[1]
    assert [route.blocks[0].id for route in chemist_of(str(path)).sold("NCc1ccccc1")] == ["A-3"]
    assert (other.analog, found.analog) == ("CCNC(C)=O", made)
    assert SynthesisSettings(str(path)).editor.chemist is chemist_of(str(path))


def test_blocks_are_sorted_by_price_those_without_one_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = tmp_path / "blocks.csv"
    path.write_text("smiles,id,price\nIc1ccccc1,I,\nBrc1ccccc1,Br,7\nO=Cc1ccc(Br)cc1,x,\nO=Cc1ccc(I)cc1,y,3\n")
    chemist = chemist_of(str(path))
    suzuki = chemist.by_name["Suzuki coupling"].roles[0]
    assert [route.blocks[0].id for route in chemist.bought(suzuki, "Brc1ccccc1")] == ["Br", "I"]
    assert [route.blocks[0].id for route in chemist.bought(suzuki, "O=Cc1ccc(Br)cc1")] == ["y", "x"]


def test_a_size_is_counted_alike_in_a_molecule_and_in_its_smiles() -> None:
    texts = ["C", "c1ccc2[nH]ccc2c1", "C[C@@H](Cl)Br", "CC12CC1C2", "[O-][n+]1ccccc1", "C1CC2(C1)CC%10CCC%10C2", "C[Si](C)(C)C#C"]
    mols = [Chem.MolFromSmiles(text) for text in texts]
    assert sizes_of(map(Chem.MolToSmiles, mols)).tolist() == list(map(size_of, mols))
    assert size_of(Chem.MolFromSmiles("c1ccncc1")) == (6 << 40) + (6 << 20) + 1  # six atoms, six bonds, one nitrogen
    assert len(sizes_of([])) == 0


def test_the_only_reactant_of_a_reaction_is_larger_than_its_product_by_what_the_reaction_says() -> None:
    known = [each for each in own_reactions() if each.shrinks is not None]
    assert len(known) > 80
    for reaction in known:
        product = Chem.MolFromSmiles(reaction.examples[0].split(">>")[1])
        for (reactant,) in reaction.precursors(product):
            assert size_of(Chem.MolFromSmiles(reactant)) == size_of(product) + reaction.shrinks  # type: ignore[operator]


def test_no_reaction_is_left_out_that_gives_a_molecule() -> None:
    reactions = own_reactions()
    screen = Screen([each.after for each in reactions])
    for place, reaction in enumerate(reactions):
        for example in reaction.examples:
            assert place in screen(Chem.MolFromSmiles(example.split(">>")[1]))
    assert len(screen(Chem.MolFromSmiles("CCO"))) < len(reactions) / 4


@pytest.mark.parametrize(
    ("smiles", "missing"),
    [
        ("CC(=O)Nc1ccc(O)cc1", 0),
        ("COc1ccc(C(=O)N[C@@H](C)c2ccccc2)cc1", 0),
        ("COc1ccc(C(=O)NCc2ccc(-c3cccnc3)cc2)cc1", 1),
    ],
)
def test_nothing_is_lost_by_looking_at_no_more_than_is_needed(chemist: Chemist, smiles: str, missing: int) -> None:
    wanted = [
        (reaction, texts)
        for reaction, texts in chemist.candidates(smiles)
        if sum(not chemist.bought(*pair) for pair in zip(reaction.roles, texts, strict=True)) <= missing
    ]
    assert wanted
    assert chemist.candidates(smiles, missing) == wanted


def test_a_route_does_not_pass_through_what_it_makes(chemist: Chemist) -> None:
    by_name = chemist.by_name
    aniline = SynthesisRoute("CC(=O)Nc1ccc(N)cc1", BuildingBlock("CC(=O)Nc1ccc(N)cc1", "B"))
    bromide = chemist.made(by_name["Sandmeyer bromination"], [aniline])
    assert bromide is not None
    assert chemist.made(by_name["amination of an aryl bromide with ammonia"], [bromide]) is None
    assert chemist.made(by_name["hydroxylation of an aryl bromide"], [bromide]) is not None
