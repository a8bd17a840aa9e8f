"""Patterns of reactants, as the molecules that stand before a reaction."""

import functools
import re
from dataclasses import dataclass

from rdkit import Chem

from molgen.errors import ConfigError

ELEMENT = re.compile(r"#(\d+)|(Cl|Br|Si|Se|Sn|Zn|Mg|Li|Na|[BCNOFPSI]|[bcnops])")
CHARGE = re.compile(r"([+-])(\d?)")
PYRROLIC = re.compile(r"^n(?=.*(?<!!)H(1|(?!\d)))")  # an aromatic nitrogen whose hydrogen no valence rule gives back
HYDROGENS = re.compile(r"H(\d)")
HALOGENS = {9, 17, 35, 53}
VALENCES = {5: 3, 6: 4, 7: 3, 8: 2, 16: 2}  # of elements that leave, as far as they have but one
TEMPLATES = 4096  # of which what they say is remembered
MOLECULES = 8_000  # that are kept once read; each takes 30 kB
HELD = 20_000  # results that are lists
REMEMBERED = 200_000  # results that are short texts
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


def is_full(query: Chem.Atom, atom: Chem.Atom) -> bool:
    """Whether all that can hang on an atom that leaves stands in its pattern.

    Parameters
    ----------
    query, atom
        In the pattern, and as `concrete` makes it.
    """
    element, text = atom.GetAtomicNum(), query.GetSmarts()
    if element in HALOGENS:
        return True
    hydrogens = HYDROGENS.search(text)
    if element not in VALENCES or "," in text or atom.GetFormalCharge():
        return False
    bonds = sum(bond.GetBondTypeAsDouble() for bond in atom.GetBonds())
    return bonds + int(hydrogens[1] if hydrogens else 0) >= VALENCES[element]


@dataclass(frozen=True)
class _Before:
    """An atom of a template."""

    index: int
    mapped: bool
    hydrogens: int
    aromatic: bool | None
    charge: int | None


@functools.lru_cache(TEMPLATES)
def _atoms(template: Chem.Mol) -> list[_Before]:
    """The atoms of a template."""
    return [
        _Before(
            atom.GetIdx(),
            atom.GetAtomMapNum() > 0,
            atom.GetNumExplicitHs(),
            atom.GetIsAromatic() if atom.HasProp(AROMATICITY) else None,
            atom.GetFormalCharge() if atom.HasProp(CHARGED) else None,
        )
        for atom in template.GetAtoms()
    ]


@functools.lru_cache(TEMPLATES)
def _bonds(template: Chem.Mol) -> list[tuple[int, int, Chem.BondType]]:
    """The bonds between mapped atoms of a template."""
    return [
        (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), bond.GetBondType())
        for bond in template.GetBonds()
        if bond.GetBeginAtom().GetAtomMapNum() and bond.GetEndAtom().GetAtomMapNum()
    ]


def restore(part: Chem.Mol, template: Chem.Mol) -> None:
    """Give reacting atoms the charges and hydrogens, and bonds between them the orders, that they have before a reaction.

    RDKit's products begin with the atoms of their template, in its order.
    """
    for before in _atoms(template):
        after = part.GetAtomWithIdx(before.index)
        if not before.mapped:
            continue
        after.SetNoImplicit(False)
        after.SetNumExplicitHs(before.hydrogens)
        after.SetNumRadicalElectrons(0)
        if before.aromatic is not None:
            after.SetIsAromatic(before.aromatic)
        if before.charge is not None:
            after.SetFormalCharge(before.charge)
    for begin, end, kind in _bonds(template):
        between = part.GetBondBetweenAtoms(begin, end)
        if between is not None:
            between.SetBondType(kind)
            between.SetIsAromatic(kind == Chem.BondType.AROMATIC)
    for before in _atoms(template):
        for bond in part.GetAtomWithIdx(before.index).GetBonds():
            if bond.GetIsAromatic() and not (bond.GetBeginAtom().GetIsAromatic() and bond.GetEndAtom().GetIsAromatic()):
                bond.SetIsAromatic(False)
                bond.SetBondType(Chem.BondType.SINGLE)


def count_hydrogens(made: Chem.Mol, template: Chem.Mol) -> None:
    """Have the hydrogens of reacting atoms counted anew: those written at a stereocentre would stay when its bonds change."""
    for before in _atoms(template):
        atom = made.GetAtomWithIdx(before.index)
        if before.mapped and not atom.GetIsAromatic():
            atom.SetNoImplicit(False)
            atom.SetNumExplicitHs(0)


def sanitized(made: Chem.Mol) -> str | None:
    """The SMILES of `made`, by RDKit's reaction; None if it is no molecule, or one in several pieces."""
    return Chem.MolToSmiles(made) if is_whole(made) else None


def is_whole(made: Chem.Mol) -> bool:
    """Whether `made`, by RDKit's reaction, is a molecule in one piece; it is sanitized."""
    try:
        Chem.SanitizeMol(made)
    except (Chem.MolSanitizeException, ValueError):
        return False
    return len(Chem.GetMolFrags(made)) == 1


@functools.lru_cache(MOLECULES)
def mol_of(smiles: str) -> Chem.Mol:
    """The molecule that a SMILES tells of, read once and not to be changed; None if it is none."""
    return Chem.MolFromSmiles(smiles)


@functools.lru_cache(REMEMBERED)
def rewritten(smiles: str) -> str | None:
    """`smiles` as it is written once it has been read; None if it is no molecule."""
    mol = mol_of(smiles)
    return None if mol is None else Chem.MolToSmiles(mol)
