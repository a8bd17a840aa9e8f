"""What constraints allow, and what is bred within them."""

from pathlib import Path
from typing import Any

import pytest
from rdkit import Chem

from molgen import Scorer
from molgen.errors import ConfigError
from molgen.search.bayesian.offspring import OffspringJob, Operators, diverse
from molgen.search.bayesian.plausibility import ReferenceChemistry
from molgen.search.constraints import Constraints
from molgen.search.loop import search
from molgen.search.oracle import Oracle
from tests.conftest import ASPIRIN
from tests.search.small import make, mols

WARHEAD = "C=CC(=O)N"


def test_rare_chemistry_is_told_from_known(samples: list[str]) -> None:
    reference = ReferenceChemistry.with_molecules(samples)
    assert reference.rarity(Chem.MolFromSmiles(samples[0])) == 0
    usual, rare = mols([ASPIRIN, "C1=NN=C1N(O)OSOO"])
    assert reference.rarity(usual) < 0.3 < reference.rarity(rare)


class TestConstraints:
    @pytest.mark.parametrize(
        ("settings", "hint"),
        [
            ({"similarity": 40}, r"similarity: must be between 0 and 1"),
            ({"windows": {"logp": [3, 1]}}, r"windows\.logp: nothing is between 3 and 1"),
        ],
    )
    def test_what_nothing_can_satisfy_is_refused(self, settings: dict[str, Any], hint: str) -> None:
        with pytest.raises(ConfigError, match=hint):
            Constraints(**settings)

    def test_a_lead_may_be_longer_than_a_file_name(self) -> None:
        assert Constraints(lead="C" * 300).leads == ["C" * 300]

    def test_each_holds(self) -> None:
        constraints = Constraints([WARHEAD], ["[F,Cl]"], {"molecular_weight": [100, 200], "logp": [None, 2]})
        allowed, *refused = mols(
            ["C=CC(=O)Nc1ccccc1", "CCC(=O)Nc1ccccc1", "C=CC(=O)Nc1ccccc1F", "C=CC(N)=O", "C=CC(=O)NCCCCCCCCC"]
        )
        assert constraints(allowed)
        assert not any(map(constraints, refused))

    def test_molecules_stay_like_the_lead(self) -> None:
        constraints = Constraints(lead=[ASPIRIN], similarity=0.5)
        assert constraints(Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)OC"))
        assert not constraints(Chem.MolFromSmiles("CCO"))
        assert constraints.seeds == [ASPIRIN]

    def test_several_leads_mean_any_of_them_or_all(self) -> None:
        """Similarities to the leads: 0.42 and 0.39 of ethyl salicylate, 0.70 and 0.70 of aspirin's methyl ester."""
        leads = [ASPIRIN, "CC(=O)Oc1ccccc1C(N)=O"]
        near_one, near_both = mols(["CCOC(=O)c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)OC"])
        shared: dict[str, Any] = {"lead": leads, "similarity": 0.4}
        assert [Constraints(**shared)(mol) for mol in (near_one, near_both)] == [True, True]
        assert [Constraints(**shared, similar_to="all")(mol) for mol in (near_one, near_both)] == [False, True]

    def test_rings_stay_those_that_are_made_where_there_is_a_lead(self) -> None:
        """Cubane is in no molecule of ZINC250k; benzene is in most, a cyclopropene in two."""
        cubane, cyclopropene, benzene = mols(["OC(=O)C12C3C4C1C5C2C3C45", "OC(=O)C1=CC1", "OC(=O)c1ccccc1"])
        plain, rare = (Constraints(lead=[text], similarity=0) for text in ("OC(=O)C1CC1", "COC(=O)C12C3C4C1C5C2C3C45"))
        assert [plain(mol) for mol in (cubane, cyclopropene, benzene)] == [False, False, True]
        assert [rare(mol) for mol in (cubane, cyclopropene, benzene)] == [True, False, True]
        assert Constraints(lead=["OC(=O)C1CC1"], similarity=0, ring_frequency=2)(cyclopropene)
        assert Constraints(lead=["OC(=O)C1CC1"], similarity=0, ring_frequency=0)(cubane)
        assert Constraints()(cubane)
        assert not Constraints(ring_frequency=10)(cubane)
        assert Constraints("C1=CC1", ring_frequency=10)(cyclopropene)

    def test_logp_rises_by_two_at_most_and_not_above_five(self) -> None:
        """Crippen's logP: benzene 1.69, octane 3.37, dodecane 4.93, hexadecane 6.49."""
        assert Constraints(lead=["c1ccccc1"]).highest_logp == pytest.approx(3.69, abs=0.01)
        assert Constraints(lead=["c1ccccc1", "CCCCCCCC"]).highest_logp == 5
        assert Constraints(lead=["C" * 16]).highest_logp == pytest.approx(6.49, abs=0.01)
        assert Constraints().highest_logp is None
        short, long = mols(["C" * 12, "C" * 16])
        octane = Constraints(lead=["C" * 8], similarity=0)
        assert octane(short)
        assert not octane(long)
        assert Constraints(lead=["C" * 8], similarity=0, logp_rise=None)(long)
        assert Constraints(lead=["C" * 8], similarity=0, windows={"logp": [None, 7]})(long)

    @pytest.mark.parametrize(("objective", "speaks"), [("pmo/ranolazine_mpo", True), ("pmo/qed", False)])
    def test_an_objective_with_a_logp_of_its_own_says_how_far_it_rises(self, objective: str, speaks: bool) -> None:
        scorer = Scorer.from_config(objective)
        strategy = make("search.constraints.lead=CCCCCCCC", rules=scorer.rules())
        assert (strategy.pool.constraints.highest_logp is None) == speaks
        assert Constraints(lead="CCO").under(scorer).highest_logp == (None if speaks else pytest.approx(2.0, abs=0.01))

    def test_what_nobody_has_set_is_said(self) -> None:
        said = Constraints(lead=["c1ccccc1"]).unasked()
        assert "10 molecules of ZINC250k" in said
        assert "logP is at most 3.7 (search.constraints.logp_rise=null: any)" in said
        assert Constraints(must_contain="c1ccccc1").unasked() == ""
        assert Constraints(lead=["c1ccccc1"], ring_frequency=10, windows={"logp": [0, 4]}).unasked() == ""

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"must_contain": ["c1ccc"]}, "not a SMARTS"),
            ({"windows": {"logP": [0, 1]}}, "did you mean 'logp'"),
            ({"windows": {"logp": [0]}}, "lowest, highest"),
            ({"lead": ["C1CC"]}, "no molecule"),
            ({"similar_to": "each"}, "similar_to: must be any or all, not 'each'"),
            ({"ring_frequency": -1}, "ring_frequency: must be at least 0"),
            ({"logp_rise": -1}, "logp_rise: must be at least 0"),
        ],
    )
    def test_a_wrong_one_is_named(self, settings: dict[str, object], message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            Constraints(**settings)  # type: ignore[arg-type]


def test_offspring_satisfy_constraints_and_come_from_their_parents(samples: list[str]) -> None:
    parents = ["C=CC(=O)Nc1ccccc1", "C=CC(=O)N1CCOCC1", "C=CC(=O)NCc1ccncc1"]
    job = OffspringJob(
        parents, samples[:50], 60, 1, Operators(), Constraints([WARHEAD]), ReferenceChemistry.with_molecules(samples)
    )
    offspring = job.run()
    assert len(offspring) == 60
    assert {each.operator for each in offspring} == {"graft", "crossover", "crossover+mutation", "mutation"}
    assert all(set(each.parents) <= set(parents) for each in offspring)
    assert all(Chem.MolFromSmiles(each.smiles).HasSubstructMatch(Chem.MolFromSmarts(WARHEAD)) for each in offspring)
    assert [each.smiles for each in job.run()] == [each.smiles for each in offspring]
    assert len(diverse(offspring, 60, 1)) == len({each.scaffold for each in offspring})


def test_a_search_with_constraints_scores_nothing_outside_them() -> None:
    settings = [f"search.constraints.must_contain=['{WARHEAD}']", "search.constraints.forbid=['[#16]']"]
    strategy = make(*settings, "search.constraints.windows={molecular_weight: [150, 400]}")
    scorer = Scorer.from_config("pmo/qed")
    oracle = Oracle(scorer, 150)
    assert search(strategy, oracle, 16, lambda asked, scores: None)
    held = Constraints([WARHEAD], ["[#16]"], {"molecular_weight": [150, 400]})
    assert oracle.used == 150
    assert all(held(mol) for mol in mols(list(oracle.known)))


def test_a_lead_is_improved_within_its_neighbourhood(tmp_path: Path) -> None:
    lead = "O=C(NCCCCCCCCN1C(=O)c2ccccc2C1=O)c1ccc(N=Nc2ccccc2)cc1"
    (tmp_path / "lead.smi").write_text(lead)
    strategy = make(f"search.constraints.lead={tmp_path / 'lead.smi'}", "search.constraints.similarity=0.4")
    scorer = Scorer.from_config("pmo/qed")
    oracle = Oracle(scorer, 150)
    search(strategy, oracle, 16, lambda asked, scores: None)
    held = Constraints(lead=[lead], similarity=0.4)
    assert all(held(mol) for mol in mols(list(oracle.known)))
    assert max(result.total for result in oracle.known.values()) > 2 * float(scorer([lead]).total[0])


def test_a_search_that_finds_nothing_within_its_constraints_ends() -> None:
    """No molecule has such an atom, so nothing is proposed, and there is nothing to learn from."""
    strategy = make("search.constraints.must_contain='[#92,#93]'")
    oracle = Oracle(Scorer.from_config("pmo/qed"), 10)
    assert not search(strategy, oracle, 5, lambda asked, scores: None)
    assert oracle.used == 0
