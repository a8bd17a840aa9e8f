"""Write the library of the shipped prior, which ships as well: after the prior was trained anew.

python scripts/make_library.py     half a minute on one core, into molgen/weights/library.smi.gz
"""

from molgen.config import compose_group
from molgen.generators.shipped import load_generator
from molgen.search.bayesian.library import SEED, SHIPPED, library_key, write_library, written_by


def main() -> None:
    """Write it."""
    prior, size = load_generator("prior"), compose_group("search", "surrogate", ["+seed=0"]).pool.size
    smiles = written_by(prior, size, SEED)
    write_library(SHIPPED, library_key(prior, size), smiles)
    print(f"{SHIPPED}: {len(smiles):,} molecules, {SHIPPED.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
