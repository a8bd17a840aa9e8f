"""When two structures are one compound, and when one of them is a salt or a stereo twin of the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD, canonical, identity


@dataclass(frozen=True)
class StandardParent:
    """A compound, whatever its drawing, salt or charge.

    Attributes
    ----------
    smiles
        Of its standard parent: salts of one base are one compound.
    key
        What all drawings of it share, see `molgen.chem.standardize.identity`; stereoisomers have different ones.
    twins
        What it shares with its stereoisomers and with a drawing without stereochemistry.
    """

    smiles: str
    key: str
    twins: str

    @classmethod
    def of(cls, mol: Chem.Mol) -> "StandardParent":
        """From a molecule in its standard form."""
        return cls(canonical(mol), identity(mol), twin_key(mol))


def compounds(smiles: Sequence[str]) -> list[StandardParent | str]:
    """The compounds [n] that SMILES [n] mean; why a SMILES means none, in the place of one."""
    known: dict[str, StandardParent | str] = {}
    asked = list(dict.fromkeys(smiles))
    molecules = Molecules(asked, STANDARD)
    for text, mol, problem in zip(asked, molecules.mols, molecules.problem, strict=True):
        known[text] = StandardParent.of(mol) if mol is not None and mol.GetNumAtoms() else problem or "no atoms"
    return [known[text] for text in smiles]


def twin_key(mol: Chem.Mol) -> str:
    """An InChIKey without stereochemistry, tautomers that differ by a mobile hydrogen sharing it."""
    flat = Chem.Mol(mol)
    Chem.RemoveStereochemistry(flat)
    smiles = Chem.MolToSmiles(flat)
    return Chem.MolToInchiKey(Chem.MolFromSmiles(smiles)) or smiles


class Taken:
    """Compounds that aren't to be proposed, nor their salts and stereo twins.

    Parameters
    ----------
    known
        Their keys (`StandardParent.twins`) and SMILES.
    """

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        pairs = list(known)
        self.keys = {key for key, _ in pairs}
        self.formulas = {_formula(Chem.MolFromSmiles(smiles)) for _, smiles in pairs}

    def __call__(self, smiles: Sequence[str] | Molecules) -> NDArray[np.bool_]:
        """Whether each of n molecules is one of them, bool [n]; False for an invalid one.

        Keys are made only of those whose formula occurs, so that a library of any size takes little time.
        """
        molecules = (smiles if isinstance(smiles, Molecules) else Molecules(smiles)).standardized(STANDARD)
        if molecules.standardizer != STANDARD:  # another form, such as that of an objective on molecules as they are drawn
            molecules = Molecules(molecules.smiles, STANDARD)
        return np.array(
            [mol is not None and _formula(mol) in self.formulas and twin_key(mol) in self.keys for mol in molecules.mols], bool
        )


def _formula(mol: Chem.Mol) -> str:
    return str(CalcMolFormula(mol, separateIsotopes=True))
