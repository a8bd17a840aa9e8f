"""A generator's samples beside molecules that it has not seen: figures, a plot a property, a picture of samples."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from rdkit.Chem import Draw

from molgen.data.splits import held_out_parts
from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.generators.base import Generator
from molgen.metrics.distribution import sample_quality
from molgen.metrics.population import Population, compare, good_share, internal_diversity, passing_share

REFERENCE = 10_000  # molecules of each held-out part that samples are compared with, at most
FEWEST = 10  # molecules of each
PICTURED = 24
LABELS = {"logP": "logP (Crippen)", "QED": "QED", "SA": "SA score", "weight": "molecular weight (Da)", "TPSA": "TPSA (Å²)"}


@dataclass(frozen=True)
class HeldOut:
    """What generators are measured against.

    Attributes
    ----------
    known
        Canonical SMILES to learn from; what else is written is new.
    test, scaffolds
        A random tenth, and a tenth whose scaffolds no other molecule has.
    """

    known: frozenset[str]
    test: Population
    scaffolds: Population

    @classmethod
    def of(cls, smiles: Sequence[str]) -> "HeldOut":
        """Split a data set; takes a minute for 250,000 molecules.

        Raises
        ------
        DataError
            Too few molecules can be held out.
        """
        known, test, scaffolds = held_out_parts(smiles)
        if min(len(test), len(scaffolds)) < FEWEST:
            raise DataError(
                f"{len(smiles):,} molecules: {len(test)} at random and {len(scaffolds)} with scaffolds of their own can be held "
                f"out, and {FEWEST} each are the least to compare with; name a larger data set"
            )
        return cls(frozenset(known), Population(test[:REFERENCE]), Population(scaffolds[:REFERENCE]))


def assess(generator: Generator, held_out: HeldOut, *, n: int, seed: int, folder: Path) -> dict[str, float]:
    """Figures of `n` samples; writes them and pictures to `folder`: figures.json, samples.smi, properties.svg, samples.svg."""
    generator.sample(min(n, 50), seed=seed)
    start = time.perf_counter()
    samples = generator.sample(n, seed=seed)
    seconds = time.perf_counter() - start
    made = Population(samples)
    figures = sample_quality(samples, held_out.known) | {
        "samples/s": len(samples) / seconds,
        "internal diversity": internal_diversity(made),
        "quality": good_share(made),
        "without alerts": passing_share(made),
    }
    figures |= {f"{name}, test": value for name, value in compare(made, held_out.test).items()}
    figures |= {f"{name}, new scaffolds": value for name, value in compare(made, held_out.scaffolds).items()}
    write_atomically(folder / "figures.json", json.dumps(figures, indent=1).encode())
    write_atomically(folder / "samples.smi", "\n".join(samples).encode())
    _plot(made, held_out.test, folder / "properties.svg")
    grid: Any = Draw.MolsToGridImage(made.mols[:PICTURED], molsPerRow=6, subImgSize=(240, 180), useSVG=True)
    write_atomically(folder / "samples.svg", str(getattr(grid, "data", grid)).encode())
    return figures


def _plot(made: Population, reference: Population, path: Path) -> None:
    figure, axes = plt.subplots(1, len(LABELS), figsize=(4 * len(LABELS), 3.2))
    for axis, (name, label) in zip(axes, LABELS.items(), strict=True):
        both = [reference.properties[name], made.properties[name]]
        axis.hist(both, bins=40, density=True, histtype="step", color=["#9aa5b1", "#2a6f97"], label=["held out", "samples"])
        axis.set(xlabel=label, yticks=[])
    axes[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, format="svg")
    plt.close(figure)
