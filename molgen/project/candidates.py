"""Where candidates come from: a search that writes molecules, or a library of any size."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.cluster.base import Cluster
from molgen.data.cells import texts
from molgen.data.prices import read_prices
from molgen.data.readers import read_chunks
from molgen.errors import ConfigError, DataError, nearest
from molgen.project.posterior import Posterior
from molgen.reports.routes import ROUTE
from molgen.runs.design import design
from molgen.runs.settings import CONFIG
from molgen.scoring.component import Component
from molgen.scoring.scorer import Scorer, Term
from molgen.scoring.transforms import Identity
from molgen.screening.charts import naming_column
from molgen.screening.screen import SCREEN, screen

KAPPA = 1.0  # deviations that are added to a utility, so that what is uncertain gets its turn
BEGUN = 200  # measured compounds that a search begins from, the best
LEADS = 50  # of the best measured compounds, that what it writes is near to
QUICK = ("search.library=2000", "search.batch.share=0.5")  # scores cost nothing here, choices do
ROWS = 2000  # of a library that are scored at a time


@dataclass(frozen=True, eq=False, repr=False)
class Promise(Component):
    """How promising a compound is to a project: the upper confidence bound u of its utility, as u / (1 + u).

    Attributes
    ----------
    posterior
        What the project knows.
    """

    posterior: Posterior
    unit: ClassVar[str] = "0 to 1"

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        """See `Component.__call__`."""
        valid = [i for i, mol in enumerate(molecules.mols) if mol is not None]
        found = np.full(len(molecules), np.nan)
        if valid:
            mean, deviation = self.posterior.utility(molecules.take(valid).standardized(STANDARD))
            bound = mean + KAPPA * deviation
            found[valid] = bound / (1 + bound)
        return found

    def __repr__(self) -> str:
        return f"the promise of compounds to a project with the goals {', '.join(self.posterior.goals.goals)}"

    def scorer(self) -> Scorer:
        """It alone as an objective."""
        return Scorer({"promise": Term(self, Identity())})


def generated(
    posterior: Posterior,
    measured: Sequence[str],
    budget: int,
    folder: Path,
    seed: int,
    near: float,
    makeable: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Molecules that a Bayesian search writes to be promising, the most promising first, each with its route.

    Its initial design are the measured compounds. A search that was killed goes on in its folder.

    Parameters
    ----------
    measured
        SMILES of measured compounds, the best first.
    budget
        New molecules that it looks at.
    folder
        Of its run, with a report.
    near
        The least similarity (see `Constraints.similarity`) to one of the best measured compounds; 0 lets it go anywhere.
    makeable
        From what and how each molecule is made, as settings of `search.makeable`; None: nobody asks, and routes are empty.

    Raises
    ------
    ConfigError
        One of `makeable` can't be used.
    """
    start = list(measured[:BEGUN])
    around = [f"search.constraints.lead={json.dumps(start[:LEADS])}", f"search.constraints.similarity={near}"]
    made = [f"search.makeable.{key}={json.dumps(value)}" for key, value in (makeable or {}).items()]
    overrides = [*QUICK, *(around if start and near else []), *made]
    whole, strategy = budget + len(start), "surrogate" if makeable is None else "routes"
    resume = (folder / CONFIG).exists()
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        run = design(Promise(posterior).scorer(), whole, strategy, seed, folder, start, resume=resume, overrides=overrides)
    except ConfigError as error:
        raise ConfigError(str(error).removeprefix("search.makeable.")) from error  # as it is called here
    table = run.molecules
    table = table[table["problem"].isna() & (table["operator"] != "start")]
    table = table.sort_values("score", ascending=False, kind="stable")
    routes = table[ROUTE] if ROUTE in table else [""] * len(table)
    return dict(zip(table["smiles"], routes, strict=True))


@dataclass(frozen=True)
class Library:
    """Molecules of a file.

    Attributes
    ----------
    smiles, names : [n]
        The most promising first; a name is empty where there is none.
    prices : float64 [n]
        nan where there is none.
    """

    smiles: tuple[str, ...]
    names: tuple[str, ...]
    prices: NDArray[np.float64]


def promising_of(
    posterior: Posterior,
    library: Path | str,
    folder: Path,
    hits: int,
    *,
    column: str | None = None,
    price: str | None = None,
    cluster: Cluster | None = None,
    progress: Callable[[int], None] = lambda molecules: None,
) -> Library:
    """The most promising molecules of a library of any length, as a screen finds them.

    A screen that was killed goes on in its folder.

    Parameters
    ----------
    hits
        How many.
    column, price
        Names of the columns with SMILES, and with prices.
    """
    chunks = partial(read_chunks, library, column, ROWS)
    settings = None if (folder / SCREEN).exists() else {"library": str(library)}
    scorer = Promise(posterior).scorer()
    found = screen(chunks, scorer, folder, hits=hits, cluster=cluster, progress=progress, settings=settings)
    table, own = found.hits, found.names
    naming = naming_column(name for name in table.columns if name not in (own.smiles, own.score, own.problem))
    names = [""] * len(table) if naming is None else table[naming].fillna("").astype(str).tolist()
    prices = np.full(len(table), np.nan) if price is None else _prices(table, price, str(library))
    return Library(tuple(table[own.smiles]) if len(table) else (), tuple(names), prices)


def _prices(table: pd.DataFrame, column: str, library: str) -> NDArray[np.float64]:
    if column not in table:
        raise DataError(f"{library}: no column '{column}'{nearest(column, map(str, table.columns))}")
    return read_prices(texts(table[column]), f"{library}: column '{column}'")
