"""What can be bought."""

from molgen.config import compose_group, options
from molgen.data.readers import read_smiles


def stock(path: str, column: str | None = None) -> list[str]:
    """SMILES in a file, in its column `column` if not in one called smiles, or in the public set of this name."""
    smiles: list[str] = compose_group("data", path).smiles() if path in options("data") else read_smiles(path, column)
    return smiles
