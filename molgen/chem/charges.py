"""Charges: one drawing for charges that belong to a group, and as few as possible of those that depend on pH."""

import functools
from collections.abc import Iterator

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

# Acids that lose a proton to balance a charge that can't be removed, the strongest first; the first atom loses it.
ACIDS = (
    "[OX2H][#7+H0]",  # of an N-oxide
    "[OX2H]S(=O)(=O)",
    "[OX2H]P=O",
    "[OX2H]C(=O)",
    "[OX2H][#6]1:,=[#6][#6](=O)[#6]1=O",
    "[OX2H]C1=CC(=O)OC1",
    "[nH]1nnnc1",
    "[nH]1nncn1",
    "[NX3H](C=O)S(=O)=O",
    "[NX3H](S(=O)=O)S(=O)=O",
    "[OX2H]B",
)
# Anions O-A=B that are drawn O=A-B with the charge, and so the proton, on B: of amides, nitro compounds, and of carbons between
# the carbonyls of 1,3-indanediones, 3,5-pyrazolidinediones and 2-acylcyclohexane-1,3-diones.
SHARED = (
    "[O-,S-;X1][CX3]=[NX2;+0]",
    "[O-;X1][N+](=[C;+0])[O-]",
    "[O-;X1]C1=C([#6])C(=O)cc1",
    "[O-;X1][#6]1=,:[#6]([#6])[#6](=O)[#7][#7]1",
    "[O-;X1]C1=C(C(=O)[#6])C(=O)[CX4][CX4][CX4]1",
)
# X-A=B that is drawn X=A-B with the proton on B: imidic acids, amidines and guanidines whose NH2 could have the double bond, and
# nitrosoalkanes, which are oximes.
TAUTOMERS = ("[OX2h1,SX2h1,$([NX3h2;+0][CX3]=[NX2;!R][#6;!$(C#N)])][CX3]=[NX2;+0]", "[CX4;!h0;+0][NX2;+0]=[OX1;+0]")
# Where a drawing may not be the usual one: a cation that no proton made and no neighbour belongs to, or charges that can meet.
UNUSUAL = (
    "[$([+H0;!X4;!$([#7][O-]);!$([#7](=[#7-])=*);!$([#7]#[#6-])]),$([!#7&+]-[-]),$([#7+,#8+,#16+]=,:*-,:[#7-,#8-,#16-]),+2,+3,+4]"
)
SHARING = frozenset((15, 16, 17, 33, 34, 35, 51, 52, 53))  # elements that make double bonds beyond the octet's
ROOM = {"C": 3, "N": 2, "O": 1, "S": 1, "P": 2, "Se": 1, "Te": 1, "F": 0, "Cl": 0, "Br": 0, "I": 0}  # bonds of a basic anion
PROTONATED = frozenset(("N", "O", "S", "P", "Se"))
BESIDE_METAL = "[!+0;$(*~[!#0;!#1;!#5;!#6;!#7;!#8;!#9;!#14;!#15;!#16;!#17;!#32;!#33;!#34;!#35;!#51;!#52;!#53])]"


@functools.cache
def query(smarts: str) -> Chem.Mol:
    """A SMARTS, parsed once."""
    return Chem.MolFromSmarts(smarts)


def one_drawing(mol: Chem.Mol) -> Chem.Mol:
    """`mol` with nitro groups, azides, N-oxides, ylides and charges that can meet drawn in one way, sulfoxides as S=O.

    Amides, amidines and guanidines, too.
    """
    mol = tautomer(mol)
    if not mol.HasSubstructMatch(query(UNUSUAL)):
        return mol
    drawn = Chem.RWMol(_normalizer().normalize(mol))
    while (pair := next(_sharing(drawn), None)) is not None:
        drawn.GetBondBetweenAtoms(*pair).SetBondType(Chem.BondType.DOUBLE)
        for number, shift in zip(pair, (-1, 1), strict=True):
            atom = drawn.GetAtomWithIdx(number)
            atom.SetFormalCharge(atom.GetFormalCharge() + shift)
    for outer, middle, end in drawn.GetSubstructMatches(query("[#6-,#7-;!$([#7-]=[#7+])]-[#7+]#[#7+0]")):
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
    """Positive atoms of `SHARING`, each with a negative neighbour that a double bond can be shared with."""
    for bond in mol.GetBonds():
        for plus, minus in ((bond.GetBeginAtom(), bond.GetEndAtom()), (bond.GetEndAtom(), bond.GetBeginAtom())):
            able = plus.GetAtomicNum() in SHARING and plus.GetDegree() > 2 and minus.GetSymbol() in ("C", "N", "O", "S", "Se")
            if able and plus.GetFormalCharge() > 0 > minus.GetFormalCharge() and bond.GetBondType() == Chem.BondType.SINGLE:
                yield plus.GetIdx(), minus.GetIdx()


def neutralized(mol: Chem.Mol) -> Chem.Mol:
    """`mol` without charges made by protons; `mol` itself if it has none.

    Anions take up a proton, cations give one away. Charges that can't be removed (of a quaternary nitrogen, a borate, beside a
    metal) stay, and are balanced within the molecule as far as there are acids of `ACIDS`: a betaine is a betaine, however drawn.
    A cation with double bonds, as in a sydnone, also keeps the anions that were drawn, except those of alcohols and oximes.
    """
    if not mol.HasSubstructMatch(query("[!+0]")):
        return mol
    mol = moved(mol)
    drawn = {number: mol.GetAtomWithIdx(number).GetFormalCharge() for (number,) in mol.GetSubstructMatches(query("[!+0]"))}
    free = Chem.RWMol(mol)
    paired = _paired([free.GetAtomWithIdx(number) for number in drawn])
    paired |= {number for (number,) in mol.GetSubstructMatches(query(BESIDE_METAL))}
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


