"""Every YAML file under conf: it composes, and everything it names exists."""

import inspect
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from molgen.config import build, check, compose, compose_group, conf_dir, expect, locate, options, problems, to_plain
from molgen.errors import ConfigError
from molgen.runs.settings import design_config, split_islands
from molgen.scoring.component import Component
from molgen.scoring.components.qed import QED
from molgen.scoring.scorer import scorer_of

COMMANDS = sorted(path.stem for path in conf_dir().glob("*.yaml"))
GROUPS = sorted(path.name for path in conf_dir().iterdir() if path.is_dir() and any(path.glob("*.yaml")))
FILES = [(group, name) for group in GROUPS for name in options(group)]
LINEAR, ALERTS = "molgen.scoring.transforms.Linear", "molgen.scoring.components.alerts.Alerts"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_composes_without_a_problem(command: str) -> None:
    if command == "design":
        assert not design_problems()
    else:
        check(to_plain(compose(command, [])))


@pytest.mark.parametrize(("group", "name"), FILES)
def test_every_file_binds_to_what_it_names(group: str, name: str) -> None:
    node = to_plain(compose("group", [f"+{group}={name}", "+seed=0"])[group])
    found = [problem for problem in problems(node, group) if "must be given" not in problem]
    assert found == []


@pytest.mark.parametrize(("group", "name"), FILES)
def test_every_file_says_how_it_is_used(group: str, name: str) -> None:
    text = (conf_dir() / group / f"{name}.yaml").read_text()
    assert text.startswith("# ")
    assert any(line.startswith("# molgen ") for line in text.splitlines())


@pytest.mark.parametrize(("group", "name"), [pair for pair in FILES if pair[0] != "scoring"])
def test_files_spell_out_every_setting_of_their_class(group: str, name: str) -> None:
    """So that `molgen design --show` shows all there is; `tests/test_settings.py` holds that the values are the classes' own."""
    node = to_plain(compose("group", [f"+{group}={name}", "+seed=0"])[group])
    parameters = inspect.signature(locate(node["_target_"])).parameters
    published = (
        {"member", "column", "labels", "log", "censored", "relation", "unit", "error", "assay", "reference"}
        if "sha256" in node
        else set()
    )
    assert set(parameters) - set(node) - {"title"} - published == set()


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        (["search=gentic"], "did you mean 'genetic'"),
        (["campagn.budget=3"], "did you mean 'campaign'"),
        (["scoring.terms.qd.weight=3", "scoring=drug_like"], "did you mean 'qed'"),
        (["sed=3"], "did you mean 'seed'"),
        (["budget"], "key=value"),
        (["scoring=nowhere.yaml"], r"nowhere\.yaml: no such file"),
        (["campaign.budget=["], r"campaign\.budget=\["),
    ],
)
def test_a_wrong_override_is_one_line_with_the_nearest_name(overrides: list[str], hint: str) -> None:
    with pytest.raises(ConfigError, match=hint) as caught:
        compose("design", overrides)
    assert "\n" not in str(caught.value)


def design_problems(*overrides: str) -> list[str]:
    config = to_plain(compose("design", overrides))
    nodes, _ = split_islands(config["search"])
    return list(problems(config | {"search": nodes[0]}))


def test_wrong_keys_and_types_are_listed_before_anything_is_made() -> None:
    found = "\n".join(design_problems("campaign.bugdet=3", "campaign.batch=many", "search=genetic", "search.initial_design=x"))
    assert "campaign.bugdet: unknown key, did you mean 'budget'" in found
    assert "campaign.batch: 'many' is not a whole number" in found
    assert "search.initial_design: 'x' is not a whole number" in found


