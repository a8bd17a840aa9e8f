"""The predictors that ship: what is known of old drugs, which anybody can look up."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from molgen import load_predictor
from molgen.cli.commands import main
from molgen.config import compose_group
from molgen.errors import ConfigError
from molgen.learn.checkpoint import load_tensors
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.reading import Statistic

TERFENADINE = "CC(C)(C)c1ccc(cc1)C(O)CCCN1CCC(CC1)C(O)(c1ccccc1)c1ccccc1"  # withdrawn for its hERG block
GLUCOSE = "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O"
IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(n1)-c1cccnc1"
PONATINIB = "Cc1ccc(cc1C#Cc1cnc2cccnn12)C(=O)Nc1ccc(CN2CCN(C)CC2)c(c1)C(F)(F)F"


@pytest.mark.parametrize("name", ["activity", "admet", "affinity", "toxicity"])
def test_a_shipped_model_is_small_and_its_card_says_what_it_was_trained_on(name: str) -> None:
    path = WEIGHTS / f"{name}.safetensors"
    card = load_tensors(path)[1]
    assert path.stat().st_size < 25e6
    assert (Path(__file__).parents[2] / card["trained_by"].split()[0]).is_file()
    assert all(len(source["sha256"]) == 64 for source in card["data"].values())


def test_admet_knows_textbook_cases() -> None:
    found = load_predictor("admet").predict(
        [TERFENADINE, GLUCOSE], endpoints=["herg", "solubility_aqsoldb", "lipophilicity_astrazeneca"]
    )
    assert found.mean[0, 0] > 0.7 > 0.3 > found.mean[1, 0]
    assert found.mean[0, 1] < -4 < -0.5 < found.mean[1, 1]
    assert found.mean[0, 2] > found.mean[1, 2]


def test_admet_has_22_endpoints_with_units_and_directions() -> None:
    endpoints = load_predictor("admet").endpoints
    assert len(endpoints) == 22
    assert all(endpoint.poor is not None and endpoint.good is not None and endpoint.about for endpoint in endpoints)
    assert all(endpoint.unit for endpoint in endpoints if endpoint.task == "regression")


def test_affinity_knows_that_the_gatekeeper_mutation_stops_imatinib() -> None:
    """Davis et al., Nat. Biotechnol. 29, 1046 (2011): imatinib binds ABL1 at 1 to 12 nM, ABL1(T315I) above 1 uM."""
    predictor = load_predictor("affinity")
    wild, mutant = (predictor.predict([IMATINIB], target=name).mean[0, 0] for name in ("ABL1", "ABL1(T315I)"))
    assert wild > 7.5
    assert mutant < 6.5


def test_affinity_tells_from_other_kinases_that_the_gatekeeper_mutation_of_kit_stops_imatinib(tmp_path: Path) -> None:
    """Tamborini et al., Gastroenterology 127, 294 (2004): KIT T670I resists. Davis has it beside V559D only, which binds."""
    table, known, output = (tmp_path / name for name in ("asked.csv", "known.csv", "predicted.csv"))
    table.write_text(f"smiles\n{IMATINIB}\n{PONATINIB}\n")
    known.write_text(f"smiles,Kd (nM)\n{PONATINIB},5\n")
    arguments = ["predict", str(table), "predictor=affinity", "target=KIT(T670I)", f"known={known}", f"output={output}"]
    result = CliRunner().invoke(main, arguments)
    assert "known: 1 measured affinities to KIT(T670I)" in result.output
    found = pd.read_csv(output)
    wild = load_predictor("affinity").predict([IMATINIB], target="KIT").mean[0, 0]
    assert found["pKd"][0] < wild - 1.5
    assert 7.2 < found["pKd"][1] < 8.3
    assert found["pKd_seen"].tolist() == ["pair with wild type", "given"]


def test_affinity_takes_uniprot_names_of_kiba_and_new_molecules() -> None:
    predictor = load_predictor("affinity")
    found = predictor.predict([PONATINIB, "CCO"], target="P00519")
    assert found.mean[0, 0] > found.mean[1, 0]
    assert not found.in_domain[1]


def test_affinity_needs_a_target() -> None:
    predictor = load_predictor("affinity")
    with pytest.raises(ConfigError, match="name a protein"):
        predictor.predict(["CCO"])
    with pytest.raises(ConfigError, match="did you mean 'ABL1"):
        predictor.predict(["CCO"], target="ABL1(T315)")


def test_a_protein_unlike_any_kinase_is_outside_the_domain() -> None:
    insulin = "MALWMRLLPLLALLALWGPDPAAAFVNQHLCGSHLVEALYLVCGERGFFYTPKTRREAEDLQVGQVELGGGPGAGSLQPLALEGSLQKRGIVEQCCTSICSLYQLENYCN"
    found = load_predictor("affinity").predict([IMATINIB], target=insulin)
    assert not found.in_domain[0]
    assert np.isfinite(found.mean).all()


def test_an_unknown_predictor_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'admet'"):
        load_predictor("admit")


def test_intervals_stay_within_what_is_possible() -> None:
    """Plasma protein binding is between 0 and 100 %; clearances, half-lives and volumes aren't negative."""
    endpoints = ("ppbr_az", "clearance_hepatocyte_az", "clearance_microsome_az", "half_life_obach", "vdss_lombardo")
    found = load_predictor("admet").predict([TERFENADINE, GLUCOSE, IMATINIB, PONATINIB], endpoints=endpoints)
    assert np.isnan(found.low).tolist() == np.isnan(found.high).tolist() == np.isnan(found.std).tolist()
    assert (found.outside[np.isnan(found.low)] != "").all()
    for values in (found.mean, found.low, found.high):
        assert (values[~np.isnan(values)] >= 0).all()
        assert not (values[:, 0] > 100).any()
    assert (found.high[:, 0] == 100).any()  # which without a bound it would be beyond
    assert (found.low == 0).any()
    free = load_predictor("admet").predict([TERFENADINE], endpoints=["solubility_aqsoldb", "lipophilicity_astrazeneca"])
    assert free.low[0, 0] < 0


@pytest.mark.parametrize("statistic", ["lower", "upper"])
def test_a_reading_stays_within_what_is_possible(statistic: str) -> None:
    found = load_predictor("admet").predict([TERFENADINE, GLUCOSE, IMATINIB, PONATINIB], endpoints=["ppbr_az"])
    values = Statistic(statistic, "keep")(found)
    known = ~np.isnan(found.std[:, 0])
    assert known.sum() > 1
    assert ((values[known] >= 0) & (values[known] <= 100)).all()
    assert np.isnan(values[~known]).all()
    assert ((found.mean + found.std)[:, 0] > 100).any()


def test_what_ships_agrees_with_the_bounds_in_the_settings() -> None:
    """The shipped cards don't name bounds, units give them; the settings of a new training do."""
    shipped = {endpoint.name: endpoint for endpoint in load_predictor("admet").endpoints}
    for name, endpoint in shipped.items():
        (written,) = compose_group("data", f"admet/{name}").labels
        assert (written.lowest, written.highest) == (endpoint.lowest, endpoint.highest), name