def tautomer(mol: Chem.Mol) -> Chem.Mol:
    """`mol` with amides, amidines, guanidines and oximes drawn in one way."""
    while match := next((found for text in TAUTOMERS if (found := mol.GetSubstructMatch(query(text)))), ()):
        other = Chem.RWMol(mol)
        for number, protons in ((match[0], -1), (match[2], 1)):
            atom = other.GetAtomWithIdx(number)
            atom.SetNumExplicitHs(atom.GetTotalNumHs() + protons)
            atom.SetNoImplicit(True)
        _swap(other, *match)
        mol = settled(other.GetMol())
    return mol


def _swap(mol: Chem.RWMol, outer: int, middle: int, inner: int) -> None:
    """Turn outer-middle=inner into outer=middle-inner."""
    double = mol.GetBondBetweenAtoms(middle, inner)
    double.SetStereo(Chem.BondStereo.STEREONONE)
    double.SetBondType(Chem.BondType.SINGLE)
    mol.GetBondBetweenAtoms(outer, middle).SetBondType(Chem.BondType.DOUBLE)


def moved(mol: Chem.Mol) -> Chem.Mol:
    """`mol` with the charges of its anions where the neutral molecule has the protons."""
    for smarts in SHARED:
        while match := mol.GetSubstructMatch(query(smarts)):
            outer, middle, inner = match[:3]
            other = Chem.RWMol(mol)
            Chem.Kekulize(other, clearAromaticFlags=True)
            _swap(other, outer, middle, inner)
            other.GetAtomWithIdx(outer).SetFormalCharge(0)
            other.GetAtomWithIdx(inner).SetFormalCharge(-1)
            mol = settled(other.GetMol())
    return mol


def _acids(mol: Chem.Mol, drawn: dict[int, int], paired: set[int]) -> list[int]:
    """Atoms that can lose a proton, the strongest acids first; the order of equals doesn't depend on the drawing."""
    strength: dict[int, int] = {}
    for order, smarts in enumerate(ACIDS):
        for match in mol.GetSubstructMatches(query(smarts), uniquify=False):
            strength.setdefault(match[0], order)
    if any(number not in paired for (number,) in mol.GetSubstructMatches(query("[#6+,#7+!X4,#8+]"))):
        weak = {number for (number,) in mol.GetSubstructMatches(query("[$([O,S][CX4]),$([OX2][NX2]=[#6])]"))}  # alcohols, oximes
        for number in set(_changed(mol, drawn, paired, -1)) - weak:
            strength.setdefault(number, len(ACIDS))
    ranks = list(Chem.CanonicalRankAtoms(mol))
    return sorted(strength, key=lambda number: (strength[number], ranks[number]))


def _bases(mol: Chem.Mol, drawn: dict[int, int], paired: set[int]) -> list[int]:
    """Atoms that were drawn with one more proton."""
    ranks = list(Chem.CanonicalRankAtoms(mol))
    return sorted(_changed(mol, drawn, paired, 1), key=lambda number: ranks[number])


def _changed(mol: Chem.Mol, drawn: dict[int, int], paired: set[int], sign: int) -> list[int]:
    """Atoms that have lost a charge of this sign."""
    return [
        number
        for number, charge in drawn.items()
        if charge * sign > 0 and number not in paired and not mol.GetAtomWithIdx(number).GetFormalCharge()
    ]


def _paired(charged: list[Chem.Atom]) -> set[int]:
    """The charged atoms whose charge is balanced by a neighbour: in nitro groups, N-oxides, azides, isocyanides."""
    found: set[int] = set()
    for atom in charged:
        if atom.GetFormalCharge() > 0 and not (atom.GetSymbol() in PROTONATED and atom.GetTotalNumHs()):
            partners = [other for other in atom.GetNeighbors() if other.GetFormalCharge() < 0 and other.GetIdx() not in found]
            for other in sorted(partners, key=lambda other: (other.GetSymbol() == "C", other.GetDegree(), other.GetIdx()))[
                : atom.GetFormalCharge()
            ]:
                found |= {atom.GetIdx(), other.GetIdx()}
    return found


def _takes_proton(atom: Chem.Atom) -> bool:
    """Whether a proton removes the charge, which isn't so for a borate or BF4-."""
    return atom.GetTotalValence() <= ROOM.get(atom.GetSymbol(), -1) and not atom.GetNumRadicalElectrons()


def _shift(atom: Chem.Atom, protons: int) -> None:
    """Add protons to `atom`, or remove them; its hydrogens are implicit where a SMILES would omit them."""
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
    """`mol` with aromaticity and stereochemistry perceived anew, as if read from a SMILES."""
    Chem.SanitizeMol(mol)
    Chem.AssignStereochemistry(mol, cleanIt=True, force=True, flagPossibleStereoCenters=True)
    return mol


@functools.cache
def _normalizer() -> rdMolStandardize.Normalizer:
    return rdMolStandardize.Normalizer()
