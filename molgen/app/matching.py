"""Substructure and similarity search in a run, each molecule compared once per question, in bounded time."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.fingerprints import fingerprint, tanimoto
from molgen.chem.molecules import Molecules
from molgen.chem.smarts import LONGEST, Pattern, pattern
from molgen.chem.standardize import STANDARD
from molgen.errors import DataError
from molgen.processes import isolated

QUESTIONS = 8  # that are remembered
HELPERS = 2  # processes that match patterns, so that two searches don't wait for each other
LEAST, PER_MOLECULE = 5.0, 0.0005  # s that a search may take: several times what common patterns do
Ask = Callable[[list[bytes | None]], list[float]]


class Answers:
    """Of each molecule of a run how it answers the questions asked lately; molecules are only ever added."""

    def __init__(self) -> None:
        self._known: dict[str, list[float]] = {}
        self._refused: dict[str, str] = {}
        self._binary: list[bytes | None] = []  # read in a tenth of the time that SMILES take

    def __call__(self, question: str, ask: Ask, smiles: Sequence[str]) -> NDArray[np.float64]:
        """What `ask` says of each of `smiles` [n], nan where one is no molecule; `question` tells it from others.

        Raises
        ------
        DataError
            It has taken too long, now or before.
        """
        if question in self._refused:
            raise DataError(self._refused[question])
        found = self._known.pop(question, [])
        for text in smiles[len(self._binary) :]:
            mol = Chem.MolFromSmiles(text)
            self._binary.append(None if mol is None else mol.ToBinary())
        if asked := self._binary[len(found) : len(smiles)]:
            try:
                found += ask(asked)
            except DataError as error:
                self._refused = {**dict(list(self._refused.items())[-QUESTIONS:]), question: str(error)}
                raise
        self._known[question] = found
        while len(self._known) > QUESTIONS:
            self._known.pop(next(iter(self._known)))
        return np.array(found[: len(smiles)])


@functools.lru_cache(64)
def containing(text: str) -> Ask:
    """Whether molecules contain a substructure.

    Parameters
    ----------
    text
        SMARTS, or SMILES: one without brackets may have the double bonds of aromatic rings.

    Raises
    ------
    ConfigError
        It is neither.
    """
    mol = None if "[" in text or len(text) > LONGEST else Chem.MolFromSmiles(text)
    wanted = pattern(text if mol is None else Chem.MolToSmiles(mol))
    return lambda binaries: matches(wanted, binaries)


def matches(wanted: Pattern, binaries: Sequence[bytes | None]) -> list[float]:
    """Whether each of some molecules [n], as RDKit's binaries, contains a pattern; nan for None.

    Raises
    ------
    DataError
        It takes too long: there are patterns for which even one molecule would take years.
    """
    most = LEAST + PER_MOLECULE * len(binaries)
    [found] = isolated(_matched, [(wanted.text, binaries)], HELPERS, most, tries=1)
    if isinstance(found, Exception):
        shown = wanted.text if len(wanted.text) <= 60 else f"{wanted.text[:60]}..."
        raise DataError(
            f"'{shown}' takes more than {most:.0f} s to be looked for; write it with fewer atoms that may be anything, and with "
            "fewer parts that aren't connected"
        ) from found
    return list(found)


def _matched(asked: tuple[str, Sequence[bytes | None]]) -> list[float]:
    wanted = pattern(asked[0])
    return [np.nan if each is None else float(wanted(Chem.Mol(each))) for each in asked[1]]


@functools.lru_cache(64)
def similar_to(text: str) -> Ask:
    """The Tanimoto similarity (ECFP4, on counts) of molecules to the one of this SMILES.

    Raises
    ------
    DataError
        It is no molecule.
    """
    asked = Molecules([text], STANDARD)  # as those of a run are
    if asked.mols[0] is None:
        raise DataError(f"'{text}' is no molecule: {asked.problem[0]}")
    target = fingerprint(asked.mols[0], "ECFP4")

    def similarities(binaries: list[bytes | None]) -> list[float]:
        prints = [None if each is None else fingerprint(Chem.Mol(each), "ECFP4") for each in binaries]
        return [np.nan if each is None else float(tanimoto(target, [each])[0]) for each in prints]

    return similarities
