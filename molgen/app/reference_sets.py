"""What a goal's component measures of molecules that everybody knows: some of ZINC, and approved drugs."""

import csv
import functools
import gzip
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molgen.app.newest import Newest
from molgen.chem.molecules import Molecules
from molgen.scoring.component import Component

FILE = Path(__file__).parent / "reference_sets.csv.gz"  # made by scripts/make_reference_sets.py
SETS = {"zinc250k": "ZINC", "fda_approved": "FDA"}  # drug-like compounds that can be bought, and approved drugs
FEW = 150  # molecules of a set that are predicted: a thousand would take twenty seconds
KEPT = 60  # components whose values are kept
Values = dict[str, NDArray[np.float64]]

_measured: Newest[Values] = Newest(KEPT)


@functools.cache
def reference_molecules() -> dict[str, Molecules]:
    """Random molecules of each of `SETS`, in standard form."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(FILE.read_bytes()).decode())))
    return {name: Molecules([row["smiles"] for row in rows if row["set"] == name]) for name in SETS}


def reference_values(component: Component) -> Values:
    """What a component measures of the molecules of each of `SETS`, as far as it can, measured once; `FEW` are predicted."""

    def measured() -> Values:
        sets = reference_molecules()
        if type(component).prediction is not Component.prediction:
            sets = {name: Molecules(molecules.smiles[:FEW]) for name, molecules in sets.items()}
        found = {name: np.asarray(component(molecules), float) for name, molecules in sets.items()}
        return {name: values[np.isfinite(values)] for name, values in found.items()}

    return _measured.get(repr(component), None, measured)
