#!/usr/bin/env bash
# RDKit 2026.9.1: within $(...) of a SMARTS the stereo of an atom is asked for, that of a double bond isn't.
#
# With useChirality, C/C=C/C matches E-2-butene alone, and [$(C/C=C/C)], which should be its first atom, matches the Z isomer and
# the one without stereo, too. A stereocentre within $(...) is heeded: [$(N[C@@H](C)C(=O)O)] matches L-alanine, not D-alanine.
# Nothing is said when the pattern is read. So a filter for fumarates that is written as one atom takes maleates as well.
#
# Seen: plain pattern True False False (E, Z, open), recursive True True True; alanines True False.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase


def matched(smarts, *molecules):
    query = Chem.MolFromSmarts(smarts)
    return [Chem.MolFromSmiles(each).HasSubstructMatch(query, useChirality=True) for each in molecules]


BUTENES = r"C/C=C/C", r"C/C=C\C", "CC=CC"
plain, recursive = matched(r"C/C=C/C", *BUTENES), matched(r"[$(C/C=C/C)]", *BUTENES)
alanines = matched("[$(N[C@@H](C)C(=O)O)]", "N[C@@H](C)C(=O)O", "N[C@H](C)C(=O)O")
print("RDKit", rdBase.rdkitVersion, "E, Z, open:", *plain, "within $():", *recursive, "L- and D-alanine within $():", *alanines)
sys.exit(plain != [True, False, False] or recursive != [True, True, True] or alanines != [True, False])
PYTHON
