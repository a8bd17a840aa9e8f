"""The predictor of pKa: values with errors for every group, and the charge at a pH."""

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from scipy.stats import norm
from torch import Tensor

from molgen.chem.decomposition import take_apart, with_neighbours
from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, nearest_neighbours
from molgen.chem.standardize import AS_GIVEN
from molgen.data.dataset import Dataset, Endpoint
from molgen.errors import CheckpointError, ConfigError, check_above
from molgen.learn.saved import Saved
from molgen.predictors.attribution import Attribution, Contribution, Growth
from molgen.predictors.base import Predictor, as_molecules
from molgen.predictors.domain import NO_PREDICTION
from molgen.predictors.pka.environment import BLOCKS, WIDTH
from molgen.predictors.pka.forms import charged
from molgen.predictors.pka.measured import Compound, Measured, Value, by_compound, learn
from molgen.predictors.pka.model import Prior, Residual
from molgen.predictors.pka.prediction import Group, PkaPrediction, Profile
from molgen.predictors.pka.sites import TYPES, Kind
from molgen.predictors.pka.substituents import DECAY, INDUCTION, SIGMA
from molgen.predictors.pka.titration import BIGUANIDE, COUPLING, OPPOSITE, WAYS, Titration
from molgen.predictors.trust import Z90

Array = NDArray[np.float64]

PH = 7.4
ENDPOINTS = (
    Endpoint("pka_acid", unit="pKa", about="strongest acid, in water at 25 C; empty without an acidic group"),
    Endpoint("pka_base", unit="pKa", about="strongest base, of its conjugate acid; empty without a basic group"),
    Endpoint("charge", unit="e", about="net charge of the main form at pH 7.4"),
)
KINDS: dict[str, Kind] = {"pka_acid": "acid", "pka_base": "base"}
LOWEST, HIGHEST = -2.0, 16.0


