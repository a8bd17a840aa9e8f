"""Which of many roles a molecule fits."""

from collections.abc import Sequence

from rdkit import Chem

from molgen.synthesis.matching import Screen, Seen
from molgen.synthesis.role import Role


class FittingRoles:
    """Which of some roles a molecule fits; none that it can't is looked at.

    Parameters
    ----------
    roles
        The roles.
    """

    def __init__(self, roles: Sequence[Role]) -> None:
        self.roles = tuple(roles)
        self._others = list(dict.fromkeys(other.text for role in roles for other in role.without))
        self._screen = Screen([*(role.template for role in roles), *map(Chem.MolFromSmarts, self._others)])

    def __call__(self, mol: Chem.Mol, seen: Seen) -> list[Role]:
        """The roles that `mol` fits.

        Parameters
        ----------
        seen
            What has been looked for in `mol`: filled here.
        """
        there = self._screen(mol)
        possible = {self._others[place - len(self.roles)] for place in there if place >= len(self.roles)}
        seen.matches |= {other: () for other in self._others if other not in possible}
        return [role for role in (self.roles[place] for place in there if place < len(self.roles)) if role.fits(mol, seen)]
