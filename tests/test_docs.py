"""What README, docs and help print works as it is printed, and what they claim is what was measured."""

import gzip
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from benchmarks import pmo_table
from benchmarks.claims import CLAIMS, MARK, pages
from benchmarks.results import RESULTS
from molgen.cli.commands import main
from molgen.data.readers import write_table
from molgen.renamed import SETTINGS
from molgen.runs.settings import check_design, design_config
from molgen.scoring.catalogue import as_markdown
from tests.conftest import ASPIRIN, CAFFEINE
from tests.pages import SERVICE, serving
from tests.printed import blocks_of
from tests.wheels import Reader

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LANGUAGES = ("sh", "bash", "python", "yaml")
NOTEBOOKS = sorted((DOCS / "tutorials").glob("*.ipynb"))
RUN = [path for path in [*pages(), *NOTEBOOKS] if any(block.language in LANGUAGES for block in blocks_of(path))]
KINASE = "GSFGKVVEATAYGLIKSDAAMTVAVKMLKPSAHLTEREALMSELKVLSYLGNHMNIVNLLGACTIGGPTLVITEYCCYGDLLNFLRRKRD"  # of KIT
COMMANDS = (*main.commands, "molgen")


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, samples: list[str]) -> Path:
    """The files that pages read and a reader would have: molecules, a lead, a library, measurements, a receptor, an objective."""
    folder = tmp_path_factory.mktemp("kept")
    named = dict(zip([ASPIRIN, CAFFEINE, *samples[:6]], ["aspirin", "caffeine", *"abcdef"], strict=True))
    (folder / "molecules.csv").write_text("smiles,name\n" + "".join(f"{text},{name}\n" for text, name in named.items()))
    (folder / "assay.csv").write_text("Structure,active\n" + "".join(f"{text},{i % 2}\n" for i, text in enumerate(samples[:20])))
    (folder / "my.csv").write_text(
        "smiles,pIC50\n" + "".join(f"{text},{4 + text.count('N') / 2 + i % 3 / 9}\n" for i, text in enumerate(samples[:60]))
    )
    (folder / "lead.smi").write_text("CC(=O)Nc1ccc(O)cc1 paracetamol\n")
    (folder / "known.smi").write_text("\n".join(samples[:12]))
    (folder / "judgements.csv").write_text(f"smiles,decision\n{ASPIRIN},star\n{CAFFEINE},reject\n")
    (folder / "my.smi").write_text("\n".join(samples[:60]))
    (folder / "blocks.smi").write_text("\n".join(samples[:5]))
    (folder / "receptor.pdbqt").write_text("ATOM      1  N   GLY A   1       0.000   0.000   0.000  1.00  0.00    -0.100 N \n")
    with gzip.open(folder / "vendor.smi.gz", "wt") as file:
        file.write("\n".join(samples[:40]))
    shutil.copy(folder / "molecules.csv", folder / "library.csv")
    (folder / "vendor.smi").write_text("\n".join(samples[:40]))
    write_table(pd.DataFrame({"smiles": samples[:5]}), folder / "library.sdf")
    (folder / "export.txt").write_text("Mol;Name\n" + "".join(f"{text};Häm\n" for text in samples[:6]), "latin-1")
    (folder / "assay.txt").write_text("smiles\tpIC50\n" + "".join(f"{text}\t{4 + len(text) / 9}\n" for text in samples[:60]))
    (folder / "chembl.csv").write_text(
        "Smiles;Standard Type;Standard Relation;Standard Value;Standard Units\n"
        + "".join(f"{text};IC50;'=';{len(text) * 9};nM\n" for text in samples[:60])
    )
    (folder / "my_package.py").write_text("import molgen\n")
    (folder / "known.csv").write_text("Parent\n" + "\n".join(samples[:12]))
    (folder / "kinase.fasta").write_text(f">mine\n{KINASE}\n")
    for name in ("my_goal.yaml", "my_slow_goal.yaml", "theirs.yaml", "dock.yaml"):
        shutil.copy(ROOT / "conf" / "scoring" / "drug_like.yaml", folder / name)
    return folder


@pytest.fixture(scope="session")
def address(elsewhere: dict[str, str]) -> Iterator[str]:
    """Of a service that scores by `drug_like`."""
    with serving(["serve", "scoring=drug_like"], elsewhere) as url:
        yield url


