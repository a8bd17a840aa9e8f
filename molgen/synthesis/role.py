"""What a reactant of a reaction has to be like."""

import functools
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ChemicalReaction

from molgen.chem.smarts import Pattern
from molgen.synthesis.templates import concrete, restore, valid

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

    def fits(self, mol: Chem.Mol) -> bool:
        """Whether `mol` has a site, and beside it nothing that would react as well."""
        return bool(sites := self.sites(mol)) and self.beside(mol, sites) is None

    def beside(self, mol: Chem.Mol, sites: list[set[int]]) -> Pattern | None:
        """What of `without` stands beside a site; None if nothing does."""
        for other in self.without:
            if any(site.isdisjoint(match) for match in other.matches(mol) for site in sites):
                return other
        return None

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
        if self._substitution is None:
            return [Chem.MolToSmiles(mol, isomericSmiles=False)]
        found = set()
        with rdBase.BlockLogs():
            for (made,) in self._substitution.RunReactants((mol,), MOST):
                restore(made, self.before)
                if (form := valid(made)) is not None:
                    found.add(Chem.MolToSmiles(form, isomericSmiles=False))
        return sorted(found)
