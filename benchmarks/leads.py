"""Lead optimisation: the 15 starting molecules of the docking benchmark, made more drug-like while they stay like themselves.

    python -m benchmarks.leads                       QED, Tanimoto similarity (ECFP4) of 0.4 at least to the lead, 500 calls
    python -m benchmarks.leads --similarity 0.6
    python -m benchmarks.leads --docking             docking, QED and accessibility, into each lead's own receptor (hours)
    python -m benchmarks.leads --docking --budget 100 --max-evals 30000

For every lead: its own score, the best found, that one's similarity, and how many of the scored molecules were outside.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import click
from rdkit import Chem

from benchmarks.results import save, show
from molgen import Scorer, design
from molgen.chem.fingerprints import fingerprint, tanimoto
from molgen.reports.designed import designed

REFERENCE = json.loads((Path(__file__).parent / "reference" / "docking.json").read_text())


@click.command()
@click.option("--similarity", default=0.4, show_default=True)
@click.option("--budget", default=500, show_default=True)
@click.option("--docking", is_flag=True, help="Score by docking as well.")
@click.option("--max-evals", default=0, help="Evaluations of a docking search; 0 for Vina's own rule.")
def main(similarity: float, budget: int, docking: bool, max_evals: int) -> None:
    """Improve every lead."""
    rows: list[dict[str, Any]] = []
    name = f"leads-{'docking-' * docking}{similarity:g}"
    for target, leads in REFERENCE["starting_molecules"].items():
        cut = [f"scoring.terms.docking.component.max_evals={max_evals}"] if docking else []
        scorer = Scorer.from_config(f"docking/{target}" if docking else "pmo/qed", cut)
        for number, lead in enumerate((row["smiles"] for row in leads), 1):
            with tempfile.TemporaryDirectory() as folder:
                goals = [f'start="{lead}"', f"similarity={similarity}", "campaign.batch=16"]
                run = design(scorer, budget, "surrogate", folder=Path(folder) / "run", overrides=goals)
            kernel = fingerprint(Chem.MolFromSmiles(lead), "ECFP4")
            found = designed(run.molecules)
            smiles = found["smiles"].tolist()
            likeness = tanimoto(kernel, [fingerprint(Chem.MolFromSmiles(text), "ECFP4") for text in smiles])
            best = int(found["score"].argmax())
            rows.append({"lead": f"{target} {number}", "its score": float(scorer([lead]).total[0]),
                         "best": float(found["score"].iloc[best]), "similarity": float(likeness[best]),
                         "calls": len(run.molecules), "outside": int((likeness < similarity).sum())})  # fmt: skip
            save(name, rows)
    show(f"Leads, similarity of {similarity:g} at least", rows)


if __name__ == "__main__":
    main()
