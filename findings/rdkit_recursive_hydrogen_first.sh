#!/usr/bin/env bash
# RDKit 2026.9.1: MergeQueryHs makes [$([H]N)], which is a hydrogen on nitrogen, a pattern of the nitrogen.
#
# MergeQueryHs turns hydrogen atoms of a pattern into counts on their neighbours, so that it can be matched to molecules without
# explicit hydrogens. $(...) stands for its first atom. Where this is the hydrogen, the merged pattern is [$([N&!H0])]: its first
# atom, and what it matches, is now another. Of dimethylamine the pattern as written matches the hydrogen, the merged one the
# nitrogen. HasQueryHs, which says whether a pattern has hydrogens that can't be merged, says (True, False) of it: all can.
#
# Seen: written for atom H, merged for atom N; HasQueryHs (True, False).
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase

written = Chem.MolFromSmarts("[$([H]N)]")
merged = Chem.MergeQueryHs(written)
molecule = Chem.AddHs(Chem.MolFromSmiles("CNC"))
found = [
    {molecule.GetAtomWithIdx(atom).GetSymbol() for (atom,) in molecule.GetSubstructMatches(query)} for query in (written, merged)
]
said = Chem.HasQueryHs(written)
print("RDKit", rdBase.rdkitVersion, "written:", *found[0], "merged:", *found[1], Chem.MolToSmarts(merged), "HasQueryHs:", said)
sys.exit(found != [{"H"}, {"N"}] or said != (True, False))
PYTHON
