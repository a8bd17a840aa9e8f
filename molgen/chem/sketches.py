"""Molecules as what an editor of structures shows, V3000 molfiles, and back: stereo groups, isotopes and radicals stay."""

import re

from rdkit import Chem, rdBase
from rdkit.Chem import rdCoordGen, rdDepictor

from molgen.chem.molecules import parse
from molgen.chem.standardize import canonical
from molgen.errors import DataError

ATOMS, LARGEST = 999, 400_000  # of a drawing at most, and characters of a molfile
UNKNOWN = re.compile(r"^(M  V30 \d+) \? ", re.MULTILINE)  # how OpenChemLib writes an atom that may be any

FORBIDDEN = re.compile(
    r'^(M  V30 \d+) "NOT \[([^]]+)]" ', re.MULTILINE
)  # elements, as RDKit writes and OpenChemLib doesn't read them


def sketch_of(smiles: str) -> str:
    """A molecule drawn, as V3000 molfile.

    Raises
    ------
    DataError
        It is no molecule.
    """
    with rdBase.BlockLogs():
        mol, problem = parse(smiles)
    if mol is None:
        raise DataError(str(problem))
    molfile = laid_out(mol)
    if _holds(molfile, mol):
        return molfile
    other = laid_out(mol, with_coordgen=True)  # which draws bridged rings so that their wedges can be read
    return other if _holds(other, mol) else molfile


def smiles_of_sketch(molfile: str) -> str:
    """Canonical SMILES of what is drawn; CXSMILES where it has groups of stereocentres; empty where nothing is.

    Raises
    ------
    DataError
        It can't be read, or is no molecule.
    """
    drawn = read_sketch(molfile)
    if any(_is_open(atom) for atom in drawn.GetAtoms()) or any(bond.HasQuery() for bond in drawn.GetBonds()):
        raise DataError("an atom or a bond of the drawing may be one of several; a molecule has one of each")
    check_chemistry(drawn, whole=True)
    with rdBase.BlockLogs():
        return canonical(Chem.MolFromMolBlock(_plain(molfile)))


def laid_out(mol: Chem.Mol, *, kekulize: bool = True, with_coordgen: bool = False) -> str:
    """A V3000 molfile of a molecule or a query, with coordinates of its own."""
    own = Chem.Mol(mol)
    if with_coordgen:
        rdCoordGen.AddCoords(own)
    else:
        rdDepictor.Compute2DCoords(own)
    with rdBase.BlockLogs():
        return FORBIDDEN.sub(r"\1 NOT[\2] ", Chem.MolToV3KMolBlock(own, kekulize=kekulize))


def read_sketch(molfile: str) -> Chem.RWMol:
    """What is drawn, not sanitized.

    Raises
    ------
    DataError
        It can't be read, or is too large.
    """
    if len(molfile) > LARGEST:
        raise DataError(f"more than {ATOMS} atoms are drawn")
    with rdBase.BlockLogs():
        drawn = Chem.MolFromMolBlock(_plain(molfile), sanitize=False, removeHs=False)
    if drawn is None:
        raise DataError("the drawing can't be read")
    if drawn.GetNumAtoms() > ATOMS:
        raise DataError(f"more than {ATOMS} atoms are drawn")
    return Chem.RWMol(drawn)


def check_chemistry(drawn: Chem.Mol, *, whole: bool) -> None:
    """Refuse what can't be; a part of a molecule needn't be `whole`.

    Raises
    ------
    DataError
        An atom has too many bonds, or an aromatic ring has no double bonds.
    """
    with rdBase.BlockLogs():
        problems = Chem.DetectChemistryProblems(drawn)
    for problem in problems:
        if problem.GetType() == "AtomValenceException":
            symbol = drawn.GetAtomWithIdx(problem.GetAtomIdx()).GetSymbol()
            raise DataError(f"an atom ({symbol}) has more bonds than it can have")
        if whole:
            raise DataError("single and double bonds don't alternate in an aromatic ring as they should")


def _holds(molfile: str, mol: Chem.Mol) -> bool:
    """Whether a drawing is of this molecule."""
    try:
        return smiles_of_sketch(molfile) == canonical(mol)
    except DataError:
        return False


def _plain(molfile: str) -> str:
    return UNKNOWN.sub(r"\1 * ", molfile)


def _is_open(atom: Chem.Atom) -> bool:
    """Whether an atom may be of several elements: a dummy stands for what is left out, and is none of these."""
    return bool(atom.HasQuery()) and not atom.DescribeQuery().startswith("AtomNull")
