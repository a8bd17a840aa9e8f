"""What substituents do to a group: Hammett's constants on aromatic rings, induction along bonds."""

from collections import deque

from rdkit import Chem

# Hammett's sigma for ortho, meta and para, and sigma minus for para beside a group that can take electrons (Hansch, Leo
# and Taft, Chem. Rev. 91, 165, 1991); ortho values are those that the pKa of phenols, anilines and pyridines imply.
SIGMA = {
    "F": (0.60, 0.34, 0.06, 0.02),
    "Cl": (0.70, 0.37, 0.23, 0.23),
    "Br": (0.70, 0.39, 0.23, 0.25),
    "I": (0.65, 0.35, 0.18, 0.27),
    "OH": (0.25, 0.10, -0.30, -0.12),
    "OR": (0.15, 0.12, -0.27, -0.12),
    "OAr": (0.25, 0.25, -0.03, 0.0),
    "OCOR": (0.40, 0.36, 0.20, 0.20),
    "OCF3": (0.60, 0.38, 0.35, 0.27),
    "O-": (0.0, 0.0, -0.5, -0.3),
    "oxo": (0.30, 0.30, 0.20, 0.20),
    "NO2": (1.30, 0.71, 0.78, 1.27),
    "NR2": (-0.15, -0.10, -0.66, -0.15),
    "NAr": (-0.10, -0.05, -0.58, -0.12),
    "NHCO": (0.25, 0.21, 0.0, -0.05),
    "N+": (0.80, 0.88, 0.82, 0.82),
    "N=": (0.40, 0.32, 0.39, 0.60),
    "azolyl": (0.50, 0.35, 0.25, 0.30),
    "CF3": (0.65, 0.43, 0.54, 0.65),
    "CN": (1.20, 0.56, 0.66, 1.00),
    "CHO": (0.75, 0.36, 0.45, 0.95),
    "CO2H": (0.45, 0.37, 0.45, 0.75),
    "CON": (0.40, 0.28, 0.36, 0.61),
    "C=": (0.10, 0.06, 0.0, 0.13),
    "aryl": (0.15, 0.06, 0.0, 0.08),
    "N-alkyl": (0.0, 0.0, 0.0, 0.0),
    "N-aryl": (0.20, 0.17, 0.15, 0.15),
    "C#": (0.35, 0.21, 0.23, 0.53),
    "CH2X": (0.05, 0.07, 0.03, 0.03),
    "alkyl": (-0.12, -0.07, -0.16, -0.14),
    "SR": (0.35, 0.15, 0.0, 0.05),
    "SOR": (0.70, 0.52, 0.49, 0.73),
    "SO2": (1.00, 0.60, 0.72, 1.05),
    "P": (0.70, 0.42, 0.53, 0.84),
    "Si": (0.0, -0.04, -0.07, 0.0),
    "aza": (0.55, 0.62, 0.78, 0.95),
    "NH in the ring": (-0.10, -0.10, -0.20, -0.05),
    "O or S in the ring": (0.25, 0.15, 0.05, 0.05),
}

# What is bound to a nitrogen of the ring, pyrrole's kind, does less or more than on carbon.
ON_NITROGEN = {"alkyl": "N-alkyl", "CH2X": "N-alkyl", "aryl": "N-aryl"}

# By how much pKa falls for an atom three bonds away (the fluorine of 2-fluoroethylamine); `DECAY` is what is left
# of it by number of bonds.
INDUCTION = {
    "F": 1.7,
    "Cl": 1.5,
    "Br": 1.4,
    "I": 1.2,
    "O": 1.1,
    "=O": 1.8,
    "N": 1.0,
    "N=": 1.3,
    "#N": 3.6,
    "S": 0.9,
    "SO": 1.2,
    "C=": 0.25,
    "C#": 0.8,
    "P": 1.0,
}
DECAY = (0.0, 0.0, 2.0, 1.0, 0.45, 0.2, 0.08, 0.04)
REACH = len(DECAY) - 1
OTHER_RING = 4


