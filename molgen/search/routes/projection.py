"""The makeable molecules nearest to others, in any process."""

from collections.abc import Sequence
from dataclasses import dataclass

from molgen.search.routes.settings import SynthesisSettings
from molgen.synthesis.analogs import Analogs
from molgen.synthesis.route import written


@dataclass(frozen=True)
class Projection:
    """Molecules whose nearest makeable ones are sought, possibly in a process of its own.

    Attributes
    ----------
    makeable
        What can be made.
    smiles
        Canonical.
    number, effort
        See `Analogs`.
    """

    makeable: SynthesisSettings
    smiles: Sequence[str]
    number: int
    effort: int

    def run(self) -> dict[str, dict[str, str]]:
        """For each molecule the SMILES of its analogs, the nearest first, with their routes as they are stored."""
        editor = self.makeable.editor
        find = Analogs(editor.chemist, editor.steps, self.effort)
        found = {text: [analog.route for analog in find(text, self.number)] for text in self.smiles}
        return {
            text: {each.smiles: written(each) for each in routes if editor.affordable(each)} for text, routes in found.items()
        }
