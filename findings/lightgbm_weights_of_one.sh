#!/usr/bin/env bash
# lightgbm 4.7.0: Dataset.set_weight with ones, or None, leaves the weights that a constructed Dataset has, without a warning.
#
# set_weight takes ones for "no weights", and then tells the data nothing: get_field("weight") returns the earlier weights, and
# training uses them. With one Dataset for several ways of weighting, equal weights among them, "equal" gives the model of the way
# before. set_field("weight", ones) does set them.
#
# A Booster made while the weights are ones has none either, and doesn't look for any afterwards: what set_weight says between
# updates is what get_weight returns, but is not trained with. Begun with weights of two, it is.
#
# Seen: 100 compounds in two assays, the second of which reads 1 higher; how far predictions are above the first assay on average:
#   weights 1 and 9: 0.9; then set_weight(ones): 0.9; then set_weight(None): 0.9; then set_field("weight", ones): 0.5
#   weights 1 and 9 set after the first update, begun with ones: 0.5, begun with twos: 0.9
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q lightgbm==4.7.0 numpy==2.4.6 scipy==1.17.1 narwhals==2.29.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import lightgbm
import numpy as np

SETTINGS = {"objective": "regression", "num_threads": 1, "deterministic": True, "verbose": -1}
descriptor = np.tile(np.linspace(0, 1, 100), 2)
assay = np.repeat([0.0, 1.0], 100)
potency = 5 + 3 * descriptor + assay
ones, twos, mostly_second = np.ones(200), np.full(200, 2.0), 1 + 8 * assay


def data(weights):
    return lightgbm.Dataset(descriptor[:, np.newaxis], potency, weight=weights).construct()


def above(booster):
    """How far the predictions are above the first assay."""
    return round(float(np.mean(booster.predict(descriptor[:, np.newaxis]) - potency + assay)), 2)


def later(first):
    """Begun with the weights `first`, of which the second assay gets more after the first update."""
    rows = data(first)
    booster = lightgbm.Booster(SETTINGS, rows)
    booster.update()
    rows.set_weight(mostly_second)
    for _ in range(200):
        booster.update()
    return above(booster), bool(np.all(rows.get_weight() == mostly_second))


print("lightgbm", lightgbm.__version__)
rows = data(mostly_second)
steps = {
    "weights 1 and 9": lambda: None,
    "then set_weight(ones)": lambda: rows.set_weight(ones),
    "then set_weight(None)": lambda: rows.set_weight(None),
    'then set_field("weight", ones)': lambda: rows.set_field("weight", ones),
}
found, stored = [], []
for name, step in steps.items():
    step()
    found.append(above(lightgbm.train(SETTINGS, rows, 200)))
    stored.append(bool(np.all(rows.get_field("weight") == mostly_second)))
    print(f"{name}: {found[-1]} above the first assay; get_field has 1 and 9: {stored[-1]}")
afterwards = [later(first) for first in (ones, twos)]
for name, (value, returned) in zip(("ones", "twos"), afterwards):
    print(f"1 and 9 after the first update, begun with {name}: {value}; get_weight has them: {returned}")
sys.exit(found != [0.9, 0.9, 0.9, 0.5] or stored != [True, True, True, False] or afterwards != [(0.5, True), (0.9, True)])
PYTHON
