"""Charges: one drawing of those that belong to a group, and as few as can be of those that come from a pH."""

import functools
from collections.abc import Iterator

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

# Acids that lose a proton to balance a charge that can't go, the strongest first; the first atom is the one that loses it.
ACIDS = (
    "[OX2H][#7+H0]",  # of an N-oxide
    "[OX2H]S(=O)(=O)",
    "[OX2H]P=O",
    "[OX2H]C(=O)",
    "[OX2H]C1=CC(=O)C1=O",
    "[OX2H]C1=CC(=O)OC1",
    "[nH]1nnnc1",
    "[nH]1nncn1",
    "[NX3H](C=O)S(=O)=O",
    "[NX3H](S(=O)=O)S(=O)=O",
    "[OX2H]B",
)
# Where a drawing may not be the usual one: a cation that no proton made and no neighbour belongs to, or charges that can meet.
UNUSUAL = (
    "[$([+H0;!X4;!$([#7][O-]);!$([#7](=[#7-])=*);!$([#7]#[#6-])]),$([!#7&+]-[-]),$([#7+,#8+,#16+]=,:*-,:[#7-,#8-,#16-]),+2,+3,+4]"
)
SHARING = frozenset((15, 16, 17, 33, 34, 35, 51, 52, 53))  # elements that make double bonds beyond the octet's
ROOM = {"C": 3, "N": 2, "O": 1, "S": 1, "P": 2, "Se": 1, "Te": 1, "F": 0, "Cl": 0, "Br": 0, "I": 0}  # bonds of a basic anion
PROTONATED = frozenset(("N", "O", "S", "P", "Se"))


@functools.cache
def pattern(smarts: str) -> Chem.Mol:
    """A SMARTS, read once."""
    return Chem.MolFromSmarts(smarts)


def one_drawing(mol: Chem.Mol) -> Chem.Mol:
    """`mol` with nitro groups, azides, N-oxides, ylides and charges that can meet drawn in one way, sulfoxides as S=O."""
    if not mol.HasSubstructMatch(pattern(UNUSUAL)):
        return mol
    drawn = Chem.RWMol(_normalizer().normalize(mol))
    while (pair := next(_sharing(drawn), None)) is not None:
        drawn.GetBondBetweenAtoms(*pair).SetBondType(Chem.BondType.DOUBLE)
        for number, shift in zip(pair, (-1, 1), strict=True):
            atom = drawn.GetAtomWithIdx(number)
            atom.SetFormalCharge(atom.GetFormalCharge() + shift)
    for outer, middle, end in drawn.GetSubstructMatches(pattern("[#6-,#7-;!$([#7-]=[#7+])]-[#7+]#[#7+0]")):
        for pair, charged, charge in (((outer, middle), outer, 0), ((middle, end), end, -1)):
            drawn.GetBondBetweenAtoms(*pair).SetBondType(Chem.BondType.DOUBLE)
            drawn.GetAtomWithIdx(charged).SetFormalCharge(charge)
    done = drawn.GetMol()
    for item in (*done.GetAtoms(), *done.GetBonds()):
        for name in item.GetPropNames():
            if name.startswith(("react_", "old_mapno", "was_dummy")):  # notes of the normalizer
                item.ClearProp(name)
    return settled(done)


def _sharing(mol: Chem.Mol) -> Iterator[tuple[int, int]]:
    """Positive atoms of `SHARING`, each with a negative neighbour to share a double bond with."""
    for bond in mol.GetBonds():
        for plus, minus in ((bond.GetBeginAtom(), bond.GetEndAtom()), (bond.GetEndAtom(), bond.GetBeginAtom())):
            able = plus.GetAtomicNum() in SHARING and plus.GetDegree() > 2 and minus.GetSymbol() in ("C", "N", "O", "S", "Se")
            if able and plus.GetFormalCharge() > 0 > minus.GetFormalCharge() and bond.GetBondType() == Chem.BondType.SINGLE:
                yield plus.GetIdx(), minus.GetIdx()


