"""What a choice is made from."""

from collections.abc import Iterable, Sequence

from molgen.search.bayesian.acquisition import Appraiser
from molgen.search.bayesian.offspring import Child


class Candidates:
    """Molecules of one choice, by SMILES, and what they promise.

    Parameters
    ----------
    scored
        What the appraiser has learnt from.
    boldness
        Standard deviations that this choice adds to what is predicted.
    """

    def __init__(self, scored: Iterable[Child], appraiser: Appraiser, boldness: float) -> None:
        self.children = {child.smiles: child for child in scored}
        self.appraiser = appraiser
        self.boldness = boldness

    def promise(self, children: Sequence[Child], boldness: float | None = None) -> dict[str, float]:
        """SMILES -> merit of `children`, which are taken in, with the scored ones that they descend from for parents."""
        rewards = self.appraiser.memory.rewards
        for child in children:
            origins = [origin for text in child.parents for origin in (self.children[text].parents or [text])]
            scored = tuple(text for text in dict.fromkeys(origins) if text in rewards)
            if child.smiles not in self.children or child.smiles not in rewards:
                self.children[child.smiles] = child._replace(parents=scored)
        return self.appraiser.merit(children, self.boldness if boldness is None else boldness)

    def ranked(self, merit: dict[str, float]) -> list[Child]:
        """Those that have a merit, the best first."""
        return [self.children[text] for text in best_first(merit)]


def best_first(merit: dict[str, float]) -> list[str]:
    """SMILES by merit."""
    return sorted(merit, key=lambda text: (-merit[text], text))
