#!/usr/bin/env bash
# RDKit 2026.9.1: canonical SMILES and InChIKey of a racemate drawn with enhanced stereo are those of one enantiomer.
#
# `C[C@H](N)c1ccccc1 |&1:1|` is both enantiomers, `|o1:1|` one of them, nobody knows which. MolToSmiles and MolToInchiKey drop the
# group, and what is left says (S) or (R): three different samples are one row once duplicates are merged by either. MolToCXSmiles
# keeps them apart. HasSubstructMatch(useChirality=True) doesn't look at the group either.
#
# Seen: of enantiomer, racemate and unknown enantiomer: 1 SMILES, 1 InChIKey, 3 CXSMILES
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase

DRAWN = ["C[C@H](N)c1ccccc1", "C[C@H](N)c1ccccc1 |&1:1|", "C[C@H](N)c1ccccc1 |o1:1|"]
mols = [Chem.MolFromSmiles(text) for text in DRAWN]
print("RDKit", rdBase.rdkitVersion)
print(*DRAWN, sep="\n")
ways = {"MolToSmiles": Chem.MolToSmiles, "MolToInchiKey": Chem.MolToInchiKey, "MolToCXSmiles": Chem.MolToCXSmiles}
distinct = {name: len({way(mol) for mol in mols}) for name, way in ways.items()}
matched = mols[1].HasSubstructMatch(mols[0], useChirality=True)
print(*(f"{name}: {number} distinct" for name, number in distinct.items()), sep="\n")
print("the racemate matches the enantiomer as a pattern with useChirality=True:", matched)
sys.exit(list(distinct.values()) != [1, 1, 3] or not matched)
PYTHON
