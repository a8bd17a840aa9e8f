"""Train the shipped ADMET predictor on all rows of the benchmark group's 22 tasks, and write it with its card to molgen/weights.

python -m benchmarks.admet             first: held-out figures for the card, an hour on one core
python -m scripts.train_admet          ten minutes on one core
python -m scripts.train_admet --card   only put new figures into the card
"""

import json
from pathlib import Path
from typing import Any

import click

from molgen.config import compose_group, options
from molgen.data.curation import read_dataset
from molgen.data.dataset import merge
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.boosted import Boosted
from scripts.bundles import ship

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "admet.json"


@click.command()
@click.option("--card", "card_only", is_flag=True, help="Keep the model, renew its card.")
def main(card_only: bool) -> None:
    """Train the ADMET predictor."""
    names = [name for name in options("data") if name.startswith("admet/")]
    sources = [compose_group("data", name) for name in names]
    path = WEIGHTS / "admet.safetensors"
    if card_only:
        predictor = Boosted.load(path)
    else:
        predictor = compose_group("predictor", "boosted")
        predictor.fit(merge([read_dataset(source)[0] for source in sources]))
    about: dict[str, Any] = {
        "trained_by": "scripts/train_admet.py",
        "measured_by": "python -m benchmarks.admet (scaffold 5-fold cross-validation: models like these, scaffolds held out)",
        "held_out": json.loads(RESULTS.read_text())["figures"] if RESULTS.exists() else None,
    }
    ship("admet", predictor, sources, about)


if __name__ == "__main__":
    main()
