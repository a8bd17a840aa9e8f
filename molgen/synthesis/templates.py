"""Patterns of reactants, as the molecules that stand before a reaction."""

import re

from rdkit import Chem

from molgen.errors import ConfigError

ELEMENT = re.compile(r"#(\d+)|(Cl|Br|Si|Se|Sn|Zn|Mg|Li|Na|[BCNOFPSI]|[bcnops])")
CHARGE = re.compile(r"([+-])(\d?)")
PYRROLIC = re.compile(r"^n(?=.*(?<!!)H(1|(?!\d)))")  # an aromatic nitrogen whose hydrogen no valence rule gives back
AROMATICITY, CHARGED = "aromaticity", "charge"  # properties of atoms of which a pattern says the one or the other


def concrete(template: Chem.Mol) -> Chem.Mol:
    """A reactant's pattern as a molecule: mapped atoms of any element, leaving atoms of the one named first.

    Raises
    ------
    ConfigError
        A leaving atom doesn't say what it is.
    """
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
    charge = CHARGE.search(outside_nested(text))
    if charge:
        made.SetFormalCharge(int(f"{charge[1]}{charge[2] or 1}"))
        made.SetBoolProp(CHARGED, True)
    return made


def outside_nested(smarts: str) -> str:
    """What the SMARTS of an atom say of the atom itself, without what is within $()."""
    depth, kept = 0, []
    for letter in smarts:
        depth += letter == "("
        kept.append("" if depth else letter)
        depth -= letter == ")"
    return "".join(kept)


def restore(part: Chem.Mol, template: Chem.Mol) -> None:
    """Give reacting atoms the charges and hydrogens, and bonds between them the orders, that they have before a reaction."""
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


def valid(made: Chem.Mol) -> Chem.Mol | None:
    """`made`, by RDKit's reaction, as it is read from its SMILES; None if it is no molecule, or one in several pieces."""
    try:
        Chem.SanitizeMol(made)
    except (Chem.MolSanitizeException, ValueError):
        return None
    smiles = Chem.MolToSmiles(made)
    return None if "." in smiles else Chem.MolFromSmiles(smiles)
