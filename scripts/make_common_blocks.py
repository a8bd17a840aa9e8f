"""Choose the building blocks that ship: simple compounds that are sold, and that a reaction of molgen's takes.

python scripts/make_common_blocks.py     a minute with an index of sigma_stock, into molgen/synthesis/common_blocks.csv.gz
"""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import rdkit
from rdkit import Chem
from rdkit.Chem import Descriptors

from molgen.files import write_atomically
from molgen.synthesis.catalogue import read_catalogue
from molgen.synthesis.index import read_index
from molgen.synthesis.reaction_files import own_reactions
from molgen.synthesis.stock import SHIPPED_FILE, stock_file, stock_rows

SOLD, ON_DEMAND = "sigma_stock", "real_blocks"
LARGEST = 20  # heavy atoms
NUMBER = 8000
ELEMENTS = {"B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I", "Sn", "Zn", "Mg"}
CARD = SHIPPED_FILE.with_name("common_blocks.json")


@dataclass(frozen=True)
class Candidate:
    """A block that may ship; those that are listed in both sets come first, then the smallest."""

    smiles: str
    id: str
    listed_once: bool
    heavy_atoms: int


def main() -> None:
    """Write the blocks and their card."""
    index = read_index(SOLD, own_reactions())
    fit = np.unique(np.concatenate([index.fitting(role) for reaction in own_reactions() for role in reaction.roles]))
    demand = read_catalogue(ON_DEMAND, 1)
    reagents = dict(zip(demand.smiles, demand.ids, strict=True))
    lines = _lines()
    candidates = []
    for row in fit.tolist():
        smiles = index.catalogue.smiles[row]
        mol = Chem.MolFromSmiles(smiles)
        if Descriptors.NumRadicalElectrons(mol) or any(atom.GetSymbol() not in ELEMENTS for atom in mol.GetAtoms()):
            continue
        named = f"REAL-{reagents[smiles]}" if smiles in reagents else f"{SOLD}:{lines[smiles]}"
        candidates.append(Candidate(smiles, named, smiles not in reagents, mol.GetNumHeavyAtoms()))
    small = [each for each in candidates if each.heavy_atoms <= LARGEST]
    chosen = sorted(small, key=lambda each: (each.listed_once, each.heavy_atoms, each.smiles))[:NUMBER]
    chosen.sort(key=lambda each: (each.heavy_atoms, each.smiles))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("smiles", "id"))
    writer.writerows((each.smiles, each.id) for each in chosen)
    write_atomically(SHIPPED_FILE, gzip.compress(text.getvalue().encode(), mtime=0))
    _describe(chosen, len(index), len(candidates))


def _lines() -> dict[str, int]:
    """Where in the list of compounds sold each first stands, counted from 1, by its SMILES in standard form."""
    found: dict[str, int] = {}
    begin = 1
    for piece in stock_rows(*stock_file(SOLD)):
        for row, mol in piece.standard()[0]:
            found.setdefault(Chem.MolToSmiles(mol), begin + row)
        begin += len(piece.smiles)
    return found


def _describe(chosen: list[Candidate], listed: int, fit: int) -> None:
    both = sum(not each.listed_once for each in chosen)
    card = {
        "what": "simple building blocks that are sold: structures, and where they are listed; no prices",
        "sources": {
            SOLD: "schwallergroup/saturn at 4a3e10b, tests/oracles/syntheseus/askcos-sigma-aldrich.smi: the compounds of "
            "Sigma-Aldrich's catalogue that ASKCOS takes as bought",
            ON_DEMAND: "swansonk14/SyntheMol at 6030233, synthemol/resources/real/building_blocks.csv: "
            "blocks of a make-on-demand space",
        },
        "licence": f"that a compound is sold is a fact; {ON_DEMAND} is from an MIT repository",
        "ids": f"REAL-N: reagent_id N of {ON_DEMAND}; {SOLD}:N: record N of {SOLD}, which has no identifiers",
        "chosen": f"in standard form, no radical, at most {LARGEST} heavy atoms, fits a reactant of one of molgen's reactions; "
        f"those in both sets, then the smallest of {SOLD}",
        "date": datetime.now(UTC).date().isoformat(),
        "rdkit": rdkit.__version__,
        "reactions": len(own_reactions()),
        f"{SOLD}, in standard form": listed,
        "of these fit a reaction": fit,
        "blocks": len(chosen),
        "of these in both sets": both,
        "largest, heavy atoms": max(each.heavy_atoms for each in chosen),
        "largest that is in one set only": max(each.heavy_atoms for each in chosen if each.listed_once),
        "command": "python scripts/make_common_blocks.py",
    }
    write_atomically(CARD, (json.dumps(card, indent=2) + "\n").encode())
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()
