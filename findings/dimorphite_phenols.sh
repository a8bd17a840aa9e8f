#!/usr/bin/env bash
# dimorphite_dl 2.1.0: the first form at pH 7.4 of many neutral phenols, and of uracil, is an anion or a dianion.
#
# A class of sites has a mean pKa with a deviation; where pH is within it, both forms are made, the deprotonated one first, and with
# max_variants=1 or precision=0 it is the only one. Sites are judged alone, so that both phenols of catechol, and both nitrogens of
# uracil, lose their proton.
#
# Measured pKa: guaiacol 9.98, paracetamol 9.4, catechol 9.5 (and 12.8), uracil 9.5 (and above 13); all are neutral at pH 7.4.
#
# Seen, protonate_smiles(smiles, ph_min=7.4, ph_max=7.4, precision=0, max_variants=1):
#   COc1ccccc1O -> COc1ccccc1[O-], CC(=O)Nc1ccc(O)cc1 -> CC(=O)Nc1ccc([O-])cc1,
#   Oc1ccccc1O -> [O-]c1ccccc1[O-], O=c1cc[nH]c(=O)[nH]1 -> O=c1cc[n-]c(=O)[n-]1
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q dimorphite_dl==2.1.0 rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from dimorphite_dl import protonate_smiles
from rdkit import Chem

CHARGES = {
    ("guaiacol", "COc1ccccc1O"): -1,
    ("paracetamol", "CC(=O)Nc1ccc(O)cc1"): -1,
    ("catechol", "Oc1ccccc1O"): -2,
    ("uracil", "O=c1cc[nH]c(=O)[nH]1"): -2,
}
print("dimorphite_dl", version("dimorphite_dl"))
as_described = True
for (name, smiles), charge in CHARGES.items():
    [form] = protonate_smiles(smiles, ph_min=7.4, ph_max=7.4, precision=0, max_variants=1)
    print(f"{name} at pH 7.4: {form} (measured: neutral)")
    as_described &= Chem.GetFormalCharge(Chem.MolFromSmiles(form)) == charge
sys.exit(not as_described)
PYTHON
