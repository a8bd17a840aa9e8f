"""The report of a campaign: what its cards say, and how large it is."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen import design
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN, STANDARD
from molgen.reports.cards import cards
from molgen.reports.charts import best_so_far
from molgen.reports.compared_runs import Job, RunSummary
from molgen.reports.comparison import curves
from molgen.reports.contribution_picture import draw_contributions
from molgen.reports.palette import line_style
from molgen.scoring.components.affinity import Affinity, Selectivity
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.components.property import Property
from molgen.scoring.scorer import Scorer

IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
LARGEST = 3_000_000  # bytes that a mail takes anywhere
PEPTIDE = Chem.MolToSmiles(Chem.MolFromSequence("GAFWDSKLEGPMQR"))


def test_a_report_with_explanations_can_be_mailed(tmp_path: Path, samples: list[str]) -> None:
    library = tmp_path / "library.smi"
    library.write_text("\n".join(samples[:60]))
    settings = ["search=screen", f"search.library.path={library}"]
    run = design(Scorer.from_config("abl1_t315i"), 60, folder=tmp_path / "run", start=[IMATINIB], overrides=settings)
    page = (run.folder / "report.html").read_text()
    pictures = [len(picture) for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL) if "baseProfile" in picture]
    assert len(page) < LARGEST / 2  # the other half is for the larger molecules and more predictors of others
    assert len(pictures) >= 1 + 24 + 6  # the lead, the best, their affinities explained
    assert max(pictures) <= 60_000
    assert "$3Dmol" not in page  # half a megabyte for poses, of which there are none
    assert "What the campaign began from" in page


@pytest.mark.parametrize("smiles", ["O", IMATINIB, PEPTIDE])
def test_an_explanation_is_one_small_picture(smiles: str) -> None:
    mol = Chem.MolFromSmiles(smiles)
    drawn = draw_contributions(mol, np.linspace(-1, 0.5, mol.GetNumAtoms()), unit="pKd")
    assert len(drawn) <= 60_000


def discs(mol: Chem.Mol, contributions: list[float]) -> list[tuple[int, int, int]]:
    """The colours (0 to 255) of the discs that stand behind atoms."""
    drawn = draw_contributions(mol, np.array(contributions)).decode()
    found = re.findall(r"<ellipse.*?fill:#(..)(..)(..)", drawn)
    return [(int(red, 16), int(green, 16), int(blue, 16)) for red, green, blue in found]


def test_atoms_that_raise_are_blue_those_that_lower_orange_the_strongest_deepest() -> None:
    raises, lowers, weak = discs(Chem.MolFromSmiles("CCCC"), [2.0, -2.0, 0.5, 0.0])  # the last stays white
    assert raises[2] > 180 > 100 > raises[0]
    assert lowers[0] > 220 > 60 > lowers[2]
    assert weak[2] > weak[0] > raises[0]
    assert len(discs(Chem.MolFromSmiles("CCCC"), [np.nan, 1.0, np.nan, 0.0])) == 1
    assert discs(Chem.MolFromSmiles("CCCC"), [0.0] * 4) == []


def test_any_unit_stands_at_the_scale_between_the_largest_contribution_and_its_negative() -> None:
    mol, contributions = Chem.MolFromSmiles("CC"), np.array([0.25, -0.5])
    drawn = draw_contributions(mol, contributions, unit="µM<b>").decode()
    assert re.findall(r"<text[^>]*>([^<]*)</text>", drawn) == ["-0.5", "+0.5", "contribution (µM&lt;b&gt;)"]
    assert draw_contributions(mol, contributions, unit="µM", svg=False).startswith(b"\x89PNG")


def row_of(smiles: str, **values: float) -> pd.DataFrame:
    row: dict[str, Any] = {"id": 1, "smiles": smiles, "score": 0.5, "operator": "prior"}
    return pd.DataFrame([row | values | {f"{name}_scaled": 0.5 for name in values}])


def test_predicted_values_have_units_errors_and_a_domain() -> None:
    prediction = Affinity("ABL1").prediction(Molecules([IMATINIB], STANDARD))
    mean, std = prediction.mean[0, 0], prediction.std[0, 0]
    terms = {"potency": Affinity("ABL1"), "careful": Affinity("ABL1", statistic="lower"), "tpsa": Descriptor("tpsa")}
    terms |= {"ames": Property("ames"), "qed": Descriptor("qed")}
    [card] = cards(row_of(IMATINIB, potency=mean, careful=mean - std, tpsa=86.3, ames=0.2, qed=0.4), list(terms), terms)
    potency, careful, tpsa, ames, qed = card["terms"]
    assert (float(potency.text), potency.unit) == (pytest.approx(mean, abs=0.05), "pKd")
    assert potency.error == f"± {std:.2f}"
    assert careful.error == f"of {mean:.2f} ± {std:.2f}"
    assert (tpsa.text, tpsa.unit, tpsa.error) == ("86.3", "Å²", "")
    assert (ames.unit, ames.error) == ("probability", "")  # a probability is its own error
    assert (qed.text, qed.unit) == ("0.4", "")
    [strange] = cards(row_of("FC(F)(F)C(F)(F)F", potency=5.0), ["potency"], terms)
    assert re.match(r"the most similar molecule learnt from is 0\.\d\d similar, below 0\.\d\d", strange["terms"][0].doubt)
    assert potency.doubt == ""


def test_an_error_is_that_of_the_form_that_was_scored() -> None:
    """An objective may score molecules as they are drawn, ions too."""
    ion = Chem.CanonSmiles("Cc1ccc(NC(=O)c2ccc(C[NH+]3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1")
    [scored, parent] = (Affinity("ABL1").prediction(Molecules([ion], form)).mean[0, 0] for form in (AS_GIVEN, STANDARD))
    assert abs(scored - parent) > 0.01
    [card] = cards(row_of(ion, potency=scored), ["potency"], {"potency": Affinity("ABL1")})
    assert card["terms"][0].error.startswith("± ")


def test_the_error_of_a_selectivity_is_that_of_both_affinities() -> None:
    molecules = Molecules([IMATINIB, "CCO", "no molecule"], STANDARD)
    whole = Selectivity("ABL1", ["KIT", "SRC"])
    target, kit, src = (Affinity(name).prediction(molecules) for name in ("ABL1", "KIT", "SRC"))
    found = whole.prediction(molecules)
    for i in range(2):
        off = kit if kit.mean[i, 0] > src.mean[i, 0] else src
        assert found.mean[i, 0] == target.mean[i, 0] - off.mean[i, 0]
        assert found.std[i, 0] == pytest.approx((target.std[i, 0] ** 2 + off.std[i, 0] ** 2) ** 0.5)
    assert np.isnan(found.mean[2, 0])
    np.testing.assert_array_equal(whole(molecules), found.mean[:, 0])


def test_the_line_of_the_best_ten_begins_with_the_tenth_call_and_never_falls() -> None:
    scores = pd.Series([1.0] + [0.0] * 10 + [1.0])
    line = best_so_far(scores)
    assert line.to_dict() == {10: 0.1, 11: 0.1, 12: 0.2}
    assert best_so_far(scores.head(9)).empty


def test_lines_differ_in_more_than_colour() -> None:
    marks = [SimpleNamespace(**line_style(i)) for i in range(12)]
    assert len({mark.marker for mark in marks}) == 12
    assert len({(mark.color, mark.linestyle) for mark in marks}) == 12


def test_settings_of_a_sweep_are_named_also_where_all_their_campaigns_are_short() -> None:
    jobs = []
    for name, calls, setting in (("a", 40, "long"), ("b", 5, "long"), ("c", 9, "short")):
        scored = pd.DataFrame({"score": np.linspace(0, 1, calls), "operator": "prior", "smiles": "C", "seconds": 1.0})
        jobs.append(Job(name, {"search": setting}, RunSummary.of(scored, 40), None, done=True))
    picture = curves("", jobs).picture
    assert ">search=long<" in picture
    assert ">search=short<" in picture
