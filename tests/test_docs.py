"""The how-to's files can be read, and what they call exists."""

import json
import shlex
import statistics
import subprocess
from pathlib import Path

import pytest
import yaml

from benchmarks.pmo_table import table
from benchmarks.results import RESULTS
from molgen.runs.settings import check_design, design_config
from molgen.scoring.catalogue import as_markdown

DOCS = Path(__file__).parents[1] / "docs"


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


def test_the_slurm_script_is_bash() -> None:
    subprocess.run(["bash", "-n", DOCS / "cluster" / "slurm.sh"], check=True)


@pytest.mark.parametrize(
    "setting",
    [
        "cluster.workers.num_cpus=4",
        "cluster.island_gpus=0.5",
        "search.exchange=32",
        "+cluster.own.qed={_target_: molgen.cluster.workers.Workers, number: 200, num_cpus: 1, timeout: 300}",
    ],
)
def test_settings_of_the_how_to_exist(setting: str) -> None:
    check_design(design_config(["cluster=existing", setting]))


def test_the_catalogue_of_components_is_that_of_the_code() -> None:
    assert (DOCS / "components.md").read_text() == as_markdown(), "molgen components --markdown > docs/components.md"


def test_the_readme_has_the_areas_that_were_measured() -> None:
    results = json.loads((RESULTS / "pmo-surrogate.json").read_text())["figures"]
    text = (DOCS.parent / "README.md").read_text()
    assert table(results) in text
    total = sum(statistics.mean(seed["top10"] for seed in seeds.values()) for seeds in results.values())
    assert f"| sum of 20 | **{total:.3f}** |" in text
