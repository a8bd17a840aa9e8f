"""Score a library of any length: ranked hits, pictures, a plot, and enrichment where it has labels."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem import Draw
from rdkit.ML.Scoring import Scoring

from molgen.cluster.base import Cluster, Inline, Score
from molgen.data.readers import write_table
from molgen.errors import DataError, nearest
from molgen.learn.checkpoint import write_atomically
from molgen.scoring.scorer import Scorer

SCORES, PARTS = "scores.csv", "parts"
PICTURED = 24
BINS = np.linspace(0, 1, 51)
Chunk = tuple[int, pd.DataFrame]


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


@dataclass
class _Tally:
    """What is kept of the scored chunks: the best rows, counts, and of labelled molecules a score and a label each."""

    hits: int
    label: str | None
    best: pd.DataFrame = field(default_factory=pd.DataFrame)
    histogram: np.ndarray = field(default_factory=lambda: np.zeros(len(BINS) - 1, int))
    molecules: int = 0
    invalid: int = 0
    scores: list[np.ndarray] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)

    def add(self, number: int, table: pd.DataFrame) -> None:
        place = pd.MultiIndex.from_product([[number], range(len(table))])
        best = pd.concat([self.best, table.set_axis(place).nlargest(self.hits, "score")])
        self.best = best.sort_index().nlargest(self.hits, "score", keep="first")
        self.histogram += np.histogram(table["score"], BINS)[0]
        self.molecules += len(table)
        self.invalid += int(table["problem"].str.startswith("invalid").sum())
        if self.label is not None:
            self.labels.append(_labels(table, self.label))
            self.scores.append(table["score"].to_numpy(np.float32))


def screen(
    chunks: Callable[[], Iterator[pd.DataFrame]],
    scorer: Scorer,
    folder: Path,
    *,
    hits: int,
    label: str | None = None,
    cluster: Cluster | None = None,
    progress: Callable[[int], None] = lambda molecules: None,
) -> Screen:
    """Score the tables of `chunks` into `folder`: scores.csv, hits.csv, hits.sdf, hits.svg, scores.svg.

    Memory holds a few chunks and the hits, whatever the length; with `label` also two numbers a molecule. A screen that was
    killed goes on when called again: a scored chunk is a file in `parts`, until scores.csv is made of them.

    Parameters
    ----------
    chunks
        Reads the library, always the same way; see `read_chunks`.
    progress
        Told how many more molecules are scored.

    Raises
    ------
    DataError
        There is no column `label`, or it holds something else than 0 and 1.
    """
    parts = folder / PARTS
    tally = _Tally(hits, label)
    if label is not None:
        _labels(next(chunks()), label)
    try:
        parts.mkdir(parents=True, exist_ok=True)
        done = sorted(parts.glob("*.csv"))
        for path in done:
            table = _read_part(path, scorer)
            tally.add(int(path.stem), table)
            progress(len(table))
        left = partial(_numbered, chunks, {int(path.stem) for path in done})
        with (cluster or Inline()).scoring(scorer) as score:
            for number, table in map(partial(_scored, score), left()):
                tally.add(number, table)
                write_atomically(parts / f"{number:08d}.csv", table.to_csv(index=False).encode())
                progress(len(table))
        _join(sorted(parts.glob("*.csv")), folder / SCORES)
    except OSError as error:
        raise DataError(f"{folder}: can't be written ({error.strerror or error}); free space, then go on with resume") from error
    best = tally.best.reset_index(drop=True)
    active = np.concatenate(tally.labels) if label is not None else None
    scores = np.concatenate(tally.scores) if label is not None else np.empty(0)
    write_table(best, folder / "hits.csv")
    write_table(best, folder / "hits.sdf")
    _picture(best, folder / "hits.svg")
    _plot(tally.histogram, scores, active, folder / "scores.svg")
    shutil.rmtree(parts)
    return Screen(folder, best, tally.molecules, tally.invalid, enrichment(scores, active) if active is not None else {})


def _numbered(chunks: Callable[[], Iterator[pd.DataFrame]], done: set[int]) -> Iterator[Chunk]:
    return ((number, table) for number, table in enumerate(chunks()) if number not in done)


def _scored(score: Score, chunk: Chunk) -> Chunk:
    number, table = chunk
    scored = score(table["smiles"].tolist()).to_pandas()
    other = table.drop(columns=[name for name in scored if name in table])
    return number, pd.concat([scored, other.reset_index(drop=True)], axis=1)


def _read_part(path: Path, scorer: Scorer) -> pd.DataFrame:
    """A scored chunk as it was; other columns than the scorer's as text, as they are written."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    numbers = ["score", *(f"{name}{end}" for name in scorer.names for end in ("", "_scaled"))]
    return table.astype(dict.fromkeys(numbers, float))


def _join(parts: list[Path], path: Path) -> None:
    """One table of them all, with one header."""
    temporary = path.with_name(f".{path.name}")
    with temporary.open("wb") as whole:
        for number, part in enumerate(parts):
            with part.open("rb") as file:
                header = file.readline()
                if number == 0:
                    whole.write(header)
                shutil.copyfileobj(file, whole)
    temporary.replace(path)


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


def _plot(histogram: np.ndarray, scores: np.ndarray, active: np.ndarray | None, path: Path) -> None:
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
    figure.savefig(path, format="svg")
    plt.close(figure)
