#!/usr/bin/env bash
# RDKit 2026.9.1: the Tanimoto similarity of a small molecule to itself is 0 where its fingerprint is empty.
#
# Topological torsions need four atoms in a row, so DMSO, acetone, urea, guanidine and sulfuric acid have none; atom pairs and the
# RDKit fingerprint need two atoms, so water, lithium and sodium chloride have none. Two empty fingerprints have a similarity of 0,
# not 1: such a molecule isn't found in a list that it is in, and its distance to itself is 1. Morgan fingerprints have a bit for
# every kind of atom.
#
# Seen, similarity to itself by torsions, pairs, RDKit and Morgan fingerprint: CS(C)=O, CC(C)=O, NC(N)=O, NC(N)=[NH2+] and
#   OS(=O)(=O)O 0, 1, 1, 1; O, [Li+] and [Na+].[Cl-] 0, 0, 0, 1; CN(C)C=O 1, 1, 1, 1
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator

GENERATORS = {
    "torsions": rdFingerprintGenerator.GetTopologicalTorsionGenerator(),
    "pairs": rdFingerprintGenerator.GetAtomPairGenerator(),
    "RDKit": rdFingerprintGenerator.GetRDKitFPGenerator(),
    "Morgan": rdFingerprintGenerator.GetMorganGenerator(),
}
BRANCHED = ("CS(C)=O", "CC(C)=O", "NC(N)=O", "NC(N)=[NH2+]", "OS(=O)(=O)O")
SINGLE = ("O", "[Li+]", "[Na+].[Cl-]")
SIMILARITIES = dict.fromkeys(BRANCHED, [0, 1, 1, 1]) | dict.fromkeys(SINGLE, [0, 0, 0, 1]) | {"CN(C)C=O": [1, 1, 1, 1]}
print("RDKit", rdBase.rdkitVersion)
as_described = True
for smiles, similarities in SIMILARITIES.items():
    mol = Chem.MolFromSmiles(smiles)
    prints = [generator.GetFingerprint(mol) for generator in GENERATORS.values()]
    found = [DataStructs.TanimotoSimilarity(each, each) for each in prints]
    apart = [DataStructs.TanimotoSimilarity(each, each, returnDistance=True) for each in prints]
    print(f"{smiles} to itself:", ", ".join(f"{name} {value:g}" for name, value in zip(GENERATORS, found)))
    as_described &= found == similarities and apart == [1 - value for value in similarities]
sys.exit(not as_described)
PYTHON
