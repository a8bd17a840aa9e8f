"""Measured pKa values, and the groups they belong to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.optimize import linear_sum_assignment

from molgen.predictors.pka.environment import Environment, environment
from molgen.predictors.pka.forms import neutral_form
from molgen.predictors.pka.model import Prior, Residual
from molgen.predictors.pka.sites import Kind
from molgen.predictors.pka.titration import Titration, couplings, titrate

Array = NDArray[np.float64]

REPLICATES = 0.8
OTHER_MATTER = 6.0
ROUNDS = 3
NEVER = 1e3


class Value(NamedTuple):
    """A measured pKa, and whether an acid's or a base's; None where the source doesn't say."""

    pka: float
    kind: Kind | None


@dataclass(frozen=True, eq=False)
class Compound:
    """A molecule and its groups, as needed for a titration.

    Attributes
    ----------
    mol
        Neutral.
    base : bool [n]
        Which groups are bases.
    coupling, shift : float64 [n, n], [n]
        See `couplings`.
    """

    mol: Chem.Mol
    environment: Environment
    base: NDArray[np.bool_]
    coupling: Array
    shift: Array

    @classmethod
    def of(cls, mol: Chem.Mol) -> "Compound":
        """From a molecule, charged or not; its hydrogens become implicit."""
        neutral = neutral_form(mol if mol.GetNumHeavyAtoms() == mol.GetNumAtoms() else Chem.RemoveHs(mol))
        found = environment(neutral)
        base = np.array([site.type.kind == "base" for site in found.sites], dtype=bool)
        return cls(neutral, found, base, *couplings(neutral, found))

    def intrinsic(self, residual: Residual | None) -> Array:
        """Each group's pKa [n] while all others are neutral; by the rule alone without a `residual`."""
        rule = self.environment.rule
        return rule + residual(self.environment.features) if residual and len(rule) else rule

    def titration(self, intrinsic: Array) -> Titration:
        """What happens with the groups' pKa `intrinsic` [n]."""
        return titrate(intrinsic + self.shift, self.base, self.coupling)


@dataclass(frozen=True, eq=False)
class Measured:
    """A compound's measured values, each with the step of the rule's titration that it is the pKa of; None for no step."""

    compound: Compound
    values: tuple[Value, ...]
    steps: tuple[int | None, ...]
    groups: tuple[int | None, ...]

    @property
    def name(self) -> str:
        """SMILES of the neutral compound."""
        return Chem.MolToSmiles(self.compound.mol)

    @classmethod
    def of(cls, mol: Chem.Mol, values: Sequence[Value]) -> "Measured":
        """Replicates are averaged; values go to steps of their kind so that the rule's errors add up to the least."""
        compound = Compound.of(mol)
        merged = average_replicates(values)
        titration = compound.titration(compound.environment.rule)
        steps: list[int | None] = [None] * len(merged)
        kinds = [compound.environment.sites[group].type.kind for group, _ in titration.steps]
        cost = np.full((len(merged), len(kinds)), NEVER)
        for i, value in enumerate(merged):
            for j, (_, pka) in enumerate(titration.steps):
                if value.kind in (None, kinds[j]):
                    cost[i, j] = abs(pka - value.pka)
        for i, j in zip(*linear_sum_assignment(cost), strict=True):
            steps[i] = int(j) if cost[i, j] < OTHER_MATTER else None
        groups = tuple(None if j is None else titration.steps[j][0] for j in steps)
        return cls(compound, merged, tuple(steps), groups)


def by_compound(rows: Iterable[tuple[Chem.Mol, Value]]) -> list[Measured]:
    """Values of each compound together; stereoisomers count as one compound."""
    values: dict[str, list[Value]] = {}
    for mol, value in rows:
        values.setdefault(Chem.MolToSmiles(neutral_form(mol), isomericSmiles=False), []).append(value)
    return [Measured.of(Chem.MolFromSmiles(name), own) for name, own in values.items()]


def average_replicates(values: Sequence[Value]) -> tuple[Value, ...]:
    """Values of one compound that differ by measurement only, averaged; from the lowest to the highest."""
    bins: list[list[Value]] = []
    for value in sorted(values, key=lambda v: v.pka):
        last = bins[-1] if bins else []
        kinds = {v.kind for v in [*last, value]} - {None}
        if last and len(kinds) < 2 and value.pka - np.mean([v.pka for v in last]) < REPLICATES:
            last.append(value)
        else:
            bins.append([value])
    return tuple(Value(float(np.mean([v.pka for v in part])), next((v.kind for v in part if v.kind), None)) for part in bins)


def learn(measured: Sequence[Measured], prior: Prior) -> tuple[Residual, list[tuple[int, float, int]]]:
    """Fit a residual to macroscopic values: each round takes what the others' charges explain out of them.

    Returns
    -------
    residual
        The model.
    used
        What it learnt from, row by row: which compound, the value, which group.
    """
    residual: Residual | None = None
    for _ in range(ROUNDS):
        x, y, used = [], [], []
        for k, item in enumerate(measured):
            own = item.compound
            intrinsic = own.intrinsic(residual)
            steps = own.titration(intrinsic).steps
            for value, j in zip(item.values, item.steps, strict=True):
                if j is None:
                    continue
                group, pka = steps[j]
                x.append(own.environment.features[group])
                y.append(intrinsic[group] - own.environment.rule[group] + value.pka - pka)
                used.append((k, value.pka, group))
        residual = Residual.fit(prior, np.array(x), np.array(y))
    assert residual is not None
    return residual, used
