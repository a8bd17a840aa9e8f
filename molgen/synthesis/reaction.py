"""A reaction: which molecules undergo it, what they give, and what a product can be made from."""

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ChemicalReaction, ReactionFromSmarts
from rdkit.Chem.rdMolHash import HashFunction, MolHash

from molgen.chem.smarts import Pattern
from molgen.synthesis.matching import Seen, unmapped
from molgen.synthesis.role import MOST, Role
from molgen.synthesis.self_closing import self_closing
from molgen.synthesis.sizes import size_of_part
from molgen.synthesis.strain import closes, flat_bridgeheads
from molgen.synthesis.templates import count_hydrogens, mol_of, restore, rewritten, sanitized

MIXTURE = "mixture"
GEOMETRIES = ("E", "Z", MIXTURE)
INVERSION = "molInversionFlag"  # RDKit sets it when it reads a reaction in which the @ of an atom turns to @@


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
        Typical conditions, in a line; which groups are usually protected, and how, such as `amines as Boc, acids as esters`.
    caution
        Patterns that are tolerated, but often lower the yield.
    geometry
        Of a double bond that forms between two CH groups: `E` or `Z`; or `mixture`, with which no bond that forms has any.
    selective
        Whether a reactant may have a site of its partner's kind as well, since reactivity or the order of addition decides. By
        default it may not: it would react with itself.
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
    geometry: str = "E"
    selective: bool = False
    examples: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()

    @functools.cached_property
    def forward(self) -> ChemicalReaction:
        """RDKit's reaction."""
        found = ReactionFromSmarts(self.smarts)
        found.Initialize()
        return found

    @functools.cached_property
    def after(self) -> Chem.Mol:
        """The product's pattern."""
        return self.forward.GetProductTemplate(0)

    @functools.cached_property
    def reverse(self) -> ChemicalReaction:
        """RDKit's reaction from the product to the reactants, which are then restored by their templates."""
        found = ChemicalReaction()
        product = self.after
        noted = {
            a.GetAtomMapNum(): a.GetIntProp(INVERSION) for a in product.GetAtoms() if a.GetAtomMapNum() and a.HasProp(INVERSION)
        }
        found.AddReactantTemplate(product)
        for role in self.roles:
            before = Chem.Mol(role.before)
            for atom in before.GetAtoms():
                if atom.GetAtomMapNum() in noted:
                    atom.SetIntProp(INVERSION, noted[atom.GetAtomMapNum()])
            found.AddProductTemplate(before)
        found.Initialize()
        return found

    @functools.cached_property
    def roles(self) -> tuple[Role, ...]:
        """What each reactant has to be like."""
        parts = components(self.smarts.split(">")[0])
        return tuple(Role(part, others) for part, others in zip(parts, self.without or [()] * len(parts), strict=True))

    @functools.cached_property
    def pattern(self) -> str:
        """SMARTS of the product, without atom map numbers."""
        return unmapped(self.smarts.split(">")[-1])

    @functools.cached_property
    def shrinks(self) -> int | None:
        """By how much the only reactant is larger than the product (see `size_of`); None if that depends, or there are two."""
        if len(self.roles) > 1 or not self.roles[0].keeps_size:
            return None
        return size_of_part(self.roles[0].before) - size_of_part(self.after)

    @functools.cached_property
    def formed(self) -> int:
        """Double bonds of carbon and nitrogen in the product's pattern: their geometry isn't known; see `same_molecule`."""
        found = [bond for bond in self.after.GetBonds() if bond.GetBondType() == Chem.BondType.DOUBLE]
        return sum({bond.GetBeginAtom().GetAtomicNum(), bond.GetEndAtom().GetAtomicNum()} <= {6, 7} for bond in found)

    def run(self, reactants: Sequence[Chem.Mol], seen: Sequence[Seen] | None = None) -> str | None:
        """The product's SMILES; None if a reactant doesn't fit, or if several products that are no tautomers could form.

        Nor is there one where a reactant would react with itself, or the product has rings that don't close; see `strain`.

        Parameters
        ----------
        reactants
            In the order of `smarts`.
        seen
            What has been looked for in each.
        """
        seen = seen or [Seen() for _ in reactants]
        if not all(role.fits(*each) for role, *each in zip(self.roles, reactants, seen, strict=True)):
            return None
        if any(self._reacts_with_itself(place, *each) for place, each in enumerate(zip(reactants, seen, strict=True))):
            return None
        found = self._products(reactants)
        alike = len(found) == 1 or (len(found) > 1 and len({tautomers(mol_of(text)) for text in found}) == 1)
        return found[0] if alike and self._lasts(mol_of(found[0]), reactants) else None

    def _lasts(self, product: Chem.Mol, reactants: Sequence[Chem.Mol]) -> bool:
        """Whether the rings that close are of the size that is meant, and not too strained."""
        strained = flat_bridgeheads(product)
        if strained and strained > sum(map(flat_bridgeheads, reactants)):
            return False
        return self._cyclic is None or closes(product, self._cyclic)

    @functools.cached_property
    def _cyclic(self) -> Chem.Mol | None:
        """The product's pattern, if there are rings in it."""
        pattern = Chem.MolFromSmarts(self.pattern)
        return pattern if len(Chem.GetSSSR(pattern)) else None

    def makes(self, made: Chem.Mol, wanted: Chem.Mol) -> bool:
        """Whether a product of this reaction is what is wanted, or a tautomer of it; see `same_molecule`."""
        return same_molecule(made, wanted, 0 if self.geometry == MIXTURE else self.formed, self.geometry)

    def why_not(self, reactants: Sequence[Chem.Mol]) -> str:
        """Why `run` gives nothing."""
        for place, (role, mol) in enumerate(zip(self.roles, reactants, strict=True), 1):
            if not (sites := role.sites(mol)):
                return f"reactant {place} ({Chem.MolToSmiles(mol)}) has no {role.smarts}"
            if other := role.beside(mol, sites):
                return f"reactant {place} ({Chem.MolToSmiles(mol)}) must not have {other.name or other.text} beside its site"
            if self_closing(mol, Seen()) and self._reacts_with_itself(place - 1, mol, Seen()):
                return f"reactant {place} ({Chem.MolToSmiles(mol)}) has an amine that its own halide or sulfonate would alkylate"
            if self._reacts_with_itself(place - 1, mol, Seen()):
                said = f"reactant {place} ({Chem.MolToSmiles(mol)}) would react with itself, by {self.roles[-place].smarts}"
                return f"{said} (`selective: true` if it doesn't)"
        made = self._products(reactants)
        if len(made) == 1:
            return f"gives {made[0]}, whose rings don't close: too strained, or a detour around smaller ones"
        return f"gives several products: {', '.join(made)}" if made else "gives no valid molecule"

    def _reacts_with_itself(self, place: int, mol: Chem.Mol, seen: Seen) -> bool:
        """Whether a reactant has, beside its site, one of the other reactant's kind, or closes a ring that isn't meant."""
        sites = self.roles[place].sites(mol, seen)
        if any(not any({*ends} <= {*site} for site in sites) for ends in self_closing(mol, seen)):
            return True
        if self.selective or len(self.roles) == 1:
            return False
        partners = self.roles[1 - place].sites(mol, seen)
        return any(set(site).isdisjoint(partner) for site in sites for partner in partners)

    def _products(self, reactants: Sequence[Chem.Mol]) -> list[str]:
        with rdBase.BlockLogs():
            return [text for (text,) in _distinct([made] for made in self.outcomes(reactants))]

    def outcomes(self, reactants: Sequence[Chem.Mol]) -> list[Chem.Mol]:
        """Molecules, not sanitized, that may form, whether or not the reactants fit; their atoms know where they come from."""
        found = [made for (made,) in self.forward.RunReactants(tuple(reactants), MOST)]
        for made in found:
            count_hydrogens(made, self.after)
        return found

    def reversed(self, product: Chem.Mol) -> list[tuple[Chem.Mol, ...]]:
        """Molecules, not sanitized, that `product` may be made of, in the order of `smarts`.

        Whether they are valid, fit, and give `product` and nothing else isn't known yet. Leaving groups are those that `smarts`
        names first.
        """
        with rdBase.BlockLogs():
            outcomes: list[tuple[Chem.Mol, ...]] = list(self.reverse.RunReactants((product,), MOST))
            for made in outcomes:
                for part, role in zip(made, self.roles, strict=True):
                    restore(part, role.before)
        return outcomes

    def precursors(self, product: Chem.Mol) -> list[tuple[str, ...]]:
        """SMILES of reactants, in the order of `smarts`, that give `product` and nothing else; each set once."""
        with rdBase.BlockLogs():
            sets = _distinct(self.reversed(product))
        return [
            texts
            for texts in sets
            if (made := self.run(list(map(mol_of, texts)))) is not None and self.makes(mol_of(made), product)
        ]


