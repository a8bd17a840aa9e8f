"""Train the shipped predictor `activity` on public data, and write it with its card to molgen/weights.

    python -m scripts.train_activity           eleven minutes of one core
    python -m scripts.train_activity --card    only renew the card

Each endpoint is cross-validated over five folds of scaffolds. What is held out gives the figures of the card, which are also
written to benchmarks/results/activity.json. An endpoint that is done is kept in train/activity: a killed run resumes after it.
"""

import click

from molgen.data.dataset import Endpoint
from molgen.data.units import P_UNIT
from scripts.bundles import Bundle
from scripts.wanted import Wanted

SOURCES = (
    "ChEMBL (CC BY-SA 3.0), by way of MoleculeACE (van Tilborg et al., J. Chem. Inf. Model. 62, 5938, 2022); for bace1 "
    "MoleculeNet (Wu et al., Chem. Sci. 9, 513, 2018). Their test parts were learnt from, too: on these benchmarks nothing is "
    "held out."
)
NANO = 9.0  # -log10(mol/L) less -log10(nM), which MoleculeACE's files have


def _potency(name: str, about: str, column: str) -> tuple[Endpoint]:
    return (Endpoint(name, unit=P_UNIT, about=about, poor=6.0, good=8.0, column=column),)


def _chembl(name: str, about: str, target: str, kind: str = "Ki") -> Wanted:
    column = f"{target}_{kind}"
    return Wanted(f"activity/{column.lower()}", _potency(name, f"p{kind} at {about}", column), NANO)


ACTIVITY = Bundle(
    "activity",
    (
        _chembl("thrombin", "thrombin", "CHEMBL204"),
        _chembl("factor_xa", "coagulation factor Xa", "CHEMBL244"),
        Wanted("moleculenet/bace", _potency("bace1", "pIC50 at beta-secretase 1", "pIC50")),
        _chembl("pi3k_alpha", "PI3 kinase alpha", "CHEMBL4005"),
        _chembl("dopamine_d4", "the dopamine receptor D4", "CHEMBL219"),
        _chembl("ppar_gamma", "PPAR gamma", "CHEMBL235", "EC50"),
        _chembl("serotonin_5ht1a", "the serotonin receptor 5-HT1A", "CHEMBL214"),
        _chembl("opioid_mu", "the mu opioid receptor", "CHEMBL233"),
        _chembl("dopamine_d3", "the dopamine receptor D3", "CHEMBL234"),
    ),
    SOURCES,
)


@click.command()
@click.option("--card", "card_only", is_flag=True, help="Keep the model, renew its card.")
def main(card_only: bool) -> None:
    """Train the predictor of activities."""
    ACTIVITY.make(card_only=card_only)


if __name__ == "__main__":
    main()
