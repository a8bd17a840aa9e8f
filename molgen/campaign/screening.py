"""Score a library of any length: ranked hits, pictures, a plot, and enrichment where it has labels."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem import Draw
from rdkit.ML.Scoring import Scoring

from molgen.data.readers import write_table
from molgen.errors import DataError, nearest
from molgen.learn.checkpoint import write_atomically
from molgen.scoring.scorer import Scorer

PICTURED = 24


@dataclass(frozen=True)
class Screen:
    """What a screen found.

    Attributes
    ----------
    hits
        The best molecules, best first.
    molecules, invalid
        How many were scored, and how many of them were no molecules.
    enrichment
        AUC, EF1% and BEDROC (alpha 20) where the library has labels, else empty.
    """

    folder: Path
    hits: pd.DataFrame
    molecules: int
    invalid: int
    enrichment: dict[str, float]


def screen(chunks: Iterator[pd.DataFrame], scorer: Scorer, folder: Path, *, hits: int, label: str | None = None) -> Screen:
    """Score the tables of `chunks` (see `read_chunks`) into `folder`: scores.csv, hits.csv, hits.sdf, hits.svg, scores.svg.

    Memory holds a chunk, the hits and a number or two a molecule. Files appear when they are whole.

    Raises
    ------
    DataError
        There is no column `label`, or it holds something else than 0 and 1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    best = pd.DataFrame()
    totals: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    invalid = 0
    temporary = folder / f".{os.getpid()}.scores.csv"
    try:
        for number, table in enumerate(chunks):
            scored = scorer(table["smiles"].tolist()).to_pandas()
            other = table.drop(columns=[name for name in scored if name in table])
            part = pd.concat([scored, other.reset_index(drop=True)], axis=1)
            part.to_csv(temporary, mode="a", header=number == 0, index=False)
            best = pd.concat([best, part]).nlargest(hits, "score", keep="first")
            totals.append(scored["score"].to_numpy(np.float32))
            invalid += int(scored["problem"].str.startswith("invalid").sum())
            if label is not None:
                labels.append(_labels(table, label))
        temporary.replace(folder / "scores.csv")
    except OSError as error:
        raise DataError(f"{folder}: can't be written ({error.strerror or error}); free space or choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)
    scores = np.concatenate(totals)
    active = np.concatenate(labels) if labels else None
    best = best.reset_index(drop=True)
    write_table(best, folder / "hits.csv")
    write_table(best, folder / "hits.sdf")
    _picture(best, folder / "hits.svg")
    _plot(scores, active, folder / "scores.svg")
    return Screen(folder, best, len(scores), invalid, enrichment(scores, active) if active is not None else {})


def enrichment(scores: np.ndarray, active: np.ndarray) -> dict[str, float]:
    """How well scores [n] put the active molecules (1, others 0) first; molecules without a label (nan) are left out.

    AUC is the area under the ROC curve, EF1% the enrichment in the best hundredth, BEDROC as in Truchon and Bayly (J. Chem.
    Inf. Model. 47, 488, 2007) with alpha 20.
    """
    known = ~np.isnan(active)
    order = np.argsort(-scores[known], kind="stable")
    ranked = [(bool(value),) for value in active[known][order]]
    if not 0 < sum(value for (value,) in ranked) < len(ranked):
        raise DataError("enrichment needs both active and inactive molecules")
    return {
        "AUC": Scoring.CalcAUC(ranked, 0),
        "EF1%": Scoring.CalcEnrichment(ranked, 0, [0.01])[0],
        "BEDROC": Scoring.CalcBEDROC(ranked, 0, 20.0),
    }


def _labels(table: pd.DataFrame, label: str) -> np.ndarray:
    if label not in table:
        raise DataError(f"no label column '{label}'{nearest(label, map(str, table))}; found: {', '.join(map(str, table))}")
    values = pd.to_numeric(table[label], errors="coerce").to_numpy(np.float32)
    if not set(np.unique(values[~np.isnan(values)])) <= {0.0, 1.0}:
        raise DataError(f"column '{label}': labels of a screen are 0 and 1")
    return values


def _picture(hits: pd.DataFrame, path: Path) -> None:
    """The best hits, drawn."""
    shown = hits.head(PICTURED)
    mols = [Chem.MolFromSmiles(text) for text in shown["smiles"]]
    legends = [f"#{i + 1}  {score:.3f}" for i, score in enumerate(shown["score"])]
    picture = Draw.MolsToGridImage(mols, molsPerRow=4, subImgSize=(300, 220), legends=legends, useSVG=True)
    write_atomically(path, str(getattr(picture, "data", picture)).encode())


def _plot(scores: np.ndarray, active: np.ndarray | None, path: Path) -> None:
    """How scores are spread and, with labels, what share of the active molecules the best of the library holds."""
    figure, axes = plt.subplots(1, 1 if active is None else 2, figsize=(6 if active is None else 11, 4), squeeze=False)
    axes[0, 0].hist(scores, bins=50, range=(0, 1), color="#2a6f97")
    axes[0, 0].set(xlabel="score", ylabel="molecules", yscale="log", title="Scores of the library")
    if active is not None:
        known = ~np.isnan(active)
        found = np.cumsum(active[known][np.argsort(-scores[known], kind="stable")])
        share = np.arange(1, len(found) + 1) / len(found)
        axes[0, 1].plot(share, found / found[-1], color="#2a6f97")
        axes[0, 1].plot([0, 1], [0, 1], "--", color="#b0b8c0")
        axes[0, 1].set(xlabel="share of the library, best first", ylabel="share of the active molecules", title="Enrichment")
    figure.tight_layout()
    figure.savefig(path, format="svg")
    plt.close(figure)
