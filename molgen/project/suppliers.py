"""What of a batch can be bought."""

from collections.abc import Sequence
from pathlib import Path

from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from molgen.chem.inventory import Inventory
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.readers import read_chunks
from molgen.screening.charts import naming_column

ROWS = 5000  # of a stock that are held at a time


def catalogue_entries(mols: Sequence[Chem.Mol], path: Path | str, column: str | None = None) -> list[str | None]:
    """Where each molecule [n] stands in a supplier's file: its name there, or its row; None where it isn't in it.

    Stock is compared as in `Inventory`: a salt provides its parent, a racemate no enantiomer.
    """
    found: list[str | None] = [None] * len(mols)
    wanted = {CalcMolFormula(mol) for mol in mols}
    row = 0
    for table in read_chunks(path, column, ROWS):
        naming = naming_column(name for name in table.columns if name != table.structure)
        for i, mol in enumerate(Molecules(table.smiles, STANDARD).mols):
            row += 1
            if mol is None or CalcMolFormula(mol) not in wanted:
                continue
            entry = Inventory([table.smiles[i]])
            name = "" if naming is None else str(table.columns[naming].iloc[i]).strip()
            for k, each in enumerate(mols):
                if found[k] is None and entry.provides(each):
                    found[k] = name or f"row {row}"
    return found
