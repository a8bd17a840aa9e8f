"""A reaction: which molecules undergo it, what they give, and what a product can be made from."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ChemicalReaction, ReactionFromSmarts
from rdkit.Chem.rdMolHash import HashFunction, MolHash

from molgen.chem.smarts import Pattern
from molgen.synthesis.backwards import Reverse

MOST = 50  # sites, or outcomes of RDKit, that are looked at


@dataclass(frozen=True)
class Reaction:
    """A reaction of one or two reactants.

    Attributes
    ----------
    name, kind
        What chemists call it, and its class, such as `acylation`.
    smarts
        Reaction SMARTS: unmapped atoms of a reactant leave, with all that hangs on them; unmapped atoms of the product come from
        a reagent.
    without
        Per reactant, patterns that it must not have beside the site that reacts: they would react as well, or instead.
    conditions, protect
        Typical conditions, in a line; which groups are usually protected, and by what.
    caution
        Patterns that are tolerated, but often lower the yield.
    examples, fails
        Reaction SMILES that it must give; reactants, as `A.B`, that it must refuse.
    """

    name: str
    kind: str
    smarts: str
    without: tuple[tuple[Pattern, ...], ...] = ()
    conditions: str = ""
    protect: str = ""
    caution: tuple[Pattern, ...] = ()
    examples: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()

    @functools.cached_property
    def forward(self) -> ChemicalReaction:
        """RDKit's reaction."""
        return _compiled(self.smarts)

    @functools.cached_property
    def reverse(self) -> Reverse:
        """The reaction from the product to its reactants."""
        return Reverse(self.forward)

    @functools.cached_property
    def templates(self) -> tuple[Chem.Mol, ...]:
        """The pattern of each reactant."""
        return tuple(self.forward.GetReactants())

    def fits(self, place: int, mol: Chem.Mol) -> bool:
        """Whether `mol` can be the reactant at `place`: it has the site, and beside it nothing that would react as well."""
        sites = self._sites(place, mol)
        others = self.without[place] if self.without else ()
        beside = (match for other in others for match in other.matches(mol))
        return bool(sites) and not any(site.isdisjoint(match) for match in beside for site in sites)

    def run(self, reactants: Sequence[Chem.Mol]) -> Chem.Mol | None:
        """The product; None if a reactant doesn't fit, or if several products that are no tautomers could form.

        Parameters
        ----------
        reactants
            In the order of `smarts`.
        """
        if not all(self.fits(place, mol) for place, mol in enumerate(reactants)):
            return None
        with rdBase.BlockLogs():
            found = _distinct(self.forward.RunReactants(tuple(reactants), MOST))
        alike = len(found) == 1 or (len(found) > 1 and len({_tautomers(made) for (made,) in found}) == 1)
        return found[0][0] if alike else None

    def why_not(self, reactants: Sequence[Chem.Mol]) -> str:
        """Why `run` gives nothing."""
        for place, mol in enumerate(reactants):
            if not mol.HasSubstructMatch(self.templates[place]):
                return f"reactant {place + 1} ({Chem.MolToSmiles(mol)}) has no {Chem.MolToSmarts(self.templates[place])}"
            for other in self.without[place] if self.without else ():
                if any(site.isdisjoint(match) for site in self._sites(place, mol) for match in other.matches(mol)):
                    return (
                        f"reactant {place + 1} ({Chem.MolToSmiles(mol)}) must not have {other.name or other.text} beside its site"
                    )
        made = [Chem.MolToSmiles(product) for (product,) in _distinct(self.forward.RunReactants(tuple(reactants), MOST))]
        return f"gives several products: {', '.join(made)}" if made else "gives no valid molecule"

    def _sites(self, place: int, mol: Chem.Mol) -> list[set[int]]:
        return [set(match) for match in mol.GetSubstructMatches(self.templates[place], maxMatches=MOST)]

    def precursors(self, product: Chem.Mol) -> list[tuple[Chem.Mol, ...]]:
        """Reactants, in the order of `smarts`, that give `product` and nothing else; each set once.

        Leaving groups are those that `smarts` names first.
        """
        wanted = _tautomers(product)
        found = []
        with rdBase.BlockLogs():
            sets = _distinct(self.reverse(product, MOST))
        for reactants in sets:
            made = self.run(reactants)
            if made is not None and _tautomers(made) == wanted:
                found.append(reactants)
        return found


def _compiled(smarts: str) -> ChemicalReaction:
    found = ReactionFromSmarts(smarts)
    found.Initialize()
    return found


def _distinct(outcomes: Iterable[Sequence[Chem.Mol]]) -> list[tuple[Chem.Mol, ...]]:
    """The distinct ones of sets of molecules, without those that are invalid."""
    found: dict[tuple[str, ...], tuple[Chem.Mol, ...]] = {}
    for made in outcomes:
        parts = [_valid(part) for part in made]
        if all(part is not None for part in parts):
            found.setdefault(tuple(Chem.MolToSmiles(part) for part in parts), tuple(parts))
    return list(found.values())


def _tautomers(mol: Chem.Mol) -> str:
    """What tautomers have in common: reactions that form azoles give whichever is written first."""
    return str(MolHash(mol, HashFunction.HetAtomTautomer))


def _valid(made: Chem.Mol) -> Chem.Mol | None:
    """`made` as it is read from its SMILES; None if it is no molecule, or one in several pieces."""
    try:
        Chem.SanitizeMol(made)
    except (Chem.MolSanitizeException, ValueError):
        return None
    smiles = Chem.MolToSmiles(made)
    return None if "." in smiles else Chem.MolFromSmiles(smiles)
