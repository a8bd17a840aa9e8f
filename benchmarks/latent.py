"""The graph VAE's latent space: what comes back from it, and how alike its neighbours are.

    python -m benchmarks.latent

Reconstruction: held-out molecules of ZINC250k that come back from their point exactly as they were, stereochemistry included.
Neighbours: mean Tanimoto similarity to the decoded molecule of points at growing distance. The plot goes to
runs/latent/neighbours.svg.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.results import save, show
from molgen import load_generator
from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.config import compose_group
from molgen.data.splits import held_out_parts
from molgen.generators.latent_space import between

HELD_OUT = 1000
LEADS = 200
RADII = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)


def main() -> None:
    """Measure, print, plot."""
    generator = load_generator("graph_vae")
    _, test, scaffolds = held_out_parts(compose_group("data", "zinc250k").smiles())
    figures = {
        f"reconstruction, {name}, candidates={candidates}": generator.reconstruction(part[:HELD_OUT], candidates)
        for name, part in (("test", test), ("new scaffolds", scaffolds))
        for candidates in (1, 8)
    }
    leads = generator.known_of(test[:LEADS])
    points = generator.encode(leads)
    home = generator.decode(points)
    random = torch.Generator().manual_seed(0)
    rows = []
    for radius in RADII:
        near = generator.decode(points + radius * torch.randn(points.shape, generator=random))
        alike = similarities(home, near)
        same = float(np.mean([a == b for a, b in zip(home, near, strict=True)]))
        rows.append({"radius": radius, "similarity": float(alike.mean()), "deviation": float(alike.std()), "same": same})
    apart = float(similarities(home[1:], home[:-1]).mean())
    steps = [between(generator, a, b, 12) for a, b in pairwise(leads[:51])]
    figures["similarity of two at random"] = apart
    figures["distinct molecules on a line of 12"] = float(np.mean([len(set(line)) for line in steps]))
    plot(rows, apart, Path("runs/latent/neighbours.svg"))
    show(f"neighbours of {len(leads)} held-out molecules", rows)
    show("latent space", [{"figure": name, "value": value} for name, value in figures.items()])
    save("latent", {"figures": figures, "neighbours": rows})


def similarities(first: Sequence[str], second: Sequence[str]) -> NDArray[np.float32]:
    """Tanimoto similarity of each pair [n], ECFP4."""
    return tanimoto_matrix(bit_matrix(Molecules(first).mols), bit_matrix(Molecules(second).mols)).diagonal()


def plot(rows: list[dict[str, float]], apart: float, path: Path) -> None:
    """Similarity against distance."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure, axis = plt.subplots(figsize=(5, 3.4))
    x, y, spread = ([row[name] for row in rows] for name in ("radius", "similarity", "deviation"))
    axis.errorbar(x, y, spread, marker="o", capsize=3)
    axis.axhline(apart, color="#9aa5b1", linestyle="--", label="two molecules at random")
    axis.set(xlabel="distance in every dimension (standard deviations)", ylabel="Tanimoto similarity", ylim=(0, 1.05))
    axis.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()
