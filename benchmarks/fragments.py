"""Molecules made around parts of ten drugs, beside GenMol's published figures.

    python -m benchmarks.fragments               by the diffusion model, all five tasks
    python -m benchmarks.fragments graph_vae     by the graph VAE, the three tasks with one fragment

For every drug and task 100 molecules. Validity: the share that RDKit reads. Uniqueness: of 100 molecules. Quality: the share
of the 100 that are distinct and have QED >= 0.6 and SA <= 4. Diversity: mean Tanimoto distance of all pairs. Distance: mean
Tanimoto distance to the drug. The cuts below are ours; GenMol's are not published with it, so the tasks are alike and not the
same.
"""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.results import save, show
from molgen import load_generator
from molgen.generators.prompts import prompt_of
from molgen.metrics.population import Population, good_share, internal_diversity, nearest_similarity

REFERENCE = json.loads((Path(__file__).parent / "reference" / "generation.json").read_text())
N = 100
PUBLISHED = {"linker": "linker_design", "morphing": "linker_design", "motif": "motif_extension",
             "decoration": "scaffold_decoration", "superstructure": "superstructure"}  # fmt: skip

# Name: SMILES; ends to be linked; a motif to be extended; a scaffold to be decorated; a core to be grown.
DRUGS: dict[str, tuple[str, tuple[str, str], str, str, str]] = {
    "cyclothiazide": (
        "NS(=O)(=O)c1cc2c(cc1Cl)NC(C1CC3C=CC1C3)NS2(=O)=O",
        ("*c1ccc(Cl)c(S(N)(=O)=O)c1", "*C1CC2C=CC1C2"),
        "*C1Nc2cc(Cl)ccc2S(=O)(=O)N1",
        "*C1Nc2cc(*)c(*)cc2S(=O)(=O)N1",
        "C1Nc2ccccc2S(=O)(=O)N1",
    ),
    "maribavir": (
        "CC(C)Nc1nc2cc(Cl)c(Cl)cc2n1C1OC(CO)C(O)C1O",
        ("*NC(C)C", "*C1OC(CO)C(O)C1O"),
        "*n1cnc2cc(Cl)c(Cl)cc12",
        "*c1nc2cc(*)c(*)cc2n1*",
        "c1nc2ccccc2[nH]1",
    ),
    "spirapril": (
        "CCOC(=O)C(CCc1ccccc1)NC(C)C(=O)N1CC2(CC1C(=O)O)SCCS2",
        ("*CCc1ccccc1", "*N1CC2(CC1C(=O)O)SCCS2"),
        "*C(=O)N1CC2(CC1C(=O)O)SCCS2",
        "*C(=O)N1CC2(CC1*)SCCS2",
        "C1CC2(CN1)SCCS2",
    ),
    "baricitinib": (
        "CCS(=O)(=O)N1CC(CC#N)(n2cc(-c3ncnc4[nH]ccc34)cn2)C1",
        ("*c1ncnc2[nH]ccc12", "*S(=O)(=O)CC"),
        "*c1ncnc2[nH]ccc12",
        "*N1CC(*)(n2cc(-c3ncnc4[nH]ccc34)cn2)C1",
        "c1ncnc2[nH]ccc12",
    ),
    "eliglustat": (
        "CCCCCCCC(=O)NC(CN1CCCC1)C(O)c1ccc2c(c1)OCCO2",
        ("*N1CCCC1", "*c1ccc2c(c1)OCCO2"),
        "*C(O)c1ccc2c(c1)OCCO2",
        "*NC(CN1CCCC1)C(O)c1ccc2c(c1)OCCO2",
        "c1ccc2c(c1)OCCO2",
    ),
    "erlotinib": (
        "C#Cc1cccc(Nc2ncnc3cc(OCCOC)c(OCCOC)cc23)c1",
        ("*c1cccc(C#C)c1", "*OCCOC"),
        "*Nc1cccc(C#C)c1",
        "*Nc1ncnc2cc(*)c(*)cc12",
        "c1ccc2ncncc2c1",
    ),
    "futibatinib": (
        "C=CC(=O)N1CCC(n2nc(C#Cc3cc(OC)cc(OC)c3)c3c(N)ncnc32)C1",
        ("*c1cc(OC)cc(OC)c1", "*N1CCCC1"),
        "*c1n[nH]c2ncnc(N)c12",
        "*c1nn(*)c2ncnc(N)c12",
        "Nc1ncnc2[nH]ncc12",
    ),
    "lesinurad": (
        "O=C(O)CSc1nnc(Br)n1-c1ccc(C2CC2)c2ccccc12",
        ("*C1CC1", "*SCC(=O)O"),
        "*c1ccc(C2CC2)c2ccccc12",
        "*c1nnc(*)n1-c1ccc(*)c2ccccc12",
        "c1ccc(-n2cnnc2)cc1",
    ),
    "liothyronine": (
        "NC(Cc1cc(I)c(Oc2ccc(O)c(I)c2)c(I)c1)C(=O)O",
        ("*c1ccc(O)c(I)c1", "*CC(N)C(=O)O"),
        "*c1ccc(O)c(I)c1",
        "*c1ccc(Oc2ccc(O)c(*)c2)c(*)c1",
        "c1ccc(Oc2ccccc2)cc1",
    ),
    "lovastatin": (
        "CCC(C)C(=O)OC1CC(C)C=C2C=CC(C)C(CCC3CC(O)CC(=O)O3)C21",
        ("*C(=O)C(C)CC", "*C1CC(O)CC(=O)O1"),
        "*CCC1CC(O)CC(=O)O1",
        "*OC1CC(C)C=C2C=CC(C)C(*)C21",
        "C1CC=C2C=CCCC2C1",
    ),
}  # fmt: skip


def measure(generator: Any, task: str, fragments: list[str], drug: str, seed: int) -> dict[str, float]:
    """Figures of one task for one drug."""
    prompt = prompt_of(task, fragments)
    made = Population(generator.sample(N, prompt=prompt, seed=seed))
    distinct = Population(sorted(set(made.smiles)))
    return {
        "validity": len(made) / N,
        "uniqueness": len(distinct) / N,
        "quality": good_share(distinct) * len(distinct) / N,
        "diversity": internal_diversity(distinct),
        "distance": 1 - nearest_similarity(distinct, Population([drug])),
    }


@click.command()
@click.argument("name", default="diffusion", type=click.Choice(["diffusion", "graph_vae"]))
def main(name: str) -> None:
    """Measure the tasks for all drugs."""
    generator = load_generator(name)
    rows: list[dict[str, Any]] = []
    for column, task in enumerate(PUBLISHED):
        if name == "graph_vae" and task in ("linker", "morphing"):
            continue
        found = []
        for seed, (drug, ends, motif, scaffold, core) in enumerate(DRUGS.values()):
            fragments = [[*ends], [*ends], [motif], [scaffold], [core]][column]
            found.append(measure(generator, task, fragments, drug, seed))
        mean = {name: float(np.mean([row[name] for row in found])) for name in found[0]}
        rows.append({"task": task, "model": f"molgen {name}"} | mean)
        for model in ("GenMol", "GenMol V2"):
            figures = REFERENCE["fragment_constrained"][model][PUBLISHED[task]]
            rows.append({"task": task, "model": model} | dict(zip(mean, figures, strict=True)))
    show("Ten drugs, 100 molecules each", rows)
    save(f"fragments-{name}", rows)


if __name__ == "__main__":
    main()