@pytest.mark.parametrize(
    "override",
    ["campaign.start=5", "campaign.budget=[3]", "campaign.budget={a:3}", "scoring.aggregate=5", "search.model=x"],
)
def test_values_of_another_kind_are_refused(override: str) -> None:
    found = design_problems(override)
    assert len(found) == 1
    assert found[0].startswith(override.partition("=")[0] + ": ")
    assert " is not " in found[0]


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("+serach.founders=3", "unknown key 'serach.founders', did you mean 'search'"),
        ("+bugdet=3", "unknown key 'bugdet'"),
        ("~scoring", "can't be left out"),
        ("=5", "written key=value"),
        ("search=genetic start=CCO", "start=: search=genetic keeps to no constraints; search=surrogate"),
        ("+must_contain=N", "is there already; without the"),
    ],
)
def test_no_override_goes_unheard(override: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        design_config(override.split(" "))


def test_short_names_of_goals_take_all_kinds_of_overrides() -> None:
    constraints = design_config(["windows.logp=[1,2]", "+windows.rings=[0,3]", "~forbid", "must_contain=[F,Cl]"])["search"][
        "constraints"
    ]
    assert constraints["windows"] == {"logp": [1, 2], "rings": [0, 3]}
    assert "forbid" not in constraints
    assert constraints["must_contain"] == "[F,Cl]"


@pytest.mark.parametrize(
    ("node", "hint"),
    [
        ({"component": None}, r"scoring\.terms\.a\.component: null is not a Component"),
        ({"component": {"_target_": LINEAR, "low": 0, "high": 1}}, r"terms\.a\.component\._target_: .* is not a Component"),
        ({"component": {"_target_": ALERTS, "catalogs": [1]}}, r"component\.catalogs\[0\]: 1 is not text"),
        ({"component": {"_target_": ALERTS}, "transform": {"low": 0}}, r"transform\.low: no transform 'low'; known: clip, "),
        ({"component": {"_target_": ALERTS, "catalogs": ["PIANS"]}}, r"terms\.a\.component: .* did you mean 'PAINS'"),
        ({"component": {"_target_": "Alerts"}}, "'Alerts' is no class with its module"),
    ],
)
def test_what_is_no_term_is_named_with_its_place(node: dict[str, Any], hint: str) -> None:
    term = {"_target_": "molgen.scoring.scorer.Term", **node}
    with pytest.raises(ConfigError, match=hint):
        build({"_target_": "molgen.scoring.scorer.Scorer", "terms": {"a": term}}, "scoring")


@pytest.mark.parametrize("kind", ["Unannotated", "Anything", "Optionally", "Bare", "Misspelt"])
def test_what_has_no_types_takes_anything(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "tests")
    node = {"_target_": "molgen.scoring.components.qed.QED"}
    for given, made in (([1], [1]), ("a", "a"), ({"b": 1.5}, {"b": 1.5}), (node, QED()), ([node], [QED()]), (None, None)):
        if kind != "Bare" or isinstance(given, list):
            assert build({"_target_": f"{__name__}.{kind}", "x": given}).x == made


class Own(Component):
    def __call__(self, molecules: Any) -> Any:
        return molecules


class Unannotated(Own):
    def __init__(self, x):  # type: ignore[no-untyped-def]
        self.x = x


class Anything(Own):
    def __init__(self, x: Any) -> None:
        self.x = x


class Optionally(Own):
    def __init__(self, x: Any | None = 3) -> None:
        self.x = x


class Bare(Own):
    def __init__(self, x: typing.Sequence) -> None:
        self.x = x


class Misspelt(Own):
    def __init__(self, x: "typing.NoSuchType") -> None:  # type: ignore[name-defined]
        self.x = x


class Several(Own):
    def __init__(self, *args: int, **kwargs: int) -> None:
        self.args, self.kwargs = args, kwargs


def test_what_is_taken_by_place_has_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "tests")
    assert build({"_target_": f"{__name__}.Several", "args": 1}).kwargs == {"args": 1}
    for key in ("_args_", "_partial_", "_convert_", "_recursive_"):
        with pytest.raises(ConfigError, match=f"{key}: unknown key"):
            build({"_target_": f"{__name__}.Anything", "x": 1, key: [1]})


@pytest.mark.parametrize("text", ["3", "", "- a", "terms: {a: 1}\nterms: {b: 2}", "_target_: x\nlow: [[1]]"])
def test_a_file_that_holds_no_goal_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "goal.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        compose_group("scoring", str(tmp_path / "goal.yaml"))
    assert "\n" not in str(caught.value)


def test_a_key_that_a_file_leaves_out_can_be_set() -> None:
    config = to_plain(compose("design", ["scoring=drug_like", "scoring.terms.qed.weight=3"]))
    assert config["scoring"]["terms"]["qed"]["weight"] == 3


def test_a_file_takes_overrides_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text((conf_dir() / "scoring" / "drug_like.yaml").read_text())
    config = to_plain(compose("design", [f"scoring={path}", "scoring.terms.qed.weight=3"]))
    assert config["scoring"]["terms"]["qed"]["weight"] == 3
    with pytest.raises(ConfigError, match="weight"):
        compose("design", [f"scoring={path}", "scoring.terms.qed.weight=["])


def test_a_file_of_molecules_is_data(tmp_path: Path) -> None:
    (tmp_path / "my.smi").write_text("CCO\n")
    config = compose("train", [f"data={tmp_path / 'my.smi'}"])
    assert config.data.path == str(tmp_path / "my.smi")


def test_a_missing_module_or_class_is_named() -> None:
    with pytest.raises(ConfigError, match=r"no module 'molgen\.nowhere'"):
        locate("molgen.nowhere.Thing")
    with pytest.raises(ConfigError, match="did you mean 'Scorer'"):
        locate("molgen.scoring.scorer.Scoerr")


