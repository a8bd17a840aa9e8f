"""Train the shipped predictor of pKa on 612 measured values and the textbook's, and write it with its card to molgen/weights.

python -m benchmarks.pka        first: held-out figures for the card, two minutes on one core
python scripts/train_pka.py     half a minute on one core
"""

import json
from pathlib import Path

import click
import numpy as np

from molgen.config import compose_group
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.pka.evaluation import TEXTBOOK, calibration, held_out, literature, series_folds, textbook
from molgen.predictors.pka.predictor import Pka

RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "pka.json"


@click.command()
def main() -> None:
    """Train the predictor of pKa."""
    source = compose_group("data", "pka_literature")
    measured, more = literature(source.table()), textbook()
    found = held_out(measured, more, series_folds(measured))
    predictor = Pka(calibration=calibration(found))
    predictor.limit = float(predictor.calibration * np.nanquantile([item.std for item in found], 0.95))
    known = {item.name for item in measured}
    predictor.learn([item for item in more if item.name not in known] + measured)
    path = WEIGHTS / "pka.safetensors"
    card = {
        "data": {
            source.name: {"url": source.url, "sha256": source.sha256},
            "textbook": {"file": "molgen/predictors/pka/reference.csv", "source": TEXTBOOK},
        },
        "trained_on": len(predictor.values),
        "trained_by": "scripts/train_pka.py",
        "measured_by": "python -m benchmarks.pka (five folds by series and at random)",
        "held_out": json.loads(RESULT.read_text())["figures"] if RESULT.exists() else None,
    }
    predictor.save(path, card)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(predictor.values)} values")


if __name__ == "__main__":
    main()
