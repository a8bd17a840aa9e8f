"""Ten objectives that nothing was tuned on, by molgen's strategies and by mol_ga 0.2.1.

    python -m benchmarks.beyond                                           all of it: many hours
    python -m benchmarks.beyond brain fragment_growth --seeds 0
    python -m benchmarks.beyond docking_braf --budget 300

The objectives are the files in `benchmarks/beyond`, and docking into B-Raf as it ships, which stands for 300 calls. `small_qsar`
is searched with a predictor trained on 300 ligands of the dopamine receptor D3 (`molgen data fetch` gives them) and judged by
one trained on all others. The area under the ten best scores (`auc_top`), and the ten best; filters, diversity and whatever else
depends on more than the objective is off. mol_ga runs with its defaults, as in its authors' study of PMO (5 offspring at a time),
from 100 molecules of the shipped library, in an environment of its own that is made on the first run. A run of molgen's that was
killed goes on where it stood.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pooch

from benchmarks.constraint import found
from benchmarks.environments import interpreter
from benchmarks.results import RESULTS, save, show
from molgen.chem.molecules import Molecules
from molgen.config import build, compose, compose_group, to_plain
from molgen.data.curation import read_dataset
from molgen.generators.shipped import load_generator
from molgen.metrics.ranking import auc_top, top_mean
from molgen.scoring.scorer import Scorer
from molgen.search.bayesian.library import library_of

FOLDER = Path(__file__).with_name("beyond")
DOCKING = "docking_braf"  # ships with molgen
OBJECTIVES = (*sorted(path.stem for path in FOLDER.glob("*.yaml")), DOCKING)
MOL_GA, MOL_GA_NEEDS = "mol_ga", ("mol_ga==0.2.1", "rdkit==2025.9.1", "numpy==2.3.5")
PROGRAM = Path(__file__).with_name("mol_ga_program.py")
QSAR, DATA, LEARNT = "small_qsar", "activity/chembl234_ki", 300
START, OFFSPRING = 100, 5
Judge = Callable[[list[str]], list[float]]


def objective(name: str, folder: Path) -> tuple[str, Judge | None]:
    """The objective that is searched, as `scoring=` takes it, and what judges in its place; None for itself."""
    if name == DOCKING:
        return "docking/braf", None
    if name != QSAR:
        return str(FOLDER / f"{name}.yaml"), None
    small, large = (_with_predictor(path, folder) for path in _predictors(folder))
    return str(small), lambda smiles: Scorer.from_config(str(large))(smiles).total.tolist()


def _predictors(folder: Path) -> list[Path]:
    """The files of a predictor trained on a few of the measured molecules, and of one trained on the others."""
    paths = [folder / f"{QSAR}-{size}.safetensors" for size in ("few", "others")]
    if not all(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        dataset, _ = read_dataset(compose_group("data", DATA))
        rows = np.random.default_rng(0).permutation(len(dataset))
        for path, part in zip(paths, (rows[:LEARNT], rows[LEARNT:]), strict=True):
            predictor = build(to_plain(compose("train_predictor", ["predictor=boosted"]))["predictor"], "predictor")
            predictor.fit(dataset.take(part))
            predictor.save(path, {})
    return paths


def _with_predictor(path: Path, folder: Path) -> Path:
    """The objective of a predictor, as a file in a folder."""
    made = folder / f"{path.stem}.yaml"
    made.write_text((FOLDER / f"{QSAR}.yaml").read_text().replace("PREDICTOR", str(path.resolve())))
    return made


def by_mol_ga(scoring: str, seed: int, budget: int) -> list[tuple[str, float]]:
    """The molecules that mol_ga had scored, in order, and their scores; those that can't be read score 0."""
    scorer = Scorer.from_config(scoring)
    python = interpreter(Path(pooch.os_cache("molgen")) / MOL_GA_NEEDS[0].replace("==", "-"), MOL_GA_NEEDS)
    start = library_of(load_generator("prior"), 10_000, seed)[:START]
    scored: dict[str, float] = {}
    with subprocess.Popen([python, "-I", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"smiles": start, "seed": seed, "offspring": OFFSPRING}) + "\n")
        process.stdin.flush()
        while len(scored) < budget and (line := process.stdout.readline()):
            asked = json.loads(line)["smiles"]
            canonical = Molecules(asked).canonical
            new = [text for text in dict.fromkeys(filter(None, canonical)) if text not in scored]
            scored |= dict(zip(new, scorer(new).total.tolist(), strict=True)) if new else {}
            answer = [scored[text] if text else 0.0 for text in canonical]
            process.stdin.write(json.dumps({"scores": answer}) + "\n")
            process.stdin.flush()
            print(f"mol_ga: {len(scored)} of {budget}, best {max(scored.values()):.3f}", flush=True)
        process.kill()
    return list(scored.items())[:budget]


def run(name: str, strategy: str, seed: int, budget: int, folder: Path) -> dict[str, float]:
    """Figures of one run, by what judges."""
    scoring, judge = objective(name, folder)
    if strategy == MOL_GA:
        scored = by_mol_ga(scoring, seed, budget)
    else:
        choices = [f"scoring={scoring}", f"search={strategy}", f"seed={seed}", f"campaign.budget={budget}"]
        table = found(folder / f"{name}-{strategy}-{seed}-{budget}", [*choices, "search.diversity.bucket=0"])
        scored = list(zip(table["smiles"], table["score"], strict=True))
    scores = judge([text for text, _ in scored]) if judge else [score for _, score in scored]
    return {"area": auc_top(scores, 10, budget), "ten best": top_mean(scores, 10), "calls": len(scores)}


@click.command()
@click.argument("objectives", nargs=-1)
@click.option("--strategies", default=f"surrogate,genetic_policy,policy,{MOL_GA}", show_default=True)
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--budget", default=1000, show_default=True)
@click.option("--folder", default="runs/beyond", show_default=True, type=Path)
def main(objectives: tuple[str, ...], strategies: str, seeds: str, budget: int, folder: Path) -> None:
    """Run OBJECTIVES, all if none is named, and compare."""
    if unknown := set(objectives) - set(OBJECTIVES):
        raise click.UsageError(f"no objective {', '.join(unknown)}; known: {', '.join(OBJECTIVES)}")
    path = RESULTS / "beyond.json"
    results: dict[str, Any] = json.loads(path.read_text())["figures"] if path.exists() else {}
    for name in objectives or OBJECTIVES:
        for seed in map(int, seeds.split(",")):
            for strategy in strategies.split(","):
                here = results.setdefault(name, {}).setdefault(str(budget), {}).setdefault(strategy, {})
                if str(seed) not in here:
                    here[str(seed)] = run(name, strategy, seed, budget, folder)
                    save("beyond", results)
    rows = [row(name, found[str(budget)]) for name, found in sorted(results.items()) if str(budget) in found]
    show(f"Area under the ten best, {budget:,} calls, mean of seeds", rows)


def row(name: str, strategies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A line of the table."""
    areas = {strategy: float(np.mean([each["area"] for each in seeds.values()])) for strategy, seeds in strategies.items()}
    return {"objective": name, "seeds": min(map(len, strategies.values()))} | areas


if __name__ == "__main__":
    main()
