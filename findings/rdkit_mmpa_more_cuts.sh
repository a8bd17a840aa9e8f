#!/usr/bin/env bash
# RDKit 2026.9.1: rdMMPA.FragmentMol with maxCuts=4 leaves out the fragmentations by three cuts that maxCuts=3 finds.
#
# From three cuts on, a fragmentation counts if its core has as many attachment points as maxCuts, rather than as many as the cuts
# made. So there are one, two and exactly maxCuts cuts, and maxCuts above the number of bonds that can be cut gives one and two.
# minCuts=3, maxCuts=4 gives four only. For all of them, call it once for each number from three on, and merge.
#
# Seen, 3-bromo-4-chloro-5-fluoro-2-methylphenol, fragmentations by number of cuts:
#   maxCuts 3: 5, 10 and 10 by one, two and three; maxCuts 4: 5 and 10 by one and two, 5 by four; maxCuts 5: 5 and 10, 1 by five;
#   maxCuts 6: 5 and 10
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from collections import Counter

from rdkit import Chem, rdBase
from rdkit.Chem import rdMMPA

MOL = Chem.MolFromSmiles("Cc1c(O)cc(F)c(Cl)c1Br")
BY_CUTS = {3: {1: 5, 2: 10, 3: 10}, 4: {1: 5, 2: 10, 4: 5}, 5: {1: 5, 2: 10, 5: 1}, 6: {1: 5, 2: 10}}


def by_cuts(**settings):
    """The number of fragmentations by their number of cuts, which is that of side chains where there is a core."""
    pairs = rdMMPA.FragmentMol(MOL, **settings, resultsAsMols=False)
    return dict(sorted(Counter(chains.count(".") + 1 if core else 1 for core, chains in pairs).items()))


print("RDKit", rdBase.rdkitVersion)
found = {most: by_cuts(maxCuts=most) for most in BY_CUTS}
for most, numbers in found.items():
    print(f"maxCuts={most}:", ", ".join(f"{number} by {cuts}" for cuts, number in numbers.items()))
from_three = by_cuts(minCuts=3, maxCuts=4, maxCutBonds=20)
print("minCuts=3, maxCuts=4:", ", ".join(f"{number} by {cuts}" for cuts, number in from_three.items()))
sys.exit(found != BY_CUTS or from_three != {4: 5})
PYTHON
