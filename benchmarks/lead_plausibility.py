"""Lead optimisation with and without the rules of plausible rings and of logP, which hold by default where there is a lead.

    python -m benchmarks.lead_plausibility                    ten leads, each with an objective of its own: an hour
    python -m benchmarks.lead_plausibility --budget 200 --library 500 --light --seeds 0,1     a quarter of the time per seed

For each lead, without and with the rules: the share of the hundred best whose ring systems all occur in ten molecules of ZINC250k
at least, or in the lead; those with a ring of eight atoms or more, and with a logP above 5; the mean score of the ten best and of
the hundred best. The lead itself is none of these. Ring systems are looked up as the SMILES write them, without their standard
tautomer or charge. A campaign that was interrupted goes on where it stood, and a finished one is only read: remove its folder to
repeat it. Rows of the same settings are put together in the file of results.
"""

import itertools
import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from rdkit import Chem

from benchmarks.leads import near
from benchmarks.results import RESULTS, save, show
from molgen import Scorer
from molgen.chem.rings import known_ring_systems, ring_systems
from molgen.reports.designed import designed
from molgen.scoring.components.descriptor import DESCRIPTORS

NAME = "lead-plausibility"  # of the results
COMMON, LARGE, LIPOPHILIC = 10, 8, 5.0
RULES = {"without": ["search.constraints.ring_frequency=0", "search.constraints.logp_rise=null"], "with": []}
LIGHT = ["search.breeding.offspring=50", "search.explorer.population=50", "search.learning.training_size=400"]
LEADS = [
    ("osimertinib", "pmo/osimertinib_mpo", "C=CC(=O)Nc1cc(Nc2nccc(-c3cn(C)c4ccccc34)n2)c(OC)cc1N(C)CCN(C)C"),
    ("ranolazine", "pmo/ranolazine_mpo", "COc1ccccc1OCC(O)CN1CCN(CC(=O)Nc2c(C)cccc2C)CC1"),
    ("fexofenadine", "pmo/fexofenadine_mpo", "CC(C)(C(=O)O)c1ccc(C(O)CCCN2CCC(C(O)(c3ccccc3)c3ccccc3)CC2)cc1"),
    ("amlodipine", "pmo/amlodipine_mpo", "CCOC(=O)C1=C(COCCN)NC(C)=C(C(=O)OC)C1c1ccccc1Cl"),
    ("zaleplon", "pmo/zaleplon_mpo", "CCN(C(C)=O)c1cccc(-c2ccnc3c(C#N)cnn23)c1"),
    ("sitagliptin", "pmo/sitagliptin_mpo", "NC(CC(=O)N1CCn2c(nnc2C(F)(F)F)C1)Cc1cc(F)c(F)cc1F"),
    ("gefitinib", "osimertinib_like", "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1"),
    ("imatinib", "abl1_t315i", "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"),
    ("ibuprofen", "drug_like", "CC(C)Cc1ccc(C(C)C(=O)O)cc1"),
    ("terfenadine", "pmo/qed", "CC(C)(C)c1ccc(C(O)CCCN2CCC(C(O)(c3ccccc3)c3ccccc3)CC2)cc1"),
]
NAMES = [name for name, _, _ in LEADS]


def figures(molecules: pd.DataFrame, lead: str, rules: str) -> dict[str, Any]:
    """What the hundred best designed molecules are like."""
    best = designed(molecules).nlargest(100, "score")
    mols = [Chem.MolFromSmiles(text) for text in best["smiles"]]
    own, known = set(ring_systems(Chem.MolFromSmiles(lead))), known_ring_systems()
    common = [all(system in own or known.get(system, 0) >= COMMON for system in ring_systems(mol)) for mol in mols]
    return {
        f"common rings {rules}": float(np.mean(common)),
        f"rings of 8 {rules}": sum(DESCRIPTORS["largest_ring"](mol) >= LARGE for mol in mols),
        f"logP > 5 {rules}": sum(DESCRIPTORS["logp"](mol) > LIPOPHILIC for mol in mols),
        f"best ten {rules}": float(best["score"].head(10).mean()),
        f"best hundred {rules}": float(best["score"].mean()),
    }


@click.command()
@click.option("--budget", default=300, show_default=True)
@click.option("--similarity", default=0.4, show_default=True)
@click.option("--library", default=2000, show_default=True, help="Molecules that the prior writes.")
@click.option("--seeds", default="0", show_default=True, help="Separated by commas.")
@click.option("--lead", "names", multiple=True, type=click.Choice(NAMES), help="Only this one; can be repeated.")
@click.option("--light", is_flag=True, help="Breed fewer offspring.")
@click.option("--folder", default="runs/lead-plausibility", show_default=True, type=Path, help="Of the campaigns.")
def main(budget: int, similarity: float, library: int, seeds: str, names: tuple[str, ...], light: bool, folder: Path) -> None:
    """Improve every lead, without and with the rules."""
    settings = {"budget": budget, "similarity": similarity, "library": library, "light": light}
    overrides = [f"similarity={similarity}", f"search.library={library}", *(LIGHT if light else [])]
    path = RESULTS / f"{NAME}.json"
    stored = json.loads(path.read_text())["figures"] if path.exists() else {}
    rows: list[dict[str, Any]] = stored["leads"] if stored.items() >= settings.items() else []
    chosen = [each for each in LEADS if each[0] in names or not names]
    for seed, (name, objective, lead) in itertools.product(map(int, seeds.split(",")), chosen):
        scorer = Scorer.from_config(objective)
        row: dict[str, Any] = {
            "lead": name,
            "seed": str(seed),
            "objective": objective,
            "its score": float(scorer([lead]).total[0]),
        }
        for rules, rule in RULES.items():
            where = folder / "-".join(str(value) for value in settings.values()) / f"{name}-{seed}-{rules}"
            row |= figures(near(lead, scorer, budget, where, [*overrides, *rule], seed), lead, rules)
        rows = [other for other in rows if (other["lead"], other["seed"]) != (name, str(seed))] + [row]
        save(NAME, settings | {"leads": rows})
    columns = pd.DataFrame(rows).groupby("lead").mean(numeric_only=True).mean().to_dict()  # each lead counts as much
    show("Leads, without and with the rules", [*rows, {"lead": "mean", "seed": "", "objective": "", **columns}])
    for kept in ("best ten", "best hundred"):
        print(f"{kept}: {columns[f'{kept} with'] / columns[f'{kept} without'] - 1:+.1%}")
    print(f"common rings: {columns['common rings without']:.3f} without, {columns['common rings with']:.3f} with the rules")


if __name__ == "__main__":
    main()
