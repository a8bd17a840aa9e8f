"""Lead optimisation: the 15 starting molecules of the docking benchmark, made more drug-like while they stay like themselves.

    python -m benchmarks.leads                       QED, Tanimoto similarity (ECFP4) of 0.4 at least to the lead, 500 calls
    python -m benchmarks.leads --similarity 0.6
    python -m benchmarks.leads --docking             docking, QED and accessibility, into each lead's own receptor (hours)
    python -m benchmarks.leads --docking --budget 100 --max-evals 30000

For every lead: its own score, the best found, that one's similarity, and how many of the scored molecules were outside.
A campaign that was interrupted goes on where it stood, and a finished one is only read: remove its folder to repeat it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd
from rdkit import Chem

from benchmarks.results import save, show
from molgen import Scorer, design
from molgen.chem.fingerprints import fingerprint, tanimoto
from molgen.reports.designed import designed
from molgen.runs.export import has_ended
from molgen.runs.settings import CONFIG
from molgen.runs.store import RunStore

REFERENCE = json.loads((Path(__file__).parent / "reference" / "docking.json").read_text())


def near(lead: str, scorer: Scorer, budget: int, folder: Path, overrides: Sequence[str], seed: int = 0) -> pd.DataFrame:
    """All molecules of a campaign from a lead, which is run, gone on with or only read."""
    if not has_ended(folder):
        goals = [f'start="{lead}"', "campaign.batch=16", *overrides]
        design(scorer, budget, "surrogate", seed, folder, resume=(folder / CONFIG).exists(), overrides=goals)
    return RunStore(folder).to_pandas()


@click.command()
@click.option("--similarity", default=0.4, show_default=True)
@click.option("--budget", default=500, show_default=True)
@click.option("--docking", is_flag=True, help="Score by docking as well.")
@click.option("--max-evals", default=0, help="Evaluations of a docking search; 0 for Vina's own rule.")
@click.option("--folder", default="runs/leads", show_default=True, type=Path, help="Of the campaigns.")
def main(similarity: float, budget: int, docking: bool, max_evals: int, folder: Path) -> None:
    """Improve every lead."""
    rows: list[dict[str, Any]] = []
    name = f"leads-{'docking-' * docking}{similarity:g}"
    for target, leads in REFERENCE["starting_molecules"].items():
        cut = [f"scoring.terms.docking.component.max_evals={max_evals}"] if docking else []
        scorer = Scorer.from_config(f"docking/{target}" if docking else "pmo/qed", cut)
        for number, lead in enumerate((row["smiles"] for row in leads), 1):
            where = folder / f"{name}-{budget}{f'-{max_evals}' * docking}" / f"{target}-{number}"
            molecules = near(lead, scorer, budget, where, [f"similarity={similarity}"])
            kernel = fingerprint(Chem.MolFromSmiles(lead), "ECFP4")
            found = designed(molecules)
            smiles = found["smiles"].tolist()
            likeness = tanimoto(kernel, [fingerprint(Chem.MolFromSmiles(text), "ECFP4") for text in smiles])
            best = int(found["score"].argmax())
            rows.append({"lead": f"{target} {number}", "its score": float(scorer([lead]).total[0]),
                         "best": float(found["score"].iloc[best]), "similarity": float(likeness[best]),
                         "calls": len(molecules), "outside": int((likeness < similarity).sum())})  # fmt: skip
            save(name, rows)
    show(f"Leads, similarity of {similarity:g} at least", rows)


if __name__ == "__main__":
    main()
