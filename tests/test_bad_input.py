"""What can be checked is checked before a molecule is scored, and leaves nothing behind."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from molgen.chem.smarts import Pattern, implies
from molgen.cli.commands import main
from molgen.cli.errors import about
from molgen.errors import ConfigError, check_above, check_between, check_seed
from molgen.search.constraints import Constraints

NAN, INF = float("nan"), float("inf")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("smiles,value\nCCO,1\nc1ccccc1O,2\n")
    return tmp_path


def refused(folder: Path, *arguments: str) -> str:
    """The error of a command that leaves the folder as it was."""
    before = sorted(folder.rglob("*"))
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 1, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit)
    assert sorted(folder.rglob("*")) == before
    lines = [line for line in result.stderr.splitlines() if line.startswith("molgen: ")]
    assert 1 <= len(lines) <= 3
    return "\n".join(lines)


class TestBounds:
    @pytest.mark.parametrize("value", [NAN, INF, -INF, 0.5])
    def test_a_bound_is_passed_by_finite_numbers_alone(self, value: float) -> None:
        with pytest.raises(ConfigError, match=r"group\.x: must be at least 1"):
            check_between("group", 1, x=value)
        check_between("group", 1, x=1)

    @pytest.mark.parametrize("value", [NAN, INF, 0])
    def test_above_is_above(self, value: float) -> None:
        with pytest.raises(ConfigError, match=r"^x: must be above 0"):
            check_above("", x=value)
        check_above("", x=1e-9)

    @pytest.mark.parametrize("seed", [-1, 2**32, 10**23])
    def test_a_seed_is_one_that_all_generators_take(self, seed: int) -> None:
        with pytest.raises(ConfigError, match="seed: must be between 0 and 4294967295"):
            check_seed("search", seed)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["sample", "temperature=nan"], "temperature: nan is not a number"),
        (["sample", "temperature=0"], "temperature: must be above 0, not 0"),
        (["sample", "seed=-1"], "seed: must be between 0 and 4294967295, not -1"),
        (["sample", "n=99999999999999999999999"], "n: 99999999999999999999999 is too large a whole number"),
        (["score", "in.csv", "scoring.terms.qed.weight=nan"], "scoring.terms.qed.weight: nan is not a number"),
        (["score", "in.csv", "scoring.terms.synthesis.transform.low=2.5"], "low and high must be two different numbers"),
        (["score", "in.csv", "table=1"], "table: is made of settings (table.KEY=VALUE), and can't be 1"),
        (["score", "in.csv", "table=${nope}"], "table: is made of settings (table.KEY=VALUE), and can't be '${nope}'"),
        (["score", "in.csv", "output=in.csv/out.csv"], "in.csv/out.csv: can't be written (in.csv is a file, not a folder)"),
        (["score", "in.csv", f"output={'x' * 300}.csv"], ": can't be written (File name too long)"),
        (["score", "/dev/stdin"], "/dev/stdin: a pipe or a device, which can be read only once"),
        (["design", "campaign.folder=out", "campaign.start=/dev/stdin"], "/dev/stdin: a pipe or a device"),
        (["predict", "in.csv", "output=/proc/nope/out.csv"], "/proc/nope/out.csv: can't be written"),
        (["explain", "c1ccccc1O", "predictor=pka", "endpoint=pka_acid", "output=in.csv/a.svg"], "in.csv/a.svg: can't be written"),
        (["screen", "library=in.csv", "folder=out", "label=active"], "no label column 'active'"),
        (["screen", "library=in.csv", "folder=out", "hits=0"], "hits: must be at least 1, not 0"),
        (["screen", "library=fda_aproved", "folder=out"], "no such file, folder or public set, did you mean 'fda_approved'?"),
        (["serve", "service.port=99999"], "service.port: must be between 0 and 65535, not 99999"),
        (["train", "data=in.csv", "folder=in.csv"], "in.csv/generator.safetensors: can't be written"),
        (["train", "data=in.csv", "folder=out", "generator.heads=3"], "must be a multiple of generator.heads (3)"),
        (["train", "data=in.csv", "folder=out", "generator=recurrent", "generator.cell=gro"], "one of gru, lstm"),
        (["train", "data=in.csv", "folder=out", "predictor=boosted", "predictor.seed=-1"], "predictor.seed: must be between 0"),
        (["train", "data=in.csv", "folder=out", "predictor=pka"], "trained already; name a recipe: boosted"),
        (["train", "data=in.csv", "folder=out", "trainer.lr=-1"], "trainer.lr: must be above 0, not -1"),
        (["design", "campaign.folder=out", "search.batch.share=0"], "search.batch.share: must be above 0 and at most 1, not 0"),
        (["design", "campaign.folder=out", "campaign.until=5"], "campaign.until: must be above 0 and at most 1, not 5"),
        (["design", "campaign.folder=out", "campaign.until=0"], "campaign.until: must be above 0 and at most 1, not 0"),
        (["design", "campaign.folder=out", "stages=[{scoring: drug_like, until: 80}]"], "stages.1.until: must be above 0 and at"),
        (["design", "campaign.folder=out", "search.exchange=-5"], "search.exchange: must be at least 1, not -5"),
        (["design", "campaign.folder=out", "search=latent", "search.sigma=1e9"], "search.sigma: must be between 0.001 and 10"),
        (["design", "-m", "hydra.sweep.dir=out", "campaign.until=2,0.5"], "campaign.until: must be above 0 and at most 1, not 2"),
        (["design", "campaign.folder=out", "seed=0,1"], "seed=0,1: several values make a sweep: molgen design -m"),
        (["design", "campaign.folder=out", "stages={scoring: qed}"], "is not a list; write [{scoring: qed}]"),
        (["design", "-m", "hydra.sweep.dir=out", "seed=range(0)"], "seed=range(0): there is no value in it"),
        (["design", "campaign.folder=out", "stages=5"], "stages: 5 is not a list"),
        (["design", "campaign.folder=out", "seed=-1"], "search.seed: must be between 0 and 4294967295"),
        (["design", "campaign.folder=out", "windows={logp: [5,1]}"], "nothing is between 5 and 1"),
        (["design", "campaign.folder=out", "must_contain=C", "forbid=C"], "no molecule contains C (must_contain) without C"),
        (["design", "campaign.folder=out", "search.batch.share=0", "stages=[{scoring: drug_like}]"], "share: must be"),
        (["design", "-m", "hydra.sweep.dir=out", "seed=0,1", "similarity=2"], "similarity: must be between 0 and 1, not 2"),
        (["design", "-m", "hydra.sweep.dir=out", "hydra/sweeper=optuna", "search.batch.share=interval(1,0)"], "batch.share: "),
        (["design", "-m", "hydra.sweep.dir=out", "hydra/sweeper=optuna", "hydra.sweeper.seed=-1", "seed=0,1"], "sweeper.seed"),
        (["design", "-m", "hydra.sweep.dir=out", "campaign.batch=1,0"], "campaign.batch: must be at least 1, not 0"),
    ],
)  # fmt: skip
def test_a_command_that_can_not_end_well_does_not_begin(folder: Path, settings: list[str], message: str) -> None:
    assert message in refused(folder, *settings)


def test_many_problems_are_three_lines(folder: Path) -> None:
    wrong = [f"scoring.terms.qed.{key}=1" for key in "abcde"]
    assert refused(folder, "score", "in.csv", *wrong).splitlines()[2] == "molgen: and 3 more problems"


def test_a_wrong_use_is_one_line() -> None:
    result = CliRunner().invoke(main, ["design", "--budget", "5"])
    assert result.exit_code == 2
    assert result.stderr == "molgen: No such option '--budget'; examples: molgen design --help\n"


def test_an_error_of_the_system_names_its_file() -> None:
    with pytest.raises(OSError, match="directory") as caught:
        Path("/").read_text()
    assert about(caught.value) == "/: Is a directory"


class TestContradictions:
    @pytest.mark.parametrize(
        ("whole", "part", "expected"),
        [
            ("C=CC(=O)N", "C=C", True),  # any molecule with the first has the second
            ("c1ccccc1", "c", True),
            ("[F,Cl]", "[F,Cl]", True),
            ("C=CC(=O)N", "[NH2]", False),  # C=CC(=O)NC has the first alone
            ("*", "C", False),
            ("C~C", "CC", False),
            ("CC", "CCC", False),
            ("[C,N]", "C", False),
        ],
    )
    def test_what_a_pattern_implies(self, whole: str, part: str, expected: bool) -> None:
        assert implies(Pattern(whole), Pattern(part)) is expected

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"windows": {"molecular_weight": [None, -1]}}, "no molecule is in it"),
            ({"windows": {"fraction_sp3": [2, 3]}}, "it is 0 to 1"),
            ({"lead": ["CCO"], "similarity": 1.0, "forbid": ["O"]}, "1 allows the leads alone"),
        ],
    )
    def test_what_no_molecule_satisfies_is_refused(self, settings: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            Constraints(**settings)

    def test_a_lead_may_be_outside_what_is_looked_for(self) -> None:
        assert Constraints(lead=["CCO"], forbid=["O"], similarity=0.1).leads == ["CCO"]
