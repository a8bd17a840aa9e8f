#!/usr/bin/env bash
# RDKit 2026.9.1: an attachment point is a heteroatom to NumHeteroatoms, and no heavy atom to HeavyAtomCount.
#
# Whatever is neither carbon nor hydrogen counts as a heteroatom, the dummy atom `*` of a fragment included; a heavy atom has an
# atomic number above 1, and that of a dummy is 0. So a methylene linker has more heteroatoms than heavy atoms, a filter by
# heteroatoms judges how often a fragment was cut, and a dummy in a ring makes it a heterocycle.
#
# Seen, heteroatoms and heavy atoms: *C* 2 and 1, *c1ccccc1 1 and 6, c1ccccc1 0 and 6, *OC 2 and 2;
#   heterocycles of *1CCCC1: 1
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase
from rdkit.Chem import Descriptors, rdMolDescriptors

COUNTS = {"*C*": (2, 1), "*c1ccccc1": (1, 6), "c1ccccc1": (0, 6), "*OC": (2, 2)}
print("RDKit", rdBase.rdkitVersion)
as_described = True
for smiles, counts in COUNTS.items():
    mol = Chem.MolFromSmiles(smiles)
    found = Descriptors.NumHeteroatoms(mol), Descriptors.HeavyAtomCount(mol)
    print(f"{smiles}: {found[0]} heteroatoms, {found[1]} heavy")
    as_described &= found == counts and mol.GetNumHeavyAtoms() == counts[1]
rings = rdMolDescriptors.CalcNumHeterocycles(Chem.MolFromSmiles("*1CCCC1"))
print(f"*1CCCC1: {rings} heterocycle")
sys.exit(not as_described or rings != 1)
PYTHON
