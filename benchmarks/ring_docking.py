"""Known ligands with a ring of seven: the score that docking gives, and that of the same pose with its rings closed.

    python -m benchmarks.ring_docking
    python -m benchmarks.ring_docking --exhaustiveness 8

Ten drugs, each docked into one of the five shipped receptors (conf/scoring/docking) at pH 7.4. `closed` is Vina's score of the
pose where it stands with no bond of a ring counted as rotor. `opened` is what docking gives with rings of seven opened, which is
what Meeko does unless told otherwise.
"""

from typing import Any

import click
from rdkit import Chem

from benchmarks.docking import REFERENCE
from benchmarks.results import save, show
from molgen.chem.conformers import embedded
from molgen.predictors.protonation import main_form
from molgen.scoring.components.docking import Docking

WITHIN = 0.7  # kcal/mol
LIGANDS = {
    "diazepam": ("5ht1b", "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21"),
    "clozapine": ("5ht1b", "CN1CCN(C2=Nc3cc(Cl)ccc3Nc3ccccc32)CC1"),
    "olanzapine": ("5ht1b", "Cc1cc2c(s1)Nc1ccccc1N=C2N1CCN(C)CC1"),
    "quetiapine": ("5ht1b", "OCCOCCN1CCN(C2=Nc3ccccc3Sc3ccccc32)CC1"),
    "mirtazapine": ("5ht1b", "CN1CCN2c3ncccc3Cc3ccccc3C2C1"),
    "imipramine": ("5ht1b", "CN(C)CCCN1c2ccccc2CCc2ccccc21"),
    "azelastine": ("5ht1b", "CN1CCCC(n2nc(Cc3ccc(Cl)cc3)c3ccccc3c2=O)CC1"),
    "nevirapine": ("jak2", "Cc1ccnc2c1NC(=O)c1cccnc1N2C1CC1"),
    "rucaparib": ("parp1", "CNCc1ccc(-c2[nH]c3cc(F)cc4c3c2CCNC4=O)cc1"),
    "benazepril": ("fa7", "CCOC(=O)[C@H](CCc1ccccc1)N[C@H]1CCc2ccccc2N(CC(=O)O)C1=O"),
}


def opened(component: Docking, smiles: str) -> float:
    """The score with the rings of seven opened, kcal/mol."""
    from meeko import MoleculePreparation, PDBQTWriterLegacy

    solid = embedded(main_form(Chem.MolFromSmiles(smiles), 7.4), 1, component.seed)
    return component.engine()(PDBQTWriterLegacy.write_string(MoleculePreparation().prepare(solid)[0])[0])[0]


def rings(exhaustiveness: int) -> list[dict[str, Any]]:
    """A row for every ligand."""
    rows = []
    for name, (target, smiles) in LIGANDS.items():
        box = REFERENCE["boxes"][target]
        component = Docking(
            f"docking/{target}", tuple(box["center"]), tuple(box["size"]), exhaustiveness=exhaustiveness, cache=None
        )
        [score], [record] = component.measurement().measure([Chem.CanonSmiles(smiles)])
        closed = component.engine().score(Chem.MolFromMolBlock(record or "", removeHs=False))
        rows.append({"ligand": name, "receptor": target, "docked": float(score), "closed": closed,
                     "opened": opened(component, smiles), "within 0.7": bool(abs(score - closed) <= WITHIN)})  # fmt: skip
    return rows


def report(exhaustiveness: int) -> None:
    """Measure, print, save."""
    rows = rings(exhaustiveness)
    show("Rings of seven (kcal/mol)", rows)
    print(f"{sum(row['within 0.7'] for row in rows)} of {len(rows)} within {WITHIN} kcal/mol of the same pose scored closed")
    save("ring-docking", rows)


@click.command()
@click.option("--exhaustiveness", default=2, show_default=True, help="Searches from each starting geometry.")
def main(exhaustiveness: int) -> None:
    """See `report`."""
    report(exhaustiveness)


if __name__ == "__main__":
    main()
