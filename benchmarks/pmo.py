"""The PMO benchmark: area under the curve of the best molecules over 10,000 oracle calls.

    python -m benchmarks.pmo perindopril_mpo median1              two objectives, strategy surrogate, seed 0
    python -m benchmarks.pmo --strategy genetic --seeds 0,1,2     the twenty in closed form, three seeds
    python -m benchmarks.pmo all                                  these and drd2, gsk3b, jnk3: see benchmarks/classifiers.py
    python -m benchmarks.pmo median1 search.acquisition.rarity_weight=0    with changed settings (give them a --label)
    python -m benchmarks.pmo median1 --strategy routes search.makeable.stock=sigma_stock   every molecule has a route
    python -m benchmarks.pmo --noise 0.1                          scores that are off by a Gaussian error (give them a --label)
    python -m benchmarks.pmo --noise 0.1 --noise-kind outliers    and one in twenty by 0.5; growing: in proportion to the score

A run that was killed goes on where it stood; a finished one isn't repeated. Diversity filters are off: the
benchmark asks for none. With noise, the search sees noisy scores, and the areas are of the true ones.
`python -m benchmarks.pmo_table LABEL` writes a result into docs/benchmarks/designing.md.

Where less than 10,000 calls were spent, "held" is the area over 10,000 if nothing better had been found afterwards: what a full
run can't fall below, and comparable with published figures.

Beside the areas stands what the hundred best molecules are like: the share without PAINS or Brenk alerts, the share
that passes the filters of the default campaign, the share with a synthetic accessibility of 4 at most, and how many
Murcko scaffolds they have.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.classifiers import CLASSIFIERS, environment, objective
from benchmarks.noise import KINDS, Noise
from benchmarks.results import RESULTS, save, show
from molgen import Scorer, design
from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.chem.synthesis import sa_score
from molgen.config import compose, options, to_plain
from molgen.errors import MolgenError
from molgen.metrics.ranking import auc_top, top_mean
from molgen.runs.settings import CONFIG, read_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from molgen.scoring.components.alerts import Alerts
from molgen.scoring.components.qed import QED
from molgen.scoring.scorer import Term
from molgen.trust import trust

CLOSED = [name.removeprefix("pmo/") for name in options("scoring") if name.startswith("pmo/")]
TASKS = [*CLOSED, *CLASSIFIERS]
FULL = 10_000  # calls that the benchmark allows
REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("pmo.json").read_text())["methods"]


def run(
    scoring: str, strategy: str, seed: int, budget: int, folder: Path, overrides: Sequence[str], noise: Noise | None
) -> dict[str, Any]:
    """Figures of one run, which is started, continued or just read."""
    resume = (folder / CONFIG).exists()
    settings = [f"campaign.folder={folder}", f"campaign.budget={budget}", "campaign.title=PMO"]
    settings += ["search.diversity.bucket=0"] if strategy != "screen" else []
    if (folder / "report.html").exists():
        pass
    elif noise:
        measured = noisy(scoring, noise)
        design(measured, budget, strategy, seed, folder, resume=resume, overrides=[*settings, *overrides])
    else:
        choices = [f"scoring={scoring}", f"search={strategy}", f"seed={seed}", *settings, *overrides]
        run_config(read_config(folder) if resume else to_plain(compose("design", choices)), resume=resume)
    table = RunStore(folder).to_pandas()
    seconds = round(float(table["seconds"].max()), 1)
    if noise:
        table["score"] = Scorer.from_config(scoring)(table["smiles"].tolist()).total
    scores = table["score"].tolist()
    figures: dict[str, Any] = {f"top{k}": round(auc_top(scores, k, budget), 4) for k in (1, 10, 100)}
    figures["top10, held"] = round(auc_top(scores, 10, FULL), 4)
    figures |= {"best": round(max(scores), 4), "calls": len(scores), "seconds": seconds}
    figures["curve"] = {n: round(top_mean(scores[:n], 10), 4) for n in range(budget // 50, budget + 1, budget // 50)}
    return figures | quality(table.nlargest(100, "score")["smiles"].tolist())


def named(task: str, folder: Path) -> str:
    """The objective of a task: a name, or a file in a folder."""
    if task not in CLASSIFIERS:
        return f"pmo/{task}"
    trust(["command"])  # which that file names
    try:
        return str(objective(task, folder, environment()))
    except MolgenError as error:
        raise click.ClickException(str(error)) from error


def noisy(scoring: str, noise: Noise) -> Callable[[list[str]], list[float]]:
    """The objective with an error of its own for every molecule; below 0 it is 0, the least that an objective may return."""
    scorer = Scorer.from_config(scoring)

    def measured(smiles: list[str]) -> list[float]:
        scores = scorer(smiles).total
        return np.maximum(scores + noise(smiles, scores), 0).tolist()

    return measured


def quality(smiles: list[str]) -> dict[str, float]:
    """What the best molecules are like, whatever they score."""
    molecules = Molecules(smiles)
    filters = replace(Scorer.from_config("osimertinib_like"), terms={"qed": Term(QED())})
    return {
        "no alerts": round(float((Alerts(["PAINS", "BRENK"])(molecules) == 0).mean()), 3),
        "filters": round(float(np.mean([problem is None for problem in filters(molecules).problem])), 3),
        "SA <= 4": round(float((molecules.map(sa_score) <= 4).mean()), 3),
        "scaffolds": len({murcko(mol) for mol in molecules.mols}),
    }


@click.command()
@click.argument("tasks", nargs=-1)
@click.option("--strategy", default="surrogate", show_default=True)
@click.option("--seeds", default="0", show_default=True, help="Separated by commas.")
@click.option("--budget", default=FULL, show_default=True)
@click.option("--noise", default=0.0, help="Standard deviation of an error of every score.")
@click.option("--noise-kind", default=KINDS[0], type=click.Choice(KINDS), show_default=True, help="See benchmarks/noise.py.")
@click.option("--label", help="Name of the result; by default the strategy's.")
@click.option("--folder", default="runs/pmo", show_default=True, type=Path)
def main(
    tasks: tuple[str, ...], strategy: str, seeds: str, budget: int, noise: float, noise_kind: str, label: str | None, folder: Path
) -> None:
    """Run TASKS (those in closed form if none is named, or `all`); KEY=VALUE among them changes settings."""
    overrides = tuple(text for text in tasks if "=" in text)
    chosen = [text for text in tasks if "=" not in text] or CLOSED
    chosen = TASKS if chosen == ["all"] else chosen
    if unknown := set(chosen) - set(TASKS):
        raise click.UsageError(f"no task {', '.join(unknown)}; known: {', '.join(TASKS)}")
    label = label or (strategy if budget == FULL else f"{strategy}-{budget}")
    path = RESULTS / f"pmo-{label}.json"
    results: dict[str, Any] = {}
    for task in chosen:
        scoring = named(task, folder / label)
        for seed in seeds.split(","):
            error = Noise(noise, noise_kind, int(seed)) if noise or noise_kind != KINDS[0] else None
            found = run(scoring, strategy, int(seed), budget, folder / label / f"{task}-{seed}", overrides, error)
            results = json.loads(path.read_text())["figures"] if path.exists() else {}
            results.setdefault(task, {})[seed] = found
            save(f"pmo-{label}", results)
    rows = [row(task, results[task]) for task in sorted(results)]
    show(f"PMO, {label}, {budget:,} calls: AUC, mean over seeds; top-10 of others beside it", rows)
    sums = {name: sum(float(row[name]) for row in rows) for name in rows[0] if name.startswith("top10") or name in REFERENCE}
    print(f"sum over these {len(rows)}: " + ", ".join(f"{name} {value:.3f}" for name, value in sums.items()))


def row(task: str, seeds: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A line of the table."""

    def mean(key: str) -> float:
        return float(np.mean([figures[key] for figures in seeds.values()]))

    kinds = "top1", "top10", "top10, held", "top100", "no alerts", "filters", "SA <= 4", "scaffolds", "seconds"
    present = [kind for kind in kinds if all(kind in figures for figures in seeds.values())]
    line = {"task": task, "seeds": len(seeds)} | {key: mean(key) for key in present}
    return line | {name: float(method["tasks"][task]) for name, method in REFERENCE.items() if task in method["tasks"]}


if __name__ == "__main__":
    main()
