"""Reverses reactions: from the product of one to what it was made from."""

import re
from collections.abc import Iterable

from rdkit import Chem
from rdkit.Chem.rdChemReactions import ChemicalReaction

from molgen.errors import ConfigError

ELEMENT = re.compile(r"#(\d+)|(Cl|Br|Si|Se|Sn|Zn|Mg|Li|Na|[BCNOFPSI]|[bcnops])")
CHARGE = re.compile(r"([+-])(\d?)")
PYRROLIC = re.compile(r"^n(?=.*(?<!!)H(1|(?!\d)))")  # an aromatic nitrogen whose hydrogen no valence rule gives back
AROMATICITY, CHARGED = "aromaticity", "charge"  # properties of atoms of which a pattern says the one or the other


class Reverse:
    """The reverse of a reaction.

    Parameters
    ----------
    forward
        RDKit's reaction, with one product.

    Raises
    ------
    ConfigError
        An atom that leaves doesn't say what it is.
    """

    def __init__(self, forward: ChemicalReaction) -> None:
        self.templates = [_concrete(template) for template in forward.GetReactants()]
        self.reaction = ChemicalReaction()
        self.reaction.AddReactantTemplate(forward.GetProductTemplate(0))
        for template in self.templates:
            self.reaction.AddProductTemplate(template)
        self.reaction.Initialize()

    def __call__(self, product: Chem.Mol, most: int) -> Iterable[tuple[Chem.Mol, ...]]:
        """Sets of reactants, not sanitised; leaving groups are those that the reaction names first."""
        for made in self.reaction.RunReactants((product,), most):
            for part, template in zip(made, self.templates, strict=True):
                _restore(part, template)
            yield made


def _concrete(template: Chem.Mol) -> Chem.Mol:
    """A reactant's pattern as a molecule: mapped atoms of any element, leaving atoms of the one named first."""
    made = Chem.RWMol()
    for atom in template.GetAtoms():
        made.AddAtom(_concrete_atom(atom))
    for bond in template.GetBonds():
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        aromatic = all(made.GetAtomWithIdx(end).GetIsAromatic() for end in ends) and bond.GetSmarts() in ("", ":")
        kind = {"=": Chem.BondType.DOUBLE, "#": Chem.BondType.TRIPLE}.get(bond.GetSmarts().lstrip("!@;&"), Chem.BondType.SINGLE)
        made.AddBond(*ends, Chem.BondType.AROMATIC if aromatic else kind)
    return made.GetMol()


def _concrete_atom(atom: Chem.Atom) -> Chem.Atom:
    text = atom.GetSmarts()
    named = text[1:] if text.startswith("[") else text
    named = named.split("$")[0] if not named.startswith("$") else named[2:]
    number = ELEMENT.search(re.sub(r":\d+\]$", "", named))
    if atom.GetAtomMapNum():
        made = Chem.Atom(0)
        made.SetAtomMapNum(atom.GetAtomMapNum())
    elif number is None:
        raise ConfigError(f"an atom that leaves has to say what it is, and {text} doesn't")
    else:
        made = Chem.Atom(int(number[1]) if number[1] else number[2].capitalize())
    if number is not None and number[1] is None:
        made.SetIsAromatic(number[2].islower())
        made.SetBoolProp(AROMATICITY, True)
    if PYRROLIC.search(named):
        made.SetNumExplicitHs(1)
    charge = CHARGE.search(named)
    if charge:
        made.SetFormalCharge(int(f"{charge[1]}{charge[2] or 1}"))
        made.SetBoolProp(CHARGED, True)
    return made


def _restore(part: Chem.Mol, template: Chem.Mol) -> None:
    """Give reacting atoms the charges and hydrogens, and their bonds the orders, that they have before the reaction."""
    atoms = {atom.GetIntProp("old_mapno"): atom for atom in part.GetAtoms() if atom.HasProp("old_mapno")}
    for before in template.GetAtoms():
        after = atoms.get(before.GetAtomMapNum())
        if after is None:
            continue
        after.SetNoImplicit(False)
        after.SetNumExplicitHs(before.GetNumExplicitHs())
        after.SetNumRadicalElectrons(0)
        if before.HasProp(AROMATICITY):
            after.SetIsAromatic(before.GetIsAromatic())
        if before.HasProp(CHARGED):
            after.SetFormalCharge(before.GetFormalCharge())
    for bond in template.GetBonds():
        begin, end = atoms.get(bond.GetBeginAtom().GetAtomMapNum()), atoms.get(bond.GetEndAtom().GetAtomMapNum())
        between = part.GetBondBetweenAtoms(begin.GetIdx(), end.GetIdx()) if begin and end else None
        if between is not None:
            between.SetBondType(bond.GetBondType())
            between.SetIsAromatic(bond.GetBondType() == Chem.BondType.AROMATIC)
    for bond in part.GetBonds():
        if bond.GetIsAromatic() and not (bond.GetBeginAtom().GetIsAromatic() and bond.GetEndAtom().GetIsAromatic()):
            bond.SetIsAromatic(False)
            bond.SetBondType(Chem.BondType.SINGLE)