def neutralized(mol: Chem.Mol) -> Chem.Mol:
    """`mol` without the charges that protons make; `mol` itself where it has none.

    Anions take a proton up, cations give one away. What can't go (of a quaternary nitrogen, of a borate) stays, and is balanced
    within the molecule as far as there are acids of `ACIDS`: a betaine is a betaine, however it was drawn. A cation with double
    bonds, as of a sydnone, also keeps the anions that were drawn.
    """
    drawn = {number: mol.GetAtomWithIdx(number).GetFormalCharge() for (number,) in mol.GetSubstructMatches(pattern("[!+0]"))}
    if not drawn:
        return mol
    free = Chem.RWMol(mol)
    paired = _paired([free.GetAtomWithIdx(number) for number in drawn])
    for number in drawn.keys() - paired:
        atom = free.GetAtomWithIdx(number)
        while atom.GetFormalCharge() > 0 and atom.GetSymbol() in PROTONATED and atom.GetTotalNumHs():
            _shift(atom, -1)
        while atom.GetFormalCharge() < 0 and _takes_proton(atom):
            _shift(atom, 1)
    if charge := Chem.GetFormalCharge(free):
        free.UpdatePropertyCache(strict=False)
        for number in (_acids if charge > 0 else _bases)(free, drawn, paired)[: abs(charge)]:
            _shift(free.GetAtomWithIdx(number), -1 if charge > 0 else 1)
    charged = {number: free.GetAtomWithIdx(number).GetFormalCharge() for number in drawn}
    return mol if charged == drawn and Chem.GetFormalCharge(free) == sum(drawn.values()) else settled(free.GetMol())


def _acids(mol: Chem.Mol, drawn: dict[int, int], paired: set[int]) -> list[int]:
    """Atoms that can give a proton away, the strongest acids first; among equals the order doesn't depend on the drawing."""
    strength: dict[int, int] = {}
    for order, smarts in enumerate(ACIDS):
        for match in mol.GetSubstructMatches(pattern(smarts), uniquify=False):
            strength.setdefault(match[0], order)
    if any(number not in paired for (number,) in mol.GetSubstructMatches(pattern("[#6+,#7+!X4,#8+]"))):
        for number in _changed(mol, drawn, paired, -1):
            strength.setdefault(number, len(ACIDS))
    ranks = list(Chem.CanonicalRankAtoms(mol))
    return sorted(strength, key=lambda number: (strength[number], ranks[number]))


def _bases(mol: Chem.Mol, drawn: dict[int, int], paired: set[int]) -> list[int]:
    """Atoms that were drawn with a proton more."""
    ranks = list(Chem.CanonicalRankAtoms(mol))
    return sorted(_changed(mol, drawn, paired, 1), key=lambda number: ranks[number])


def _changed(mol: Chem.Mol, drawn: dict[int, int], paired: set[int], sign: int) -> list[int]:
    """Atoms whose charge of this sign has gone."""
    return [
        number
        for number, charge in drawn.items()
        if charge * sign > 0 and number not in paired and not mol.GetAtomWithIdx(number).GetFormalCharge()
    ]


def _paired(charged: list[Chem.Atom]) -> set[int]:
    """Those of the charged atoms whose charge is a neighbour's: of nitro groups, N-oxides, azides, isocyanides."""
    found: set[int] = set()
    for atom in charged:
        if atom.GetFormalCharge() > 0 and not (atom.GetSymbol() in PROTONATED and atom.GetTotalNumHs()):
            partners = [other for other in atom.GetNeighbors() if other.GetFormalCharge() < 0 and other.GetIdx() not in found]
            for other in sorted(partners, key=lambda other: (other.GetDegree(), other.GetIdx()))[: atom.GetFormalCharge()]:
                found |= {atom.GetIdx(), other.GetIdx()}
    return found


def _takes_proton(atom: Chem.Atom) -> bool:
    """Whether a proton takes the charge away, as it doesn't from a borate or from BF4-."""
    return atom.GetTotalValence() <= ROOM.get(atom.GetSymbol(), -1) and not atom.GetNumRadicalElectrons()


def _shift(atom: Chem.Atom, protons: int) -> None:
    """Give `atom` protons, or take them; its hydrogens are implicit where a SMILES would leave them out."""
    hydrogens = atom.GetTotalNumHs() + protons
    atom.SetFormalCharge(atom.GetFormalCharge() + protons)
    usual = not atom.GetFormalCharge() and not atom.GetIsAromatic()
    for implicit in (True, False) if usual else (False,):
        atom.SetNoImplicit(not implicit)
        atom.SetNumExplicitHs(0 if implicit else hydrogens)
        atom.UpdatePropertyCache(strict=False)
        if atom.GetTotalNumHs() == hydrogens:
            break


def settled(mol: Chem.Mol) -> Chem.Mol:
    """`mol` with aromaticity and stereochemistry seen anew, as if it had been read from a SMILES."""
    Chem.SanitizeMol(mol)
    Chem.AssignStereochemistry(mol, cleanIt=True, force=True, flagPossibleStereoCenters=True)
    return mol


@functools.cache
def _normalizer() -> rdMolStandardize.Normalizer:
    return rdMolStandardize.Normalizer()
