"""pKa values and charges at pH 7.4 of compounds that the model hasn't seen, beside Dimorphite-DL's class means.

python -m benchmarks.pka        two minutes on one core

The rule by which the 612 values of the literature are counted: stereoisomers are one compound; values of one compound
within 0.8 are replicates and averaged. The source doesn't say which group a value belongs to: it is the one whose pKa by
the table of groups alone, before any fit, is nearest, one group a value (least sum of differences). A charge is right where
that group has its proton at pH 7.4, or not, as the measured value implies; values within 0.7 of 7.4 don't count; a value
without a group is wrong. Dimorphite-DL is favoured: a value is compared with the nearest class mean among all of the
molecule's sites.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.optimize import linear_sum_assignment

from benchmarks.results import save, show
from molgen.config import compose_group
from molgen.predictors.pka.evaluation import (
    MARGIN,
    HeldOutPka,
    figures,
    held_out,
    literature,
    random_folds,
    series_folds,
    textbook,
)
from molgen.predictors.pka.measured import Compound, Measured
from molgen.predictors.pka.predictor import PH, Pka
from molgen.predictors.protonation import main_form

ARTEFACT = -100.0  # Dimorphite-DL's patterns of nitro groups have a mean of -1000
CASES = Path(__file__).parents[1] / "tests" / "cases" / "protonation.json"


class Table(Pka):
    """The table of groups and substituents' effects, uncorrected."""

    def intrinsic(self, compound: Compound) -> NDArray[np.float64]:
        """See `Pka.intrinsic`."""
        return compound.intrinsic(None)


def dimorphite(measured: Sequence[Measured]) -> list[HeldOutPka]:
    """What Dimorphite-DL's class means say to each value: the nearest of the compound's, one mean a value."""
    from dimorphite_dl.mol import MoleculeRecord
    from dimorphite_dl.protonate.detect import ProtonationSiteDetector
    from loguru import logger

    logger.disable("dimorphite_dl")
    found = []
    for number, item in enumerate(measured):
        sites = ProtonationSiteDetector().find_sites(MoleculeRecord(item.name))[1]
        means = np.array([pka.mean for site in sites for pka in site.pkas if pka.mean > ARTEFACT])
        values = np.array([value.pka for value in item.values])
        nearest = dict(zip(*linear_sum_assignment(np.abs(values[:, None] - means[None])), strict=True))
        for i, value in enumerate(values):
            mean = means[nearest[i]] if i in nearest else np.nan
            right = bool((mean > PH) == (value > PH)) and i in nearest if abs(value - PH) > MARGIN else None
            found.append(HeldOutPka(number, value, mean, np.nan, right, len(values) == 1))
    return found


def cases() -> list[dict[str, Any]]:
    """The handed molecules, with the charge of the main form and what is right."""
    known = json.loads(CASES.read_text())["charge"]
    mols = {smiles: Chem.MolFromSmiles(smiles) for smiles in known}
    return [
        {"molecule": smiles, "measured": charge, "found": Chem.GetFormalCharge(main_form(mols[smiles], PH))}
        for smiles, charge in known.items()
    ]


def dimorphite_charges() -> dict[str, int]:
    """The charge of Dimorphite-DL's form of the handed molecules at pH 7.4."""
    from dimorphite_dl import protonate_smiles

    known = json.loads(CASES.read_text())["charge"]
    forms = {smiles: protonate_smiles(smiles, ph_min=PH, ph_max=PH, precision=0.0, max_variants=1)[0] for smiles in known}
    return {smiles: Chem.GetFormalCharge(Chem.MolFromSmiles(form)) for smiles, form in forms.items()}


def report() -> None:
    """Measure, print, save."""
    measured, more = literature(compose_group("data", "pka_literature").table()), textbook()
    rows = [
        {"model": "molgen, series held out"} | figures(held_out(measured, more, series_folds(measured))),
        {"model": "molgen, held out at random"} | figures(held_out(measured, more, random_folds(measured))),
        {"model": "molgen, table of groups alone"} | figures(held_out(measured, more, [np.arange(len(measured))], Table)),
        {"model": "Dimorphite-DL, class means"} | figures(dimorphite(measured)),
    ]
    handed, other = cases(), dimorphite_charges()
    right = sum(row["measured"] == row["found"] for row in handed)
    right_dimorphite = sum(row["measured"] == other[row["molecule"]] for row in handed)
    show(f"{sum(row['values'] for row in rows[:1])} measured pKa of the literature", rows)
    print(f"charge at pH {PH}: {right} of {len(handed)} right, Dimorphite-DL {right_dimorphite}")
    for row in handed:
        if row["measured"] != row["found"]:
            print(row)
    save("pka", {"literature": rows, "charge": {"right": right, "of": len(handed), "Dimorphite-DL": right_dimorphite}})


@click.command()
def main() -> None:
    """See `report`."""
    report()


if __name__ == "__main__":
    main()
