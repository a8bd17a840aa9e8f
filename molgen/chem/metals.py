"""Metals: salts drawn with bonds, and compounds in their own right."""

from rdkit import Chem

from molgen.chem.charges import query, settled

# Elements by number that are no metals: with the metalloids B, Si, Ge, As, Sb, Te.
NOT_METALS = frozenset((0, 1, 2, *range(5, 11), *range(14, 19), *range(32, 37), *range(51, 55), 85, 86))
CUT = frozenset(("Li", "Na", "K", "Rb", "Cs", "Mg", "Ca", "Sr", "Ba", "Al", "Zn"))  # form salts, even if drawn with bonds
OTHERS = ("Be", "Ga", "In", "Tl", "Ti", "Zr", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Ag", "Cd", "Hg", "Sn", "Pb", "Bi")
IONS = CUT.union(OTHERS, ("Y", "La", "Ce", "Sm"))  # form salts as bare ions
HARMLESS = frozenset(("Li", "Na", "K", "Mg", "Ca"))  # their salts do what the organic part does
HETERO = frozenset(("O", "N", "S", "F", "Cl", "Br", "I"))
CARBANION = "[#6-;!$([#6-]#[#7,#6,#8]);!$([#6-]~[#6,#7+,#16,#15]=[#8]);!$([#6-]C#N)]"  # none that is an acid's anion


def is_metal(atom: Chem.Atom) -> bool:
    """Whether `atom` is a metal; metalloids aren't."""
    return atom.GetAtomicNum() not in NOT_METALS


def active_metals(mol: Chem.Mol) -> list[str]:
    """The symbols of the metals of `mol` that may do more than its organic part: all but those of `HARMLESS`."""
    return sorted({atom.GetSymbol() for atom in mol.GetAtoms() if is_metal(atom)} - HARMLESS)


def cut_metals(mol: Chem.Mol, every: bool) -> tuple[Chem.Mol, tuple[str, ...]]:
    """`mol` with metals' bonds turned into ions, and their symbols: metals of `CUT` on hetero-atoms, or `every` metal."""
    found = [
        (bond, metal, other)
        for bond in mol.GetBonds()
        for metal, other in ((bond.GetBeginAtom(), bond.GetEndAtom()), (bond.GetEndAtom(), bond.GetBeginAtom()))
        if is_metal(metal) and not is_metal(other) and (every or _is_salt(metal))
    ]
    if not found:
        return mol, ()
    cut = Chem.RWMol(mol)
    for bond, metal, other in found:
        cut.RemoveBond(metal.GetIdx(), other.GetIdx())
        if bond.GetBondType() in (Chem.BondType.DATIVE, Chem.BondType.ZERO):
            continue
        order = int(bond.GetBondTypeAsDouble())
        for number, shift in ((metal.GetIdx(), order), (other.GetIdx(), -order)):
            atom = cut.GetAtomWithIdx(number)
            atom.SetFormalCharge(atom.GetFormalCharge() + shift)
            atom.SetNumRadicalElectrons(0)
        cut.GetAtomWithIdx(other.GetIdx()).SetNoImplicit(False)
    return settled(cut.GetMol()), tuple(sorted({metal.GetSymbol() for _, metal, _ in found}))


def _is_salt(metal: Chem.Atom) -> bool:
    return metal.GetSymbol() in CUT and all(atom.GetSymbol() in HETERO for atom in metal.GetNeighbors())


def complex_of(mol: Chem.Mol) -> str:
    """The metal that makes `mol` a complex or an organometallic compound; empty if there is none.

    A bare ion of `IONS` forms a salt, unless its partner is a carbanion. Any other metal makes a compound of its own.
    """
    metals = [atom for atom in mol.GetAtoms() if is_metal(atom)]
    organic = bool(metals) and mol.HasSubstructMatch(query(CARBANION))
    return next((atom.GetSymbol() for atom in metals if atom.GetDegree() or organic or atom.GetSymbol() not in IONS), "")
