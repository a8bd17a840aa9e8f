"""Drug-target affinity: a Gaussian process and neural networks, averaged."""

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor

from molgen.chem.molecules import Molecules
from molgen.chem.physicochemical import physicochemical
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.chem.standardize import AS_GIVEN
from molgen.data.affinity import DeepDTA, Pairs
from molgen.data.dataset import Endpoint
from molgen.errors import ConfigError, DataError, check_between, check_seed
from molgen.learn.saved import Saved
from molgen.learn.trainer import Trainer
from molgen.metrics.prediction import concordance_index, rm2
from molgen.predictors.affinity_beliefs import AffinityBeliefs, half_width
from molgen.predictors.affinity_forms import AffinityForms
from molgen.predictors.affinity_kernel import AffinityKernel
from molgen.predictors.affinity_models import SEEN_BITS, AffinityModels, EncodedTarget
from molgen.predictors.attribution import Attribution, Contribution
from molgen.predictors.base import Array, Prediction, Predictor, as_molecules, saved_endpoint
from molgen.predictors.domain import NO_PREDICTION, joined_reasons, unlike
from molgen.predictors.given_values import GivenValues
from molgen.predictors.packing import pack_lines
from molgen.predictors.pair_network import PairSettings
from molgen.predictors.proteins import ALLOWED, likeness, resolve
from molgen.predictors.trust import Z90, Intervals, domain_threshold

REMEMBERED = "what was learnt of this molecule beyond its structure"
ROUNDING = 1e-5  # of the networks' numbers
TARGETS = 256  # that are kept ready
TESTED = 5000  # pairs of each kind that errors are learnt from, at most