def test_what_a_constructor_objects_to_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a SMARTS"):
        compose_group("scoring", "osimertinib_like", ["scoring.terms.warhead.component.smarts='[C'"])


@pytest.mark.parametrize("smiles", ["C=CC(=O)N", "C[C@H](N)C#N", "F/C=C\\F", "CCO", "c1cc[nH]c1"])
def test_smiles_need_no_quotes(smiles: str) -> None:
    assert compose("sample", [f"prompt={smiles}"]).prompt == smiles


def test_file_names_need_no_quotes(tmp_path: Path) -> None:
    goal = tmp_path / "my goal (1).yaml"
    goal.write_text((conf_dir() / "scoring" / "drug_like.yaml").read_text())
    config = compose("design", [f"scoring={goal}", f"campaign.folder={tmp_path}/run (2)"])
    assert list(config.scoring.terms) == ["qed", "synthesis"]
    assert config.campaign.folder == f"{tmp_path}/run (2)"
    assert compose("train", ["data=my set (1).csv"]).data.path == "my set (1).csv"


def test_settings_of_a_command_keep_their_types() -> None:
    config = to_plain(compose("sample", ["n=many", "seed=1", "temperature=1"]))
    with pytest.raises(ConfigError, match=r"^n: 'many' is not a whole number$"):
        expect(config, n=int, seed=int | None, temperature=float, prompt=str | None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("prompt=C=CC(=O)N", "C=CC(=O)N"),
        ("prompt=[NH3+]CC[O-]", "[NH3+]CC[O-]"),
        ("prompt=[NH3+]C(=O)C", "[NH3+]C(=O)C"),
        ("fragments=[*c1ccccc1,*N]", ["*c1ccccc1", "*N"]),
        ("fragments=[*C(=O)c1ccccc1,*[NH2+]C]", ["*C(=O)c1ccccc1", "*[NH2+]C"]),
    ],
)
def test_lists_of_smiles_need_none_either(given: str, expected: object) -> None:
    config = to_plain(compose("sample", [given]))
    assert config[given.partition("=")[0]] == expected


@pytest.mark.parametrize(
    "overrides", [("search.founders=5", "search.initial_design=6"), ("search.initial_design=6", "search.founders=5")]
)
def test_an_old_name_beside_its_new_one_is_refused(overrides: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"^search\.founders: is now search\.initial_design, which is given as well"):
        compose("design", ["search=surrogate", *overrides])


def test_old_names_are_understood_in_a_file_that_changes_another(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("defaults: [surrogate]\nfounders: 5\nchildren: 7\n")
    search = compose("design", [f"search={tmp_path}/s.yaml"]).search
    assert (search.initial_design, search.breeding.offspring) == (5, 7)
    assert "founders" not in search


def test_a_component_is_no_objective() -> None:
    from molgen.runs.stages import check_run

    config = to_plain(compose("design", ["search=genetic"]))
    with pytest.raises(ConfigError, match=r"^scoring: _target_ must make an objective, made a QED"):
        check_run({**config, "scoring": {"_target_": "molgen.scoring.components.qed.QED"}})


@pytest.mark.parametrize("target", ["molgen.scoring.components.qed.QED", "molgen.scoring.transforms.Identity"])
def test_what_scores_a_file_is_a_scorer(target: str) -> None:
    with pytest.raises(ConfigError, match=r"^scoring: _target_ must make a Scorer, made a (QED|Identity)"):
        scorer_of({"_target_": target})


def test_one_value_does_where_a_list_is_meant(tmp_path: Path) -> None:
    """Typed, in a file, below a command or in a class; what is no single text or number is refused as before."""
    path = tmp_path / "mine.yaml"
    path.write_text("_target_: molgen.data.catalog.Molfile\npath: x.csv\nlabels: pIC50\n")
    assert compose_group("data", str(path)) == compose_group("data", "file", ["data.path=x.csv", "data.labels=[pIC50]"])
    assert build(to_plain(compose("train_predictor", ["data=x.csv", "data.labels=pIC50"])["data"])).labels == ["pIC50"]
    node: dict[str, Any] = {"endpoints": "herg", "numbers": 3, "text": "a", "either": "b", "none": None}
    expect(node, endpoints=list[str], numbers=Sequence[float], text=str, either=str | list[str], none=list[str] | None)
    assert node == {"endpoints": ["herg"], "numbers": [3], "text": "a", "either": "b", "none": None}
    for value, hint in (({}, list[str]), (True, list[int]), ("a", list[float]), (0.5, list[int]), (None, list[str])):
        with pytest.raises(ConfigError, match="key: "):
            expect({"key": value}, key=hint)
