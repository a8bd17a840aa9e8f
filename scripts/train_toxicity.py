"""Train the shipped predictor `toxicity` on Tox21, and write it with its card to molgen/weights.

    python -m scripts.train_toxicity           18 minutes of one core
    python -m scripts.train_toxicity --card    only renew the card

Each assay is cross-validated over five folds of scaffolds. What is held out gives the figures of the card, which are also
written to benchmarks/results/toxicity.json. An assay that is done is kept in train/toxicity: a killed run resumes after it.
"""

import click

from molgen.data.dataset import Endpoint
from scripts.bundles import Bundle
from scripts.wanted import Wanted

SOURCES = (
    "Tox21 Data Challenge 2014 (NCATS, National Institutes of Health; Huang et al., Front. Environ. Sci. 3, 85, 2016), by way of "
    "MoleculeNet (Wu et al., Chem. Sci. 9, 513, 2018). MoleculeNet's test part was learnt from, too: on that benchmark nothing "
    "is held out."
)
ASSAYS = {
    "NR-AR": "activates the androgen receptor",
    "NR-AR-LBD": "activates the androgen receptor, ligand-binding domain",
    "NR-AhR": "activates the aryl hydrocarbon receptor",
    "NR-Aromatase": "inhibits aromatase",
    "NR-ER": "activates the estrogen receptor alpha",
    "NR-ER-LBD": "activates the estrogen receptor alpha, ligand-binding domain",
    "NR-PPAR-gamma": "activates PPAR gamma",
    "SR-ARE": "activates the antioxidant response element",
    "SR-ATAD5": "raises ATAD5, as damage of DNA does",
    "SR-HSE": "activates the heat shock response",
    "SR-MMP": "lowers the mitochondrial membrane potential",
    "SR-p53": "activates p53, as damage of DNA does",
}


def _assay(column: str, about: str) -> Endpoint:
    name = column.lower().replace("-", "_")
    return Endpoint(name, "classification", about=f"{about} (Tox21 {column})", poor=0.5, good=0.1, column=column)


TOXICITY = Bundle(
    "toxicity",
    (Wanted("moleculenet/tox21", tuple(_assay(column, about) for column, about in ASSAYS.items()), organic=True),),
    SOURCES,
)


@click.command()
@click.option("--card", "card_only", is_flag=True, help="Keep the model, renew its card.")
def main(card_only: bool) -> None:
    """Train the predictor of toxicity."""
    TOXICITY.make(card_only=card_only)


if __name__ == "__main__":
    main()
