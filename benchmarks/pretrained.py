"""What a network that was taught RDKit's descriptors adds to trees and support vectors.

    python scripts/pretrain_network.py                   first: the network
    python -m benchmarks.pretrained                      22 ADMET tasks, then small sets
    python -m benchmarks.pretrained herg esol            some of them, whose rows are renewed in the results
    python -m benchmarks.pretrained --table              nothing new: the stored results, into docs/benchmarks/pretrained.md

**ADMET**: at most `--most` molecules a task, five folds of scaffolds. `blend` is what `predictor=boosted` does: trees and a
support vector machine, blended by the weight that did best on inner folds. A third member is blended with that blend in the
same way, by the same inner folds; no weight sees the fold that it is measured on. Third members learn from

- `embeddings`: what the network's tower, frozen, makes of a molecule: a support vector machine, and a straight line;
- `untrained`: the same of a network with random weights;
- `descriptors`: what the network was taught, as it is: RDKit's descriptors themselves.

The last two are controls: a network is worth its file where it adds more than these do.

**Small sets**: 25 to 200 molecules are learnt from, 500 others asked, five draws each; the figure is the RMSE in standard
deviations of the values asked for. `boosted` is the predictor with its default settings, `fragments` the process of Bayesian
searches, `embeddings` and `descriptors` a process with a radial and a linear kernel, `... + boosted` the mean of the two.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.blending import FOLDS, Fit, Scores, blended, pair_of_today, scores_of, scores_of_tuned
from benchmarks.results import RESULTS, ROOT, save, write_between
from benchmarks.views import Views, by_line, by_machine, by_process, read_networks
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group, options
from molgen.data.curation import read_dataset
from molgen.data.dataset import Dataset, Task
from molgen.data.splits import scaffold_folds
from molgen.metrics.prediction import CLASSIFICATION, LOWER_IS_BETTER, METRICS
from molgen.predictors.fold_models import Labelled
from molgen.predictors.trees import Trees
from molgen.search.bayesian.models.features import describe_molecules, stack
from molgen.search.bayesian.models.gaussian_process import GaussianProcess
from scripts.describing_network import DescribingNetwork

Array = NDArray[np.float64]
REFERENCE = json.loads((Path(__file__).parent / "reference" / "admet.json").read_text())["tasks"]
FILE = RESULTS / "pretrained.json"
PAGE, BEGIN = ROOT / "docs" / "benchmarks" / "pretrained.md", "<!-- pretrained -->\n"
SMALL = {
    "esol": "moleculenet/esol",
    "freesolv": "moleculenet/freesolv",
    "lipophilicity": "moleculenet/lipophilicity",
    "caco2": "admet/caco2_wang",
    "thrombin": "activity/chembl204_ki",
    "jak1": "activity/chembl4005_ki",
    "ld50": "admet/ld50_zhu",
}
SIZES, DRAWS, ASKED = (25, 50, 100, 200), 5, 500
TUNED = "fine-tuned"


THIRD: dict[str, tuple[str, Fit]] = {
    "embeddings, machine": ("embeddings", by_machine),
    "embeddings, line": ("embeddings", by_line),
    "untrained, machine": ("untrained", by_machine),
    "descriptors, machine": ("descriptors", by_machine),
}


def admet(task: str, most: int, tuned: int, networks: Sequence[DescribingNetwork]) -> dict[str, Any]:
    """A row of the first table: metrics, and gains over the blend with their standard errors over folds, in percent."""
    dataset, _ = read_dataset(compose_group("data", f"admet/{task}"))
    metric = REFERENCE[task]["metric"].lower()
    dataset = drawn(dataset, most)
    views, y = Views.of(dataset, networks), dataset.labels[:, 0]
    kind: Task = "classification" if metric in CLASSIFICATION else "regression"
    unknown, fold = np.full(len(y), np.nan), np.empty(len(y), np.int64)
    data = Labelled(task, kind, views.features, np.arange(len(y)), y, np.zeros(len(y), np.int8), errors=unknown, fold=fold)
    for k, (_, test) in enumerate(scaffold_folds(dataset.molecules, FOLDS, 0, y)):
        data.fold[test] = k
    today = pair_of_today(data, Trees(objective="l1" if metric == "mae" else "l2"))
    thirds = {name: scores_of(data, getattr(views, view), fit) for name, (view, fit) in THIRD.items()}
    if len(y) <= tuned:
        thirds[TUNED] = scores_of_tuned(data, views.graphs, networks[0])
    base, _ = _over_folds(data, metric, today)
    row: dict[str, Any] = {"task": task, "molecules": len(y), "metric": metric, "blend": base.mean()}
    for name, scores in thirds.items():
        alone, _ = _over_folds(data, metric, [scores])
        both, weights = _over_folds(data, metric, [*today, scores])
        gains = 100 * (base - both if metric in LOWER_IS_BETTER else both - base) / base
        row |= {f"{name}: alone": alone.mean(), f"{name}: with blend": both.mean(), f"{name}: gain": gains.mean()}
        row |= {f"{name}: error": gains.std(ddof=1) / np.sqrt(FOLDS), f"{name}: share": 1 - np.mean([w[-1] for w in weights])}
    return row


def drawn(dataset: Dataset, most: int) -> Dataset:
    """So many molecules at random, read again: features of all others need no computing."""
    rows = np.sort(np.random.default_rng(0).permutation(len(dataset))[:most])
    molecules = Molecules([dataset.molecules.smiles[i] for i in rows], STANDARD)
    return Dataset(molecules, dataset.labels[rows], dataset.endpoints)


def _over_folds(data: Labelled, metric: str, members: Sequence[Scores]) -> tuple[Array, list[list[float]]]:
    values, weights = [], []
    for k in range(FOLDS):
        asked, scores, chosen = blended(data, k, members)
        values.append(METRICS[metric](data.y[asked], scores))
        weights.append(chosen)
    return np.array(values), weights


def small(name: str, networks: Sequence[DescribingNetwork]) -> list[dict[str, Any]]:
    """Rows of the second table: a set learnt from by parts of each size."""
    dataset, _ = read_dataset(compose_group("data", SMALL[name]))
    dataset = drawn(dataset, max(SIZES) + 2 * ASKED)
    views, y = Views.of(dataset, networks), dataset.labels[:, 0]
    fragments = describe_molecules(dataset.molecules.mols)
    rows = []
    for size in SIZES:
        errors: dict[str, list[float]] = {}
        for draw in range(DRAWS):
            order = np.random.default_rng([size, draw]).permutation(len(y))
            known, asked = order[:size], order[size : size + ASKED]
            boosted = compose_group("predictor", "boosted")
            boosted.fit(dataset.take(known))
            process = GaussianProcess()
            process.fit(stack([fragments[i] for i in known]), y[known, None], np.random.default_rng(draw))
            found = {"boosted": boosted.predict(dataset.molecules.take(asked.tolist())).mean[:, 0]}
            found["fragments"] = process.predict(stack([fragments[i] for i in asked]))[0][:, 0]
            for view in ("embeddings", "untrained", "descriptors"):
                x = getattr(views, view)
                found[view] = by_process(x[known], y[known], x[asked])
                found[f"{view} + boosted"] = (found[view] + found["boosted"]) / 2
            for model, mean in found.items():
                errors.setdefault(model, []).append(METRICS["rmse"](y[asked], mean) / y[asked].std())
        rows.append({"set": name, "learnt from": size} | {model: float(np.mean(part)) for model, part in errors.items()})
    return rows


def table(stored: dict[str, list[dict[str, Any]]]) -> str:
    """The results as tables of a page."""
    rows = sorted(stored["admet"], key=lambda row: row["task"])
    thirds = [name for name in (*THIRD, TUNED) if any(f"{name}: gain" in row for row in rows)]
    lines = _header(["task", "molecules", "metric", "blend", "embeddings alone", *(f"+ {name}" for name in thirds)])
    for row in rows:
        cells = [row["task"], f"{row['molecules']:,}", row["metric"], f"{row['blend']:.3f}"]
        cells.append(f"{row['embeddings, machine: alone']:.3f}")
        cells += [_gain(row[f"{name}: gain"], row[f"{name}: error"]) if f"{name}: gain" in row else "" for name in thirds]
        lines.append(f"| {' | '.join(cells)} |")
    gains = {name: np.array([row[f"{name}: gain"] for row in rows if f"{name}: gain" in row]) for name in thirds}
    means = [_gain(part.mean(), part.std(ddof=1) / np.sqrt(len(part))) if len(part) > 1 else "" for part in gains.values()]
    lines.append(f"| **mean of {len(rows)}** | | | | | {' | '.join(means)} |")
    tables = sorted(stored["small"], key=lambda row: (row["learnt from"], list(SMALL).index(row["set"])))
    models = [name for name in tables[0] if name not in ("set", "learnt from")]
    lines += ["", *_header(["set", "learnt from", *models])]
    for size in SIZES:
        part = [row for row in tables if row["learnt from"] == size]
        lines += [f"| {row['set']} | {size} | {' | '.join(f'{row[model]:.3f}' for model in models)} |" for row in part]
        means = [f"**{np.mean([row[model] for row in part]):.3f}**" for model in models]
        lines.append(f"| **mean of {len(part)}** | {size} | {' | '.join(means)} |")
    return "\n".join([*lines, ""])


def _header(names: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]


def _gain(gain: float, error: float) -> str:
    return f"{gain:+.1f} ± {error:.1f} %"


@click.command()
@click.argument("names", nargs=-1)
@click.option("--network", type=click.Path(path_type=Path), default=Path("train/pretrained/pretrained.safetensors"))
@click.option("--most", default=1200, help="Molecules of a task, drawn at random.")
@click.option("--tuned", default=1000, help="Molecules of a task up to which the network is fine-tuned, too.")
@click.option("--table", "written", is_flag=True, help="Write the stored results into the page.")
def main(names: tuple[str, ...], *, network: Path, most: int, tuned: int, written: bool) -> None:
    """Measure NAMES (by default all)."""
    stored = json.loads(FILE.read_text())["figures"] if FILE.exists() else {"admet": [], "small": []}
    tasks = [name.removeprefix("admet/") for name in options("data") if name.startswith("admet/")]
    if unknown := set(names) - {*tasks, *SMALL}:
        raise click.UsageError(f"no set {', '.join(sorted(unknown))}; known: {', '.join((*tasks, *SMALL))}")
    if not written:
        networks = read_networks(network)
        for name in names or (*tasks, *SMALL):
            if name in SMALL:
                stored["small"] = [row for row in stored["small"] if row["set"] != name] + small(name, networks)
            else:
                stored["admet"] = [row for row in stored["admet"] if row["task"] != name] + [admet(name, most, tuned, networks)]
            save("pretrained", stored)
    if stored["admet"] and stored["small"]:
        text = table(stored)
        click.echo(text)
        if written:
            write_between(PAGE, BEGIN, text)


if __name__ == "__main__":
    main()
