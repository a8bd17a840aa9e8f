"""Molecules as values: a batch of SMILES parsed once."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molgen.chem.fingerprints import fingerprint
from molgen.chem.standardize import AS_GIVEN, Standardizer, canonical


def randomize(smiles: str, rng: np.random.Generator) -> str:
    """The same molecule written from a random atom on."""
    molecule = Chem.MolFromSmiles(smiles)
    seed = int(rng.integers(1, 2**31 - 1))
    return Chem.MolToRandomSmilesVect(molecule, 1, seed)[0]


def canonicalize(smiles: Iterable[str], standardizer: Standardizer = AS_GIVEN) -> Iterator[str | None]:
    """Canonical SMILES one by one, None if invalid or refused: for lists too long to hold as `Molecules`."""
    for text in smiles:
        mol, _, _ = _standardized(text, standardizer)
        yield None if mol is None else canonical(mol)


class Molecules:
    """A batch of molecules parsed once: immutable, picklable, in the order given.

    Attributes
    ----------
    smiles : tuple of str, [n]
        As given.
    mols : tuple, [n]
        RDKit molecules, in the form that `standardizer` gives them; None where the SMILES is invalid.
    problem : tuple, [n]
        Why a SMILES is invalid or refused; None where it is valid.
    changes : tuple, [n]
        What standardisation did to each molecule, a few words per step.
    """

    def __init__(self, smiles: Sequence[str], standardizer: Standardizer | None = None) -> None:
        self.smiles: tuple[str, ...] = tuple(smiles)
        self.standardizer = standardizer
        parsed = [_standardized(text, standardizer) for text in self.smiles]
        self.mols: tuple[Any, ...] = tuple(mol for mol, _, _ in parsed)
        self.problem: tuple[str | None, ...] = tuple(problem for _, problem, _ in parsed)
        self.changes: tuple[tuple[str, ...], ...] = tuple(changes for _, _, changes in parsed)
        self._fingerprints: dict[str, list[Any]] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._source: tuple[Molecules, list[int]] | None = None

    @classmethod
    def of(cls, mols: Sequence[Chem.Mol]) -> "Molecules":
        """Make a batch of RDKit molecules."""
        batch = cls(())
        batch.smiles = tuple(Chem.MolToSmiles(mol) for mol in mols)
        batch.mols, batch.problem, batch.changes = tuple(mols), (None,) * len(mols), ((),) * len(mols)
        return batch

    def take(self, rows: Sequence[int]) -> "Molecules":
        """The molecules at `rows`, not parsed again."""
        part = Molecules(())
        part.smiles = tuple(self.smiles[i] for i in rows)
        part.mols = tuple(self.mols[i] for i in rows)
        part.problem = tuple(self.problem[i] for i in rows)
        part.changes = tuple(self.changes[i] for i in rows)
        part.standardizer = self.standardizer
        part._source = self, list(rows)
        return part

    def standardized(self, standardizer: Standardizer) -> "Molecules":
        """These molecules in standard form; unchanged if they were made with a standardizer already."""
        if self.standardizer is not None:
            return self
        whole = Molecules(())
        whole.smiles, whole.standardizer = self.smiles, standardizer
        forms = [_in_form(mol, problem, standardizer) for mol, problem in zip(self.mols, self.problem, strict=True)]
        whole.mols = tuple(mol for mol, _, _ in forms)
        whole.problem = tuple(problem for _, problem, _ in forms)
        whole.changes = tuple(changes for _, _, changes in forms)
        return whole

    def array(self, name: str, compute: Callable[["Molecules"], NDArray[Any]]) -> NDArray[Any]:
        """Compute an array [n, ...] from the molecules, or return it from the last call with this name.

        For molecules taken from a larger batch it is computed for the whole batch.

        Parameters
        ----------
        name
            Key under which the array is kept.
        compute
            Maps molecules [n] to the array.
        """
        if self._source is not None:
            source, rows = self._source
            return source.array(name, compute)[rows]
        if name not in self._arrays:
            self._arrays[name] = compute(self)
        return self._arrays[name]

    def __len__(self) -> int:
        return len(self.smiles)

    def __reduce__(self) -> tuple[type["Molecules"], tuple[tuple[str, ...], Standardizer | None]]:
        return Molecules, (self.smiles, self.standardizer)

    @functools.cached_property
    def canonical(self) -> tuple[str | None, ...]:
        """Canonical SMILES [n] of the forms used, CXSMILES if they have and/or groups of stereocentres; None if invalid."""
        return tuple(canonical(mol) if mol is not None else None for mol in self.mols)

    @functools.cached_property
    def used(self) -> tuple[str | None, ...]:
        """SMILES [n] of the forms used, as given if nothing was changed; None if invalid."""
        return tuple(
            None if mol is None else canonical(mol) if changes else text
            for text, mol, changes in zip(self.smiles, self.mols, self.changes, strict=True)
        )

    def fingerprint(self, kind: str) -> list[Any]:
        """Fingerprints [n] of one kind, kept for the next call; None if invalid.

        See `molgen.chem.fingerprints.fingerprint` for the kinds.
        """
        if kind not in self._fingerprints:
            self._fingerprints[kind] = [None if mol is None else fingerprint(mol, kind) for mol in self.mols]
        return self._fingerprints[kind]

    def map(self, function: Callable[[Chem.Mol], Any]) -> NDArray[np.float64]:
        """`function` applied to every molecule [n]; nan if the molecule is invalid or `function` raises."""
        values = np.full(len(self), np.nan)
        with rdBase.BlockLogs():
            for i, mol in enumerate(self.mols):
                if mol is not None:
                    try:
                        values[i] = function(mol)
                    except Exception:
                        continue
        return values


def _standardized(text: str, standardizer: Standardizer | None) -> tuple[Chem.Mol | None, str | None, tuple[str, ...]]:
    """A molecule in standard form, or the reason why there is none, and the changes."""
    with rdBase.BlockLogs():
        mol, problem = parse(text)
        if mol is not None and standardizer is not None and standardizer.leaves(text):
            return mol, None, ()
        return _in_form(mol, problem, standardizer)


def _in_form(
    mol: Chem.Mol | None, problem: str | None, standardizer: Standardizer | None
) -> tuple[Chem.Mol | None, str | None, tuple[str, ...]]:
    if mol is None or standardizer is None:
        return mol, problem, ()
    try:
        used, changes = standardizer(mol)
        return used, None, changes
    except ValueError as error:
        return None, str(error), ()


def parse(smiles: Any) -> tuple[Chem.Mol | None, str | None]:
    """Parse a SMILES: a molecule and None, or None and the reason why it is invalid."""
    if not isinstance(smiles, str) or not smiles.strip():
        return None, "empty SMILES"
    text = smiles.strip()
    if not text.isascii():  # RDKit's message about it may be cut in the middle of a character, which Python can't read
        return None, "not a SMILES: it has characters that aren't ASCII"
    mol = Chem.MolFromSmiles(text)
    if mol is not None and mol.GetNumAtoms():
        return mol, None
    unsanitized = Chem.MolFromSmiles(text, sanitize=False)
    if unsanitized is None:
        return None, "not a SMILES: syntax error"
    problems = Chem.DetectChemistryProblems(unsanitized)
    return None, problems[0].Message() if problems else "no atoms"
