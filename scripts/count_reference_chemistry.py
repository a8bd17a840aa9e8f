"""Count the reference chemistry of `search.acquisition.rarity_weight`: environments of atoms, and rings, of ZINC250k.

python scripts/count_reference_chemistry.py     a minute, into molgen/weights/reference_chemistry.safetensors
"""

from collections import Counter

import torch

from molgen.config import compose_group
from molgen.learn.checkpoint import save_tensors
from molgen.search.bayesian.plausibility import SHIPPED, count

TIMES = 5  # molecules that must have it


def main() -> None:
    """Write the table."""
    smiles = compose_group("data", "zinc250k").smiles()
    environments, rings = count(smiles)
    tables = {"environments": _kept(environments), "rings": _kept(rings)}
    card = {
        "counted_in": f"ZINC250k, {len(smiles)} molecules",
        "at_least": TIMES,
        "command": "python scripts/count_reference_chemistry.py",
    }
    card |= {name: len(table) for name, table in tables.items()}
    save_tensors(SHIPPED, tables, card)
    print(card)


def _kept(counts: Counter[int]) -> torch.Tensor:
    return torch.tensor(sorted(key for key, times in counts.items() if times >= TIMES))


if __name__ == "__main__":
    main()
