"""One form per molecule, however it was drawn: its parent, neutral if possible, with a list of changes.

docs/explanation/structures.md has the rules.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rdkit import Chem
from rdkit.Chem import rdqueries

from molgen.chem.changes import KEPT
from molgen.chem.charges import neutralized, one_drawing, query, settled
from molgen.chem.metals import complex_of, cut_metals
from molgen.chem.salts import choose_parent, has_carbon, without_solvents
from molgen.errors import ConfigError, nearest
from molgen.trust import nameable

CHOICES = {"metals": ("keep", "cut"), "isotopes": ("keep", "drop"), "dummies": ("refuse", "cap", "keep")}
POLYMER = frozenset(("SRU", "MON", "MER", "COP", "CRO", "MOD", "GRA", "ANY", "MIX", "FOR"))
ABSOLUTE = Chem.StereoGroupType.STEREO_ABSOLUTE
UNUSUAL_ELEMENT = "[!#6&!#7&!#8&!#16&!#9&!#17&!#35&!#53&!#5&!#14&!#15&!#34]"  # the commonest first, which saves time
ISOTOPE = "[!0*]"
MOBILE = "$([CX3](=[NX2;+0])[OX2H,SX2H,$([NX3H2])]),$([NX2](=O)[CX4;!H0])"
PLAIN_CHARGES = "&!$([#7+H0][O-])&!$([O-][#7+H0;!$([#7]([O-])[O-])])"  # nitro groups and N-oxides


# SMILES that need no change, as most: no charges, metals, isotopes, hydrogens, map numbers, second parts, P;
# no C=N (an N whose first bond is a branch may have its second after it) and no N, Cl, Br or I with bonds that RDKit would
# draw as charges.
PLAIN_TEXT = re.compile(
    r"(?!N\(|.*(?:[Nn][%\d]*\(*[=#]|=[Nn]|#N[^)]|[=#][%\d]|(?:Cl|Br|I)[%\d]*\(*[=(]|=(?:Cl|Br|I)))"
    r"(?:Cl|Br|[BCNOSFIbcnos()=#/\\%\d]|\[(?:nH|C@@?H?)\])+"
)


class Standardized(NamedTuple):
    """A molecule in the form used, and the changes made; a remark without a change begins with `kept: `."""

    mol: Chem.Mol
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Standardizer:
    """Brings molecules to one form; see `docs/explanation/structures.md` for the rules.

    Attributes
    ----------
    parent
        Whether counter-ions, solvents and the smaller parts of mixtures are removed.
    neutral
        Whether charges made by protons are removed.
    drawing
        Whether groups such as nitro and sulfoxide are drawn in one way; explicit hydrogens and atom-map numbers are removed.
    metals
        `keep` complexes and organometallic compounds whole, or `cut` metals off. Salts of sodium and the like aren't complexes.
    isotopes
        `keep` or `drop` them.
    dummies
        `refuse` attachment points, `cap` them with hydrogen, or `keep` them.

    Raises
    ------
    ConfigError
        A setting has an unknown value.
    """

    parent: bool = True
    neutral: bool = True
    drawing: bool = True
    metals: Literal["keep", "cut"] = "keep"
    isotopes: Literal["keep", "drop"] = "keep"
    dummies: Literal["refuse", "cap", "keep"] = "refuse"

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if (value := getattr(self, name)) not in known:
                raise ConfigError(f"standardize.{name}: no '{value}'{nearest(str(value), known)}; known: {', '.join(known)}")

    def __call__(self, mol: Chem.Mol) -> Standardized:
        """The standard form of `mol`, and what was changed.

        Raises
        ------
        ValueError
            The molecule is refused; the message says why.
        """
        if self == AS_GIVEN or self._is_plain(mol):
            return Standardized(mol, ())
        changes: list[str] = []
        _refuse_polymers(mol)
        mol = self._without_dummies(mol, changes)
        if self.drawing:
            mol = _plainly_drawn(mol, changes)
        if self.isotopes == "drop" and mol.HasSubstructMatch(query(ISOTOPE)):
            mol = _without_isotopes(mol)
            changes.append("isotopes dropped")
        if mol.HasSubstructMatch(query(UNUSUAL_ELEMENT)):
            if self.parent or self.metals == "cut":
                mol, cut = cut_metals(mol, self.metals == "cut")
                changes += [f"metal cut off: {', '.join(cut)}"] if cut else []
            if self.metals == "keep" and (metal := complex_of(mol)):
                if self.parent:
                    mol, taken = without_solvents(mol)
                    changes += taken
                if self.neutral and len(Chem.GetMolFrags(mol)) == 1:
                    mol = _without_charges(mol, changes)
                return Standardized(mol, (*changes, f"{KEPT}a compound of {metal} stays whole"))
        if self.drawing:
            mol = _redrawn(mol, changes)
        if self.parent:
            mol, taken = choose_parent(mol)
            changes += taken
        if not has_carbon(mol) and len(Chem.GetMolFrags(mol)) > 1:
            changes.append(f"{KEPT}inorganic, as it was drawn")
        elif self.neutral:
            free = _without_charges(mol, changes)
            mol = _redrawn(free, []) if self.drawing and free is not mol else free
        if mol.HasSubstructMatch(_radical()):
            changes.append(f"{KEPT}a radical")
        return Standardized(mol, tuple(changes))

    def leaves(self, smiles: str) -> bool:
        """Whether the text of a valid SMILES shows that it is in standard form, which is faster than looking at the molecule."""
        return PLAIN_TEXT.fullmatch(smiles) is not None

    def _is_plain(self, mol: Chem.Mol) -> bool:
        """Whether nothing needs to be done, which is true of most molecules and quick to see."""
        return (
            not (mol.HasSubstructMatch(_remarkable()) and mol.HasSubstructMatch(_remarkable(PLAIN_CHARGES)))
            and len(Chem.GetMolFrags(mol)) < 2
            and not Chem.GetMolSubstanceGroups(mol)
            and (self.isotopes == "keep" or not mol.HasSubstructMatch(query(ISOTOPE)))
        )

    def _without_dummies(self, mol: Chem.Mol, changes: list[str]) -> Chem.Mol:
        numbers = [number for (number,) in mol.GetSubstructMatches(query("[#0]"))]
        if not numbers or self.dummies == "keep":
            return mol
        if self.dummies == "refuse":
            raise ValueError("an attachment point or unknown atom *: fill it, or cap it with hydrogen by standardize.dummies=cap")
        capped = Chem.RWMol(mol)
        for number in numbers:
            capped.ReplaceAtom(number, Chem.Atom(1))
        changes.append("attachment point capped with hydrogen")
        return settled(Chem.RemoveHs(settled(capped.GetMol())))


STANDARD = Standardizer()
AS_GIVEN = Standardizer(parent=False, neutral=False, drawing=False, dummies="keep")


@nameable
def as_given() -> Standardizer:
    """`AS_GIVEN`, for objectives that are defined on molecules as they are drawn."""
    return AS_GIVEN


def parent(mol: Chem.Mol) -> Chem.Mol:
    """`mol` in its standard form."""
    return STANDARD(mol).mol


def canonical(mol: Chem.Mol) -> str:
    """Canonical SMILES; CXSMILES with enhanced stereochemistry if `mol` has and/or groups."""
    if not mol.GetStereoGroups():
        return Chem.MolToSmiles(mol)
    own = Chem.RWMol(mol)
    own.SetStereoGroups([group for group in own.GetStereoGroups() if group.GetGroupType() != ABSOLUTE])
    Chem.CanonicalizeEnhancedStereo(own)
    return Chem.MolToCXSmiles(own, Chem.SmilesWriteParams(), Chem.CXSmilesFields.CX_ENHANCEDSTEREO)


def identity(mol: Chem.Mol) -> str:
    """What two drawings of one compound share, and a racemate and its enantiomer don't: an InChIKey and marks of stereo.

    Tautomers that differ by a mobile hydrogen share it, too.
    """
    text = canonical(mol)
    smiles, _, groups = text.partition(" ")
    key = Chem.MolToInchiKey(Chem.MolFromSmiles(smiles) if groups else mol)
    return f"{key} {groups}".strip() if key else text


def _refuse_polymers(mol: Chem.Mol) -> None:
    for group in Chem.GetMolSubstanceGroups(mol):
        if group.HasProp("TYPE") and group.GetProp("TYPE") in POLYMER:
            raise ValueError("a polymer or a formulation: draw the one molecule that is meant")


def _plainly_drawn(mol: Chem.Mol, changes: list[str]) -> Chem.Mol:
    """`mol` without atom-map numbers and explicit hydrogens."""
    if mol.HasSubstructMatch(_mapped()):
        mol = Chem.Mol(mol)
        for atom in mol.GetAtoms():
            atom.SetAtomMapNum(0)
        changes.append("atom-map numbers dropped")
    if mol.HasSubstructMatch(query("[#1&0*]~*")):
        mol = Chem.RemoveHs(mol)
    return mol


def _redrawn(mol: Chem.Mol, changes: list[str]) -> Chem.Mol:
    """`mol` in its standard drawing."""
    drawn = _tried(one_drawing, mol)
    if drawn is mol or Chem.MolToSmiles(drawn) == Chem.MolToSmiles(mol):
        return mol
    changes.append("drawing normalised")
    return drawn


def _without_charges(mol: Chem.Mol, changes: list[str]) -> Chem.Mol:
    """`mol` without charges made by protons; `mol` itself if it has none."""
    free = _tried(neutralized, mol)
    if free is not mol:
        changes.append("charge neutralised")
    return free


def _without_isotopes(mol: Chem.Mol) -> Chem.Mol:
    plain = Chem.Mol(mol)
    for atom in plain.GetAtoms():
        atom.SetIsotope(0)
    return settled(Chem.RemoveHs(plain))


def _tried(step: Callable[[Chem.Mol], Chem.Mol], mol: Chem.Mol) -> Chem.Mol:
    """The result of `step` on `mol`; `mol` itself if RDKit can't make a molecule of it."""
    try:
        return step(mol)
    except (ValueError, RuntimeError):
        return mol


@functools.cache
def _remarkable(plain_charges: str = "") -> Chem.Mol:
    """An atom that standardisation may have to change; charges that `plain_charges` matches don't count."""
    unusual, charged = UNUSUAL_ELEMENT.strip("[]"), f"!+0{plain_charges}"
    charges = f"$([{charged}])" if plain_charges else "!+0"
    found = Chem.MolFromSmarts(f"[$([{unusual}]),{charges},{MOBILE}]")
    for kind in (_mapped(), _radical()):
        found.GetAtomWithIdx(0).ExpandQuery(kind.GetAtomWithIdx(0), Chem.CompositeQueryType.COMPOSITE_OR)
    return found


@functools.cache
def _mapped() -> Chem.Mol:
    return _query(rdqueries.HasPropQueryAtom("molAtomMapNumber"))


@functools.cache
def _radical() -> Chem.Mol:
    return _query(rdqueries.NumRadicalElectronsGreaterQueryAtom(0))


def _query(atom: Chem.Atom) -> Chem.Mol:
    mol = Chem.RWMol()
    mol.AddAtom(atom)
    return mol
