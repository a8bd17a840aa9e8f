"""What is learnt from stars, rejections and preferences, against rankings that are known and against plain numerics."""

import pickle
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import log_ndtr, ndtr
from scipy.stats import norm

from molgen import Scorer, load_generator
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.errors import DataError
from molgen.scoring.components.liked import Liked
from molgen.scoring.judgements import PREFER, REJECT, STAR, Judgement, Judgements, read_judgements
from molgen.scoring.preference_model import PreferenceProcess
from tests.conftest import ASPIRIN, CAFFEINE

JUDGED, PAIRS = 80, 100
PHENOL, ANISOLE, HEXANE = "Oc1ccccc1", "COc1ccccc1", "CCCCCC"


def said(kind: str, smiles: str, over: str = "", who: str = "", number: int | None = None) -> Judgement:
    return Judgement(
        kind=kind, smiles=smiles, given=smiles, key=smiles, twins=smiles, over=over, over_given=over, who=who, number=number
    )


def learnt(*facts: Judgement) -> PreferenceProcess:
    return PreferenceProcess(Judgements(facts))


def mols(*smiles: str) -> list[Chem.Mol]:
    return [Chem.MolFromSmiles(text) for text in smiles]


@pytest.fixture(scope="module")
def drawn() -> list[str]:
    """Drug-like molecules."""
    found = Molecules(load_generator("prior").sample(300, seed=1), STANDARD).canonical
    return [text for text in dict.fromkeys(found) if text]


def pairs_of(smiles: Sequence[str], liking: np.ndarray, rng: np.random.Generator, number: int) -> list[Judgement]:
    """What somebody with this liking says of random pairs, wrong where they are close."""
    found = []
    for _ in range(number):
        a, b = rng.choice(len(smiles), 2, replace=False)
        if liking[a] + 0.3 * rng.standard_normal() < liking[b] + 0.3 * rng.standard_normal():
            a, b = b, a
        found.append(said(PREFER, smiles[a], smiles[b], number=len(found)))
    return found


@pytest.mark.parametrize(("liking", "margin"), [(Descriptors.TPSA, 0.15), (Descriptors.MolWt, 0.2)])
def test_a_known_ranking_is_recovered_on_molecules_that_nobody_judged(drawn: list[str], liking: object, margin: float) -> None:
    """Of all pairs of 200 others, the better one is named by `margin` more often than by chance; 0.5 is chance."""
    values = np.array([liking(mol) for mol in mols(*drawn)])  # type: ignore[operator]
    values = (values - values.mean()) / values.std()
    model = learnt(*pairs_of(drawn[:JUDGED], values, np.random.default_rng(0), PAIRS))
    mean, _ = model.latent(mols(*drawn[JUDGED:]))
    true = values[JUDGED:]
    right = [(mean[a] > mean[b]) == (true[a] > true[b]) for a, b in combinations(range(len(true)), 2) if true[a] != true[b]]
    assert np.mean(right) > 0.5 + margin


def test_the_error_shrinks_near_what_was_judged_and_with_more_of_it() -> None:
    none, one = learnt(), learnt(said(STAR, PHENOL))
    many = learnt(said(STAR, PHENOL), said(REJECT, HEXANE), *(said(PREFER, PHENOL, HEXANE, who=str(i)) for i in range(9)))
    asked = mols(PHENOL, ANISOLE, CAFFEINE)
    for model in (one, many):
        _, covariance = model.latent(asked)
        own, near, far = np.diag(covariance) / model.scale**2
        assert own < near < far <= 1
    assert np.diag(many.latent(asked)[1])[0] / many.scale**2 < np.diag(one.latent(asked)[1])[0] / one.scale**2
    np.testing.assert_allclose(none(asked).mean, 0.5)
    assert many(asked).std[0] < one(asked).std[0] < none(asked).std[0]
    found = many(asked)
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()


