"""Write the molecules that goals are shown over on the page: some of ZINC250k, and some approved drugs.

MOLGEN_DATA=FOLDER python scripts/make_reference_sets.py     seconds, into molgen/app/reference_sets.csv.gz
"""

import gzip

import numpy as np

from molgen.app.reference_sets import FILE, SETS
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group

SIZES = (8, 70)  # heavy atoms: neither gases and salts nor proteins
PICKED = 500  # of each set, at random


def main() -> None:
    """Write them."""
    lines = ["set,smiles"]
    for number, name in enumerate(SETS):
        rng = np.random.default_rng(number)
        given = compose_group("data", name).smiles()
        some = [given[i] for i in rng.permutation(len(given))[: 4 * PICKED]]
        molecules = Molecules(some, STANDARD)
        fit = [
            text
            for text, mol in zip(molecules.canonical, molecules.mols, strict=True)
            if text
            and mol is not None
            and SIZES[0] <= mol.GetNumHeavyAtoms() <= SIZES[1]
            and any(a.GetAtomicNum() == 6 for a in mol.GetAtoms())
        ]
        lines += [f"{name},{text}" for text in list(dict.fromkeys(fit))[:PICKED]]
    FILE.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", mtime=0))
    print(f"{FILE}: {len(lines) - 1:,} molecules, {FILE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
