"""Several predictors beside one another, under names, with differences of what they say in one unit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

import numpy as np

from molgen.chem.molecules import Molecules
from molgen.data.dataset import ENDINGS, RESULTS, Endpoint
from molgen.data.units import parse_unit
from molgen.errors import ConfigError, nearest
from molgen.names import check_endings, check_name
from molgen.predictors.affinity import AffinityPredictor
from molgen.predictors.base import Prediction, Predictor, as_molecules
from molgen.predictors.domain import joined_reasons, reasons_about

MINUS = "_minus_"
LOG_UNITS = "log units"


class NamedPredictors:
    """Predictors by names, which are those of their columns: `NAME`, or `NAME_ENDPOINT` of one with several endpoints.

    Two with one endpoint each, or with endpoints of one name, also have their difference if the unit is the same,
    `FIRST_minus_SECOND`: of logarithms of concentrations this is the selectivity, in orders of magnitude. Its error takes theirs
    for independent; its interval comes from theirs, skewed or not (MOVER: Zou and Donner, Stat. Med. 27, 1693, 2008).

    Attributes
    ----------
    endpoints
        Of all predictors, by their columns, then the differences.
    notes
        What the differences are, and why there are none, a line each.

    Raises
    ------
    ConfigError
        A name can't be that of a column, or is that of another one.
    """

    def __init__(self, predictors: Mapping[str, Predictor]) -> None:
        for name in predictors:
            check_name(name, "predictor", RESULTS)
        self.predictors = dict(predictors)
        own = {name: [_called(name, each, predictor) for each in predictor.endpoints] for name, predictor in predictors.items()}
        self._columns = {name: [endpoint.name for endpoint in part] for name, part in own.items()}
        self._pairs: list[tuple[Endpoint, Endpoint]] = []
        self.notes: list[str] = []
        for one, other in combinations(predictors, 2):
            single = len(own[one]) == len(own[other]) == 1
            for first, second in product(own[one], own[other]):
                if single or first.name.removeprefix(f"{one}_") == second.name.removeprefix(f"{other}_"):
                    self._compare(first, second)
        differences = [Endpoint(f"{one.name}{MINUS}{other.name}", unit=_unit_of_difference(one)) for one, other in self._pairs]
        self.endpoints = tuple(endpoint for found in own.values() for endpoint in found) + tuple(differences)
        names = [endpoint.name for endpoint in self.endpoints]
        if twice := [name for i, name in enumerate(names) if name in names[:i]]:
            raise ConfigError(f"predictor: two columns would be called '{twice[0]}'; choose other names")
        check_endings(names, ENDINGS, "predictor")

    def columns_of(self, name: str) -> list[str]:
        """The columns of the endpoints of one of the predictors."""
        return self._columns[name]

    def target_of(self, name: str, target: str | None) -> str | None:
        """The target for one of the predictors: None unless it is one of affinity."""
        return target if isinstance(self.predictors[name], AffinityPredictor) else None

    def _compare(self, first: Endpoint, second: Endpoint) -> None:
        """Note that two endpoints have a difference, or why they have none."""
        names, what = f"{first.name} and {second.name}", f"{first.name}{MINUS}{second.name}"
        units = [parse_unit(endpoint.unit) for endpoint in (first, second)]
        if "classification" in (first.task, second.task):
            self.notes.append(f"no difference of {names}: probabilities of classes can't be subtracted")
        elif units[0] is None or units[1] is None:
            blank = [endpoint.name for endpoint, unit in zip((first, second), units, strict=True) if unit is None]
            self.notes.append(
                f"no difference of {names}: no unit is known of {' and '.join(blank)} (data.unit=... when training)"
            )
        elif units[0].text != units[1].text:
            self.notes.append(f"no difference of {names}: {first.unit} and {second.unit} are different units")
        else:
            self._pairs.append((first, second))
            logarithmic = "1 is a factor of 10" if units[0].logarithmic else ""
            ratio = "a ratio would say more; data.log=true when training" if units[0].kind in ("molar", "mass") else ""
            remark = f" ({logarithmic or ratio})" if logarithmic or ratio else ""
            self.notes.append(f"{what}: in {_unit_of_difference(first)}{remark}; its error takes those of both for independent")

    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> Prediction:
        """See `Predictor.predict`; a `target` is for those of affinity.

        Raises
        ------
        ConfigError
            The endpoint or target is unknown, or no predictor takes a target.
        """
        asked = as_molecules(molecules)
        if target is not None and not any(self.target_of(name, target) for name in self.predictors):
            raise ConfigError(f"target={target}: none of these predictors takes a protein")
        found = [each.predict(asked, self.target_of(name, target)) for name, each in self.predictors.items()]
        columns = {
            part: np.hstack([getattr(prediction, part) for prediction in found])
            for part in ("mean", "std", "low", "high", "similarity", "outside")
        }
        columns["seen"] = np.hstack(
            [np.full(prediction.mean.shape, None, object) if prediction.seen is None else prediction.seen for prediction in found]
        )
        place = {endpoint.name: j for j, endpoint in enumerate(self.endpoints)}
        for first, second in self._pairs:
            a, b = place[first.name], place[second.name]
            mean, down, up = columns["mean"], columns["mean"] - columns["low"], columns["high"] - columns["mean"]
            reasons = [reasons_about(one.name, columns["outside"][:, k]) for one, k in ((first, a), (second, b))]
            least = np.minimum(columns["similarity"][:, a], columns["similarity"][:, b])
            change = mean[:, a] - mean[:, b]
            new = {"mean": change, "std": np.hypot(columns["std"][:, a], columns["std"][:, b])}
            new |= {"low": change - np.hypot(down[:, a], up[:, b]), "high": change + np.hypot(up[:, a], down[:, b])}
            new |= {"similarity": least, "outside": joined_reasons(*reasons), "seen": np.full(len(least), None, object)}
            columns = {part: np.column_stack([values, new[part]]) for part, values in columns.items()}
        if unknown := [name for name in endpoints if name not in place]:
            raise ConfigError(f"no endpoint '{unknown[0]}'{nearest(unknown[0], place)}; known: {', '.join(place)}")
        chosen = [place[name] for name in endpoints] if endpoints else list(range(len(place)))
        columns = {part: values[:, chosen] for part, values in columns.items()}
        return Prediction(asked, tuple(self.endpoints[j] for j in chosen), **columns)


def _called(name: str, endpoint: Endpoint, predictor: Predictor) -> Endpoint:
    return replace(endpoint, name=name if len(predictor.endpoints) == 1 else f"{name}_{endpoint.name}")


def _unit_of_difference(endpoint: Endpoint) -> str:
    """Of two values in the endpoint's unit: logarithms of concentrations lose theirs."""
    unit = parse_unit(endpoint.unit)
    return LOG_UNITS if unit is not None and unit.logarithmic else endpoint.unit
