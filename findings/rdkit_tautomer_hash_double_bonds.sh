#!/usr/bin/env bash
# RDKit 2026.9.1: the hash HetAtomTautomer is the same for E and Z cinnamic acid, but not for E and Z 2-butene.
#
# Whether it keeps the geometry of a double bond depends on conjugation: bonds that could take part in tautomerism lose it, also
# those of a styrene, which has no tautomers. Deduplicating by it merges E and Z isomers, which are compounds of their own.
# HetAtomTautomerv2 keeps both, and in turn takes pentane-2,4-dione and its enol for one.
#
# Seen, same hash for E and Z: 2-butene no, 1-phenylpropene yes, cinnamic acid yes; with v2 none.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase
from rdkit.Chem.rdMolHash import HashFunction, MolHash

PAIRS = {
    "2-butene": ("C/C=C/C", "C/C=C\\C"),
    "1-phenylpropene": ("C/C=C/c1ccccc1", "C/C=C\\c1ccccc1"),
    "cinnamic acid": ("OC(=O)/C=C/c1ccccc1", "OC(=O)/C=C\\c1ccccc1"),
}
print("RDKit", rdBase.rdkitVersion)
found = {}
for kind in (HashFunction.HetAtomTautomer, HashFunction.HetAtomTautomerv2):
    found[kind] = [len({MolHash(Chem.MolFromSmiles(text), kind) for text in pair}) == 1 for pair in PAIRS.values()]
    print(kind, dict(zip(PAIRS, found[kind])))
sys.exit(list(found.values()) != [[False, True, True], [False, False, False]])
PYTHON