def components(smarts: str) -> list[str]:
    """The parts of SMARTS between dots that stand outside brackets."""
    depth, parts = 0, [""]
    for character in smarts:
        depth += (character in "([") - (character in ")]")
        if character == "." and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _distinct(outcomes: Iterable[Sequence[Chem.Mol]]) -> list[tuple[str, ...]]:
    """The canonical SMILES of sets of molecules, each once, without those that are invalid."""
    found: dict[tuple[str, ...], None] = {}
    for made in outcomes:
        texts = []
        for part in made:
            written = sanitized(part)
            text = None if written is None else rewritten(written)
            if text is None:
                break
            texts.append(text)
        else:
            found.setdefault(tuple(texts))
    return list(found)


def same_molecule(made: Chem.Mol, wanted: Chem.Mol, formed: int = 0, geometry: str = "E") -> bool:
    """Whether a product is what is wanted, or a tautomer of it.

    Parameters
    ----------
    formed
        Double bonds that the reaction forms, or that are part of its pattern: their geometry isn't known, and may be either.
    geometry
        What such a bond between two carbons with a hydrogen each may be, `E` or `Z`, and nothing else.
    """
    if made.GetNumAtoms() != wanted.GetNumAtoms():
        return False
    if Chem.MolToSmiles(made) == Chem.MolToSmiles(wanted):
        return True
    more = _geometries(wanted)
    more.subtract(_geometries(made))
    unlikely = Chem.BondStereo.STEREOZ if geometry == "E" else Chem.BondStereo.STEREOE
    likely = min(more.values(), default=0) >= 0 and more.total() <= formed and more[unlikely, True] == 0
    return likely and tautomers(made) == tautomers(wanted)


def _geometries(mol: Chem.Mol) -> Counter[tuple[Chem.BondStereo, bool]]:
    """Numbers of E and Z bonds, and whether there is a hydrogen at either end; `tautomers` leaves out conjugated ones."""
    known = [bond for bond in mol.GetBonds() if bond.GetStereo() in (Chem.BondStereo.STEREOE, Chem.BondStereo.STEREOZ)]
    return Counter(
        (bond.GetStereo(), all(atom.GetTotalNumHs() == 1 for atom in (bond.GetBeginAtom(), bond.GetEndAtom()))) for bond in known
    )


def tautomers(mol: Chem.Mol) -> str:
    """What tautomers have in common: reactions that form azoles give whichever is written first."""
    return str(MolHash(mol, HashFunction.HetAtomTautomer))
