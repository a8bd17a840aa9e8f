"""What the scripts that train `boosted` predictors of several public data sets share."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from molgen.data.catalog import PublicSet
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.boosted import Boosted
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Trees


def ship(name: str, predictor: Boosted, sources: Iterable[PublicSet], about: dict[str, Any]) -> Path:
    """Write a predictor to molgen/weights, with a card that names its data sets."""
    path = WEIGHTS / f"{name}.safetensors"
    files = {source.name: {"url": source.url, "sha256": source.sha256} for source in sources}
    predictor.save(path, {"data": files, "trained_on": len(predictor.training)} | about)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(predictor.training)} molecules")
    return path


def joined(parts: list[Boosted]) -> Boosted:
    """One predictor with the endpoints of several, which were fitted to the same molecules with the same settings."""
    first = parts[0]
    for part in parts[1:]:
        if part.training.smiles != first.training.smiles or recipe_of(part) != recipe_of(first):
            raise click.ClickException("predictors of other molecules or settings can't be joined: delete the checkpoints")
    predictor = Boosted(first.trees, first.machine, first.folds, first.seed)
    predictor.endpoints = tuple(endpoint for part in parts for endpoint in part.endpoints)
    predictor.models = [model for part in parts for model in part.models]
    known = [part.training for part in parts]
    predictor.training = replace(
        first.training,
        labels=np.concatenate([each.labels for each in known], axis=1),
        relations=np.concatenate([each.relations for each in known], axis=1),
        bounds=np.concatenate([each.bounds for each in known], axis=1),
    )
    return predictor


def recipe_of(predictor: Boosted) -> tuple[Trees, SupportVectors, int, int]:
    """The settings that it is fitted with."""
    return predictor.trees, predictor.machine, predictor.folds, predictor.seed
