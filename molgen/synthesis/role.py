"""What a reactant of a reaction has to be like."""

import functools
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ChemicalReaction

from molgen.chem.smarts import Pattern
from molgen.synthesis.templates import concrete, restore, valid

Seen = dict[str, list[set[int]]]
MOST = 50  # sites, or outcomes of RDKit, that are looked at


@dataclass(frozen=True)
class Role:
    """A reactant's pattern, and what the reactant must not have beside it.

    Attributes
    ----------
    smarts
        The pattern, with atom map numbers on what stays.
    without
        Patterns of what would react as well, or instead.
    """

    smarts: str
    without: tuple[Pattern, ...] = ()

    @functools.cached_property
    def template(self) -> Chem.Mol:
        """The pattern as a query."""
        return Chem.MolFromSmarts(self.smarts)

    @functools.cached_property
    def before(self) -> Chem.Mol:
        """The pattern as the molecule that stands before the reaction; see `concrete`."""
        return concrete(self.template)

    def sites(self, mol: Chem.Mol) -> list[set[int]]:
        """The sets of atoms of `mol` that can react."""
        return [set(match) for match in mol.GetSubstructMatches(self.template, maxMatches=MOST)]

    def fits(self, mol: Chem.Mol, seen: Seen | None = None) -> bool:
        """Whether `mol` has a site, and beside it nothing that would react as well.

        Parameters
        ----------
        seen
            What patterns match in `mol`, by their text: filled here, to be passed on to other roles.
        """
        seen = {} if seen is None else seen
        if self.smarts not in seen:
            seen[self.smarts] = self.sites(mol)
        return bool(seen[self.smarts]) and self.beside(mol, seen[self.smarts], seen) is None

    def beside(self, mol: Chem.Mol, sites: list[set[int]], seen: Seen) -> Pattern | None:
        """What of `without` stands beside a site; None if nothing does."""
        for other in self.without:
            if other.text not in seen:
                seen[other.text] = other.matches(mol)
            if any(site.isdisjoint(match) for match in seen[other.text] for site in sites):
                return other
        return None

    def _is_normal(self, mol: Chem.Mol, match: tuple[int, ...]) -> bool:
        """Whether the leaving atoms are those that the pattern names first, and nothing hangs on them."""
        return all(
            mol.GetAtomWithIdx(match[i]).GetAtomicNum() == before.GetAtomicNum()
            and all(neighbour.GetIdx() in match for neighbour in mol.GetAtomWithIdx(match[i]).GetNeighbors())
            for i, before in enumerate(self.before.GetAtoms())
            if not before.GetAtomMapNum()
        )

    @functools.cached_property
    def _substitution(self) -> ChemicalReaction | None:
        """Leaving atoms become those that the pattern names first; None if nothing leaves."""
        if all(atom.GetAtomMapNum() for atom in self.template.GetAtoms()):
            return None
        made = ChemicalReaction()
        made.AddReactantTemplate(self.template)
        made.AddProductTemplate(self.before)
        made.Initialize()
        return made

    def normal_forms(self, mol: Chem.Mol) -> list[str]:
        """SMILES of `mol` without stereo and with the leaving groups that the pattern names first, one per site.

        So an aryl chloride and an aryl iodide, or a boronic acid and its ester, are the same reactant.
        """
        matches = mol.GetSubstructMatches(self.template, maxMatches=MOST)
        if self._substitution is None or all(self._is_normal(mol, match) for match in matches):
            return [Chem.MolToSmiles(mol, isomericSmiles=False)]
        found = set()
        with rdBase.BlockLogs():
            for (made,) in self._substitution.RunReactants((mol,), MOST):
                restore(made, self.before)
                if (form := valid(made)) is not None:
                    found.add(Chem.MolToSmiles(form, isomericSmiles=False))
        return sorted(found)