@dataclass
class AffinityPredictor(Predictor):
    """Affinities of molecules to proteins that are given by name or sequence.

    Attributes
    ----------
    kernel, network
        The Gaussian process, and what each neural network is made of.
    trainer
        How long and how fast a network is trained; its folder keeps the state of each.
    members
        How many networks are averaged.
    kernel_share, kernel_share_new
        Weight of the Gaussian process against the networks' mean, where drug and target are both known, and where one is
        new. Both 1 leaves the networks out, both 0 the process.
    batch
        Pairs in a training step.
    calibrate
        Fit the models four more times, without some pairs, drugs, targets and both, to learn how far to trust them.
    endpoint
        Name, unit, and poor and good values of what is predicted.
    """

    FORMAT = 1

    trainer: Trainer
    kernel: AffinityKernel = field(default_factory=AffinityKernel)
    network: PairSettings = field(default_factory=PairSettings)
    members: int = 3
    kernel_share: float = 0.2
    kernel_share_new: float = 0.5
    batch: int = 1024
    calibrate: bool = True
    seed: int = 0
    endpoint: Endpoint = field(default_factory=lambda: Endpoint("pKd", unit="-log mol/L", about="affinity", poor=6.0, good=8.0))

    def __post_init__(self) -> None:
        check_between("predictor", 1, members=self.members, batch=self.batch)
        check_seed("predictor", self.seed)
        check_between("predictor", 0, 1, kernel_share=self.kernel_share, kernel_share_new=self.kernel_share_new)

    def fit(self, dataset: Pairs) -> None:
        """Learn from measured pairs."""
        self._begin(dataset)
        if self.calibrate:
            self._calibrate(dataset)
        self._fit(dataset, self.members, "final")

    def fit_and_measure(self, source: DeepDTA) -> dict[str, float]:
        """Learn the training folds of a set and measure its test fold."""
        pairs = source.pairs()
        folds, test = source.folds()
        known = pairs.take([row for fold in folds for row in fold])
        self.fit(known)
        return self.measure(pairs.take(test), known)

    def measure(self, asked: Pairs, known: Pairs) -> dict[str, float]:
        """Mean squared error, concordance index and rm2; if calibrated, coverage of 90 % intervals and the share in the domain.

        Parameters
        ----------
        known
            The pairs that were learnt from.
        """
        mean, process, networks, novelty = self.models.score_pairs(asked, known)
        error = asked.affinity - mean
        figures = {
            "MSE": float((error**2).mean()),
            "CI": concordance_index(asked.affinity, mean),
            "rm2": rm2(asked.affinity, mean),
        }
        if self.intervals is not None:
            half = self.intervals.half_width(_difficulty(novelty, process, networks))
            inside = (1 - novelty >= self.thresholds).all(axis=1)
            figures |= {"coverage": float((np.abs(error) <= half).mean()), "in domain": float(inside.mean())}
        return figures

    def _begin(self, pairs: Pairs) -> None:
        self.endpoints = (self.endpoint,)
        self.models = AffinityModels(pairs, self.kernel, self.network, (self.kernel_share, self.kernel_share_new))
        self.intervals: Intervals | None = None
        self.thresholds = (0.0, 0.0)
        self.aliases: dict[str, str] = {}
        self.forms = AffinityForms(self.models)
        self.beliefs = AffinityBeliefs(self.forms, {})
        self._encoded: dict[str, EncodedTarget] = {}

    def _fit(self, pairs: Pairs, members: int, name: str) -> None:
        trainer = replace(self.trainer, folder=str(Path(self.trainer.folder) / name))
        self.models.fit(pairs, members, trainer, self.batch, self.seed)

    def _calibrate(self, pairs: Pairs) -> None:
        """Learn errors to expect, and the domain, from pairs, drugs, targets, and both, that the models have not seen."""
        rng = np.random.default_rng(self.seed)

        def fifth(numbers: NDArray[np.integer]) -> NDArray[np.bool_]:
            known = np.unique(numbers)
            return np.isin(numbers, rng.permutation(known)[: max(1, len(known) // 5)])

        new_drug = fifth(pairs.drug)
        new_target = fifth(self.models.reference[pairs.target])
        some = fifth(np.arange(len(pairs)))
        parts = {
            "pairs": (~some, some),
            "drugs": (~new_drug, new_drug),
            "targets": (~new_target, new_target),
            "both": (~new_drug & ~new_target, new_drug & new_target),
        }
        errors, difficulty = [], []
        for name, (train, test) in parts.items():
            if not train.any() or not test.any():
                continue
            known, held_out = pairs.take(np.flatnonzero(train)), pairs.take(np.flatnonzero(test))
            held_out = held_out.take(rng.permutation(len(held_out))[:TESTED])
            self._fit(known, 1, f"without-{name}")
            mean, process, networks, novelty = self.models.score_pairs(held_out, known)
            errors.append(held_out.affinity - mean)
            difficulty.append(_difficulty(novelty, process, networks))
        self.intervals = Intervals.fit(np.concatenate(errors), np.concatenate(difficulty))
        self.thresholds = domain_threshold(1 - difficulty[-1][:, 0]), domain_threshold(1 - difficulty[-1][:, 1])

    def names_besides(self, aliases: dict[str, str]) -> None:
        """Let users name targets otherwise too: names to sequences."""
        self.aliases = dict(aliases)

    @property
    def targets(self) -> list[str]:
        """Names of the proteins that were learnt from, and their aliases."""
        return [*self.models.pairs.targets, *self.aliases]

    def with_measurements(self, target: str, smiles: Molecules | Sequence[str], values: Sequence[float] | Array) -> Self:
        """Tell the predictor what it didn't learn of: a few measured affinities, from which those of like molecules follow.

        They count for this target, and for mutants whose wild type it is; `save` leaves them out.

        Parameters
        ----------
        target
            As for `predict`; of a mutant without any measured values, those of the wild type and of other mutants count.
        smiles, values
            What was measured, [k], and its pKd, [k].

        Returns
        -------
        AffinityPredictor
            Another one; this one stays as it is.

        Raises
        ------
        ConfigError
            The target is unknown, or the predictor doesn't know its own errors.
        DataError
            A molecule is invalid, or a value no pKd.
        """
        key = self.encode_target(target).key
        if self.intervals is None:
            raise ConfigError("measured values count only where errors are known: train with predictor.calibrate=true")
        since = GivenValues.of(as_molecules(smiles), values, target)
        before = self.beliefs.given
        found = copy.copy(self)
        found.beliefs = AffinityBeliefs(self.forms, {**before, key: before.get(key, GivenValues()).joined(since)})
        return found

    def encode_target(self, target: str) -> EncodedTarget:
        """A target by name, sequence or FASTA file, made ready for predictions; kept for the next call.

        A form that wasn't learnt of, `ABL1(G250E)`, is its wild type and what is changed.
        """
        self.check_fitted()
        if target not in self._encoded:
            if len(self._encoded) >= TARGETS:
                del self._encoded[next(iter(self._encoded))]
            pairs = self.models.pairs
            known = dict(zip(pairs.targets, pairs.sequences, strict=True)) | self.aliases
            asked = self.forms.asked(target, known)
            if asked is None:
                self._encoded[target] = self._encode(*resolve(target, known))
            elif (name := self.forms.name_of(asked.form)) is not None:
                self._encoded[target] = self._encode(name, known[name])
            else:
                self._encoded[target] = replace(self._encode(asked.wild, asked.sequence), form=asked.form)
        return self._encoded[target]

    def _encode(self, name: str | None, sequence: str) -> EncodedTarget:
        profile = likeness([sequence], self.models.references)[0]
        return self.models.encode(sequence, profile, self._number(name, sequence))

    def _number(self, name: str | None, sequence: str) -> int:
        """Which training target this is; -1 for none. Of those that share a sequence the plainest name counts."""
        pairs = self.models.pairs
        if name in pairs.targets:
            return pairs.targets.index(name)
        same = [i for i, known in enumerate(pairs.sequences) if known == sequence]
        return min(same, key=lambda i: len(pairs.targets[i]), default=-1)

    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> Prediction:
        """See `Predictor.predict`."""
        self.positions(endpoints)
        encoded = self.encode_target(_given(target))
        asked = as_molecules(molecules)
        valid = np.array([i for i, mol in enumerate(asked.mols) if mol is not None], dtype=int)
        results, outside = np.full((5, len(asked), 1), np.nan), np.full((len(asked), 1), NO_PREDICTION, object)
        learnt = np.full((len(asked), 1), "", object)
        if len(valid):
            part = asked if len(valid) == len(asked) else asked.take(valid.tolist())
            mean, disagreement, similarity = self.models.score(part, encoded)
            half = half_width(self.intervals, disagreement, similarity, encoded)
            if self.beliefs.concern(encoded):
                mean, covariance = self.beliefs.of(part, encoded, self.intervals)
                half = np.where(np.isnan(half), np.nan, Z90 * np.sqrt(np.diag(covariance) + self.forms.noise))
            results[:, valid, 0] = mean, half / Z90, mean - half, mean + half, similarity
            domain, descriptors, clipped = self.models.domain, physicochemical(part.mols), self.endpoint.clip(mean)
            results[1:4, valid[domain.beyond_all(descriptors, clipped)], 0] = np.nan
            protein = unlike(np.full(len(mean), encoded.likeness), self.thresholds[1], "protein")
            outside[valid, 0] = joined_reasons(
                unlike(similarity, self.thresholds[0]), protein, domain.reasons(descriptors, clipped)
            )
            learnt[valid, 0] = self.beliefs.seen(part, similarity, encoded)
        return Prediction.of(asked, self.endpoints, results, outside, learnt)

    def measured(self, endpoint: str, target: str | None = None) -> tuple[list[str], Array]:
        """See `Predictor.measured`: of the target; none if nothing was learnt of it."""
        self.positions([endpoint])
        pairs, rows = self.models.pairs, self._rows(target)
        return [pairs.drugs[pairs.drug[i]] for i in rows], pairs.affinity[rows]

    def _rows(self, target: str | None) -> NDArray[np.int64]:
        """The pairs of a target that were learnt from; none of a form that wasn't learnt of."""
        encoded = self.encode_target(_given(target))
        return np.flatnonzero((self.models.pairs.target == encoded.number) & (encoded.form is None))

    def _base(self, endpoint: str, target: str | None) -> tuple[float, str] | None:
        pairs = self.models.pairs
        return super()._base(endpoint, target) or (float(pairs.affinity.mean()), f"the mean of {len(pairs):,} training pairs")

    def _mean_by_structure(self, molecules: Molecules, endpoint: str, target: str | None) -> Array:
        encoded = self.encode_target(_given(target))
        if self.beliefs.concern(encoded):
            found = self.beliefs.of(molecules, encoded, self.intervals, as_new=True)[0]
        else:
            found = self.models.score(molecules, encoded, as_new=True)[0]
        return np.asarray(self.endpoint.clip(found), float)

    def attribute_all(self, mols: Sequence[Chem.Mol], endpoint: str, target: str | None = None) -> list[Attribution | DataError]:
        """See `Predictor.attribute_all`; what is remembered of a training molecule is a contribution without atoms."""
        found = super().attribute_all(mols, endpoint, target)
        values = self.predict(Molecules([Chem.MolToSmiles(mol) for mol in mols], AS_GIVEN), target).mean[:, 0]
        return [
            one if isinstance(one, DataError) or abs(value - one.value) < ROUNDING else _remembering(one, float(value))
            for one, value in zip(found, values, strict=True)
        ]

    def nearest_measured(self, mol: Chem.Mol, endpoint: str, target: str | None, number: int) -> list[tuple[str, float, float]]:
        """See `Predictor.nearest_measured`."""
        pairs, rows = self.models.pairs, self._rows(target)
        similarity = tanimoto_matrix(bit_matrix([mol], SEEN_BITS), self.models.bits[SEEN_BITS][pairs.drug[rows]])[0]
        best = np.argsort(-similarity, kind="stable")[:number]
        return [(pairs.drugs[pairs.drug[rows[i]]], float(pairs.affinity[rows[i]]), float(similarity[i])) for i in best]

    def to_saved(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `Savable.to_saved`."""
        self.check_fitted()
        pairs = self.models.pairs
        rows = torch.from_numpy(np.stack([pairs.drug, pairs.target], axis=1))
        tensors = {
            "drugs": pack_lines(pairs.drugs),
            "targets": pack_lines([f"{name} {sequence}" for name, sequence in zip(pairs.targets, pairs.sequences, strict=True)]),
            "pairs": rows.to(torch.int16 if rows.max() < 2**15 else torch.int32),
            "pairs.affinity": torch.from_numpy(pairs.affinity).float(),
        }
        if max(self.models.shares) > 0:
            tensors["pairs.dual"] = self.kernel.dual[rows[:, 0], rows[:, 1]]
        for k, network in enumerate(self.models.networks):
            tensors |= {f"network.{k}.{name}": value.bfloat16() for name, value in network.state_dict().items()}
        if self.intervals is not None:
            tensors["difficulty"] = torch.from_numpy(self.intervals.coefficients)
            tensors["errors"] = torch.from_numpy(self.intervals.scores).float()
        kernel = {key: getattr(self.kernel, key) for key in ("weights", "noise", "sharpness", "iterations")}
        settings = {
            key: getattr(self, key) for key in ("members", "kernel_share", "kernel_share_new", "batch", "calibrate", "seed")
        }
        about = {
            "settings": settings | {"kernel": kernel, "network": asdict(self.network)},
            "endpoint": asdict(self.endpoint),
            "scale": [self.models.mean, self.models.std],
            "thresholds": self.thresholds,
            "aliases": self.aliases,
        }
        return tensors, about

    @classmethod
    def from_saved(cls, saved: Saved) -> Self:
        """See `Savable.from_saved`."""
        kernel, network = saved.made("settings.kernel", AffinityKernel), saved.made("settings.network", PairSettings)
        plain = saved.settings("settings", cls, ("trainer", "endpoint", "kernel", "network"))
        predictor = cls(Trainer(""), kernel, network, endpoint=saved_endpoint(saved, "endpoint"), **plain)
        predictor._begin(_saved_pairs(saved))
        models = predictor.models
        models.mean, models.std = kernel.mean, kernel.std = saved.value("scale", tuple[float, float])
        if max(models.shares) > 0:
            kernel.dual = torch.zeros(len(models.pairs.drugs), len(models.pairs.targets))
            kernel.dual[models.pairs.drug, models.pairs.target] = torch.from_numpy(saved.array("pairs.dual", len(models.pairs)))
        for k in range(predictor.members if min(models.shares) < 1 else 0):
            models.networks.append(saved.network(f"network.{k}.", models.new_network).eval())
        predictor.thresholds = saved.value("thresholds", tuple[float, float])
        if "errors" in saved.tensors or predictor.calibrate:
            coefficients, errors = saved.array("difficulty", 4), saved.array("errors", None)
            predictor.intervals = Intervals(coefficients.astype(float), errors.astype(float))
        predictor.names_besides(saved.value("aliases", dict[str, str]))
        return predictor


def _saved_pairs(saved: Saved) -> Pairs:
    targets = [tuple(line.split(" ")) for line in saved.lines("targets")]
    if any(len(parts) != 2 or not ALLOWED.issuperset(parts[1]) or not parts[1] for parts in targets):
        raise saved.error("its tensor 'targets' must hold lines of a name, a blank, and amino acids")
    names, sequences = zip(*targets, strict=True)
    drugs = tuple(saved.lines("drugs"))
    rows, affinity = saved.array("pairs", None, 2, kinds="iu"), saved.array("pairs.affinity", None).astype(float)
    for column, known in zip(rows.T, (drugs, names), strict=True):
        if len(rows) != len(affinity) or column.min() < 0 or column.max() >= len(known):
            raise saved.error(
                f"its tensor 'pairs' must hold the number of a drug and of a target for each of {len(affinity)} affinities"
            )
    return Pairs(drugs, names, sequences, rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), affinity)


def _remembering(found: Attribution, value: float) -> Attribution:
    return replace(found, parts=(*found.parts, Contribution(REMEMBERED, (), value - found.value)), value=value)


def _difficulty(novelty: Array, process: Array, networks: Array) -> Array:
    """What is known of an error beforehand [p, 3]: how new drug and target are [p, 2], by how much the models differ."""
    return np.column_stack([novelty, np.abs(process - networks)])


def _given(target: str | None) -> str:
    if target is None:
        raise ConfigError("target: name a protein, target='ABL1(T315I)', or give its sequence or a .fasta file")
    return target
