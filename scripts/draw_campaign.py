"""Draws what a campaign found, for README and docs: its progress, what it began from and its best molecules.

Usage: python scripts/draw_campaign.py runs/mine docs/images/campaign.png
"""

import io
from pathlib import Path

import click
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.chem.scaffolds import murcko
from molgen.runs.store import RunStore

SHOWN = 6
PIXELS = (460, 330)


def picture(smiles: str) -> object:
    """A molecule as an image."""
    canvas = rdMolDraw2D.MolDraw2DCairo(*PIXELS)
    canvas.drawOptions().padding = 0.04
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, Chem.MolFromSmiles(smiles))
    canvas.FinishDrawing()
    return plt.imread(io.BytesIO(canvas.GetDrawingText()))


@click.command()
@click.argument("run", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
def main(run: Path, output: Path) -> None:
    """Draw RUN to OUTPUT; of one scaffold only the best molecule is shown."""
    molecules = RunStore(run).to_pandas()
    ranked = molecules.sort_values("score", ascending=False)
    scaffolds = ranked["smiles"].map(lambda text: murcko(Chem.MolFromSmiles(text)))
    best = ranked[~scaffolds.duplicated()].head(SHOWN)
    top10 = [molecules["score"].iloc[:calls].nlargest(10).mean() for calls in range(10, len(molecules) + 1)]
    figure = plt.figure(figsize=(12, 5.4), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.75))
    axis = left.subplots()
    axis.scatter(range(1, len(molecules) + 1), molecules["score"], s=6, color="0.7", label="one molecule")
    axis.plot(range(10, len(molecules) + 1), top10, color="teal", linewidth=2, label="mean of the ten best")
    axis.set(xlabel="oracle calls", ylabel="score", ylim=(0, 1), xlim=(0, len(molecules)))
    axis.legend(loc="lower right", frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    for panel, (_, row) in zip(right.subplots(2, SHOWN // 2).flat, best.iterrows(), strict=True):
        panel.imshow(picture(row["smiles"]))
        panel.set_title(f"score {row['score']:.3f}, call {row['id'] if 'id' in row else row.name + 1}", fontsize=10)
        panel.axis("off")
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=90)


if __name__ == "__main__":
    main()
