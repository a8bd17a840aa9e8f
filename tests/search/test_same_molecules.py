"""Each strategy still proposes the molecules that it proposed when its results were stored.

    python -m tests.search.test_same_molecules

stores them anew: after a change that is meant to change them, or on a processor that rounds differently, where these tests are
skipped.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from molgen import Scorer
from molgen.chem.molecules import Molecules
from molgen.config import compose_group
from molgen.generators.shipped import load_generator
from molgen.search.loop import search
from molgen.search.oracle import Oracle

STORED = Path(__file__).parent / "stored" / "molecules.json"
SMALL = ["search.library=120", "search.initial_design=20", "search.breeding.offspring=30", "search.explorer.population=30"]
LIGHT = ["search.agent.updates=1", "search.agent.replay=8"]
FOREST = [
    "search.model._target_=molgen.search.bayesian.models.forest.Forest",
    "~search.model.sample",
    "~search.model.growth",
    "+search.model.n_estimators=10",
]
CALLS = 64
SEARCHES = {
    "genetic": ("genetic", ["search.initial_design=20"]),
    "genetic_policy": ("genetic_policy", LIGHT),
    "latent": ("latent", ["search.initial_design=20", "search.population=8"]),
    "pareto": ("pareto", ["search.initial_design=20"]),
    "policy": ("policy", LIGHT),
    "screen": ("screen", []),
    "surrogate": ("surrogate", SMALL),
    "surrogate, constraints": ("surrogate", [*SMALL, "search.constraints.must_contain=c1ccncc1"]),
    "surrogate, forest": ("surrogate", [*SMALL, *FOREST]),
    "surrogate, one value": ("surrogate", [*SMALL, "search.learning.by_term=false"]),
}


def molecules(key: str, folder: Path) -> list[str]:
    """The first molecules that a search scores, in order."""
    name, settings = SEARCHES[key]
    library = folder / "library.smi"
    library.write_text("\n".join(load_generator("prior").sample(400, seed=5)))
    if name == "screen":
        settings = [f"search.library.path={library}"]
    strategy = compose_group("search", name, ["+seed=7", *settings])
    scorer = Scorer.from_config("pmo/osimertinib_mpo")
    strategy.use_rules(scorer.rules())
    oracle = Oracle(scorer, CALLS)
    search(strategy, oracle, 16, lambda asked, scores: None)
    return list(oracle.known)


def summary(found: list[str]) -> dict[str, Any]:
    """What is stored of a search."""
    return {"first": found[0], "last": found[-1], "all": hashlib.sha256("\n".join(found).encode()).hexdigest()}


def arithmetic() -> str:
    """What tells processors apart that round differently."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=(300, 400))
    numbers = [np.linalg.cholesky(a @ a.T), np.exp(a)]
    x = torch.tensor(a, dtype=torch.float32)
    tensors = [x @ x.T, torch.softmax(x, 1), (x.bfloat16() @ x.T.bfloat16()).float()]
    return hashlib.sha256(b"".join(each.tobytes() for each in [*numbers, *(t.numpy() for t in tensors)])).hexdigest()


@pytest.mark.parametrize("name", SEARCHES)
def test_the_molecules_are_those_that_were_stored(name: str, tmp_path: Path) -> None:
    stored = json.loads(STORED.read_text())
    if stored["arithmetic"] != arithmetic():
        pytest.skip("the stored molecules are of a processor that rounds differently")
    assert summary(molecules(name, tmp_path)) == stored["searches"][name]


def test_stored_molecules_are_molecules_of_different_searches() -> None:
    stored = json.loads(STORED.read_text())["searches"]
    assert stored.keys() == SEARCHES.keys()
    assert len({each["all"] for each in stored.values()}) == len(stored)
    assert None not in Molecules([each["last"] for each in stored.values()]).canonical


if __name__ == "__main__":
    import tempfile

    stored = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in SEARCHES:
            stored[name] = summary(molecules(name, Path(folder)))
    STORED.parent.mkdir(exist_ok=True)
    STORED.write_text(json.dumps({"arithmetic": arithmetic(), "searches": stored}, indent=1) + "\n")
