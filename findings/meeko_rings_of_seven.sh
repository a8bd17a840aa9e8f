#!/usr/bin/env bash
# meeko 0.8.0: by default a ring of seven atoms is opened for docking, as if it were a macrocycle.
#
# MoleculePreparation(min_ring_size=7): a bond of the ring is cut, its ends become glue atoms (CG and G), and the ring's other bonds
# turn. Vina counts these as rotors: cycloheptanol has seven branches and four glue and pseudo atoms, cyclohexanol has one and none.
# TORSDOF stays 1, so the file doesn't tell. Docked scores of azepanes and caprolactams suffer by kcal/mol against those of the
# six-membered analogues. With min_ring_size=8 it stays closed.
#
# Seen, branches in the PDBQT: cyclohexanol 1, cycloheptanol 7, cycloheptanol with min_ring_size=8 1
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q meeko==0.8.0 rdkit==2026.9.1 numpy==2.4.6 scipy==1.17.1 gemmi==0.7.5
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from meeko import MoleculePreparation, PDBQTWriterLegacy
from rdkit import Chem
from rdkit.Chem import AllChem


def branches(smiles, **settings):
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    AllChem.EmbedMolecule(mol, randomSeed=1)
    [setup] = MoleculePreparation(**settings).prepare(mol)
    lines = PDBQTWriterLegacy.write_string(setup)[0].splitlines()
    glue = sum(line.split()[-1].startswith(("CG", "G")) for line in lines if line.startswith("ATOM"))
    return sum(line.startswith("BRANCH") for line in lines), glue


print("meeko", version("meeko"))
found = [branches("OC1CCCCC1"), branches("OC1CCCCCC1"), branches("OC1CCCCCC1", min_ring_size=8)]
for name, (number, glue) in zip(("cyclohexanol", "cycloheptanol", "cycloheptanol, min_ring_size=8"), found):
    print(f"{name}: {number} branches, {glue} glue atoms")
sys.exit(found != [(1, 0), (7, 4), (1, 0)])
PYTHON
