"""The candidates of one choice."""

from collections.abc import Iterable, Sequence

from molgen.search.bayesian.acquisition import Acquisition
from molgen.search.bayesian.offspring import Candidate


class Candidates:
    """The molecules of one choice, by SMILES, and their acquisition values.

    Parameters
    ----------
    scored
        The training set of the acquisition function.
    acquisition
        Already fitted to `scored`.
    kappa
        Number of standard deviations that this choice adds to predicted scores.
    """

    def __init__(self, scored: Iterable[Candidate], acquisition: Acquisition, kappa: float) -> None:
        self.by_smiles = {candidate.smiles: candidate for candidate in scored}
        self.acquisition = acquisition
        self.kappa = kappa

    def evaluate(self, candidates: Sequence[Candidate], kappa: float | None = None) -> dict[str, float]:
        """Add candidates, with their scored ancestors as parents.

        Parameters
        ----------
        candidates
            Molecules that may be chosen.
        kappa
            Standard deviations added to their predicted scores; None uses that of this choice.

        Returns
        -------
        dict
            SMILES -> acquisition value.
        """
        rewards = self.acquisition.memory.rewards
        for candidate in candidates:
            ancestors = [text for parent in candidate.parents for text in (self.by_smiles[parent].parents or [parent])]
            scored = tuple(text for text in dict.fromkeys(ancestors) if text in rewards)
            if candidate.smiles not in self.by_smiles or candidate.smiles not in rewards:
                self.by_smiles[candidate.smiles] = candidate._replace(parents=scored)
        return self.acquisition.values(candidates, self.kappa if kappa is None else kappa)

    def ranked(self, values: dict[str, float]) -> list[Candidate]:
        """The candidates that have an acquisition value in `values`, the best first."""
        return [self.by_smiles[text] for text in by_value(values)]


def by_value(values: dict[str, float]) -> list[str]:
    """SMILES by acquisition value, the best first."""
    return sorted(values, key=lambda text: (-values[text], text))
