"""Every strategy under conf/search, on the shipped prior and a small library."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from molgen.chem.molecules import Molecules
from molgen.config import compose_group, options
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.scores import Scores
from molgen.search.strategy import Strategy
from tests.search import small

LITTLE_TRAINING = ["search.agent.updates=1", "search.agent.replay=8"]
SMALL_SEARCH = ["search.library=100", "search.initial_design=20", "search.breeding.offspring=24", "search.explorer.population=16"]
QUICK = {
    "policy": LITTLE_TRAINING,
    "genetic_policy": LITTLE_TRAINING,
    "genetic": ["search.initial_design=20"],
    "pareto": ["search.initial_design=20"],
    "surrogate": SMALL_SEARCH,
    "routes": SMALL_SEARCH,
    "latent": ["search.initial_design=20", "search.population=8"],
    "screen": [],
}

MakeStrategy = Callable[..., Strategy]


def count_carbons(smiles: list[str]) -> Scores:
    """A cheap objective: the share of carbon among the atoms."""
    mols = Molecules(smiles).mols
    total = [sum(a.GetSymbol() == "C" for a in mol.GetAtoms()) / mol.GetNumAtoms() for mol in mols]
    return Scores(smiles, np.array(total), [None] * len(smiles), ("carbons",), np.array([total]).T, np.array([total]).T)


def count_nitrogens(smiles: list[str]) -> Scores:
    """Another one: atoms of nitrogen."""
    total = np.array([sum(a.GetSymbol() == "N" for a in mol.GetAtoms()) for mol in Molecules(smiles).mols], float)
    return Scores(smiles, total, [None] * len(smiles), ("nitrogens",), total[:, None], total[:, None])


class Shuffled(AsynchronousScorer):
    """Gives back one molecule at a time, in random order."""

    capacity = 5

    def __init__(self, score: Callable[[list[str]], Scores]) -> None:
        self.score = score
        self.rng = np.random.default_rng(0)
        self.waiting: list[str] = []
        self.submitted: list[str] = []

    def submit(self, smiles: Sequence[str]) -> None:
        self.waiting += smiles
        self.submitted += smiles

    def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
        return [self.score([self.waiting.pop(int(self.rng.integers(len(self.waiting))))])]


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small stock of building blocks."""
    return small.stock(tmp_path_factory.mktemp("stock") / "blocks.csv")


@pytest.fixture(params=options("search"))
def make(request: pytest.FixtureRequest, smi_file: Path, stock: Path) -> MakeStrategy:
    """Makes the strategy `conf/search/NAME.yaml`; the same seed makes the same one."""

    def make(seed: int = 0, *, quick: bool = True) -> Strategy:
        settings = QUICK[request.param] if quick else []
        if request.param == "screen":
            settings = [f"search.library.path={smi_file}"]
        elif request.param == "routes":
            settings = [*settings, f"search.makeable.stock={stock}"]
        strategy: Strategy = compose_group("search", request.param, [f"+seed={seed}", *settings])
        return strategy

    return make
