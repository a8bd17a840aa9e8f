"""Compounds that can be bought."""

from molgen.config import compose_group, options
from molgen.data.readers import read_smiles


def stock(path: str, column: str | None = None) -> list[str]:
    """SMILES in a file or public set; `column` names their column if it can't be guessed."""
    smiles: list[str] = compose_group("data", path).smiles() if path in options("data") else read_smiles(path, column)
    return smiles
