"""Sizes of molecules, by which most that differ are told apart at a glance."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcNumHeteroatoms

HEAVY = b"BCNOFPSIbcnops"  # letters that begin an atom outside brackets
BITS = 20  # per number
CARBON = 6


def size_of(mol: Chem.Mol) -> int:
    """Heavy atoms, bonds and heteroatoms of a molecule, as one number; it needn't be sanitized."""
    return int(_packed(mol.GetNumAtoms(), mol.GetNumBonds(), CalcNumHeteroatoms(mol)))


def size_of_part(mol: Chem.Mol) -> int:
    """`size_of` what a pattern's molecule has beside its mapped atoms, and between them."""
    others = [atom.GetAtomicNum() for atom in mol.GetAtoms() if not atom.GetAtomMapNum()]
    return int(_packed(len(others), mol.GetNumBonds(), sum(element != CARBON for element in others)))


def sizes_of(smiles: Iterable[str]) -> NDArray[np.int64]:
    """`size_of` of many molecules in one piece each [n], counted in their canonical SMILES."""
    lines = np.frombuffer(("\n".join(smiles) + "\n").encode(), np.uint8)
    following = np.append(lines[1:], np.uint8(0))
    opens, closes = lines == ord("["), lines == ord("]")
    outside = np.cumsum(opens) == np.cumsum(closes)
    atoms = opens | (outside & np.isin(lines, list(HEAVY)))
    symbol = np.where(opens, following, lines)
    after = np.where(opens, np.append(following[1:], np.uint8(0)), following)
    carbons = atoms & np.isin(symbol, list(b"Cc")) & ~((after >= ord("a")) & (after <= ord("z")) & (opens | (after == ord("l"))))
    digits = outside & (lines >= ord("0")) & (lines <= ord("9"))
    rings = digits.astype(int) - (outside & (lines == ord("%")))  # %12 is one ring
    ends = np.flatnonzero(lines == ord("\n"))
    starts = np.append(0, ends[:-1] + 1)
    if not len(ends) or ends[0] == 0:
        return np.zeros(0, np.int64)
    number, of_carbon, of_rings = (np.add.reduceat(each.astype(np.int64), starts) for each in (atoms, carbons, rings))
    return _packed(number, number - 1 + of_rings // 2, number - of_carbon)  # type: ignore[no-any-return]


def _packed(atoms: Any, bonds: Any, heteroatoms: Any) -> Any:
    return (atoms << 2 * BITS) + (bonds << BITS) + heteroatoms
