"""Score a library of any length: ranked hits, and enrichment where it has labels."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rdkit.ML.Scoring import Scoring

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import Standardizer
from molgen.cluster.base import Cluster, Inline, Score
from molgen.data.assay import classes
from molgen.data.readers import Table, write_table
from molgen.data.results import beside, new_names, renamed
from molgen.data.tables.table import flat
from molgen.errors import DataError, nearest
from molgen.folders import remedy, writing
from molgen.reports.poses import export_poses
from molgen.runs.run import begin
from molgen.scoring.scorer import Scorer
from molgen.scoring.scores import Scores
from molgen.screening.charts import BINS, naming_column, picture, plot
from molgen.screening.parts import DIGEST, STRUCTURE, Chunks, digest, join, left, scored_chunks, write_chunk, write_total

SCREEN, SCORES, HITS, PARTS = "screen.yaml", "scores.csv", "hits.csv", "parts"


@dataclass(frozen=True)
class Names:
    """What columns of a screen are called: a library may have some of these names itself."""

    smiles: str
    score: str
    problem: str


@dataclass(frozen=True)
class ScreenResult:
    """What a screen found.

    Attributes
    ----------
    hits
        The best molecules, best first, without those that score 0.
    names
        Of their columns.
    molecules, invalid
        How many were scored, and how many of them were no molecules.
    enrichment
        AUC, EF1% and BEDROC (alpha 20) where the library has labels, else empty.
    renamed
        A line that says which columns are called otherwise because the library has their names; or empty.
    """

    folder: Path
    hits: pd.DataFrame
    names: Names
    molecules: int
    invalid: int
    enrichment: dict[str, float]
    renamed: str

    def best(self, n: int) -> list[tuple[float, str]]:
        """Scores and SMILES of the `n` best."""
        rows = self.hits.head(n)
        return list(zip(rows[self.names.score], rows[self.names.smiles], strict=True))


@dataclass
class _Tally:
    """What is kept of the scored chunks: the best rows, counts, and every score where there are labels."""

    hits: int
    names: Names
    labelled: bool
    best: pd.DataFrame = field(default_factory=pd.DataFrame)
    histogram: np.ndarray = field(default_factory=lambda: np.zeros(len(BINS) - 1, int))
    molecules: int = 0
    invalid: int = 0
    scores: dict[int, np.ndarray] = field(default_factory=dict)

    def add(self, number: int, table: pd.DataFrame) -> None:
        score = table[self.names.score]
        place = pd.MultiIndex.from_product([[number], range(len(table))])
        passed = table.set_axis(place)[(score > 0).to_numpy()]
        best = pd.concat([self.best, passed.nlargest(self.hits, self.names.score)])
        self.best = best.sort_index().nlargest(self.hits, self.names.score, keep="first")
        self.histogram += np.histogram(score, BINS)[0]
        self.molecules += len(table)
        self.invalid += int(table[self.names.problem].str.startswith("invalid").sum())
        if self.labelled:
            self.scores[number] = score.to_numpy(np.float32)


def screen(
    chunks: Chunks,
    scorer: Scorer,
    folder: Path,
    *,
    hits: int,
    label: str | None = None,
    cluster: Cluster | None = None,
    progress: Callable[[int], None] = lambda molecules: None,
    total: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> ScreenResult:
    """Score the tables of `chunks` into `folder`: scores.csv, hits.csv, hits.sdf, hits.svg, scores.svg, and the hits' poses.

    Memory holds a few chunks and the hits, whatever the length; with `label` also two numbers per molecule. A screen that was
    killed goes on when called again: a scored chunk is a file in `parts`, until scores.csv is made of them.

    Parameters
    ----------
    chunks
        Reads the library, always the same way; see `read_chunks`.
    progress
        Told how many more molecules are scored.
    total
        About how many there are, for those who look on.
    settings
        Settings to record in screen.yaml of a new folder.

    Raises
    ------
    DataError
        There is no column `label`, or it holds no classes, or only one of them: known before a molecule is scored. Or the
        library isn't what it was when its first chunks were scored.
    CampaignError
        The folder can't be made, or another process writes there.
    """
    parts = folder / PARTS
    first = next(chunks())
    names, other = _names(first, scorer)
    active = _labels(chunks, label) if label is not None else None
    if settings is not None and not folder.exists():
        begin(folder, dict(settings), SCREEN)
    folder.mkdir(parents=True, exist_ok=True)
    with writing(folder):
        tally = _Tally(hits, names, label is not None)
        try:
            if total is not None:
                write_total(parts, total)
            done: dict[int, str | None] = {}
            for number, table in scored_chunks(parts, [names.smiles, names.score, names.problem]):
                tally.add(number, table)
                progress(len(table))
                done[number] = table.attrs.get(DIGEST)
            with (cluster or Inline()).scoring(scorer, folder.name) as score:
                for number, table in map(partial(_scored, score, scorer.standardizer, names), left(chunks, done)):
                    tally.add(number, table)
                    write_chunk(parts, number, table)
                    progress(len(table))
            join(parts, folder / SCORES)
            best = tally.best.reset_index(drop=True)
            values = [found for _, found in sorted(tally.scores.items())]
            scores = np.concatenate(values) if active is not None else np.empty(0)
            _write_hits(best, first, names, folder)
            hits_used = Molecules(best[names.smiles].tolist() if len(best) else [], scorer.standardizer).canonical
            export_poses([text for text in dict.fromkeys(hits_used) if text], scorer.components(), folder)
            plot(tally.histogram, scores, active, folder / "scores.svg")
            ended = parts.with_name(f".{os.getpid()}.{PARTS}")
            parts.rename(ended)  # at once: of half of them the other half would be scored again
            shutil.rmtree(ended)
        except OSError as error:
            raise DataError(
                f"{folder}: can't be written ({error.strerror or error}); {remedy(error)}, then go on with "
                f"`molgen screen resume={folder}`"
            ) from error
    figures = enrichment(scores, active) if active is not None else {}
    return ScreenResult(folder, best, names, tally.molecules, tally.invalid, figures, other)


def _names(table: Table, scorer: Scorer) -> tuple[Names, str]:
    """What columns will be called, and a line about those that have another name than usual."""
    none = np.empty((0, len(scorer.names)))
    results = Scores([], np.empty(0), [], scorer.names, none, none).to_pandas().drop(columns="smiles")
    own = table.with_smiles().columns
    found = dict(zip(results, new_names(own, results.columns), strict=True))
    return Names(table.structure or own[0], found["score"], found["problem"]), renamed(table, results)


def _scored(score: Score, standardizer: Standardizer, names: Names, chunk: tuple[int, Table]) -> tuple[int, pd.DataFrame]:
    number, table = chunk
    scores = score(table.smiles)
    if not scores.changes:  # workers return numbers only
        molecules = Molecules(table.smiles, standardizer)
        scores = replace(scores, standardized=molecules.used, changes=molecules.changes)
    found = flat(beside(table, scores.to_pandas().drop(columns="smiles")).with_smiles())
    found.attrs = {DIGEST: digest(table), STRUCTURE: names.smiles}  # kept by Parquet
    return number, found


def _write_hits(hits: pd.DataFrame, library: Table, names: Names, folder: Path) -> None:
    smiles = hits[names.smiles].tolist() if len(hits) else []
    columns = hits.drop(columns=names.smiles, errors="ignore") if library.structure is None else hits
    table = Table(columns, smiles, [None] * len(hits), library.structure)
    if len(hits):
        naming = naming_column(library.columns)
        called = [""] * len(hits) if naming is None else hits[naming].fillna("").astype(str).tolist()
        picture(smiles, hits[names.score], called, folder / "hits.svg")
    write_table(table, folder / HITS)
    write_table(table, folder / "hits.sdf")


def enrichment(scores: np.ndarray, active: np.ndarray) -> dict[str, float]:
    """How well scores [n] put the active molecules (1, others 0) first; molecules without a label (nan) are left out.

    AUC is the area under the ROC curve, EF1% the enrichment in the best hundredth, BEDROC as in Truchon and Bayly (J. Chem.
    Inf. Model. 47, 488, 2007) with alpha 20.
    """
    known = ~np.isnan(active)
    order = np.argsort(-scores[known], kind="stable")
    ranked = [(bool(value),) for value in active[known][order]]
    _check_both(active)
    return {
        "AUC": Scoring.CalcAUC(ranked, 0),
        "EF1%": Scoring.CalcEnrichment(ranked, 0, [0.01])[0],
        "BEDROC": Scoring.CalcBEDROC(ranked, 0, 20.0),
    }


def _check_both(active: np.ndarray) -> None:
    if not {0.0, 1.0} <= set(np.unique(active)):
        raise DataError("enrichment needs both active and inactive molecules")


def _labels(chunks: Chunks, label: str) -> np.ndarray:
    """The classes of a whole library, read before anything is scored."""
    columns = []
    for table in chunks():
        if label not in table.columns:
            found = ", ".join(map(str, table.columns))
            raise DataError(f"no label column '{label}'{nearest(label, map(str, table.columns))}; found: {found}")
        columns.append(table.columns[label])
    active = classes(pd.concat(columns, ignore_index=True), label)
    _check_both(active)
    return active
