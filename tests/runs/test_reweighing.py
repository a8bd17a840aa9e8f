"""A campaign that goes on with other weights and transforms."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.errors import ConfigError
from molgen.runs.export import has_ended
from molgen.runs.reweighing import change_objective, objectives_before
from molgen.runs.settings import design_config, read_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from molgen.runs.watching import RunReader
from molgen.scoring.scorer import scorer_of

TERMS = {"size": {"descriptor": "molecular_weight", "transform": {"linear": {"low": 500, "high": 100}}}, "qed": "qed"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A campaign of 20 calls that may go on to 30."""
    folder = tmp_path / "run"
    config = design_config(["search=genetic", "campaign.budget=20", "campaign.batch=10", f"campaign.folder={folder}"])
    config["scoring"] = {"terms": TERMS, "filters": {"rings": {"descriptor": "rings", "maximum": 5}}}
    run_config(config)
    config["campaign"]["budget"] = 30
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return folder


def molecules(folder: Path) -> pd.DataFrame:
    store = RunStore(folder)
    table = store.to_pandas()
    store.close()
    return table


def changed(folder: Path, **terms: Any) -> dict[str, Any]:
    scoring: dict[str, Any] = read_config(folder)["scoring"]
    return scoring | {"terms": scoring["terms"] | terms}


def test_all_scores_are_those_of_the_new_weights_and_no_call_is_spent(run: Path) -> None:
    before, reader = molecules(run), RunReader(run)
    reader.refresh()
    line = change_objective(run, changed(run, qed={"qed": {}, "weight": 3}))
    assert line == ["qed: weight 1 \N{RIGHTWARDS ARROW} 3"]
    run_config(read_config(run), resume=True)
    after = molecules(run)
    assert len(after) == 30
    assert after["smiles"].tolist()[:20] == before["smiles"].tolist()
    pd.testing.assert_series_equal(after["qed"][:20], before["qed"])
    scaled = after[["size_scaled", "qed_scaled"]].to_numpy(float)
    with np.errstate(divide="ignore"):
        expected = np.exp((np.log(scaled) * [1, 3]).sum(1) / 4)  # the weighted geometric mean
    np.testing.assert_allclose(after["score"], np.where(after["problem"].isna(), expected, 0), atol=1e-9)
    reader.refresh()
    np.testing.assert_array_equal(reader.molecules["score"], after["score"])  # a page that was open has them too
    [stage] = objectives_before(run)
    assert (stage["until_call"], stage["scoring"]["terms"]["qed"]) == (20, "qed")
    assert change_objective(run, read_config(run)["scoring"]) == []  # nothing has changed, and nothing is written
    assert len(objectives_before(run)) == 1


def test_settings_that_were_edited_by_hand_do_not_mix_two_objectives(run: Path) -> None:
    config = read_config(run)
    config["scoring"]["terms"]["size"]["transform"]["linear"]["low"] = 300
    config["scoring"]["filters"]["rings"]["maximum"] = 2
    (run / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    run_config(read_config(run), resume=True)
    after, scorer = molecules(run), scorer_of(config["scoring"])
    scores = scorer(after["smiles"].tolist())
    np.testing.assert_allclose(after["score"], scores.total, atol=1e-9)
    assert [text is None for text in scores.problem] == after["problem"].isna().tolist()


@pytest.mark.parametrize(
    ("scoring", "said"),
    [
        ({"terms": {"qed": "qed"}}, "scoring.terms.size: a campaign that goes on keeps its terms"),
        (
            {"terms": TERMS | {"qed": {"sa_score": {}, "transform": {"linear": {"low": 6, "high": 2}}}}},
            "has measured something else",
        ),
        ({"terms": TERMS | {"qed": {"qed": {}, "weight": -1}}}, "must be 0 or more"),
        ({"terms": TERMS, "filters": {"rings": {"descriptor": "rings", "maximum": 9}}}, "can be made narrower only"),
    ],
)
def test_what_would_need_to_be_measured_is_refused(run: Path, scoring: dict[str, Any], said: str) -> None:
    before = (run / "config.yaml").read_bytes()
    with pytest.raises(ConfigError, match=said):
        change_objective(run, {"filters": {"rings": {"descriptor": "rings", "maximum": 5}}} | scoring)
    assert (run / "config.yaml").read_bytes() == before
    assert objectives_before(run) == []


def test_a_command_of_which_a_part_is_refused_changes_nothing(run: Path) -> None:
    before = (run / "config.yaml").read_bytes()
    refused = CliRunner().invoke(main, ["design", f"resume={run}", "scoring.terms.size.weight=3", "campaign.batch=40"])
    assert refused.exit_code == 1
    assert (run / "config.yaml").read_bytes() == before
    done = CliRunner().invoke(main, ["design", f"resume={run}", "scoring.terms.size.weight=3"])
    assert done.exit_code == 0
    assert "size: weight 1 \N{RIGHTWARDS ARROW} 3" in done.stderr
    assert read_config(run)["scoring"]["terms"]["size"]["weight"] == 3


def test_a_campaign_that_has_ended_goes_on_with_more_calls(run: Path) -> None:
    assert has_ended(run)
    told = CliRunner().invoke(main, ["design", f"resume={run}", "campaign.budget=25"])  # of the 30 that the settings allow
    assert told.exit_code == 0, told.output
    assert "budget: 30 \N{RIGHTWARDS ARROW} 25" in told.stderr
    assert len(molecules(run)) == 25
    first = molecules(run)["smiles"].tolist()
    assert change_objective(run, changed(run, qed={"qed": {}, "weight": 2}), {"budget": 25}) != []
    assert not has_ended(run)  # until it has been resumed, and a sweep would take it up again
    run_config(read_config(run), resume=True)
    assert has_ended(run)
    assert molecules(run)["smiles"].tolist() == first  # scored anew, of what was measured
    change_objective(run, read_config(run)["scoring"], {"budget": 40, "until": None})
    run_config(read_config(run), resume=True)
    assert (len(molecules(run)), molecules(run)["smiles"].tolist()[:25]) == (40, first)
    arrow = "\N{RIGHTWARDS ARROW}"
    said = [stage["changes"] for stage in objectives_before(run)]
    assert said == [[f"budget: 30 {arrow} 25"], [f"qed: weight 1 {arrow} 2"], [f"budget: 25 {arrow} 40"]]


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({"budget": 10}, "20 calls have been spent; it must be that or more, not 10"),
        ({"budget": 0}, "campaign.budget: must be at least 1, not 0"),
        ({"stop": "never"}, "campaign.stop: must be plateau or null"),
    ],
)
def test_an_end_that_cannot_be_is_refused(run: Path, ends: dict[str, Any], said: str) -> None:
    before = (run / "config.yaml").read_bytes()
    with pytest.raises(ConfigError, match=said):
        change_objective(run, read_config(run)["scoring"], ends)
    assert (run / "config.yaml").read_bytes() == before
    assert has_ended(run)
