"""How fast docking is, how far it agrees with published scores, and what a campaign finds with it.

    python -m benchmarks.docking speed                   10 ZINC molecules at exhaustiveness 1, 3 at 8, and 200 cheaply
    python -m benchmarks.docking published               the starting molecules of the lead-optimisation benchmark
    python -m benchmarks.docking campaigns               `surrogate` and random ZINC molecules on five receptors (a day)
    python -m benchmarks.docking campaigns --targets parp1 --max-evals 30000 --strategy genetic_policy

Speed: molecules a second by one process, receptor grids made before; failed is the share of 200 without a score. Published:
Spearman's correlation with scores of QuickVina 2 at exhaustiveness 1 (benchmarks/reference/docking.json), over all 15 molecules
and as the mean of the five targets. Campaigns: the objective of conf/scoring/docking, searches cut to `--max-evals` evaluations;
the best and the mean of the ten best.
"""

import json
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from benchmarks.results import RESULTS, save, show
from molgen import Scorer, design
from molgen.chem.molecules import Molecules
from molgen.config import compose_group
from molgen.scoring.components.docking import Docking

REFERENCE = json.loads((Path(__file__).parent / "reference" / "docking.json").read_text())
TARGETS = ("parp1", "jak2", "braf", "fa7", "5ht1b")
CHEAP = 100_000


def docking(target: str, **settings: Any) -> Docking:
    """The component of conf/scoring/docking, nothing kept."""
    box = REFERENCE["boxes"][target]
    fields = {"ph": None, "isomers": 1, "exhaustiveness": 1, "cache": None, "processes": 1} | settings
    return Docking(f"docking/{target}", tuple(box["center"]), tuple(box["size"]), **fields)


def zinc(n: int, seed: int) -> list[str]:
    """`n` molecules of ZINC250k at random."""
    smiles = compose_group("data", "zinc250k").smiles()
    return [smiles[i] for i in np.random.default_rng(seed).choice(len(smiles), n, replace=False)]


def speed(max_evals: int) -> list[dict[str, Any]]:
    """Molecules a second by one process."""
    rows = []
    for exhaustiveness, evaluations, n in ((1, 0, 10), (8, 0, 3), (1, max_evals, 200)):
        component = docking("parp1", exhaustiveness=exhaustiveness, max_evals=evaluations)
        component(Molecules(["C"]))
        began = time.perf_counter()
        scores = component(Molecules(zinc(n, 0)))
        rate = n / (time.perf_counter() - began)
        rows.append({"exhaustiveness": exhaustiveness, "max_evals": evaluations, "molecules": n, "molecules/s": rate,
                     "failed": float(np.isnan(scores).mean()), "mean score": float(np.nanmean(scores))})  # fmt: skip
    return rows


def published(max_evals: int) -> list[dict[str, Any]]:
    """Rank correlation with published scores."""
    rows = []
    for evaluations in (0, max_evals):
        ours, theirs, each = [], [], []
        for target in TARGETS:
            molecules = REFERENCE["starting_molecules"][target]
            found = docking(target, max_evals=evaluations)(Molecules([row["smiles"] for row in molecules])).tolist()
            known = [-row["minus_docking_score"] for row in molecules]
            each.append(spearmanr(found, known, nan_policy="omit").statistic)
            ours, theirs = ours + found, theirs + known
        overall = spearmanr(ours, theirs, nan_policy="omit").statistic
        difference = float(np.nanmean(np.array(ours) - np.array(theirs)))
        rows.append({"max_evals": evaluations, "molecules": len(ours), "Spearman": float(overall),
                     "mean of targets": float(np.mean(each)), "mean difference (kcal/mol)": difference})  # fmt: skip
    return rows


def campaigns(budget: int, max_evals: int, targets: Sequence[str], searched: str) -> list[dict[str, Any]]:
    """What is found within a budget of calls; rows of other receptors and strategies, measured earlier, are kept."""
    path = RESULTS / "docking-campaigns.json"
    earlier = json.loads(path.read_text())["figures"] if path.exists() else []
    rows = [row for row in earlier if row["target"] not in targets or row["strategy"] not in (searched, "random ZINC")]
    for target in targets:
        changes = [f"scoring.terms.docking.component.{change}" for change in (f"max_evals={max_evals}", "cache=null")]
        scorer = Scorer.from_config(f"docking/{target}", changes)
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder) / "library.smi"
            library.write_text("\n".join(zinc(budget, 1)))
            for strategy, settings in ((searched, []), ("screen", [f"search.library.path={library}"])):
                began = time.perf_counter()
                choice = [f"search={strategy}", "campaign.batch=16", *settings]
                run = design(scorer, budget, strategy, folder=Path(folder) / strategy, overrides=choice)
                rows.append({"target": target, "strategy": "random ZINC" if strategy == "screen" else strategy,
                             "calls": len(run.molecules), **_found(run.molecules), "s": time.perf_counter() - began})  # fmt: skip
                save("docking-campaigns", rows)
    return rows


def _found(molecules: pd.DataFrame) -> dict[str, float]:
    best = molecules.nlargest(10, "score")
    return {
        "best": float(best["score"].iloc[0]),
        "ten best": float(best["score"].mean()),
        "their docking (kcal/mol)": float(best["docking"].mean()),
        "lowest docking": float(molecules["docking"].min()),
    }


PARTS = ("speed", "published", "campaigns")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(PARTS))
@click.option("--targets", default=",".join(TARGETS), help="Receptors of the campaigns.")
@click.option("--budget", default=1000, help="Calls of a campaign.")
@click.option("--strategy", default="surrogate", show_default=True, help="Of the campaigns, beside random molecules.")
@click.option("--max-evals", default=CHEAP, help="Evaluations of a cheap search; 0 for Vina's own rule.")
def main(names: tuple[str, ...], targets: str, budget: int, strategy: str, max_evals: int) -> None:
    """Measure the parts NAMES, by default all."""
    parts = {
        "speed": partial(speed, max_evals),
        "published": partial(published, max_evals),
        "campaigns": partial(campaigns, budget, max_evals, targets.split(","), strategy),
    }
    for name in names or PARTS:
        rows = parts[name]()
        show(name.capitalize(), rows)
        save(f"docking-{name}", rows)


if __name__ == "__main__":
    main()
