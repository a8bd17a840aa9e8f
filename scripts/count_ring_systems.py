"""Count the ring systems of ZINC250k for `search.constraints.ring_frequency`.

python scripts/count_ring_systems.py     ten minutes, into molgen/weights/ring_systems.csv
"""

from collections import Counter
from pathlib import Path

import pandas as pd

from molgen.chem.molecules import Molecules
from molgen.chem.rings import COUNTED, ring_systems
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group

CHUNK = 10_000


def main() -> None:
    """Write the table, the commonest first."""
    counts: Counter[str] = Counter()
    smiles = compose_group("data", "zinc250k").smiles()
    for first in range(0, len(smiles), CHUNK):
        mols = Molecules(smiles[first : first + CHUNK], STANDARD).mols
        counts.update(system for mol in mols if mol is not None for system in set(ring_systems(mol)))
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    pd.DataFrame(rows, columns=["ring_system", "molecules"]).to_csv(Path(str(COUNTED)), index=False, lineterminator="\n")
    print(f"{len(smiles)} molecules, {len(counts)} ring systems")


if __name__ == "__main__":
    main()
