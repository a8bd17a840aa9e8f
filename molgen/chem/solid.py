"""A ligand in three dimensions, from a file."""

import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import AllChem, rdDetermineBonds

from molgen.errors import ConfigError, DataError

FORMATS = (".sdf", ".sd", ".mol", ".mol2", ".pdb", ".ent")
CHARGES = (0, 1, -1, 2, -2)  # tried if a file states none


def read_places(path: str) -> NDArray[np.float64]:
    """Positions of the atoms of the first molecule in a file, Å [n, 3].

    Raises
    ------
    ConfigError, DataError
        It isn't such a file, or holds no molecule in three dimensions.
    """
    return _read(path).GetConformer().GetPositions()


def read_elements(path: str) -> list[str]:
    """Elements of the atoms whose positions `read_places` gives."""
    return [atom.GetSymbol() for atom in _read(path).GetAtoms()]


def read_solid(path: str, template: str | None = None) -> Chem.Mol:
    """The first molecule in a file, with hydrogens and bond orders.

    A PDB file has no bond orders: they come from `template`, the ligand's SMILES, or from hydrogens and distances.

    Raises
    ------
    ConfigError
        `template` isn't the molecule in the file.
    DataError
        It isn't such a file, holds no molecule in three dimensions, or leaves bond orders open.
    """
    mol = _read(path)
    if template is not None:
        mol = _by_template(mol, template, path)
    elif _kind(path) in (".pdb", ".ent"):
        mol = _by_distances(mol, path)
    elif _kind(path) == ".mol2" and not any(atom.GetAtomicNum() == 1 for atom in mol.GetAtoms()):
        raise DataError(f"{path}: no hydrogens, and a .mol2 without them leaves charges open; add them, or give template=SMILES")
    try:
        mol = _plain(mol)
        Chem.SanitizeMol(mol)
    except ValueError as error:
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from error
    Chem.AssignStereochemistryFrom3D(mol)
    return Chem.AddHs(Chem.RemoveHs(mol), addCoords=True)


def _kind(path: str) -> str:
    return Path(path.lower().removesuffix(".gz")).suffix


def _read(path: str) -> Chem.Mol:
    """The first molecule in a file as it stands, not sanitised."""
    file = Path(path).expanduser()
    if _kind(path) not in FORMATS:
        raise ConfigError(f"ligand {path}: a {', '.join(FORMATS)} file")
    if not file.is_file():
        raise DataError(f"{path}: no such file")
    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8", errors="replace")
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: can't be read ({error})") from error
    if _kind(path) == ".mol2":
        mol = Chem.MolFromMol2Block(text, sanitize=False, removeHs=False)
    elif _kind(path) in (".pdb", ".ent"):
        mol = Chem.MolFromPDBBlock(text, sanitize=False, removeHs=False)
    else:
        mol = Chem.MolFromMolBlock(text.split("$$$$")[0], sanitize=False, removeHs=False)
    if mol is None or not mol.GetNumAtoms() or not mol.GetNumConformers():
        raise DataError(f"{path}: no molecule with coordinates in it")
    if mol.GetNumAtoms() > 1 and np.ptp(mol.GetConformer().GetPositions()[:, 2]) == 0:
        raise DataError(f"{path}: a flat drawing, not a molecule in three dimensions")
    return mol


def _plain(mol: Chem.Mol) -> Chem.Mol:
    """`mol` without the query features that some programs write into a ligand's record.

    Raises
    ------
    ValueError
        An atom may be several elements.
    """
    plain = Chem.RWMol(mol)
    for atom in mol.GetAtoms():
        if atom.HasQuery():
            if atom.GetAtomicNum() == 0 or "AtomOr" in atom.DescribeQuery():
                raise ValueError(f"atom {atom.GetIdx() + 1} isn't one element; a ligand without query features is wanted")
            other = Chem.Atom(atom.GetAtomicNum())
            other.SetFormalCharge(atom.GetFormalCharge())
            other.SetIsotope(atom.GetIsotope())
            other.SetIsAromatic(any(bond.GetIsAromatic() for bond in atom.GetBonds()))
            plain.ReplaceAtom(atom.GetIdx(), other)
    for bond in mol.GetBonds():
        if bond.HasQuery():
            if bond.GetBondType() not in (
                Chem.BondType.SINGLE,
                Chem.BondType.DOUBLE,
                Chem.BondType.TRIPLE,
                Chem.BondType.AROMATIC,
            ):
                raise ValueError(f"bond {bond.GetIdx() + 1} may be of several orders; a ligand without query features is wanted")
            ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
            plain.RemoveBond(*ends)
            plain.AddBond(*ends, bond.GetBondType())
            plain.GetBondBetweenAtoms(*ends).SetIsAromatic(bond.GetIsAromatic())
    return plain.GetMol()


def _by_template(mol: Chem.Mol, template: str, path: str) -> Chem.Mol:
    known = Chem.MolFromSmiles(template)
    if known is None:
        raise ConfigError(f"template={template}: not a SMILES")
    heavy = Chem.RemoveHs(mol, sanitize=False)
    for atom in heavy.GetAtoms():
        atom.SetNoImplicit(False)
        atom.SetNumExplicitHs(0)
    if known.GetNumAtoms() != heavy.GetNumAtoms():
        counts = f"{known.GetNumAtoms()} heavy atoms, {path} has {heavy.GetNumAtoms()}"
        raise DataError(f"template={template}: another molecule: {counts}")
    try:
        return AllChem.AssignBondOrdersFromTemplate(known, heavy)
    except ValueError as error:
        raise DataError(f"template={template}: another molecule than in {path}: its atoms are bonded otherwise") from error


def _by_distances(mol: Chem.Mol, path: str) -> Chem.Mol:
    """`mol` with the bond orders implied by its hydrogens and distances."""
    if any(atom.GetAtomicNum() == 1 for atom in mol.GetAtoms()):
        for charge in CHARGES:
            found = Chem.RWMol(mol)
            for bond in mol.GetBonds():
                found.RemoveBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
            try:
                rdDetermineBonds.DetermineBonds(found, charge=charge)
            except ValueError:
                continue
            if not any(atom.GetNumRadicalElectrons() for atom in found.GetAtoms()):
                return found.GetMol()
    raise DataError(f"{path}: bond orders aren't known from a PDB file without hydrogens; give template=SMILES, or a .sdf file")
