"""Compounds that are measured again because noise leaves open which is the best."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import norm

from molgen.chem.molecules import Molecules
from molgen.cli.commands import main
from molgen.errors import ConfigError
from molgen.project.posterior import Posterior
from molgen.project.project import Project
from molgen.project.repeats import repeats_of
from molgen.project.round_settings import Proposing
from molgen.project.status import status
from tests.project.conftest import table

BEST, NEXT, BOUND = "CCCCCCO", "CCCCCC(C)O", "CCCCCCBr"
WEAK = ["CCCCN", "CCCCCl", "CCCC(=O)O", "CCCC#N", "CCCCF", "CCCCS"]


def project(folder: Path, noise: float) -> Project:
    """Two good compounds, 0.05 apart, and six weak ones, each measured three times; a bound on another one."""
    folder.mkdir()
    (folder / "goals.yaml").write_text("goals: {potency: {measured: pIC50, highest: true}}")
    made, _ = Project.new(folder / "p", folder / "goals.yaml")
    values = dict(zip([BEST, NEXT, *WEAK], [8.0, 7.95, 5.0, 5.2, 4.8, 5.1, 4.9, 5.0], strict=True))
    shifts = (-noise, 0.0, noise)
    smiles = [text for text in values for _ in shifts]
    told = [f"{value + shift:.3f}" for value in values.values() for shift in shifts]
    made.observe(table(SMILES=[*smiles, BOUND], pIC50=[*told, ">7.9"]))
    return made


def repeats(made: Project, number: int, controls: tuple[str, ...] = ()) -> list[str]:
    return repeats_of(number, Posterior.of(made.goals, made.measurements()), made.measurements(), controls)


def test_noise_is_measured_away_where_it_hides_the_best(tmp_path: Path) -> None:
    noisy = project(tmp_path / "noisy", 0.4)
    assert set(repeats(noisy, 4)) == {BEST, NEXT}  # two in doubt, whatever is asked for; of a bound more is unknown than noise
    assert len(repeats(noisy, 1)) == 1
    assert repeats(noisy, 4, controls=(BEST,)) == [NEXT]
    assert repeats(noisy, 0) == []
    assert repeats(project(tmp_path / "exact", 0.004), 4) == []


def test_what_would_be_expected_after_a_repetition(tmp_path: Path) -> None:
    """By Bayes' rule for normal distributions: the expectation moves with the standard deviation s² / sqrt(s² + t²)."""
    made = project(tmp_path / "noisy", 0.4)
    posterior = Posterior.of(made.goals, made.measurements())
    molecules = Molecules([BEST, WEAK[0]])
    expected = posterior.expect(molecules)["potency"]
    noise = float(posterior.models["potency"].noise[0])
    assert expected.error is not None
    known = expected.error**2 - noise**2
    moved = known / expected.error
    at = posterior.goals.utility({"potency": expected.mean + norm.ppf([[0.16], [0.5], [0.84]]) * moved})
    then = posterior.utility_after_repeat(molecules)
    assert (then.min(0) < at[0]).all()
    assert (then.max(0) > at[2]).all()
    assert np.median(then, 0) == pytest.approx(at[1], rel=0.05)
    now = posterior.utility(molecules)[1]
    assert (then.std(0) < now).all()


def test_a_round_with_repeats_from_proposal_to_result(tmp_path: Path) -> None:
    made, library = project(tmp_path / "noisy", 0.4), tmp_path / "library.smi"
    library.write_text("\n".join(f"{'C' * n}c1ccncc1" for n in range(1, 9)))
    with pytest.raises(ConfigError, match="controls=1 repeats=2: leave no room for others in a round of n=3"):
        Proposing(3, "library", str(library), controls=1, repeats=2)
    words = ["n=5", "repeats=3", "controls=1", "from=library", f"library={library}", "per_scaffold=null"]
    done = CliRunner().invoke(main, ["propose", str(made.folder), *words])
    assert done.exit_code == 0, done.output
    again = [fact for fact in made.propositions(1) if fact.is_repeated]
    assert {fact.compound for fact in again} == {BEST, NEXT}  # the better one as a control: it is measured most often and best
    assert sorted(fact.purpose for fact in again) == ["control", "repeat"]
    assert ", 1 control, 1 repeat\n" in done.output
    assert len(made.propositions(1)) == 5  # a place that no repeat needs goes to a new compound
    assert "1 control pending, 1 repeat pending" in "\n".join(status(made))
    (repeat,) = [fact for fact in again if fact.purpose == "repeat"]
    made.observe(table(id=[repeat.name], pIC50=["7.9"]))
    assert "1 control pending, 1 repeat measured again" in "\n".join(status(made))