def test_the_posterior_is_laplaces() -> None:
    """The mode and curvature that scipy finds of the same density, without the detour by rows of judgements."""
    smiles = [PHENOL, ANISOLE, HEXANE, ASPIRIN, CAFFEINE]
    pairs = [(ANISOLE, CAFFEINE), (ASPIRIN, PHENOL), (PHENOL, ANISOLE)]
    model = learnt(said(STAR, PHENOL), said(REJECT, HEXANE), *(said(PREFER, *pair) for pair in pairs))
    prior = PreferenceProcess(Judgements())
    prior.scale = model.scale
    inverse = np.linalg.inv(prior.latent(mols(*smiles))[1])

    def density(f: np.ndarray) -> float:
        phenol, anisole, hexane, aspirin, caffeine = f
        rows = np.array(
            [phenol, -hexane, *((a - b) / np.sqrt(2) for a, b in ((anisole, caffeine), (aspirin, phenol), (phenol, anisole)))]
        )
        return float(-log_ndtr(rows).sum() + f @ inverse @ f / 2)

    mode = minimize(density, np.zeros(5), method="BFGS", options={"gtol": 1e-8}).x
    step = 1e-3
    eye = np.eye(5) * step
    curvature = np.array(
        [
            [density(mode + a + b) - density(mode + a - b) - density(mode - a + b) + density(mode - a - b) for a in eye]
            for b in eye
        ]
    ) / (4 * step**2)
    mean, covariance = model.latent(mols(*smiles))
    np.testing.assert_allclose(mean, mode, atol=1e-4)
    np.testing.assert_allclose(covariance, np.linalg.inv(curvature), atol=1e-3)


def test_one_judgement_says_little_and_what_it_says_is_right() -> None:
    """The chance after one star, by quadrature over the only unknown; Laplace's approximation is near it."""
    model = learnt(said(STAR, PHENOL))
    weight = quad(lambda f: ndtr(f) * norm.pdf(f, scale=model.scale), -40, 40)[0]
    chance = quad(lambda f: ndtr(f) ** 2 * norm.pdf(f, scale=model.scale), -40, 40)[0] / weight
    found = model(mols(PHENOL, CAFFEINE))
    assert chance - 0.06 < found.mean[0] < chance  # 0.742 and 0.795: Laplace is timid with few judgements
    assert 0.5 < found.mean[1] < 0.6 < found.mean[0] < 0.9
    rejected = learnt(said(REJECT, PHENOL))(mols(PHENOL, CAFFEINE))
    np.testing.assert_allclose(rejected.mean, 1 - found.mean, atol=1e-9)
    np.testing.assert_allclose(rejected.std, found.std, atol=1e-9)


def test_mean_and_deviation_of_a_chance_are_those_of_its_distribution() -> None:
    model = learnt(said(STAR, PHENOL), said(PREFER, PHENOL, HEXANE))
    mean, covariance = model.latent(mols(ANISOLE))
    density = norm(mean[0], np.sqrt(covariance[0, 0])).pdf
    moments = [quad(lambda f, power=power: ndtr(f) ** power * density(f), -40, 40)[0] for power in (1, 2)]
    found = model(mols(ANISOLE))
    assert found.mean[0] == pytest.approx(moments[0], abs=1e-6)
    assert found.std[0] == pytest.approx(np.sqrt(moments[1] - moments[0] ** 2), abs=1e-6)


def test_contradictory_judgements_leave_two_molecules_equal() -> None:
    phenol, hexane = mols(PHENOL, HEXANE)
    both = learnt(said(PREFER, PHENOL, HEXANE), said(PREFER, HEXANE, PHENOL))
    assert both.preferred(phenol, hexane) == pytest.approx(0.5)
    most = learnt(*(said(PREFER, PHENOL, HEXANE, str(i)) for i in range(5)), said(PREFER, HEXANE, PHENOL))
    all_ = learnt(*(said(PREFER, PHENOL, HEXANE, str(i)) for i in range(6)))
    assert 0.6 < most.preferred(phenol, hexane) < all_.preferred(phenol, hexane)
    starred = learnt(said(STAR, PHENOL), said(PREFER, HEXANE, PHENOL))  # which says nothing impossible
    assert starred(mols(HEXANE)).mean[0] > starred(mols(PHENOL)).mean[0] > 0.5


