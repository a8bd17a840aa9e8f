"""Models of DeepChem's zoo as predictors."""

import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from torch import nn

from molgen.chem.molecules import Molecules
from molgen.config import locate
from molgen.errors import ConfigError
from molgen.predictors.attribution import Attribution, occlusion
from molgen.predictors.fold_ensemble import Array, FoldEnsemble

logging.getLogger("deepchem").setLevel(logging.ERROR)  # it warns of every package that could be installed besides


@dataclass
class DeepChem(FoldEnsemble):
    """Any of DeepChem's torch models, as an ensemble with calibrated errors.

    Attributes
    ----------
    model
        Its dotted name, such as deepchem.models.MultitaskRegressor or deepchem.models.torch_models.DMPNNModel.
    featurizer
        The dotted name of the featurizer that goes with it.
    model_settings, featurizer_settings
        What their constructors take; the number of tasks, and where files go, are filled in.
    epochs
        Of each member.
    members
        Models, each trained without another fold of scaffolds.
    """

    model: str = "deepchem.models.MultitaskRegressor"
    featurizer: str = "deepchem.feat.CircularFingerprint"
    model_settings: Mapping[str, Any] = field(default_factory=lambda: {"n_features": 2048, "layer_sizes": [512], "dropouts": 0.2})
    featurizer_settings: Mapping[str, Any] = field(default_factory=lambda: {"size": 2048, "radius": 2})
    epochs: int = 30
    members: int = 5
    seed: int = 0

    def _new(self) -> Any:
        folder = tempfile.TemporaryDirectory()
        try:
            made = locate(self.model)(n_tasks=len(self.endpoints), model_dir=folder.name, **self.model_settings)
        except (TypeError, ValueError, ImportError) as error:
            raise ConfigError(f"{self.model}: {str(error).splitlines()[0]}") from error
        if not isinstance(getattr(made, "model", None), nn.Module):
            raise ConfigError(f"{self.model}: is no torch model; only these can be saved without pickle")
        made.molgen_folder = folder  # lives as long as the model
        return made

    def _module(self, model: Any) -> nn.Module:
        return model.model

    def _features(self, molecules: Molecules) -> Any:
        make: Callable[..., Any] = locate(self.featurizer)
        return make(**self.featurizer_settings).featurize(list(molecules.mols))

    def _train(self, molecules: Molecules, labels: Array, train: NDArray[np.int64], test: NDArray[np.int64], member: int) -> Any:
        import torch
        from deepchem.data import NumpyDataset

        torch.manual_seed(self.seed + member)
        np.random.seed(self.seed + member)  # noqa: NPY002  DeepChem draws its batches from here
        model = self._new()
        known = ~np.isnan(labels[train])
        x = self._features(molecules.take(train.tolist()))
        model.fit(NumpyDataset(x, np.nan_to_num(labels[train]), known.astype(float)), nb_epoch=self.epochs)
        return model

    def _scores(self, model: Any, molecules: Molecules) -> Array:
        from deepchem.data import NumpyDataset

        nothing = np.zeros((len(molecules), len(self.endpoints)))
        found = np.asarray(model.predict(NumpyDataset(self._features(molecules), nothing)), dtype=float)
        if found.ndim == 3 and found.shape[2] == 2:
            found = np.log(np.clip(found[:, :, 1], 1e-6, 1 - 1e-6)) - np.log(np.clip(found[:, :, 0], 1e-6, 1 - 1e-6))
        return found.reshape(len(molecules), len(self.endpoints))

    def attribute(self, mol: Chem.Mol, endpoint: str, target: str | None = None, neighbours: int = 4) -> Attribution:
        """See `Predictor.attribute`: the mean output without each atom."""
        (j,) = self.positions([endpoint])

        def score(mols: list[Chem.Mol]) -> Array:
            return self.std[j] * np.mean([self._scores(model, Molecules.of(mols))[:, j] for model in self.models], axis=0)

        return Attribution(occlusion(score, mol), "the models' output without each atom", self.neighbours(mol, j, neighbours))

    def _settings(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("model", "featurizer", "epochs", "members", "seed")}
        return plain | {"model_settings": dict(self.model_settings), "featurizer_settings": dict(self.featurizer_settings)}

    @classmethod
    def _from_settings(cls, settings: dict[str, Any]) -> Self:
        return cls(**settings)
