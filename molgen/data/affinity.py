"""Measured affinities of drugs and proteins: DeepDTA's Davis and KIBA sets."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import canonicalize
from molgen.data.catalog import PublicSet
from molgen.errors import DataError

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Affinities of `p` pairs of a drug and a target.

    Attributes
    ----------
    drugs : tuple of str, [n]
        Canonical SMILES.
    targets : tuple of str, [m]
        Names; several may share a sequence (mutants, phosphorylated forms).
    sequences : tuple of str, [m]
        Amino acids.
    drug, target : int64 [p]
        Which drug and which target of a pair.
    affinity : float64 [p]
    """

    drugs: tuple[str, ...]
    targets: tuple[str, ...]
    sequences: tuple[str, ...]
    drug: Rows
    target: Rows
    affinity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.affinity)

    def take(self, rows: Sequence[int] | Rows) -> "Pairs":
        """The pairs at `rows`; drugs and targets that none of them has stay listed."""
        chosen = np.asarray(rows, dtype=int)
        return Pairs(self.drugs, self.targets, self.sequences, self.drug[chosen], self.target[chosen], self.affinity[chosen])


@dataclass(frozen=True)
class DeepDTA:
    """A matrix of affinities in the files of DeepDTA (Ozturk et al., Bioinformatics 34, i821, 2018).

    Attributes
    ----------
    affinities
        Text, drugs by targets, nan where unmeasured.
    nanomolar
        They are dissociation constants in nM, to be read as pKd = 9 - log10(Kd).
    ligands, proteins
        JSON: names to SMILES, names to sequences, in the order of the matrix.
    train_folds, test_fold
        JSON: numbers of the measured entries, row by row.
    name, about
        What reports and messages call it, and what it holds, one line.
    """

    name: str
    about: str
    affinities: PublicSet
    ligands: PublicSet
    proteins: PublicSet
    train_folds: PublicSet
    test_fold: PublicSet
    nanomolar: bool

    def fetch(self) -> Path:
        """The matrix, after all files are there."""
        affinities, *_ = [part.fetch() for part in self.parts()]
        return affinities

    def parts(self) -> tuple[PublicSet, ...]:
        """Its files."""
        return self.affinities, self.ligands, self.proteins, self.train_folds, self.test_fold

    def pairs(self) -> Pairs:
        """All measured pairs."""
        matrix = np.loadtxt(self.affinities.fetch())
        if self.nanomolar:
            matrix = 9 - np.log10(matrix)
        drugs = list(canonicalize(_read(self.ligands).values()))
        proteins = _read(self.proteins)
        if matrix.shape != (len(drugs), len(proteins)) or None in drugs:
            raise DataError(f"data {self.name}: {matrix.shape} affinities for {len(drugs)} drugs and {len(proteins)} targets")
        drug, target = np.nonzero(np.isfinite(matrix))
        return Pairs(tuple(map(str, drugs)), tuple(proteins), tuple(proteins.values()), drug, target, matrix[drug, target])

    def folds(self) -> tuple[list[list[int]], list[int]]:
        """Rows of `pairs` in the five training folds, and in the test fold."""
        return _read(self.train_folds), _read(self.test_fold)


def _read(part: PublicSet):  # type: ignore[no-untyped-def]
    return json.loads(part.fetch().read_text())


def merge_pairs(first: Pairs, second: Pairs) -> tuple[Pairs, dict[str, str]]:
    """One set of pairs on one scale, those of `first` kept where both have one; and other names of targets with their sequences.

    A target of `second` whose sequence `first` knows becomes the target of `first` with the shortest name, its own name an alias.
    """
    plain: dict[str, str] = {}
    for name, sequence in sorted(zip(first.targets, first.sequences, strict=True), key=lambda pair: len(pair[0])):
        plain.setdefault(sequence, name)
    renamed = [plain.get(sequence, name) for name, sequence in zip(second.targets, second.sequences, strict=True)]
    aliases = {old: sequence for old, new, sequence in zip(second.targets, renamed, second.sequences, strict=True) if old != new}
    targets = dict(zip(second.targets, second.sequences, strict=True)) | dict(zip(first.targets, first.sequences, strict=True))
    targets = {name: sequence for name, sequence in targets.items() if name not in aliases}
    drugs = list(dict.fromkeys((*first.drugs, *second.drugs)))
    drug_row, target_row = ({name: i for i, name in enumerate(names)} for names in (drugs, targets))
    found: dict[tuple[int, int], float] = {}
    for pairs, names in ((first, first.targets), (second, renamed)):
        for drug, target, affinity in zip(pairs.drug, pairs.target, pairs.affinity, strict=True):
            found.setdefault((drug_row[pairs.drugs[drug]], target_row[names[target]]), affinity)
    drug, target = np.array(list(found)).T
    merged = Pairs(tuple(drugs), tuple(targets), tuple(targets.values()), drug, target, np.array(list(found.values())))
    return merged, aliases
