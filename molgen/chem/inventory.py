"""Compounds in stock, and the molecules that they provide."""

import functools
from collections import defaultdict
from collections.abc import Sequence

from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD, identity

AT_ONCE = 1000  # molecules held while a stock is read


class Inventory:
    """A stock of compounds in standard form, whatever their drawing or the salt they are sold as.

    A compound provides a molecule if the two are the same, or if the molecule leaves open stereochemistry that the compound has:
    any isomer will do for an unspecified centre. A racemate (`&1`), an unknown enantiomer (`or1`), or a compound with an
    unspecified centre provides no single stereoisomer, since it would have to be separated.

    Parameters
    ----------
    smiles
        As a supplier writes them; invalid ones, and those that the standardisation refuses, are left out.
    """

    def __init__(self, smiles: Sequence[str]) -> None:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for start in range(0, len(smiles), AT_ONCE):
            molecules = Molecules(smiles[start : start + AT_ONCE], STANDARD)
            for mol, text in zip(molecules.mols, molecules.canonical, strict=True):
                if text is not None:
                    found[CalcMolFormula(mol)].add(text)
        self._by_formula = {formula: tuple(sorted(texts)) for formula, texts in found.items()}
        self._isomers = functools.cache(self._read)

    def __len__(self) -> int:
        return sum(map(len, self._by_formula.values()))

    def provides(self, mol: Chem.Mol) -> bool:
        """Whether `mol` is in stock; False if the standardisation refuses it."""
        try:
            wanted = STANDARD(mol).mol
        except ValueError:
            return False
        same, alike = self._isomers(CalcMolFormula(wanted))
        if not same or identity(wanted) in same:
            return bool(same)
        if wanted.GetStereoGroups():
            return False
        return any(has.HasSubstructMatch(wanted, useChirality=True) for has in alike.get(identity(_flat(wanted)), ()))

    def _read(self, formula: str) -> tuple[frozenset[str], dict[str, list[Chem.Mol]]]:
        """Identities of the compounds with a formula; and by identity without stereo, the certain part of their stereo."""
        mols = [Chem.MolFromSmiles(text) for text in self._by_formula.get(formula, ())]
        alike: dict[str, list[Chem.Mol]] = {}
        for mol in mols:
            alike.setdefault(identity(_flat(mol)), []).append(certain(mol))
        return frozenset(map(identity, mols)), alike


def _flat(mol: Chem.Mol) -> Chem.Mol:
    flat = Chem.Mol(mol)
    Chem.RemoveStereochemistry(flat)
    return flat


def certain(mol: Chem.Mol) -> Chem.Mol:
    """`mol` without the centres that are known only relative to others: a racemate has none."""
    known = Chem.RWMol(mol)
    for group in mol.GetStereoGroups():
        if group.GetGroupType() != Chem.StereoGroupType.STEREO_ABSOLUTE:
            for atom in group.GetAtoms():
                known.GetAtomWithIdx(atom.GetIdx()).SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
    known.SetStereoGroups([])
    return known.GetMol()
