from pathlib import Path

import numpy as np
import pytest
import yaml

from molgen import Scorer
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.scoring.aggregate import ArithmeticMean
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.components.qed import QED
from molgen.scoring.components.substructure import Substructure
from molgen.scoring.scorer import Filter, Term
from molgen.scoring.transforms import Linear
from tests.conftest import ASPIRIN, CAFFEINE

OBJECTIVE = {
    "_target_": "molgen.scoring.scorer.Scorer",
    "terms": {
        "qed": {
            "_target_": "molgen.scoring.scorer.Term",
            "component": {"_target_": "molgen.scoring.components.qed.QED"},
        }
    },
}


def size_scorer(**settings: object) -> Scorer:
    terms = {
        "size": Term(Descriptor("heavy_atoms"), Linear(0, 26), weight=3),
        "acid": Term(Substructure("C(=O)[OH]")),
    }
    return Scorer(terms, ArithmeticMean(), **settings)  # type: ignore[arg-type]


def test_terms_add_up_by_weight() -> None:
    scores = size_scorer()([ASPIRIN, CAFFEINE])
    np.testing.assert_allclose(scores.total, [(3 * 0.5 + 1) / 4, 3 * (14 / 26) / 4])
    assert scores.names == ("size", "acid")
    np.testing.assert_allclose(scores.raw, [[13, 1], [14, 0]])


def test_an_invalid_molecule_scores_zero_and_says_why() -> None:
    scores = size_scorer()(["C(", ASPIRIN])
    assert scores.total[0] == 0
    assert scores.problem[0] is not None
    assert scores.problem[0].startswith("invalid: ")
    assert scores.problem[1] is None
    assert np.isnan(scores.raw[0]).all()


def test_a_filter_zeroes_the_score_and_says_why() -> None:
    scorer = size_scorer(filters={"rings": Filter(Descriptor("rings"), maximum=1)})
    scores = scorer([ASPIRIN, CAFFEINE])
    assert scores.total[0] > 0
    assert scores.total[1] == 0
    assert scores.problem[1] == "filter rings: 2 is outside -inf to 1"
    np.testing.assert_array_equal(scores.scaled[:, 2], [1, 0])


def test_a_table_has_the_raw_and_the_scaled_value_of_every_term() -> None:
    table = size_scorer()([ASPIRIN, "x"]).to_pandas()
    assert list(table) == ["smiles", "score", "size", "size_scaled", "acid", "acid_scaled", "problem"]
    assert table["smiles"].tolist() == [ASPIRIN, "x"]
    assert table["size"][0] == 13


def test_a_parsed_batch_is_taken_as_it_is() -> None:
    molecules = Molecules([ASPIRIN])
    np.testing.assert_array_equal(size_scorer()(molecules).total, size_scorer()([ASPIRIN]).total)


def test_from_a_name_a_file_and_with_overrides(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(OBJECTIVE))
    qed = Scorer({"qed": Term(QED())})([ASPIRIN]).total[0]
    assert Scorer.from_config(path)([ASPIRIN]).total[0] == pytest.approx(qed)
    assert Scorer.from_config("drug_like").terms["qed"].weight == 1
    assert Scorer.from_config("drug_like", ["scoring.terms.qed.weight=3"]).terms["qed"].weight == 3


def test_can_be_composed_while_a_hydra_application_runs() -> None:
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    from molgen.config import conf_dir

    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        before = GlobalHydra.instance().hydra
        Scorer.from_config("drug_like")
        assert GlobalHydra.instance().hydra is before


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"terms": {"qed": {"_target_": "molgen.scoring.scorer.Trem", "component": {}}}}, "did you mean 'Term'"),
        ({"terms": {"qed": OBJECTIVE["terms"]["qed"] | {"wieght": 2}}}, "terms.qed.wieght.*did you mean 'weight'"),  # type: ignore[index]
        ({"terms": {"qed": OBJECTIVE["terms"]["qed"] | {"weight": "much"}}}, "weight: 'much' is not a float"),  # type: ignore[index]
        ({"terms": {"qed": {"_target_": "molgen.scoring.scorer.Term"}}}, "component: missing"),
        ({"terms": {}}, "at least one term"),
        ({"term": {}}, "did you mean 'terms'"),
        ({"terms": {"qed": OBJECTIVE["terms"]["qed"] | {"weight": -1}}}, "must be 0 or more"),  # type: ignore[index]
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, change: dict[str, object], hint: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(OBJECTIVE | change))
    with pytest.raises(ConfigError, match=hint):
        Scorer.from_config(path)


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    term = {"_target_": "molgen.scoring.scorer.Term", "wieght": 1, "component": {"_target_": "molgen.scoring.components.qed.Qde"}}
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(OBJECTIVE | {"terms": {"a": term, "b": term}}))
    with pytest.raises(ConfigError) as caught:
        Scorer.from_config(path)
    assert len(str(caught.value).splitlines()) == 4


@pytest.mark.parametrize("content", ["", "a: [", "just text", "- 1", "\x00\x01binary"])
def test_a_file_that_is_no_objective_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"wrong\.yaml"):
        Scorer.from_config(path)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'drug_like'"):
        Scorer.from_config("druglike")
