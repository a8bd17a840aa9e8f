#!/usr/bin/env bash
# RDKit 2026.9.1: a reaction whose leaving atom is part of a ring drops this atom and keeps the rest of the ring, without a word.
#
# "[C:1](=[O:2])-[OX2].[N;H2:3]>>[C:1](=[O:2])-[N:3]" is the usual pattern for the aminolysis of an ester, and right for methyl
# propionate. Of gamma-butyrolactone it makes N-ethylbutanamide: the oxygen is gone, its carbons hang on at the other end. The
# right product is N-ethyl-4-hydroxybutanamide; nothing raises, and Validate() finds no fault.
#
# Seen: methyl propionate -> CCNC(=O)CC; gamma-butyrolactone -> CCCC(=O)NCC; with -!@[OX2] the lactone gives no product.
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ReactionFromSmarts


def products(smarts, *reactants):
    found = set()
    for (product,) in ReactionFromSmarts(smarts).RunReactants(tuple(map(Chem.MolFromSmiles, reactants))):
        Chem.SanitizeMol(product)
        found.add(Chem.MolToSmiles(product))
    return found


loose = "[C:1](=[O:2])-[OX2].[N;H2:3]>>[C:1](=[O:2])-[N:3]"
strict = loose.replace("-[OX2]", "-!@[OX2]")
ester, lactone = products(loose, "CCC(=O)OC", "CCN"), products(loose, "O=C1CCCO1", "CCN")
print("RDKit", rdBase.rdkitVersion, "faults found:", ReactionFromSmarts(loose).Validate(silent=True))
print("ester:", *ester, "lactone:", *lactone, "lactone, chain bond asked for:", *products(strict, "O=C1CCCO1", "CCN"))
right = Chem.CanonSmiles("OCCCC(=O)NCC")
sys.exit(ester != {"CCNC(=O)CC"} or lactone != {"CCCC(=O)NCC"} or right in lactone or bool(products(strict, "O=C1CCCO1", "CCN")))
PYTHON
