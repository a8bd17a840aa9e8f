"""What a reactant of a reaction has to be like."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ChemicalReaction

from molgen.chem.smarts import Pattern
from molgen.synthesis.matching import MAP, Match, Seen, unmapped
from molgen.synthesis.templates import concrete, is_full, mol_of, restore, sanitized

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

    def __hash__(self) -> int:
        return self._hash

    @functools.cached_property
    def _hash(self) -> int:
        return hash((self.smarts, self.without))

    @functools.cached_property
    def template(self) -> Chem.Mol:
        """The pattern as a query."""
        return Chem.MolFromSmarts(self.smarts)

    @functools.cached_property
    def before(self) -> Chem.Mol:
        """The pattern as the molecule that stands before the reaction; see `concrete`."""
        return concrete(self.template)

    @functools.cached_property
    def _unmapped(self) -> str:
        return unmapped(self.smarts)

    @functools.cached_property
    def _mapped(self) -> str:
        """The pattern with all atom map numbers alike: on which atoms they are is what matters."""
        return MAP.sub(":]", self.smarts)

    def sites(self, mol: Chem.Mol, seen: Seen | None = None) -> Sequence[Match]:
        """The atoms of `mol` that can react, a tuple per site in the pattern's order."""
        return (seen or Seen()).look(mol, self._unmapped, self._search)

    def _search(self, mol: Chem.Mol) -> list[Match]:
        return list(mol.GetSubstructMatches(self.template, maxMatches=MOST))

    def fits(self, mol: Chem.Mol, seen: Seen | None = None) -> bool:
        """Whether `mol` has a site, and beside it nothing that would react as well.

        Parameters
        ----------
        seen
            What has been looked for in `mol`: filled here, to be passed on to other roles.
        """
        seen = seen or Seen()
        sites = self.sites(mol, seen)
        return bool(sites) and self.beside(mol, sites, seen) is None

    def beside(self, mol: Chem.Mol, sites: Sequence[Match], seen: Seen | None = None) -> Pattern | None:
        """What of `without` stands beside a site; None if nothing does."""
        seen = seen or Seen()
        for other in self.without:
            groups = seen.look(mol, other.text, other.matches)
            if groups and any(set(site).isdisjoint(group) for site in sites for group in groups):
                return other
        return None

    @functools.cached_property
    def _leaving(self) -> list[tuple[int, int]]:
        """Atoms of the pattern that leave, by their places, and the elements that are named first."""
        return [(atom.GetIdx(), atom.GetAtomicNum()) for atom in self.before.GetAtoms() if not atom.GetAtomMapNum()]

    @functools.cached_property
    def keeps_size(self) -> bool:
        """Whether nothing more can hang on the atoms that leave, so that normal forms are as large as the molecules."""
        return all(is_full(self.template.GetAtomWithIdx(i), self.before.GetAtomWithIdx(i)) for i, _ in self._leaving)

    def _is_normal(self, mol: Chem.Mol, match: Match) -> bool:
        """Whether the leaving atoms are those that the pattern names first, and nothing hangs on them."""
        places = tuple(match)
        return all(
            (leaving := mol.GetAtomWithIdx(places[i])).GetAtomicNum() == element
            and all(neighbour.GetIdx() in places for neighbour in leaving.GetNeighbors())
            for i, element in self._leaving
        )

    @functools.cached_property
    def _substitution(self) -> ChemicalReaction | None:
        """Leaving atoms become those that the pattern names first; None if nothing leaves."""
        if not self._leaving:
            return None
        made = ChemicalReaction()
        made.AddReactantTemplate(self.template)
        made.AddProductTemplate(self.before)
        made.Initialize()
        return made

    def normal_forms(self, mol: Chem.Mol, seen: Seen | None = None) -> list[str]:
        """SMILES of `mol` without stereo and with the leaving groups that the pattern names first, one per site.

        So an aryl chloride and an aryl iodide, or a boronic acid and its ester, are the same reactant.
        """
        seen = seen or Seen()
        if all(self._is_normal(mol, match) for match in self.sites(mol, seen)):
            return seen.form("", lambda: [Chem.MolToSmiles(mol, isomericSmiles=False)])
        return seen.form(self._mapped, lambda: self._substituted(mol))

    def _substituted(self, mol: Chem.Mol) -> list[str]:
        assert self._substitution is not None
        found = set()
        with rdBase.BlockLogs():
            for (made,) in self._substitution.RunReactants((mol,), MOST):
                restore(made, self.before)
                if (text := sanitized(made)) is not None and (form := mol_of(text)) is not None:
                    found.add(Chem.MolToSmiles(form, isomericSmiles=False))
        return sorted(found)
