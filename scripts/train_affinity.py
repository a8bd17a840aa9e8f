"""Train the shipped affinity predictor on Davis and KIBA, and write it with its card to molgen/weights.

    python scripts/train_affinity.py

KIBA scores are brought to Davis' scale by pKd = KIBA - 6.1: the median of the 461 shared pairs with a Kd below 10 uM is
6.15, and KIBA's own threshold of activity, 12.1, becomes 6, a Kd of 1 uM. Takes about half an hour on two cores; a killed
run resumes where it stood.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from molgen.config import compose_group
from molgen.data.affinity import merge_pairs
from molgen.learn.shipped import WEIGHTS

KIBA_SHIFT = 6.1
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "affinity.json"


@click.command()
@click.option("--card", "card_only", is_flag=True, help="Keep the model, renew its card.")
def main(card_only: bool) -> None:
    """Train the affinity predictor."""
    davis, kiba = compose_group("data", "davis"), compose_group("data", "kiba")
    pairs = kiba.pairs()
    merged, aliases = merge_pairs(davis.pairs(), replace(pairs, affinity=pairs.affinity - KIBA_SHIFT))
    path = WEIGHTS / "affinity.safetensors"
    predictor = compose_group("predictor", "pairs", ["predictor.trainer.folder=train/affinity"])
    if card_only:
        predictor = type(predictor).load(path)
    else:
        predictor.fit(merged)
        predictor.names_besides(aliases)
    files = {part.name: {"url": part.url, "sha256": part.sha256} for source in (davis, kiba) for part in source.parts()}
    card: dict[str, Any] = {
        "data": files,
        "trained_on": {"pairs": len(merged), "drugs": len(merged.drugs), "targets": len(merged.targets)},
        "trained_by": "scripts/train_affinity.py",
        "measured_by": "python -m benchmarks.affinity (models like this one, trained on the training folds)",
        "held_out": json.loads(RESULTS.read_text())["figures"] if RESULTS.exists() else None,
    }
    predictor.save(path, card)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
