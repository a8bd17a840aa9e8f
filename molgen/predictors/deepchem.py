"""Models of DeepChem's zoo as predictors."""

import contextlib
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from molgen.chem.molecules import Molecules
from molgen.classes import first_line
from molgen.errors import SEEDS, ConfigError, MolgenError, check_between, check_seed
from molgen.learn.saved import Saved
from molgen.predictors.fold_ensemble import Array, FoldEnsemble
from molgen.predictors.zoo import check_settings, zoo_class

logging.getLogger("deepchem").setLevel(logging.ERROR)  # it warns of every package that could be installed besides
warnings.filterwarnings("ignore", "Converting a tensor with requires_grad", UserWarning)  # DeepChem's sum of losses


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

    def __post_init__(self) -> None:
        check_between("predictor", 1, epochs=self.epochs)
        check_between("predictor", 2, 1000, members=self.members)
        check_seed("predictor", self.seed)
        for key in ("model_settings", "featurizer_settings"):
            check_settings(getattr(self, key), f"predictor.{key}")
        self._model_class()
        self._featurizer_class()

    def _model_class(self) -> Any:
        return zoo_class(self.model, "deepchem.models", "deepchem.models.torch_models.TorchModel", "predictor.model")

    def _featurizer_class(self) -> Any:
        return zoo_class(self.featurizer, "deepchem.feat", "deepchem.feat.Featurizer", "predictor.featurizer")

    @contextlib.contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        """Whatever DeepChem raises, as an error of the settings that it was given."""
        try:
            yield
        except (MolgenError, MemoryError):
            raise
        except Exception as error:
            raise ConfigError(
                f"predictor: {name} fails with model_settings {dict(self.model_settings)} and featurizer_settings "
                f"{dict(self.featurizer_settings)} ({first_line(error)})"
            ) from error

    def _new(self) -> Any:
        folder = tempfile.TemporaryDirectory()
        asked = torch.get_default_device()
        more = {"device": asked} if asked.type == "meta" else {}  # DeepChem's models look for a GPU otherwise
        with self._errors(self.model):
            made = self._model_class()(n_tasks=len(self.endpoints), model_dir=folder.name, **more, **self.model_settings)
        if not isinstance(getattr(made, "model", None), nn.Module):
            raise ConfigError(f"{self.model}: is no torch model; only these can be saved without pickle")
        made.molgen_folder = folder  # lives as long as the model
        return made

    def _module(self, model: Any) -> nn.Module:
        return model.model

    def _features(self, molecules: Molecules) -> Any:
        with self._errors(self.featurizer):
            found = self._featurizer_class()(**self.featurizer_settings).featurize(list(molecules.mols))
            for row, text in zip(found, molecules.canonical, strict=True):
                if np.size(row) == 0:  # DeepChem's featurizers only log what they raise
                    raise ValueError(f"it makes nothing of {text}")
        return found

    def _train(
        self,
        molecules: Molecules,
        values: Array,
        relations: NDArray[np.int8],
        counting: Array,
        train: NDArray[np.int64],
        test: NDArray[np.int64],
        member: int,
    ) -> Any:
        from deepchem.data import NumpyDataset

        torch.manual_seed(self.seed + member)
        np.random.seed((self.seed + member) % (SEEDS + 1))  # noqa: NPY002  DeepChem draws its batches from here
        model = self._new()
        known = ~np.isnan(values[train])
        x = self._features(molecules.take(train.tolist()))
        with self._errors(self.model):
            model.fit(NumpyDataset(x, np.nan_to_num(values[train]), known * counting[train]), nb_epoch=self.epochs)
        return model

    def _scores(self, model: Any, molecules: Molecules) -> Array:
        from deepchem.data import NumpyDataset

        nothing = np.zeros((len(molecules), len(self.endpoints)))
        with self._errors(self.model):
            found = np.asarray(model.predict(NumpyDataset(self._features(molecules), nothing)), dtype=float)
        if found.ndim == 3 and found.shape[2] == 2:
            found = np.log(np.clip(found[:, :, 1], 1e-6, 1 - 1e-6)) - np.log(np.clip(found[:, :, 0], 1e-6, 1 - 1e-6))
        return found.reshape(len(molecules), len(self.endpoints))

    def _settings(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("model", "featurizer", "epochs", "members", "seed")}
        return plain | {"model_settings": dict(self.model_settings), "featurizer_settings": dict(self.featurizer_settings)}

    @classmethod
    def _from_settings(cls, saved: Saved) -> Self:
        return cls(**saved.settings("settings", cls))

    def _saved_model(self, saved: Saved, prefix: str) -> Any:
        largest = sum(tensor.numel() for tensor in saved.tensors.values())
        for key in ("model_settings", "featurizer_settings"):
            if any(number > largest for number in _numbers(getattr(self, key))):
                raise saved.error(f"in its card, settings.{key} has a number that is larger than the file")
        return saved.network(prefix, self._new, self._module)


def _numbers(settings: Any) -> Iterator[float]:
    if isinstance(settings, Mapping | list | tuple):
        for item in settings.values() if isinstance(settings, Mapping) else settings:
            yield from _numbers(item)
    elif isinstance(settings, int | float):
        yield settings
