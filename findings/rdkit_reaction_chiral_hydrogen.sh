#!/usr/bin/env bash
# RDKit 2026.9.1: a reaction that takes the hydrogen off a carbon fails for the enantiomer and works for the racemate.
#
# "[C:1][OH:2]>>[C:1]=[O:2]" oxidises 2-butanol drawn without stereo. (R)-2-butanol written as C[C@H](O)CC carries its hydrogen
# explicitly, which the product keeps: a carbon with five bonds, and an exception when it is sanitised. A screen of reactions
# over a library that catches the exception loses just the enantiopure alcohols.
#
# Seen: CCC(C)O -> CCC(C)=O; CC[C@H](C)O -> AtomValenceException.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ReactionFromSmarts

oxidation = ReactionFromSmarts("[C:1][OH:2]>>[C:1]=[O:2]")


def oxidised(smiles):
    ((product,),) = oxidation.RunReactants((Chem.MolFromSmiles(smiles),))
    try:
        Chem.SanitizeMol(product)
    except Chem.AtomValenceException as error:
        return type(error).__name__
    return Chem.MolToSmiles(product)


racemate, enantiomer = oxidised("CCC(C)O"), oxidised("CC[C@H](C)O")
print("RDKit", rdBase.rdkitVersion)
print("racemate:", racemate, "enantiomer:", enantiomer)
sys.exit((racemate, enantiomer) != ("CCC(C)=O", "AtomValenceException"))
PYTHON
