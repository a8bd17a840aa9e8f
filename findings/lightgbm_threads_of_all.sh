#!/usr/bin/env bash
# lightgbm 4.7.0: num_threads isn't a setting of a booster but of the process, and every call without it sets it back to all cores.
#
# A booster made with num_threads=1 is grown on one thread until anything in the process predicts without num_threads (also
# another booster, also in another Python thread); from then on its updates, its Dataset's construction and all others run on as
# many threads as there are cores. Making the setting once, where boosters are made, isn't enough: predict needs it as well, and
# Dataset, which takes it in params only.
# Fits in several Python threads, one of which predicts between its updates, therefore change the number under each other while
# memory has been allotted for another; of such runs some of ours ended in a segmentation fault, and none since every call says it.
#
# Seen: the number that the library exports as LGBM_DEFAULT_NUM_THREADS (-1: all cores):
#   after a fit with num_threads=1: 1; after predict: -1; after the next update: -1; after predict with num_threads=1: 1;
#   after another Dataset without params: -1
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1 narwhals==2.29.0
"$folder/venv/bin/python" - <<'PYTHON'
import ctypes
import sys

import lightgbm
import numpy as np

SETTINGS = {"objective": "regression", "num_threads": 1, "verbose": -1}
number = ctypes.c_int.in_dll(lightgbm.basic._LIB, "LGBM_DEFAULT_NUM_THREADS")
descriptors = np.random.default_rng(0).random((60, 5))
booster = lightgbm.Booster(SETTINGS, lightgbm.Dataset(descriptors, descriptors[:, 0], params=SETTINGS))
steps = {
    "a fit with num_threads=1": booster.update,
    "predict": lambda: booster.predict(descriptors),
    "the next update": booster.update,
    "predict with num_threads=1": lambda: booster.predict(descriptors, num_threads=1),
    "another Dataset without params": lambda: lightgbm.Dataset(descriptors, descriptors[:, 0]).construct(),
}
print("lightgbm", lightgbm.__version__)
found = []
for name, step in steps.items():
    step()
    found.append(number.value)
    print(f"after {name}: {number.value}")
sys.exit(found != [1, -1, -1, 1, -1])
PYTHON
