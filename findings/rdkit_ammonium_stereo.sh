#!/usr/bin/env bash
# RDKit 2026.9.1: EnumerateStereoisomers takes a protonated tertiary amine for a stereocentre, but not the same amine neutral.
#
# The nitrogen of N-ethyl-N-methyl-1-phenylethylamine inverts through its free base, so there are two isomers, however it is drawn.
# As an ammonium ion, which is what a tool for docking at pH 7.4 makes, there are four; with several amines in a molecule the
# ammonium centres use up maxIsomers, and configurations of carbon are left out.
#
# Seen: CCN(C)C(C)c1ccccc1: 2 isomers, CC[NH+](C)C(C)c1ccccc1: 4. CC[NH+](C)C(C)c1ccc(C(C)O)cc1 with maxIsomers=4: 3 of the 4
# configurations of the carbons.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase
from rdkit.Chem.EnumerateStereoisomers import EnumerateStereoisomers, StereoEnumerationOptions


def isomers(smiles, most=1024):
    options = StereoEnumerationOptions(maxIsomers=most, rand=0)
    return sorted(Chem.MolToSmiles(mol) for mol in EnumerateStereoisomers(Chem.MolFromSmiles(smiles), options))


def on_carbon(ions):
    """What is left of isomers once the ammonium ions are neutral, and so can invert."""
    found = set()
    for text in ions:
        mol = Chem.MolFromSmiles(text)
        for atom in mol.GetAtoms():
            if atom.GetSymbol() == "N" and atom.GetFormalCharge() == 1:
                atom.SetFormalCharge(0)
                atom.SetNumExplicitHs(0)
                atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
        Chem.SanitizeMol(mol)
        found.add(Chem.MolToSmiles(mol))
    return found


print("RDKit", rdBase.rdkitVersion)
neutral, ion = isomers("CCN(C)C(C)c1ccccc1"), isomers("CC[NH+](C)C(C)c1ccccc1")
print("neutral:", len(neutral), *neutral)
print("protonated:", len(ion), *ion)
few = on_carbon(isomers("CC[NH+](C)C(C)c1ccc(C(C)O)cc1", most=4))
print("protonated, with another centre, 4 isomers at most: configurations of carbon:", len(few), *sorted(few))
sys.exit((len(neutral), len(ion)) != (2, 4) or len(few) != 3)
PYTHON
