"""A small search with a surrogate, for tests."""

from rdkit import Chem

from molgen import Scorer
from molgen.config import compose_group
from molgen.search.bayesian.strategy import Surrogate

SMALL = [
    "search.library=200",
    "search.initial_design=40",
    "search.breeding.offspring=24",
    "search.explorer.population=16",
    "search.learning.training_size=200",
]


def make(*settings: str, rules: Scorer | None = None, name: str = "surrogate") -> Surrogate:
    """One that knows `rules`."""
    strategy: Surrogate = compose_group("search", name, ["+seed=0", *SMALL, *settings])
    if rules is not None:
        strategy.use_rules(rules)
    return strategy


def mols(smiles: list[str]) -> list[Chem.Mol]:
    """The molecules of SMILES."""
    return [Chem.MolFromSmiles(text) for text in smiles]