@pytest.mark.parametrize("path", RUN, ids=[str(path.relative_to(ROOT)) for path in RUN])
def test_what_a_page_prints_runs_as_it_is_pasted(
    path: Path, kept: Path, reader: Reader, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(kept, tmp_path / "reader")
    address = request.getfixturevalue("address") if SERVICE in path.read_text() else SERVICE
    assert reader(page=path, folder=tmp_path / "reader", address=address) > 0


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_help_work(name: str, kept: Path, reader: Reader, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path / "reader")
    reader(command=name, folder=tmp_path / "reader")


def test_pages_mark_only_with_a_reason() -> None:
    for path in pages():
        marked = len(re.findall("<!-- not run", path.read_text()))
        assert marked == sum(block.reason is not None for block in blocks_of(path)), f"{path.name}: a mark away from a block"


@pytest.mark.parametrize("path", [*pages(), *NOTEBOOKS], ids=lambda path: path.name)
def test_pages_write_settings_and_objectives_as_they_are_written_now(path: Path) -> None:
    known = {*re.findall(r"^\| `search\.(\w+)", (DOCS / "reference" / "settings.md").read_text(), re.MULTILINE)}
    old = {key for renamed in SETTINGS.values() for key in renamed} - known
    assert not {*re.findall(r"\bsearch\.(\w+)", path.read_text())} & old, "renamed: molgen/renamed.py"
    spelled = [block.text for block in blocks_of(path) if "_target_: molgen.scoring" in block.text]
    assert not spelled, "molgen's own components have short names"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 7_000


@pytest.mark.parametrize("path", [path for path in pages() if MARK.search(path.read_text())], ids=lambda path: path.name)
def test_claims_are_what_was_measured_and_published(path: Path) -> None:
    for name, text in MARK.findall(path.read_text()):
        assert text.strip() == CLAIMS[name](), f"{name} has been overtaken: python -m benchmarks.claims"


def test_every_claim_stands_somewhere() -> None:
    assert {name for path in pages() for name, _ in MARK.findall(path.read_text())} == set(CLAIMS)


def test_nothing_else_is_claimed_beside_what_is_published() -> None:
    written = re.compile(r"<!-- (claim|written|details).*?<!-- end -->", re.DOTALL)
    for path in pages():
        for paragraph in re.split(r"\n\n|\n- ", written.sub("", path.read_text())):
            claims = "publish" in paragraph and re.search(r"\d\.\d{3}", paragraph) and not paragraph.startswith("|")
            assert not claims, f"{path.name}: make it a claim of benchmarks/claims.py:\n{paragraph}"


@pytest.mark.parametrize("label", ["surrogate", "genetic_policy", "classifiers-1000"])
def test_the_tables_of_pmo_are_those_that_were_measured(label: str) -> None:
    text = pmo_table.PAGE.read_text()
    assert pmo_table.table(pmo_table.read(label)) in text
    if label == "surrogate":
        assert pmo_table.details(pmo_table.read(label)) in text


def test_kubernetes_runs_a_campaign_that_composes() -> None:
    job = yaml.safe_load((DOCS / "cluster" / "kuberay.yaml").read_text())
    program, command, *settings = shlex.split(job["spec"]["entrypoint"])
    assert (program, command) == ("molgen", "design")
    config = design_config(settings)
    check_design(config)
    assert config["cluster"]["address"] == "auto"


def test_the_ray_cluster_starts_a_head_and_workers() -> None:
    cluster = yaml.safe_load((DOCS / "cluster" / "ray-cluster.yaml").read_text())
    assert "ray start --head" in cluster["head_start_ray_commands"][-1]
    assert "ray start --address=$RAY_HEAD_IP" in cluster["worker_start_ray_commands"][-1]


@pytest.mark.parametrize("setting", ["cluster.workers.num_cpus=4", "cluster.island_gpus=0.5", "search.exchange=32"])
def test_settings_of_the_how_to_exist(setting: str) -> None:
    check_design(design_config(["cluster=existing", setting]))


def test_the_catalogue_of_components_is_that_of_the_code() -> None:
    page = DOCS / "reference" / "components.md"
    assert page.read_text() == as_markdown(), "molgen components --markdown > docs/reference/components.md"


def _numbers(row: str) -> list[list[float]]:
    return [[float(value) for value in re.findall(r"-?\d+\.\d+", cell)] for cell in row.strip("|").split("|")]


@pytest.mark.parametrize(("data", "row"), [("davis", "| Davis |"), ("kiba", "| KIBA |")])
def test_affinities_are_those_that_were_measured_and_published(data: str, row: str) -> None:
    reference = json.loads((ROOT / "benchmarks" / "reference" / "affinity.json").read_text())[data]
    figures = json.loads((RESULTS / "affinity.json").read_text())["figures"]
    measured = next(entry for entry in figures if (entry["data"], entry["split"], entry["model"]) == (data, "warm", "molgen"))
    lines = (DOCS / "benchmarks" / "affinity.md").read_text().splitlines()
    header = [name.strip() for name in next(line for line in lines if line.startswith("| data |")).strip("|").split("|")]
    found = next(line for line in lines if line.startswith(row))
    _, ours, *others = _numbers(found)
    assert ours == [round(measured[key], 3) for key in ("MSE", "CI", "rm2")]
    for name, values in zip(header[2:], others, strict=True):
        assert values == [value for value in reference[name] if value is not None]
    best = [min(values[0] for values in reference.values()), *(max(v[i] for v in reference.values() if v[i]) for i in (1, 2))]
    bold = [measured["MSE"] < best[0], measured["CI"] > best[1], measured["rm2"] > best[2]]
    cell = found.strip("|").split("|")[1]
    claimed = [value in "".join(re.findall(r"\*\*(.*?)\*\*", cell)) for value in re.findall(r"\d+\.\d+", cell)]
    assert claimed == bold


def test_mutants_are_those_that_were_measured() -> None:
    figures = json.loads((RESULTS / "mutants.json").read_text())["figures"]
    page = (DOCS / "benchmarks" / "affinity.md").read_text().partition("## Mutants")[2]
    rows = {line.split("|")[1].strip(): _numbers(line.partition("|")[2]) for line in page.splitlines() if line.startswith("|")}
    models = {
        "**the wild type and a difference**": "difference model",
        "nearest form, by the residues that differ": "nearest neighbour",
        "the present model": "present model",
        "the wild type's value": "wild type",
    }
    none_given = [row for row in figures["compared"] if row["k"] == 0 and row["drawn"] == "all"]
    for label, model in models.items():
        found = {
            row["split"]: [round(row[key], 3) for key in ("MSE", "SE", "ranks")] for row in none_given if row["model"] == model
        }
        assert [cell for cell in rows[label][1:] if cell] == list(found.values())[: sum(map(bool, rows[label][1:]))], label
    for drawn, label in {"all": "any drugs", "bound": "drugs that the wild type binds"}.items():
        asked = [row for row in figures["compared"] if (row["split"], row["drawn"]) == ("mutant", drawn)]
        found = [[round(row["MSE"], 3)] for row in asked if row["model"] == "difference model"]
        assert rows[f"the wild type and a difference, {label}"][1:] == found
    parts = [[[round(part[f"MSE, {split}"], 3)] for split in ("mutant", "protein")] for part in figures["parts"]]
    labels = ("as shipped", "without the table of substitutions", "without regions of the kinase", "without aligned residues")
    assert [rows[label][1:] for label in labels] == parts[: len(labels)]


def test_fragments_are_those_that_were_measured_and_published() -> None:
    figures = json.loads((RESULTS / "fragments-diffusion.json").read_text())["figures"]
    quality = {(entry["task"], entry["model"]): round(entry["quality"], 3) for entry in figures}
    rows = {
        "linker": "linker design",
        "motif": "motif extension",
        "decoration": "scaffold decoration",
        "superstructure": "superstructure",
    }
    lines = (DOCS / "benchmarks" / "generators.md").read_text().splitlines()
    for task, row in rows.items():
        cells = _numbers(next(line for line in lines if line.startswith(f"| {row}")))
        expected = [quality[task, model] for model in ("molgen diffusion", "GenMol", "GenMol V2")]
        assert [cells[1], cells[3], cells[4]] == [[value] for value in expected]


def test_admet_values_are_those_that_were_measured_and_published() -> None:
    figures = {entry["task"]: entry for entry in json.loads((RESULTS / "admet.json").read_text())["figures"]}
    reference = json.loads((ROOT / "benchmarks" / "reference" / "admet.json").read_text())["tasks"]
    rows = re.findall(
        r"^\| (\w+) \| (?:AUROC|AUPRC|MAE|Spearman) \|.*$", (DOCS / "benchmarks" / "admet.md").read_text(), re.MULTILINE
    )
    assert set(rows) == set(figures)
    for line in (DOCS / "benchmarks" / "admet.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in figures:
            measured = figures[cells[0]]
            value, deviation = map(float, cells[2].split(" ± "))
            assert value == pytest.approx(measured["cross-validation"], abs=0.006 if value > 5 else 6e-4), cells[0]
            assert deviation == pytest.approx(measured["std"], abs=6e-4), cells[0]
            assert float(cells[-1]) == reference[cells[0]]["leaderboard_best_2024"], cells[0]
