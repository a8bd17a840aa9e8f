"""Substructure and similarity search in a run, each molecule compared once per question."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.fingerprints import fingerprint, tanimoto
from molgen.chem.molecules import Molecules
from molgen.chem.smarts import pattern
from molgen.chem.standardize import STANDARD
from molgen.errors import DataError

QUESTIONS = 8  # that are remembered
Ask = Callable[[Chem.Mol], float]


class Answers:
    """Of each molecule of a run how it answers the questions asked lately; molecules are only ever added."""

    def __init__(self) -> None:
        self._known: dict[str, list[float]] = {}
        self._binary: list[bytes | None] = []  # read in a tenth of the time that SMILES take

    def __call__(self, question: str, ask: Ask, smiles: Sequence[str]) -> NDArray[np.float64]:
        """What `ask` says of each of `smiles` [n], nan where one is no molecule; `question` tells it from others."""
        found = self._known.pop(question, [])
        for text in smiles[len(self._binary) :]:
            mol = Chem.MolFromSmiles(text)
            self._binary.append(None if mol is None else mol.ToBinary())
        found += [np.nan if each is None else float(ask(Chem.Mol(each))) for each in self._binary[len(found) : len(smiles)]]
        self._known[question] = found
        while len(self._known) > QUESTIONS:
            self._known.pop(next(iter(self._known)))
        return np.array(found[: len(smiles)])


@functools.lru_cache(64)
def containing(text: str) -> Ask:
    """Whether a molecule contains a substructure.

    Parameters
    ----------
    text
        SMARTS, or SMILES: one without brackets may have the double bonds of aromatic rings.

    Raises
    ------
    ConfigError
        It is neither.
    """
    mol = None if "[" in text else Chem.MolFromSmiles(text)
    return pattern(text if mol is None else Chem.MolToSmiles(mol))


@functools.lru_cache(64)
def similar_to(text: str) -> Ask:
    """The Tanimoto similarity (ECFP4, on counts) of a molecule to the one of this SMILES.

    Raises
    ------
    DataError
        It is no molecule.
    """
    asked = Molecules([text], STANDARD)  # as those of a run are
    if asked.mols[0] is None:
        raise DataError(f"'{text}' is no molecule: {asked.problem[0]}")
    target = fingerprint(asked.mols[0], "ECFP4")
    return lambda other: float(tanimoto(target, [fingerprint(other, "ECFP4")])[0])
