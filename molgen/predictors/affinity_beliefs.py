"""Affinities of mutants that weren't learnt of, and of any target of which a few values were measured since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.predictors.affinity_forms import AffinityForms
from molgen.predictors.affinity_models import EncodedTarget
from molgen.predictors.few_measurements import conditioned
from molgen.predictors.given_values import GivenValues
from molgen.predictors.protein_forms import ProteinForm
from molgen.predictors.trust import Z90, Intervals

Array = NDArray[np.float64]
Key = tuple[str, ProteinForm | None]

NEITHER = "neither"


@dataclass(frozen=True)
class AffinityBeliefs:
    """What was learnt of pairs, brought together with what was measured since.

    A target that was learnt of, or is new, is known as the models know it, with errors that like molecules share; a form that
    wasn't learnt of is its wild type, exactly where that was measured, and a difference.

    Attributes
    ----------
    given
        Measured since, by the `key` of the target.
    """

    forms: AffinityForms
    given: Mapping[Key, GivenValues]

    def concern(self, target: EncodedTarget) -> bool:
        """Whether there is more to say of a target than the models do."""
        return target.form is not None or target.key in self.given

    def of(
        self, molecules: Molecules, target: EncodedTarget, intervals: Intervals | None, *, as_new: bool = False
    ) -> tuple[Array, Array]:
        """True affinities of valid molecules, [n], and the covariance of their errors, [n, n].

        Parameters
        ----------
        intervals
            The errors of the models; None takes them for exact.
        as_new
            Take training drugs for molecules never seen.
        """
        given, noise = self._given(target), self.forms.noise
        everything = Molecules.of([*given.mols, *molecules.mols])
        if target.form is None:
            mean, disagreement, similarity = self.forms.models.score(everything, target, as_new=as_new)
            half = half_width(intervals, disagreement, similarity, target)
            std = np.sqrt(np.maximum(np.nan_to_num(half / Z90) ** 2 - noise, 0))
            covariance = np.outer(std, std) * self.forms.likeness(everything)
        else:
            wild = replace(target, form=None)
            mean, covariance = self.of(everything, wild, intervals, as_new=as_new)
            if not as_new:
                measured = self._measured_of_wild(everything, wild)
                exact = ~np.isnan(measured)
                mean = np.where(exact, measured, mean)
                covariance[exact] = covariance[:, exact] = 0
            difference, more = self.forms.difference(target.form, mean, everything)
            mean, covariance = mean + difference, covariance + more
        k = len(given)
        mean, covariance = conditioned(mean, covariance, np.arange(k), given.values, noise)
        return mean[k:], covariance[k:, k:]

    def seen(self, molecules: Molecules, similarity: Array, target: EncodedTarget) -> list[str]:
        """What was learnt from, [n]: `pair`, `drug and target` (not together), `drug`, `target`, `neither`; or `given`.

        Of a form that wasn't learnt of, what is said is of its wild type: `pair with wild type`.

        Parameters
        ----------
        similarity
            Of the molecules to the nearest training drug, [n].
        """
        drugs = self.forms.models.numbers(molecules, similarity)
        together = ~np.isnan(self.forms.learnt(drugs, target.number))
        since = [text in self._given(target).canonical for text in molecules.canonical]
        whom = "target" if target.form is None else "wild type"
        targets = [whom] if self.forms.learnt_targets[target.number] else []
        found = []
        for given, pair, drug in zip(since, together.tolist(), self.forms.learnt_drugs[drugs], strict=True):
            apart = " and ".join(["drug", *targets] if drug else targets) or NEITHER
            found.append("given" if given else "pair" + (" with wild type" if target.form else "") if pair else apart)
        return found

    def _given(self, target: EncodedTarget) -> GivenValues:
        return self.given.get(target.key, GivenValues())

    def _measured_of_wild(self, molecules: Molecules, wild: EncodedTarget) -> Array:
        """What was measured of molecules [n] and a target: by users, or else what was learnt from; nan where nothing was."""
        similarity = self.forms.likeness(molecules, to_learnt=True).max(axis=1)
        found = self.forms.learnt(self.forms.models.numbers(molecules, similarity), wild.number)
        given = self._given(wild)
        for i, text in enumerate(map(str, molecules.canonical)):
            if own := [value for value, known in zip(given.values, given.canonical, strict=True) if known == text]:
                found[i] = np.mean(own)
        return found


def half_width(intervals: Intervals | None, disagreement: Array, similarity: Array, target: EncodedTarget) -> Array:
    """Half the width [n] of the 90 % intervals of the models; nan where errors weren't learnt."""
    if intervals is None:
        return np.full(len(similarity), np.nan)
    return intervals.half_width(np.stack([1 - similarity, np.full(len(similarity), 1 - target.likeness), disagreement], axis=1))
