"""Compounds that can be bought."""

from molgen.config import compose_group, options
from molgen.data.readers import read_smiles
from molgen.synthesis.stock import SHIPPED, SHIPPED_FILE


def stock(path: str, column: str | None = None) -> list[str]:
    """SMILES in a file, in a public set or in `common_blocks`; `column` names their column if it can't be guessed."""
    if path == SHIPPED:
        return read_smiles(str(SHIPPED_FILE), column)
    smiles: list[str] = compose_group("data", path).smiles() if path in options("data") else read_smiles(path, column)
    return smiles
