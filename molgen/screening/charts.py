"""Pictures of a screen: its best molecules, and how scores are spread."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from rdkit import Chem
from rdkit.Chem import Draw

from molgen.files import write_atomically

PICTURED = 24
BINS = np.linspace(0, 1, 51)


def picture(smiles: Sequence[str], scores: Sequence[float], path: Path) -> None:
    """The best hits, drawn."""
    mols = [Chem.MolFromSmiles(text) for text in smiles[:PICTURED]]
    legends = [f"#{i + 1}  {score:.3f}" for i, score in enumerate(scores[:PICTURED])]
    drawn = Draw.MolsToGridImage(mols, molsPerRow=4, subImgSize=(300, 220), legends=legends, useSVG=True)
    write_atomically(path, str(getattr(drawn, "data", drawn)).encode())


def plot(histogram: np.ndarray, scores: np.ndarray, active: np.ndarray | None, path: Path) -> None:
    """How scores are spread and, with labels, what share of the active molecules the best of the library holds."""
    figure, axes = plt.subplots(1, 1 if active is None else 2, figsize=(6 if active is None else 11, 4), squeeze=False)
    axes[0, 0].stairs(histogram, BINS, fill=True, color="#2a6f97")
    axes[0, 0].set(xlabel="score", ylabel="molecules", yscale="log", title="Scores of the library")
    if active is not None:
        known = ~np.isnan(active)
        found = np.cumsum(active[known][np.argsort(-scores[known], kind="stable")])
        share = np.arange(1, len(found) + 1) / len(found)
        axes[0, 1].plot(share, found / found[-1], color="#2a6f97")
        axes[0, 1].plot([0, 1], [0, 1], "--", color="#b0b8c0")
        axes[0, 1].set(xlabel="share of the library, best first", ylabel="share of the active molecules", title="Enrichment")
    figure.tight_layout()
    with plt.rc_context({"svg.hashsalt": "molgen"}):  # the same screen gives the same file
        content = BytesIO()
        figure.savefig(content, format="svg", metadata={"Date": None})
    write_atomically(path, content.getvalue())
    plt.close(figure)
