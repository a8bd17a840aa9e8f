#!/usr/bin/env bash
# RDKit 2026.9.1: LargestFragmentChooser and FragmentParent take the counter-acid for the drug, also with preferOrganic=True.
#
# Pyrantel pamoate is pyrantel (a thiophene, 14 heavy atoms) with embonic (pamoic) acid (29 heavy atoms), which serves to make it
# insoluble. The "parent" is pamoic acid, so every embonate in a collection has the same parent: the acid. FragmentRemover's
# default list of salts doesn't have pamoic acid either.
#
# Seen: chosen from pyrantel embonate, and from metformin embonate: O=C(O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, RDLogger, rdBase
from rdkit.Chem.MolStandardize import rdMolStandardize

RDLogger.DisableLog("rdApp.*")
PAMOIC = "O=C(O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O"
DRUGS = {"pyrantel": "CN1CCCN=C1/C=C/c1cccs1", "metformin": "CN(C)C(=N)N=C(N)N"}
print("RDKit", rdBase.rdkitVersion)
as_described = True
for name, drug in DRUGS.items():
    salt = Chem.MolFromSmiles(f"{drug}.{PAMOIC}")
    found = {
        "LargestFragmentChooser": rdMolStandardize.LargestFragmentChooser().choose(salt),
        "LargestFragmentChooser(preferOrganic=True)": rdMolStandardize.LargestFragmentChooser(preferOrganic=True).choose(salt),
        "FragmentParent": rdMolStandardize.FragmentParent(salt),
    }
    removed = rdMolStandardize.FragmentRemover().remove(salt)
    for how, mol in found.items():
        print(f"{name} embonate, {how}: {Chem.MolToSmiles(mol)}")
        as_described &= Chem.CanonSmiles(Chem.MolToSmiles(mol)) == Chem.CanonSmiles(PAMOIC)
    print(f"{name} embonate, FragmentRemover: {Chem.MolToSmiles(removed)}")
    as_described &= len(Chem.GetMolFrags(removed)) == 2
sys.exit(not as_described)
PYTHON