def test_three_hundred_judgements_take_less_than_seconds(drawn: list[str]) -> None:
    model = learnt(*pairs_of(drawn, np.arange(len(drawn)), np.random.default_rng(0), 300))
    assert np.isfinite(model(mols(*drawn)).mean).all()


def judgements_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "judgements.csv"
    path.write_text(text)
    return path


def test_a_file_of_judgements_is_read_whole_or_refused(tmp_path: Path) -> None:
    path = judgements_file(
        tmp_path, f"smiles,decision,over\n{PHENOL},starred,\n[NH4+].{PHENOL},,\n{ASPIRIN},,{CAFFEINE}\nCCN.Cl,reject,\n"
    )
    found = read_judgements(path).standing
    assert [(each.kind, each.smiles) for each in found] == [(STAR, PHENOL), (PREFER, ASPIRIN), (REJECT, "CCN")]
    for row, message in (
        (f"{PHENOL},perhaps,", "row 2: decision 'perhaps' isn't known"),
        ("not one,star,", "row 2: 'not one' is no molecule"),
        (f"{PHENOL},star,{ASPIRIN}", "row 2: a preference, and nothing else, has a molecule in column 'over'"),
        (f"{PHENOL},prefer,", "row 2: a preference"),
        (f"{PHENOL},,nothing", "row 2: 'nothing' is no molecule"),
        ("CCN,prefer,CCN.Cl", "row 2: CCN is preferred to itself"),
    ):
        with pytest.raises(DataError, match=message):
            read_judgements(judgements_file(tmp_path, f"smiles,decision,over\n{CAFFEINE},star,\n{row}\n"))
    with pytest.raises(DataError, match="no column 'decision'"):
        read_judgements(judgements_file(tmp_path, f"smiles,score\n{PHENOL},1\n"))
    with pytest.raises(DataError, match="no run folder and no file"):
        read_judgements(tmp_path / "nowhere")


def test_of_a_star_and_a_rejection_the_later_stands_and_each_preference_counts_once() -> None:
    facts = [said(STAR, "C", number=1), said(REJECT, "C", number=2)]
    facts += [said(PREFER, "C", "CC", who, number) for number, who in ((3, "Ann"), (4, "Ann"), (5, "Bob"))]
    assert [each.number for each in Judgements(tuple(facts)).standing] == [2, 4, 5]


def test_salts_are_liked_as_their_parents_whatever_the_objectives_form(tmp_path: Path) -> None:
    path = judgements_file(tmp_path, "smiles,decision\nCCCN,star\n")
    found = Liked(str(path))(Molecules(["CCCN", "CCC[NH3+].[Cl-]", "not one"]))
    assert found[0] == found[1] > 0.5
    assert np.isnan(found[2])


def test_a_component_that_is_sent_elsewhere_says_what_it_knew(tmp_path: Path) -> None:
    path = judgements_file(tmp_path, "smiles,decision\nCCCN,star\n")
    made = Liked(str(path))
    sent = pickle.dumps(made)
    path.unlink()
    asked = Molecules(["CCCN", ASPIRIN])
    np.testing.assert_array_equal(pickle.loads(sent)(asked), made(asked))


def test_predictions_have_errors_and_a_domain(tmp_path: Path) -> None:
    path = judgements_file(tmp_path, f"smiles,decision\n{PHENOL},star\n")
    made = Liked(str(path))
    found = made.prediction(Molecules([ANISOLE, CAFFEINE]))
    np.testing.assert_array_equal(found.mean[:, 0], made(Molecules([ANISOLE, CAFFEINE])))
    assert found.in_domain.tolist() == [True, False]
    assert found.std[0, 0] < found.std[1, 0]


def test_a_term_in_a_line_and_a_path_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judgements_file(tmp_path, f"smiles,decision\n{PHENOL},star\n")
    (tmp_path / "goal.yaml").write_text("terms:\n  qed: qed\n  liked: {liked: judgements.csv, weight: 0.5}\n")
    monkeypatch.chdir("/")
    scores = Scorer.from_config(tmp_path / "goal.yaml")([PHENOL]).to_pandas()
    assert scores["liked"].item() > 0.5
