"""An ensemble of trees, for noisy oracles and many values."""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor

from molgen.errors import check_between
from molgen.search.bayesian.models.base import SurrogateModel, Values
from molgen.search.bayesian.models.features import Features
from molgen.search.strategy import State


class Forest(SurrogateModel):
    """Extremely randomised trees (Geurts et al., Mach. Learn. 63, 3, 2006); the uncertainty is the spread of the trees.

    Parameters
    ----------
    n_estimators
        Trees per value.
    min_samples_leaf
        Fewest molecules per leaf; more average out more noise.
    """

    def __init__(self, n_estimators: int = 100, min_samples_leaf: int = 2) -> None:
        check_between("search.model", 1, n_estimators=n_estimators, min_samples_leaf=min_samples_leaf)
        self.n_estimators = n_estimators
        self.min_samples_leaf = min_samples_leaf

    def fit(self, x: Features, y: Values, rng: np.random.Generator) -> None:
        """See `SurrogateModel.fit`."""
        flat = _flat(x)
        self.models = []
        for column in y.T:
            rows = np.isfinite(column)
            settings = {
                "min_samples_leaf": self.min_samples_leaf,
                "max_features": "sqrt",
                "random_state": int(rng.integers(2**31)),
            }
            model = ExtraTreesRegressor(self.n_estimators, bootstrap=True, n_jobs=1, **settings)
            self.models.append(model.fit(flat[rows], column[rows]) if rows.any() else model.fit(flat[:1], [0.0]))

    def predict(self, x: Features) -> tuple[Values, Values]:
        """See `SurrogateModel.predict`."""
        flat = _flat(x)
        votes = np.stack([[tree.predict(flat) for tree in model.estimators_] for model in self.models])
        return votes.mean(1).T, votes.std(1).T

    @property
    def noisy(self) -> bool:
        """See `SurrogateModel.noisy`; always true, since a forest is chosen for noisy values."""
        return True

    def state_dict(self) -> State:
        """See `SurrogateModel.state_dict`; empty, since every fit starts from scratch."""
        return {}

    def load_state_dict(self, state: State) -> None:
        """See `SurrogateModel.load_state_dict`."""


def _flat(x: Features) -> NDArray[np.float32]:
    return np.concatenate([x.fragments.toarray(), x.composition], 1)
