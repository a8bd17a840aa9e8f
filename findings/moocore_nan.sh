#!/usr/bin/env bash
# moocore 0.3.2: a row with nan, worse than another in all that is known of it, is non-dominated; how, depends on the dimension.
#
# With four objectives and more, is_nondominated keeps such a row, as if nan were a value that nothing beats; pareto_rank puts it on
# the first front or on the last, by the order of the rows. With two and three, both leave it behind. hypervolume of three
# objectives is nan, though the row would add nothing. No function refuses nan, or warns.
#
# Seen (maximised; rows are all 0.9, all 0.5, and nan with 0.1 in all other columns):
#   is_nondominated keeps the row with nan: no for 2 and 3 objectives, yes for 4 and 5
#   pareto_rank of it, 4 objectives: 2 where it is the last row, 0 where it is the first
#   hypervolume of 2 objectives: 0.81, of 3: nan
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q moocore==0.3.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import moocore
import numpy as np


def of_unknown(function, objectives, last):
    """What `function` says of the row with nan."""
    known, unknown = [[0.9] * objectives, [0.5] * objectives], [[np.nan] + [0.1] * (objectives - 1)]
    values = function(np.array(known + unknown if last else unknown + known), maximise=True)
    return int(values[-1 if last else 0])


print("moocore", version("moocore"))
kept = {n: of_unknown(moocore.is_nondominated, n, True) for n in (2, 3, 4, 5)}
fronts = {(n, last): of_unknown(moocore.pareto_rank, n, last) for n in kept for last in (True, False)}
for n in kept:
    print(f"{n} objectives: non-dominated {kept[n]}; front {fronts[n, True]} as the last row, {fronts[n, False]} as the first")
volumes = []
for n in (2, 3):
    values = np.array([[0.9] * n, [0.5] * n, [np.nan] + [0.1] * (n - 1)])
    volumes.append(float(moocore.hypervolume(values, ref=np.zeros(n), maximise=True)))
print("hypervolume of 2 and of 3 objectives:", *volumes)
sys.exit(
    list(kept.values()) != [0, 0, 1, 1]
    or (fronts[4, True], fronts[4, False]) != (2, 0)
    or not np.isclose(volumes[0], 0.81)
    or not np.isnan(volumes[1])
)
PYTHON
