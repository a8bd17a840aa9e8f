"""What is typed on the page that predicts: a molecule, and the protein that it is to bind."""

from molgen.app.drawings import LONGEST
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.errors import DataError
from molgen.predictors.affinity import AffinityPredictor
from molgen.predictors.attribution import check_size
from molgen.predictors.base import Predictor

LONGEST_TARGET = 10_000  # amino acids
OF_FILES = (".fasta", ".fa", ".faa")


def checked_molecule(smiles: str) -> Molecules:
    """One molecule in standard form.

    Raises
    ------
    DataError
        It is none, or too large.
    """
    text = smiles.strip()
    if not text:
        raise DataError("write a SMILES, such as CCO")
    if len(text) > LONGEST:
        raise DataError(f"a SMILES of more than {LONGEST:,} characters is not predicted while it is typed")
    molecules = Molecules([text], STANDARD)
    if molecules.mols[0] is None:
        raise DataError(str(molecules.problem[0]))
    check_size(molecules.mols[0])
    return molecules


def checked_target(target: str, predictor: Predictor | None) -> str | None:
    """A protein by name or sequence, for predictors of affinity; None for others. A page reads no file of the server's.

    Raises
    ------
    DataError
        It is missing, names a file, or is too long.
    """
    text = target.strip()
    if not isinstance(predictor, AffinityPredictor):
        return None
    if not text:
        raise DataError("write a target: its name, such as ABL1, or its sequence")
    if text.lower().endswith(OF_FILES) or "\0" in text or len(text) > LONGEST_TARGET:
        raise DataError("write the target's name or its sequence itself, of 10,000 letters at most; files aren't read here")
    return text
