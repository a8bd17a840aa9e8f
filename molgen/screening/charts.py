"""Pictures of a screen: its best molecules, and how scores are spread."""

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib.pyplot as plt
import numpy as np
from rdkit import Chem
from rdkit.Chem import Draw

from molgen.files import write_atomically
from molgen.reports.drawing import DRAWN

PICTURED, ACROSS, PANEL = 24, 4, (300, 220)
LONGEST = 24  # characters of a name
IDENTIFIER = re.compile(r"(?:^|[\W_])(?i:id|identifier)$|[a-z]I[Dd]$")  # ID, compound_id, ZINC ID, catalogID, moleculeId
BINS = np.linspace(0, 1, 51)


def naming_column(columns: Iterable[str]) -> str | None:
    """The column that identifies compounds: one called name or title, else the first id; None if there is none."""
    texts = [str(column) for column in columns]
    called = [text for text in texts if text.strip().lower() in ("name", "title")]
    return next(iter(called + [text for text in texts if IDENTIFIER.search(text)]), None)


def picture(smiles: Sequence[str], scores: Sequence[float], names: Sequence[str], path: Path) -> None:
    """The best hits, drawn, each with its rank, its score and its name, which may be empty; large ones are left blank."""
    mols = [Chem.MolFromSmiles(text) for text in smiles[:PICTURED]]
    mols = [mol if mol.GetNumAtoms() <= DRAWN else None for mol in mols]
    width, height = PANEL
    drawn = Draw.MolsToGridImage(mols, molsPerRow=ACROSS, subImgSize=PANEL, legends=[" "] * len(mols), useSVG=True)
    texts = "".join(
        f'<text x="{width * (i % ACROSS + 0.5):g}" y="{height * (i // ACROSS + 1) - 8:g}" font-family="sans-serif" '
        f'font-size="14" text-anchor="middle">{escape(_legend(i, scores[i], names[i]))}</text>\n'
        for i in range(len(mols))
    )  # by hand, for RDKit's fonts lack letters
    page = str(getattr(drawn, "data", drawn)).replace("iso-8859-1", "utf-8").replace("</svg>", f"{texts}</svg>")
    write_atomically(path, page.encode())


def _legend(i: int, score: float, name: str) -> str:
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())  # others are no XML
    return " · ".join([f"#{i + 1}", f"{score:.3f}"] + [name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"] * bool(name))


def plot(histogram: np.ndarray, scores: np.ndarray, active: np.ndarray | None, path: Path) -> None:
    """How scores are spread and, with labels, what share of the active molecules the best of the library holds."""
    figure, axes = plt.subplots(1, 1 if active is None else 2, figsize=(6 if active is None else 11, 4), squeeze=False)
    axes[0, 0].stairs(histogram, BINS, fill=True, color="#2a6f97")
    axes[0, 0].set(xlabel="score", ylabel="molecules", yscale="log", title="Scores of the library")
    axes[0, 0].set_ylim(bottom=0.5)  # a bin of one molecule is seen
    if active is not None:
        known = ~np.isnan(active)
        found = np.cumsum(active[known][np.argsort(-scores[known], kind="stable")])
        share = np.arange(1, len(found) + 1) / len(found)
        axes[0, 1].plot(share, found / found[-1], color="#2a6f97", label="by score")
        axes[0, 1].plot([0, 1], [0, 1], "--", color="#b0b8c0", label="in random order")
        axes[0, 1].legend(frameon=False, loc="lower right")
        axes[0, 1].set(xlabel="share of the library, best first", ylabel="share of the active molecules", title="Enrichment")
    figure.tight_layout()
    with plt.rc_context({"svg.hashsalt": "molgen"}):  # the same screen gives the same file
        content = BytesIO()
        figure.savefig(content, format="svg", metadata={"Date": None})
    write_atomically(path, content.getvalue())
    plt.close(figure)