@dataclass
class Pka(Predictor):
    """pKa from a table of groups and of substituents' effects, corrected by a Gaussian process of measured values.

    Groups of one molecule feel each other's charges: values are macroscopic constants of the whole molecule's titration.

    Attributes
    ----------
    prior
        How far measured values may move the table's.
    calibration
        By how much the process's standard deviations are too small, from held-out values.
    limit
        The standard deviation up to which a group is in the domain.
    """

    FORMAT = 1

    prior: Prior = field(default_factory=Prior)
    calibration: float = 1.0
    limit: float = 1.0
    endpoints: tuple[Endpoint, ...] = ()

    def __post_init__(self) -> None:
        check_above("predictor", calibration=self.calibration, limit=self.limit)

    def fit(self, dataset: Dataset) -> None:
        """Learn from rows of a molecule and its values: endpoints `pka_acid`, `pka_base`, or any other name for either kind."""
        kinds: list[Kind | None] = [KINDS.get(endpoint.name) for endpoint in dataset.endpoints]
        rows = [
            (mol, Value(float(label), kind))
            for mol, labels in zip(dataset.molecules.mols, dataset.labels, strict=True)
            for label, kind in zip(labels, kinds, strict=True)
            if not np.isnan(label)
        ]
        self.learn(by_compound(rows))

    def learn(self, measured: Sequence[Measured]) -> None:
        """Learn from compounds whose values have groups already."""
        self.residual, used = learn(measured, self.prior)
        self.smiles = [measured[k].name for k, _, _ in used]
        self.values = np.array([pka for _, pka, _ in used])
        self.acid = np.array([not measured[k].compound.base[group] for k, _, group in used])
        self.endpoints = ENDPOINTS

    def intrinsic(self, compound: Compound) -> Array:
        """Each group's pKa while all others are neutral [n]."""
        self.check_fitted()
        return compound.intrinsic(self.residual)

    def profile(self, mol: Chem.Mol, ph: float = PH) -> Profile:
        """The groups of a molecule, drawn charged or not, and its main form's charge at a pH."""
        compound = Compound.of(mol)
        titration = compound.titration(self.intrinsic(compound))
        groups = self._groups(compound, titration)
        charge = Chem.GetFormalCharge(compound.mol) + int((titration.at(ph) - ~compound.base).sum())
        wrong = [float(norm.cdf(-abs(group.pka - ph) / group.std)) for group in groups]
        lost = sum(group.low < ph < group.pka for group in groups)
        gained = sum(group.pka <= ph < group.high for group in groups)
        spread = max(float(np.sqrt(sum(p * (1 - p) for p in wrong))), 1e-3)
        return Profile(tuple(groups), charge, spread, charge - lost, charge + gained)

    def _groups(self, compound: Compound, titration: Titration) -> list[Group]:
        sites = compound.environment.sites
        std = self.calibration * self.residual.deviation(compound.environment.features) if sites else np.empty(0)
        return [
            Group(
                sites[i].atom, sites[i].type.name, sites[i].type.kind, pka, float(std[i]), pka - Z90 * std[i], pka + Z90 * std[i]
            )
            for i, pka in titration.steps
            if LOWEST <= pka <= HIGHEST
        ]

    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> PkaPrediction:
        """See `Predictor.predict`; nan for a molecule without a group of the kind, which is no failure."""
        if target is not None:
            raise ConfigError(f"target={target}: this predictor takes no protein")
        chosen = self.positions(endpoints)
        asked = as_molecules(molecules)
        results, outside = np.full((5, len(asked), 3), np.nan), np.full((len(asked), 3), NO_PREDICTION, object)
        profiles: list[Profile | None] = [None] * len(asked)
        valid = [i for i, mol in enumerate(asked.mols) if mol is not None]
        for i in valid:
            profiles[i], results[:4, i], outside[i] = self._row(asked.mols[i])
        if valid:
            results[4, valid] = nearest_neighbours(bit_matrix([asked.mols[i] for i in valid]), self._bits)[0][:, None]
        found = [self.endpoints[j] for j in chosen]
        mean, std, low, high, similarity = results[:, :, chosen]
        return PkaPrediction(asked, tuple(found), mean, std, low, high, similarity, outside[:, chosen], profiles=profiles)

    def _row(self, mol: Chem.Mol) -> tuple[Profile, Array, list[str]]:
        """Its groups, the four numbers of the three endpoints, and why each is outside the domain."""
        profile = self.profile(mol)
        numbers = np.full((4, 3), np.nan)
        acids = [group for group in profile.groups if group.kind == "acid"]
        bases = [group for group in profile.groups if group.kind == "base"]
        if acids:
            numbers[:, 0] = min(acids, key=lambda g: g.pka)[3:]
        if bases:
            numbers[:, 1] = max(bases, key=lambda g: g.pka)[3:]
        numbers[:, 2] = profile[1:]
        return profile, numbers, [self._unknown(groups) for groups in (acids, bases, profile.groups)]

    def _unknown(self, groups: Sequence[Group]) -> str:
        """Which groups are unlike those that were measured; empty if none is."""
        found = [f"the pKa of {group.name} is known to {group.std:.1f} only" for group in groups if group.std > self.limit]
        return "; ".join(dict.fromkeys(found))

    @functools.cached_property
    def _bits(self) -> NDArray[np.uint8]:
        return bit_matrix(Molecules(self.smiles).mols)

    def attribute(self, mol: Chem.Mol, endpoint: str, target: str | None = None, neighbours: int = 4) -> Attribution:
        """See `Predictor.attribute`: from the pKa of the group with what it is bonded to; all groups are noted."""
        self.positions([endpoint])
        profile = self.profile(mol)
        notes: dict[int, str] = {}
        for group in profile.groups:
            text = f"{group.kind} {group.pka:.1f}"
            notes[group.atom] = f"{notes[group.atom]}, {text}" if group.atom in notes else text
        if endpoint == "charge":
            return self._by_charges(mol, notes)
        _, numbers, _ = self._row(mol)
        j = [own.name for own in self.endpoints].index(endpoint)
        own = next((group for group in profile.groups if group.pka == numbers[0, j]), None)
        if own is None:
            return Attribution(np.zeros(mol.GetNumAtoms()), "nothing: the molecule has no such group", [], notes)

        def pka(smiles: Sequence[str]) -> Array:
            return self.predict(Molecules(smiles, AS_GIVEN), endpoints=[endpoint]).mean[:, 0]

        growth = Growth(mol, self._core_of(mol, own, pka))
        texts = list(dict.fromkeys(growth.steps))
        found = growth.attribution(dict(zip(texts, pka(texts).tolist(), strict=True)), None)
        about = "the pKa of the core alone, the group and what it is bonded to"
        return replace(found, neighbours=self._nearest(mol, own, neighbours), notes=notes, about_base=about)

    def _core_of(self, mol: Chem.Mol, group: Group, pka: Callable[[Sequence[str]], Array]) -> set[int]:
        """Atoms whose parts have a pKa by themselves: the group's and its neighbours', more if these have none."""
        seeds, last = with_neighbours(mol, [group.atom]), {group.atom}
        while seeds != last and np.isnan(pka([take_apart(mol, seeds).grown([0])])[0]):
            seeds, last = with_neighbours(mol, seeds), seeds
        return seeds

    def _by_charges(self, mol: Chem.Mol, notes: dict[int, str]) -> Attribution:
        atoms, cut = self._charges(mol), take_apart(mol)
        parts = tuple(Contribution(cut.smiles(i), own, float(atoms[list(own)].sum())) for i, own in enumerate(cut.parts))
        method = "the charges of its parts at pH 7.4"
        return Attribution(atoms, method, [], notes, parts, 0.0, float(atoms.sum()), "no charge")

    def _charges(self, mol: Chem.Mol) -> Array:
        compound = Compound.of(mol)
        state = compound.titration(self.intrinsic(compound)).at(PH)
        form = charged(compound.mol, compound.environment.sites, state)
        return np.array([float(atom.GetFormalCharge()) for atom in form.GetAtoms()])

    def _pka_of(self, mol: Chem.Mol, group: Group) -> float | None:
        compound = Compound.of(mol)
        found = self._groups(compound, compound.titration(self.intrinsic(compound)))
        return next((own.pka for own in found if (own.atom, own.kind) == (group.atom, group.kind)), None)

    def _nearest(self, mol: Chem.Mol, group: Group, number: int) -> list[tuple[str, float, float]]:
        """Measured groups of the same kind that are most alike, by the process's own kernel."""
        found = Compound.of(mol).environment
        rows = [i for i, site in enumerate(found.sites) if (site.atom, site.type.kind) == (group.atom, group.kind)]
        alike = np.where(self.acid == (group.kind == "acid"), self.residual.likeness(found.features[rows])[0], -1.0)
        best = np.argsort(-alike, kind="stable")[:number]
        return [(self.smiles[i], float(self.values[i]), float(alike[i])) for i in best]

    def to_saved(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `Savable.to_saved`."""
        self.check_fitted()
        residual = self.residual
        arrays = {"x": residual.x, "weight": residual.weight, "noise": residual.noise, "spread": residual.spread}
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        tensors |= {"values": torch.from_numpy(self.values), "acid": torch.from_numpy(self.acid)}
        about = {
            "settings": {"prior": asdict(self.prior), "calibration": self.calibration, "limit": self.limit},
            "groups": tables_hash(),
            "smiles": self.smiles,
        }
        return tensors, about

    @classmethod
    def from_saved(cls, saved: Saved) -> Self:
        """See `Savable.from_saved`."""
        if saved.value("groups", str) != tables_hash():
            raise CheckpointError(
                f"{saved.path}: trained on another table of groups; train it again: python scripts/train_pka.py"
            )
        plain = saved.settings("settings", cls, ("prior", "endpoints"))
        predictor = cls(saved.made("settings.prior", Prior), **plain, endpoints=ENDPOINTS)
        x = saved.array("x", None, WIDTH)
        weight, noise, spread = saved.array("weight", len(x)), saved.array("noise", len(x)), saved.array("spread", WIDTH)
        if min(noise.min(), spread.min()) <= 0:
            raise saved.error("its tensors 'noise' and 'spread' must hold numbers above 0")
        predictor.residual = Residual(predictor.prior, x, weight, noise, spread)
        predictor.smiles = saved.value("smiles", list[str])
        predictor.values = saved.array("values", len(predictor.smiles))
        predictor.acid = saved.array("acid", len(predictor.smiles), kinds="b")
        if len(predictor.smiles) != len(x):
            raise saved.error(f"its card has {len(predictor.smiles)} smiles, and its tensor 'x' {len(x)} rows")
        return predictor


def tables_hash() -> str:
    """A text that changes with the tables of groups, of substituents' effects and of charges' effects."""
    tables = (TYPES, SIGMA, INDUCTION, DECAY, BLOCKS, COUPLING.tolist(), OPPOSITE, WAYS, BIGUANIDE)
    return hashlib.sha256(repr(tables).encode()).hexdigest()[:16]
