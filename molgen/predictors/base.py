"""The contract of the predictors."""

import copy
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.changes import said
from molgen.chem.descriptors import MOST_ATOMS
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN, STANDARD
from molgen.data.dataset import Endpoint
from molgen.errors import ConfigError, DataError, nearest
from molgen.learn.savable import Savable
from molgen.learn.saved import Saved
from molgen.predictors.attribution import Attribution, Growth, log_odds
from molgen.predictors.class_sets import class_sets
from molgen.predictors.domain import Words, reason_or_none
from molgen.progress import progress

Array = NDArray[np.float64]
Found = TypeVar("Found")
Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predictions for `n` molecules and `t` endpoints, with their uncertainty and applicability domain.

    Attributes
    ----------
    molecules : Molecules, [n]
        The molecules, as given and in the form that was used.
    endpoints : tuple of Endpoint, [t]
    mean : float64 [n, t]
        In the endpoint's unit; a probability for classification; nan where a molecule can't be featurised.
    std : float64 [n, t]
        Standard deviation of a measured value around the mean; nan where nobody knows it, and so
    low, high : float64 [n, t]
        the 90 % prediction interval of a number; the mean itself for a probability.
    similarity : float64 [n, t]
        Tanimoto similarity (ECFP4) to the nearest training molecule of the endpoint.
    outside : object [n, t]
        Why a molecule isn't like what the endpoint was trained on, in words; empty where it is.
    seen : object [n, t], or None
        Of affinities, whether the pair, the drug or the target was learnt from, in words (`AffinityBeliefs.seen`); empty where
        there is no prediction, None of other endpoints.
    """

    molecules: Molecules
    endpoints: tuple[Endpoint, ...]
    mean: Array
    std: Array
    low: Array
    high: Array
    similarity: Array
    outside: Words
    seen: Words | None = None

    @classmethod
    def of(
        cls, molecules: Molecules, endpoints: Sequence[Endpoint], results: Array, outside: Words, seen: Words | None = None
    ) -> "Prediction":
        """Make predictions from mean, std, low, high and similarity [5, n, t]; values are clipped to the endpoints' bounds."""
        std, similarity = results[1], results[4]
        clipped = [
            np.stack([endpoint.clip(values[:, j]) for j, endpoint in enumerate(endpoints)], 1) for values in results[[0, 2, 3]]
        ]
        mean, low, high = clipped
        return cls(molecules, tuple(endpoints), mean, std, low, high, similarity, outside, seen)

    @property
    def in_endpoint_domain(self) -> NDArray[np.bool_]:
        """Whether each molecule is in the domain of each endpoint [n, t]."""
        return np.asarray(self.outside == "", dtype=bool)

    @property
    def in_domain(self) -> NDArray[np.bool_]:
        """Whether each molecule is in the domain of all endpoints [n]."""
        return np.asarray(self.in_endpoint_domain.all(axis=1))

    def to_pandas(self) -> pd.DataFrame:
        """One row per molecule: smiles, columns of each endpoint, problem.

        An endpoint has `NAME`, `NAME_std`, `NAME_low`, `NAME_high`, `NAME_in_domain` and `NAME_outside`, which says why it isn't;
        classes have `NAME_set` in place of limits, where it is known (see `class_sets`), and affinities also `NAME_seen`.
        If any structure was changed, `standardized` and `changes` come before the problem.
        """
        columns: dict[str, Any] = {"smiles": list(self.molecules.smiles)}
        for j, endpoint in enumerate(self.endpoints):
            columns[endpoint.name] = self.mean[:, j]
            columns[f"{endpoint.name}_std"] = self.std[:, j]
            if endpoint.task == "regression":
                columns[f"{endpoint.name}_low"] = self.low[:, j]
                columns[f"{endpoint.name}_high"] = self.high[:, j]
            elif (sets := class_sets(endpoint, self.mean[:, j])) is not None:
                columns[f"{endpoint.name}_set"] = pd.array(sets, dtype="string")
            columns[f"{endpoint.name}_in_domain"] = self.in_endpoint_domain[:, j]
            columns[f"{endpoint.name}_outside"] = [reason_or_none(told) for told in self.outside[:, j]]
            if self.seen is not None and any(told is not None for told in self.seen[:, j]):
                columns[f"{endpoint.name}_seen"] = [told or None for told in self.seen[:, j]]
        columns |= said(self.molecules.used, self.molecules.changes)
        return pd.DataFrame(columns | {"problem": pd.array(self.problem, dtype="string")})

    @property
    def problem(self) -> list[str | None]:
        """Reason why a molecule has no prediction [n]; None if it has one."""
        failed = np.asarray(np.isnan(self.mean).all(axis=1))
        return [
            f"invalid: {reason}" if reason else _why_none(mol) if failed[i] else None
            for i, (mol, reason) in enumerate(zip(self.molecules.mols, self.molecules.problem, strict=True))
        ]


def _why_none(mol: Chem.Mol) -> str:
    return f"can't be featurised: more than {MOST_ATOMS} atoms" if mol.GetNumAtoms() > MOST_ATOMS else "can't be featurised"


