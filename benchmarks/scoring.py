"""How fast the PMO objectives score, on one core, SMILES parsing included.

    python -m benchmarks.scoring

The reference is what the benchmark's own oracle code gave on one core of such a machine. RDKit's own QED is
timed in the same run, so that the two can be set in relation.
"""

import time

import numpy as np
import torch
from rdkit import Chem
from rdkit.Chem import QED

from benchmarks.results import save, show
from molgen.config import compose_group, options
from molgen.scoring.scorer import Scorer

REFERENCE = {
    "qed": 790, "amlodipine_mpo": 1320, "osimertinib_mpo": 590, "fexofenadine_mpo": 750, "deco_hop": 150,
    "sitagliptin_mpo": 470, "albuterol_similarity": 2700,
}  # fmt: skip
N, REPEATS = 2000, 3


def rate(smiles: list[str], score: object) -> float:
    """Molecules/s, the best of three."""
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        score(smiles)  # type: ignore[operator]
        seconds.append(time.perf_counter() - start)
    return len(smiles) / min(seconds)


def main() -> None:
    """Measure, print, save."""
    torch.set_num_threads(1)
    everything = compose_group("data", "zinc250k").smiles()
    smiles = [everything[i] for i in np.random.default_rng(0).choice(len(everything), N, replace=False)]
    rows = []
    for name in sorted((option.removeprefix("pmo/") for option in options("scoring") if option.startswith("pmo/")), key=str):
        scorer = Scorer.from_config(f"pmo/{name}")
        scorer(smiles[:50])
        row = {"objective": name, "molecules/s": rate(smiles, scorer)}
        reference = REFERENCE.get(name)
        row |= {"reference": reference or "", "times the reference": row["molecules/s"] / reference if reference else ""}
        rows.append(row)
    own = rate(smiles, lambda batch: [QED.qed(Chem.MolFromSmiles(text)) for text in batch])
    rows.append({"objective": "(RDKit's own QED.qed)", "molecules/s": own, "reference": "", "times the reference": ""})
    show(f"Scoring {N:,} molecules of ZINC on one core", rows)
    save("scoring", rows)


if __name__ == "__main__":
    main()