def substituent(atom: Chem.Atom, ring_atom: int) -> str:
    """The class in `SIGMA` of a substituent whose atom `atom` is bound to an aromatic atom."""
    symbol, mol = atom.GetSymbol(), atom.GetOwningMol()
    if symbol in ("F", "Cl", "Br", "I"):
        return symbol
    others = [x for x in atom.GetNeighbors() if x.GetIdx() != ring_atom]
    double = any(b.GetBondType() == Chem.BondType.DOUBLE and b.GetOtherAtom(atom).GetSymbol() in "OSN" for b in atom.GetBonds())
    if symbol == "O":
        if not others:
            return "O-" if atom.GetFormalCharge() < 0 else "OH" if atom.GetTotalNumHs() else "oxo"
        other = others[0]
        if other.GetIsAromatic():
            return "OAr"
        if _bound(other, "O", mol) and other.GetSymbol() != "C":
            return "OCOR"
        if any(b.GetBondType() == Chem.BondType.DOUBLE for b in other.GetBonds()):
            return "OCOR"
        return "OCF3" if sum(x.GetSymbol() == "F" for x in other.GetNeighbors()) > 1 else "OR"
    if symbol == "N":
        if atom.GetFormalCharge() > 0:
            return "NO2" if len(others) == 2 and all(x.GetSymbol() == "O" for x in others) else "N+"
        if atom.GetIsAromatic():
            return "azolyl"
        if any(b.GetBondType() == Chem.BondType.DOUBLE for b in atom.GetBonds()):
            return "N="
        acyl = any(_bound(x, "O", mol) or _bound(x, "S", mol) for x in others if x.GetSymbol() in "CSP")
        return "NHCO" if acyl else "NAr" if any(x.GetIsAromatic() for x in others) else "NR2"
    if symbol == "C":
        if atom.GetIsAromatic():
            return "aryl"
        kinds = sorted(x.GetSymbol() for x in others)
        if kinds.count("F") >= 2:
            return "CF3"
        if any(b.GetBondType() == Chem.BondType.TRIPLE for b in atom.GetBonds()):
            return "CN" if kinds == ["N"] else "C#"
        if double:
            single = [x for x in others if mol.GetBondBetweenAtoms(atom.GetIdx(), x.GetIdx()).GetBondTypeAsDouble() == 1]
            symbols = {x.GetSymbol() for x in single}
            return "CON" if "N" in symbols else "CO2H" if "O" in symbols else "CHO"
        if atom.GetHybridization() == Chem.HybridizationType.SP2:
            return "C="
        return "CH2X" if any(kind in ("O", "N", "S", "F", "Cl", "Br") for kind in kinds) else "alkyl"
    if symbol == "S":
        oxygens = sum(b.GetBondType() == Chem.BondType.DOUBLE for b in atom.GetBonds())
        return ("oxo" if oxygens and not others else "SR", "SOR", "SO2")[min(oxygens, 2)] if others else "SR"
    return symbol if symbol in ("P", "Si") else "alkyl"


def _bound(atom: Chem.Atom, symbol: str, mol: Chem.Mol) -> bool:
    return any(
        x.GetSymbol() == symbol and mol.GetBondBetweenAtoms(atom.GetIdx(), x.GetIdx()).GetBondType() == Chem.BondType.DOUBLE
        for x in atom.GetNeighbors()
    )


def ring_substituents(mol: Chem.Mol, start: int, core: frozenset[int]) -> list[tuple[int, str]]:
    """Substituents and hetero atoms of the aromatic system of atom `start`: class, and place from 1 (ortho) to 3 (para).

    Those of other rings of the system are at `OTHER_RING`.

    Parameters
    ----------
    core
        Atoms that belong to the group itself and are no substituents.
    """
    found: list[tuple[int, str]] = []
    near = {j for ring in mol.GetRingInfo().AtomRings() if start in ring for j in ring}
    distance = {start: 0}
    queue = deque([start])
    while queue:
        index = queue.popleft()
        atom, d = mol.GetAtomWithIdx(index), distance[index]
        place = d if index in near else OTHER_RING
        for bond in atom.GetBonds():
            other = bond.GetOtherAtom(atom)
            j = other.GetIdx()
            if bond.GetIsAromatic():
                if j not in distance and d < 5:
                    distance[j] = d + 1
                    queue.append(j)
                    if j not in core and other.GetSymbol() != "C":
                        found.append((d + 1 if j in near else OTHER_RING, _in_ring(other)))
            elif j not in core and d:
                name = substituent(other, index)
                if atom.GetSymbol() == "N" and name in ON_NITROGEN:
                    name = ON_NITROGEN[name]
                found.append((place, name))
    return found


def _in_ring(atom: Chem.Atom) -> str:
    if atom.GetSymbol() != "N":
        return "O or S in the ring"
    return "aza" if atom.GetDegree() == 2 and not atom.GetTotalNumHs() else "NH in the ring"


def induction_class(atom: Chem.Atom) -> str | None:
    """The class in `INDUCTION` of an atom; None for saturated carbon and what isn't known."""
    symbol = atom.GetSymbol()
    if symbol in ("F", "Cl", "Br", "I", "P"):
        return symbol
    hybridization = atom.GetHybridization()
    if symbol == "O":
        double = any(b.GetBondType() == Chem.BondType.DOUBLE for b in atom.GetBonds()) or atom.GetFormalCharge() < 0
        return "=O" if double else "O"
    if symbol == "N":
        if hybridization == Chem.HybridizationType.SP:
            return "#N"
        return "N=" if any(b.GetBondType() == Chem.BondType.DOUBLE for b in atom.GetBonds()) or atom.GetIsAromatic() else "N"
    if symbol == "S":
        return "SO" if any(b.GetBondType() == Chem.BondType.DOUBLE for b in atom.GetBonds()) else "S"
    if symbol == "C":
        return {Chem.HybridizationType.SP2: "C=", Chem.HybridizationType.SP: "C#"}.get(hybridization)
    return None