class Predictor(Savable):
    """Learns one or more endpoints from measured molecules and predicts them for others."""

    endpoints: tuple[Endpoint, ...] = ()

    @abstractmethod
    def fit(self, dataset: Any) -> None:
        """Learn every endpoint of a `Dataset`, or the affinities of `Pairs`."""

    def cross_fit(self, dataset: Any, folds: Folds) -> Iterator[Self]:
        """Predictors with these settings: one fitted to the training rows of each fold [k], and this one, fitted to all rows.

        Parameters
        ----------
        dataset
            As for `fit`.
        folds
            Rows to train on and rows to test on; every row is tested on once.
        """
        with progress("cross-validating", "folds", len(folds)) as advance:
            for train, _ in folds:
                predictor = copy.deepcopy(self)
                predictor.fit(dataset.take(train))
                advance()
                yield predictor
        self.fit(dataset)
        yield self

    @abstractmethod
    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> Prediction:
        """Predict properties of molecules.

        Parameters
        ----------
        molecules
            Molecules or SMILES [n].
        target
            A protein by name, sequence or .fasta file, for predictors of affinity.
        endpoints
            Names of the endpoints [t] to predict; all if empty.

        Raises
        ------
        ConfigError
            The endpoint or target is unknown, or a target is given to a predictor that takes none, or missing.
        """

    def prepare_for_few(self) -> None:
        """Make predictions of single molecules fast from now on, for more memory, where the predictor knows how to."""

    def measured(self, endpoint: str, target: str | None = None) -> tuple[list[str], Array]:
        """Training molecules, and what was measured of them [m] in the endpoint's unit; none where they aren't kept."""
        self.positions([endpoint])
        return [], np.empty(0)

    def nearest_measured(self, mol: Chem.Mol, endpoint: str, target: str | None, number: int) -> list[tuple[str, float, float]]:
        """The nearest training molecules: SMILES, measured value, similarity; none where they aren't kept."""
        return []

    def attribute(self, mol: Chem.Mol, endpoint: str, target: str | None = None, neighbours: int = 4) -> Attribution:
        """Explain a prediction by the parts of the molecule: see `Growth`.

        They add up from the mean of what was measured to the prediction, for classes in log-odds.

        Parameters
        ----------
        mol
            The molecule, in standard form as `predict` brings it to: `Molecules(smiles, STANDARD).mols`.
        endpoint
            Name of the endpoint to explain.
        target
            As in `predict`.
        neighbours
            Number of training molecules to name.

        Returns
        -------
        Attribution
            The contribution of each part of `mol`, and the training molecules nearest to it.

        Raises
        ------
        DataError
            The molecule is too large, or can't be grown part by part.
        """
        [found] = self.attribute_all([mol], endpoint, target)
        if isinstance(found, DataError):
            raise found
        return replace(found, neighbours=self.nearest_measured(mol, endpoint, target, neighbours) if neighbours else [])

    def attribute_all(self, mols: Sequence[Chem.Mol], endpoint: str, target: str | None = None) -> list[Attribution | DataError]:
        """As `attribute` without neighbours, of many molecules [n], which are predicted together; an error where one can't be."""
        (j,) = self.positions([endpoint])
        if type(self).attribute is not Predictor.attribute:  # a predictor that explains itself in its own way
            return [_or_error(self.attribute, mol, endpoint, target, 0) for mol in mols]
        growths = [_or_error(Growth, mol) for mol in mols]
        texts = list(dict.fromkeys(text for growth in growths if isinstance(growth, Growth) for text in growth.steps))
        means = self._mean_by_structure(Molecules(texts, AS_GIVEN), endpoint, target)
        values = dict(zip(texts, log_odds(means) if self.endpoints[j].task == "classification" else means, strict=True))
        base = self._base(endpoint, target)
        return [_or_error(growth.attribution, values, base) if isinstance(growth, Growth) else growth for growth in growths]

    def _mean_by_structure(self, molecules: Molecules, endpoint: str, target: str | None) -> Array:
        """What is predicted [n], without what the predictor remembers of molecules that it learnt from."""
        return self.predict(molecules, target, [endpoint]).mean[:, 0]

    def _base(self, endpoint: str, target: str | None) -> tuple[float, str] | None:
        """What contributions begin from, and what that is: the mean of what was measured; None where it isn't kept."""
        (j,) = self.positions([endpoint])
        _, values = self.measured(endpoint, target)
        if not len(values):
            return None
        mean = float(np.mean(values))
        if self.endpoints[j].task == "classification":
            return float(log_odds(np.array(mean))), f"{mean:.0%} of {len(values):,} training molecules are of the class"
        return mean, f"the mean of {len(values):,} training molecules"

    def check_fitted(self) -> None:
        """Raise ConfigError if nothing has been learnt yet."""
        if not self.endpoints:
            name = type(self).__name__
            raise ConfigError(
                f"this {name} has learnt nothing yet: give it a data set (fit), or load one that has (load_predictor)"
            )

    def positions(self, endpoints: Sequence[str]) -> list[int]:
        """Positions of `endpoints` among the model's own; all positions if none is named."""
        self.check_fitted()
        known = [endpoint.name for endpoint in self.endpoints]
        for name in endpoints:
            if name not in known:
                raise ConfigError(f"no endpoint '{name}'{nearest(name, known)}; known: {', '.join(known)}")
        return [known.index(name) for name in endpoints] if endpoints else list(range(len(known)))


def _or_error(make: Callable[..., Found], *arguments: Any) -> Found | DataError:
    try:
        return make(*arguments)
    except DataError as error:
        return error


def as_molecules(molecules: Molecules | Sequence[str]) -> Molecules:
    """Molecules in standard form, unless they were made with another standardizer."""
    return (molecules if isinstance(molecules, Molecules) else Molecules(molecules)).standardized(STANDARD)


def saved_endpoints(saved: Saved, key: str = "endpoints") -> tuple[Endpoint, ...]:
    """The endpoints of a model's card."""
    count = len(saved.value(key, list[dict[str, Any]]))
    if not count:
        raise saved.error(f"its card has no {key}")
    return tuple(saved_endpoint(saved, f"{key}.{i}") for i in range(count))


def saved_endpoint(saved: Saved, key: str) -> Endpoint:
    """The endpoint that a model's card has at `key`."""
    return Endpoint.of(saved.settings(key, Endpoint, needed=("name", "task", "unit")))
