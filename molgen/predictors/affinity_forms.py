"""Forms of the proteins that affinities were learnt of: which one is asked for, and how it differs from its wild type."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.data.affinity import Pairs
from molgen.errors import ConfigError
from molgen.predictors.affinity_models import SEEN_BITS, AffinityModels
from molgen.predictors.mutant_process import MutantProcess
from molgen.predictors.protein_forms import ProteinForm, canonical_sequence, check_changes, forms_among, read_form
from molgen.predictors.proteins import FASTA, resolve

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AskedForm:
    """A form that a user asks for: of which wild type, by name (None where its sequence is given) and sequence."""

    wild: str | None
    sequence: str
    form: ProteinForm


class AffinityForms:
    """The forms among the targets that affinities were learnt of.

    Attributes
    ----------
    known
        Numbers of the forms to those of their wild types, and how they differ.
    learnt_drugs, learnt_targets : bool [n + 1], [m + 1]
        Which of those that are listed are in a pair; the last is for what isn't listed, number -1.
    """

    def __init__(self, models: AffinityModels) -> None:
        self.models = models
        pairs = models.pairs
        self.known = forms_among(pairs.targets, pairs.sequences)
        self.learnt_drugs, self.learnt_targets = _in_pairs(pairs.drugs, pairs.drug), _in_pairs(pairs.targets, pairs.target)

    def asked(self, target: str, known: Mapping[str, str]) -> AskedForm | None:
        """The form that a target is written as; None for other targets.

        Parameters
        ----------
        target
            `ABL1(G250E)`, `ABL1(G250E)p`, `EGFRp`; a sequence may take the place of the name.
        known
            Names to sequences; these themselves are no forms.

        Raises
        ------
        ConfigError
            The protein isn't known, or hasn't got the residues that are changed.
        """
        names = {name.upper() for name in known}
        read = read_form(target)
        if target.strip().upper() in names or read is None:
            return None
        base, changes = read
        if base.upper() not in names and not target.strip().rstrip("p").endswith(")"):
            return None
        if base.lower().endswith(FASTA):
            raise ConfigError(f"target '{target}': write the sequence itself before the changes, or the name of the protein")
        if not self.known:
            raise ConfigError(f"target '{target}': this predictor learnt of no mutants; give the sequence of this one")
        name, sequence = resolve(base, known)
        pairs = self.models.pairs
        if name in pairs.targets and (further := self.known.get(pairs.targets.index(name))):
            name, changes = pairs.targets[further[0]], changes | further[1].changes
        protein = canonical_sequence(name, sequence)
        check_changes(changes, protein, name or "the sequence")
        return AskedForm(name, sequence, ProteinForm(protein, changes))

    def name_of(self, form: ProteinForm) -> str | None:
        """The target that was learnt of and is this form, if one is."""
        return next((self.models.pairs.targets[i] for i, (_, other) in self.known.items() if other == form), None)

    @functools.cached_property
    def process(self) -> MutantProcess:
        """What the forms that were learnt of say of others."""
        process, bits = MutantProcess(), self.models.bits[SEEN_BITS]
        forms, form, drug, wild, difference = _differences(self.models.pairs, self.known)
        process.fit(forms, form, drug, wild, difference, tanimoto_matrix(bits, bits).astype(float))
        return process

    def learnt(self, drugs: NDArray[np.int64], target: int) -> Array:
        """Affinities [n] of training drugs and a training target, both by number; nan where none was learnt from."""
        pairs = self.models.pairs
        rows = pairs.target == target
        column = np.full(len(pairs.drugs) + 1, np.nan)  # the last one for drugs that are none
        column[pairs.drug[rows]] = pairs.affinity[rows]
        return np.where((drugs >= 0) & (target >= 0), column[drugs], np.nan)

    @property
    def noise(self) -> float:
        """Variance of a measured affinity around the true one."""
        return MutantProcess.noise

    def likeness(self, molecules: Molecules, *, to_learnt: bool = False) -> Array:
        """Tanimoto similarities of molecules to one another, [n, n], or to the drugs that were learnt of, [n, m]."""
        bits = bit_matrix(molecules.mols, SEEN_BITS)
        return tanimoto_matrix(bits, self.models.bits[SEEN_BITS] if to_learnt else bits).astype(float)

    def difference(self, form: ProteinForm, wild: Array, molecules: Molecules) -> tuple[Array, Array]:
        """By how much the affinities of a form differ from those of its wild type: see `MutantProcess.predict`."""
        return self.process.predict(form, wild, self.likeness(molecules, to_learnt=True), self.likeness(molecules))


def _in_pairs(listed: Sequence[str], numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.append(np.isin(np.arange(len(listed)), numbers), False)


def _differences(
    pairs: Pairs, known: Mapping[int, tuple[int, ProteinForm]]
) -> tuple[list[ProteinForm], NDArray[np.int64], NDArray[np.int64], Array, Array]:
    """Distinct forms, and of each pair of one its number, the drug, the wild type's affinity and the difference from that."""
    value = {(int(d), int(t)): float(a) for d, t, a in zip(pairs.drug, pairs.target, pairs.affinity, strict=True)}
    forms = list(dict.fromkeys(form for _, form in known.values()))
    rows = [
        (forms.index(known[t][1]), d, value[d, known[t][0]], a - value[d, known[t][0]])
        for (d, t), a in value.items()
        if t in known and (d, known[t][0]) in value
    ]
    columns = np.array(rows, float).reshape(-1, 4).T
    return forms, columns[0].astype(np.int64), columns[1].astype(np.int64), columns[2], columns[3]
